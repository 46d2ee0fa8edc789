import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import { reason, type Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { toTime } from '../base/clock.ts';
import type { Action } from './action.ts';
import { compileDeploy, compileRetire } from './compile.ts';
import { newInstance } from './incarnation.ts';
import { instanceName } from './names.ts';
import { isFinished, newestRun } from './plan-list.ts';
import { allotPorts } from './ports.ts';
import { changedFields } from './revision.ts';
import { initialStatus } from './run-record.ts';
import type { ServiceSnapshot } from './service-snapshot.ts';

/** The identities that the target wants and that do not exist yet, and ports that it adds to existing ones: before any pod, since peers are named in configs. */
export function ensureInstances(snapshot: ServiceSnapshot, target: Stored<ServiceRevision>): Action[] {
  const claimed = new Set<number>();
  const occupied = () => new Set([...snapshot.occupiedPorts(), ...claimed]);
  const actions: Action[] = [];
  for (const type of target.spec.template.pods) {
    for (let index = 0; index < type.count; index++) {
      const existing = snapshot.instances.find(
        (instance) => instance.metadata.name === instanceName(snapshot.service.metadata.name, type.name, index),
      );
      if (!existing) {
        const instance = newInstance(snapshot, type, index, target.spec.number, occupied);
        for (const port of Object.values(instance?.spec.ports ?? {})) claimed.add(port);
        if (instance) actions.push({ type: 'create-instance', instance });
        continue;
      }
      if (existing.spec.desired === 'Stopped') {
        actions.push({ type: 'instance-spec', instance: existing, spec: { ...existing.spec, desired: 'Running' } });
        continue;
      }
      const missing = type.tasks.flatMap((task) => task.ports ?? []).filter((port) => existing.spec.ports[port.name] === undefined);
      if (missing.length === 0) continue;
      const allotted = allotPorts(type, index, existing.spec.ports, `${existing.metadata.namespace}/${existing.metadata.name}`, occupied);
      if (!allotted) continue;
      for (const port of Object.values(allotted)) claimed.add(port);
      // What the running incarnation has stays until it is replaced; peers already see the new ones.
      actions.push({
        type: 'instance-spec',
        instance: existing,
        spec: { ...existing.spec, ports: { ...allotted, ...existing.spec.ports } },
      });
    }
  }
  return actions;
}

/** Sees that there is one deploy run towards the target, and a decommission run when the target wants fewer; runs towards an older one end. */
export function ensureRuns(snapshot: ServiceSnapshot, target: Stored<ServiceRevision>): Action[] {
  const newest = newestRun(snapshot.runs, 'deploy');
  const outdated = snapshot.runs.filter(
    (run) =>
      !isFinished(run) && (run.spec.plan === 'deploy' || run.spec.plan === 'decommission') && run.spec.revision !== target.metadata.name,
  );
  const actions = outdated.map((run) => supersede(snapshot, run, `${target.metadata.name} is the target now.`));
  if (newest?.spec.revision !== target.metadata.name) {
    const run = compileDeploy(
      snapshot,
      { cause: deployCause(snapshot, target), revision: target.metadata.name, fromRevision: newest?.spec.revision },
      target.spec.template,
    );
    actions.push({ type: 'create-run', run });
  }
  const surplus = snapshot.instances.filter((instance) => !isWanted(instance, target));
  const shrinks = newestRun(snapshot.runs, 'decommission')?.spec.revision === target.metadata.name;
  if (surplus.length > 0 && !shrinks) {
    const names = surplus.map((instance) => instance.metadata.name);
    const cause = reason('ScaledIn', `No longer wanted: ${names.join(', ')}.`, { instances: names });
    actions.push({ type: 'create-run', run: compileRetire(snapshot, 'decommission', surplus, { cause, revision: target.metadata.name }) });
  }
  return actions;
}

/** True when the revision has a place for the instance. */
export function isWanted(instance: PodInstance, revision: ServiceRevision): boolean {
  const type = revision.spec.template.pods.find((pod) => pod.name === instance.spec.podType);
  return type !== undefined && instance.spec.index < type.count;
}

/** Ends a run because of something newer; what it has under way is taken over from what is. */
export function supersede(snapshot: ServiceSnapshot, run: Stored<PlanRun>, why: string): Action {
  const status = run.status ?? initialStatus(snapshot, run);
  const notes = [
    { about: run, type: 'Normal' as const, reason: reason('PlanSuperseded', `Plan ${run.spec.plan} (${run.metadata.name}) ends: ${why}`) },
  ];
  return { type: 'run-status', run, status: { ...status, outcome: 'superseded', finishedAt: toTime(snapshot.nowMs) }, notes };
}

function deployCause(snapshot: ServiceSnapshot, target: ServiceRevision): Reason {
  const before = snapshot.revisions
    .filter((revision) => revision.spec.number < target.spec.number)
    .toSorted((a, b) => b.spec.number - a.spec.number)[0];
  if (!before) return reason('Created', `The service is new (revision ${target.spec.number}).`, { revision: target.spec.number });
  const fields: string[] = [];
  for (const pod of target.spec.template.pods) {
    const old = before.spec.template.pods.find((other) => other.name === pod.name);
    if (before.spec.podHashes[pod.name] !== target.spec.podHashes[pod.name]) fields.push(...changedFields(old, pod));
    else if (old && old.count !== pod.count) fields.push(`spec.pods[${pod.name}].count`);
  }
  const what = fields.length > 0 ? `${fields.join(', ')} changed` : 'nothing that a pod depends on changed';
  return reason('SpecChanged', `Revision ${target.spec.number}: ${what}.`, { revision: target.spec.number, fields });
}
