import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import { decide } from './decide.ts';
import { isFinished } from './plan-list.ts';
import { Conflict, kafkaSpec, PlanWorld } from './plan-world.ts';

/** One thing that happens between two writes of the engine. */
type Happening =
  | { readonly do: 'write'; readonly count: number }
  | { readonly do: 'run' | 'ready' | 'crash' | 'fail' | 'end' | 'delete'; readonly pod: number }
  | { readonly do: 'apply'; readonly version: number; readonly count: number }
  | { readonly do: 'verb'; readonly verb: Operation['spec']['verb']; readonly pod: number; readonly whole: boolean; readonly plan: string }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'restart' };

const pod = fc.nat(3);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('write' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('run' as const, 'ready' as const, 'end' as const), pod }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'fail' as const, 'delete' as const), pod }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('apply' as const), version: fc.nat(3), count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('verb' as const),
      verb: fc.constantFrom<Operation['spec']['verb'][]>(
        'plan-start',
        'plan-pause',
        'plan-resume',
        'plan-stop',
        'plan-force-restart',
        'pod-restart',
        'pod-replace',
      ),
      pod,
      whole: fc.boolean(),
      plan: fc.constantFrom('deploy', 'recovery', 'cycle'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 100, max: 60_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
);

const specOf = (version: number, count: number, maxParallel: number) => {
  const spec = kafkaSpec({ version: `v${version}`, count });
  spec.plans = [
    { name: 'deploy', phases: [{ name: 'broker', pod: 'kafka', ...(maxParallel > 1 && { strategy: 'parallel' as const, maxParallel }) }] },
    { name: 'cycle', phases: [{ name: 'all', pod: 'kafka', strategy: 'parallel' }] },
  ];
  return spec;
};

/** Decides, and does the first `count` writes of it (a crash or a delay keeps the others from being done), checking each before it is done. */
function write(world: PlanWorld, count: number, maxParallel: number): void {
  const decision = decide(world.snapshot());
  for (const action of decision.actions.slice(0, count)) {
    if (action.type === 'run-status') checkRun(world, action.run, action.status, maxParallel);
    try {
      world.do(action);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      return;
    }
  }
  const call = decision.asks[0];
  if (call) world.gates.set(call.key, { verdict: 'go', answeredAtMs: world.nowMs });
}

const underWay = (state: string | undefined) => state === 'running' || state === 'backoff';

/** Limits of strategies, and pauses: judged on what a write is about to change. */
function checkRun(world: PlanWorld, run: PlanRun, next: NonNullable<PlanRun['status']>, maxParallel: number): void {
  const before = run.status;
  for (const phase of run.spec.phases) {
    const began = phase.steps.filter(
      (step) => !underWay(before?.steps[step.id]?.state.state) && underWay(next.steps[step.id]?.state.state),
    );
    const busy = phase.steps.filter((step) => underWay(next.steps[step.id]?.state.state));
    if (began.length === 0) continue;
    const recoveryPaused = run.spec.plan === 'recovery' && world.service.status?.pausedPlans?.includes('recovery');
    const adopts = before === undefined;
    if (!adopts && (next.paused || recoveryPaused || next.pausedPhases.includes(phase.id)))
      throw new Error(`a step of a paused phase began: ${run.metadata.name}`);
    const limit = phase.strategy === 'serial' ? 1 : (phase.maxParallel ?? Number.POSITIVE_INFINITY);
    if (busy.length > limit) throw new Error(`${busy.length} steps of ${run.metadata.name} at once`);
    if (run.spec.plan === 'deploy' && busy.length > maxParallel) throw new Error('the deploy goes beyond its limit');
  }
}

/** After the dust has settled: everything is well, what was paused goes on. */
function calm(world: PlanWorld): void {
  for (const plan of ['deploy', 'recovery', 'cycle']) world.operate('plan-resume', { plan });
  for (const name of ['broker', 'all']) for (const plan of ['deploy', 'cycle']) world.operate('plan-resume', { plan, phase: name });
  for (let i = 0; i < 30; i++) {
    world.flow();
    for (const failed of [...world.pods.values()].filter((p) => p.status?.phase === 'Failed')) world.endPod(failed.metadata.name);
    world.nowMs += 120_000;
  }
  world.flow();
}

