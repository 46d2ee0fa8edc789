import { describe, expect, test } from 'vitest';
import type { Operation } from '../model/drover/operation.ts';
import { kafkaSpec, PlanWorld } from './plan-world.ts';

type Verb = Operation['spec']['verb'];
type Target = Omit<Operation['spec']['target'], 'service'>;

const spec = () => {
  const made = kafkaSpec();
  made.plans!.push({ name: 'cycle', strategy: 'serial', phases: [{ name: 'all', pod: 'kafka', strategy: 'parallel', maxParallel: 2 }] });
  return made;
};

/** A service in one of the situations that verbs meet. */
const situations = {
  complete() {
    const world = new PlanWorld(spec());
    world.flow();
    return world;
  },
  deploying() {
    const world = new PlanWorld(spec());
    world.settle();
    return world;
  },
  paused() {
    const world = situations.deploying();
    world.operate('plan-pause', { plan: 'deploy' });
    world.settle();
    return world;
  },
  'phase paused'() {
    const world = situations.deploying();
    world.operate('plan-pause', { plan: 'deploy', phase: 'broker' });
    world.settle();
    return world;
  },
} as const;

const step = { plan: 'deploy', phase: 'broker', step: 'kafka-1:[broker]' };

test.each<[keyof typeof situations, Verb, Target, string, RegExp]>([
  ['complete', 'plan-start', { plan: 'deploy' }, 'AlreadySo', /force-restart deploy/],
  ['complete', 'plan-start', { plan: 'cycle' }, 'Applied', /kafka\.cycle\.1/],
  ['complete', 'plan-start', { plan: 'cylce' }, 'NotFound', /Did you mean "cycle"/],
  ['complete', 'plan-start', {}, 'Refused', /name of a plan/],
  ['complete', 'plan-pause', { plan: 'deploy' }, 'AlreadySo', /complete/],
  ['complete', 'plan-stop', { plan: 'deploy' }, 'AlreadySo', /complete/],
  ['complete', 'plan-resume', { plan: 'deploy' }, 'AlreadySo', /complete/],
  ['complete', 'plan-resume', { plan: 'cycle' }, 'Refused', /plan start cycle/],
  ['complete', 'plan-force-restart', { plan: 'deploy' }, 'Applied', /restarted/],
  ['complete', 'plan-force-restart', step, 'Applied', /kafka-1/],
  ['complete', 'plan-force-restart', { plan: 'cycle' }, 'NotFound', /not been started/],
  ['complete', 'plan-force-complete', step, 'AlreadySo', /complete already/],
  ['complete', 'plan-force-restart', { ...step, phase: 'borker' }, 'NotFound', /Did you mean "broker"/],
  ['complete', 'plan-force-restart', { ...step, step: 'kafka-9:[broker]' }, 'NotFound', /Did you mean "kafka-0:\[broker\]"/],
  ['complete', 'pod-restart', { pod: 'kafka-1' }, 'Applied', /recovery/],
  ['complete', 'pod-restart', { pod: 'kafka-11' }, 'NotFound', /Did you mean "kafka-1"/],
  ['complete', 'pod-restart', {}, 'Refused', /name of a pod/],
  ['complete', 'pod-replace', { pod: 'kafka-1' }, 'Applied', /recovery/],
  ['deploying', 'plan-start', { plan: 'deploy' }, 'AlreadySo', /under way/],
  ['deploying', 'plan-pause', { plan: 'deploy' }, 'Applied', /paused/],
  ['deploying', 'plan-pause', { plan: 'deploy', phase: 'broker' }, 'Applied', /paused/],
  ['deploying', 'plan-pause', { plan: 'deploy', phase: 'nope' }, 'NotFound', /There are: broker/],
  ['deploying', 'plan-resume', { plan: 'deploy' }, 'AlreadySo', /not paused/],
  ['deploying', 'plan-resume', { plan: 'deploy', phase: 'broker' }, 'AlreadySo', /not paused/],
  ['deploying', 'plan-stop', { plan: 'deploy' }, 'Applied', /no task was killed/],
  ['deploying', 'plan-force-restart', step, 'AlreadySo', /pending already/],
  ['deploying', 'plan-force-complete', step, 'Applied', /forced to complete/],
  ['deploying', 'plan-force-complete', { plan: 'deploy', phase: 'broker' }, 'Applied', /forced/],
  ['deploying', 'plan-force-complete', { plan: 'deploy' }, 'Applied', /forced/],
  ['deploying', 'pod-restart', { pod: 'kafka-2' }, 'Refused', /not been started/],
  ['paused', 'plan-start', { plan: 'deploy' }, 'Applied', /goes on/],
  ['paused', 'plan-pause', { plan: 'deploy' }, 'AlreadySo', /paused already/],
  ['paused', 'plan-resume', { plan: 'deploy' }, 'Applied', /goes on/],
  ['phase paused', 'plan-pause', { plan: 'deploy', phase: 'broker' }, 'AlreadySo', /already/],
  ['phase paused', 'plan-resume', { plan: 'deploy', phase: 'broker' }, 'Applied', /resumed/],
  ['phase paused', 'plan-resume', { plan: 'deploy' }, 'Refused', /phases broker stay paused/],
])('%s: %s %j is %s', (situation, verb, target, outcome, words) => {
  const world = situations[situation]();
  const name = world.operate(verb, target);
  world.settle();
  expect(world.outcome(name)).toBe(outcome);
  expect(world.operations.get(name)?.status?.reason.message).toMatch(words);
});

