import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kafkaTurn } from '../kafka/test-kafka.ts';
import { startTraffic } from '../kafka/traffic.ts';
import { isAlive, testDrover, until, type TestDrover } from './drover.ts';

// The tour of the first release, as a person would take it: README's first command, then everything that may go wrong.

const EXAMPLE = new URL('../../examples/kafka/three-brokers.yaml', import.meta.url).pathname;
const COMPLETE = `deploy (serial strategy) (COMPLETE)
└─ broker (serial strategy) (COMPLETE)
   ├─ kafka-0:[broker] (COMPLETE)
   ├─ kafka-1:[broker] (COMPLETE)
   └─ kafka-2:[broker] (COMPLETE)
`;

interface Instance {
  readonly spec: { readonly incarnation: number; readonly volumes: readonly { readonly id: string }[] };
}
interface KafkaObject {
  readonly status: {
    readonly bootstrapServers: string;
    readonly voters: readonly number[];
    readonly underReplicatedPartitions: number;
    readonly conditions: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  };
}

let drover: TestDrover;
let giveTurn: () => Promise<void>;
beforeAll(async () => {
  giveTurn = await kafkaTurn();
  drover = testDrover();
});
afterAll(async () => {
  await drover.destroy();
  await giveTurn();
});

const kafka = () => drover.json<KafkaObject>(['kafkas', 'kafka']);
const instance = (name: string) => drover.json<Instance>(['podinstances', name]);
const planStatus = (plan: string) => drover.ok(['kafka', 'plan', 'status', plan]);

/** Process id of the Java process of a broker. */
function brokerPid(name: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!line.includes('kafka.Kafka\0')) continue;
      const env = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (env.includes(`POD_NAME=${name}`) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(drover.home)) return Number(pid);
    } catch {
      // It ended meanwhile.
    }
  }
  return undefined;
}

async function allReady(): Promise<void> {
  await until(
    async () => {
      const { status } = await kafka();
      const ready = status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
      return ready && status.underReplicatedPartitions === 0 && status.voters.length === 3;
    },
    240_000,
    'three ready brokers, all voters, nothing under-replicated',
  );
}

const changed = (pattern: RegExp, text: string) => readFileSync(EXAMPLE, 'utf8').replace(pattern, text);

