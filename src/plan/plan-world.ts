import { fromTime, toTime } from '../base/clock.ts';
import type { ContainerStatus, Pod } from '../model/core/pod.ts';
import type { ManagedService, ManagedServiceSpec } from '../model/drover/managed-service.ts';
import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import { ANNOTATION_DISCARD_VOLUMES } from '../model/labels.ts';
import type { Resource, Stored } from '../model/resource.ts';
import type { Action } from './action.ts';
import { decide } from './decide.ts';
import { planTree } from './plan-tree.ts';
import { planView, type PlanView } from './plan-view.ts';
import { incarnationOf } from './pod-facts.ts';
import type { GateAnswer, GateCall, ServiceSnapshot } from './service-snapshot.ts';

/** What a test operator says when asked. */
export type Answerer = (call: GateCall, world: PlanWorld) => Omit<GateAnswer, 'answeredAtMs'> | undefined;

/**
 * A service in memory for tests of the pure engine: objects with resourceVersions, an agent that a test moves by hand, an operator that answers at once.
 * It checks what must never happen: two live incarnations of one instance.
 */
export class PlanWorld {
  service: Stored<ManagedService>;
  readonly revisions = new Map<string, Stored<ServiceRevision>>();
  readonly runs = new Map<string, Stored<PlanRun>>();
  readonly instances = new Map<string, Stored<PodInstance>>();
  readonly pods = new Map<string, Stored<Pod>>();
  readonly operations = new Map<string, Stored<Operation>>();
  gates = new Map<string, GateAnswer>();
  answer: Answerer | undefined;
  nowMs = fromTime('2026-01-01T00:00:00Z');
  /** Pods started, as `kafka-0#2`. */
  readonly started: string[] = [];
  /** Pods asked to end. */
  readonly stopped: string[] = [];
  readonly notes: string[] = [];
  released = false;
  /** An incarnation is made once. Not so when its Pod is gone again before the engine has seen or noted it: then the number is used again. */
  startsOnce = true;
  #revision = 0;

  constructor(spec: ManagedServiceSpec, name = 'kafka') {
    const metadata = { name, namespace: 'default', generation: 1 };
    this.service = this.#stored({ apiVersion: 'drover.dev/v1alpha1', kind: 'ManagedService', metadata, spec });
  }

  snapshot(): ServiceSnapshot {
    return {
      service: this.service,
      revisions: [...this.revisions.values()],
      runs: [...this.runs.values()],
      instances: [...this.instances.values()],
      pods: this.pods,
      operations: [...this.operations.values()],
      gated: this.answer !== undefined,
      gates: this.gates,
      occupiedPorts: () => new Set([...this.instances.values()].flatMap((instance) => Object.values(instance.spec.ports))),
      instanceOwner: (name) => this.instances.get(name)?.spec.service,
      addressOf: () => '127.0.0.1',
      nowMs: this.nowMs,
    };
  }

  /** Decides and does, until nothing is left to do now. Returns when to look again. */
  settle(): number | undefined {
    for (let turn = 0; turn < 500; turn++) {
      const decision = decide(this.snapshot());
      for (const action of decision.actions) this.do(action);
      if (decision.actions.length > 0) continue;
      const call = decision.asks[0];
      const said = call && this.answer?.(call, this);
      if (!call || !said) return decision.wakeAtMs;
      this.gates.set(call.key, { ...said, answeredAtMs: this.nowMs } as GateAnswer);
    }
    throw new Error(`does not settle: ${JSON.stringify(decide(this.snapshot()).actions.map((action) => action.type))}`);
  }

