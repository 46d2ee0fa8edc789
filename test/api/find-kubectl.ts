import { execFile } from 'node:child_process';
import { access, constants, mkdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '1.34.4';
const OLDEST_MINOR = 31;

/** A kubectl of 1.31 or newer: DROVER_KUBECTL, one that was built before, that of PATH, or one built now with Go. A text: why there is none. */
export async function findKubectl(): Promise<{ readonly path: string } | string> {
  const cache = join(homedir(), '.cache', 'drover-test', 'kubernetes', VERSION);
  const ours = join(homedir(), '.cache', 'drover-test', 'kubectl', VERSION);
  const inPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  const named = process.env['DROVER_KUBECTL'];
  for (const path of [...(named ? [named] : []), join(cache, 'kubectl'), join(ours, 'kubectl'), ...inPath]) {
    if ((await minorOf(path)) >= OLDEST_MINOR) return { path };
  }
  try {
    return { path: await build(ours) };
  } catch (error) {
    return `no kubectl of 1.${OLDEST_MINOR} or newer in DROVER_KUBECTL, ${cache} or PATH, and none can be built: ${(error as Error).message.split('\n')[0]}`;
  }
}

async function minorOf(path: string): Promise<number> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await run(path, ['version', '--client', '-o', 'json']);
    const { clientVersion } = JSON.parse(stdout) as { clientVersion: { minor: string } };
    return Number.parseInt(clientVersion.minor, 10);
  } catch {
    return 0;
  }
}

/** Builds kubectl alone from its Go modules; its staging modules are published apart, as v0.<minor>.<patch>. */
async function build(folder: string): Promise<string> {
  const source = join(folder, 'src');
  await mkdir(source, { recursive: true });
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  const go = (args: readonly string[]): Promise<{ stdout: string }> => run('go', args, { cwd: source, env, maxBuffer: 1 << 26 });
  await writeFile(join(source, 'go.mod'), 'module kube\n\ngo 1.24.0\n');
  const { stdout } = await go(['mod', 'download', '-json', `k8s.io/kubernetes@v${VERSION}`]);
  const { GoMod } = JSON.parse(stdout) as { GoMod: string };
  const { stdout: required } = await run('sh', [
    '-c',
    `grep -oE 'k8s\\.io/[a-z0-9-]+ v0\\.0\\.0( //.*)?$' "$1" | cut -d' ' -f1 | sort -u`,
    'sh',
    GoMod,
  ]);
  const replaces = required
    .trim()
    .split('\n')
    .map((module) => `\t${module} => ${module} v0.${VERSION.replace(/^1\./, '')}\n`);
  await writeFile(
    join(source, 'go.mod'),
    `module kube\n\ngo 1.24.0\n\nrequire k8s.io/kubernetes v${VERSION}\n\nreplace (\n${replaces.join('')})\n`,
  );
  await writeFile(join(source, 'tools.go'), 'package tools\n\nimport _ "k8s.io/kubernetes/cmd/kubectl"\n');
  // Tests of modules need more than is there; what kubectl needs is complete all the same.
  await go(['mod', 'tidy', '-e']).catch(() => undefined);
  const variable = 'k8s.io/component-base/version';
  const [, minor] = VERSION.split('.');
  const flags = `-s -w -X ${variable}.gitVersion=v${VERSION} -X ${variable}.gitMajor=1 -X ${variable}.gitMinor=${minor}`;
  const part = join(folder, `kubectl.${process.pid}`);
  await go(['build', '-buildvcs=false', '-ldflags', flags, '-o', part, 'k8s.io/kubernetes/cmd/kubectl']);
  await rename(part, join(folder, 'kubectl'));
  return join(folder, 'kubectl');
}
