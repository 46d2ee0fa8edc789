import { expect, test } from 'vitest';
import { podColumns, podStatusText } from './pod-columns.ts';
import type { ContainerState, Pod, PodStatus } from './pod.ts';

const pod = (status: PodStatus, metadata: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', creationTimestamp: '1970-01-01T00:00:00Z', ...metadata },
  spec: { containers: [{ name: 'a' }, { name: 'b' }] },
  status,
});
const container = (state: ContainerState, ready = false) => ({ name: 'a', ready, restartCount: 0, image: '', imageID: '', state });
const runs = container({ running: {} }, true);
const ended = { deletionTimestamp: '1970-01-01T00:00:00Z' };

test.each<[string, Pod]>([
  ['Pending', pod({ phase: 'Pending' })],
  ['Evicted', pod({ phase: 'Failed', reason: 'Evicted' })],
  ['Running', pod({ phase: 'Running', containerStatuses: [runs, runs] })],
  ['CrashLoopBackOff', pod({ phase: 'Running', containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } }), runs] })],
  ['Completed', pod({ phase: 'Succeeded', containerStatuses: [container({ terminated: { exitCode: 0, reason: 'Completed' } })] })],
  ['Error', pod({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 1, reason: 'Error' } })] })],
  ['ExitCode:3', pod({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 3 } })] })],
  ['Signal:9', pod({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 137, signal: 9 } })] })],
  ['NotReady', pod({ phase: 'Running', containerStatuses: [container({ terminated: { exitCode: 0, reason: 'Completed' } }), runs] })],
  [
    'Running',
    pod({
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [container({ terminated: { exitCode: 0, reason: 'Completed' } }), runs],
    }),
  ],
  ['Terminating', pod({ phase: 'Running', containerStatuses: [runs] }, ended)],
  ['Unknown', pod({ phase: 'Running', reason: 'NodeLost' }, ended)],
  ['Completed', pod({ phase: 'Succeeded', containerStatuses: [container({ terminated: { exitCode: 0, reason: 'Completed' } })] }, ended)],
])('shows %s', (text, object) => {
  expect(podStatusText(object)).toBe(text);
});

test('a row as kubectl prints it', () => {
  const restarted = { ...runs, restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '1970-01-01T00:01:00Z' } } };
  const row = pod({ phase: 'Running', podIP: '127.0.0.1', containerStatuses: [restarted, container({ waiting: {} })] });
  expect(podColumns.map((column) => column.value(row, 120_000))).toEqual([
    'p',
    '1/2',
    'Running',
    '3 (60s ago)',
    '2m',
    '127.0.0.1',
    '<none>',
    '<none>',
    '<none>',
  ]);
});
