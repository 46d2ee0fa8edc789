import { describe, expect, it } from 'vitest';
import type { Operation } from '../../model/drover/operation.ts';
import type { PlanRun, StepRecord } from '../../model/drover/plan-run.ts';
import type { PodInstance } from '../../model/drover/pod-instance.ts';
import type { Evidence } from './evidence.ts';
import { answerJson, answerLines, inOrder, type Answer } from './finding.ts';
import { explainOperation } from './operation.ts';
import { explainPod } from './pod.ts';
import { explainPlan, explainService, explainStepNamed } from './service.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const at = (minute: number) => `2026-01-01T00:0${minute}:00Z`;
const v1 = { apiVersion: 'drover.dev/v1alpha1' } as const;

function run(records: Record<string, StepRecord>, over: Partial<NonNullable<PlanRun['status']>> = {}): PlanRun {
  const steps = Object.keys(records).map((id) => ({
    id,
    name: `kafka-${id}:[broker]`,
    instance: `kafka-${id}`,
    action: 'deploy' as const,
    tasks: ['broker'],
  }));
  return {
    ...v1,
    kind: 'PlanRun',
    metadata: { name: 'kafka.deploy.2', creationTimestamp: at(1) },
    spec: {
      service: 'kafka',
      plan: 'deploy',
      number: 2,
      cause: { code: 'SpecChanged', message: 'Revision 2: config.' },
      revision: 'kafka-2',
      strategy: 'serial',
      phases: [{ id: 'ph', name: 'broker', strategy: 'serial', steps }],
    },
    status: { paused: false, pausedPhases: [], steps: records, operations: [], startedAt: at(1), ...over },
  };
}

function instance(index: number, status: PodInstance['status'] = { ready: true }): PodInstance {
  return {
    ...v1,
    kind: 'PodInstance',
    metadata: { name: `kafka-${index}` },
    spec: {
      service: 'kafka',
      podType: 'kafka',
      index,
      revision: 'kafka-1',
      podHash: 'h',
      incarnation: 3,
      desired: 'Running',
      ports: {},
      volumes: [],
    },
    status,
  };
}

function evidence(over: Partial<Evidence> & { ready?: boolean } = {}): Evidence {
  const ready = over.ready ?? true;
  return {
    service: {
      ...v1,
      kind: 'ManagedService',
      metadata: { name: 'kafka' },
      spec: { pods: [{ name: 'kafka', count: 3, tasks: [] }] },
      status: {
        targetRevision: 'kafka-1',
        readyInstances: ready ? 3 : 2,
        conditions: [
          { type: 'Accepted', status: 'True' },
          { type: 'Ready', status: ready ? 'True' : 'False', reason: 'x', message: 'x' },
          { type: 'Progressing', status: 'False', reason: 'PlansComplete', message: 'All plans are complete.' },
        ],
      },
    },
    runs: [],
    instances: [instance(0), instance(1), instance(2)],
    pods: [],
    events: [],
    operations: [],
    ...over,
  };
}

const operation = (spec: Partial<Operation['spec']>, decidedAt: string): Operation => ({
  ...v1,
  kind: 'Operation',
  metadata: { name: 'op-1', creationTimestamp: decidedAt },
  spec: { verb: 'plan-pause', target: { service: 'kafka', plan: 'deploy' }, actor: 'ada', reason: 'power work', ...spec },
  status: { outcome: 'Applied', reason: { code: 'Paused', message: 'Plan deploy is paused.' }, decidedAt },
});

const done: StepRecord = { state: { state: 'done' }, attempt: 1 };
const pending: StepRecord = { state: { state: 'pending' }, attempt: 0 };
const lines = (answer: Answer) => answerLines(answer, NOW);

