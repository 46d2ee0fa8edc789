import { backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { TaskState } from '../drivers/driver.ts';
import type { Pod } from '../model/core/pod.ts';
import { reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { Alarm } from './alarm.ts';
import { containerId } from './container-status.ts';
import { Gate } from './gate.ts';
import { newEntry, putTask, type PodEntry } from './pod-entry.ts';
import * as effects from './pod-effects.ts';
import type { PodRecord } from './pod-record.ts';
import { livingTasks, type PodView } from './pod-view.ts';
import { isProbed, Prober } from './prober.ts';
import type { ProbeRunner } from './probe-runner.ts';
import { reconcilePod, type Action } from './reconcile.ts';
import { hasEnded } from './restart-policy.ts';
import { superfluousPods } from './retention.ts';
import { parseTaskId } from './task-id.ts';

/** What a runner is made of; the rest of the effects' context it brings itself. */
export type PodRunnerOptions = Omit<effects.EffectContext, 'view' | 'pods' | 'wake' | 'writes' | 'starts'> & {
  readonly clock: Clock;
  readonly probes: ProbeRunner;
  readonly address: string;
};

/** A status that is about to change again is written at most so often. */
const REPORT_EVERY_MS = 1_000;
/** Writes to the API and starts by the driver at the same time. */
const PARALLEL_WRITES = 64;
const PARALLEL_STARTS = 32;
const RETRY = { baseMs: 200, maxMs: 30_000 };

/**
 * Runs the Pods of this machine: takes in what API, driver and probes tell, decides for each Pod that something was heard of, and has the effects
 * carried out beside each other. Deciding is synchronous; an effect marks what it works on before its first await, so that no decision repeats it.
 */
export class PodRunner {
  readonly #context: effects.EffectContext;
  readonly #machine: PodView['machine'];
  readonly #entries = new Map<string, PodEntry>();
  readonly #names = new Map<string, Set<PodEntry>>();
  /** Living tasks of Pods whose name is not known: they keep everything else from a first start until they have ended. */
  readonly #nameless = new Set<PodEntry>();
  readonly #dirty = new Set<PodEntry>();
  readonly #jobs = new Set<Promise<void>>();
  readonly #alarm: Alarm;
  readonly #prober: Prober;
  #open = false;
  #closed = false;
  #pumping = false;

  constructor(options: PodRunnerOptions) {
    const { clock, events } = options;
    this.#machine = { address: options.address, driver: options.driver.name };
    this.#context = {
      ...options,
      writes: new Gate(PARALLEL_WRITES),
      starts: new Gate(PARALLEL_STARTS),
      view: (entry) => this.#view(entry),
      pods: () => this.#pods(),
      wake: (entry) => this.#wake(entry),
    };
    this.#alarm = new Alarm(clock, (uid) => this.#wake(this.#entries.get(uid)));
    this.#prober = new Prober({
      clock,
      run: options.probes,
      address: options.address,
      onVerdict: ({ taskId, pod }, verdict) => {
        const entry = this.#entries.get(pod.metadata.uid);
        entry?.health.set(taskId, verdict);
        this.#wake(entry);
      },
      onFailure: ({ pod }, role, { message }) => {
        const text = `${role[0]!.toUpperCase()}${role.slice(1)} probe failed: ${message}`;
        events.event(pod, 'Warning', reason('Unhealthy', text));
      },
    });
  }

  /** What was on disk when the agent started. */
  restore(records: readonly PodRecord[]): void {
    for (const record of records) {
      const entry = this.#entry(record.uid);
      entry.record = record;
      entry.saved = record;
      this.#index(entry);
    }
    this.#retain();
  }

  /** Begins to act. Call it when records, tasks and Pods are known: what is missing then is taken for gone. */
  open(): void {
    this.#open = true;
    this.#retain();
    for (const entry of this.#entries.values()) this.#wake(entry);
  }

  /** A Pod of this machine appeared or changed. */
  putPod(pod: Stored<Pod>): void {
    const entry = this.#entry(pod.metadata.uid);
    if (entry.pod) effects.takePod(entry, pod);
    else {
      revive(entry);
      entry.pod = pod;
      if (pod.metadata.deletionTimestamp) entry.abort.abort();
      this.#index(entry);
    }
    this.#wake(entry);
  }

  /** A Pod left the API. */
  dropPod(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    entry.pod = undefined;
    entry.abort.abort();
    this.#wake(entry);
  }

  /** What the driver says of a task, as an event (`news`) or in a list. */
  putTask(task: TaskState, news: boolean): void {
    const name = parseTaskId(task.id);
    if (!name) return;
    const entry = this.#entry(name.podUid);
    if (!putTask(entry, task)) return;
    if (entry.name === undefined) this.#nameless.add(entry);
    if (hasEnded(task)) {
      this.#prober.end(task.id);
      this.#wakeOthers(entry);
    }
    if (news && task.phase === 'running' && entry.pod) {
      this.#context.events.event(entry.pod, 'Normal', reason('Started', `Started container ${name.container}`));
    }
    this.#wake(entry);
  }

  /** All tasks of the driver, from a list that was asked for when `known` were known: those of them that are missing are no more. */
  putTasks(tasks: readonly TaskState[], known: ReadonlySet<string>): void {
    const listed = new Set(tasks.map((task) => task.id));
    for (const task of tasks) this.putTask(task, false);
    for (const entry of this.#entries.values()) {
      for (const id of entry.tasks.keys()) {
        if (!known.has(id) || listed.has(id) || entry.inFlight.has(id)) continue;
        entry.tasks.delete(id);
        this.#wake(entry);
        this.#wakeOthers(entry);
      }
    }
  }

  /** Ids of all tasks it knows of. */
  taskIds(): ReadonlySet<string> {
    return new Set([...this.#entries.values()].flatMap((entry) => [...entry.tasks.keys()]));
  }

  /** What is known about a Pod; undefined when nothing is. */
  viewOf(uid: string): PodView | undefined {
    const entry = this.#entries.get(uid);
    return entry && this.#view(entry);
  }

  /** Gone Pods of that name whose logs are kept, newest first. */
  goneOf(namespace: string, name: string): readonly PodView[] {
    const entries = [...(this.#names.get(`${namespace}/${name}`) ?? [])].filter((entry) => entry.record?.goneAtMs !== undefined);
    return entries.sort((a, b) => b.record!.goneAtMs! - a.record!.goneAtMs!).map((entry) => this.#view(entry));
  }

  /** True when nothing is under way and nothing is left to decide. */
  get idle(): boolean {
    return this.#closed || (this.#jobs.size === 0 && (!this.#open || this.#dirty.size === 0));
  }

  /** Resolves when all that can be done without waiting for the clock, the API or the driver is done. */
  async settled(): Promise<void> {
    while (!this.idle) {
      await Promise.resolve();
      await Promise.allSettled(this.#jobs);
    }
  }

  /** Ends all it does; tasks go on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm.close();
    for (const entry of this.#entries.values()) entry.abort.abort();
    await this.#prober.close();
    while (this.#jobs.size > 0) await Promise.allSettled(this.#jobs);
  }

  #entry(uid: string): PodEntry {
    let entry = this.#entries.get(uid);
    if (!entry) this.#entries.set(uid, (entry = newEntry(uid)));
    return entry;
  }

  #index(entry: PodEntry): void {
    const { namespace, name } = entry.pod?.metadata ?? entry.record ?? {};
    if (entry.name !== undefined || name === undefined) return;
    entry.name = `${namespace}/${name}`;
    this.#nameless.delete(entry);
    const entries = this.#names.get(entry.name);
    if (entries) entries.add(entry);
    else this.#names.set(entry.name, new Set([entry]));
  }

  #wake(entry: PodEntry | undefined): void {
    if (!entry || this.#closed || this.#entries.get(entry.uid) !== entry) return;
    this.#dirty.add(entry);
    if (this.#pumping || !this.#open) return;
    this.#pumping = true;
    queueMicrotask(() => {
      for (const next of this.#dirty) {
        this.#dirty.delete(next);
        this.#step(next);
      }
      this.#pumping = false;
    });
  }

  #wakeOthers(entry: PodEntry): void {
    if (this.#nameless.has(entry)) for (const other of this.#entries.values()) this.#wake(other);
    else for (const other of this.#names.get(entry.name ?? '') ?? []) this.#wake(other);
  }

  #step(entry: PodEntry): void {
    if (this.#closed) return;
    const nowMs = this.#context.clock.now();
    this.#adoptRecord(entry);
    this.#probe(entry);
    const decision = reconcilePod(this.#view(entry), nowMs);
    let { wakeAtMs } = decision;
    if (!decision.actions.some((action) => action.type === 'report')) entry.reportAtMs = Infinity;
    for (const action of decision.actions) {
      const waitUntilMs = this.#waitUntil(entry, action, nowMs);
      if (waitUntilMs > nowMs) wakeAtMs = Math.min(wakeAtMs, waitUntilMs);
      else this.#launch(entry, action);
    }
    this.#alarm.set(entry.uid, wakeAtMs);
  }

  #waitUntil(entry: PodEntry, action: Action, nowMs: number): number {
    const pauseMs = entry.pauses.get(action.type)?.untilMs ?? 0;
    if (action.type !== 'report') return pauseMs;
    if (action.patienceMs === 0) return pauseMs;
    entry.reportAtMs = Math.min(entry.reportAtMs, nowMs + action.patienceMs);
    return Math.max(pauseMs, entry.reportAtMs);
  }

  #launch(entry: PodEntry, action: Action): void {
    const key = 'id' in action ? `${action.type} ${action.id}` : 'container' in action ? `${action.type} ${action.container}` : action.type;
    if (entry.busy.has(key) || (action.type === 'report' && entry.refused) || (action.type === 'delete-object' && entry.objectDeleted))
      return;
    if (action.type === 'report') entry.reportAtMs = action.patienceMs === 0 ? Infinity : this.#context.clock.now() + REPORT_EVERY_MS;
    entry.busy.add(key);
    const job = this.#run(entry, action).then(
      () => {
        entry.pauses.delete(action.type);
      },
      (error: unknown) => this.#failed(entry, action, error),
    );
    this.#jobs.add(job);
    void job.then(() => {
      this.#jobs.delete(job);
      entry.busy.delete(key);
      this.#wake(entry);
      this.#wakeOthers(entry);
    });
  }

  async #run(entry: PodEntry, action: Action): Promise<void> {
    switch (action.type) {
      case 'start':
        await effects.startContainer(this.#context, entry, action);
        if (action.attempt > 0) this.#retain();
        return;
      case 'stop':
      case 'kill':
        return effects.stopTask(this.#context, entry, action);
      case 'remove':
        return effects.removeTask(this.#context, entry, action);
      case 'report':
        return effects.writeStatus(this.#context, entry);
      case 'delete-object':
        return effects.deleteObject(this.#context, entry);
      case 'mark-gone':
        await effects.markGone(this.#context, entry);
        return this.#retain();
      case 'forget':
        await effects.forgetPod(this.#context, entry);
        if (!entry.pod) this.#drop(entry);
        return;
    }
  }

  #failed(entry: PodEntry, action: Action, error: unknown): void {
    if (this.#closed || (action.type === 'start' && entry.abort.signal.aborted)) return;
    const failures = (entry.pauses.get(action.type)?.failures ?? 0) + 1;
    entry.pauses.set(action.type, { failures, untilMs: this.#context.clock.now() + backoffMs(failures, RETRY) });
    const fields = {
      pod: entry.name,
      uid: entry.uid,
      action: action.type,
      failures,
      error: error instanceof Error ? error.message : String(error),
    };
    this.#context.log.warn(fields, 'an action failed and will be tried again');
  }

  #drop(entry: PodEntry): void {
    this.#entries.delete(entry.uid);
    this.#nameless.delete(entry);
    this.#dirty.delete(entry);
    this.#alarm.set(entry.uid, Infinity);
    const name = entry.name ?? '';
    const entries = this.#names.get(name);
    entries?.delete(entry);
    if (entries?.size === 0) this.#names.delete(name);
    for (const other of this.#names.get(name) ?? []) this.#wake(other);
  }

  /** A Pod whose record was lost gets one again, so that its tasks are known by name when it is gone. */
  #adoptRecord(entry: PodEntry): void {
    if (!entry.pod || entry.record || entry.tasks.size === 0) return;
    entry.record = effects.recordFor(entry.pod);
    const job = effects.saveRecord(this.#context.records, entry).catch((error: unknown) => {
      this.#context.log.warn({ pod: entry.name, error: String(error) }, 'the record of a pod cannot be written');
    });
    this.#jobs.add(job);
    void job.then(() => this.#jobs.delete(job));
  }

  #probe(entry: PodEntry): void {
    const { pod } = entry;
    for (const task of entry.tasks.values()) {
      if (task.phase !== 'running') continue;
      if (!pod) {
        this.#prober.end(task.id);
        continue;
      }
      const name = parseTaskId(task.id)!.container;
      const container = pod.spec.containers.find((other) => other.name === name);
      if (!container || !isProbed(container) || entry.health.has(task.id)) continue;
      const seen = pod.status?.containerStatuses?.find((status) => status.containerID === containerId({ machine: this.#machine }, task.id));
      const adopted = seen && { started: seen.started ?? false, ready: seen.ready };
      const probed = { taskId: task.id, pod, container, sinceMs: task.startedAtMs, ...(adopted && { adopted }) };
      entry.health.set(task.id, this.#prober.begin(probed));
    }
  }

  #view(entry: PodEntry): PodView {
    const { uid, pod, record, inFlight, preparing, blocks, stops, health, refused } = entry;
    const tasks = [...entry.tasks.values()];
    const predecessor = this.#predecessor(entry);
    const keepsLogs = !entry.superfluous;
    return { uid, pod, record, tasks, inFlight, preparing, blocks, stops, health, predecessor, keepsLogs, refused, machine: this.#machine };
  }

  #predecessor(entry: PodEntry): string | undefined {
    for (const other of this.#names.get(entry.name ?? '') ?? []) {
      const living = other === entry ? undefined : livingOf(other);
      if (living !== undefined) return living;
    }
    if (entry.tasks.size > 0) return undefined;
    for (const other of this.#nameless) {
      const living = livingOf(other);
      if (living !== undefined) return living;
    }
    return undefined;
  }

  #retain(): void {
    const gone = [...this.#entries.values()].filter((entry) => entry.record?.goneAtMs !== undefined);
    if (gone.length === 0) return;
    const present = (namespace: string, name: string) =>
      [...(this.#names.get(`${namespace}/${name}`) ?? [])].find((entry) => entry.pod !== undefined)?.record;
    const records = gone.flatMap((entry) => entry.record ?? []);
    for (const uid of superfluousPods(records, present)) {
      const entry = this.#entries.get(uid);
      if (!entry || entry.superfluous) continue;
      entry.superfluous = true;
      this.#wake(entry);
    }
  }

  *#pods(): Iterable<Stored<Pod>> {
    for (const { pod } of this.#entries.values()) if (pod) yield pod;
  }
}

/** A Pod may come back after it had vanished: the API's store was restored, or it was bound anew. */
function revive(entry: PodEntry): void {
  if (entry.abort.signal.aborted) entry.abort = new AbortController();
  entry.superfluous = false;
  if (entry.record?.goneAtMs === undefined) return;
  const { goneAtMs: _, ...record } = entry.record;
  entry.record = record;
}

function livingOf(entry: PodEntry): string | undefined {
  return livingTasks({ tasks: [...entry.tasks.values()], inFlight: entry.inFlight })[0];
}
