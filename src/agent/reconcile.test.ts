import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { TaskState } from '../drivers/driver.ts';
import type { Pod, PodStatus } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import { livingTasks, nextBlock, type PodView } from './pod-view.ts';
import { podStatus } from './pod-status.ts';
import { reconcilePod, type Action } from './reconcile.ts';
import type { PodRecord } from './pod-record.ts';
import { hasEnded } from './restart-policy.ts';

const NOW = Date.UTC(2026, 0, 1);

function pod(
  options: { deletedWithin?: number; status?: PodStatus; policy?: 'Always' | 'OnFailure' | 'Never'; containers?: string[] } = {},
): Stored<Pod> {
  const { deletedWithin, status, policy = 'Always', containers = ['main'] } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'default',
      name: 'a',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(deletedWithin !== undefined && {
        deletionTimestamp: new Date(NOW + deletedWithin * 1000).toISOString(),
        deletionGracePeriodSeconds: deletedWithin,
      }),
    },
    spec: { restartPolicy: policy, containers: containers.map((name) => ({ name, command: ['run'] })) },
    ...(status && { status }),
  };
}

function view(over: Partial<PodView> = {}): PodView {
  return {
    uid: 'u',
    pod: pod(),
    record: undefined,
    tasks: [],
    inFlight: new Set(),
    preparing: new Map(),
    blocks: new Map(),
    stops: new Map(),
    health: new Map(),
    predecessor: undefined,
    keepsLogs: true,
    refused: false,
    machine: { address: '127.0.0.1', driver: 'fake' },
    ...over,
  };
}

const record = (attempt: number, crashes = 0, extra: Partial<PodRecord> = {}): PodRecord => ({
  uid: 'u',
  namespace: 'default',
  name: 'a',
  graceMs: 30_000,
  containers: { main: { attempt, crashes } },
  ...extra,
});
const running = (attempt: number): TaskState => ({ id: `u/main/${attempt}`, phase: 'running', startedAtMs: NOW - 1000, pid: 1 });
const exited = (attempt: number, exitCode: number, agoMs = 0): TaskState => ({
  id: `u/main/${attempt}`,
  phase: 'exited',
  startedAtMs: NOW - agoMs - 1000,
  finishedAtMs: NOW - agoMs,
  exitCode,
});

/** What is done, as `verb detail`; reports are left out. */
function done(actions: readonly Action[]): string[] {
  return actions.flatMap((action) => {
    switch (action.type) {
      case 'start':
        return [`start ${action.container}/${action.attempt} ${action.reason.code}`];
      case 'stop':
      case 'kill':
        return [`${action.type} ${action.id} within ${action.graceMs} ${action.reason.code}`];
      case 'remove':
        return [`remove ${action.id}`];
      case 'report':
        return [];
      case 'delete-object':
      case 'mark-gone':
      case 'forget':
        return [action.type];
    }
  });
}