describe('a three-broker Kafka', { timeout: 600_000 }, () => {
  it('comes up by one command, which proves that it keeps what it acknowledges', async () => {
    const out = await drover.ok(['demo', 'kafka', '--listen', '127.0.0.1:0']);
    expect(out).toContain('wrote 1000 records with acks=all');
    expect(out).toContain('read  1000 of them back');
    expect(await planStatus('deploy')).toBe(COMPLETE);
  });

  it('is found there by a second run, which says so and starts nothing', async () => {
    const before = [0, 1, 2].map((i) => brokerPid(`kafka-${i}`));
    const out = await drover.ok(['demo', 'kafka']);
    expect(out).toContain('Everything is there already');
    expect(out).toContain('read  1000 of them back');
    expect([0, 1, 2].map((i) => brokerPid(`kafka-${i}`))).toEqual(before);
  });

  it('rolls a changed configuration under traffic; kill -9 of the server in the middle does not stop it; no acknowledged record is lost', async () => {
    const { bootstrapServers } = (await kafka()).status;
    const traffic = startTraffic(bootstrapServers, 'drover-demo');
    await until(() => traffic.acknowledged() > 100);
    await drover.ok(['apply', '-f', '-', '--reason', 'longer retention'], changed(/log.retention.hours: \d+/, 'log.retention.hours: 200'));
    await until(
      async () => /kafka-0:\[broker\] \(COMPLETE\)/.test(await planStatus('deploy')) && (await instance('kafka-0')).spec.incarnation === 2,
    );
    await drover.killServer();
    await drover.startServer();
    await until(async () => (await planStatus('deploy')) === COMPLETE, 300_000, 'the roll’s end');
    await allReady();
    const report = await traffic.stop();
    console.log(
      `roll with a killed server: ${report.acknowledged} acknowledged, ${report.read} read, longest gap ${report.longestGapMs} ms`,
    );
    expect(report.lost).toEqual([]);
    expect(report.read).toBe(report.acknowledged);
    for (const i of [0, 1, 2]) expect((await instance(`kafka-${i}`)).spec.incarnation).toBe(2);
  });

  it('brings back a broker that was killed, and says so', async () => {
    const pid = brokerPid('kafka-1')!;
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
    await until(async () => brokerPid('kafka-1') !== undefined);
    await until(async () => (await planStatus('recovery')).includes('kafka-1:[broker] (COMPLETE)'), 240_000, 'the recovery of kafka-1');
    expect(await planStatus('recovery')).toMatch(
      /^recovery \(parallel strategy\) \(COMPLETE\)\n└─ kafka-1:\[broker\] \(parallel strategy\) \(COMPLETE\)\n {3}└─ kafka-1:\[broker\] \(COMPLETE\)\n$/,
    );
    expect(await drover.ok(['why', 'kafka-1'])).toMatch(/was ended by signal 9/);
    await allReady();
  });

  it('brings back all brokers when all were killed at once', async () => {
    for (const i of [0, 1, 2]) process.kill(brokerPid(`kafka-${i}`)!, 'SIGKILL');
    await until(() => [0, 1, 2].every((i) => brokerPid(`kafka-${i}`) !== undefined));
    await allReady();
    await until(
      async () => (await planStatus('recovery')).startsWith('recovery (parallel strategy) (COMPLETE)'),
      240_000,
      'the end of recovery',
    );
  });

  it('replaces a pod: new volume, new voter, data re-replicated', async () => {
    const before = await instance('kafka-1');
    await drover.ok(['kafka', 'pod', 'replace', 'kafka-1', '--yes', '--reason', 'disk is worn out']);
    await until(async () => (await instance('kafka-1')).spec.incarnation > before.spec.incarnation);
    const after = await instance('kafka-1');
    expect(after.spec.volumes[0]!.id).not.toBe(before.spec.volumes[0]!.id);
    await until(async () => (await planStatus('recovery')).includes('kafka-1:[broker] (COMPLETE)'), 300_000, 'the replacement');
    await allReady();
    const volumes = readdirSync(join(drover.home, 'agent/volumes/default'));
    expect(volumes).toContain(after.spec.volumes[0]!.id);
    expect(volumes).not.toContain(before.spec.volumes[0]!.id);
  });

  it('survives a configuration that keeps a broker from starting: one broker is touched, the reason is shown, the fix gets past it', async () => {
    const before = [brokerPid('kafka-1'), brokerPid('kafka-2')];
    // Kafka itself judges this value, at its start.
    await drover.ok(
      ['apply', '-f', '-'],
      changed(/log.retention.hours: \d+/, 'log.retention.hours: 200\n      compression.type: nonsense'),
    );
    await until(async () => /kafka-0:\[broker\] \((STARTED|DELAYED|STARTING)\)/.test(await planStatus('deploy')));
    await until(async () => /exit code 1/.test(await drover.ok(['why', 'kafka-0'])), 240_000, 'the reason');
    expect([brokerPid('kafka-1'), brokerPid('kafka-2')]).toEqual(before);
    await drover.ok(['apply', '-f', '-'], changed(/log.retention.hours: \d+/, 'log.retention.hours: 220'));
    await until(async () => (await planStatus('deploy')) === COMPLETE, 400_000, 'the fixed roll');
    await allReady();
  });

  it('refuses what the world speaks against, and says why', async () => {
    const one = readFileSync(EXAMPLE, 'utf8').replace(/replicas: 3|factor: 3|replicas: 2/g, (field) => field.replace(/\d$/, '1'));
    const fewer = await drover.run(['apply', '-f', '-'], one);
    expect(fewer.code).toBe(1);
    expect(fewer.stderr).toMatch(/not accepted/);
    await drover.ok(['apply', '-f', '-'], changed(/log.retention.hours: \d+/, 'log.retention.hours: 220'));
    expect(await planStatus('deploy')).toBe(COMPLETE);
  });

  it('goes down as a whole, comes back as a whole, and is gone after a purge', async () => {
    await drover.ok(['down']);
    for (const i of [0, 1, 2]) expect(brokerPid(`kafka-${i}`)).toBeUndefined();
    await drover.startServer();
    await allReady();
    expect(await planStatus('deploy')).toBe(COMPLETE);
    await drover.ok(['down', '--purge', '--yes']);
    expect(existsSync(drover.home)).toBe(false);
  });
});
