import type { ClaimRecord, ExitRecord, LostReason, RunRecord } from './records.ts';

/** Everything that is known about one task: its records and whether the processes they name live. Absent records are undefined. */
export interface Facts {
  /** The task was recorded, claimed or run in the present boot of the machine. */
  readonly sameBoot: boolean;
  readonly claim: ClaimRecord | undefined;
  readonly run: RunRecord | undefined;
  readonly exit: ExitRecord | undefined;
  readonly supervisorAlive: boolean;
  readonly taskAlive: boolean;
  /** Time since the youngest of claim and run record was made, ms. */
  readonly quietMs: number;
}

/** What to hold of a task, and what to do about it. */
export type Verdict =
  | { readonly type: 'ended'; readonly exit: Exclude<ExitRecord, { type: 'partial' }> }
  | { readonly type: 'lost'; readonly why: LostReason }
  /** `orphan`: its supervisor is gone; nobody but the driver will see it end. */
  | { readonly type: 'running'; readonly pid: number; readonly startTime: string; readonly orphan: boolean }
  /** On its way: look again. */
  | { readonly type: 'wait' }
  /** Nobody has it: hand it to a supervisor. */
  | { readonly type: 'spawn' }
  /** Its supervisor died before it ran: make the run record in the task's place, and if that works it is lost (`failed-start`). */
  | { readonly type: 'void' }
  /** start() was given up before it resolved: forget it. */
  | { readonly type: 'forget' };

/** A record is written in one go, microseconds after it is made; one still cut short after this time never will be whole. */
export const PARTIAL_RECORD_MS = 5000;

/**
 * The order of belief: an exit record says all; another boot ends everything; then the newest record that exists, the run record before the
 * claim, and the processes it names.
 */
export function judge(facts: Facts): Verdict {
  const { exit, run, claim } = facts;
  if (exit && exit.type !== 'partial') return { type: 'ended', exit };
  if (claim?.type === 'withdrawn') return { type: 'forget' };
  if (!facts.sameBoot) return { type: 'lost', why: 'reboot' };
  if (run?.type === 'void') return { type: 'lost', why: 'failed-start' };
  if (run?.type === 'run') {
    if (facts.supervisorAlive) return { type: 'running', ...run.task, orphan: false };
    return facts.taskAlive ? { type: 'running', ...run.task, orphan: true } : { type: 'lost', why: 'supervisor-killed' };
  }
  if (!claim) return { type: 'spawn' };
  if (facts.supervisorAlive) return { type: 'wait' };
  if (claim.type === 'partial' || run) {
    if (facts.quietMs < PARTIAL_RECORD_MS) return { type: 'wait' };
    return run ? { type: 'lost', why: 'supervisor-killed' } : { type: 'void' };
  }
  return { type: 'void' };
}
