import type { ManagedService } from '../model/drover/managed-service.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';

/** The plans of a service as people list them: deploy, recovery, decommission and uninstall only when there is a run, then custom ones by name. */
export function planNames(service: ManagedService, runs: readonly PlanRun[]): string[] {
  const seen = (plan: string) => runs.some((run) => run.spec.plan === plan);
  const custom = (service.spec.plans ?? []).map((plan) => plan.name).filter((name) => name !== 'deploy');
  return [
    'deploy',
    'recovery',
    ...(seen('decommission') ? ['decommission'] : []),
    ...(seen('uninstall') ? ['uninstall'] : []),
    ...custom.toSorted(),
  ];
}

/** The newest run of a plan (the one its verbs and its status are about); undefined when it never ran. */
export function newestRun<T extends PlanRun>(runs: readonly T[], plan: string): T | undefined {
  return runs
    .filter((run) => run.spec.plan === plan)
    .reduce<T | undefined>((a, b) => (a && a.spec.number > b.spec.number ? a : b), undefined);
}

/**
 * The runs that make up the recovery plan people see: of each pod instance the newest, in the order of their making. Finished ones linger; the ones
 * that were handed over (superseded) do not show.
 */
export function recoveryRuns<T extends PlanRun>(runs: readonly T[]): T[] {
  const newest = new Map<string, T>();
  for (const run of runs) {
    const instance = run.spec.phases[0]?.steps[0]?.instance;
    if (run.spec.plan !== 'recovery' || instance === undefined || run.status?.outcome === 'superseded') continue;
    const other = newest.get(instance);
    if (!other || other.spec.number < run.spec.number) newest.set(instance, run);
  }
  return [...newest.values()].sort((a, b) => a.spec.number - b.spec.number);
}

/** True when the run has ended (complete, superseded or stopped). */
export function isFinished(run: PlanRun): boolean {
  return run.status?.outcome !== undefined;
}
