import { DroverError, hasCode } from '../../base/errors.ts';
import { podKind } from '../../model/core/pod.ts';
import { managedServiceKind, type ManagedService } from '../../model/drover/managed-service.ts';
import { operationKind } from '../../model/drover/operation.ts';
import { planRunKind, type PlanRun } from '../../model/drover/plan-run.ts';
import { podInstanceKind } from '../../model/drover/pod-instance.ts';
import { serviceRevisionKind } from '../../model/drover/service-revision.ts';
import type { Kind } from '../../model/kind.ts';
import { ANNOTATION_DISCARD_VOLUMES, FINALIZER_SERVICE } from '../../model/labels.ts';
import { keyOf, type Resource, type Stored } from '../../model/resource.ts';
import type { Action } from '../../plan/action.ts';
import type { ControllerContext } from '../controller.ts';
import { putFiles } from './put-files.ts';
import { forgetMayStop, type ServiceMemory, type TermMemory } from './service-memory.ts';

/** What actions are done with. */
export interface Hands {
  readonly context: ControllerContext;
  readonly term: TermMemory;
  readonly memory: ServiceMemory;
}

/** Does one action and tells of it. Idempotent. Throws `conflict` when the world has moved on, and what the client throws. */
export async function perform(action: Action, hands: Hands): Promise<void> {
  await write(action, hands);
  for (const { about, type, reason } of action.notes ?? []) {
    hands.context.events.event(about, type, reason);
    const fields = { ...reason.params, object: `${about.kind}/${about.metadata.name}`, reason: reason.code };
    if (type === 'Warning') hands.context.log.warn(fields, reason.message);
    else hands.context.log.info(fields, reason.message);
  }
}

async function write(action: Action, hands: Hands): Promise<void> {
  switch (action.type) {
    case 'create-revision':
      return create(serviceRevisionKind, action.revision, hands);
    case 'create-run':
      return createRun(action.run, hands);
    case 'create-instance':
      claimPorts(action.instance.spec.ports, hands);
      return create(podInstanceKind, action.instance, hands);
    case 'service-status':
      return updateStatus(managedServiceKind, action.service, action.status, hands);
    case 'run-status':
      return runStatus(action, hands);
    case 'instance-spec':
      return instanceSpec(action, hands);
    case 'instance-status':
      return updateStatus(podInstanceKind, action.instance, action.status, hands);
    case 'delete-instance':
      return remove(podInstanceKind, action.instance, hands);
    case 'start-pod':
      if (action.files) await putFiles(action.files, hands.context);
      return create(podKind, action.pod, hands);
    case 'stop-pod':
      return remove(podKind, action.pod, hands);
    case 'decide-operation':
      return updateStatus(operationKind, action.operation, action.status, hands);
    case 'collect':
      return remove(kindOf(action.object), action.object, hands);
    case 'keep-service':
      return finalizers(action.service, [...(action.service.metadata.finalizers ?? []), FINALIZER_SERVICE], hands);
    case 'release-service':
      return finalizers(
        action.service,
        (action.service.metadata.finalizers ?? []).filter((name) => name !== FINALIZER_SERVICE),
        hands,
      );
  }
}

function kindOf(object: Resource): Kind {
  const kind = [planRunKind, serviceRevisionKind, operationKind].find((candidate) => candidate.kind === object.kind);
  return kind as unknown as Kind;
}

/** A name that is taken by an object of the same owner is this very write, done before; a Pod of anyone is for the planner to judge. */
async function create<T extends Resource>(kind: Kind<T>, object: T, { context, memory }: Hands): Promise<void> {
  const nowMs = context.clock.now();
  try {
    memory.writes.record(kind, undefined, await context.client.create(kind, object), nowMs);
  } catch (error) {
    if (!hasCode(error, 'already-exists')) throw error;
    const there = await context.client.get(kind, keyOf(object));
    const owner = object.metadata.ownerReferences?.[0]?.uid;
    if (kind.kind !== podKind.kind && !there.metadata.ownerReferences?.some((reference) => reference.uid === owner)) {
      throw new DroverError('unavailable', `${object.kind} ${object.metadata.name} of an earlier service of that name is not gone yet.`, {
        cause: error,
      });
    }
    memory.writes.record(kind, undefined, there, nowMs);
  }
}

async function createRun(run: PlanRun, hands: Hands): Promise<void> {
  try {
    await create(planRunKind, run, hands);
  } catch (error) {
    // A namespace that is being deleted takes no new objects; ending pods must not depend on that.
    if (run.spec.plan !== 'uninstall' || !hasCode(error, 'forbidden')) throw error;
    const set = { name: run.metadata.name ?? '', uid: `unstored-${run.metadata.name}`, resourceVersion: '0', creationTimestamp: '' };
    hands.memory.unstoredRun = { ...run, metadata: { ...run.metadata, ...set } };
  }
}

async function runStatus(action: Action & { type: 'run-status' }, hands: Hands): Promise<void> {
  const { run, status } = action;
  if (Object.values(status.steps).some(({ state }) => state.state === 'running' && state.stage === 'stopping')) forgetMayStop(hands.memory);
  if (hands.memory.unstoredRun?.metadata.uid === run.metadata.uid) {
    hands.memory.unstoredRun = { ...run, status };
    return;
  }
  return updateStatus(planRunKind, run, status, hands);
}

async function updateStatus<T extends Resource>(
  kind: Kind<T>,
  before: Stored<T>,
  status: T['status'],
  { context, memory }: Hands,
): Promise<void> {
  const after = await context.client.updateStatus(kind, { ...before, status });
  memory.writes.record(kind, before, after, context.clock.now());
}

async function instanceSpec({ instance, spec, discard }: Action & { type: 'instance-spec' }, hands: Hands): Promise<void> {
  claimPorts(spec.ports, hands);
  const { [ANNOTATION_DISCARD_VOLUMES]: before, ...annotations } = instance.metadata.annotations ?? {};
  const marked = discard === undefined ? before : discard.join(',');
  const metadata = { ...instance.metadata, annotations: { ...annotations, ...(marked && { [ANNOTATION_DISCARD_VOLUMES]: marked }) } };
  const after = await hands.context.client.update(podInstanceKind, { ...instance, metadata, spec });
  hands.memory.writes.record(podInstanceKind, instance, after, hands.context.clock.now());
}

function claimPorts(ports: Readonly<Record<string, number>>, { term, context }: Hands): void {
  for (const port of Object.values(ports)) term.recentPorts.set(port, context.clock.now());
}

async function remove<T extends Resource>(kind: Kind<T>, object: Stored<T>, { context, memory }: Hands): Promise<void> {
  let after: Stored<T> | undefined;
  try {
    after = await context.client.delete(kind, keyOf(object), { uid: object.metadata.uid });
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
  }
  memory.writes.record(kind, object, after, context.clock.now());
}

async function finalizers(service: Stored<ManagedService>, names: string[], { context, memory }: Hands): Promise<void> {
  const after = await context.client.update(managedServiceKind, { ...service, metadata: { ...service.metadata, finalizers: names } });
  const gone = after.metadata.deletionTimestamp && names.length === 0;
  memory.writes.record(managedServiceKind, service, gone ? undefined : after, context.clock.now());
}
