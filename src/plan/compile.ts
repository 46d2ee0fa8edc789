import { stableUuid } from '../base/ids.ts';
import type { ManagedServiceSpec, PlanSpec, PodType, Strategy } from '../model/drover/managed-service.ts';
import type { PlanPhase, PlanRun, PlanStep, StepAction } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import { LABEL_PLAN, LABEL_SERVICE } from '../model/labels.ts';
import type { Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { instanceName, runName, stepName } from './names.ts';
import { ownerReference } from './revision.ts';
import { targetRevision, type ServiceSnapshot } from './service-snapshot.ts';

interface Target {
  readonly instance: string;
  readonly podType: string;
  readonly index: number;
  readonly tasks: readonly string[];
}

interface Shape {
  readonly strategy: Strategy;
  readonly maxParallel?: number;
  readonly phases: readonly {
    readonly name: string;
    readonly strategy: Strategy;
    readonly maxParallel?: number;
    readonly action: StepAction;
    readonly targets: readonly Target[];
  }[];
}

interface RunHead {
  readonly plan: string;
  readonly cause: Reason;
  readonly actor?: string | undefined;
  readonly operation?: string | undefined;
  readonly revision: string;
  readonly fromRevision?: string | undefined;
  readonly force?: { readonly reason: string } | undefined;
  /** Default: the next free number of the plan. */
  readonly name?: string;
}

/** The deploy plan of a revision: the service's own (`plans[deploy]`), else a serial phase a pod type, in which every wanted instance has a step. */
export function compileDeploy(snapshot: ServiceSnapshot, head: Omit<RunHead, 'plan'>, template: ManagedServiceSpec): PlanRun {
  const plan: PlanSpec = template.plans?.find((candidate) => candidate.name === 'deploy') ?? {
    name: 'deploy',
    phases: template.pods.map((pod) => ({ name: pod.name, pod: pod.name })),
  };
  return makeRun(snapshot, { ...head, plan: 'deploy' }, shapeOf(snapshot, plan, template, 'deploy'));
}

/** A custom plan: each step restarts a pod in place. */
export function compileCustom(
  snapshot: ServiceSnapshot,
  plan: PlanSpec,
  head: Omit<RunHead, 'plan'>,
  template: ManagedServiceSpec,
): PlanRun {
  return makeRun(snapshot, { ...head, plan: plan.name }, shapeOf(snapshot, plan, template, 'restart'));
}

/** A recovery run: one phase with one step, both named as the step. */
export function compileRecovery(
  snapshot: ServiceSnapshot,
  instance: PodInstance,
  action: 'restart' | 'replace',
  head: Omit<RunHead, 'plan' | 'revision'>,
): PlanRun {
  const target = targetOf(snapshot, instance);
  const name = stepName(target.podType, target.index, target.tasks);
  const phase = { name, strategy: 'parallel' as const, action, targets: [target] };
  return makeRun(snapshot, { ...head, plan: 'recovery', revision: instance.spec.revision }, { strategy: 'parallel', phases: [phase] });
}

/** Ends instances that are no longer wanted: pod types in reverse order, highest index first, one after the other. */
export function compileRetire(
  snapshot: ServiceSnapshot,
  plan: 'decommission' | 'uninstall',
  instances: readonly PodInstance[],
  head: Omit<RunHead, 'plan'>,
): PlanRun {
  const order = (targetRevision(snapshot)?.spec.template ?? snapshot.service.spec).pods.map((pod) => pod.name);
  const types = [...new Set(instances.map((instance) => instance.spec.podType))];
  // Types that the spec no longer has come first: nothing that stays was declared after them.
  types.sort((a, b) => rank(order, b) - rank(order, a));
  const phases = types.map((type) => ({
    name: type,
    strategy: 'serial' as const,
    action: 'retire' as const,
    targets: instances
      .filter((instance) => instance.spec.podType === type)
      .toSorted((a, b) => b.spec.index - a.spec.index)
      .map((instance) => targetOf(snapshot, instance)),
  }));
  return makeRun(snapshot, { ...head, plan }, { strategy: 'serial', phases });
}

function rank(order: readonly string[], type: string): number {
  const index = order.indexOf(type);
  return index < 0 ? order.length : index;
}

function shapeOf(snapshot: ServiceSnapshot, plan: PlanSpec, template: ManagedServiceSpec, action: StepAction): Shape {
  const service = snapshot.service.metadata.name;
  return {
    strategy: plan.strategy ?? 'serial',
    ...(plan.maxParallel !== undefined && { maxParallel: plan.maxParallel }),
    phases: plan.phases.map((phase) => {
      const type = template.pods.find((pod) => pod.name === phase.pod);
      const wanted = type ? Array.from({ length: type.count }, (_, index) => wantedTarget(service, type, index)) : [];
      const targets = action === 'deploy' ? wanted : wanted.filter((t) => snapshot.instances.some((i) => i.metadata.name === t.instance));
      return {
        name: phase.name,
        strategy: phase.strategy ?? 'serial',
        ...(phase.maxParallel !== undefined && { maxParallel: phase.maxParallel }),
        action,
        targets,
      };
    }),
  };
}

function wantedTarget(service: string, type: PodType, index: number): Target {
  return { instance: instanceName(service, type.name, index), podType: type.name, index, tasks: type.tasks.map((task) => task.name) };
}

function targetOf(snapshot: ServiceSnapshot, instance: PodInstance): Target {
  const { podType, index, revision } = instance.spec;
  const template = snapshot.revisions.find((r) => r.metadata.name === revision)?.spec.template ?? snapshot.service.spec;
  const tasks = template.pods.find((pod) => pod.name === podType)?.tasks.map((task) => task.name) ?? [];
  return { instance: instance.metadata.name ?? '', podType, index, tasks };
}

function makeRun(snapshot: ServiceSnapshot, head: RunHead, shape: Shape): PlanRun {
  const service: Stored<ServiceSnapshot['service']> = snapshot.service;
  const number = snapshot.runs.reduce((most, run) => (run.spec.plan === head.plan ? Math.max(most, run.spec.number) : most), 0) + 1;
  const name = head.name ?? runName(service.metadata.name, head.plan, number);
  const seed = `run/${service.metadata.uid}/${name}`;
  const phases = shape.phases.map((phase): PlanPhase => ({
    id: stableUuid(`${seed}/${phase.name}`),
    name: phase.name,
    strategy: phase.strategy,
    ...(phase.maxParallel !== undefined && { maxParallel: phase.maxParallel }),
    steps: phase.targets.map((target): PlanStep => ({
      id: stableUuid(`${seed}/${phase.name}/${target.instance}`),
      name: stepName(target.podType, target.index, target.tasks),
      instance: target.instance,
      action: phase.action,
      tasks: [...target.tasks],
      ...(head.force && { force: { reason: head.force.reason } }),
    })),
  }));
  return {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'PlanRun',
    metadata: {
      name,
      namespace: service.metadata.namespace ?? '',
      labels: { [LABEL_SERVICE]: service.metadata.name, [LABEL_PLAN]: head.plan },
      ownerReferences: [ownerReference(service)],
    },
    spec: {
      service: service.metadata.name,
      plan: head.plan,
      number,
      cause: head.cause,
      ...(head.actor !== undefined && { actor: head.actor }),
      ...(head.operation !== undefined && { operation: head.operation }),
      revision: head.revision,
      ...(head.fromRevision !== undefined && { fromRevision: head.fromRevision }),
      strategy: shape.strategy,
      ...(shape.maxParallel !== undefined && { maxParallel: shape.maxParallel }),
      phases,
    },
  };
}
