import type { PlanRun, PlanStep, StepRecord } from '../model/drover/plan-run.ts';
import { reason, type Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { isUnderWay } from './candidates.ts';
import { isFinished } from './plan-list.ts';
import { restartsOf } from './pod-facts.ts';
import { recordOf } from './run-record.ts';
import type { ServiceSnapshot } from './service-snapshot.ts';
import type { StepScene } from './step.ts';

/** Who works on an instance now: one step of one run, from its begin until it is done (STARTED included, dcos.md 9.4 nr 9). */
export interface Claim {
  readonly run: Stored<PlanRun>;
  readonly step: PlanStep;
  readonly record: StepRecord;
}

/** All claims of the unfinished runs, by instance name. */
export function claims(snapshot: ServiceSnapshot): Map<string, Claim> {
  const found = new Map<string, Claim>();
  for (const run of snapshot.runs) {
    if (isFinished(run) || !run.status) continue;
    for (const step of run.spec.phases.flatMap((phase) => phase.steps)) {
      const record = recordOf(run.status, step.id);
      if (isUnderWay(record)) found.set(step.instance, { run, step, record });
    }
  }
  return found;
}

/** Why a step waits for the holder of its instance. */
export function claimedBy({ run, step }: Claim): Reason {
  return reason('ClaimedByPlan', `Plan ${run.spec.plan} works on ${step.instance} (${step.name}).`, {
    plan: run.spec.plan,
    run: run.metadata.name,
    step: step.name,
  });
}

/**
 * True when the holder has to give the instance up to a step that wants to begin: a new configuration goes before recovery in the old one when that does
 * not get anywhere, and a person's restart or replace goes before a step that hangs. While a pod is being ended or made ready, nobody takes over.
 */
export function mayTakeOver(holder: Claim, taker: StepScene): boolean {
  const { state } = holder.record;
  const between = state.state === 'running' && (state.stage === 'stopping' || state.stage === 'preparing');
  if (between || holder.run.metadata.name === taker.run.metadata.name) return false;
  const { pod, instance, revision, run } = taker;
  if (run.spec.plan === 'uninstall') return true;
  if (run.spec.plan === 'recovery') return run.spec.operation !== undefined && holder.run.spec.operation === undefined;
  if (run.spec.plan !== 'deploy' || !instance) return false;
  if (instance.spec.podHash === revision?.spec.podHashes[instance.spec.podType]) return false;
  const hangs = state.state === 'backoff' || (state.state === 'running' && state.stage === 'verifying');
  return holder.run.spec.operation === undefined || hangs || (pod !== undefined && restartsOf(pod) > 0);
}
