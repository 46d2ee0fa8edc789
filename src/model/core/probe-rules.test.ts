import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { probeCauses } from './probe-rules.ts';
import { Probe } from './probe.ts';

const RANGE = 'must be between 1 and 65535, inclusive';

test.each<[number | string, string | undefined]>([
  [1, undefined],
  [65_535, undefined],
  ['8080', undefined],
  ['web', undefined],
  [0, RANGE],
  [-1, RANGE],
  [70_000, RANGE],
  ['70000', RANGE],
  ['', 'RFC 1123'],
  ['We b', 'RFC 1123'],
])('port %j', (port, problem) => {
  for (const handler of ['httpGet', 'tcpSocket'] as const) {
    const causes = probeCauses({ readinessProbe: { [handler]: { port } } }, 'c');
    expect(causes.map(({ field }) => field)).toEqual(problem ? [`c.readinessProbe.${handler}.port`] : []);
    if (problem) expect(causes[0]!.message).toContain(problem);
  }
});

test.each([
  'initialDelaySeconds',
  'periodSeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
  'terminationGracePeriodSeconds',
])('%s is an int32', (field) => {
  expect(Check(Probe, { [field]: 0x7fff_ffff })).toBe(true);
  expect(Check(Probe, { [field]: 0x8000_0000 })).toBe(false);
});
