import { hasCode } from '../../base/errors.ts';
import { reason } from '../../model/reason.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import type { Operator, OperatorList, ServiceView, StepQuery } from '../../operators/operator.ts';
import { targetRevision, type GateAnswer, type GateCall, type ServiceSnapshot } from '../../plan/service-snapshot.ts';
import type { ControllerContext } from '../controller.ts';
import { operatorOf } from './observe.ts';
import { remember, type ServiceMemory } from './service-memory.ts';

const RETRY_MS = 5_000;

/**
 * Puts the question whose turn it is to the operator in the background, when none of this service is under way: gates look at real systems and must not
 * hold up decisions. Its answer is remembered and wakes the service; a fault is a hold that is asked
 * again. Never throws.
 */
export function askOperator(
  key: string,
  calls: readonly GateCall[],
  snapshot: ServiceSnapshot,
  memory: ServiceMemory,
  operators: OperatorList,
  context: ControllerContext,
): void {
  const call = nextCall(calls, memory.gates);
  if (!call || memory.asking !== undefined) return;
  memory.asking = call.key;
  void answerTo(call, snapshot, operators, context).then((answer) => {
    memory.asking = undefined;
    if (context.signal.aborted) return;
    remember(memory, call.key, answer);
    context.wake(key);
  });
}

/** The first one without an answer, else the one whose answer is oldest: a question that is due again soon must not starve the others. Pure. */
export function nextCall(calls: readonly GateCall[], answers: ReadonlyMap<string, GateAnswer>): GateCall | undefined {
  const askedAtMs = (call: GateCall) => answers.get(call.key)?.answeredAtMs ?? Number.NEGATIVE_INFINITY;
  // The sort is stable: among equals the order of the plan holds.
  return calls.toSorted((a, b) => (askedAtMs(a) < askedAtMs(b) ? -1 : askedAtMs(a) > askedAtMs(b) ? 1 : 0))[0];
}

async function answerTo(
  call: GateCall,
  snapshot: ServiceSnapshot,
  operators: OperatorList,
  context: ControllerContext,
): Promise<GateAnswer> {
  try {
    const answer = await consult(call, snapshot, operators, context);
    return { ...answer, answeredAtMs: context.clock.now() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!context.signal.aborted)
      context.log.warn(
        { service: snapshot.service.metadata.name, gate: call.gate, instance: call.instance, error },
        'the operator did not answer',
      );
    const why = reason('OperatorFailed', `The operator could not say: ${message}.`);
    return { verdict: 'hold', reason: why, retryAfterMs: RETRY_MS, answeredAtMs: context.clock.now() };
  }
}

type Unstamped = GateAnswer extends infer A ? (A extends unknown ? Omit<A, 'answeredAtMs'> : never) : never;

async function consult(call: GateCall, snapshot: ServiceSnapshot, operators: OperatorList, context: ControllerContext): Promise<Unstamped> {
  const { signal } = context;
  const named = operatorOf(snapshot.service, snapshot.revisions);
  const operator = operators.find((candidate) => candidate.name === named?.name);
  if (!named || !operator) {
    return { verdict: 'hold', reason: reason('OperatorMissing', `This server has no operator "${named?.name}".`), retryAfterMs: 30_000 };
  }
  const instance = snapshot.instances.find((candidate) => candidate.metadata.name === call.instance);
  const resource = await resourceOf(operator, named.resource, snapshot, context);
  if (!instance || !resource) {
    const what = resource ? `instance ${call.instance}` : `${operator.kind.kind} ${named.resource}`;
    return { verdict: 'hold', reason: reason('ResourceMissing', `There is no ${what}.`), retryAfterMs: RETRY_MS };
  }
  const query: StepQuery<Resource> = {
    view: viewOf(snapshot, resource),
    instance,
    action: call.action,
    record: call.record,
    force: call.force,
  };
  return call.gate === 'mayStop'
    ? operator.mayStop(query, signal)
    : call.gate === 'prepare'
      ? operator.prepare(query, signal)
      : operator.settled(query, signal);
}

async function resourceOf(
  operator: Operator,
  name: string,
  snapshot: ServiceSnapshot,
  context: ControllerContext,
): Promise<Stored<Resource> | undefined> {
  try {
    return await context.client.get(operator.kind, { namespace: snapshot.service.metadata.namespace ?? '', name });
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

function viewOf(snapshot: ServiceSnapshot, resource: Stored<Resource>): ServiceView<Resource> {
  return {
    resource,
    instances: snapshot.instances.toSorted((a, b) => a.spec.index - b.spec.index),
    pods: snapshot.pods,
    accepted: targetRevision(snapshot)?.spec.template,
    addressOf: snapshot.addressOf,
    nowMs: snapshot.nowMs,
  };
}
