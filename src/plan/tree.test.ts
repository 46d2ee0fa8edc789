import { expect, test } from 'vitest';
import { planTree } from './plan-tree.ts';
import { podInstanceTree, podTree } from './pod-tree.ts';

test('the tree of dcos.md 1.3', () => {
  const plan = {
    name: 'deploy',
    strategy: 'serial',
    status: 'ERROR',
    phases: [
      {
        name: 'broker',
        strategy: 'serial',
        status: 'COMPLETE',
        steps: [
          { name: 'kafka-0:[broker]', status: 'COMPLETE' },
          { name: 'kafka-1:[broker]', status: 'COMPLETE' },
        ],
      },
      { name: 'other', strategy: 'parallel', status: 'PENDING', steps: [{ name: 'x-0:[y]', status: 'PENDING' }] },
    ],
    errors: ['first message'],
  };
  expect(planTree(plan)).toBe(
    [
      'deploy (serial strategy) (ERROR)',
      '├─ broker (serial strategy) (COMPLETE)',
      '│  ├─ kafka-0:[broker] (COMPLETE)',
      '│  └─ kafka-1:[broker] (COMPLETE)',
      '└─ other (parallel strategy) (PENDING)',
      '   └─ x-0:[y] (PENDING)',
      '',
      'Errors:',
      '- first message',
    ].join('\n'),
  );
});

test.each([
  ['empty', { name: 'deploy' }, 'deploy (<UNKNOWN> strategy) (<UNKNOWN>)'],
  ['no phases', { name: 'd', strategy: 'serial', status: 'COMPLETE', phases: [] }, 'd (serial strategy) (COMPLETE)'],
  [
    'an empty phase',
    { name: 'd', strategy: 'serial', status: 'COMPLETE', phases: [{}] },
    'd (serial strategy) (COMPLETE)\n└─ <UNKNOWN> (<UNKNOWN> strategy) (<UNKNOWN>)',
  ],
  [
    'an empty step',
    { name: 'd', phases: [{ name: 'p', steps: [{}] }] },
    'd (<UNKNOWN> strategy) (<UNKNOWN>)\n└─ p (<UNKNOWN> strategy) (<UNKNOWN>)\n   └─ <UNKNOWN> (<UNKNOWN>)',
  ],
])('a plan with %s', (_case, plan, text) => {
  expect(planTree(plan)).toBe(text);
});

test('the pods of a service, and of one instance', () => {
  const kafka0 = { name: 'kafka-0', tasks: [{ name: 'kafka-0-broker', status: 'RUNNING' }] };
  const kafka1 = { name: 'kafka-1', tasks: [{ name: 'kafka-1-broker' }] };
  expect(
    podTree({
      service: 'kafka',
      pods: [
        { name: 'kafka', instances: [kafka0, kafka1] },
        { name: 'x', instances: [kafka0] },
      ],
    }),
  ).toBe(
    [
      'kafka',
      '├─ kafka',
      '│  ├─ kafka-0',
      '│  │  └─ kafka-0-broker (RUNNING)',
      '│  └─ kafka-1',
      '│     └─ kafka-1-broker (<UNKNOWN>)',
      '└─ x',
      '   └─ kafka-0',
      '      └─ kafka-0-broker (RUNNING)',
    ].join('\n'),
  );
  expect(podInstanceTree(kafka0)).toBe('kafka-0\n└─ kafka-0-broker (RUNNING)');
});
