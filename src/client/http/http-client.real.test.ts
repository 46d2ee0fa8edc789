import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/api/server.ts';
import { configMapKind, type ConfigMap } from '../../model/core/config-map.ts';
import { namespaceKind } from '../../model/core/namespace.ts';
import { podKind, type Pod } from '../../model/core/pod.ts';
import type { WatchEvent } from '../client.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';

const configMap = (name: string, more: Partial<ConfigMap> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  ...more,
});
const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName: 'm1', containers: [{ name: 'c', command: ['x'] }] },
});
const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

describe('the HTTP client', () => {
  let server: TestServer;
  let client: HttpClient;
  beforeAll(async () => {
    server = await startTestServer();
    client = createHttpClient(server);
  });
  afterAll(async () => {
    client.close();
    await server.close();
  });

  it('creates, gets, lists in pages, updates, patches and deletes', async () => {
    const made = await client.create(configMapKind, configMap('a', { data: { k: '1' } }));
    await client.create(configMapKind, configMap('b'));
    expect(await client.get(configMapKind, key('a'))).toEqual(made);
    const page = await client.list(configMapKind, { namespace: 'default', limit: 1 });
    expect(page.items).toEqual([made]);
    const rest = await client.list(configMapKind, { namespace: 'default', limit: 1, continue: page.continue! });
    expect(rest.items.map((item) => item.metadata.name)).toEqual(['b']);
    expect(rest.continue).toBeUndefined();
    const updated = await client.update(configMapKind, { ...made, data: { k: '2' } });
    await expect(client.update(configMapKind, { ...made, data: { k: '3' } })).rejects.toMatchObject({ code: 'conflict' });
    expect((await client.patch(configMapKind, key('a'), { data: { more: 'x' } })).data).toEqual({ ...updated.data, more: 'x' });
    await expect(client.delete(configMapKind, key('a'), { uid: 'other' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await client.delete(configMapKind, key('a'), { uid: made.metadata.uid })).toBeUndefined();
    await expect(client.get(configMapKind, key('a'))).rejects.toMatchObject({
      code: 'not-found',
      about: { kind: 'configmaps', name: 'a' },
    });
  });

  it('says with the object what still waits after a delete, and with nothing what is gone', async () => {
    await client.create(podKind, pod('p'));
    expect((await client.delete(podKind, key('p')))?.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(await client.delete(podKind, key('p'), { gracePeriodSeconds: 0 })).toBeUndefined();
    await client.create(
      configMapKind,
      configMap('held', { metadata: { name: 'held', namespace: 'default', finalizers: ['example.com/x'] } }),
    );
    expect((await client.delete(configMapKind, key('held')))?.metadata.finalizers).toEqual(['example.com/x']);
    await client.patch(configMapKind, key('held'), { metadata: { finalizers: null } });
  });

  it('updates status apart from spec', async () => {
    const made = await client.create(podKind, pod('s'));
    const told = await client.updateStatus(podKind, { ...made, spec: { containers: [] }, status: { phase: 'Running' } });
    expect(told.status?.phase).toBe('Running');
    expect(told.spec).toEqual(made.spec);
  });

  it('a dry run leaves nothing, and a mistake comes with its cause', async () => {
    await client.create(configMapKind, configMap('dry'), { dryRun: true });
    await expect(client.get(configMapKind, key('dry'))).rejects.toMatchObject({ code: 'not-found' });
    const wrong = client.create(podKind, { ...pod('w'), spec: { containers: [] } });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid', causes: [{ field: 'spec.containers' }] });
    const unknown = { ...configMap('x'), colour: 'red' };
    await expect(client.create(configMapKind, unknown)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('unknown field "colour"'),
    });
  });

  it('watches from a version until it is told to stop', async () => {
    const { resourceVersion } = await client.list(configMapKind, { namespace: 'default' });
    await client.create(configMapKind, configMap('w', { data: { text: 'héllo 🦆'.repeat(10_000) } }));
    await client.delete(configMapKind, key('w'));
    const stop = new AbortController();
    const seen: WatchEvent<ConfigMap>[] = [];
    for await (const event of client.watch(configMapKind, { namespace: 'default', resourceVersion, signal: stop.signal })) {
      seen.push(event);
      if (event.type === 'DELETED') stop.abort();
    }
    expect(seen.map((event) => event.type)).toEqual(['ADDED', 'DELETED']);
    expect((seen[0] as { object: ConfigMap }).object.data?.['text']).toBe('héllo 🦆'.repeat(10_000));
  });

  it('names a cluster-wide object without a namespace', async () => {
    expect((await client.get(namespaceKind, { name: 'default' })).status?.phase).toBe('Active');
  });

  it('says in one line that nothing listens, and that the token is wrong', async () => {
    const nobody = createHttpClient({ url: 'http://127.0.0.1:1', token: 't' });
    await expect(nobody.get(namespaceKind, { name: 'default' })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'No Drover server can be reached at http://127.0.0.1:1: nothing listens there.',
    });
    const stranger = createHttpClient({ url: server.url, token: 'wrong' });
    await expect(stranger.get(namespaceKind, { name: 'default' })).rejects.toMatchObject({ code: 'unauthorized' });
    stranger.close();
    expect(() => createHttpClient({ url: 'localhost:7480', token: 't' })).toThrow(/http:\/\/host:port/);
  });

  it('a watch whose server dies throws, so that its reader goes on elsewhere', async () => {
    const dying = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}\n{"type":"ADD');
      setImmediate(() => response.destroy());
    });
    dying.listen(0, '127.0.0.1');
    await once(dying, 'listening');
    const other = createHttpClient({ url: `http://127.0.0.1:${(dying.address() as AddressInfo).port}`, token: 't' });
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const event of other.watch(configMapKind, { resourceVersion: '1', signal: new AbortController().signal }))
        seen.push(event);
    };
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toEqual([{ type: 'BOOKMARK', resourceVersion: '7' }]);
    other.close();
    dying.closeAllConnections();
    dying.close();
  });
});
