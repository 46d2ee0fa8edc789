import type { PlanRun } from './plan-run.ts';

/** How far a run is: a simple count over its steps; the words of plans and phases are plan/ views. */
export function runProgress(run: PlanRun): { readonly done: number; readonly steps: number } {
  const ids = run.spec.phases.flatMap((phase) => phase.steps.map((step) => step.id));
  const done = ids.filter((id) => run.status?.steps[id]?.state.state === 'done').length;
  return { done, steps: ids.length };
}

/** One word for `kubectl get planruns`: Complete, Superseded, Stopped, Error, Waiting, InProgress or Pending. */
export function runStatusText(run: PlanRun): string {
  const { status } = run;
  switch (status?.outcome) {
    case 'complete':
      return 'Complete';
    case 'superseded':
      return 'Superseded';
    case 'stopped':
      return 'Stopped';
    case undefined:
      break;
  }
  const states = Object.values(status?.steps ?? {}).map((record) => record.state.state);
  const { done, steps } = runProgress(run);
  if (status && done === steps) return 'Complete';
  if (states.includes('failed') || (status?.errors ?? []).length > 0) return 'Error';
  if (status?.paused) return 'Waiting';
  if (states.includes('running') || states.includes('backoff')) return 'InProgress';
  if (states.includes('held')) return 'Waiting';
  return done > 0 ? 'InProgress' : 'Pending';
}
