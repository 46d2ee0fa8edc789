import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  makeInformer,
  type Informer,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { startTestServer, type TestServer } from './server.ts';

function kubeConfig(server: TestServer): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    // Without it the library refuses plain HTTP altogether.
    clusters: [{ name: 'drover', server: server.url, skipTLSVerify: true }],
    users: [{ name: 'drover', token: server.token }],
    contexts: [{ name: 'drover', cluster: 'drover', user: 'drover' }],
    currentContext: 'drover',
  });
  return config;
}

const configMap = (name: string, data: Record<string, string> = {}): V1ConfigMap => ({ metadata: { name }, data });

describe('@kubernetes/client-node', () => {
  let store: Store;
  let server: TestServer;
  let api: CoreV1Api;
  let informer: Informer<V1ConfigMap> | undefined;
  beforeEach(async () => {
    store = createMemoryStore();
    server = await startTestServer({ store });
    api = kubeConfig(server).makeApiClient(CoreV1Api);
  });
  afterEach(async () => {
    await informer?.stop();
    informer = undefined;
    await server.close();
    await store.close();
  });

  /** An informer that goes on after every fault, as its documentation tells its users to, and what it has told. */
  async function follow(): Promise<string[]> {
    const told: string[] = [];
    const made = makeInformer(kubeConfig(server), '/api/v1/namespaces/default/configmaps', () =>
      api.listNamespacedConfigMap({ namespace: 'default' }),
    );
    informer = made;
    const note = (what: string) => (object: KubernetesObject) =>
      void told.push(`${what} ${object.metadata?.name} ${JSON.stringify((object as V1ConfigMap).data ?? {})}`);
    made.on('add', note('add'));
    made.on('update', note('update'));
    made.on('delete', note('delete'));
    made.on('error', () => void setTimeout(() => void made.start().catch(() => undefined), 20));
    await made.start();
    return told;
  }

  it('creates, lists and deletes with typed and with custom objects', async () => {
    const made = await api.createNamespacedConfigMap({ namespace: 'default', body: configMap('a', { k: 'v' }) });
    expect(made.data).toEqual({ k: 'v' });
    expect((await api.listNamespacedConfigMap({ namespace: 'default' })).items.map((item) => item.metadata?.name)).toEqual(['a']);
    await api.deleteNamespacedConfigMap({ namespace: 'default', name: 'a' });
    await expect(api.readNamespacedConfigMap({ namespace: 'default', name: 'a' })).rejects.toMatchObject({ code: 404 });
    const custom = kubeConfig(server).makeApiClient(CustomObjectsApi);
    const spec = { description: 'd', kinds: [], defaultVersion: '1', versions: [{ version: '1' }] };
    const kind = { group: 'drover.dev', version: 'v1alpha1', plural: 'packages' };
    await custom.createClusterCustomObject({
      ...kind,
      body: { apiVersion: 'drover.dev/v1alpha1', kind: 'Package', metadata: { name: 'p' }, spec },
    });
    expect(await custom.getClusterCustomObject({ ...kind, name: 'p' })).toMatchObject({ spec });
  });

  it('an informer misses nothing over a restart of the server', async () => {
    await api.createNamespacedConfigMap({ namespace: 'default', body: configMap('before') });
    const told = await follow();
    await api.createNamespacedConfigMap({ namespace: 'default', body: configMap('running') });
    await expect.poll(() => told, { timeout: 20_000 }).toContain('add running {}');
    const { port } = server;
    await server.close();
    server = await startTestServer({ store, port });
    // Written before the informer is back: it must hear of them all the same.
    await api.createNamespacedConfigMap({ namespace: 'default', body: configMap('after') });
    await api.deleteNamespacedConfigMap({ namespace: 'default', name: 'before' });
    await api.replaceNamespacedConfigMap({ namespace: 'default', name: 'running', body: configMap('running', { k: '2' }) });
    await expect
      .poll(() => told, { timeout: 20_000 })
      .toEqual(expect.arrayContaining(['add after {}', 'delete before {}', 'update running {"k":"2"}']));
    expect(told.filter((line) => line.startsWith('add after'))).toHaveLength(1);
    expect(told.filter((line) => line.startsWith('add before'))).toHaveLength(1);
  });
});