  /** Does one action; throws where a store would refuse it. */
  do(action: Action): void {
    for (const note of action.notes ?? []) this.notes.push(`${note.reason.code}: ${note.reason.message}`);
    switch (action.type) {
      case 'create-revision':
        return this.#create(this.revisions, action.revision);
      case 'create-run':
        return this.#create(this.runs, action.run);
      case 'create-instance':
        return this.#create(this.instances, action.instance);
      case 'service-status':
        this.service = this.#stored({ ...action.service, status: action.status });
        return;
      case 'keep-service':
        this.service = this.#stored({ ...this.service, metadata: { ...this.service.metadata, finalizers: ['drover.dev/pods'] } });
        return;
      case 'release-service':
        this.released = true;
        this.service = this.#stored({ ...this.service, metadata: { ...this.service.metadata, finalizers: [] } });
        return;
      case 'run-status':
        return this.#update(this.runs, action.run, { ...action.run, status: action.status });
      case 'instance-spec': {
        const annotations = { ...action.instance.metadata.annotations };
        if (action.discard) annotations[ANNOTATION_DISCARD_VOLUMES] = action.discard.join(',');
        return this.#update(this.instances, action.instance, {
          ...action.instance,
          metadata: { ...action.instance.metadata, annotations },
          spec: action.spec,
        });
      }
      case 'instance-status':
        return this.#update(this.instances, action.instance, { ...action.instance, status: action.status });
      case 'delete-instance':
        this.instances.delete(action.instance.metadata.name);
        return;
      case 'start-pod':
        return this.#startPod(action.pod);
      case 'stop-pod':
        this.stopped.push(label(action.pod));
        return this.deletePod(action.pod.metadata.name);
      case 'decide-operation':
        return this.#update(this.operations, action.operation, { ...action.operation, status: action.status });
      case 'collect':
        for (const map of [this.runs, this.revisions, this.operations]) {
          if (map.get(action.object.metadata.name)?.metadata.uid === action.object.metadata.uid) map.delete(action.object.metadata.name);
        }
        return;
    }
  }

  /** A person writes another spec. */
  apply(spec: ManagedServiceSpec): void {
    const generation = (this.service.metadata.generation ?? 0) + 1;
    this.service = this.#stored({ ...this.service, spec, metadata: { ...this.service.metadata, generation } });
  }

  /** A person asks for something. */
  operate(
    verb: Operation['spec']['verb'],
    target: Omit<Operation['spec']['target'], 'service'>,
    more: Partial<Operation['spec']> = {},
  ): string {
    const name = `op-${this.operations.size + 1}`;
    const spec = { verb, target: { service: this.service.metadata.name, ...target }, actor: 'ann', ...more };
    this.#create(this.operations, { apiVersion: 'drover.dev/v1alpha1', kind: 'Operation', metadata: { name, namespace: 'default' }, spec });
    return name;
  }

  /** The outcome of an operation. */
  outcome(name: string): string | undefined {
    return this.operations.get(name)?.status?.outcome;
  }

  deleteService(): void {
    this.service = this.#stored({ ...this.service, metadata: { ...this.service.metadata, deletionTimestamp: toTime(this.nowMs) } });
  }

  /** As `kubectl delete pod`, or as the engine: the agent ends the tasks first. */
  deletePod(name: string): void {
    const pod = this.pods.get(name);
    if (!pod || pod.metadata.deletionTimestamp) return;
    this.#putPod({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: toTime(this.nowMs), deletionGracePeriodSeconds: 30 } });
  }

  /** The agent confirms the end of a pod that is being deleted (or the machine took it along). */
  endPod(name: string): void {
    this.pods.delete(name);
  }

  /** The scheduler binds and the agent starts the tasks. */
  runPod(name: string, ready: boolean): void {
    this.#report(name, (pod) => ({ ready, restartCount: restarts(pod), state: { running: {} } }), ready);
  }

  /** A task ends and waits for its restart by the agent. */
  crashPod(name: string, exitCode = 1): void {
    const ended = { exitCode, finishedAt: toTime(this.nowMs) };
    this.#report(
      name,
      (pod) => ({
        ready: false,
        restartCount: restarts(pod) + 1,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: ended },
      }),
      false,
    );
  }

  failPod(name: string): void {
    const pod = this.pods.get(name);
    if (pod) this.#putPod({ ...pod, status: { ...pod.status, phase: 'Failed', conditions: [], message: 'no such package' } });
  }

  /** Everything that the agent can do is done and well, and again, until nothing moves. */
  flow(): void {
    for (let turn = 0; turn < 200; turn++) {
      this.settle();
      const todo = [...this.pods.values()].filter((pod) => pod.metadata.deletionTimestamp || !isUp(pod));
      if (todo.length === 0) return;
      for (const pod of todo) {
        if (pod.metadata.deletionTimestamp) this.endPod(pod.metadata.name);
        else this.runPod(pod.metadata.name, true);
      }
    }
    throw new Error('does not come to rest');
  }

  /** Time passes. */
  advance(ms: number): void {
    this.nowMs += ms;
    this.settle();
  }

  view(plan: string): PlanView {
    const found = planView(this.service, plan, [...this.runs.values()], [...this.instances.values()], this.nowMs);
    if (!found) throw new Error(`no plan ${plan}`);
    return found;
  }

  tree(plan: string): string {
    return planTree(this.view(plan));
  }

  #startPod(pod: Pod): void {
    const name = pod.metadata.name ?? '';
    if (this.pods.has(name)) throw new Error(`two live incarnations of ${name}`);
    const stored = this.#stored(pod);
    if (this.startsOnce && this.started.includes(label(stored))) throw new Error(`started twice: ${label(stored)}`);
    this.started.push(label(stored));
    this.pods.set(name, stored);
  }

  #report(name: string, status: (pod: Pod) => Omit<ContainerStatus, 'name' | 'image' | 'imageID'>, ready: boolean): void {
    const pod = this.pods.get(name);
    if (!pod) return;
    const one = status(pod);
    this.#putPod({
      ...pod,
      spec: { ...pod.spec, nodeName: 'm1' },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
        containerStatuses: pod.spec.containers.map(({ name: task }) => ({ name: task, image: '', imageID: '', ...one })),
      },
    });
  }

  #putPod(pod: Stored<Pod>): void {
    this.pods.set(pod.metadata.name, this.#stored(pod));
  }

  #create<T extends Resource>(map: Map<string, Stored<T>>, object: T): void {
    const name = object.metadata.name ?? '';
    if (map.has(name)) throw new Error(`${object.kind} ${name} exists`);
    map.set(name, this.#stored(object));
  }

  #update<T extends Resource>(map: Map<string, Stored<T>>, before: Stored<T>, next: Stored<T>): void {
    const current = map.get(before.metadata.name);
    if (current?.metadata.resourceVersion !== before.metadata.resourceVersion)
      throw new Conflict(`${before.kind} ${before.metadata.name} has changed`);
    map.set(before.metadata.name, this.#stored(next));
  }

  #stored<T extends Resource>(object: T): Stored<T> {
    const number = ++this.#revision;
    const { uid, creationTimestamp } = object.metadata;
    const set = {
      uid: uid ?? `uid-${number}`,
      resourceVersion: String(number),
      creationTimestamp: creationTimestamp ?? toTime(this.nowMs + number * 1000),
    };
    return { ...object, metadata: { ...object.metadata, ...set } } as Stored<T>;
  }
}

/** A write that lost a race: the engine decides again. */
export class Conflict extends Error {}

function restarts(pod: Pod): number {
  return pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
}

function isUp(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || (pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false);
}

function label(pod: Stored<Pod>): string {
  return `${pod.metadata.name}#${incarnationOf(pod)}`;
}

/** Three pods with one task, one port and one volume each. */
export function kafkaSpec(change: { version?: string; count?: number; phase?: string } = {}): ManagedServiceSpec {
  return {
    pods: [
      {
        name: 'kafka',
        count: change.count ?? 3,
        tasks: [{ name: 'broker', command: ['run', change.version ?? 'v1'], ports: [{ name: 'client' }] }],
        volumes: [{ name: 'data', path: 'data' }],
      },
    ],
    plans: [{ name: 'deploy', phases: [{ name: change.phase ?? 'broker', pod: 'kafka' }] }],
  };
}
