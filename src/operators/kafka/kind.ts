import { Type, type Static } from 'typebox';
import { Container } from '../../model/core/pod.ts';
import { Reason } from '../../model/reason.ts';
import { Condition, ObjectMeta } from '../../model/resource.ts';
import type { Kind } from '../../model/kind.ts';
import { kafkaColumns } from './columns.ts';
import { kafkaInvariants } from './invariants.ts';

/** Spec of kind Kafka; field names as Strimzi's where it has one. What a schema cannot say stands in invariants.ts. */
export const KafkaSpec = Type.Object({
  kafka: Type.Object({
    version: Type.Optional(
      Type.String({ description: 'Kafka release, 4.2.0 or newer, e.g. 4.3.1; default: the newest that Drover has been run with.' }),
    ),
    replicas: Type.Integer({ minimum: 1, maximum: 99, description: 'Brokers, each also a controller: 1, or 3 and more.' }),
    config: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
        description: 'server.properties, without what Drover owns (node.id, listeners, log.dirs, …).',
      }),
    ),
    listeners: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ pattern: '^[a-z0-9]{1,11}$' }),
          port: Type.Integer({
            minimum: 0,
            maximum: 65535,
            description: 'Port of broker 0; broker i listens on port + i where all share a machine; 0: allotted.',
          }),
          type: Type.Optional(Type.Enum(['internal'], { default: 'internal' })),
          tls: Type.Optional(Type.Boolean({ default: false })),
        }),
        { minItems: 1, maxItems: 1 },
      ),
    ),
    jvmOptions: Type.Optional(
      Type.Object({
        '-Xms': Type.Optional(Type.String()),
        '-Xmx': Type.Optional(Type.String({ default: '512m' })),
        '-XX': Type.Optional(
          Type.Record(Type.String(), Type.String(), { description: 'e.g. UseSerialGC: "true", TieredStopAtLevel: "1"' }),
        ),
      }),
    ),
    resources: Type.Optional(Type.Index(Container, ['resources'])),
    storage: Type.Optional(
      Type.Object({
        type: Type.Enum(['persistent-claim']),
        size: Type.Optional(Type.String({ default: '5Gi' })),
      }),
    ),
  }),
});
export type KafkaSpec = Static<typeof KafkaSpec>;

/** An Apache Kafka cluster. Conditions: Accepted (the newest spec is the target), Ready. */
export const Kafka = Type.Object({
  apiVersion: Type.Literal('drover.dev/v1alpha1'),
  kind: Type.Literal('Kafka'),
  metadata: ObjectMeta,
  spec: KafkaSpec,
  status: Type.Optional(
    Type.Object({
      observedGeneration: Type.Optional(Type.Integer()),
      conditions: Type.Optional(Type.Array(Condition)),
      refusals: Type.Optional(Type.Array(Reason)),
      warnings: Type.Optional(Type.Array(Reason)),
      clusterId: Type.Optional(Type.String()),
      kafkaVersion: Type.Optional(Type.String()),
      bootstrapServers: Type.Optional(Type.String()),
      quorumLeader: Type.Optional(Type.Integer()),
      voters: Type.Optional(Type.Array(Type.Integer())),
      brokers: Type.Optional(
        Type.Array(
          Type.Object({
            id: Type.Integer(),
            pod: Type.String(),
            address: Type.String(),
            state: Type.String({ description: 'Running, Fenced (runs, takes no part), Starting, Down, Unknown (nobody answers).' }),
          }),
        ),
      ),
      underReplicatedPartitions: Type.Optional(Type.Integer()),
      underMinIsrPartitions: Type.Optional(Type.Integer()),
    }),
  ),
});
export type Kafka = Static<typeof Kafka>;

/** The kind `Kafka`, short `k`. */
export const kafkaKind: Kind<Kafka> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'Kafka',
  plural: 'kafkas',
  singular: 'kafka',
  shortNames: ['k'],
  categories: ['all', 'drover', 'data-services'],
  namespaced: true,
  origin: 'crd',
  schema: Kafka,
  hasStatus: true,
  hasGeneration: true,
  columns: kafkaColumns,
  invariants: kafkaInvariants,
  description: 'An Apache Kafka cluster (KRaft), each node broker and controller.',
};