describe('one pod', () => {
  const ill = { started: true, ready: false, kill: { role: 'liveness' as const, message: 'x', graceMs: undefined } };
  it.each<[string, Partial<PodView>, string[], number?]>([
    ['a new pod is started', {}, ['start main/0 Wanted']],
    ['what is being prepared is not started again', { preparing: new Map([['main', '']]) }, []],
    ['what the driver is just told to start is not started again', { inFlight: new Set(['u/main/0']) }, []],
    [
      'a recorded attempt that the driver does not know is started as it is',
      { record: record(2, 2), tasks: [exited(1, 1)] },
      ['start main/2 Restart'],
    ],
    ['nothing starts while another incarnation lives', { predecessor: 'old/main/0' }, []],
    ['what runs is left alone', { record: record(0), tasks: [running(0)] }, []],
    ['the first restart is at once', { record: record(0), tasks: [exited(0, 1)] }, ['start main/1 Restart']],
    ['the second waits 10 s', { record: record(1, 1), tasks: [exited(1, 1, 3_000)] }, [], NOW + 7_000],
    ['and is then due', { record: record(1, 1), tasks: [exited(1, 1, 10_000)] }, ['start main/2 Restart']],
    ['a block waits for its time', { blocks: new Map([['main', nextBlock(undefined, 'ErrImagePull', 'x', NOW)]]) }, [], NOW + 10_000],
    ['a policy Never does not restart', { pod: pod({ policy: 'Never' }), record: record(0), tasks: [exited(0, 1)] }, []],
    ['only the last two attempts are kept', { record: record(2, 1), tasks: [exited(0, 1), exited(1, 1), running(2)] }, ['remove u/main/0']],
    [
      'a failed liveness probe kills',
      { record: record(0), tasks: [running(0)], health: new Map([['u/main/0', ill]]) },
      ['kill u/main/0 within 30000 Unhealthy'],
    ],
    [
      'once',
      { record: record(0), tasks: [running(0)], health: new Map([['u/main/0', ill]]), stops: new Map([['u/main/0', NOW + 1]]) },
      [],
      NOW + 30_001,
    ],
    [
      'a deleted pod is stopped within its grace',
      { pod: pod({ deletedWithin: 5 }), record: record(0), tasks: [running(0)] },
      ['stop u/main/0 within 5000 Deleted'],
    ],
    [
      'not twice',
      { pod: pod({ deletedWithin: 5 }), record: record(0), tasks: [running(0)], stops: new Map([['u/main/0', NOW + 5_000]]) },
      [],
      NOW + 35_000,
    ],
    [
      'sooner when the grace is shortened',
      { pod: pod({ deletedWithin: 5 }), record: record(0), tasks: [running(0)], stops: new Map([['u/main/0', NOW + 60_000]]) },
      ['stop u/main/0 within 5000 Deleted'],
      NOW + 90_000,
    ],
    [
      'again when it outlives its kill',
      { pod: pod({ deletedWithin: 5 }), record: record(0), tasks: [running(0)], stops: new Map([['u/main/0', NOW - 30_000]]) },
      ['stop u/main/0 within 0 Overdue'],
      NOW,
    ],
    ['its object stays while a start is in flight', { pod: pod({ deletedWithin: 5 }), inFlight: new Set(['u/main/0']) }, []],
    ['its object stays until the end is reported', { pod: pod({ deletedWithin: 5 }), record: record(0), tasks: [exited(0, 0)] }, []],
    [
      'and goes when the report was refused',
      { pod: pod({ deletedWithin: 5 }), record: record(0), tasks: [exited(0, 0)], refused: true },
      ['delete-object'],
    ],
    ['a deleted pod that never ran goes at once', { pod: pod({ deletedWithin: 5 }) }, ['delete-object']],
    [
      'a vanished pod is stopped with its own grace',
      { pod: undefined, record: record(0), tasks: [running(0)] },
      ['stop u/main/0 within 30000 Vanished'],
    ],
    ['a vanished pod without a record too', { pod: undefined, tasks: [running(0)] }, ['stop u/main/0 within 30000 Vanished']],
    [
      'its last logs are kept',
      { pod: undefined, record: record(1), tasks: [exited(0, 1), exited(1, 0)] },
      ['remove u/main/0', 'mark-gone'],
    ],
    ['and then nothing is to be done', { pod: undefined, record: record(1, 0, { goneAtMs: NOW }), tasks: [exited(1, 0)] }, []],
    [
      'until nobody can ask for them',
      { pod: undefined, record: record(1, 0, { goneAtMs: NOW }), tasks: [exited(1, 0)], keepsLogs: false },
      ['forget'],
    ],
    ['a vanished pod that never ran is forgotten', { pod: undefined, record: record(0) }, ['forget']],
    [
      'a pod that others have declared failed is stopped',
      { pod: pod({ status: { phase: 'Failed' } }), record: record(0), tasks: [running(0)] },
      ['stop u/main/0 within 30000 PodOver'],
    ],
    ['and not started', { pod: pod({ status: { phase: 'Succeeded' } }) }, []],
  ])('%s', (_title, over, expected, wakeAtMs = Infinity) => {
    const decision = reconcilePod(view(over), NOW);
    expect(done(decision.actions)).toEqual(expected);
    expect(decision.wakeAtMs).toBe(wakeAtMs);
  });

  it('counts the restart of a container whose task and record were lost with the disk', () => {
    const status = {
      phase: 'Running' as const,
      containerStatuses: [{ name: 'main', ready: true, restartCount: 4, image: '', imageID: '', containerID: 'fake://u/main/4' }],
    };
    expect(done(reconcilePod(view({ pod: pod({ status }) }), NOW).actions)).toEqual(['start main/5 Restart']);
  });
});