describe('a service', () => {
  it('that is well is one sentence, and nothing more', () => {
    const answer = explainService(evidence());
    expect(lines(answer)).toEqual(['kafka is well: 3 of 3 pods are ready, all plans are complete.']);
    expect(answer.well).toBe(true);
  });

  it('with a warning is still well', () => {
    const { service, ...rest } = evidence();
    const warned = { ...service, status: { ...service.status, warnings: [{ code: 'SingleBroker', message: 'One broker.' }] } };
    const answer = explainService({ ...rest, service: warned });
    expect(answer.well).toBe(true);
    expect(lines(answer)[1]).toBe('    ManagedService kafka: warning: One broker. [SingleBroker]');
  });

  it('tells what its step waits for, and the steps behind it together', () => {
    const waits: StepRecord = {
      state: { state: 'running', stage: 'starting' },
      attempt: 1,
      waiting: { reason: { code: 'Unschedulable', message: '0/1 nodes are available.' }, since: at(8) },
    };
    expect(
      lines(explainService(evidence({ ready: false, runs: [run({ 0: done, 1: waits, 2: pending, 3: pending, 4: pending, 5: pending })] }))),
    ).toEqual([
      'kafka is not well: 2 of 3 pods are ready, under way: deploy.',
      '  2m  deploy kafka-1:[broker]: 0/1 nodes are available. [Unschedulable]',
      '      plan deploy: kafka-2:[broker], kafka-3:[broker], kafka-4:[broker] and 1 more wait for their turn [WaitsItsTurn]',
    ]);
  });

  it('puts refusals first, with the field, and says what goes on', () => {
    const owner = {
      ...v1,
      kind: 'Kafka',
      metadata: { name: 'kafka' },
      status: {
        conditions: [{ type: 'Accepted', status: 'False', lastTransitionTime: at(9) }],
        refusals: [{ code: 'DataOnBrokers', message: 'Broker 2 has data.', field: 'spec.kafka.replicas' }],
      },
    } as unknown as Evidence['service'];
    expect(lines(explainService(evidence({ owner, runs: [run({ 0: pending })] }))).slice(0, 2)).toEqual([
      'The newest configuration of kafka is refused, kafka-1 stays the target; 3 of 3 pods are ready, under way: deploy.',
      '  60s  Kafka kafka: spec.kafka.replicas: Broker 2 has data. [DataOnBrokers]',
    ]);
  });

  it('tells of restarts of pods that are ready again', () => {
    const restarted = instance(1, { ready: true, restarts: 1, lastExit: { task: 'broker', exitCode: 137, signal: 9, finishedAt: at(7) } });
    const answer = explainService(evidence({ instances: [restarted] }));
    expect(answer.well).toBe(true);
    expect(lines(answer)[1]).toBe('  3m  pod kafka-1, task broker: was ended by signal 9 (SIGKILL) in an earlier incarnation [Exited]');
  });
});

describe('a pause', () => {
  const paused = run(
    { 0: { ...pending, waiting: { reason: { code: 'PlanPaused', message: 'The plan is paused.' }, since: at(5) } } },
    { paused: true },
  );

  it('is told once, with who, when and why, and how to end it', () => {
    const operations = [
      operation({ reason: 'an older one' }, at(2)),
      operation({}, at(5)),
      operation({ target: { service: 'kafka', plan: 'other' } }, at(6)),
    ];
    expect(lines(explainPlan(evidence({ runs: [paused], operations }), 'deploy')).slice(0, 2)).toEqual([
      'Plan deploy of kafka is paused.',
      `   5m  plan deploy: was paused by ada ("power work"): no new step begins until 'drover kafka plan resume deploy' [Paused]`.replace(
        '   5m',
        '  5m',
      ),
    ]);
  });

  it('of which the operation is gone is told without a name', () => {
    expect(lines(explainService(evidence({ runs: [paused] })))[1]).toContain(
      `plan deploy: is paused: no new step begins until 'drover kafka plan resume deploy'`,
    );
  });

  it('of a phase names the phase', () => {
    const runs = [run({ 0: pending }, { pausedPhases: ['ph'] })];
    const operations = [operation({ target: { service: 'kafka', plan: 'deploy', phase: 'broker' }, reason: undefined as never }, at(4))];
    expect(lines(explainPlan(evidence({ runs, operations }), 'deploy'))[1]).toContain(
      `plan deploy, phase broker: was paused by ada (no reason was given): no new step begins until 'drover kafka plan resume deploy broker'`,
    );
  });

  it('of recovery stands with the service', () => {
    const { service, ...rest } = evidence();
    const answer = explainService({ ...rest, service: { ...service, status: { ...service.status, pausedPlans: ['recovery'] } } });
    expect(answer.well).toBe(false);
    expect(answer.summary).toBe('kafka is ready, but paused: 3 of 3 pods are ready, all plans are complete.');
  });
});

describe('a step', () => {
  it.each<[string, StepRecord, string]>([
    [
      'that runs says its stage',
      { state: { state: 'running', stage: 'stopping' }, attempt: 2, startedAt: at(9) },
      '  60s  deploy kafka-0:[broker]: is stopping, attempt 2 [Running]',
    ],
    [
      'in back-off says when it tries again',
      {
        state: { state: 'backoff', until: at(9) },
        attempt: 2,
        waiting: { reason: { code: 'PodFailed', message: 'It ended.' }, since: at(8) },
      },
      `  2m  deploy kafka-0:[broker]: It ended. Tries again at ${at(9)} (attempt 3) [PodFailed]`,
    ],
    [
      'that is held says by what',
      { state: { state: 'held', by: { code: 'MinIsrAtRisk', message: 'Two partitions.' } }, attempt: 0 },
      '    deploy kafka-0:[broker]: Two partitions. [MinIsrAtRisk]',
    ],
    [
      'that failed says why',
      { state: { state: 'failed', reason: { code: 'TemplateFailed', message: 'No such variable.' } }, attempt: 1, finishedAt: at(6) },
      '  4m  deploy kafka-0:[broker]: failed: No such variable. [TemplateFailed]',
    ],
  ])('%s', (_name, record, expected) => {
    expect(lines(explainStepNamed(evidence({ runs: [run({ 0: record })], instances: [] }), 'kafka-0:[broker]')!)[1]).toBe(expected);
  });

  it('that is done is well', () => {
    const answer = explainStepNamed(evidence({ runs: [run({ 0: { ...done, finishedAt: at(3) } })] }), '0')!;
    expect(answer).toMatchObject({ well: true, summary: `Step kafka-0:[broker] of plan deploy is complete since ${at(3)}.` });
  });

  it('that no run has is not answered', () => {
    expect(explainStepNamed(evidence({ runs: [run({ 0: done })] }), 'kafka-9:[broker]')).toBeUndefined();
  });
});

