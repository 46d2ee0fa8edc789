import type { PlanPhase, PlanRun, PlanStep } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { Stored } from '../model/resource.ts';
import { hint } from './did-you-mean.ts';
import { podLabel } from './names.ts';

/** What an address of a verb leads to: the elements, or the sentence that says why nothing was found. */
export type Found<T> = { readonly found: readonly T[] } | { readonly missing: string };

export interface PhaseOfRun {
  readonly run: Stored<PlanRun>;
  readonly phase: PlanPhase;
}

export interface StepOfRun extends PhaseOfRun {
  readonly step: PlanStep;
}

/** Phases by id, or all with the name. Without an address: every phase. */
export function findPhases(runs: readonly Stored<PlanRun>[], address: string | undefined): Found<PhaseOfRun> {
  const all = runs.flatMap((run) => run.spec.phases.map((phase) => ({ run, phase })));
  if (address === undefined) return { found: all };
  const byId = all.filter(({ phase }) => phase.id === address);
  const found = byId.length > 0 ? byId : all.filter(({ phase }) => phase.name === address);
  if (found.length > 0) return { found };
  return { missing: `There is no phase "${address}".${hint(address, [...new Set(all.map(({ phase }) => phase.name))])}` };
}

/** One step by id or by its name, which must be unique within the phases; its instance's name or `kafka-0` will do too. No address: all steps. */
export function findSteps(phases: readonly PhaseOfRun[], address: string | undefined): Found<StepOfRun> {
  const all = phases.flatMap(({ run, phase }) => phase.steps.map((step) => ({ run, phase, step })));
  if (address === undefined) return { found: all };
  const byId = all.filter(({ step }) => step.id === address);
  if (byId.length > 0) return { found: byId };
  const byName = all.filter(({ step }) => step.name === address || step.instance === address || step.name.startsWith(`${address}:[`));
  if (byName.length === 1) return { found: byName };
  if (byName.length === 0)
    return { missing: `There is no step "${address}".${hint(address, [...new Set(all.map(({ step }) => step.name))])}` };
  const candidates = byName.map(({ phase, step }) => `${step.name} of phase ${phase.name} (id ${step.id})`);
  return { missing: `"${address}" names ${byName.length} steps; name the phase or use an id: ${candidates.join('; ')}.` };
}

/** An instance by `podType-index` or by its own name. */
export function findInstance(
  instances: readonly Stored<PodInstance>[],
  address: string,
): { found: Stored<PodInstance> } | { missing: string } {
  const found =
    instances.find((instance) => podLabel(instance.spec.podType, instance.spec.index) === address) ??
    instances.find((instance) => instance.metadata.name === address);
  if (found) return { found };
  const labels = instances.map((instance) => podLabel(instance.spec.podType, instance.spec.index));
  return { missing: `There is no pod "${address}".${hint(address, labels)}` };
}
