import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/client/http/http-client.ts';
import { configMapKind } from '../../src/model/core/config-map.ts';
import { eventKind } from '../../src/model/core/event.ts';
import { podKind } from '../../src/model/core/pod.ts';
import { FakeNode } from './fake-node.ts';
import { findKubectl } from './find-kubectl.ts';
import { bindKubectl, type Kubectl } from './kubectl.ts';
import { startTestServer, type TestServer } from './server.ts';

const found = await findKubectl();
const configMap = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data });
const POD_YAML = `apiVersion: v1
kind: Pod
metadata: {name: web-0, labels: {app: web}}
spec:
  nodeName: m1
  containers:
  - {name: main, image: "kafka:4.3.0", command: [sleep, "1"], env: [{name: A, value: "1"}, {name: B, value: "2"}]}
  - {name: side, command: [sleep, "2"]}
`;
const PACKAGE_YAML = `apiVersion: drover.dev/v1alpha1
kind: Package
metadata: {name: thing}
spec: {description: A thing, kinds: [], defaultVersion: "1.0", versions: [{version: "1.0"}]}
`;

if (typeof found === 'string') console.warn(`kubectl is not tested: ${found}`);

describe.skipIf(typeof found === 'string')('a real kubectl', () => {
  const node = new FakeNode();
  let server: TestServer;
  let kubectl: Kubectl;
  let client: HttpClient;
  beforeAll(async () => {
    server = await startTestServer({ nodeApis: (name) => (name === 'm1' ? node : undefined) });
    kubectl = await bindKubectl((found as { path: string }).path, server);
    client = createHttpClient(server);
  });
  afterAll(async () => {
    client.close();
    await kubectl.close();
    await server.close();
    expect(server.faults).toEqual([]);
  });

  describe('learns what there is', () => {
    it('api-resources lists kinds with short names, groups and scope', async () => {
      const lines = (await kubectl.out('api-resources', '--no-headers')).split('\n').map((line) => line.trim().split(/\s+/));
      expect(lines).toContainEqual(['pods', 'po', 'v1', 'true', 'Pod']);
      expect(lines).toContainEqual(['packages', 'pkg', 'drover.dev/v1alpha1', 'false', 'Package']);
      expect(lines).toContainEqual(['leases', 'coordination.k8s.io/v1', 'true', 'Lease']);
      expect(lines).toContainEqual([
        'customresourcedefinitions',
        'crd,crds',
        'apiextensions.k8s.io/v1',
        'false',
        'CustomResourceDefinition',
      ]);
    });

    it('api-versions lists groups and versions', async () => {
      expect((await kubectl.out('api-versions')).trim().split('\n')).toEqual([
        'apiextensions.k8s.io/v1',
        'coordination.k8s.io/v1',
        'drover.dev/v1alpha1',
        'v1',
      ]);
    });

    it('version finds a server without skew', async () => {
      const { out, err } = await kubectl.run(['version']);
      expect(out).toContain('Server Version: v1.34.4+drover.0.1.0');
      expect(err).toBe('');
    });

    it('explain shows fields with their types and descriptions', async () => {
      expect(await kubectl.out('explain', 'package.spec.versions.process')).toMatch(
        /FIELD: process <Object>[^]*maven\s+<\[\]string> -required-/,
      );
      expect(await kubectl.out('explain', 'pod.spec.restartPolicy')).toMatch(/ENUM:\n +Always\n +OnFailure\n +Never\n/);
      expect(await kubectl.out('explain', 'kafka.spec.kafka.replicas')).toMatch(
        /FIELD: replicas <integer>[^]*Brokers, each also a controller/,
      );
      expect(await kubectl.out('explain', 'configmaps', '--recursive')).toMatch(
        /metadata\s+<ObjectMeta>[^]*labels\s+<map\[string\]string>/,
      );
    });

    it('get --raw reads any path', async () => {
      expect(await kubectl.out('get', '--raw', '/readyz?verbose')).toBe('[+]ping ok\n[+]store ok\nreadyz check passed\n');
    });

    it('is refused without the right token', async () => {
      const stranger = await bindKubectl((found as { path: string }).path, { url: server.url, token: 'wrong' });
      const { code, err } = await stranger.run(['get', 'pods']);
      await stranger.close();
      expect(code).toBe(1);
      expect(err).toMatch(/You must be logged in to the server/);
    });
  });

  describe('creates and prints', () => {
    it('create says what it made, and refuses a second one', async () => {
      const file = await kubectl.file('a.json', configMap('a', { k: 'v' }, { app: 'x' }));
      expect(await kubectl.out('create', '-f', file)).toBe('configmap/a created\n');
      expect(await kubectl.run(['create', '-f', file])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/AlreadyExists.*configmaps "a" already exists/),
      });
      expect(await kubectl.out('create', 'configmap', 'b', '--from-literal=k=w')).toBe('configmap/b created\n');
      expect(await kubectl.out('create', 'namespace', 'other')).toBe('namespace/other created\n');
      expect(await kubectl.out('create', 'secret', 'generic', 's', '--from-literal=p=q', '-n', 'other')).toBe('secret/s created\n');
    });

    it('get prints a table, names, JSON, YAML and paths', async () => {
      expect(await kubectl.out('get', 'cm')).toMatch(/^NAME +DATA +AGE\na +1 +\d+s\nb +1 +\d+s\n$/);
      expect(await kubectl.out('get', 'cm', '-o', 'name')).toBe('configmap/a\nconfigmap/b\n');
      expect(JSON.parse(await kubectl.out('get', 'cm', 'a', '-o', 'json'))).toMatchObject({ kind: 'ConfigMap', data: { k: 'v' } });
      expect(await kubectl.out('get', 'cm', 'a', '-o', 'yaml')).toMatch(/^apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\n/);
      expect(await kubectl.out('get', 'cm', '-o', 'jsonpath={.items[*].data.k}')).toBe('v w');
      expect(await kubectl.out('get', 'cm', '-o', 'custom-columns=N:.metadata.name', '--no-headers')).toBe('a\nb\n');
    });

    it('get selects by label and field, in all namespaces, in chunks, sorted', async () => {
      expect(await kubectl.out('get', 'cm', '-l', 'app=x', '-o', 'name')).toBe('configmap/a\n');
      expect(await kubectl.out('get', 'cm', '--field-selector', 'metadata.name!=a', '-o', 'name')).toBe('configmap/b\n');
      expect(await kubectl.out('get', 'secrets', '-A', '--no-headers')).toMatch(/^other +s +Opaque +1 +\d+s\n$/);
      expect(await kubectl.out('get', 'cm', '--chunk-size=1', '-o', 'name')).toBe('configmap/a\nconfigmap/b\n');
      expect(await kubectl.out('get', 'cm', '--sort-by=.data.k', '-o', 'name')).toBe('configmap/a\nconfigmap/b\n');
      expect(await kubectl.out('get', 'cm,secrets', '-n', 'other', '-o', 'name')).toBe('secret/s\n');
      expect(await kubectl.run(['get', 'cm', 'nope'])).toMatchObject({
        code: 1,
        err: 'Error from server (NotFound): configmaps "nope" not found\n',
      });
    });

    it('get -w prints changes as they come', async () => {
      const watch = kubectl.start('get', 'cm', '-w', '-o', 'custom-columns=N:.metadata.name,K:.data.k', '--no-headers');
      await watch.line(/^b +w$/);
      await client.create(configMapKind, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'c', namespace: 'default' },
        data: { k: '1' },
      });
      await watch.line(/^c +1$/);
      await client.patch(configMapKind, { namespace: 'default', name: 'c' }, { data: { k: '2' } });
      await watch.line(/^c +2$/);
      watch.stop();
      await watch.ended;
    });

    it('get -w as a table keeps its columns', async () => {
      const watch = kubectl.start('get', 'cm', 'c', '-w', '--no-headers');
      await watch.line(/^c +1 +/);
      await client.patch(configMapKind, { namespace: 'default', name: 'c' }, { data: { more: 'x' } });
      await watch.line(/^c +2 +/);
      watch.stop();
      await watch.ended;
    });

    it('a manifest with a mistake is refused with the field, before anything is made', async () => {
      const file = await kubectl.file(
        'bad.json',
        JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bad' }, dta: {} }),
      );
      expect(await kubectl.run(['create', '-f', file])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/strict decoding error: unknown field "dta"/),
      });
      expect(await kubectl.run(['get', 'cm', 'bad'])).toMatchObject({ code: 1 });
    });
  });

  describe('changes', () => {
    it('apply creates, changes, and prunes fields that left the manifest', async () => {
      const file = await kubectl.file('p.yaml', POD_YAML);
      expect(await kubectl.out('apply', '-f', file)).toBe('pod/web-0 created\n');
      expect(await kubectl.out('apply', '-f', file)).toBe('pod/web-0 unchanged\n');
      await kubectl.file('p.yaml', POD_YAML.replace('app: web', 'app: shop').replace('kafka:4.3.0', 'kafka:4.3.1'));
      expect(await kubectl.out('apply', '-f', file)).toBe('pod/web-0 configured\n');
      expect(
        await kubectl.out(
          'get',
          'pod',
          'web-0',
          '-o',
          'jsonpath={.metadata.labels} {.spec.containers[*].image} {.spec.containers[*].name}',
        ),
      ).toBe('{"app":"shop"} kafka:4.3.1 main side');
      const cm = await kubectl.file('pruned.json', configMap('pruned', { keep: '1', drop: '2' }));
      await kubectl.out('apply', '-f', cm);
      await kubectl.out('patch', 'cm', 'pruned', '--type=merge', '-p', '{"data":{"foreign":"3"}}');
      await kubectl.file('pruned.json', configMap('pruned', { keep: '1' }));
      expect(await kubectl.out('apply', '-f', cm)).toBe('configmap/pruned configured\n');
      expect(await kubectl.out('get', 'cm', 'pruned', '-o', 'jsonpath={.data}')).toBe('{"foreign":"3","keep":"1"}');
    });

    it('apply works for kinds of our own', async () => {
      const file = await kubectl.file('pkg.yaml', PACKAGE_YAML);
      expect(await kubectl.out('apply', '-f', file)).toBe('package.drover.dev/thing created\n');
      await kubectl.file('pkg.yaml', PACKAGE_YAML.replace('A thing', 'Another thing'));
      expect(await kubectl.out('apply', '-f', file)).toBe('package.drover.dev/thing configured\n');
      expect(await kubectl.out('get', 'pkg', 'thing', '-o', 'jsonpath={.spec.description} {.metadata.generation}')).toBe('Another thing 2');
    });

    it('diff shows what an apply would change, and changes nothing', async () => {
      const file = await kubectl.file('pkg.yaml', PACKAGE_YAML.replace('A thing', 'A third thing'));
      const { code, out } = await kubectl.run(['diff', '-f', file]);
      expect(code).toBe(1);
      expect(out).toMatch(/^-  description: Another thing$/m);
      expect(out).toMatch(/^\+  description: A third thing$/m);
      expect(await kubectl.out('get', 'pkg', 'thing', '-o', 'jsonpath={.spec.description}')).toBe('Another thing');
    });

    it('apply --dry-run=server changes nothing', async () => {
      const file = await kubectl.file('pkg.yaml', PACKAGE_YAML.replace('A thing', 'A third thing'));
      expect(await kubectl.out('apply', '--dry-run=server', '-f', file)).toBe('package.drover.dev/thing configured (server dry run)\n');
      expect(await kubectl.out('get', 'pkg', 'thing', '-o', 'jsonpath={.spec.description}')).toBe('Another thing');
    });

    it('edit opens an editor and applies what it leaves', async () => {
      const said = await kubectl.run(['edit', 'cm', 'a'], { env: { KUBE_EDITOR: "sed -i 's/k: v/k: edited/'" } });
      expect(said).toMatchObject({ code: 0, out: 'configmap/a edited\n' });
      expect(await kubectl.out('get', 'cm', 'a', '-o', 'jsonpath={.data.k}')).toBe('edited');
    });

    it('patch knows three ways, and says which are not for a kind', async () => {
      expect(await kubectl.out('patch', 'cm', 'a', '--type=json', '-p', '[{"op":"replace","path":"/data/k","value":"j"}]')).toBe(
        'configmap/a patched\n',
      );
      expect(await kubectl.out('patch', 'cm', 'a', '--type=merge', '-p', '{"data":{"m":"1"}}')).toBe('configmap/a patched\n');
      expect(await kubectl.out('patch', 'pod', 'web-0', '-p', '{"spec":{"containers":[{"name":"side","image":"busybox:9"}]}}')).toBe(
        'pod/web-0 patched\n',
      );
      expect(await kubectl.out('get', 'pod', 'web-0', '-o', 'jsonpath={.spec.containers[*].image}')).toBe('kafka:4.3.1 busybox:9');
      expect(await kubectl.run(['patch', 'pkg', 'thing', '-p', '{}'])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/),
      });
      expect(
        await kubectl.out('patch', 'pod', 'web-0', '--subresource=status', '--type=merge', '-p', '{"status":{"phase":"Running"}}'),
      ).toBe('pod/web-0 patched\n');
    });

    it('replace, label and annotate', async () => {
      const file = await kubectl.file('a.json', configMap('a', { replaced: 'yes' }));
      expect(await kubectl.out('replace', '-f', file)).toBe('configmap/a replaced\n');
      expect(await kubectl.out('get', 'cm', 'a', '-o', 'jsonpath={.data}')).toBe('{"replaced":"yes"}');
      expect(await kubectl.out('label', 'cm', 'a', 'tier=back')).toBe('configmap/a labeled\n');
      expect(await kubectl.run(['label', 'cm', 'a', 'tier=front'])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/already has a value \(back\)/),
      });
      expect(await kubectl.out('label', 'cm', 'a', 'tier-')).toBe('configmap/a unlabeled\n');
      expect(await kubectl.out('annotate', 'cm', 'a', 'note=hi there')).toBe('configmap/a annotated\n');
      expect(await kubectl.out('get', 'cm', 'a', '-o', 'jsonpath={.metadata.annotations.note}')).toBe('hi there');
    });
  });

  describe('waits, describes and reads logs', () => {
    it('wait --for sees conditions, fields and deletions', async () => {
      const key = { namespace: 'default', name: 'web-0' };
      const ready = kubectl.run(['wait', '--for=condition=Ready', 'pod/web-0', '--timeout=30s']);
      const ip = kubectl.run(['wait', '--for=jsonpath={.status.podIP}=127.0.0.9', 'pod/web-0', '--timeout=30s']);
      await client.patch(
        podKind,
        key,
        { status: { podIP: '127.0.0.9', conditions: [{ type: 'Ready', status: 'True' }] } },
        { subresource: 'status' },
      );
      expect(await ready).toMatchObject({ code: 0, out: 'pod/web-0 condition met\n' });
      expect(await ip).toMatchObject({ code: 0, out: 'pod/web-0 condition met\n' });
      const deleted = kubectl.run(['wait', '--for=delete', 'cm/pruned', '--timeout=30s']);
      await client.delete(configMapKind, { namespace: 'default', name: 'pruned' });
      expect(await deleted).toMatchObject({ code: 0 });
      expect(await kubectl.run(['wait', '--for=condition=Never', 'pod/web-0', '--timeout=1s'])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/timed out waiting/),
      });
    });

    it('events and describe show what happened', async () => {
      const pod = await client.get(podKind, { namespace: 'default', name: 'web-0' });
      const now = new Date().toISOString().replace(/\.\d+/, '');
      await client.create(eventKind, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'web-0.1', namespace: 'default' },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'web-0', namespace: 'default', uid: pod.metadata.uid },
        reason: 'Started',
        message: 'Started container main',
        type: 'Normal',
        source: { component: 'agent' },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      });
      expect(await kubectl.out('events', '--for', 'pod/web-0')).toMatch(
        /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\S+ +Normal +Started +Pod\/web-0 +Started container main\n$/,
      );
      expect(await kubectl.out('get', 'events', '--no-headers')).toMatch(/Normal +Started +pod\/web-0 +Started container main/);
      const described = await kubectl.out('describe', 'pod', 'web-0');
      expect(described).toMatch(/^Name: +web-0\nNamespace: +default\n/);
      expect(described).toMatch(/Image: +kafka:4\.3\.1/);
      expect(described).toMatch(/Started +\S+ +agent +Started container main/);
      expect(await kubectl.out('describe', 'pkg', 'thing')).toMatch(/Kind: +Package[^]*Description: +Another thing/);
    });

    it('logs: all, tail, since, timestamps, another container, the run before', async () => {
      const at = Date.parse('2026-01-02T03:04:05.678Z');
      for (let i = 1; i <= 5; i++) node.say('web-0/main', `line ${i}`, at + i * 1000);
      node.say('web-0/side', 'beside', at);
      node.say('web-0/main-previous', 'before', at);
      expect(await kubectl.out('logs', 'web-0', '-c', 'main')).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n');
      expect(await kubectl.out('logs', 'web-0', '-c', 'main', '--tail=2')).toBe('line 4\nline 5\n');
      expect(await kubectl.out('logs', 'web-0', '-c', 'main', '--since-time=2026-01-02T03:04:10Z')).toBe('line 5\n');
      expect(await kubectl.out('logs', 'web-0', '-c', 'main', '--tail=1', '--timestamps')).toBe('2026-01-02T03:04:10.678000000Z line 5\n');
      expect(await kubectl.out('logs', 'web-0', '-c', 'main', '--limit-bytes=9')).toBe('line 1\nli');
      expect(await kubectl.out('logs', 'web-0', '-c', 'side')).toBe('beside\n');
      expect(await kubectl.out('logs', 'web-0', '-c', 'main', '--previous')).toBe('before\n');
      expect(await kubectl.run(['logs', 'web-0', '-c', 'side', '--previous'])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/previous terminated container "side" in pod "web-0" not found/),
      });
      expect(await kubectl.run(['logs', 'web-0', '-c', 'nope'])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/container nope is not valid for pod web-0/),
      });
    });

    it('logs -f goes on until the reader leaves, and the agent hears of that', async () => {
      const follow = kubectl.start('logs', '-f', 'web-0', '-c', 'main', '--tail=1');
      await follow.line(/^line 5$/);
      node.say('web-0/main', 'line 6', Date.now());
      await follow.line(/^line 6$/);
      expect(node.following).toBe(1);
      follow.stop();
      await follow.ended;
      await expect.poll(() => node.following).toBe(0);
    });
  });

  describe('deletes', () => {
    it('delete --wait waits for the grace period and for finalizers', async () => {
      const deleting = kubectl.start('delete', 'pod', 'web-0', '--wait');
      await deleting.line(/^pod "web-0" deleted/);
      const pod = await client.get(podKind, { namespace: 'default', name: 'web-0' });
      expect(pod.metadata.deletionTimestamp).toBeTruthy();
      await client.delete(podKind, { namespace: 'default', name: 'web-0' }, { gracePeriodSeconds: 0 });
      expect(await deleting.ended).toMatchObject({ code: 0 });
      await kubectl.out('patch', 'cm', 'a', '--type=merge', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}');
      const held = kubectl.start('delete', 'cm', 'a');
      await held.line(/^configmap "a" deleted/);
      await kubectl.out('patch', 'cm', 'a', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
      expect(await held.ended).toMatchObject({ code: 0 });
    });

    it('delete by label, all, and of what is not there', async () => {
      await kubectl.out('label', 'cm', 'b', 'gone=soon');
      expect(await kubectl.out('delete', 'cm', '-l', 'gone=soon')).toMatch(/^configmap "b" deleted/);
      expect(await kubectl.out('delete', 'cm', '--all')).toMatch(/configmap "c" deleted/);
      expect(await kubectl.out('get', 'cm', '-o', 'name')).toBe('');
      expect(await kubectl.run(['delete', 'cm', 'nope'])).toMatchObject({
        code: 1,
        err: 'Error from server (NotFound): configmaps "nope" not found\n',
      });
      expect(await kubectl.out('delete', 'cm', 'nope', '--ignore-not-found')).toBe('');
    });
  });
});
