import { describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import { testKafka } from '../../../test/kafka/test-kafka.ts';
import { Kafka } from './kind.ts';
import { kafkaInvariants } from './invariants.ts';

type Spec = Partial<Kafka['spec']['kafka']>;

describe('the object alone shows to be wrong', () => {
  it.each<[string, Spec, string, string]>([
    ['two brokers', { replicas: 2 }, 'spec.kafka.replicas', 'must be 1, or 3 and more'],
    ['a version that is none', { version: 'latest' }, 'spec.kafka.version', 'must be a release such as 4.3.1'],
    ['a version whose voters do not join', { version: '4.1.1' }, 'spec.kafka.version', 'must be 4.2.0 or newer'],
    [
      'node.id',
      { config: { 'node.id': 7 } },
      'spec.kafka.config[node.id]',
      'node.id is set by Drover: Drover numbers the brokers by their index',
    ],
    [
      'a key with an owned prefix',
      { config: { 'advertised.listeners': 'x' } },
      'spec.kafka.config[advertised.listeners]',
      'spec.kafka.listeners',
    ],
    ['TLS settings', { config: { 'ssl.keystore.location': 'x' } }, 'spec.kafka.config[ssl.keystore.location]', 'TLS is not supported yet'],
    [
      'a replication factor over the broker count',
      { config: { 'offsets.topic.replication.factor': 5 } },
      'spec.kafka.config[offsets.topic.replication.factor]',
      'Invalid value: 5: must be at most the broker count, 3',
    ],
    [
      'the same as text',
      { config: { 'default.replication.factor': '4' } },
      'spec.kafka.config[default.replication.factor]',
      'at most the broker count, 3',
    ],
    [
      'a min ISR over the replication factor',
      { config: { 'min.insync.replicas': 4 } },
      'spec.kafka.config[min.insync.replicas]',
      'min.insync.replicas (4) must be at most default.replication.factor (3)',
    ],
    [
      'a replication factor under the min ISR that holds by default',
      { config: { 'default.replication.factor': 1 } },
      'spec.kafka.config[default.replication.factor]',
      'min.insync.replicas (2) must be at most default.replication.factor (1)',
    ],
    [
      'a factor that is no number',
      { config: { 'default.replication.factor': 'many' } },
      'spec.kafka.config[default.replication.factor]',
      'whole number',
    ],
    ['a value of two lines', { config: { 'compression.type': 'a\nnode.id=7' } }, 'spec.kafka.config[compression.type]', 'must be one line'],
    [
      'a value with template marks',
      { config: { 'compression.type': '{{name}}' } },
      'spec.kafka.config[compression.type]',
      'without {{ and }}',
    ],
    ['a key that would end a line', { config: { 'a=b': 1 } }, 'spec.kafka.config[a=b]', 'a key consists of'],
    [
      'a port whose last broker is above 65535',
      { listeners: [{ name: 'plain', port: 65534 }] },
      'spec.kafka.listeners[0].port',
      'broker 2 would listen on port 65536',
    ],
    ['the quorum’s name for a listener', { listeners: [{ name: 'controller', port: 0 }] }, 'spec.kafka.listeners[0].name', 'own listener'],
    ['TLS', { listeners: [{ name: 'plain', port: 0, tls: true }] }, 'spec.kafka.listeners[0].tls', 'supported values: false'],
    ['a heap without a size', { jvmOptions: { '-Xmx': 'much' } }, 'spec.kafka.jvmOptions.-Xmx', 'a size such as 512m'],
    [
      'a flag that would be two words',
      { jvmOptions: { '-XX': { 'A B': 'true' } } },
      'spec.kafka.jvmOptions.-XX[A B]',
      'letters and digits',
    ],
  ])('%s', (_, spec, field, message) => {
    const causes = kafkaInvariants(testKafka(spec));
    expect(causes.map((cause) => cause.field)).toEqual([field]);
    expect(causes[0]!.message).toContain(message);
  });

  it('two listeners of one name, were there two', () => {
    const listeners = [
      { name: 'plain', port: 0 },
      { name: 'plain', port: 0 },
    ];
    expect(kafkaInvariants(testKafka({ listeners }))).toMatchObject([
      { field: 'spec.kafka.listeners[1].name', reason: 'FieldValueDuplicate' },
    ]);
  });
});

describe('nothing is wrong with', () => {
  it.each<[string, Spec]>([
    ['what the tests use', {}],
    ['one broker', { replicas: 1 }],
    ['five brokers', { replicas: 5, config: { 'default.replication.factor': 5, 'min.insync.replicas': 3 } }],
    [
      'keys that only resemble owned ones',
      { config: { 'log.retention.hours': 1, 'broker.session.timeout.ms': 9000, 'controller.quorum.fetch.timeout.ms': 3000 } },
    ],
  ])('%s', (_, spec) => {
    const kafka = testKafka(spec);
    expect(kafkaInvariants(kafka)).toEqual([]);
    expect(Value.Check(Kafka, kafka)).toBe(true);
  });
});
