import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The one test command: lint, types, unit, scenario and real-peer tests. Ends with the line `N passed, N failed, N skipped`.

const root = new URL('..', import.meta.url).pathname;
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const total = { passed: 0, failed: 0, skipped: 0 };
const began = performance.now();

/** Programs that real-peer tests talk to, and the Debian packages that bring them. */
const needed = [
  { program: 'java', apt: 'openjdk-17-jre-headless' },
  { program: 'mvn', apt: 'maven' },
  { program: 'strace', apt: 'strace' },
  { program: 'diff', apt: 'diffutils' },
  { program: 'setsid', apt: 'util-linux' },
];

function step(text: string): void {
  console.log(`\n== ${text} (${Math.round((performance.now() - began) / 1000)} s)`);
}

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function installMissing(): void {
  const packages = needed.filter((item) => !has(item.program)).map((item) => item.apt);
  if (packages.length === 0) return;
  const sudo = process.getuid?.() === 0 ? '' : 'sudo -n ';
  console.log(`the tests need ${packages.join(', ')}: installing with apt-get`);
  const done = spawnSync(
    'sh',
    [
      '-c',
      `${sudo}apt-get update -q && DEBIAN_FRONTEND=noninteractive ${sudo}apt-get install -qy --no-install-recommends ${packages.join(' ')}`,
    ],
    {
      stdio: 'inherit',
    },
  );
  if (done.status !== 0) console.log(`could not install ${packages.join(', ')}; tests that need them will fail`);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env });
    child.on('error', () => resolve(127));
    child.on('close', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

async function check(name: string, command: string, args: readonly string[]): Promise<void> {
  step(name);
  const code = await run(command, args);
  if (code === 0) total.passed += 1;
  else {
    total.failed += 1;
    console.log(`${name} failed`);
  }
}

async function vitest(project: string): Promise<void> {
  step(`${project} tests`);
  const dir = mkdtempSync(join(tmpdir(), 'drover-test-'));
  const report = join(dir, 'report.json');
  const code = await run(bin('vitest'), [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  if (existsSync(report)) {
    const result = JSON.parse(readFileSync(report, 'utf8')) as Record<
      'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests' | 'numFailedTestSuites',
      number
    >;
    total.passed += result.numPassedTests;
    total.failed += result.numFailedTests;
    total.skipped += result.numPendingTests + result.numTodoTests;
    // A file that could not be loaded, or an error outside of a test, fails the run without a failed test.
    if (code !== 0 && result.numFailedTests === 0) total.failed += 1;
  } else {
    total.failed += 1;
  }
  rmSync(dir, { recursive: true, force: true });
}

installMissing();
await check('lint', bin('oxlint'), ['--type-aware']);
await check('format', bin('oxfmt'), ['--check', 'src', 'test', 'bench']);
await check('dead code', bin('knip'), []);
await check('types', bin('tsc'), ['--noEmit']);
await vitest('unit');
await vitest('real');
step('done');
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
