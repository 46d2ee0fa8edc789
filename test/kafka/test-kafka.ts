import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPackageCache } from '../../src/agent/packages/create-package-cache.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Stored } from '../../src/model/resource.ts';
import type { Kafka } from '../../src/operators/kafka/kind.ts';
import { KAFKA_PACKAGE, kafkaPackage } from '../../src/operators/kafka/package.ts';
import { versionOf } from '../../src/operators/kafka/compile.ts';

/** A Kafka as the server would have stored it, with a heap and flags that start fast on a small machine. */
export function testKafka(spec: Partial<Kafka['spec']['kafka']> = {}, name = 'kafka'): Stored<Kafka> {
  return {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'Kafka',
    metadata: {
      name,
      namespace: 'default',
      uid: '6b2f7a0e-0000-4000-8000-000000000001',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      kafka: {
        replicas: 3,
        jvmOptions: { '-Xmx': '256m', '-XX': { UseSerialGC: 'true', TieredStopAtLevel: '1' } },
        ...spec,
      },
    },
  };
}

/** The directory of Kafka's jars, fetched once a machine. */
export async function kafkaLibs(kafka: Kafka): Promise<string> {
  const cache = createPackageCache({ dir: join(tmpdir(), 'drover-test-packages'), log: { info: () => undefined }, clock: systemClock });
  const version = kafkaPackage.spec.versions.find((candidate) => candidate.version === versionOf(kafka))!;
  return join(await cache.ensure(KAFKA_PACKAGE, version, { signal: AbortSignal.timeout(170_000) }), 'libs');
}

/** Waits until no other test of this machine runs a Kafka cluster; call the result to let the next one. */
export async function kafkaTurn(): Promise<() => Promise<void>> {
  const holder = spawn('flock', ['-x', join(tmpdir(), 'kafka-test.lock'), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return async () => {
    holder.stdin.end();
    await once(holder, 'close');
  };
}
