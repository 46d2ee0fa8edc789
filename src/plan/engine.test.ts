import { describe, expect, test } from 'vitest';
import { Conflict, kafkaSpec, PlanWorld } from './plan-world.ts';

function deployed(): PlanWorld {
  const world = new PlanWorld(kafkaSpec());
  world.flow();
  world.started.length = 0;
  world.stopped.length = 0;
  return world;
}

/** The agent does what it can for `name` until it is up again. */
function up(world: PlanWorld, name: string): void {
  world.settle();
  if (world.pods.get(name)?.metadata.deletionTimestamp) world.endPod(name);
  world.settle();
  world.runPod(name, true);
  world.settle();
}

describe('deploy', () => {
  test('a new service comes up one pod after the other, and the finished tree is DC/OS’s, byte for byte', () => {
    const world = new PlanWorld(kafkaSpec());
    world.settle();
    expect(world.tree('deploy')).toBe(
      'deploy (serial strategy) (STARTING)\n└─ broker (serial strategy) (STARTING)\n   ├─ kafka-0:[broker] (STARTING)\n   ├─ kafka-1:[broker] (PENDING)\n   └─ kafka-2:[broker] (PENDING)',
    );
    expect(world.started).toEqual(['kafka-0#1']);
    world.runPod('kafka-0', false);
    world.settle();
    expect(world.view('deploy').phases[0]?.steps[0]?.status).toBe('STARTED');
    world.flow();
    expect(world.started).toEqual(['kafka-0#1', 'kafka-1#1', 'kafka-2#1']);
    expect(world.tree('deploy')).toBe(
      'deploy (serial strategy) (COMPLETE)\n└─ broker (serial strategy) (COMPLETE)\n   ├─ kafka-0:[broker] (COMPLETE)\n   ├─ kafka-1:[broker] (COMPLETE)\n   └─ kafka-2:[broker] (COMPLETE)',
    );
    expect(world.service.status).toMatchObject({ targetRevision: 'kafka-1', instances: 3, readyInstances: 3, updatedInstances: 3 });
    expect([...world.instances.values()].map((i) => i.spec.volumes[0]?.initialized)).toEqual([true, true, true]);
  });

  test('all identities and ports exist before the first pod, so that configs can name peers', () => {
    const world = new PlanWorld(kafkaSpec());
    world.settle();
    const ports = [...world.instances.values()].map((instance) => instance.spec.ports['client']);
    expect(new Set(ports).size).toBe(3);
    expect(world.started).toHaveLength(1);
  });

  test('a change rolls each pod in place, volumes and ports kept, and says which field did it', () => {
    const world = deployed();
    const before = [...world.instances.values()].map((instance) => ({
      ports: instance.spec.ports,
      volumes: instance.spec.volumes.map((v) => v.id),
    }));
    world.apply(kafkaSpec({ version: 'v2' }));
    world.settle();
    expect(world.stopped).toEqual(['kafka-0#1']);
    expect(world.view('deploy').phases[0]?.steps[0]?.status).toBe('PREPARED');
    world.flow();
    expect(world.started).toEqual(['kafka-0#2', 'kafka-1#2', 'kafka-2#2']);
    expect([...world.instances.values()].map((i) => ({ ports: i.spec.ports, volumes: i.spec.volumes.map((v) => v.id) }))).toEqual(before);
    expect(world.view('deploy').cause?.params).toMatchObject({ fields: ['spec.pods[kafka].tasks[broker].command[1]'] });
  });

  test('an unchanged spec, or one that only counts more, touches no running pod', () => {
    const world = deployed();
    world.apply(kafkaSpec({ count: 4 }));
    world.flow();
    expect(world.stopped).toEqual([]);
    expect(world.started).toEqual(['kafka-3#1']);
    expect(world.view('deploy').status).toBe('COMPLETE');
  });

  test('fewer pods: a decommission run ends the highest first, keeps their data and says where', () => {
    const world = deployed();
    world.apply(kafkaSpec({ count: 1 }));
    world.flow();
    expect(world.stopped).toEqual(['kafka-2#1', 'kafka-1#1']);
    expect([...world.instances.keys()]).toEqual(['kafka-0']);
    expect(world.notes.filter((note) => note.startsWith('DataKept'))).toHaveLength(2);
    expect(world.tree('decommission')).toBe(
      'decommission (serial strategy) (COMPLETE)\n└─ kafka (serial strategy) (COMPLETE)\n   ├─ kafka-2:[broker] (COMPLETE)\n   └─ kafka-1:[broker] (COMPLETE)',
    );
  });

  test('a bad config harms one pod, and a fix gets past the stuck step, the broken pod first', () => {
    const world = deployed();
    world.apply(kafkaSpec({ version: 'bad' }));
    world.settle();
    up(world, 'kafka-0');
    world.settle();
    world.endPod('kafka-1');
    world.settle();
    world.crashPod('kafka-1');
    world.settle();
    expect(world.stopped).toEqual(['kafka-0#1', 'kafka-1#1']);
    world.apply(kafkaSpec({ version: 'good' }));
    world.settle();
    expect(world.stopped.at(-1)).toBe('kafka-1#2');
    expect(world.runs.get('kafka.deploy.2')?.status?.outcome).toBe('superseded');
    world.flow();
    expect(world.view('deploy').status).toBe('COMPLETE');
    expect([...world.instances.values()].map((i) => i.spec.revision)).toEqual(['kafka-3', 'kafka-3', 'kafka-3']);
    expect(world.started).not.toContain('kafka-2#3');
  });

  test('five restarts by the agent without becoming ready: a new incarnation after a growing pause', () => {
    const world = new PlanWorld(kafkaSpec());
    world.settle();
    for (let i = 0; i < 5; i++) world.crashPod('kafka-0');
    world.settle();
    expect(world.view('deploy').status).toBe('DELAYED');
    expect(world.view('deploy').phases[0]?.steps[0]?.waiting?.reason.code).toBe('RestartsDoNotHelp');
    world.advance(9_000);
    expect(world.stopped).toEqual([]);
    world.advance(2_000);
    expect(world.stopped).toEqual(['kafka-0#1']);
    world.endPod('kafka-0');
    world.settle();
    expect(world.started.at(-1)).toBe('kafka-0#2');
    for (let i = 0; i < 5; i++) world.crashPod('kafka-0');
    world.settle();
    world.advance(15_000);
    expect(world.stopped).toHaveLength(1);
    world.advance(6_000);
    expect(world.stopped).toHaveLength(2);
  });

  test('a pod that comes up during the pause is taken as it is, however often it was restarted', () => {
    const world = new PlanWorld(kafkaSpec({ count: 1 }));
    world.settle();
    for (let i = 0; i < 5; i++) world.crashPod('kafka-0');
    world.settle();
    expect(world.view('deploy').status).toBe('DELAYED');
    world.runPod('kafka-0', true);
    world.settle();
    expect(world.view('deploy').status).toBe('COMPLETE');
    expect(world.stopped).toEqual([]);
  });

  test('restarts before a step took the pod over are not held against it', () => {
    const world = new PlanWorld(kafkaSpec({ count: 1 }));
    world.settle();
    for (let i = 0; i < 4; i++) world.crashPod('kafka-0');
    world.operate('plan-stop', { plan: 'deploy' });
    world.settle();
    world.operate('plan-resume', { plan: 'deploy' });
    world.settle();
    world.crashPod('kafka-0');
    world.settle();
    expect(world.view('deploy').status).not.toBe('DELAYED');
    for (let i = 0; i < 4; i++) world.crashPod('kafka-0');
    world.settle();
    expect([world.view('deploy').status, world.view('recovery').status]).toContain('DELAYED');
  });

  test('a pod of the wanted name that is not ours stops the step with a reason', () => {
    const world = new PlanWorld(kafkaSpec());
    world.do({
      type: 'start-pod',
      pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'kafka-0', namespace: 'default' }, spec: { containers: [{ name: 'x' }] } },
      files: undefined,
    });
    world.settle();
    expect(world.view('deploy').phases[0]?.steps[0]?.waiting?.reason.code).toBe('PodNameTaken');
    world.endPod('kafka-0');
    world.flow();
    expect(world.view('deploy').status).toBe('COMPLETE');
  });

  test('a refused spec leaves the target and says all reasons', () => {
    const world = deployed();
    const spec = kafkaSpec({ version: '{{nonsense}}' });
    spec.pods[0]!.volumes = [{ name: 'data', path: 'elsewhere' }];
    world.apply(spec);
    world.flow();
    expect(world.service.status?.refusals?.map((why) => why.code)).toEqual(['VolumesFixed', 'TemplateInvalid']);
    expect(world.service.status?.conditions?.find((c) => c.type === 'Accepted')?.status).toBe('False');
    expect(world.service.status?.targetRevision).toBe('kafka-1');
    expect(world.started).toEqual([]);
    world.apply(kafkaSpec());
    world.flow();
    expect(world.service.status?.refusals).toBeUndefined();
    expect(world.revisions.size).toBe(1);
  });
});

