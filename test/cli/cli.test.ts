import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDrover, until, type TestDrover } from '../e2e/drover.ts';
import { shell } from './program.ts';

const WEB = `
apiVersion: drover.dev/v1alpha1
kind: ManagedService
metadata: { name: web }
spec:
  pods:
    - name: web
      count: 2
      tasks:
        - name: main
          command: [sh, -c, 'echo hello; exec sleep 100000']
          ports: [{ name: http }]
`;

let drover: TestDrover;
let files: string;

const run = (line: string, input?: string) => shell(drover.home, line, input === undefined ? {} : { input });

async function ok(line: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await run(line, input);
  if (code !== 0) throw new Error(`'${line}' exited with ${code}: ${stderr}`);
  return stdout;
}

const complete = () =>
  until(async () => /^deploy .*\(COMPLETE\)$/m.test(await ok('drover web plan status deploy')), 60_000, 'the deploy of web');

beforeAll(async () => {
  drover = testDrover();
  files = mkdtempSync(join(tmpdir(), 'drover-cli-'));
  await drover.startServer();
  await ok('drover apply -f -', WEB);
  await complete();
});

afterAll(async () => {
  await drover.destroy();
  rmSync(files, { recursive: true, force: true });
});

const TREE = `deploy (serial strategy) (COMPLETE)
└─ web (serial strategy) (COMPLETE)
   ├─ web-0:[main] (COMPLETE)
   └─ web-1:[main] (COMPLETE)
`;

