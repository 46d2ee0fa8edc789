import type { Clock } from '../../base/clock.ts';
import type { Operator, OperatorList } from '../../operators/operator.ts';
import type { Resource } from '../../model/resource.ts';
import { systemClock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';

/** After so long an operator's call is given up, counted from when its turn came. */
export const PATIENCE_MS = 60_000;

/**
 * The operators with their promise kept: calls that look at the world run one at a time for one resource, whoever makes them. A call that takes longer than
 * a minute is aborted and fails with `timeout`, whether it heeds its signal or not: one that hangs for ever must not block the next.
 */
export function oneAtATime(operators: OperatorList, clock: Clock = systemClock): OperatorList {
  return operators.map((operator) => serialized(operator, clock));
}

function serialized(operator: Operator, clock: Clock): Operator {
  const tails = new Map<string, Promise<unknown>>();

  function after<R>(resource: Resource, signal: AbortSignal, call: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const uid = resource.metadata.uid ?? '';
    const before = tails.get(uid) ?? Promise.resolve();
    const mine = before.then(() => inTime(operator.name, clock, signal, call));
    const tail = mine.catch(() => {}).finally(() => tails.get(uid) === tail && tails.delete(uid));
    tails.set(uid, tail);
    return mine;
  }

  return {
    name: operator.name,
    kind: operator.kind,
    compile: (view, observed) => operator.compile(view, observed),
    observe: (view, signal) => after(view.resource, signal, (limited) => operator.observe(view, limited)),
    mayStop: (query, signal) => after(query.view.resource, signal, (limited) => operator.mayStop(query, limited)),
    prepare: (query, signal) => after(query.view.resource, signal, (limited) => operator.prepare(query, limited)),
    settled: (query, signal) => after(query.view.resource, signal, (limited) => operator.settled(query, limited)),
    status: (view, signal) => after(view.resource, signal, (limited) => operator.status(view, limited)),
  };
}

async function inTime<R>(name: string, clock: Clock, signal: AbortSignal, call: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const timeout = new AbortController();
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(PATIENCE_MS, () => {
    const error = new DroverError('timeout', `Operator ${name} gave no answer in ${PATIENCE_MS / 1000} s`);
    timeout.abort(error);
    late.reject(error);
  });
  try {
    return await Promise.race([call(AbortSignal.any([signal, timeout.signal])), late.promise]);
  } finally {
    cancel();
  }
}
