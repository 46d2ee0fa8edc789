import { toTime } from '../base/clock.ts';
import type { Pod } from '../model/core/pod.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import { canonicalJson } from '../base/ids.ts';
import { reason } from '../model/reason.ts';
import { withCondition, type Condition, type Stored } from '../model/resource.ts';
import type { Action } from './action.ts';
import { isWanted } from './ensure.ts';
import { isFinished } from './plan-list.ts';
import { incarnationOf, isDeleting, isIncarnationOf, isReady, lastExit, restartsOf } from './pod-facts.ts';
import { claims } from './claim.ts';
import { targetRevision, type ServiceSnapshot } from './service-snapshot.ts';

type ServiceStatus = NonNullable<ManagedService['status']>;
type InstanceStatus = NonNullable<PodInstance['status']>;

/** Writes that bring the status of service and instances up to what is seen, and marks volumes that hold data and the machine that pins them. */
export function reportStatus(snapshot: ServiceSnapshot): Action[] {
  const actions: Action[] = [];
  const claimed = claims(snapshot);
  for (const instance of snapshot.instances) {
    const named = snapshot.pods.get(instance.metadata.name);
    const pod = named && isIncarnationOf(named, instance) ? named : undefined;
    const spec = pod && pinned(instance, pod);
    if (spec) {
      actions.push({ type: 'instance-spec', instance, spec });
      continue;
    }
    const inBackoff = claimed.get(instance.metadata.name)?.record.state.state === 'backoff';
    const status = instanceStatus(instance, pod, inBackoff, snapshot.nowMs);
    if (canonicalJson(status) !== canonicalJson(instance.status)) actions.push({ type: 'instance-status', instance, status });
  }
  const status = serviceStatus(snapshot);
  if (canonicalJson(status) !== canonicalJson(snapshot.service.status))
    actions.push({ type: 'service-status', service: snapshot.service, status });
  return actions;
}

/** Volumes hold data from the first Ready on, and pin the instance to the machine on which they were made. */
function pinned(instance: Stored<PodInstance>, pod: Pod): PodInstance['spec'] | undefined {
  const { spec } = instance;
  if (spec.volumes.length === 0 || incarnationOf(pod) !== spec.incarnation) return undefined;
  const place = spec.node === undefined && pod.spec.nodeName !== undefined ? { node: pod.spec.nodeName } : undefined;
  const filled = isReady(pod) && spec.volumes.some((volume) => !volume.initialized);
  if (!place && !filled) return undefined;
  return { ...spec, ...place, volumes: filled ? spec.volumes.map((volume) => ({ ...volume, initialized: true })) : spec.volumes };
}

function instanceStatus(instance: Stored<PodInstance>, pod: Stored<Pod> | undefined, inBackoff: boolean, nowMs: number): InstanceStatus {
  const before = instance.status ?? {};
  const ready = pod !== undefined && isReady(pod);
  const fresh = pod !== undefined && before.podUID !== pod.metadata.uid;
  const podRestarts = pod ? restartsOf(pod) : 0;
  const counted = fresh ? 0 : (before.podRestarts ?? 0);
  const exit = pod ? lastExit(pod) : undefined;
  const { podUID: _uid, ...kept } = before;
  return {
    ...kept,
    conditions: withCondition(before.conditions, readyCondition(ready, instance, pod), toTime(nowMs)),
    phase: phaseOf(instance, pod, inBackoff),
    ready,
    ...(pod ? { podUID: pod.metadata.uid, incarnation: Math.max(before.incarnation ?? 0, incarnationOf(pod)) } : {}),
    restarts: (before.restarts ?? 0) + Math.max(0, podRestarts - counted),
    podRestarts: pod ? Math.max(podRestarts, counted) : 0,
    ...(exit && { lastExit: exit }),
  };
}

function readyCondition(ready: boolean, instance: PodInstance, pod: Pod | undefined): Condition {
  if (ready) return { type: 'Ready', status: 'True', reason: 'PodReady' };
  return { type: 'Ready', status: 'False', reason: pod ? 'PodNotReady' : instance.spec.incarnation === 0 ? 'NotStarted' : 'NoPod' };
}

function phaseOf(instance: PodInstance, pod: Pod | undefined, inBackoff: boolean): string {
  if (pod && isDeleting(pod)) return 'Stopping';
  if (!pod && instance.spec.desired === 'Stopped') return 'Stopped';
  if (inBackoff) return 'BackOff';
  return pod?.status?.phase === 'Running' ? 'Running' : 'Pending';
}

function serviceStatus(snapshot: ServiceSnapshot): ServiceStatus {
  const { service } = snapshot;
  const before = service.status ?? {};
  const target = targetRevision(snapshot);
  if (!target) return before;
  const now = toTime(snapshot.nowMs);
  const wanted = target.spec.template.pods.reduce((sum, pod) => sum + pod.count, 0);
  const present = snapshot.instances.filter((instance) => isWanted(instance, target));
  const ready = present.filter((instance) => instance.status?.ready === true).length;
  const updated = present.filter((instance) => instance.spec.podHash === target.spec.podHashes[instance.spec.podType]).length;
  const open = snapshot.runs.filter((run) => !isFinished(run));
  const progressing = reason(
    open.length > 0 ? 'PlansUnfinished' : 'PlansComplete',
    open.length > 0 ? `Under way: ${[...new Set(open.map((run) => run.spec.plan))].toSorted().join(', ')}.` : 'All plans are complete.',
  );
  const readiness = reason(ready >= wanted ? 'AllReady' : 'NotAllReady', `${ready} of ${wanted} pods are ready.`);
  let conditions = withCondition(before.conditions, condition('Ready', ready >= wanted, readiness), now);
  conditions = withCondition(conditions, condition('Progressing', open.length > 0, progressing), now);
  return { ...before, conditions, instances: snapshot.instances.length, readyInstances: ready, updatedInstances: updated };
}

/** A condition from a reason. */
export function condition(type: string, isTrue: boolean, why: { readonly code: string; readonly message: string }): Condition {
  return { type, status: isTrue ? 'True' : 'False', reason: why.code, message: why.message };
}