describe('what commands print', () => {
  it.each<[string, string, string | RegExp]>([
    ['plan status is the tree, byte for byte', 'web plan status deploy', TREE],
    ['and takes the name of the service apart', 'kafka --name=web plan status deploy', TREE],
    ['in both spellings', 'kafka --name web plan status deploy', TREE],
    ['--watch of a complete plan is the tree, and ends', 'web plan status deploy --watch', TREE],
    ['plan list', 'web plan list', '[\n  "deploy",\n  "recovery"\n]\n'],
    ['pod list', 'web pod list', '[\n  "web-0",\n  "web-1"\n]\n'],
    [
      'pod alone is the status of all',
      'web pod',
      'web\n└─ web\n   ├─ web-0\n   │  └─ web-0-main (RUNNING)\n   └─ web-1\n      └─ web-1-main (RUNNING)\n',
    ],
    ['pod with a name is the status of one', 'web pod web-1', 'web-1\n└─ web-1-main (RUNNING)\n'],
    ['endpoints', 'web endpoints', /^PORT +POD +ADDRESS +READY\nhttp +web-0 +127\.0\.0\.1:\d+ +true\nhttp +web-1 /],
    ['endpoints of one port', 'web endpoints http', /^PORT/],
    ['why says that all is well', 'why web', 'web is well: 2 of 2 pods are ready, all plans are complete.\n'],
    ['why of a pod', 'why pod/web-0', /^web-0 is well: it is ready \(incarnation \d+ on \S+, no task was restarted in place\)\.\n/],
    ['why of a plan', 'web why deploy', /^Plan deploy of web is complete\.\n/],
    ['why of a step', 'web why web-0:[main]', /^Step web-0:\[main\] of plan deploy is complete since /],
    ['get of a table', 'get pods', /^NAME +READY +STATUS +RESTARTS +AGE\nweb-0 +1\/1 +Running/],
    ['get of several kinds', 'get pods,msvc', /^NAME [^\n]*\npod\/web-0 [^]*\n\nNAME [^\n]*\nmanagedservice\.drover\.dev\/web /],
    ['get of a category', 'get all', /pod\/web-1 [^]*managedservice\.drover\.dev\/web /],
    ['get by kind/name', 'get pod/web-1 msvc/web -o name', 'pod/web-1\nmanagedservice.drover.dev/web\n'],
    ['get over all namespaces', 'get pods -A', /^NAMESPACE +NAME [^\n]*\ndefault +web-0 /],
    ['get by label', 'get pods -l drover.dev/index=1 -o name', 'pod/web-1\n'],
    ['describe by kind/name', 'describe pod/web-0', /^Name: +web-0\n[^]*\nConditions:\n[^]*\nEvents:\n/],
    ['describe of a whole kind', 'describe pods', /^Name: +web-0\n[^]*\n\nName: +web-1\n/],
    ['events of one object', 'events pod/web-0', /pod\/web-0 +Started container main/],
    ['logs of a pod', 'logs web-0', 'hello\n'],
    ['logs by kind/name', 'logs pod/web-0 --tail 1', 'hello\n'],
    ['logs of a service', 'logs managedservice/web --since 1h', '[web-0] hello\n[web-1] hello\n'],
    ['logs in the operator’s grammar', 'web logs web-1', 'hello\n'],
    ['version', 'version', /^drover \d+\.\d+\.\d+\nserver v/],
    ['install --print', 'install --print', /^\[Unit\]\n[^]*KillMode=process/],
  ])('%s', async (_name, line, expected) => {
    const printed = await ok(`drover ${line}`);
    if (typeof expected === 'string') expect(printed).toBe(expected);
    else expect(printed).toMatch(expected);
    expect(printed).not.toContain('\u001b');
  });

  it.each<[string, object]>([
    [
      'web plan status deploy --json',
      { name: 'deploy', status: 'COMPLETE', phases: [{ name: 'web', steps: [{ name: 'web-0:[main]', id: expect.any(String) }, {}] }] },
    ],
    ['web pod status --json', { service: 'web', pods: [{ name: 'web' }] }],
    ['web pod status web-0 --json', { name: 'web-0' }],
    ['web endpoints --json', [{ port: 'http', pod: 'web-0', ready: true }, {}]],
    ['why web --json', { thing: 'web', kind: 'service', well: true, findings: [] }],
    ['get pods --json', { kind: 'List', items: [{ kind: 'Pod', metadata: { name: 'web-0' } }, {}] }],
    ['get pod web-0 -o json', { kind: 'Pod', metadata: { name: 'web-0' } }],
    ['describe msvc web --json', { object: { kind: 'ManagedService' }, events: expect.any(Array) }],
    ['events web-0 --json', expect.arrayContaining([expect.objectContaining({ kind: 'Event' })])],
    ['version --json', { client: expect.any(String), server: expect.any(String) }],
  ])('%s is JSON', async (line, expected) => {
    expect(JSON.parse(await ok(`drover ${line}`))).toMatchObject(expected);
  });

  it('get -o yaml and kubeconfig are YAML', async () => {
    expect(parse(await ok('drover get pod web-0 -o yaml'))).toMatchObject({ kind: 'Pod', metadata: { name: 'web-0' } });
    expect(parse(await ok('drover kubeconfig'))).toMatchObject({ kind: 'Config', contexts: [{ name: 'drover' }] });
  });

  it('a reader that goes away is no error', async () => {
    expect(await run('{ drover get pods -o yaml; echo "exit $?" >&2; } | head -n 1')).toMatchObject({
      code: 0,
      stdout: 'apiVersion: v1\n',
      stderr: 'exit 0\n',
    });
  });

  it('a slow reader gets all of a long output', async () => {
    const big = Array.from(
      { length: 3 },
      (_, i) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: big-${i} }\ndata: { a: ${'x'.repeat(100_000)} }\n`,
    );
    await ok('drover apply -f -', big.join(''));
    const { items } = JSON.parse(await ok('drover get configmaps -o json | { sleep 1; cat; }')) as {
      items: { metadata: { name: string } }[];
    };
    expect(items.map((item) => item.metadata.name)).toEqual(expect.arrayContaining(['big-0', 'big-1', 'big-2']));
    await ok('drover delete configmap big-0 big-1 big-2 --yes');
  });

  it('get -w goes on with changes, whole objects too, until it is interrupted', async () => {
    const { stdout } = await run(
      'timeout -s INT 8 "$PWD/drover" get pod web-0 -w -o name & timeout -s INT 8 "$PWD/drover" get pod/web-0 -w & wait',
    );
    expect(stdout).toContain('pod/web-0\n');
    expect(stdout).toMatch(/^web-0 +1\/1/m);
  });
});

describe('wrong commands', () => {
  it.each<[string, string, number, RegExp]>([
    ['an unknown command', 'gett pods', 2, /no command 'gett'; did you mean 'drover get'/],
    ['a service’s command without a service', 'plan list', 2, /'plan'.*no command|no command 'list'/],
    ['an unknown verb', 'web plan stats', 2, /no command 'stats'\. Did you mean "status"\?/],
    ['a verb that is not there', 'web debug pod pause web-0', 2, /no command 'debug'/],
    ['an unknown flag', 'get pods --outputt json', 2, /no flag --outputt; did you mean --output\?/],
    ['an unknown kind', 'get podz', 3, /no resource 'podz'\. Did you mean "pods"\?/],
    ['an unknown name', 'get pod web-7', 3, /pods "web-7" not found\. Did you mean "web-0"\?/],
    ['an unknown service', 'webb plan list', 3, /no service 'webb' in namespace default\. Did you mean "web"\?/],
    ['an unknown plan', 'web plan status deplyo', 3, /no plan 'deplyo'\. Did you mean "deploy"\?/],
    ['an unknown plan to pause', 'web plan pause deplyo', 3, /deplyo.*Did you mean "deploy"\?/],
    ['an unknown phase', 'web plan pause deploy wbe', 3, /no phase "wbe"/],
    ['an unknown pod', 'web pod restart web-7', 3, /no pod "web-7"\. Did you mean "web-0"\?/],
    ['an unknown pod to look at', 'web pod web-7', 3, /no pod 'web-7'/],
    ['an unknown thing to explain', 'why nosuch', 3, /no service, pod or operation 'nosuch'/],
    ['an unknown port', 'web endpoints htp', 3, /no port 'htp'/],
    ['a pause of what is complete', 'web plan pause deploy', 4, /nothing to do: /],
    ['a file that is not there', 'apply -f nosuch.yaml', 1, /cannot read nosuch\.yaml: there is no such file/],
    ['a backup over a file', 'backup package.json', 4, /package\.json exists already/],
    ['a second server', 'server --listen 127.0.0.1:0', 4, /in use by process \d+, serving http/],
    ['an address that others could reach', 'server --listen 0.0.0.0:7480', 1, /loopback only/],
    ['a demo that there is not', 'demo mysql', 3, /no demo 'mysql'; there is: kafka/],
    ['a watch of two kinds', 'get pods,msvc -w', 2, /--watch takes one kind/],
    ['--force without a reason', 'web pod replace web-0 --force --yes', 2, /--force needs --reason/],
    ['a log of what has none', 'logs msvc/nosuch', 3, /no service 'nosuch'/],
  ])('%s: one line that says what to do', async (_name, line, code, expected) => {
    const ran = await run(`drover ${line}`);
    expect(ran.stderr).toMatch(expected);
    expect(ran.stderr).toMatch(/^drover: error: [^\n]+\n$/);
    expect(ran).toMatchObject({ code, stdout: '' });
  });

  it.each(['web pod replace web-0', 'delete msvc web', 'down --purge', 'restore package.json'])(
    '%s does nothing where nobody can be asked',
    async (line) => {
      const ran = await run(`drover ${line}`);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(/^drover: error: nothing was (done|deleted); .*--yes/);
      expect(await ok('drover why web')).toMatch(/^web is well/);
    },
  );

  it('without a server each command says how to start one', async () => {
    const ran = await shell(join(files, 'empty-home'), 'drover get pods');
    expect(ran).toMatchObject({ code: 5, stdout: '' });
    expect(ran.stderr).toMatch(/^drover: error: no server runs for .*; start one with 'drover server'/);
  });
});

const kafka = (spec: string) =>
  `apiVersion: drover.dev/v1alpha1\nkind: Kafka\nmetadata: { name: wrong }\nspec:\n  kafka:\n${spec.replaceAll(/^/gm, '    ')}\n`;

describe('wrong manifests', () => {
  it.each<[string, string, RegExp]>([
    ['broken YAML', 'kind: Kafka\n  metadata: {}\n', /wrong\.yaml:1: not valid YAML: /],
    ['no resource', 'hello\n', /wrong\.yaml:1: a resource must be a mapping/],
    ['no apiVersion', 'kind: Kafka\nmetadata: { name: wrong }\n', /wrong\.yaml:1: apiVersion is missing/],
    [
      'an unknown kind',
      kafka('replicas: 1').replace('kind: Kafka', 'kind: Kafkaa'),
      /no kind Kafkaa in drover\.dev\/v1alpha1; did you mean kind Kafka of/,
    ],
    ['an unknown version of the API', kafka('replicas: 1').replace('v1alpha1', 'v1'), /did you mean kind Kafka of drover\.dev\/v1alpha1/],
    ['an unknown field', kafka('replicas: 3\nreplcas: 3'), /unknown field "spec\.kafka\.replcas" \(did you mean "replicas"\?\)/],
    ['a wrong type', kafka('replicas: three'), /spec\.kafka\.replicas: .*must be of type integer/],
    ['a missing field', kafka('version: 4.3.1'), /spec\.kafka\.replicas: Required value/],
    ['two brokers', kafka('replicas: 2'), /spec\.kafka\.replicas: Invalid value: 2: must be 1, or 3 and more/],
    ['config that Drover owns', kafka('replicas: 3\nconfig: { node.id: 5 }'), /spec\.kafka\.config\[node\.id\]: Forbidden/],
    ['more copies than brokers', kafka('replicas: 1\nconfig: { default.replication.factor: 3 }'), /must be at most the broker count, 1/],
    [
      'a pod type twice',
      WEB.replace('  pods:\n', '  pods:\n    - { name: web, count: 1, tasks: [{ name: main, command: [sleep, "1"] }] }\n').replace(
        'name: web }',
        'name: twice }',
      ),
      /spec\.pods\[1\]\.name: Duplicate value: "web"/,
    ],
    [
      'a namespace that is not there',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: nosuch }\n',
      /namespaces "nosuch" not found; create it first/,
    ],
  ])('%s: one line with file, line, field and rule', async (_name, text, expected) => {
    const file = join(files, 'wrong.yaml');
    writeFileSync(file, text);
    const ran = await run(`drover apply -f ${file}`);
    expect(ran.stderr).toMatch(expected);
    expect(ran.stderr).toMatch(/^drover: error: [^\n]+\n$/);
    expect(ran.stdout).toBe('');
    expect(ran.code).toBeGreaterThan(0);
    expect(await ok('drover get kafkas -o name')).toBe('');
  });

  it('several wrong fields have a line each', async () => {
    const { stderr } = await run('drover apply -f -', kafka('replicas: 2\nversion: abc'));
    expect(stderr).toMatch(
      /^drover: error: standard input:1: [^\n]*:\n {2}spec\.kafka\.replicas: [^\n]+\n {2}spec\.kafka\.version: [^\n]+\n$/,
    );
  });

  it('a wrong document at the end keeps the ones before it from being written', async () => {
    const { code } = await run(
      'drover apply -f -',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: first }\n---\nkind: Nonsense\napiVersion: v1\nmetadata: { name: second }\n`,
    );
    expect(code).toBe(3);
    expect((await run('drover get configmap first')).code).toBe(3);
  });

  it('what the world does not allow is refused with its reasons, which why repeats', async () => {
    const ran = await run('drover apply -f -', kafka('replicas: 1\nversion: 9.9.9').replace('wrong', 'future'));
    expect(ran).toMatchObject({ code: 1, stdout: 'kafka.drover.dev/future created\n' });
    expect(ran.stderr).toMatch(
      /Kafka future is not accepted, nothing was started:\n {2}spec\.kafka\.version: Kafka 9\.9\.9 is not in the package kafka; it has 4\./,
    );
    expect(await ok('drover why future')).toMatch(
      /^Kafka future is refused, nothing was started\.\n {2,}\S+ {2}Kafka future: spec\.kafka\.version: Kafka 9\.9\.9/,
    );
    await ok('drover delete kafka future --yes');
  });
});