describe('recovery', () => {
  test('a deleted pod comes back in its own configuration, and the recovery plan shows it', () => {
    const world = deployed();
    expect(world.tree('recovery')).toBe('recovery (serial strategy) (COMPLETE)');
    world.deletePod('kafka-1');
    world.settle();
    expect(world.tree('recovery')).toBe(
      'recovery (parallel strategy) (IN_PROGRESS)\n└─ kafka-1:[broker] (parallel strategy) (IN_PROGRESS)\n   └─ kafka-1:[broker] (PREPARED)',
    );
    world.flow();
    expect(world.started).toEqual(['kafka-1#2']);
    expect(world.view('recovery').status).toBe('COMPLETE');
    expect(world.view('recovery').phases).toHaveLength(1);
  });

  test('a task restarted by its agent shows as a recovery phase and the pod stays', () => {
    const world = deployed();
    world.crashPod('kafka-1', 137);
    world.settle();
    expect(world.view('recovery').phases[0]?.steps[0]).toMatchObject({ name: 'kafka-1:[broker]', status: 'STARTING' });
    world.runPod('kafka-1', true);
    world.settle();
    expect(world.view('recovery').status).toBe('COMPLETE');
    expect(world.started).toEqual([]);
    expect(world.instances.get('kafka-1')?.status).toMatchObject({ restarts: 1, lastExit: { task: 'broker', exitCode: 137 } });
    world.crashPod('kafka-1');
    world.settle();
    expect(world.view('recovery').phases).toHaveLength(1);
    expect([...world.runs.keys()].filter((name) => name.includes('recovery'))).toEqual(['kafka-1.recovery.1-1', 'kafka-1.recovery.1-2']);
  });

  test('an old restart count does not shorten the agent’s five tries', () => {
    const world = deployed();
    for (let i = 0; i < 12; i++) {
      world.crashPod('kafka-1');
      world.settle();
      world.runPod('kafka-1', true);
      world.settle();
    }
    world.crashPod('kafka-1');
    world.settle();
    expect(world.view('recovery').status).not.toBe('DELAYED');
    expect(world.started).toEqual([]);
    for (let i = 0; i < 4; i++) world.crashPod('kafka-1');
    world.settle();
    expect(world.view('recovery').status).toBe('DELAYED');
  });

  test('all pods lost at once come back in parallel', () => {
    const world = deployed();
    for (const name of ['kafka-0', 'kafka-1', 'kafka-2']) world.endPod(name);
    world.settle();
    expect(world.started).toEqual(['kafka-0#2', 'kafka-1#2', 'kafka-2#2']);
    world.flow();
    expect(world.view('recovery').status).toBe('COMPLETE');
  });

  test('a pod lost by a stopped deploy is recovered by nobody but recovery, in the configuration it had', () => {
    const world = deployed();
    world.apply(kafkaSpec({ version: 'v2' }));
    world.settle();
    const op = world.operate('plan-stop', { plan: 'deploy' });
    world.settle();
    expect(world.outcome(op)).toBe('Applied');
    expect(world.view('deploy').status).toBe('WAITING');
    world.endPod('kafka-0');
    world.settle();
    expect(world.started).toEqual(['kafka-0#2']);
    expect(world.instances.get('kafka-0')?.spec.revision).toBe('kafka-1');
    world.flow();
    world.operate('plan-resume', { plan: 'deploy' });
    world.flow();
    expect(world.started).toEqual(['kafka-0#2', 'kafka-0#3', 'kafka-1#2', 'kafka-2#2']);
  });

  test('paused recovery waits and shows it; resumed it goes on', () => {
    const world = deployed();
    world.operate('plan-pause', { plan: 'recovery' });
    world.settle();
    world.endPod('kafka-2');
    world.settle();
    expect(world.started).toEqual([]);
    expect(world.view('recovery').status).toBe('WAITING');
    world.operate('plan-resume', { plan: 'recovery' });
    world.flow();
    expect(world.started).toEqual(['kafka-2#2']);
  });
});

