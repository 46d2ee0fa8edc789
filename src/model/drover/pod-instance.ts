import { Type, type Static } from 'typebox';
import { Reason } from '../reason.ts';
import { Condition, ObjectMeta, Time } from '../resource.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';

/**
 * The identity `kafka-1`: name, ports and volumes live, incarnations (Pods of the same name) come and go. Named as its Pod:
 * `<service>-<podType>-<index>`, shortened to `<service>-<index>` where service and pod type have one name. Owned by the ManagedService.
 * `spec` is written by the service controller only; a new incarnation is a compare-and-swap of `spec.incarnation` (+1).
 */
export const PodInstance = Type.Object({
  apiVersion: Type.Literal('drover.dev/v1alpha1'),
  kind: Type.Literal('PodInstance'),
  metadata: ObjectMeta,
  spec: Type.Object({
    service: Type.String(),
    podType: Type.String(),
    index: Type.Integer({ minimum: 0 }),
    revision: Type.String({ description: 'The ServiceRevision that the current incarnation runs; empty before the first.' }),
    podHash: Type.String({ description: 'podHashes[podType] of that revision; empty before the first.' }),
    incarnation: Type.Integer({ minimum: 0, description: '0: none yet. Its Pod carries it in label drover.dev/incarnation.' }),
    desired: Type.Enum(['Running', 'Stopped']),
    node: Type.Optional(Type.String({ description: 'Pinned here by its volumes, once placed.' })),
    ports: Type.Record(Type.String(), Type.Integer(), { description: 'Port name -> port, unique on the machine.' }),
    volumes: Type.Array(
      Type.Object({
        name: Type.String(),
        id: Type.String({ description: 'Names the directory; a replace gives a new one and the old directory is removed.' }),
        initialized: Type.Boolean({ description: 'True once a pod that uses it has been Ready: it holds data from then on.' }),
      }),
    ),
  }),
  status: Type.Optional(
    Type.Object({
      conditions: Type.Optional(Type.Array(Condition)),
      phase: Type.Optional(Type.String({ description: 'Pending, Running, Stopping, Stopped, BackOff.' })),
      podUID: Type.Optional(Type.String()),
      incarnation: Type.Optional(Type.Integer({ description: 'The newest incarnation whose Pod has been created.' })),
      ready: Type.Optional(Type.Boolean()),
      restarts: Type.Optional(Type.Integer({ description: 'Restarts by the agent, over all incarnations.' })),
      podRestarts: Type.Optional(Type.Integer({ description: 'Those of the Pod `podUID`, already counted in `restarts`.' })),
      lastExit: Type.Optional(
        Type.Object({
          task: Type.String(),
          exitCode: Type.Integer(),
          signal: Type.Optional(Type.Integer()),
          reason: Type.Optional(Type.String()),
          finishedAt: Type.Optional(Time),
        }),
      ),
      lastReason: Type.Optional(Reason),
    }),
  ),
});
export type PodInstance = Static<typeof PodInstance>;

export const podInstanceKind: Kind<PodInstance> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'PodInstance',
  plural: 'podinstances',
  singular: 'podinstance',
  shortNames: ['pi'],
  categories: ['drover'],
  namespaced: true,
  origin: 'crd',
  schema: PodInstance,
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    textColumn('State', 'What its present incarnation does.', ({ status }) => status?.phase ?? 'Pending', { jsonPath: '.status.phase' }),
    textColumn('Incarnation', 'How many Pods it has had.', ({ spec }) => spec.incarnation, { jsonPath: '.spec.incarnation' }),
    textColumn('Node', 'The machine that its volumes are on.', ({ spec }) => spec.node ?? '<none>', { jsonPath: '.spec.node' }),
    textColumn('Revision', 'The revision that it runs.', ({ spec }) => spec.revision || '<none>', { jsonPath: '.spec.revision' }),
    ageColumn,
  ],
  selectableFields: (instance) => ({
    'spec.service': instance.spec?.service ?? '',
    'spec.podType': instance.spec?.podType ?? '',
    'spec.node': instance.spec?.node ?? '',
  }),
  description: 'The identity of a pod: its name, ports and volumes live, incarnations come and go.',
};
