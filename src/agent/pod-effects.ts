import { posix } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import type { ResourceClient } from '../client/client.ts';
import type { Driver } from '../drivers/driver.ts';
import { podKind, type Pod } from '../model/core/pod.ts';
import { reason } from '../model/reason.ts';
import { keyOf, type Stored } from '../model/resource.ts';
import type { AgentFiles } from './agent-files.ts';
import type { AgentEvents, AgentLog } from './agent-output.ts';
import { discardedClaims, discardVolumes } from './discard-volumes.ts';
import type { Gate } from './gate.ts';
import { isOlder, putTask, type PodEntry } from './pod-entry.ts';
import { withContainer, type PodRecord } from './pod-record.ts';
import { isOver, podStatus, sameJson } from './pod-status.ts';
import { nextBlock, type PodView } from './pod-view.ts';
import { prepareTask, type TaskSources } from './prepare-task.ts';
import type { Action } from './reconcile.ts';
import type { RecordStore } from './record-store.ts';
import { parseTaskId, taskId } from './task-id.ts';
import { podDirectory } from './volumes.ts';

/** What effects work on. */
export interface EffectContext {
  readonly client: ResourceClient;
  readonly driver: Driver;
  readonly files: AgentFiles;
  readonly dir: string;
  readonly clock: Clock;
  readonly log: AgentLog;
  readonly events: AgentEvents;
  readonly sources: TaskSources;
  readonly records: RecordStore;
  /** Bounds writes to the API, and starts by the driver. */
  readonly writes: Gate;
  readonly starts: Gate;
  view(entry: PodEntry): PodView;
  pods(): Iterable<Stored<Pod>>;
  wake(entry: PodEntry): void;
  /** Asks the driver for all its tasks. */
  resync(): Promise<void>;
}

type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>;

/** Prepares one execution of a container and hands it to the driver; what keeps it from starting becomes a block. Rejects when the Pod is given up. */
export async function startContainer(context: EffectContext, entry: PodEntry, action: ActionOf<'start'>): Promise<void> {
  const { pod } = entry;
  const container = pod?.spec.containers.find(({ name }) => name === action.container);
  if (!pod || !container) return;
  const { name } = container;
  entry.preparing.set(name, '');
  try {
    entry.record = withContainer(entry.record ?? recordFor(pod), name, { attempt: action.attempt, crashes: action.crashes });
    await saveRecord(context.records, entry);
    let pulls = false;
    const prepared = await prepareTask(context.sources, pod, container, action.attempt, {
      signal: entry.abort.signal,
      onProgress({ message }) {
        if (!pulls) context.events.event(pod, 'Normal', reason('Pulling', `Pulling image "${container.image}"`));
        pulls = true;
        entry.preparing.set(name, message);
        context.wake(entry);
      },
    });
    if (prepared.type === 'blocked') return block(context, entry, pod, name, prepared.reason, prepared.message);
    if (pulls) context.events.event(pod, 'Normal', reason('Pulled', `Successfully pulled image "${container.image}"`));
    if (action.attempt === 0 && !(await discard(context, entry, pod, name))) return;
    await context.starts.run(async () => {
      // Nothing may be awaited between this look and the call: what lives is decided here.
      if (!mayStart(context, entry)) return;
      const id = taskId(entry.uid, name, action.attempt);
      entry.inFlight.add(id);
      try {
        await context.driver.start(prepared.config);
        putTask(entry, { id, phase: 'starting', startedAtMs: context.clock.now() });
        entry.blocks.delete(name);
        context.log.info({ pod: nameText(pod), task: id, reason: action.reason.code }, 'started a task');
      } catch (error) {
        // It may have been recorded all the same.
        await context.resync().catch(() => {});
        block(context, entry, pod, name, 'RunContainerError', textOf(error));
      } finally {
        entry.inFlight.delete(id);
      }
    });
  } finally {
    entry.preparing.delete(name);
  }
}

/** Tells the driver to end a task. `kill` is recorded first: the restart must follow whatever the exit code, also after a crash. */
export async function stopTask(context: EffectContext, entry: PodEntry, action: ActionOf<'stop'> | ActionOf<'kill'>): Promise<void> {
  const name = parseTaskId(action.id)!;
  entry.stops.set(action.id, context.clock.now() + action.graceMs);
  try {
    if (action.type === 'kill' && entry.record) {
      const before = entry.record.containers[name.container] ?? { attempt: name.attempt, crashes: 0 };
      entry.record = withContainer(entry.record, name.container, { ...before, killedAttempt: name.attempt });
      await saveRecord(context.records, entry);
    }
    await context.driver.stop(action.id, action.graceMs);
  } catch (error) {
    entry.stops.delete(action.id);
    throw error;
  }
  context.log.info({ pod: entry.record?.name, task: action.id, graceMs: action.graceMs, reason: action.reason.code }, 'stopping a task');
  if (entry.pod) {
    const text = action.type === 'kill' ? action.reason.message : `Stopping container ${name.container}`;
    context.events.event(entry.pod, 'Normal', reason('Killing', text));
  }
}

/** Has the driver forget an ended task. */
export async function removeTask(context: EffectContext, entry: PodEntry, action: ActionOf<'remove'>): Promise<void> {
  await context.driver.remove(action.id);
  entry.tasks.delete(action.id);
}

