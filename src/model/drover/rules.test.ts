import { describe, expect, test } from 'vitest';
import type { Resource } from '../resource.ts';
import { managedServiceCauses } from './managed-service-rules.ts';
import type { ManagedService, ManagedServiceSpec } from './managed-service.ts';
import { operationCauses } from './operation-rules.ts';
import type { Operation } from './operation.ts';
import { packageKind, type Package } from './package.ts';
import { runStatusText } from './plan-run-text.ts';
import { planRunKind, type PlanRun, type StepState } from './plan-run.ts';

const task = { name: 't', command: ['x'] };
const service = (spec: Partial<ManagedServiceSpec>, name = 's'): ManagedService => ({
  apiVersion: 'drover.dev/v1alpha1',
  kind: 'ManagedService',
  metadata: { name },
  spec: { pods: [{ name: 'a', count: 1, tasks: [task] }], ...spec },
});
const withTask = (more: object) => service({ pods: [{ name: 'a', count: 1, tasks: [{ ...task, ...more }] }] });

describe('a service', () => {
  test.each<[string, ManagedService, string[]]>([
    ['may be as small as can be', service({}), []],
    [
      'has pod types of different names',
      service({ pods: [1, 2].map(() => ({ name: 'a', count: 1, tasks: [task] })) }),
      ['spec.pods[1].name FieldValueDuplicate'],
    ],
    [
      'has tasks of different names',
      service({ pods: [{ name: 'a', count: 1, tasks: [task, task] }] }),
      ['spec.pods[0].tasks[1].name FieldValueDuplicate'],
    ],
    [
      'has ports of different names and numbers over all tasks of a pod',
      service({
        pods: [
          {
            name: 'a',
            count: 1,
            tasks: [
              { ...task, ports: [{ name: 'p', port: 80 }, { name: 'q' }, { name: 'r', port: 0 }] },
              { name: 'u', command: ['x'], ports: [{ name: 'p', port: 80 }] },
            ],
          },
        ],
      }),
      ['spec.pods[0].tasks[1].ports[0].name FieldValueDuplicate', 'spec.pods[0].tasks[1].ports[0].port FieldValueDuplicate'],
    ],
    [
      'has volumes with names, places and sizes of their own',
      service({
        pods: [
          {
            name: 'a',
            count: 1,
            tasks: [task],
            volumes: [
              { name: 'v', path: 'd', size: '5Gi' },
              { name: 'v', path: 'd', size: 'big' },
              { name: 'w', path: '../up' },
            ],
          },
        ],
      }),
      [
        'spec.pods[0].volumes[1].name FieldValueDuplicate',
        'spec.pods[0].volumes[1].path FieldValueDuplicate',
        'spec.pods[0].volumes[1].size FieldValueInvalid',
        'spec.pods[0].volumes[2].path FieldValueInvalid',
      ],
    ],
    [
      'has plans of its own over its own pods',
      service({
        plans: [
          { name: 'p', phases: [{ name: 'f', pod: 'a' }] },
          {
            name: 'p',
            phases: [
              { name: 'f', pod: 'nope' },
              { name: 'f', pod: 'a' },
            ],
          },
          { name: 'uninstall', phases: [{ name: 'f', pod: 'a' }] },
        ],
      }),
      [
        'spec.plans[1].name FieldValueDuplicate',
        'spec.plans[1].phases[1].name FieldValueDuplicate',
        'spec.plans[1].phases[0].pod FieldValueNotFound',
        'spec.plans[2].name FieldValueInvalid',
      ],
    ],
    [
      'names its variables well and once',
      withTask({ env: [{ name: 'A=' }, { name: 'B' }, { name: 'B' }] }),
      ['spec.pods[0].tasks[0].env[0].name FieldValueInvalid', 'spec.pods[0].tasks[0].env[2].name FieldValueDuplicate'],
    ],
    [
      'has probes with one handler',
      withTask({ readinessProbe: {}, livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } }),
      ['spec.pods[0].tasks[0].readinessProbe FieldValueRequired', 'spec.pods[0].tasks[0].livenessProbe.tcpSocket FieldValueForbidden'],
    ],
    [
      'asks for no more than its limits',
      withTask({ resources: { requests: { cpu: '2', memory: 'x' }, limits: { cpu: '1' } } }),
      [
        'spec.pods[0].tasks[0].resources.requests[cpu] FieldValueInvalid',
        'spec.pods[0].tasks[0].resources.requests[memory] FieldValueInvalid',
      ],
    ],
    [
      'keeps its files under its directory',
      withTask({ configs: [{ path: '/etc/x', template: '' }] }),
      ['spec.pods[0].tasks[0].configs[0].path FieldValueInvalid'],
    ],
    ['has a name that its pods can bear', service({}, 'x'.repeat(62)), ['spec.pods[0].name FieldValueInvalid']],
    ['has a name without dots', service({}, 'a.b'), ['metadata.name FieldValueInvalid']],
  ])('%s', (_, object, expected) => {
    expect(managedServiceCauses(object).map(({ field, reason }) => `${field} ${reason}`)).toEqual(expected);
  });
});

