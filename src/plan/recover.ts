import type { Pod } from '../model/core/pod.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import { reason, type Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import type { Action } from './action.ts';
import { claims } from './claim.ts';
import { compileRecovery } from './compile.ts';
import { isFinished } from './plan-list.ts';
import { TASK_EXITED } from './patience.ts';
import { incarnationOf, isDeleting, isIncarnationOf, isTerminal, lastExit, restartsOf } from './pod-facts.ts';
import { isWanted } from './ensure.ts';
import { targetRevision, type ServiceSnapshot } from './service-snapshot.ts';

/**
 * Recovery is always on: a run for each instance that has had an incarnation and lost it, or whose agent restarted a task. Not while a step of any run
 * works on it, nor for those to be ended. Names follow from the failure, so a repeat makes no second run. Each run is one step: together they are parallel.
 */
export function recover(snapshot: ServiceSnapshot): Action[] {
  const claimed = claims(snapshot);
  const actions: Action[] = [];
  const target = targetRevision(snapshot);
  for (const instance of snapshot.instances) {
    const { name } = instance.metadata;
    if (claimed.has(name) || instance.spec.desired !== 'Running' || instance.spec.incarnation === 0) continue;
    if (target && !isWanted(instance, target)) continue;
    const failure = failureOf(instance, snapshot.pods.get(name));
    if (!failure || awaited(snapshot, name)) continue;
    const runName = freeName(snapshot, `${name}.recovery.${instance.spec.incarnation}${failure.suffix}`);
    if (failure.counted && !runName.isFirst) continue;
    const run = compileRecovery(snapshot, instance, 'restart', { cause: failure.cause, name: runName.name });
    actions.push({ type: 'create-run', run, notes: [{ about: instance, type: 'Warning', reason: failure.cause }] });
  }
  // Numbers tell runs of one plan apart; several failures at once get one each.
  return actions.map((action, i) =>
    action.type === 'create-run'
      ? { ...action, run: { ...action.run, spec: { ...action.run.spec, number: action.run.spec.number + i } } }
      : action,
  );
}

/** A recovery run for the instance is there and has not begun: it will see for itself what there is to do. */
function awaited(snapshot: ServiceSnapshot, instance: string): boolean {
  return snapshot.runs.some(
    (run) =>
      run.spec.plan === 'recovery' &&
      !isFinished(run) &&
      run.spec.phases.some((phase) => phase.steps.some((step) => step.instance === instance)),
  );
}

interface Failure {
  readonly cause: Reason;
  /** Tells failures of one incarnation apart. */
  readonly suffix: string;
  /** The suffix counts: a run of that name has dealt with this very failure. Otherwise it was handed over and the pod is gone still. */
  readonly counted: boolean;
}

function freeName(snapshot: ServiceSnapshot, base: string): { name: string; isFirst: boolean } {
  const taken = new Set(snapshot.runs.map((run) => run.metadata.name));
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}.${i}`;
  return { name, isFirst: name === base };
}

function failureOf(instance: Stored<PodInstance>, pod: Stored<Pod> | undefined): Failure | undefined {
  const { name } = instance.metadata;
  const { incarnation } = instance.spec;
  if (!pod || !isIncarnationOf(pod, instance))
    return { cause: reason('PodGone', `The pod ${name} is gone.`, { incarnation }), suffix: '', counted: false };
  if (isDeleting(pod)) return { cause: reason('PodDeleted', `The pod ${name} was deleted.`, { incarnation }), suffix: '', counted: false };
  if (isTerminal(pod)) {
    const why = pod.status?.message ?? pod.status?.reason ?? `phase ${pod.status?.phase}`;
    return { cause: reason('PodFailed', `The pod ${name} ended: ${why}.`, { incarnation }), suffix: '', counted: false };
  }
  const restarts = restartsOf(pod);
  const counted = instance.status?.podUID === pod.metadata.uid ? (instance.status?.podRestarts ?? 0) : 0;
  if (restarts <= counted && !isDown(pod)) return undefined;
  const exit = lastExit(pod);
  if (!exit) return undefined;
  const signal = exit.signal === undefined ? '' : ` (signal ${exit.signal})`;
  // A task that is down right now will be the next restart.
  const number = restarts > counted ? restarts : restarts + 1;
  const message = `Task ${exit.task} of ${name} ended with exit code ${exit.exitCode}${signal}; its agent starts it again (restart ${number}).`;
  return {
    cause: reason(TASK_EXITED, message, { ...exit, restarts: number, incarnation: incarnationOf(pod) }),
    suffix: `-${number}`,
    counted: true,
  };
}

function isDown(pod: Pod): boolean {
  return (
    pod.status?.containerStatuses?.some(
      (status) => status.state?.terminated !== undefined || status.state?.waiting?.reason === 'CrashLoopBackOff',
    ) ?? false
  );
}
