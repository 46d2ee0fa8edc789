import { hasCode } from '../base/errors.ts';
import { podKind } from '../model/core/pod.ts';
import { managedServiceKind, type ManagedServiceSpec } from '../model/drover/managed-service.ts';
import { operationKind, type Operation } from '../model/drover/operation.ts';
import { planRunKind } from '../model/drover/plan-run.ts';
import { podInstanceKind } from '../model/drover/pod-instance.ts';
import type { Resource, Stored } from '../model/resource.ts';
import { planTree } from '../plan/plan-tree.ts';
import { planView, type PlanView } from '../plan/plan-view.ts';
import type { StatusWord } from '../plan/status.ts';
import type { Simulation } from './simulation.ts';

/** What a script does to a service, in the words of dcos-commons' simulator. Each settles before it resolves. */
export interface Send {
  /** Creates the service or changes its spec, as `drover apply`. */
  apply(spec: ManagedServiceSpec): Promise<void>;
  /** A verb; resolves with its outcome. */
  operation(
    verb: Operation['spec']['verb'],
    target?: Omit<Operation['spec']['target'], 'service'>,
    more?: Partial<Operation['spec']>,
  ): Promise<string>;
  /** A task of the pod ends by itself. */
  taskExit(pod: string, exitCode?: number): Promise<void>;
  /** `kubectl delete pod`. */
  deletePod(pod: string): Promise<void>;
  deleteService(): Promise<void>;
  killControlPlane(): Promise<void>;
  rebootMachine(): Promise<void>;
  advance(ms: number): Promise<void>;
}

/** What a script sees; each throws with the plan's tree when it is not so. */
export interface Expect {
  planStatus(plan: string, status: StatusWord): Promise<void>;
  stepStatus(plan: string, step: string, status: StatusWord): Promise<void>;
  tree(plan: string, text: string): Promise<void>;
  /** The tasks started since the last call, in order, as `pod` names. */
  launched(...pods: string[]): Promise<void>;
  /** The pods with a live task. */
  running(...pods: string[]): Promise<void>;
  /** No invariant of the machine was broken: no id twice, no two live incarnations. */
  sound(): void;
}

/** A script on one service of namespace default. */
export function scriptFor(sim: Simulation, service = 'kafka'): { send: Send; expect: Expect; view(plan: string): Promise<PlanView> } {
  const namespace = 'default';
  const key = { namespace, name: service };
  let operations = 0;
  let launchesSeen = 0;

  /** A person tries again when the server went away under the request; what exists (or is another object) by then was done by the try before. */
  async function insist(act: () => Promise<unknown>): Promise<void> {
    for (let done = false; !done;) {
      try {
        await act();
        done = true;
      } catch (error) {
        done = hasCode(error, 'already-exists', 'conflict');
        if (!done && !hasCode(error, 'unavailable')) throw error;
      }
      await sim.settle();
    }
  }

  async function maybe<T>(get: () => Promise<T>): Promise<T | undefined> {
    try {
      return await get();
    } catch (error) {
      if (hasCode(error, 'not-found')) return undefined;
      throw error;
    }
  }

  async function view(plan: string): Promise<PlanView> {
    const client = sim.client();
    const mine = <T extends Resource & { spec: { service: string } }>(objects: readonly Stored<T>[]) =>
      objects.filter((object) => object.spec.service === service);
    const found = planView(
      await client.get(managedServiceKind, key),
      plan,
      mine((await client.list(planRunKind, { namespace })).items),
      mine((await client.list(podInstanceKind, { namespace })).items),
      sim.clock.now(),
    );
    if (!found) throw new Error(`no plan ${plan}`);
    return found;
  }

  async function check(plan: string, isSo: (view: PlanView) => boolean, what: string): Promise<void> {
    await sim.settle();
    const seen = await view(plan);
    if (!isSo(seen)) throw new Error(`expected ${what}, but:\n${planTree(seen)}\n${sim.warnings.slice(-5).join('\n')}`);
  }

  function liveTask(pod: string): string {
    const id = sim.machine.liveByPod().get(`${namespace}/${pod}`)?.[0]?.id;
    if (id === undefined) throw new Error(`no task of ${pod} lives`);
    return id;
  }

  const send: Send = {
    async apply(spec) {
      await insist(async () => {
        const metadata = { name: service, namespace };
        if (await maybe(() => sim.client().get(managedServiceKind, key))) await sim.client().patch(managedServiceKind, key, { spec });
        else await sim.client().create(managedServiceKind, { apiVersion: 'drover.dev/v1alpha1', kind: 'ManagedService', metadata, spec });
      });
    },
    async operation(verb, target = {}, more = {}) {
      const name = `op-${++operations}`;
      const spec = { verb, target: { service, ...target }, actor: 'ann', ...more };
      const object: Operation = { apiVersion: 'drover.dev/v1alpha1', kind: 'Operation', metadata: { name, namespace }, spec };
      await insist(() => sim.client().create(operationKind, object));
      return (await sim.client().get(operationKind, { namespace, name })).status?.outcome ?? 'undecided';
    },
    async taskExit(pod, exitCode = 1) {
      sim.machine.exit(liveTask(pod), exitCode);
      await sim.settle();
    },
    async deletePod(pod) {
      const key = { namespace, name: pod };
      // By uid: a second try must not hit the successor.
      const { uid } = (await sim.client().get(podKind, key)).metadata;
      await insist(() => maybe(() => sim.client().delete(podKind, key, { uid })));
    },
    deleteService: () => insist(() => maybe(() => sim.client().delete(managedServiceKind, key))),
    async killControlPlane() {
      sim.kill();
      await sim.settle();
    },
    async rebootMachine() {
      sim.kill();
      sim.machine.reboot();
      await sim.settle();
    },
    advance: (ms) => sim.advance(ms),
  };

  const expect: Expect = {
    planStatus: (plan, status) => check(plan, (seen) => seen.status === status, `plan ${plan} ${status}`),
    stepStatus: (plan, step, status) =>
      check(
        plan,
        (seen) => seen.phases.some((phase) => phase.steps.some((s) => s.name === step && s.status === status)),
        `${step} ${status}`,
      ),
    tree: (plan, text) => check(plan, (seen) => planTree(seen) === text, text),
    async launched(...pods) {
      await sim.settle();
      const all = sim.machine.history.filter((call) => call.verb === 'start' && call.effect);
      const labels = new Map(sim.machine.tasks().map(({ config }) => [config.id, config.label]));
      const fresh = all
        .slice(launchesSeen)
        .map((call) => (labels.get(call.id ?? '') ?? call.id ?? '').replace(/^default\/(\S+) .*$/, '$1'));
      launchesSeen = all.length;
      if (fresh.join() !== pods.join()) throw new Error(`expected launches of ${pods.join(', ')}, seen: ${fresh.join(', ')}`);
    },
    async running(...pods) {
      await sim.settle();
      const live = [...sim.machine.liveByPod().keys()].map((name) => name.replace('default/', '')).toSorted();
      if (live.join() !== pods.toSorted().join()) throw new Error(`expected ${pods.join(', ')} to run, seen: ${live.join(', ')}`);
    },
    sound() {
      if (sim.machine.violations.length > 0) throw new Error(sim.machine.violations.join('\n'));
    },
  };
  return { send, expect, view };
}