describe('gates', () => {
  test('a stop waits while the operator holds it, with its reason and since when, and is asked again', () => {
    const world = deployed();
    let good = false;
    world.answer = (call) =>
      call.gate !== 'mayStop' || good
        ? { verdict: 'go', record: { isr: ['a'] } }
        : { verdict: 'hold', reason: { code: 'UnderReplicated', message: '3 partitions' }, retryAfterMs: 5000 };
    world.apply(kafkaSpec({ version: 'v2' }));
    world.settle();
    expect(world.stopped).toEqual([]);
    expect(world.view('deploy').phases[0]?.steps[0]?.waiting?.reason).toMatchObject({ code: 'UnderReplicated' });
    const since = world.view('deploy').phases[0]?.steps[0]?.waiting?.since;
    world.advance(5000);
    expect(world.view('deploy').phases[0]?.steps[0]?.waiting?.since).toBe(since);
    good = true;
    world.advance(5000);
    expect(world.stopped).toEqual(['kafka-0#1']);
    world.flow();
    expect(world.view('deploy').status).toBe('COMPLETE');
  });

  test('a refusal holds the step until it is forced with a reason', () => {
    const world = deployed();
    world.answer = (call) =>
      call.gate === 'mayStop' && !call.force
        ? { verdict: 'refuse', reason: { code: 'LastReplica', message: 'last copy' } }
        : { verdict: 'go' };
    world.apply(kafkaSpec({ version: 'v2' }));
    world.settle();
    expect(world.view('deploy').phases[0]?.steps[0]?.status).toBe('WAITING');
    const name = world.operate(
      'plan-force-restart',
      { plan: 'deploy', phase: 'broker', step: 'kafka-0:[broker]' },
      { force: true, reason: 'test data' },
    );
    world.settle();
    expect(world.outcome(name)).toBe('Applied');
    expect(world.stopped).toEqual(['kafka-0#1']);
  });

  test('with an operator one pod at a time is being stopped, whoever wants it', () => {
    const world = deployed();
    world.answer = () => ({ verdict: 'go' });
    world.operate('pod-restart', { pod: 'kafka-0' });
    world.operate('pod-restart', { pod: 'kafka-1' });
    world.settle();
    expect(world.stopped).toEqual(['kafka-0#1']);
    up(world, 'kafka-0');
    expect(world.stopped).toEqual(['kafka-0#1', 'kafka-1#1']);
  });

  test('ready tasks are not enough: the step is STARTED until the operator says that all is back', () => {
    const world = deployed();
    let settled = false;
    world.answer = (call) =>
      call.gate === 'settled' && !settled
        ? { verdict: 'hold', reason: { code: 'CatchingUp', message: '2 behind' }, retryAfterMs: 1000 }
        : { verdict: 'go' };
    world.operate('pod-restart', { pod: 'kafka-0' });
    up(world, 'kafka-0');
    expect(world.view('recovery').phases[0]?.steps[0]).toMatchObject({ status: 'STARTED', waiting: { reason: { code: 'CatchingUp' } } });
    settled = true;
    world.advance(1000);
    expect(world.view('recovery').status).toBe('COMPLETE');
  });

  test('a fix gets past a pod that is ready and that the operator holds for ever', () => {
    const world = deployed();
    world.answer = (call) =>
      call.gate === 'settled' && call.instance === 'kafka-0'
        ? { verdict: 'hold', reason: { code: 'CatchingUp', message: 'never' }, retryAfterMs: 1000 }
        : { verdict: 'go' };
    world.operate('pod-restart', { pod: 'kafka-0' });
    up(world, 'kafka-0');
    expect(world.view('recovery').phases[0]?.steps[0]?.status).toBe('STARTED');
    world.stopped.length = 0;
    world.apply(kafkaSpec({ version: 'v2' }));
    world.settle();
    expect(world.stopped).toEqual(['kafka-0#2']);
  });
});

