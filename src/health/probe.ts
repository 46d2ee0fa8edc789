import type { Probe } from '../model/core/probe.ts';

/** What a probe is for: `startup` gates the other two, `liveness` has the container restarted, `readiness` only says whether it serves. */
export type ProbeRole = 'startup' | 'liveness' | 'readiness';

/** What one run of a probe found. `unknown` (the probe itself could not run) takes no action and counts for nothing. */
export interface ProbeOutcome {
  readonly result: 'success' | 'failure' | 'unknown';
  /** For people, one line. */
  readonly message: string;
}

/** The numbers of a probe with Kubernetes' defaults filled in. */
export interface ProbePace {
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** Where a probe stands. `pending`: no verdict yet; `streak` counts equal results in a row; `dueAtMs` is when it runs next (Infinity: never again). */
export interface ProbeState {
  readonly verdict: 'pending' | 'success' | 'failure';
  readonly streak: number;
  readonly streakOf: 'success' | 'failure';
  readonly message: string;
  readonly dueAtMs: number;
}

/** Reads the numbers of `probe`: period 10 s, time-out 1 s, thresholds 1 and 3, no delay. */
export function paceOf(probe: Probe): ProbePace {
  return {
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    periodMs: (probe.periodSeconds ?? 10) * 1000,
    timeoutMs: (probe.timeoutSeconds ?? 1) * 1000,
    successThreshold: probe.successThreshold ?? 1,
    failureThreshold: probe.failureThreshold ?? 3,
  };
}

/** A probe whose clock starts at `sinceMs`; `spreadMs` moves its first run, so that many probes do not run in step. */
export function beginProbe(pace: ProbePace, sinceMs: number, spreadMs = 0): ProbeState {
  return { verdict: 'pending', streak: 0, streakOf: 'failure', message: '', dueAtMs: sinceMs + pace.initialDelayMs + spreadMs };
}

/**
 * The state after a run that began at `beganAtMs` and ended at `endedAtMs`. A verdict changes only when a threshold of equal results in a row is met.
 * The next run is a period after this one began, at once when the run took longer than that.
 */
export function observeProbe(state: ProbeState, pace: ProbePace, outcome: ProbeOutcome, beganAtMs: number, endedAtMs: number): ProbeState {
  const dueAtMs = Math.max(beganAtMs + pace.periodMs, endedAtMs);
  if (outcome.result === 'unknown') return { ...state, dueAtMs };
  const streak = state.streakOf === outcome.result ? state.streak + 1 : 1;
  const threshold = outcome.result === 'success' ? pace.successThreshold : pace.failureThreshold;
  const verdict = streak >= threshold ? outcome.result : state.verdict;
  return { verdict, streak, streakOf: outcome.result, message: outcome.message, dueAtMs };
}
