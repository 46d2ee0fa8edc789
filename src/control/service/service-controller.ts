import { podKind } from '../../model/core/pod.ts';
import { managedServiceKind } from '../../model/drover/managed-service.ts';
import { operationKind } from '../../model/drover/operation.ts';
import { planRunKind } from '../../model/drover/plan-run.ts';
import { podInstanceKind, type PodInstance } from '../../model/drover/pod-instance.ts';
import { serviceRevisionKind } from '../../model/drover/service-revision.ts';
import type { Kind } from '../../model/kind.ts';
import { ANNOTATION_DISCARD_VOLUMES, FINALIZER_SERVICE, LABEL_SERVICE } from '../../model/labels.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import type { OperatorList } from '../../operators/operator.ts';
import type { Action } from '../../plan/action.ts';
import { decide } from '../../plan/decide.ts';
import type { Controller, ControllerContext, Result, Watch } from '../controller.ts';
import { askOperator } from './ask-operator.ts';
import { observe } from './observe.ts';
import { answerOrphans } from './orphan-operations.ts';
import { perform, type Hands } from './perform.ts';
import { memoryOf, newTermMemory, type TermMemory } from './service-memory.ts';

export interface ServiceControllerOptions {
  /** Whose gates apply to services that name them; each call must end by itself, as those of `oneAtATime` do. */
  readonly operators: OperatorList;
  /** The address of an instance for clients and peers; default 127.0.0.1 (one machine). */
  readonly addressOf?: (instance: PodInstance) => string;
}

/** Turns of one reconcile after which others get a chance. */
const MAX_TURNS = 50;
/** Writes to different objects under way at the same time: they share the store's syncs. */
const PARALLEL_WRITES = 32;

/**
 * The heart: for each service (key `namespace/name`) it looks, decides (plan/decide.ts) and does, turn by turn, until nothing is left to do now. All state
 * is in the objects; killed anywhere, the next one goes on.
 */
export function createServiceController({ operators, addressOf = () => '127.0.0.1' }: ServiceControllerOptions): Controller {
  // By term: an earlier leader's memory is of a world that another one may have changed since.
  const terms = new WeakMap<AbortSignal, TermMemory>();

  async function reconcile(key: string, context: ControllerContext): Promise<Result | void> {
    const term = terms.get(context.signal) ?? newTermMemory();
    terms.set(context.signal, term);
    const memory = memoryOf(term, key);
    const hands: Hands = { context, term, memory };
    for (let turn = 0; turn < MAX_TURNS && !context.signal.aborted; turn++) {
      const nowMs = context.clock.now();
      const snapshot = observe(key, { caches: context.caches, term, memory, addressOf }, nowMs);
      if (!snapshot) {
        term.services.delete(key);
        return answerOrphans(key, context);
      }
      const { deletionTimestamp, finalizers = [] } = snapshot.service.metadata;
      // It was let go, and waits for others: a run made now would hold it (foreground deletion).
      if (deletionTimestamp && !finalizers.includes(FINALIZER_SERVICE)) return;
      const decision = decide(snapshot);
      if (decision.actions.length === 0) {
        askOperator(key, decision.asks, snapshot, memory, operators, context);
        return decision.wakeAtMs === undefined ? undefined : { requeueAfterMs: Math.max(0, decision.wakeAtMs - nowMs) };
      }
      for (const group of groups(decision.actions)) await all(group.map((action) => perform(action, hands)));
    }
    return { requeueAfterMs: 0 };
  }

  return {
    name: 'service',
    watches: [
      { kind: managedServiceKind as unknown as Kind },
      byService(podInstanceKind, (instance) => instance.spec.service),
      byService(planRunKind, (run) => run.spec.service),
      byService(serviceRevisionKind, (revision) => revision.spec.service),
      byService(operationKind, (operation) => operation.spec.target.service),
      byService(podKind, (pod) => pod.metadata.labels?.[LABEL_SERVICE]),
    ],
    writes: [
      'managedservices.status',
      `managedservices.metadata.finalizers.${FINALIZER_SERVICE}`,
      'podinstances.spec',
      'podinstances.status',
      `podinstances.metadata.annotations.${ANNOTATION_DISCARD_VOLUMES}`,
      'planruns.status',
      'operations.status',
      'configmaps.data',
      'configmaps.metadata.labels',
    ],
    concurrency: 8,
    reconcile,
  };
}

function byService<T extends Resource>(kind: Kind<T>, service: (object: Stored<T>) => string | undefined): Watch {
  const watch: Watch<T> = {
    kind,
    keys(object) {
      const name = service(object);
      return name === undefined ? [] : [`${object.metadata.namespace}/${name}`];
    },
  };
  return watch as unknown as Watch;
}

/** Waits for all, then throws the first fault: nothing goes on behind the caller's back. */
async function all(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason;
}

const INDEPENDENT: ReadonlySet<Action['type']> = new Set([
  'create-instance',
  'instance-spec',
  'instance-status',
  'delete-instance',
  'start-pod',
  'stop-pod',
  'collect',
]);

/** Actions in order; neighbours about different pods go together. */
function groups(actions: readonly Action[]): Action[][] {
  const result: Action[][] = [];
  for (const action of actions) {
    const last = result.at(-1);
    const joins = last && last.length < PARALLEL_WRITES && INDEPENDENT.has(action.type) && INDEPENDENT.has(last[0]!.type);
    if (joins) last.push(action);
    else result.push([action]);
  }
  return result;
}