describe('replace', () => {
  test('new volumes, anywhere; the old ones are named for removal', () => {
    const world = deployed();
    const old = world.instances.get('kafka-1')!.spec.volumes[0]!.id;
    world.operate('pod-replace', { pod: 'kafka-1' });
    world.settle();
    world.endPod('kafka-1');
    world.settle();
    const { spec } = world.instances.get('kafka-1')!;
    expect(spec.volumes[0]!.id).not.toBe(old);
    expect(spec.volumes[0]!.initialized).toBe(false);
    expect(spec.node).toBeUndefined();
    expect(world.pods.get('kafka-1')?.metadata.annotations).toEqual({ 'drover.dev/discard-volumes': old });
    world.flow();
    world.deletePod('kafka-1');
    world.flow();
    expect(world.pods.get('kafka-1')?.metadata.annotations?.['drover.dev/discard-volumes'] ?? '').toBe('');
  });

  test('a retry keeps the volumes that the replace made: nothing is given up twice on one answer', () => {
    const world = deployed();
    world.answer = (call) =>
      call.gate === 'settled' ? { verdict: 'hold', reason: { code: 'CatchingUp', message: 'x' }, retryAfterMs: 1000 } : { verdict: 'go' };
    const old = world.instances.get('kafka-1')!.spec.volumes[0]!.id;
    world.operate('pod-replace', { pod: 'kafka-1' });
    up(world, 'kafka-1');
    const made = world.instances.get('kafka-1')!.spec.volumes[0]!.id;
    expect(made).not.toBe(old);
    world.deletePod('kafka-1');
    up(world, 'kafka-1');
    expect(world.started).toEqual(['kafka-1#2', 'kafka-1#3']);
    expect(world.instances.get('kafka-1')!.spec.volumes[0]!.id).toBe(made);
  });

  test('the operator may refuse it; forced without a reason is refused too; with one it is done', () => {
    const world = deployed();
    world.answer = (call) =>
      call.action === 'replace' && !call.force
        ? { verdict: 'refuse', reason: { code: 'LastReplica', message: 'It holds the last copy of t-0.' } }
        : { verdict: 'go' };
    const plain = world.operate('pod-replace', { pod: 'kafka-1' });
    const mute = world.operate('pod-replace', { pod: 'kafka-1' }, { force: true });
    world.settle();
    expect([world.outcome(plain), world.outcome(mute)]).toEqual(['Refused', 'Refused']);
    expect(world.operations.get(plain)?.status?.reason.message).toContain('last copy of t-0');
    const forced = world.operate('pod-replace', { pod: 'kafka-1' }, { force: true, reason: 'disk is dead' });
    world.flow();
    expect(world.outcome(forced)).toBe('Applied');
    expect(world.started).toEqual(['kafka-1#2']);
  });
});

describe('deleting a service', () => {
  test('ends pods in reverse order, then lets go, keeps data and says where', () => {
    const world = deployed();
    world.deleteService();
    world.flow();
    expect(world.stopped).toEqual(['kafka-2#1', 'kafka-1#1', 'kafka-0#1']);
    expect(world.released).toBe(true);
    expect(world.notes.at(-1)).toMatch(/^DataKept: .*kafka-0-data-.* on m1/);
    expect(world.started).toEqual([]);
  });

  test('also in the middle of a roll', () => {
    const world = deployed();
    world.apply(kafkaSpec({ version: 'v2' }));
    world.settle();
    world.deleteService();
    world.flow();
    expect(world.started).toEqual([]);
    expect(world.pods.size).toBe(0);
    expect(world.released).toBe(true);
  });
});

test('a conflict is told apart from other faults', () => {
  const world = deployed();
  const stale = world.instances.get('kafka-0')!;
  world.do({ type: 'instance-status', instance: stale, status: { phase: 'x' } });
  expect(() => world.do({ type: 'instance-status', instance: stale, status: {} })).toThrow(Conflict);
});
