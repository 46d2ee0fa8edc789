import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrokerAddress, KafkaAdmin, OpenKafkaAdmin } from './kafka-admin.ts';

/** A cluster of three brokers, ids 0 to 2, all up and voters, min.insync.replicas 2 by default, without topics of its own called `conformance…`. */
export interface AdminFixture {
  readonly open: OpenKafkaAdmin;
  readonly addresses: readonly BrokerAddress[];
  /** An address where nothing answers. */
  readonly nowhere: BrokerAddress;
  close(): Promise<void>;
}

const ascending = (a: number, b: number) => a - b;

/** What every KafkaAdmin does. Registers a suite with vitest. */
export function adminConformance(name: string, setUp: () => Promise<AdminFixture>): void {
  describe(`KafkaAdmin: ${name}`, () => {
    let fixture: AdminFixture;
    let admin: KafkaAdmin;
    const signal = new AbortController().signal;

    beforeAll(async () => {
      fixture = await setUp();
      admin = await fixture.open({ addresses: fixture.addresses, timeoutMs: 10_000, signal });
    });
    afterAll(async () => {
      await admin?.close();
      await fixture?.close();
    });

    /** Repeats `look` until it gives a value: brokers learn of changes a moment later. */
    async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
      for (;;) {
        const value = await look();
        if (value !== undefined) return value;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    const find = (topic: string) =>
      eventually(async () => (await admin.listTopics()).find((t) => t.name === topic && t.partitions.every((p) => p.leader >= 0)));

    it('tells the brokers and where they are', async () => {
      const { clusterId, brokers } = await admin.describeCluster();
      expect(clusterId).toHaveLength(22);
      expect(brokers.map(({ id }) => id).sort(ascending)).toEqual([0, 1, 2]);
      expect(new Set(brokers.map(({ port }) => port))).toEqual(new Set(fixture.addresses.map(({ port }) => port)));
    });

    it('tells the quorum: its leader is a voter, and each voter has a directory of its own', async () => {
      const { leaderId, voters } = await admin.describeQuorum();
      expect(voters.map(({ id }) => id).sort(ascending)).toEqual([0, 1, 2]);
      expect(voters.map(({ id }) => id)).toContain(leaderId);
      expect(new Set(voters.map(({ directoryId }) => directoryId)).size).toBe(3);
    });

    it('makes a topic, shows replicas and ISR, and refuses a second of its name', async () => {
      await admin.createTopic({ name: 'conformance-a', partitions: 2, replicas: 3 });
      const topic = await find('conformance-a');
      expect(topic.partitions.map((p) => p.partition)).toEqual([0, 1]);
      for (const partition of topic.partitions) {
        expect(partition.replicas.toSorted(ascending)).toEqual([0, 1, 2]);
        expect(partition.isr.toSorted(ascending)).toEqual([0, 1, 2]);
        expect(partition.replicas).toContain(partition.leader);
      }
      await expect(admin.createTopic({ name: 'conformance-a', partitions: 1, replicas: 1 })).rejects.toMatchObject({
        code: 'already-exists',
      });
    });

    it('refuses what Kafka refuses', async () => {
      await expect(admin.createTopic({ name: 'conformance-x', partitions: 1, replicas: 9 })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('tells the effective config of topics, leaving out those that are gone', async () => {
      await admin.createTopic({ name: 'conformance-b', partitions: 1, replicas: 3, config: { 'min.insync.replicas': '3' } });
      await admin.createTopic({ name: 'conformance-c', partitions: 1, replicas: 3 });
      await find('conformance-b');
      await find('conformance-c');
      const values = await admin.topicConfig(['conformance-b', 'conformance-c', 'conformance-gone'], 'min.insync.replicas');
      expect(Object.fromEntries(values)).toEqual({ 'conformance-b': '3', 'conformance-c': '2' });
      expect(await admin.topicConfig([], 'min.insync.replicas')).toEqual(new Map());
    });

    it('deletes a topic, once; a new one of its name has another id', async () => {
      await admin.createTopic({ name: 'conformance-d', partitions: 1, replicas: 1 });
      const { id } = await find('conformance-d');
      await admin.deleteTopic('conformance-d');
      await eventually(async () => ((await admin.listTopics()).some((topic) => topic.name === 'conformance-d') ? undefined : true));
      await expect(admin.deleteTopic('conformance-d')).rejects.toMatchObject({ code: 'not-found' });
      await admin.createTopic({ name: 'conformance-d', partitions: 1, replicas: 1 });
      expect((await find('conformance-d')).id).not.toBe(id);
    });

    it('sets and unsets config for all brokers', async () => {
      await admin.alterClusterConfig({ 'min.insync.replicas': '1' });
      await eventually(async () => ((await admin.clusterConfig()).get('min.insync.replicas') === '1' ? true : undefined));
      expect((await admin.topicConfig(['conformance-a'], 'min.insync.replicas')).get('conformance-a')).toBe('1');
      await admin.alterClusterConfig({ 'min.insync.replicas': '2' });
      await eventually(async () => ((await admin.clusterConfig()).get('min.insync.replicas') === '2' ? true : undefined));
    });

    it('tells the finalized features', async () => {
      expect((await admin.features()).get('metadata.version')).toBeGreaterThan(0);
    });

    it('elects preferred leaders; where they lead, or the topic is gone, nothing happens', async () => {
      const partitions = [
        { topic: 'conformance-a', partition: 0 },
        { topic: 'conformance-a', partition: 1 },
        { topic: 'conformance-gone', partition: 0 },
      ];
      await admin.electPreferredLeaders(partitions);
      await admin.electPreferredLeaders(partitions);
      await admin.electPreferredLeaders([]);
      const topic = await find('conformance-a');
      expect(topic.partitions.map((p) => p.leader)).toEqual(topic.partitions.map((p) => p.replicas[0]));
    });

    it('removing a voter that is none changes nothing', async () => {
      await admin.removeVoter({ id: 2, directoryId: '00000000-0000-4000-8000-00000000000a' });
      expect((await admin.describeQuorum()).voters).toHaveLength(3);
    });

    it('goes to the next address when one does not answer, and says so when none does', async () => {
      const second = await fixture.open({ addresses: [fixture.nowhere, ...fixture.addresses], timeoutMs: 10_000, signal });
      expect((await second.describeCluster()).brokers).toHaveLength(3);
      await second.close();
      await expect(fixture.open({ addresses: [fixture.nowhere], timeoutMs: 10_000, signal })).rejects.toMatchObject({
        code: 'unavailable',
      });
      await expect(fixture.open({ addresses: [], timeoutMs: 10_000, signal })).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('an abort fails calls with its reason', async () => {
      const abort = new AbortController();
      const other = await fixture.open({ addresses: fixture.addresses, timeoutMs: 10_000, signal: abort.signal });
      abort.abort(new Error('enough'));
      await expect(other.describeCluster()).rejects.toThrow('enough');
      await other.close();
      await other.close();
    });
  });
}
