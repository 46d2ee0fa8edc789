import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPackageKind } from './package-kind.ts';
import { runScript, type Answer } from './run-script.ts';
import { scripts } from './scripts.ts';
import { send, type Target } from './send.ts';

/** `node test/api/record.ts`: asks a real kube-apiserver all scripted requests and writes its answers to recording.json. */
const run = promisify(execFile);
const cluster = join(resolve(process.env['DROVER_SHARED'] ?? '../shared'), 'kubernetes', 'cluster');
const directory = await mkdtemp(join(tmpdir(), 'drover-record-'));
try {
  const { stdout } = await run(cluster, ['up', directory], { maxBuffer: 1 << 24 });
  const kubeconfig = await readFile(stdout.trim().split('\n').at(-1)!, 'utf8');
  const target: Target = { url: /server: "([^"]+)"/.exec(kubeconfig)![1]!, token: /token: "([^"]+)"/.exec(kubeconfig)![1]! };
  await installPackageKind(target);
  const recording: Record<string, Record<string, Answer>> = {};
  for (const script of scripts) {
    recording[script.name] = await runScript(script, target, async (request) => {
      // No controllers run (they would change objects between two requests), so the account that pods need is made here.
      if (script.name === 'pod' && request.name === 'make the namespace') await makeServiceAccount(target, 't-pod');
    });
  }
  await writeFile(new URL('recording.json', import.meta.url), `${JSON.stringify(recording, undefined, 1)}\n`);
  const count = scripts.reduce((sum, script) => sum + script.requests.length, 0);
  console.log(`${count} requests recorded`);
} finally {
  await run(cluster, ['down', directory]);
  await rm(directory, { recursive: true, force: true });
}

async function makeServiceAccount(target: Target, namespace: string): Promise<void> {
  const { code, text } = await send(target, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { name: 'default' } }),
  });
  if (code !== 201) throw new Error(`the service account is refused: ${text}`);
}