describe('an operation', () => {
  const operation = (spec: object): Operation =>
    ({ apiVersion: 'drover.dev/v1alpha1', kind: 'Operation', metadata: {}, spec }) as unknown as Operation;
  test.each<[object, string[]]>([
    [{ verb: 'plan-start', target: { service: 's', plan: 'deploy' } }, []],
    [{ verb: 'plan-start', target: { service: 's' } }, ['spec.target.plan']],
    [{ verb: 'plan-start', target: { service: 's', plan: 'deploy', phase: 'x' } }, ['spec.target.phase']],
    [{ verb: 'plan-pause', target: { service: 's', plan: 'deploy', phase: 'x' } }, []],
    [{ verb: 'plan-force-restart', target: { service: 's', plan: 'deploy', step: 'x' } }, ['spec.target.phase']],
    [{ verb: 'plan-force-complete', target: { service: 's', plan: 'deploy', phase: 'p', step: 'x' } }, []],
    [{ verb: 'pod-replace', target: { service: 's', pod: 'a-0' }, force: true }, ['spec.reason']],
    [{ verb: 'pod-restart', target: { service: 's', plan: 'deploy' } }, ['spec.target.plan', 'spec.target.pod']],
  ])('%j', (spec, fields) => {
    expect(operationCauses(operation(spec), undefined).map(({ field }) => field)).toEqual(fields);
  });
});

test('a package names a default that it has', () => {
  const versions = [{ version: '1' }, { version: '1' }];
  const object = { apiVersion: '', kind: '', metadata: {}, spec: { description: '', kinds: [], defaultVersion: '2', versions } };
  expect(packageKind.invariants!(object as unknown as Package, undefined).map(({ field }) => field)).toEqual([
    'spec.versions[1].version',
    'spec.defaultVersion',
  ]);
});

describe('a run in one word', () => {
  const run = (states: StepState[], status: object = {}): PlanRun =>
    ({
      apiVersion: 'drover.dev/v1alpha1',
      kind: 'PlanRun',
      metadata: {},
      spec: { plan: 'deploy', cause: { code: 'NewRevision' }, phases: [{ steps: states.map((_, i) => ({ id: `s${i}` })) }] },
      status: { paused: false, steps: Object.fromEntries(states.map((state, i) => [`s${i}`, { state }])), ...status },
    }) as unknown as PlanRun;
  const pending: StepState = { state: 'pending' };
  const done: StepState = { state: 'done' };
  test.each<[string, PlanRun]>([
    ['Pending', run([pending, pending])],
    ['InProgress', run([done, pending])],
    ['InProgress', run([{ state: 'running', stage: 'starting' }, pending])],
    ['Waiting', run([done, pending], { paused: true })],
    ['Waiting', run([{ state: 'held', by: { code: 'X', message: '' } }])],
    ['Error', run([done, { state: 'failed', reason: { code: 'X', message: '' } }])],
    ['Complete', run([done, done])],
    ['Complete', run([])],
    ['Superseded', run([done, pending], { outcome: 'superseded' })],
    ['Stopped', run([pending], { outcome: 'stopped' })],
  ])('%s', (word, object) => {
    expect(runStatusText(object)).toBe(word);
  });

  test('its columns', () => {
    const row = run([done, pending]);
    expect(planRunKind.columns.map((column) => column.value(row as PlanRun & Resource, 0))).toEqual([
      '',
      'deploy',
      'InProgress',
      '1/2',
      'NewRevision',
      '<unknown>',
    ]);
  });
});
