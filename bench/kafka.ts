/**
 * Kafka through Drover against a shell script: from the wish to three brokers that vote and are in all ISRs. Both start the same jars with the same
 * configuration and flags, one broker after another; packages are fetched before. `node bench/kafka.ts [rounds]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createPackageCache } from '../src/agent/packages/create-package-cache.ts';
import { sleep, systemClock } from '../src/base/clock.ts';
import { hasCode } from '../src/base/errors.ts';
import type { ManagedServiceSpec } from '../src/model/drover/managed-service.ts';
import type { BrokerAddress } from '../src/operators/kafka/admin/kafka-admin.ts';
import { openKafkaAdmin } from '../src/operators/kafka/admin/open.ts';
import { kafkaService, versionOf } from '../src/operators/kafka/compile.ts';
import { KAFKA_PACKAGE, kafkaPackage } from '../src/operators/kafka/package.ts';
import { freePorts, layOutTask } from '../test/kafka/local-cluster.ts';
import { kafkaLibs, kafkaTurn, testKafka } from '../test/kafka/test-kafka.ts';
import { printReport } from './report.ts';

const BROKERS = 3;
const ROUNDS = Number(process.argv[2] ?? 2);
const GOAL = 1.2;
const DROVER = new URL('../drover', import.meta.url).pathname;
const signal = new AbortController().signal;

const kafka = testKafka({ version: kafkaPackage.spec.defaultVersion });
const libs = await kafkaLibs(kafka);
const giveTurn = await kafkaTurn();
try {
  const floors: number[] = [];
  const measured: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await withDirectory((directory) => shellFloor(kafkaService(kafka), directory)));
    measured.push(await withDirectory((home) => droverSide(DROVER, home)));
    console.error(`round ${round + 1}: shell ${floors.at(-1)} ms, drover ${measured.at(-1)} ms`);
  }
  const [floorMs, droverMs] = [Math.min(...floors), Math.min(...measured)];
  const ratio = droverMs / floorMs;
  printReport([
    {
      bench: 'Kafka: apply -> 3 brokers in all ISRs',
      measured: `${(droverMs / 1000).toFixed(1)} s`,
      floor: `${(floorMs / 1000).toFixed(1)} s (shell script)`,
      ratio,
      goal: `<= ${GOAL}`,
      ok: ratio <= GOAL,
    },
  ]);
} finally {
  await giveTurn();
}

/** The same three brokers by a shell script that waits for each port before it starts the next, ms. */
async function shellFloor(spec: ManagedServiceSpec, directory: string): Promise<number> {
  const task = spec.pods[0]!.tasks[0]!;
  const ports = await freePorts(BROKERS * 2);
  const nodes = Array.from({ length: BROKERS }, (_, index) => ({
    name: `kafka-${index}`,
    index,
    address: '127.0.0.1',
    ports: { plain: ports[index * 2]!, controller: ports[index * 2 + 1]! },
    last: index === BROKERS - 1,
  }));
  for (const node of nodes) {
    const home = join(directory, node.name);
    await mkdir(home);
    const variables = {
      ...node,
      service: 'kafka',
      namespace: 'default',
      podType: 'kafka',
      volumes: { data: { initialized: false } },
      formed: node.index > 0,
      peers: { kafka: nodes },
      revision: 1,
    };
    await layOutTask(task, { home, libs, volume: join(directory, `volume-${node.index}`) }, variables);
  }
  const script = nodes.map(
    (node) => `(cd ${node.name} && exec sh config/start.sh > log 2>&1) & echo $! >> pids
until (exec 3<>/dev/tcp/127.0.0.1/${node.ports.plain}) 2>/dev/null; do sleep 0.05; done`,
  );
  await writeFile(join(directory, 'up.sh'), `${script.join('\n')}\n`);
  const startedMs = performance.now();
  const shell = spawn('bash', ['up.sh'], { cwd: directory, stdio: 'ignore' });
  const ended = once(shell, 'close');
  try {
    await whole(nodes.map((node) => ({ host: node.address, port: node.ports.plain })));
    return Math.round(performance.now() - startedMs);
  } finally {
    shell.kill();
    await ended;
    const pids = (await readFile(join(directory, 'pids'), 'utf8')).split('\n').filter(Boolean).map(Number);
    for (const pid of pids) await end(pid);
  }
}

/** The same through `drover apply -f` against a server that runs already, ms. `home` becomes DROVER_HOME; everything is stopped at the end. */
async function droverSide(drover: string, home: string): Promise<number> {
  const version = kafkaPackage.spec.versions.find((candidate) => candidate.version === versionOf(kafka))!;
  const cache = createPackageCache({ dir: join(home, 'packages'), log: { info() {} }, clock: systemClock });
  await cache.ensure(KAFKA_PACKAGE, version, { signal });
  const env = { ...process.env, DROVER_HOME: home };
  const run = async (...args: string[]) => {
    const child = spawn(drover, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`drover ${args.join(' ')} ended with ${code}`);
  };
  const first = await consecutivePorts();
  const { name, namespace } = kafka.metadata;
  const manifest = {
    ...kafka,
    metadata: { name, namespace },
    spec: { kafka: { ...kafka.spec.kafka, listeners: [{ name: 'plain', port: first }] } },
  };
  await writeFile(join(home, 'kafka.yaml'), stringify(manifest));
  const server = spawn(drover, ['server', '--listen', '127.0.0.1:0'], { env, stdio: 'ignore' });
  const ended = once(server, 'close');
  try {
    while (!existsSync(join(home, 'server.json'))) await sleep(systemClock, 50);
    const startedMs = performance.now();
    await run('apply', '-f', join(home, 'kafka.yaml'));
    await whole(Array.from({ length: BROKERS }, (_, index) => ({ host: '127.0.0.1', port: first + index })));
    return Math.round(performance.now() - startedMs);
  } finally {
    await run('down');
    await ended;
  }
}

/** Resolves when all brokers take part, all vote and no ISR lacks a replica. */
async function whole(addresses: readonly BrokerAddress[]): Promise<void> {
  for (;;) {
    try {
      const admin = await openKafkaAdmin({ addresses, timeoutMs: 5000, signal });
      try {
        const { voters } = await admin.describeQuorum();
        const { brokers } = await admin.describeCluster();
        const partitions = (await admin.listTopics()).flatMap((topic) => topic.partitions);
        if (voters.length === BROKERS && brokers.length === BROKERS && partitions.every((p) => p.isr.length === p.replicas.length)) return;
      } finally {
        await admin.close();
      }
    } catch (error) {
      if (!hasCode(error, 'unavailable')) throw error;
    }
    await sleep(systemClock, 50);
  }
}

/** The first of three neighbouring ports that are free now. */
async function consecutivePorts(): Promise<number> {
  const { createServer } = await import('node:net');
  for (let first = 17_000; ; first += BROKERS) {
    const taken = await Promise.all(
      Array.from({ length: BROKERS }, (_, index) => {
        const server = createServer();
        return new Promise<boolean>((resolve) => {
          server.once('error', () => resolve(true));
          server.listen({ port: first + index, host: '127.0.0.1' }, () => server.close(() => resolve(false)));
        });
      }),
    );
    if (!taken.includes(true)) return first;
  }
}

async function end(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return;
    }
    if ((await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')).includes(') Z')) return;
    await sleep(systemClock, 20);
  }
}

async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'drover-bench-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