describe('a herd of incarnations, whatever happens in whatever order', () => {
  /** A machine that obeys actions, with time, crashes, deletes and successors by chance. */
  const Event = fc.constantFrom('exit', 'obey', 'answer', 'delete', 'vanish', 'successor', 'tick', 'report', 'restart-agent');

  interface Incarnation {
    uid: string;
    pod: Stored<Pod> | undefined;
    record: PodRecord | undefined;
    tasks: Map<string, TaskState>;
    inFlight: Set<string>;
    stops: Map<string, number>;
  }

  function viewOf(one: Incarnation, all: readonly Incarnation[]): PodView {
    const living = all
      .filter((other) => other !== one)
      .flatMap((other) => livingTasks({ tasks: [...other.tasks.values()], inFlight: other.inFlight }));
    return view({ ...one, tasks: [...one.tasks.values()], predecessor: living[0] });
  }

  it('never has two living attempts, nor tasks of two incarnations, and removes an object only when all has ended', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(Event, fc.nat(5)), { maxLength: 120 }), (events) => {
        let now = NOW;
        const all: Incarnation[] = [];
        const present = () => all.find((one) => one.pod !== undefined);
        const add = () => {
          if (present()) return;
          const uid = `u${all.length}`;
          const fresh = pod({ containers: ['main', 'side'] });
          all.push({
            uid,
            pod: { ...fresh, metadata: { ...fresh.metadata, uid } },
            record: undefined,
            tasks: new Map(),
            inFlight: new Set(),
            stops: new Map(),
          });
        };
        add();
        for (const [event, pick] of events) {
          const one = all[pick % all.length]!;
          const task = [...one.tasks.values()].filter((entry) => !hasEnded(entry))[0];
          switch (event) {
            case 'exit':
              if (task)
                one.tasks.set(task.id, {
                  id: task.id,
                  phase: 'exited',
                  startedAtMs: task.startedAtMs,
                  finishedAtMs: now,
                  exitCode: pick % 2,
                });
              break;
            case 'answer':
              for (const id of one.inFlight) one.tasks.set(id, { id, phase: 'running', startedAtMs: now, pid: 1 });
              one.inFlight.clear();
              break;
            case 'delete':
              if (one.pod)
                one.pod = {
                  ...one.pod,
                  metadata: { ...one.pod.metadata, deletionTimestamp: new Date(now).toISOString(), deletionGracePeriodSeconds: 0 },
                };
              break;
            case 'vanish':
              one.pod = undefined;
              break;
            case 'successor':
              add();
              break;
            case 'tick':
              now += 7_000;
              break;
            case 'restart-agent':
              // What was in flight is recorded by the driver, or was never started.
              for (const id of one.inFlight) if (pick % 2) one.tasks.set(id, { id, phase: 'starting', startedAtMs: now });
              one.inFlight.clear();
              one.stops.clear();
              break;
            case 'report':
            case 'obey':
              obey(one, event === 'report');
          }
          check();
        }

        function obey(one: Incarnation, reports: boolean): void {
          for (const action of reconcilePod(viewOf(one, all), now).actions) {
            switch (action.type) {
              case 'start': {
                // One after the other, each with a look at the world as the runner takes it.
                if (viewOf(one, all).predecessor !== undefined) break;
                const before = one.record ?? { ...record(0), uid: one.uid, containers: {} };
                one.record = {
                  ...before,
                  containers: { ...before.containers, [action.container]: { attempt: action.attempt, crashes: action.crashes } },
                };
                one.inFlight.add(`${one.uid}/${action.container}/${action.attempt}`);
                break;
              }
              case 'stop':
              case 'kill':
                one.stops.set(action.id, now + action.graceMs);
                break;
              case 'remove':
                expect(hasEnded(one.tasks.get(action.id)!)).toBe(true);
                one.tasks.delete(action.id);
                break;
              case 'report':
                if (reports && one.pod) one.pod = { ...one.pod, status: podStatus(viewOf(one, all), one.pod, now) };
                break;
              case 'delete-object':
                expect(livingTasks({ tasks: [...one.tasks.values()], inFlight: one.inFlight })).toEqual([]);
                one.pod = undefined;
                break;
              case 'mark-gone':
                one.record = { ...one.record!, goneAtMs: now };
                break;
              case 'forget':
                expect(livingTasks({ tasks: [...one.tasks.values()], inFlight: one.inFlight })).toEqual([]);
                one.tasks.clear();
                one.record = undefined;
            }
          }
        }

        function check(): void {
          const living = all.flatMap((one) => livingTasks({ tasks: [...one.tasks.values()], inFlight: one.inFlight }));
          const containers = living.map((id) => id.slice(0, id.lastIndexOf('/')));
          expect(new Set(containers).size).toBe(containers.length);
          expect(new Set(living.map((id) => id.split('/')[0])).size).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('comes to rest: what is vanished and obeyed is forgotten or kept only as logs, with nothing left to do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 6 }), (tasks) => {
        let current = view({
          pod: undefined,
          record: record(3),
          tasks: tasks.map(([attempt, ended]) => (ended ? exited(attempt, 1) : running(attempt))),
        });
        for (let round = 0; round < 5; round++) {
          for (const action of reconcilePod(current, NOW).actions) {
            if (action.type === 'stop')
              current = {
                ...current,
                tasks: current.tasks.map((task) => (task.id === action.id ? exited(Number(task.id.at(-1)), 143) : task)),
              };
            else if (action.type === 'remove') current = { ...current, tasks: current.tasks.filter((task) => task.id !== action.id) };
            else if (action.type === 'mark-gone') current = { ...current, record: record(3, 0, { goneAtMs: NOW }) };
            else if (action.type === 'forget') current = { ...current, tasks: [], record: undefined };
          }
        }
        const rest = done(reconcilePod(current, NOW).actions);
        expect(rest).toEqual(current.record ? [] : ['forget']);
        expect(new Set(current.tasks.map((task) => task.id)).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});
