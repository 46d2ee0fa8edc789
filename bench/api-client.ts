/** The client side of `bench/api.ts`, a process of its own: `node bench/api-client.ts URL TOKEN NAMESPACE` prints the rates of one round as JSON. */
import { Agent as HttpAgent, request as httpRequest, type Agent } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

const LONE = 400;
const SHARED = 4_000;
const WRITERS = 64;
const GETS = 8_000;

const [url, token, namespace] = process.argv.slice(2) as [string, string, string];
const secure = url.startsWith('https:');
// kube-apiserver speaks HTTP/1.1 too; one kept-alive connection a writer on both sides.
const options = { keepAlive: true, maxSockets: WRITERS, ...(secure && { rejectUnauthorized: false }) };
const agent: Agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
const request = secure ? httpsRequest : httpRequest;
const { hostname, port } = new URL(url);
const base = `/api/v1/namespaces/${namespace}/configmaps`;

await call('POST', '/api/v1/namespaces', JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));
const lone = await rate(LONE, 1, (i) => call('POST', base, configMap(`lone-${i}`)));
const shared = await rate(SHARED, WRITERS, (i) => call('POST', base, configMap(`shared-${i}`)));
const gets = await rate(GETS, WRITERS, (i) => call('GET', `${base}/shared-${(i * 7919) % SHARED}`));
console.log(JSON.stringify({ lone, shared, gets }));
agent.destroy();

/** Operations a second. */
async function rate(count: number, workers: number, work: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return (count / (performance.now() - begun)) * 1000;
}

function configMap(name: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'bench' } },
    data: { filler: 'x'.repeat(500) },
  });
}

function call(method: string, path: string, body?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const outgoing = request({ hostname, port, path, method, agent, headers }, (response) => {
      response.on('data', () => undefined);
      response.on('end', () => (response.statusCode! < 300 ? resolve() : reject(new Error(`${method} ${path}: ${response.statusCode}`))));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
