import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalCluster, type LocalCluster } from '../../../test/kafka/local-cluster.ts';
import { kafkaLibs, kafkaTurn, testKafka } from '../../../test/kafka/test-kafka.ts';
import { viewOf, type Standing } from '../../../test/kafka/view-of.ts';
import type { StepAction } from '../../model/drover/plan-run.ts';
import type { StepQuery } from '../operator.ts';
import { kafkaService } from './compile.ts';
import type { Kafka } from './kind.ts';
import { createKafkaOperator } from './operator.ts';

const kafka = testKafka({ replicas: 1 });
const accepted = kafkaService(kafka);
const operator = createKafkaOperator();
const signal = new AbortController().signal;
let cluster: LocalCluster;
let giveTurn: () => Promise<void>;

function query(pod: Standing['pod'], action: StepAction, rest: Partial<StepQuery<Kafka>> = {}): StepQuery<Kafka> {
  const view = viewOf(kafka, [{ port: cluster.ports[0]!, pod }], accepted, Date.now());
  return { view, instance: view.instances[0]!, action, record: undefined, force: undefined, ...rest };
}

async function back(action: StepAction, record?: unknown): Promise<void> {
  await cluster.start(0);
  while ((await operator.settled(query('ready', action, { record }), signal)).verdict !== 'go') {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

beforeAll(async () => {
  const libs = await kafkaLibs(kafka);
  giveTurn = await kafkaTurn();
  cluster = await createLocalCluster(accepted, libs);
}, 600_000);

afterAll(async () => {
  await cluster?.close();
  await giveTurn?.();
}, 120_000);

describe('a cluster of one broker', { timeout: 120_000 }, () => {
  it('comes up, and may be restarted with a warning that it is away meanwhile', async () => {
    await back('deploy');
    const verdict = await operator.mayStop(query('ready', 'restart'), signal);
    expect(verdict).toMatchObject({ verdict: 'go', warnings: [{ code: 'OnlyController' }] });
    expect(await cluster.stop(0)).toBe(143);
    await back('restart', verdict.verdict === 'go' ? verdict.record : undefined);
  });

  it('is not replaced, unless it is forced to: then it begins anew', async () => {
    expect(await operator.mayStop(query('ready', 'replace'), signal)).toMatchObject({
      verdict: 'refuse',
      reason: { code: 'LastController' },
    });
    const force = { reason: 'a disk that is lost' };
    const verdict = await operator.mayStop(query('ready', 'replace', { force }), signal);
    const record = verdict.verdict === 'go' ? verdict.record : undefined;
    await cluster.stop(0);
    expect(await operator.prepare(query('none', 'replace', { force, record }), signal)).toEqual({ verdict: 'go' });
    await cluster.replaceVolume(0);
    await back('replace', record);
  });
});