describe('effects', () => {
  test('a paused plan begins nothing; what is under way is finished; resumed it goes on', () => {
    const world = situations.paused();
    world.flow();
    expect(world.started).toEqual(['kafka-0#1']);
    expect(world.tree('deploy')).toContain('(WAITING)');
    expect(world.view('deploy').phases[0]?.steps.map((s) => s.status)).toEqual(['COMPLETE', 'WAITING', 'WAITING']);
    world.operate('plan-resume', { plan: 'deploy' });
    world.flow();
    expect(world.started).toHaveLength(3);
  });

  test('force-restart starts the pod again though it is on target, and leaves the pauses of others', () => {
    const world = situations['phase paused']();
    world.flow();
    world.started.length = 0;
    const { run } = world.view('deploy');
    world.operate('plan-force-restart', { plan: 'deploy', phase: 'broker', step: 'kafka-0:[broker]' });
    world.flow();
    expect(world.started).toEqual([]);
    world.operate('plan-resume', { plan: 'deploy', phase: 'broker' });
    world.flow();
    expect(world.started).toEqual(['kafka-0#2', 'kafka-1#1', 'kafka-2#1']);
    expect(world.view('deploy').run).toBe(run);
  });

  test('force-restart of a finished plan restarts every pod, one after the other', () => {
    const world = situations.complete();
    world.operate('plan-force-restart', { plan: 'deploy' });
    world.flow();
    expect(world.started.slice(3)).toEqual(['kafka-0#2', 'kafka-1#2', 'kafka-2#2']);
    expect(world.view('deploy').status).toBe('COMPLETE');
  });

  test('a step is addressed by id too', () => {
    const world = situations.complete();
    const { id } = world.view('deploy').phases[0]!.steps[2]!;
    world.operate('plan-force-restart', { plan: 'deploy', step: id });
    world.flow();
    expect(world.started.slice(3)).toEqual(['kafka-2#2']);
  });

  test('a custom plan restarts in place, two at a time as it says, and each start is a run of its own', () => {
    const world = situations.complete();
    expect(world.view('cycle').status).toBe('WAITING');
    world.operate('plan-start', { plan: 'cycle' });
    world.settle();
    expect(world.stopped).toEqual(['kafka-0#1', 'kafka-1#1']);
    world.flow();
    expect(world.started.slice(3)).toEqual(['kafka-0#2', 'kafka-1#2', 'kafka-2#2']);
    world.operate('plan-start', { plan: 'cycle' });
    world.flow();
    expect([...world.runs.keys()].filter((name) => name.includes('cycle'))).toEqual(['kafka.cycle.1', 'kafka.cycle.2']);
  });

  test('a restart of a pod that hangs in deploy is done by recovery, then deploy goes on', () => {
    const world = situations.deploying();
    world.runPod('kafka-0', false);
    world.settle();
    const name = world.operate('pod-restart', { pod: 'kafka-0' });
    world.settle();
    expect(world.outcome(name)).toBe('Applied');
    expect(world.stopped).toEqual(['kafka-0#1']);
    world.flow();
    expect(world.started).toEqual(['kafka-0#1', 'kafka-0#2', 'kafka-1#1', 'kafka-2#1']);
    expect([world.view('deploy').status, world.view('recovery').status]).toEqual(['COMPLETE', 'COMPLETE']);
  });

  test('an outcome that was not written before a crash is found, not done again', () => {
    const world = situations.complete();
    const name = world.operate('pod-restart', { pod: 'kafka-1' });
    world.flow();
    const { status: _status, ...undecided } = world.operations.get(name)!;
    world.operations.set(name, undecided);
    world.flow();
    expect(world.outcome(name)).toBe('Applied');
    expect(world.started.slice(3)).toEqual(['kafka-1#2']);
  });

  test('two runs are not made for two wishes for the same', () => {
    const world = situations.complete();
    world.operate('pod-restart', { pod: 'kafka-1' });
    const second = world.operate('pod-restart', { pod: 'kafka-kafka-1' });
    const third = world.operate('pod-restart', { pod: 'kafka-1' });
    world.settle();
    expect([world.outcome(second), world.outcome(third)]).toEqual(['NotFound', 'AlreadySo']);
  });

  test('old operations, runs and revisions are forgotten, never those in use', () => {
    const world = situations.complete();
    for (let i = 0; i < 30; i++) {
      world.apply(kafkaSpec({ version: `v${i}` }));
      world.flow();
    }
    expect([...world.runs.values()].filter((run) => run.spec.plan === 'deploy')).toHaveLength(21);
    expect(world.revisions.size).toBe(20);
    const name = world.operate('plan-pause', { plan: 'deploy' });
    world.settle();
    world.advance(3_500_000);
    expect(world.operations.has(name)).toBe(true);
    world.advance(200_000);
    expect(world.operations.has(name)).toBe(false);
  });
});
