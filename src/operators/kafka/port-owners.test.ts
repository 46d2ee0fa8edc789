import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { testKafka } from '../../../test/kafka/test-kafka.ts';
import { viewOf } from '../../../test/kafka/view-of.ts';
import { podInstanceKind } from '../../model/drover/pod-instance.ts';
import type { Stored } from '../../model/resource.ts';
import { kafkaKind, type Kafka } from './kind.ts';
import { createKafkaOperator } from './operator.ts';

const signal = new AbortController().signal;
let plane: TestControlPlane;

beforeEach(async () => {
  plane = await openTestControlPlane([kafkaKind]);
});
afterEach(() => plane.close());

/** Creates a Kafka of three brokers whose first port is `port`. */
async function create(name: string, port: number): Promise<Stored<Kafka>> {
  const { metadata, ...kafka } = testKafka({ listeners: [{ name: 'plain', port }] }, name);
  return await plane.client.create(kafkaKind, { ...kafka, metadata: { name, namespace: metadata.namespace! } });
}

async function verdict(kafka: Stored<Kafka>): Promise<string> {
  const operator = createKafkaOperator({ client: () => plane.client });
  const view = viewOf(kafka, []);
  const compiled = operator.compile(view, await operator.observe(view, signal));
  return compiled.accepted ? 'accepted' : compiled.reasons.map((reason) => reason.message).join(' ');
}

it('of two that want a port, the older has it, whichever is looked at first', async () => {
  const older = await create('first', 17092);
  plane.clock.advance(1000);
  const younger = await create('second', 17094);
  expect(await verdict(younger)).toBe('Port 17094 is in use by Kafka default/first; the brokers want 17094 to 17096.');
  expect(await verdict(older)).toBe('accepted');
});

it('neighbours that do not overlap, and allotted ports, are in nobody’s way', async () => {
  await create('first', 17092);
  expect(await verdict(await create('second', 17095))).toBe('accepted');
  expect(await verdict(await create('third', 0))).toBe('accepted');
});

it('a port of a pod of another service is taken, one of its own is not', async () => {
  const kafka = await create('first', 17092);
  const [instance] = viewOf(kafka, [{ port: 17092, pod: 'none' }]).instances;
  const { name, namespace } = instance!.metadata;
  await plane.client.create(podInstanceKind, { ...instance!, metadata: { name, namespace: namespace! } });
  expect(await verdict(kafka)).toBe('accepted');
  const other = { ...instance!.spec, service: 'web', ports: { http: 17093 } };
  await plane.client.create(podInstanceKind, { ...instance!, spec: other, metadata: { name: 'web-0', namespace: 'default' } });
  expect(await verdict(kafka)).toBe('Port 17093 is in use by pod default/web-0; the brokers want 17092 to 17094.');
});
