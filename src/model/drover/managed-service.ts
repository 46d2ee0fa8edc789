import { Type, type Static } from 'typebox';
import { Container, EnvVar } from '../core/pod.ts';
import { Probe } from '../core/probe.ts';
import { Reason } from '../reason.ts';
import { Condition, ObjectMeta } from '../resource.ts';
import { ageColumn, conditionStatus, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';
import { managedServiceCauses } from './managed-service-rules.ts';

const Name = Type.String({ pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 40, description: 'A DNS label.' });

/** A file that the control plane renders (mustache, no HTML escaping) when it creates a Pod; see plan/template.ts for the variables. */
export const ConfigTemplate = Type.Object({
  path: Type.String({ minLength: 1, description: 'Where the task finds it, relative to its directory, e.g. config/server.properties.' }),
  template: Type.String({ description: 'Mustache text.' }),
});

/** A named port. 0 or absent: allotted once for the pod instance, and kept. */
export const TaskPort = Type.Object({
  name: Name,
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, default: 0 })),
  perInstance: Type.Optional(
    Type.Boolean({ description: 'A fixed port is that of index 0 and instance i gets port + i: for instances that share a machine.' }),
  ),
});

/** One process of a pod. `command`, `args` and env values may use the template variables too. */
export const Task = Type.Object({
  name: Name,
  goal: Type.Optional(Type.Enum(['RUNNING'], { default: 'RUNNING', description: 'RUNNING: the task is to run for ever.' })),
  image: Type.Optional(Type.String({ description: 'A package reference such as kafka:4.3.0; absent: the machine’s own programs.' })),
  command: Type.Array(Type.String(), { minItems: 1 }),
  args: Type.Optional(Type.Array(Type.String())),
  env: Type.Optional(Type.Array(EnvVar)),
  configs: Type.Optional(Type.Array(ConfigTemplate)),
  ports: Type.Optional(Type.Array(TaskPort)),
  resources: Type.Optional(Type.Index(Container, ['resources'])),
  startupProbe: Type.Optional(Probe),
  readinessProbe: Type.Optional(Probe),
  livenessProbe: Type.Optional(Probe),
});
export type Task = Static<typeof Task>;

/** A volume that lives with the pod instance, on its machine. */
export const ServiceVolume = Type.Object({
  name: Name,
  path: Type.String({ minLength: 1, description: 'Where tasks find it, relative to their directory.' }),
  size: Type.Optional(Type.String({ description: 'A quantity, e.g. 5Gi: what the scheduler reserves.' })),
});

export const PodType = Type.Object({
  name: Name,
  count: Type.Integer({ minimum: 0, maximum: 1000 }),
  tasks: Type.Array(Task, { minItems: 1 }),
  volumes: Type.Optional(Type.Array(ServiceVolume)),
  terminationGracePeriodSeconds: Type.Optional(Type.Integer({ minimum: 0, default: 30 })),
});
export type PodType = Static<typeof PodType>;

export const Strategy = Type.Enum(['serial', 'parallel']);
export type Strategy = Static<typeof Strategy>;

const MaxParallel = Type.Integer({ minimum: 1, description: 'With strategy parallel: at most so many children at a time.' });

/** A phase acts on the pods of one type: deploy brings them to the target, restart starts each again in place. */
export const PhaseSpec = Type.Object({
  name: Name,
  pod: Type.String({ description: 'A pod type of this service.' }),
  strategy: Type.Optional(Strategy),
  maxParallel: Type.Optional(MaxParallel),
});

/** A plan: `deploy` replaces the generated one (a serial phase a pod type); any other name is a custom plan whose steps restart pods in place. */
export const PlanSpec = Type.Object({
  name: Name,
  strategy: Type.Optional(Strategy),
  maxParallel: Type.Optional(MaxParallel),
  phases: Type.Array(PhaseSpec, { minItems: 1 }),
});
export type PlanSpec = Static<typeof PlanSpec>;

export const ManagedServiceSpec = Type.Object({
  pods: Type.Array(PodType, { minItems: 1 }),
  plans: Type.Optional(Type.Array(PlanSpec)),
  operator: Type.Optional(
    Type.Object(
      { name: Type.String(), resource: Type.String() },
      { description: 'The domain operator whose gates apply, and the name of its resource in this namespace; set by operators.' },
    ),
  ),
});
export type ManagedServiceSpec = Static<typeof ManagedServiceSpec>;

/** A data service: pod types x count, with plans. Conditions: Accepted (the newest spec is the target), Ready, Progressing. */
export const ManagedService = Type.Object({
  apiVersion: Type.Literal('drover.dev/v1alpha1'),
  kind: Type.Literal('ManagedService'),
  metadata: ObjectMeta,
  spec: ManagedServiceSpec,
  status: Type.Optional(
    Type.Object({
      observedGeneration: Type.Optional(Type.Integer()),
      conditions: Type.Optional(Type.Array(Condition)),
      targetRevision: Type.Optional(Type.String({ description: 'Name of the ServiceRevision that plans work towards.' })),
      refusals: Type.Optional(Type.Array(Reason, { description: 'Why the newest spec was not accepted; the old target stays.' })),
      warnings: Type.Optional(Type.Array(Reason)),
      instances: Type.Optional(Type.Integer()),
      readyInstances: Type.Optional(Type.Integer()),
      updatedInstances: Type.Optional(Type.Integer()),
      pausedPlans: Type.Optional(Type.Array(Type.String(), { description: 'Plans of many runs (recovery) that a person paused.' })),
      operations: Type.Optional(
        Type.Array(Type.String(), {
          description: 'uids of the Operations applied to the service itself, newest last: their idempotency keys.',
        }),
      ),
    }),
  ),
});
export type ManagedService = Static<typeof ManagedService>;

export const managedServiceKind: Kind<ManagedService> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'ManagedService',
  plural: 'managedservices',
  singular: 'managedservice',
  shortNames: ['msvc'],
  categories: ['all', 'drover', 'data-services'],
  namespaced: true,
  origin: 'crd',
  schema: ManagedService,
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    textColumn(
      'Accepted',
      'Whether the newest spec is the target of plans.',
      ({ status }) => conditionStatus(status?.conditions, 'Accepted'),
      {
        jsonPath: '.status.conditions[?(@.type=="Accepted")].status',
      },
    ),
    textColumn('Ready', 'Whether every pod is at the target and ready.', ({ status }) => conditionStatus(status?.conditions, 'Ready'), {
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    }),
    textColumn('Pods', 'Pods that are ready, of those wanted.', ({ spec, status }) => {
      const wanted = spec.pods.reduce((sum, { count }) => sum + count, 0);
      return `${status?.readyInstances ?? 0}/${wanted}`;
    }),
    textColumn('Revision', 'The revision that plans work towards.', ({ status }) => status?.targetRevision, {
      jsonPath: '.status.targetRevision',
    }),
    ageColumn,
  ],
  invariants: managedServiceCauses,
  description: 'A data service: pod types x count, run by plans.',
};
