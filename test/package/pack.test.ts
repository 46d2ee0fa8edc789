import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

// The published package: built JavaScript that installs and runs elsewhere, also where the host's own Node is older.

const root = new URL('../..', import.meta.url).pathname;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'drover-pack-'));
  const packed = await run('npm', ['pack', '--pack-destination', dir], root);
  expect(packed.status, packed.stderr).toBe(0);
  const tarball = readdirSync(dir).find((name) => name.endsWith('.tgz'))!;
  const installed = await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', join(dir, 'elsewhere'), join(dir, tarball)], dir);
  expect(installed.status, installed.stderr).toBe(0);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (text.stderr += part.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...text }));
  });
}

const drover = () => join(dir, 'elsewhere/node_modules/.bin/drover');

it('says its version', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect((await run(drover(), ['version'], dir, { DROVER_HOME: join(dir, 'none') })).stdout).toContain(`drover ${version}\n`);
});

it('carries no TypeScript and no tests', () => {
  const files = readdirSync(join(dir, 'elsewhere/node_modules/drover'), { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file) || file.includes('.test.'))).toEqual([]);
});

it('runs a server that kubectl’s kind of request reaches, and stops it', async () => {
  const home = join(dir, 'home');
  const server = spawn(drover(), ['server', '--listen', '127.0.0.1:0'], { env: { ...process.env, DROVER_HOME: home }, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => server.on('exit', resolve));
  try {
    await expect.poll(() => existsSync(join(home, 'server.json')), { timeout: 30_000 }).toBe(true);
    const nodes = await run(drover(), ['get', 'namespaces', '-o', 'name'], dir, { DROVER_HOME: home });
    expect(nodes.stdout).toContain('namespace/default\n');
  } finally {
    const down = await run(drover(), ['down', '--purge', '--yes'], dir, { DROVER_HOME: home });
    expect(down.status, down.stderr).toBe(0);
  }
  expect(await ended).toBe(0);
  expect(existsSync(join(home, 'state.db'))).toBe(false);
});
