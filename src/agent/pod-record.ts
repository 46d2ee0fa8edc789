/**
 * What the agent keeps on disk about a Pod, written before its first task starts: enough to end its tasks when the Pod is gone from the API, to keep
 * its name apart from a successor's, and to go on with a back-off.
 */
export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Grace period for tasks of a Pod that has vanished. */
  readonly graceMs: number;
  readonly containers: Readonly<Record<string, ContainerRecord>>;
  /** When it was found that the Pod is gone and all its tasks have ended; its last logs are kept from then on. */
  readonly goneAtMs?: number;
}

/** `attempt`: the newest one that the agent has set out to start; `crashes`: executions in a row that ended badly before it. */
export interface ContainerRecord {
  readonly attempt: number;
  readonly crashes: number;
  /** The attempt that the agent ended because a probe failed. */
  readonly killedAttempt?: number;
}

/** `record` with the entry of one container changed. */
export function withContainer(record: PodRecord, container: string, entry: ContainerRecord): PodRecord {
  return { ...record, containers: { ...record.containers, [container]: entry } };
}