function happen(world: PlanWorld, event: Happening, maxParallel: number): void {
  switch (event.do) {
    case 'write':
      return write(world, event.count, maxParallel);
    case 'run':
    case 'ready':
      return world.runPod(`kafka-${event.pod}`, event.do === 'ready');
    case 'crash':
      return world.crashPod(`kafka-${event.pod}`);
    case 'fail':
      return world.failPod(`kafka-${event.pod}`);
    case 'end':
      if (world.pods.get(`kafka-${event.pod}`)?.metadata.deletionTimestamp) world.endPod(`kafka-${event.pod}`);
      return;
    case 'delete':
      return world.deletePod(`kafka-${event.pod}`);
    case 'apply':
      return world.apply(specOf(event.version, event.count, maxParallel));
    case 'verb': {
      const aboutPod = event.verb === 'pod-restart' || event.verb === 'pod-replace';
      const step = event.verb === 'plan-force-restart' && !event.whole ? { step: `kafka-${event.pod}` } : {};
      world.operate(event.verb, aboutPod ? { pod: `kafka-${event.pod}` } : { plan: event.plan, ...step });
      return;
    }
    case 'pass':
      world.nowMs += event.ms;
      return;
    case 'restart':
      world.gates = new Map();
      return;
  }
}

describe('under any order of reports, failures, verbs, partial writes and restarts', () => {
  test('never two live incarnations, no step of a paused phase begins, limits are kept; and in the end all is on target', () => {
    fc.assert(
      fc.property(
        fc.array(happening, { minLength: 20, maxLength: 120 }),
        fc.integer({ min: 1, max: 2 }),
        fc.boolean(),
        (events, maxParallel, gated) => {
          const world = new PlanWorld(specOf(0, 3, maxParallel));
          world.startsOnce = false;
          if (gated) world.answer = () => ({ verdict: 'go' });
          // PlanWorld throws on two live incarnations and on a create of a name that exists.
          for (const event of events) happen(world, event, maxParallel);
          calm(world);
          const target = world.revisions.get(world.service.status?.targetRevision ?? '')!;
          const wanted = target.spec.template.pods[0]!.count;
          expect([...world.instances.keys()].toSorted()).toEqual(Array.from({ length: wanted }, (_, i) => `kafka-${i}`));
          for (const instance of world.instances.values()) {
            expect(instance.spec.podHash).toBe(target.spec.podHashes['kafka']);
            expect(instance.status?.ready).toBe(true);
          }
          expect([...world.runs.values()].filter((run) => !isFinished(run)).map((run) => run.metadata.name)).toEqual([]);
          expect([...world.operations.values()].filter((operation) => !operation.status)).toEqual([]);
          expect(decide(world.snapshot()).actions).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  test('an operation is decided once: asked again before its outcome is written, it has no second effect', () => {
    const verbs = fc.record({
      verb: fc.constantFrom<Operation['spec']['verb'][]>(
        'plan-pause',
        'plan-resume',
        'plan-stop',
        'plan-force-restart',
        'pod-restart',
        'pod-replace',
      ),
      pod,
      plan: fc.constantFrom('deploy', 'recovery'),
    });
    fc.assert(
      fc.property(fc.array(verbs, { maxLength: 6 }), (list) => {
        const play = (crashes: boolean) => {
          const world = new PlanWorld(kafkaSpec());
          world.flow();
          for (const { verb, pod: index, plan } of list) {
            const name = world.operate(verb, verb.startsWith('pod') ? { pod: `kafka-${index}` } : { plan });
            if (crashes) {
              const decision = decide(world.snapshot());
              for (const action of decision.actions.filter((one) => one.type !== 'decide-operation')) world.do(action);
            }
            world.settle();
            expect(world.outcome(name)).toBeDefined();
            world.flow();
          }
          return world;
        };
        expect(play(true).started).toEqual(play(false).started);
      }),
      { numRuns: 40 },
    );
  });
});
