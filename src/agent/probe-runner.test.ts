import { expect, test } from 'vitest';
import type { Driver } from '../drivers/driver.ts';
import type { Probe } from '../model/core/probe.ts';
import { probeRunner } from './probe-runner.ts';

const driver = { exec: () => Promise.reject(new Error('no such task')) } as unknown as Driver;

test.each<[string, Probe, number]>([
  ['a TCP port that there cannot be', { tcpSocket: { port: 70_000 } }, 1000],
  ['a negative TCP port', { tcpSocket: { port: -1 } }, 1000],
  ['an HTTP port that there cannot be', { httpGet: { port: 70_000 } }, 1000],
  ['a header that cannot be sent', { httpGet: { port: 80, httpHeaders: [{ name: 'a b', value: 'c' }] } }, 0x2_0000_0000],
  ['a command that cannot be run', { exec: { command: ['x'] } }, 1000],
])('%s is unknown, and never an error', async (_, probe, timeoutMs) => {
  const run = probeRunner(driver);
  const target = { probe, container: { name: 'main' }, taskId: 'a/main/0', address: '127.0.0.1', timeoutMs };
  const outcome = await run(target, new AbortController().signal);
  expect(outcome.result).toMatch(/unknown|failure/);
  expect(outcome.message).not.toBe('');
  expect(outcome.message).not.toContain('AbortSignal');
});
