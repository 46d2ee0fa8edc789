import type { Operator, OperatorList } from '../../operators/operator.ts';
import type { Resource } from '../../model/resource.ts';

/** The operators with their promise kept: calls that look at the world run one at a time for one resource, whoever makes them. */
export function oneAtATime(operators: OperatorList): OperatorList {
  return operators.map(serialized);
}

function serialized(operator: Operator): Operator {
  const tails = new Map<string, Promise<unknown>>();

  function after<R>(resource: Resource, call: () => Promise<R>): Promise<R> {
    const uid = resource.metadata.uid ?? '';
    const before = tails.get(uid) ?? Promise.resolve();
    const mine = before.then(call);
    const tail = mine.catch(() => {}).finally(() => tails.get(uid) === tail && tails.delete(uid));
    tails.set(uid, tail);
    return mine;
  }

  return {
    name: operator.name,
    kind: operator.kind,
    compile: (view, observed) => operator.compile(view, observed),
    observe: (view, signal) => after(view.resource, () => operator.observe(view, signal)),
    mayStop: (query, signal) => after(query.view.resource, () => operator.mayStop(query, signal)),
    prepare: (query, signal) => after(query.view.resource, () => operator.prepare(query, signal)),
    settled: (query, signal) => after(query.view.resource, () => operator.settled(query, signal)),
    status: (view, signal) => after(view.resource, () => operator.status(view, signal)),
  };
}
