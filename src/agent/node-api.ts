import type { LogLine } from '../drivers/driver.ts';

/** What the API server asks an agent for on behalf of a caller (pod subresources). In-process when embedded, HTTP to the machine otherwise. */
export interface NodeApi {
  /** Log of one container. Throws `not-found` (no such pod, container or previous run), `bad-request` (it has not started: the text says why). */
  podLogs(request: PodLogRequest, signal: AbortSignal): AsyncIterable<LogLine>;
}

export interface PodLogRequest {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly container: string;
  readonly follow: boolean;
  /** The run before the present one, also that of the Pod's previous incarnation. */
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly sinceMs?: number;
}

/** Finds the agent of a machine; undefined when none is connected. */
export type NodeApis = (nodeName: string) => NodeApi | undefined;