describe('a pod', () => {
  const pod = (status: Evidence['pods'][number]['status']) =>
    ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'kafka-1' },
      spec: { nodeName: 'm1', containers: [] },
      status,
    }) as unknown as Evidence['pods'][number];

  it('that is ready says so, and what brought it here', () => {
    const answer = explainPod(
      evidence({ runs: [run({ 1: { ...done, startedAt: at(2) } }, { outcome: 'complete' })], pods: [pod({ phase: 'Running' })] }),
      instance(1),
    );
    expect(lines(answer)).toEqual([
      'kafka-1 is well: it is ready (incarnation 3 on m1, no task was restarted in place).',
      '  8m  pod kafka-1: its deploy by plan deploy (run 2) is complete: Revision 2: config. [SpecChanged]',
    ]);
  });

  it('that is pending says what it waits for', () => {
    const answer = explainPod(
      evidence({
        pods: [
          pod({
            phase: 'Pending',
            conditions: [
              {
                type: 'PodScheduled',
                status: 'False',
                reason: 'Unschedulable',
                message: '0/1 nodes are available.',
                lastTransitionTime: at(9),
              },
            ],
          }),
        ],
      }),
      instance(1, { ready: false }),
    );
    expect(answer.well).toBe(false);
    expect(lines(answer)).toEqual([
      'kafka-1 is not ready: it is pending (incarnation 3 on m1).',
      '  60s  pod kafka-1: 0/1 nodes are available. [Unschedulable]',
    ]);
  });

  it('whose task was restarted says the exit, the count and when', () => {
    const containerStatuses = [
      { name: 'broker', restartCount: 2, state: {}, lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: at(8) } } },
    ];
    const answer = explainPod(evidence({ pods: [pod({ phase: 'Running', containerStatuses } as never)] }), instance(1));
    expect(lines(answer)[1]).toBe(
      '  2m  pod kafka-1, task broker: ended with exit code 1 and was started again; 2 restarts in place by now [Error]',
    );
  });

  it('that was never started says so', () => {
    const fresh = instance(1, {});
    expect(explainPod(evidence(), { ...fresh, spec: { ...fresh.spec, incarnation: 0 } }).summary).toBe('kafka-1 has not been started yet.');
  });
});

it.each<[string, Operation, string, boolean]>([
  ['applied', operation({}, at(5)), 'plan-pause of kafka deploy was applied.', true],
  [
    'refused',
    {
      ...operation({ verb: 'pod-replace', target: { service: 'kafka', pod: 'kafka-1' } }, at(5)),
      status: { outcome: 'Refused', reason: { code: 'LastInSyncReplica', message: 'Data would be lost.' }, decidedAt: at(5) },
    },
    'pod-replace of kafka kafka-1 was refused.',
    false,
  ],
])('an operation that was %s says who asked, why, and what became of it', (_name, given, summary, well) => {
  const answer = explainOperation(given);
  expect(answer).toMatchObject({ summary, well });
  expect(lines(answer).join('\n')).toContain('ada asked for it, reason: "power work"');
});

it('a screen is not run over, and --json has all', () => {
  const findings = Array.from({ length: 30 }, (_, i) => ({ level: 'history', about: 'x', code: 'Y', text: `n${i}`, atMs: NOW }) as const);
  const answer: Answer = { thing: 'x', kind: 'pod', well: true, summary: 'x.', findings };
  expect(lines(answer)).toHaveLength(22);
  expect(lines(answer).at(-1)).toBe('  … and 10 more; --json shows all');
  expect((answerJson(answer) as { findings: { at: string }[] }).findings[29]?.at).toBe('2026-01-01T00:10:00Z');
});

it('what is said twice is said once, and the newest of equal weight comes first', () => {
  const of = (text: string, level: 'waiting' | 'failed', atMs: number) => ({ level, about: 'x', code: 'Y', text, atMs });
  expect(
    inOrder([of('a', 'waiting', 1), of('b', 'waiting', 2), of('a', 'waiting', 1), of('c', 'failed', 0)]).map((finding) => finding.text),
  ).toEqual(['c', 'b', 'a']);
});
