import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeNode } from '../../../test/api/fake-node.ts';
import { send } from '../../../test/api/send.ts';
import { startTestServer, type TestServer } from '../../../test/api/server.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { createHttpClient, type HttpClient } from '../../client/http/http-client.ts';
import { hasCode } from '../../base/errors.ts';
import { configMapKind, type ConfigMap } from '../../model/core/config-map.ts';
import { podKind } from '../../model/core/pod.ts';
import { STALLED_MS } from './write-bounded.ts';

const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});

describe('the HTTP front', () => {
  const node = new FakeNode();
  let server: TestServer;
  let client: HttpClient;
  beforeEach(async () => {
    server = await startTestServer({ nodeApis: (name) => (name === 'm1' ? node : undefined) });
    client = createHttpClient(server);
  });
  afterEach(async () => {
    client.close();
    await server.close();
    expect(server.faults).toEqual([]);
  });

  it('answers nothing without its token', async () => {
    for (const path of ['/', '/api', '/livez', '/readyz', '/healthz', '/metrics', '/version', '/openapi/v3', '/api/v1/pods', '/nope']) {
      expect((await send({ ...server, token: 'wrong' }, { method: 'GET', path })).code, path).toBe(401);
      expect((await send(server, { method: 'GET', path, headers: { authorization: '' } })).code, path).toBe(401);
    }
  });

  it('answers only to its own name', async () => {
    for (const host of ['evil.example', `evil.example:${server.port}`, 'localhost:1']) {
      expect((await send(server, { method: 'GET', path: '/livez', headers: { host } })).code, host).toBe(421);
    }
    expect((await send(server, { method: 'GET', path: '/livez', headers: { host: `localhost:${server.port}` } })).code).toBe(200);
  });

  it('takes an object of nearly 1 MiB, and refuses one beyond, and a body beyond 3 MiB', async () => {
    const big = await client.create(configMapKind, configMap('big', { a: 'x'.repeat(1_040_000) }));
    expect(big.data?.['a']).toHaveLength(1_040_000);
    await expect(client.create(configMapKind, configMap('bigger', { a: 'x'.repeat(1_100_000) }))).rejects.toSatisfy((error) =>
      hasCode(error, 'too-large', 'invalid'),
    );
    await expect(client.create(configMapKind, configMap('biggest', { a: 'x'.repeat(3_200_000) }))).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  it('writes YAML and indented JSON for those who ask', async () => {
    await client.create(configMapKind, configMap('a', { k: 'v' }));
    const path = '/api/v1/namespaces/default/configmaps/a';
    expect((await client.raw(path, { accept: 'application/yaml' })).text).toMatch(/^kind: ConfigMap$/m);
    expect((await client.raw(`${path}?pretty=true`)).text).toMatch(/^ {2}"kind": "ConfigMap"/m);
    expect((await client.raw(path)).text.trim()).not.toContain('\n');
  });

  it('ends watches and logs cleanly when it closes, and lets requests under way finish', async () => {
    await client.create(podKind, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default' },
      spec: { nodeName: 'm1', containers: [{ name: 'c', command: ['x'] }] },
    });
    node.say('p/c', 'hello', 1);
    const watch = send(server, { method: 'GET', path: '/api/v1/configmaps?watch=true' });
    const log = send(server, { method: 'GET', path: '/api/v1/namespaces/default/pods/p/log?follow=true' });
    await expect.poll(() => node.following).toBe(1);
    // Half a request is under way: its other half comes while the server closes.
    const socket = connect(server.port, '127.0.0.1');
    const body = JSON.stringify(configMap('late'));
    socket.write(
      `POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    await send(server, { method: 'GET', path: '/livez' });
    const closed = server.close();
    socket.write(body.slice(10));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 201/);
    expect((await watch).code).toBe(200);
    expect((await log).text).toBe('hello\n');
    await closed;
    expect(node.following).toBe(0);
    await expect(client.raw('/livez')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('stops asking the agent when a reader of a log leaves', async () => {
    await client.create(podKind, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'q', namespace: 'default' },
      spec: { nodeName: 'm1', containers: [{ name: 'c', command: ['x'] }] },
    });
    node.say('q/c', 'one', 1);
    const leave = new AbortController();
    for await (const chunk of client.podLogs({ namespace: 'default', name: 'q' }, { follow: true }, leave.signal)) {
      expect(chunk.toString()).toBe('one\n');
      leave.abort();
    }
    await expect.poll(() => node.following).toBe(0);
  });
});

describe('a reader that does not read', () => {
  it('is cut off, and others go on', async () => {
    const clock = new FakeClock();
    const node = new FakeNode();
    const server = await startTestServer({ clock, nodeApis: () => node });
    const client = createHttpClient(server);
    try {
      await client.create(podKind, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'default' },
        spec: { nodeName: 'm1', containers: [{ name: 'c', command: ['x'] }] },
      });
      for (let i = 0; i < 2_000; i++) node.say('p/c', 'x'.repeat(20_000), 1);
      const socket = connect(server.port, '127.0.0.1');
      socket.pause();
      socket.on('error', () => undefined);
      socket.write(
        `GET /api/v1/namespaces/default/pods/p/log?follow=true HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n\r\n`,
      );
      await expect.poll(() => node.following).toBe(1);
      // The clock moves only while the writer waits for the reader.
      await expect
        .poll(() => {
          clock.advance(STALLED_MS);
          return node.following;
        })
        .toBe(0);
      socket.destroy();
      expect((await client.raw('/livez')).text).toBe('ok');
    } finally {
      client.close();
      await server.close();
    }
  });
});
