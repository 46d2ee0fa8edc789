/**
 * A short command against kubectl and a bare Node, on one server in the same run, interleaved: medians of 15. `./drover <service> plan status deploy`
 * reads three collections; `kubectl get` reads one table. `node bench/cli.ts`, on an idle machine.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findKubectl } from '../test/api/find-kubectl.ts';
import { testDrover, until } from '../test/e2e/drover.ts';
import { printReport } from './report.ts';

const ROUNDS = 15;
const SERVICE = `
apiVersion: drover.dev/v1alpha1
kind: ManagedService
metadata: { name: web }
spec:
  pods:
    - { name: web, count: 3, tasks: [{ name: main, command: [sleep, "3600"] }] }
`;

const drover = testDrover();
try {
  await drover.startServer();
  await drover.ok(['apply', '-f', '-'], SERVICE);
  await until(async () => (await drover.ok(['web', 'plan', 'status', 'deploy'])).startsWith('deploy (serial strategy) (COMPLETE)'));
  const kubeconfig = join(drover.home, 'kubeconfig');
  writeFileSync(kubeconfig, await drover.ok(['kubeconfig']), { mode: 0o600 });
  const kubectl = await findKubectl();
  if (typeof kubectl === 'string') throw new Error(kubectl);
  const commands = {
    drover: [new URL('../drover', import.meta.url).pathname, 'web', 'plan', 'status', 'deploy'],
    kubectl: [kubectl.path, '--kubeconfig', kubeconfig, 'get', 'managedservices'],
    node: [process.execPath, '-e', '0'],
  };
  const timesMs: Record<keyof typeof commands, number[]> = { drover: [], kubectl: [], node: [] };
  // The first round of each fills caches of file system and compiler.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of ['drover', 'kubectl', 'node'] as const) {
      const took = runOnce(commands[name]);
      if (round > 0) timesMs[name].push(took);
    }
  }
  const ours = median(timesMs.drover);
  const row = (floor: 'kubectl' | 'node', goal: number | undefined) => ({
    bench: `drover web plan status deploy, against ${floor === 'kubectl' ? 'kubectl get' : 'node -e 0'}`,
    measured: `${Math.round(ours)} ms`,
    floor: `${Math.round(median(timesMs[floor]))} ms`,
    ratio: ours / median(timesMs[floor]),
    goal: goal === undefined ? '–' : `≤ ${goal.toFixed(1)}`,
    ok: goal === undefined || ours / median(timesMs[floor]) <= goal,
  });
  printReport([row('kubectl', 1), row('node', undefined)]);
} finally {
  await drover.destroy();
}

/** Wall time of a command from start to end, ms. Throws when it fails. */
function runOnce([command = '', ...args]: readonly string[]): number {
  const began = performance.now();
  const done = spawnSync(command, args, { env: { ...process.env, DROVER_HOME: drover.home }, stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${done.status}`);
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
