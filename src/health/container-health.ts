import type { Probe } from '../model/core/probe.ts';
import { beginProbe, observeProbe, paceOf, type ProbeOutcome, type ProbeRole, type ProbeState } from './probe.ts';

/** The probes of one container; none of them is a container that counts as started and ready once it runs. */
export type ContainerProbes = Readonly<Partial<Record<ProbeRole, Probe>>>;

/** The states of a container's probes for one execution; begin anew with each restart, so that no failure is carried over. */
export interface ContainerHealth {
  readonly probes: ContainerProbes;
  readonly states: Readonly<Partial<Record<ProbeRole, ProbeState>>>;
  /** Ready as an earlier process saw it: holds until the readiness probe has a verdict of its own. */
  readonly adoptedReady: boolean;
}

/** What follows from the probes. `kill`: the container is to be stopped with `graceMs` (undefined: the pod's) and restarted. */
export interface HealthVerdict {
  readonly started: boolean;
  readonly ready: boolean;
  readonly kill?: { readonly role: 'startup' | 'liveness'; readonly message: string; readonly graceMs: number | undefined };
}

/** Health of a container without probes. */
export const HEALTHY: HealthVerdict = { started: true, ready: true };

const ROLES: readonly ProbeRole[] = ['startup', 'liveness', 'readiness'];

/**
 * Health of an execution that has run since `sinceMs`. `spread` (0 to 1) moves first runs by up to a tenth of the period, at most 100 ms. `adopted` is
 * what was last known of an execution that outlived the process which probed it: it stays started and ready until a probe says otherwise, and first
 * runs are spread over a whole period.
 */
export function beginHealth(
  probes: ContainerProbes,
  sinceMs: number,
  spread: number,
  adopted?: { readonly started: boolean; readonly ready: boolean },
): ContainerHealth {
  const states: Partial<Record<ProbeRole, ProbeState>> = {};
  for (const role of ROLES) {
    const probe = probes[role];
    if (!probe) continue;
    const pace = paceOf(probe);
    const spreadMs = Math.floor(spread * (adopted ? pace.periodMs : Math.min(100, pace.periodMs / 10)));
    const state = beginProbe(pace, sinceMs, spreadMs);
    states[role] = role === 'startup' && adopted?.started ? { ...state, verdict: 'success', dueAtMs: Infinity } : state;
  }
  return { probes, states, adoptedReady: adopted?.ready ?? false };
}

/** The probes to run at `nowMs`: while the startup probe has not passed, no other one. */
export function dueProbes(health: ContainerHealth, nowMs: number): readonly ProbeRole[] {
  return openRoles(health).filter((role) => health.states[role]!.dueAtMs <= nowMs);
}

/** When a probe is due next, epoch ms; Infinity when none ever is. */
export function nextProbeAtMs(health: ContainerHealth): number {
  return Math.min(Infinity, ...openRoles(health).map((role) => health.states[role]!.dueAtMs));
}

/** The health after a run of the probe `role`. When startup passes, the delays of the other probes begin. */
export function observeHealth(
  health: ContainerHealth,
  role: ProbeRole,
  outcome: ProbeOutcome,
  beganAtMs: number,
  endedAtMs: number,
): ContainerHealth {
  const probe = health.probes[role];
  const before = health.states[role];
  if (!probe || !before) return health;
  const after = observeProbe(before, paceOf(probe), outcome, beganAtMs, endedAtMs);
  const over = role === 'startup' ? after.verdict !== 'pending' : role === 'liveness' && after.verdict === 'failure';
  const states = { ...health.states, [role]: over ? { ...after, dueAtMs: Infinity } : after };
  if (role === 'startup' && after.verdict === 'success') {
    for (const other of ['liveness', 'readiness'] as const) {
      const next = health.probes[other];
      if (next) states[other] = beginProbe(paceOf(next), endedAtMs);
    }
  }
  return { ...health, states };
}

/** What the probes say: before its first result readiness is false, liveness is taken as good. */
export function verdictOf(health: ContainerHealth): HealthVerdict {
  const { startup, liveness, readiness } = health.states;
  const started = startup === undefined || startup.verdict === 'success';
  const ready =
    started && (readiness === undefined || (readiness.verdict === 'pending' ? health.adoptedReady : readiness.verdict === 'success'));
  for (const [role, state] of [['startup', startup] as const, ['liveness', liveness] as const]) {
    if (state?.verdict !== 'failure') continue;
    const seconds = health.probes[role]?.terminationGracePeriodSeconds;
    return { started, ready, kill: { role, message: state.message, graceMs: seconds === undefined ? undefined : seconds * 1000 } };
  }
  return { started, ready };
}

function openRoles(health: ContainerHealth): ProbeRole[] {
  const gated = health.states.startup !== undefined && health.states.startup.verdict !== 'success';
  return ROLES.filter((role) => health.states[role] !== undefined && (!gated || role === 'startup'));
}
