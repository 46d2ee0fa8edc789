import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container } from '../model/core/pod.ts';
import type { Probe } from '../model/core/probe.ts';
import type { ProbeOutcome } from '../health/probe.ts';
import type { Driver } from '../drivers/driver.ts';

/** What is to be probed. */
export interface ProbeTarget {
  readonly probe: Probe;
  readonly container: Container;
  readonly taskId: string;
  /** The Pod's address, for probes that name no host. */
  readonly address: string;
  readonly timeoutMs: number;
}

/** Runs one probe once. Never rejects: what keeps the probe itself from running is `unknown`. */
export type ProbeRunner = (target: ProbeTarget, signal: AbortSignal) => Promise<ProbeOutcome>;

/** Redirects followed within the host, as Kubernetes does. */
const MAX_REDIRECTS = 10;

/** The longest time-out that the timers take, ms: about 24 days. */
const MAX_TIMEOUT_MS = 0x7fffffff;

/** Probes over this machine's network, exec probes by the driver. */
export function probeRunner(driver: Driver): ProbeRunner {
  return async (target, signal) => {
    try {
      return await runProbe(driver, { ...target, timeoutMs: Math.min(target.timeoutMs, MAX_TIMEOUT_MS) }, signal);
    } catch (error) {
      return { result: 'unknown', message: String(error) };
    }
  };
}

async function runProbe(driver: Driver, target: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
  const { probe } = target;
  if (probe.exec) return execProbe(driver, target, probe.exec.command, signal);
  const port = portOf(target.container, probe.httpGet?.port ?? probe.tcpSocket?.port);
  if (port === undefined) return { result: 'unknown', message: 'the probe names a port that the container does not have' };
  if (probe.tcpSocket) return tcpProbe(probe.tcpSocket.host || target.address, port, target.timeoutMs, signal);
  if (!probe.httpGet) return { result: 'unknown', message: 'the probe says neither exec, httpGet nor tcpSocket' };
  const { scheme = 'HTTP', host, path = '/', httpHeaders = [] } = probe.httpGet;
  const name = host || target.address;
  const authority = name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`;
  let url: URL;
  try {
    url = new URL(path.startsWith('/') ? path : `/${path}`, `${scheme.toLowerCase()}://${authority}`);
  } catch {
    return { result: 'unknown', message: `${authority}${path} is not an address` };
  }
  const headers = Object.fromEntries(httpHeaders.map((header) => [header.name.toLowerCase(), header.value]));
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(target.timeoutMs)]);
  return httpProbe(url, { 'user-agent': 'drover-probe', accept: '*/*', ...headers }, deadline, signal);
}

/** The number of a port given as number, numeral or name; undefined when the container has no such port. */
export function portOf(container: Container, port: number | string | undefined): number | undefined {
  if (typeof port === 'number') return port;
  if (port !== undefined && /^\d+$/.test(port)) return Number(port);
  return container.ports?.find((entry) => entry.name === port)?.containerPort;
}

async function execProbe(driver: Driver, target: ProbeTarget, command: readonly string[], signal: AbortSignal): Promise<ProbeOutcome> {
  const { exitCode, output, timedOut } = await driver.exec(target.taskId, command, { timeoutMs: target.timeoutMs, signal });
  if (timedOut)
    return { result: 'failure', message: `command timed out: ${command.join(' ')} timed out after ${target.timeoutMs / 1000}s` };
  return exitCode === 0 ? { result: 'success', message: '' } : { result: 'failure', message: firstLine(output) || `exit code ${exitCode}` };
}

function tcpProbe(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (outcome: ProbeOutcome) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(outcome);
    };
    const onAbort = () => settle({ result: 'unknown', message: 'the probe was ended' });
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(timeoutMs, () => settle({ result: 'failure', message: `dial tcp ${host}:${port}: i/o timeout` }));
    socket.once('connect', () => settle({ result: 'success', message: '' }));
    socket.once('error', (error) => settle({ result: 'failure', message: `dial tcp ${host}:${port}: ${error.message}` }));
  });
}

/** Only the status line counts; the body is never read. A redirect to another host is a success that says so, as in Kubernetes. */
async function httpProbe(start: URL, headers: Record<string, string>, deadline: AbortSignal, owner: AbortSignal): Promise<ProbeOutcome> {
  let url = start;
  try {
    for (let redirects = 0; ; redirects++) {
      const { status, location } = await statusOf(url, headers, deadline);
      if (status >= 300 && status < 400 && location !== undefined) {
        const next = new URL(location, url);
        if (next.hostname !== start.hostname) return { result: 'success', message: `redirects to another host, ${next.host}` };
        if (redirects >= MAX_REDIRECTS) return { result: 'success', message: `stopped after ${MAX_REDIRECTS} redirects` };
        url = next;
        continue;
      }
      if (status >= 200 && status < 400) return { result: 'success', message: '' };
      return { result: 'failure', message: `HTTP probe failed with statuscode: ${status}` };
    }
  } catch (error) {
    if (owner.aborted) return { result: 'unknown', message: 'the probe was ended' };
    if (deadline.aborted) return { result: 'failure', message: `Get "${url}": context deadline exceeded` };
    return { result: 'failure', message: `Get "${url}": ${error instanceof Error ? error.message : String(error)}` };
  }
}

function statusOf(
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<{ status: number; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage) => {
      resolve({ status: response.statusCode ?? 0, location: response.headers.location });
      // What is still on its way is not wanted, and must not become an error that nobody hears.
      response.on('error', () => {});
      call.destroy();
    };
    const options = { headers, signal, agent: false as const };
    const call =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized: false }, answered)
        : httpRequest(url, options, answered);
    call.on('error', reject);
    call.end();
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
