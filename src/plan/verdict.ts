import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import { reason, type Reason } from '../model/reason.ts';
import type { Action } from './action.ts';
import type { GateCall } from './service-snapshot.ts';

/** What a verb comes to: a decision, or a question to the operator first. */
export type Verdict = Decided | { readonly ask: GateCall | undefined; readonly wakeAtMs?: number };

/** An outcome with the writes that bring it about, in order, before the outcome itself is recorded. */
export interface Decided {
  readonly outcome: NonNullable<Operation['status']>['outcome'];
  readonly reason: Reason;
  readonly effects: readonly Action[];
  /** Name of the PlanRun that is made or changed. */
  readonly run?: string;
}

/** A decision without effects. */
export function verdict(outcome: Decided['outcome'], code: string, message: string, run?: PlanRun): Decided {
  return { outcome, reason: reason(code, message), effects: [], ...(run?.metadata.name !== undefined && { run: run.metadata.name }) };
}
