import { kafkaService } from '../compile.ts';
import { createLocalCluster, freePorts } from '../../../../test/kafka/local-cluster.ts';
import { kafkaLibs, kafkaTurn, testKafka } from '../../../../test/kafka/test-kafka.ts';
import { adminConformance } from './conformance.ts';
import { openKafkaAdmin } from './open.ts';

adminConformance('a real Kafka', async () => {
  const kafka = testKafka();
  const libs = await kafkaLibs(kafka);
  const giveTurn = await kafkaTurn();
  const cluster = await createLocalCluster(kafkaService(kafka), libs);
  for (const index of [0, 1, 2]) await cluster.start(index);
  const addresses = cluster.ports.map((port) => ({ host: '127.0.0.1', port }));
  const admin = await openKafkaAdmin({ addresses, timeoutMs: 10_000, signal: new AbortController().signal });
  while ((await admin.describeQuorum()).voters.length < 3 || (await admin.describeCluster()).brokers.length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await admin.close();
  return {
    open: openKafkaAdmin,
    addresses,
    nowhere: { host: '127.0.0.1', port: (await freePorts(1))[0]! },
    async close() {
      await cluster.close();
      await giveTurn();
    },
  };
});
