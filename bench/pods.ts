import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../src/cli/connect.ts';
import { podRef } from '../src/cli/refs.ts';
import type { Pod } from '../src/model/core/pod.ts';
import { thisMachine } from '../src/server/this-machine.ts';
import { testDrover } from '../test/e2e/drover.ts';
import { printReport } from './report.ts';

// A whole Drover against a shell: 1,000 trivial pods wanted -> all reported running; a crash -> running again.

const COUNT = 1000;

/** Seconds that a shell takes to fork `COUNT` sleeping processes. */
function shellForks(): number {
  const began = performance.now();
  const script = `i=0; pids=; while [ $i -lt ${COUNT} ]; do sleep 600 </dev/null >/dev/null 2>&1 & pids="$pids $!"; i=$((i+1)); done; echo "$pids"`;
  const result = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  const elapsed = (performance.now() - began) / 1000;
  if (result.status !== 0) throw new Error(`the shell failed: ${result.stderr}`);
  for (const pid of result.stdout.trim().split(/\s+/)) process.kill(Number(pid));
  return elapsed;
}

function pod(name: string, command: readonly string[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', command: [...command] }] },
  };
}

const isReady = (object: Pod) =>
  object.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;

const drover = testDrover();
const scratch = mkdtempSync(join(tmpdir(), 'drover-bench-'));
try {
  await drover.startServer();
  const { client } = connect(thisMachine({ DROVER_HOME: drover.home }));
  const floorSeconds = Math.min(shellForks(), shellForks(), shellForks());

  const stop = new AbortController();
  const running = new Set<string>();
  const start = await client.list(podRef, { namespace: 'default' });
  const allRunning = (async () => {
    for await (const event of client.watch(podRef, { namespace: 'default', resourceVersion: start.resourceVersion, signal: stop.signal })) {
      if (event.type === 'BOOKMARK') continue;
      if (isReady(event.object)) running.add(event.object.metadata.name);
      if (running.size === COUNT) return;
    }
  })();
  const began = performance.now();
  const names = Array.from({ length: COUNT }, (_, i) => `bench-${i}`);
  const writers = Array.from({ length: 64 }, async (_, w) => {
    for (let i = w; i < COUNT; i += 64) await client.create(podRef, pod(names[i]!, ['sleep', '600']));
  });
  await Promise.all(writers);
  await allRunning;
  const seconds = (performance.now() - began) / 1000;
  stop.abort();
  const status = readFileSync(`/proc/${drover.serverPid()}/status`, 'utf8');
  const rssMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;

  // The task says itself when it runs: the time of its start, in ns, in a file.
  const file = join(scratch, 'starts');
  const command = ['sh', '-c', `date +%s%N >> ${file}; exec sleep 600`];
  await client.create(podRef, pod('crash', command));
  const starts = () => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  const startOf = async (n: number): Promise<number> => {
    for (;;) {
      const line = starts()[n - 1];
      if (line !== undefined && line !== '') return Number(BigInt(line) / 1000n) / 1000;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await startOf(1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const pid = spawnSync('pgrep', ['-n', '-f', '^sleep 600'], { encoding: 'utf8' }).stdout.trim();
  const killedMs = Date.now();
  process.kill(Number(pid), 'SIGKILL');
  const restartMs = (await startOf(2)) - killedMs;
  const forkExec: number[] = [];
  for (let i = 0; i < 20; i++) {
    const from = Date.now();
    spawnSync('sh', ['-c', `date +%s%N > ${join(scratch, 'floor')}`]);
    forkExec.push(Number(BigInt(readFileSync(join(scratch, 'floor'), 'utf8').trim()) / 1000n) / 1000 - from);
  }
  const floorMs = forkExec.sort((a, b) => a - b)[10]!;

  printReport([
    {
      bench: `${COUNT} trivial pods wanted -> all ready`,
      measured: `${seconds.toFixed(2)} s`,
      floor: `shell forks them: ${floorSeconds.toFixed(2)} s`,
      ratio: seconds / floorSeconds,
      goal: '<= 5',
      ok: seconds <= 5 * floorSeconds,
    },
    {
      bench: 'memory of the server after it',
      measured: `${rssMb.toFixed(0)} MB`,
      floor: '200 MB',
      ratio: rssMb / 200,
      goal: '<= 1',
      ok: rssMb <= 200,
    },
    {
      bench: 'crash -> running again, first restart',
      measured: `${restartMs.toFixed(1)} ms`,
      floor: `fork and exec: ${floorMs.toFixed(1)} ms`,
      ratio: restartMs / floorMs,
      goal: '<= 50 ms over it',
      ok: restartMs - floorMs <= 50,
    },
  ]);
} finally {
  await drover.destroy();
  rmSync(scratch, { recursive: true, force: true });
}