/** Writes the Pod's status as it is when the write's turn comes. A conflict takes in the newer Pod; a refusal for good is logged once. */
export async function writeStatus(context: EffectContext, entry: PodEntry): Promise<void> {
  await context.writes.run(async () => {
    const { pod } = entry;
    if (!pod) return;
    const status = podStatus(context.view(entry), pod, context.clock.now());
    if (sameJson(status, pod.status)) return;
    try {
      const answer = await context.client.updateStatus(podKind, { ...pod, status });
      tellWaiting(context, pod, answer);
      takePod(entry, answer);
    } catch (error) {
      if (hasCode(error, 'conflict')) return takePod(entry, await context.client.get(podKind, keyOf(pod)));
      if (!hasCode(error, 'invalid', 'bad-request', 'too-large', 'forbidden')) throw error;
      entry.refused = true;
      context.log.error({ pod: nameText(pod), error: error.message }, 'the status of a pod was refused');
    }
  });
}

/** Takes in a newer state of the Pod, unless the watch has told of its end. */
export function takePod(entry: PodEntry, pod: Stored<Pod>): void {
  if (!entry.pod || pod.metadata.uid !== entry.uid || isOlder(pod, entry.pod)) return;
  if (pod.metadata.resourceVersion !== entry.pod.metadata.resourceVersion) entry.refused = false;
  entry.pod = pod;
  if (pod.metadata.deletionTimestamp) entry.abort.abort();
}

/** Removes the object of a Pod that has ended; the uid keeps a successor of the same name safe. */
export async function deleteObject(context: EffectContext, entry: PodEntry): Promise<void> {
  const { pod } = entry;
  if (!pod) return;
  try {
    await context.writes.run(() => context.client.delete(podKind, keyOf(pod), { uid: entry.uid, gracePeriodSeconds: 0 }));
  } catch (error) {
    if (!hasCode(error, 'not-found', 'conflict')) throw error;
  }
  entry.objectDeleted = true;
  context.log.info({ pod: nameText(pod), uid: entry.uid }, 'removed the object of an ended pod');
}

/** Gives up what lives and dies with a Pod, except its last logs. */
export async function markGone(context: EffectContext, entry: PodEntry): Promise<void> {
  await context.files.remove(posix.join(podDirectory(context.dir, entry.uid), 'volumes'));
  if (!entry.record || entry.pod) return;
  entry.record = { ...entry.record, goneAtMs: context.clock.now() };
  await saveRecord(context.records, entry);
}

/** Gives up all that is left of a Pod: logs first, the record last, so that a crash in between leaves it to be forgotten again. */
export async function forgetPod(context: EffectContext, entry: PodEntry): Promise<void> {
  for (const id of entry.tasks.keys()) {
    await context.driver.remove(id);
    entry.tasks.delete(id);
  }
  if (entry.record) await context.records.remove(entry.uid);
  entry.record = undefined;
  entry.saved = undefined;
}

/** A record of a Pod that this agent has not started anything of. */
export function recordFor(pod: Stored<Pod>): PodRecord {
  const graceMs = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  return { uid: pod.metadata.uid, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, graceMs, containers: {} };
}

/** Writes the record if it is not on disk as it is; writes of one entry follow each other. */
export async function saveRecord(records: RecordStore, entry: PodEntry): Promise<void> {
  while (entry.saved !== entry.record) {
    const { record } = entry;
    if (entry.saving || !record) {
      await entry.saving;
      continue;
    }
    entry.saving = records.save(record).finally(() => (entry.saving = undefined));
    await entry.saving;
    entry.saved = record;
  }
}

/** `namespace/name` of a Pod, for logs. */
export function nameText(pod: Stored<Pod>): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** Removes the volumes that a new Pod asks to discard; false when it must not start. */
async function discard(context: EffectContext, entry: PodEntry, pod: Stored<Pod>, container: string): Promise<boolean> {
  const claims = discardedClaims(pod, context.pods());
  if (claims.length === 0) return true;
  if (!mayStart(context, entry)) return false;
  try {
    await discardVolumes(context.files, context.dir, pod.metadata.namespace ?? '', claims);
  } catch (error) {
    block(context, entry, pod, container, 'ContainerCreating', textOf(error));
    return false;
  }
  context.log.info({ pod: nameText(pod), volumes: claims }, 'discarded the volumes of the incarnation before');
  return true;
}

function mayStart(context: EffectContext, entry: PodEntry): boolean {
  const { pod } = entry;
  if (!pod || pod.metadata.deletionTimestamp || isOver(pod.status) || entry.abort.signal.aborted) return false;
  return context.view(entry).predecessor === undefined;
}

function block(context: EffectContext, entry: PodEntry, pod: Stored<Pod>, container: string, code: string, message: string): void {
  const before = entry.blocks.get(container);
  entry.blocks.set(container, nextBlock(before, code, message, context.clock.now()));
  if (before?.message === message) return;
  const text =
    code === 'ErrImagePull' ? `Failed to pull image: ${message}` : code === 'ContainerCreating' ? message : `Error: ${code}: ${message}`;
  context.events.event(pod, 'Warning', reason(code === 'ContainerCreating' ? 'FailedMount' : 'Failed', text));
  context.log.warn({ pod: nameText(pod), container, reason: code, error: message }, 'a container cannot be started');
}

/** Events for waits that the written status shows for the first time. */
function tellWaiting(context: EffectContext, before: Stored<Pod>, after: Stored<Pod>): void {
  for (const { name, state } of after.status?.containerStatuses ?? []) {
    if (state?.waiting?.reason !== 'CrashLoopBackOff') continue;
    const old = before.status?.containerStatuses?.find((status) => status.name === name)?.state?.waiting;
    if (old?.reason === 'CrashLoopBackOff') continue;
    const pod = `${after.metadata.name}_${after.metadata.namespace}(${after.metadata.uid})`;
    context.events.event(after, 'Warning', reason('BackOff', `Back-off restarting failed container ${name} in pod ${pod}`));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
