import type { Strategy } from '../model/drover/managed-service.ts';
import type { PlanPhase, StepRecord } from '../model/drover/plan-run.ts';
import { reason, type Reason } from '../model/reason.ts';

/** A step record as the strategies see it. */
export interface StrategyStep {
  readonly id: string;
  readonly name: string;
  readonly record: StepRecord;
  /** Its instance has had an incarnation and is not ready now: a serial phase takes it first, so that a fix is not held up by those that are well. */
  readonly broken: boolean;
}

export interface StrategyPhase {
  readonly phase: PlanPhase;
  readonly paused: boolean;
  readonly steps: readonly StrategyStep[];
}

/** For each step that is pending or held: undefined when it may begin now, as far as strategy and pauses go, else the reason why not. */
export function candidates(
  phases: readonly StrategyPhase[],
  plan: { readonly strategy: Strategy; readonly maxParallel?: number; readonly paused: boolean },
): ReadonlyMap<string, Reason | undefined> {
  const verdicts = new Map<string, Reason | undefined>();
  const openPhases = phases.filter((phase) => phase.steps.some((step) => !isOver(step.record)));
  const phaseTurn = turns(
    openPhases.map((phase) => ({ item: phase, underWay: phase.steps.some((step) => isUnderWay(step.record)), first: false })),
    plan.strategy,
    plan.maxParallel,
  );
  for (const phase of openPhases) {
    const open = phase.steps.filter((step) => !isOver(step.record));
    const stepTurn = turns(
      open.map((step) => ({ item: step, underWay: isUnderWay(step.record), first: step.broken })),
      phase.phase.strategy,
      phase.phase.maxParallel,
    );
    for (const step of open) {
      if (isUnderWay(step.record)) continue;
      verdicts.set(step.id, verdict(step, phase));
    }
    function verdict(step: StrategyStep, { phase: { name }, paused }: StrategyPhase): Reason | undefined {
      if (plan.paused) return reason('PlanPaused', 'The plan is paused.');
      if (paused) return reason('PhasePaused', `Phase ${name} is paused.`, { phase: name });
      if (step.record.state.state === 'failed') return undefined;
      if (!phaseTurn.has(phase)) return reason('PhaseWaitsItsTurn', `Phase ${name} waits for the phases before it.`, { phase: name });
      if (stepTurn.has(step)) return undefined;
      const running = open.filter((other) => other !== step && stepTurn.has(other)).map((other) => other.name);
      return reason('WaitsItsTurn', `Comes after ${running.slice(0, 3).join(', ') || 'the steps before it'}.`, {
        after: running.slice(0, 3),
      });
    }
  }
  return verdicts;
}

/** Which children a strategy works on now: those under way, and as many more as fit, those marked `first` before the others. */
function turns<T>(
  children: readonly { readonly item: T; readonly underWay: boolean; readonly first: boolean }[],
  strategy: Strategy,
  maxParallel: number | undefined,
): ReadonlySet<T> {
  const atATime = strategy === 'serial' ? 1 : (maxParallel ?? Number.POSITIVE_INFINITY);
  const chosen = new Set(children.filter((child) => child.underWay).map((child) => child.item));
  const ordered = [...children.filter((child) => child.first), ...children.filter((child) => !child.first)];
  for (const child of ordered) if (chosen.size < atATime) chosen.add(child.item);
  return chosen;
}

/** The step works on its instance: nothing else may. */
export function isUnderWay(record: StepRecord): boolean {
  return record.state.state === 'running' || record.state.state === 'backoff';
}

function isOver(record: StepRecord): boolean {
  return record.state.state === 'done';
}