describe('acts', () => {
  it('--dry-run writes nothing', async () => {
    expect(await ok('drover apply -f - --dry-run', WEB.replace('name: web }', 'name: other }'))).toBe(
      'managedservice.drover.dev/other created (dry run)\n',
    );
    expect((await run('drover get msvc other')).code).toBe(3);
  });

  it('apply again changes nothing, diff finds nothing; a change is shown by diff and exit code 1', async () => {
    expect(await ok('drover apply -f -', WEB)).toBe('managedservice.drover.dev/web unchanged\n');
    expect(await ok('drover diff -f -', WEB)).toBe('');
    const differs = await run('drover diff -f -', WEB.replace('count: 2', 'count: 3'));
    expect(differs.code).toBe(1);
    expect(differs.stdout).toMatch(/^-\s+count: 2\n\+\s+count: 3$/m);
  });

  it('a restart is recorded with its reason, which why tells, also of the operation itself', async () => {
    const done = JSON.parse(await ok('drover web pod restart web-0 --reason "leaks memory" --json')) as {
      operation: string;
      outcome: string;
    };
    expect(done.outcome).toBe('Applied');
    expect(await ok(`drover why ${done.operation}`)).toMatch(
      /^pod-restart of web web-0 was applied\.\n[^]*asked for it, reason: "leaks memory"/,
    );
    await until(async () => /incarnation 2 .*well|well.*incarnation 2/.test(await ok('drover why web-0')), 60_000, 'the restart');
    expect(await ok('drover why web-0')).toMatch(/its restart by plan recovery \(run \d+, asked for by \S+\) is complete/);
    expect(await ok('drover web plan status recovery')).toMatch(/web-0:\[main\] \(COMPLETE\)/);
  });

  it('a task that was killed is started again, and why says by which signal, how often and when', async () => {
    const crash = WEB.replace('name: web }', 'name: crash }')
      .replace('exec sleep 100000', 'sleep 0.3; sh -c "kill -9 \\$PPID"')
      .replace('count: 2', 'count: 1');
    await ok('drover apply -f -', crash);
    const told = /task main: was ended by signal 9 \(SIGKILL\)[^\n]*\d+ restarts? in place by now/;
    await until(async () => told.test(await ok('drover why crash-web-0')), 60_000, 'a restart');
    expect(await ok('drover why crash')).toMatch(/^crash is /);
    await ok('drover delete msvc crash --yes');
  });

  it('a pause tells who, when and why; force-restart and force-complete have a short spelling', async () => {
    await ok('drover web plan pause recovery --reason "work on the power"');
    expect(await ok('drover why web')).toMatch(
      /^web is ready, but paused[^]*plan recovery: was paused by \S+ \("work on the power"\): no new step begins until 'drover web plan resume recovery'/,
    );
    expect((await run('drover web plan pause recovery')).code).toBe(4);
    await ok('drover web plan resume recovery');
    expect(await ok('drover web force-restart deploy web web-1:[main]')).toBe(
      '"deploy" plan: step "web-1:[main]" in phase "web" has been restarted.\n',
    );
    await complete();
    expect(await ok('drover web plan force-restart deploy web')).toBe('"deploy" plan: phase "web" has been restarted.\n');
    await complete();
  });

  it('a pod that finds no place says why, first', async () => {
    const crowded = WEB.replace('name: web }', 'name: crowd }').replace('{ name: http }', '{ name: http, port: 29871 }');
    await ok('drover apply -f -', crowded);
    await until(async () => (await ok('drover why crowd')).includes('Unschedulable'), 60_000, 'the second pod');
    const why = (await ok('drover why crowd')).split('\n');
    expect(why[0]).toBe('crowd is not well: 1 of 2 pods are ready, under way: deploy.');
    expect(why[1]).toMatch(/deploy web-1:\[main\]: .*free ports.*29871.*\[Unschedulable\]$/);
    expect(JSON.parse(await ok('drover why crowd --json'))).toMatchObject({
      well: false,
      findings: [{ level: 'waiting', code: 'Unschedulable' }],
    });
    expect(await ok('drover delete msvc/crowd --yes')).toBe('managedservice "crowd" deleted\n');
    expect((await run('drover why crowd')).code).toBe(3);
  });

  it('a backup can be restored, and is refused while the server runs', async () => {
    const file = join(files, 'backup.db');
    expect(await ok(`drover backup ${file}`)).toMatch(/^wrote .*backup\.db: \d+\.\d MiB, revision \d+\n$/);
    expect(await run(`drover restore ${file} --yes`)).toMatchObject({ code: 4 });
    expect((await shell(join(files, 'other-home'), `drover restore ${file} --yes`)).stdout).toMatch(/^restored /);
  });
});

describe('the machine', () => {
  it('demo kafka tells what is short before it starts anything', async () => {
    const home = join(files, 'demo-home');
    mkdirSync(home);
    // The ports of the example are fixed; whoever has one of them already serves as well.
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.once('error', () => resolve()).listen(17093, '127.0.0.1', () => resolve()));
    try {
      const ran = await shell(home, 'drover demo kafka --listen 127.0.0.1:0');
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(/this machine is short of something:\n(.*\n)* {2}port 17093 on 127\.0\.0\.1 is in use/);
      expect((await shell(home, 'drover get pods')).code).toBe(5);
    } finally {
      blocker.close();
    }
  });

  it('down where nothing runs is friendly', async () => {
    const ran = await shell(join(files, 'idle-home'), 'drover down');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^nothing runs/);
  });
});
