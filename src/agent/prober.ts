import type { Clock } from '../base/clock.ts';
import type { Container, Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import {
  beginHealth,
  dueProbes,
  nextProbeAtMs,
  observeHealth,
  verdictOf,
  type ContainerHealth,
  type ContainerProbes,
  type HealthVerdict,
} from '../health/container-health.ts';
import { paceOf, type ProbeOutcome, type ProbeRole } from '../health/probe.ts';
import { Alarm } from './alarm.ts';
import { Gate } from './gate.ts';
import type { ProbeRunner } from './probe-runner.ts';

/** A container that is probed while it runs. */
export interface Probed {
  readonly taskId: string;
  readonly pod: Stored<Pod>;
  readonly container: Container;
  readonly sinceMs: number;
  /** What was last known when the execution outlived the process that probed it. */
  readonly adopted?: { readonly started: boolean; readonly ready: boolean };
}

interface Entry {
  readonly probed: Probed;
  readonly abort: AbortController;
  readonly busy: Set<ProbeRole>;
  health: ContainerHealth;
}

export interface ProberOptions {
  readonly clock: Clock;
  readonly run: ProbeRunner;
  readonly address: string;
  /** A verdict that differs from the one before. */
  readonly onVerdict: (probed: Probed, verdict: HealthVerdict) => void;
  /** A run that failed, while it is news: not each time that a container stays as bad as it is. */
  readonly onFailure: (probed: Probed, role: ProbeRole, outcome: ProbeOutcome) => void;
}

/** Probes that run at the same time; the others wait a little. */
const PARALLEL = 64;

/** Runs the probes of this machine's containers. Containers without probes never come here, so they cost nothing. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #alarm: Alarm;
  readonly #gate = new Gate(PARALLEL);
  readonly #running = new Set<Promise<void>>();

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, (id) => this.#run(id));
  }

  /** Begins to probe an execution and gives its first verdict; an execution that is probed already goes on. */
  begin(probed: Probed): HealthVerdict {
    let entry = this.#entries.get(probed.taskId);
    if (!entry) {
      // What is adopted may have run for long: its probes begin now.
      const sinceMs = probed.adopted ? this.#options.clock.now() : probed.sinceMs;
      const health = beginHealth(probesOf(probed.container), sinceMs, spreadOf(probed.taskId), probed.adopted);
      entry = { probed, abort: new AbortController(), busy: new Set(), health };
      this.#entries.set(probed.taskId, entry);
      this.#alarm.set(probed.taskId, nextProbeAtMs(health));
    }
    return verdictOf(entry.health);
  }

  /** Ends the probing of an execution. No-op when it is not probed. */
  end(taskId: string): void {
    this.#entries.get(taskId)?.abort.abort();
    this.#entries.delete(taskId);
    this.#alarm.set(taskId, Infinity);
  }

  /** Ends all probing; resolves when no probe runs any more. */
  async close(): Promise<void> {
    this.#alarm.close();
    for (const id of this.#entries.keys()) this.end(id);
    await Promise.all(this.#running);
  }

  #run(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    for (const role of dueProbes(entry.health, this.#options.clock.now())) {
      if (entry.busy.has(role)) continue;
      entry.busy.add(role);
      const run = this.#gate.run(() => this.#runOne(entry, role));
      this.#running.add(run);
      void run.finally(() => this.#running.delete(run));
    }
    this.#rearm(entry);
  }

  async #runOne(entry: Entry, role: ProbeRole): Promise<void> {
    const { clock, run, address, onVerdict, onFailure } = this.#options;
    const { probed, abort } = entry;
    const probe = probesOf(probed.container)[role]!;
    const beganAtMs = clock.now();
    const target = { probe, container: probed.container, taskId: probed.taskId, address, timeoutMs: paceOf(probe).timeoutMs };
    const outcome = await run(target, abort.signal).catch((error: unknown): ProbeOutcome => ({
      result: 'unknown',
      message: String(error),
    }));
    entry.busy.delete(role);
    if (abort.signal.aborted) return;
    const before = verdictOf(entry.health);
    entry.health = observeHealth(entry.health, role, outcome, beganAtMs, clock.now());
    const after = verdictOf(entry.health);
    const state = entry.health.states[role];
    if (outcome.result === 'failure' && state && state.streak <= paceOf(probe).failureThreshold) onFailure(probed, role, outcome);
    if (before.started !== after.started || before.ready !== after.ready || Boolean(before.kill) !== Boolean(after.kill))
      onVerdict(probed, after);
    this.#rearm(entry);
  }

  /** A role that runs is not waited for: its end arms the timer again. */
  #rearm(entry: Entry): void {
    const states = { ...entry.health.states };
    for (const role of entry.busy) delete states[role];
    const open = entry.busy.has('startup') ? Infinity : nextProbeAtMs({ ...entry.health, states });
    this.#alarm.set(entry.probed.taskId, open);
  }
}

/** The probes of a container; empty when it has none. */
export function probesOf(container: Container): ContainerProbes {
  const { startupProbe: startup, livenessProbe: liveness, readinessProbe: readiness } = container;
  return { ...(startup && { startup }), ...(liveness && { liveness }), ...(readiness && { readiness }) };
}

/** True when a container has any probe. */
export function isProbed(container: Container): boolean {
  return container.startupProbe !== undefined || container.livenessProbe !== undefined || container.readinessProbe !== undefined;
}

/** A number from 0 to 1 that differs between tasks and is always the same for one: where in the period its probes fall. */
function spreadOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 0x1_0000_0000;
}
