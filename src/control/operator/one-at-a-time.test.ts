import { expect, test } from 'vitest';
import { testKafka } from '../../../test/kafka/test-kafka.ts';
import { viewOf } from '../../../test/kafka/view-of.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import type { Operator, StepQuery } from '../../operators/operator.ts';
import type { Resource } from '../../model/resource.ts';
import { kafkaKind } from '../../operators/kafka/kind.ts';
import { oneAtATime, PATIENCE_MS } from './one-at-a-time.ts';

const alive = new AbortController().signal;
const view = viewOf(testKafka(), [{ port: 9000, pod: 'ready' }]);
const query = {
  view,
  instance: view.instances[0]!,
  action: 'restart',
  record: undefined,
  force: undefined,
} as unknown as StepQuery<Resource>;

/** An operator that never answers and takes no notice of its signal; `begun` names its calls, `signals` are what they got. */
function hanging(clock: FakeClock) {
  const begun: string[] = [];
  const signals: AbortSignal[] = [];
  const hang = (name: string) => (_: unknown, signal: AbortSignal) => {
    begun.push(name);
    signals.push(signal);
    return new Promise<never>(() => {});
  };
  const raw = {
    name: 'stuck',
    kind: kafkaKind,
    compile: () => ({ accepted: false, reasons: [] }),
    observe: hang('observe'),
    mayStop: hang('mayStop'),
    prepare: hang('prepare'),
    settled: hang('settled'),
    status: hang('status'),
  } as unknown as Operator;
  return { operator: oneAtATime([raw], clock)[0]!, begun, signals };
}

const turn = () => new Promise(setImmediate);

test.each<[string, (operator: Operator) => Promise<unknown>]>([
  ['observe', (operator) => operator.observe(query.view, alive)],
  ['mayStop', (operator) => operator.mayStop(query, alive)],
  ['prepare', (operator) => operator.prepare(query, alive)],
  ['settled', (operator) => operator.settled(query, alive)],
  ['status', (operator) => operator.status(query.view, alive)],
])('%s that hangs for ever fails after a minute, is aborted, and leaves no timer', async (_, call) => {
  const clock = new FakeClock();
  const { operator, signals } = hanging(clock);
  const outcome = call(operator).catch((error: unknown) => error);
  await turn();
  clock.advance(PATIENCE_MS);
  expect(await outcome).toMatchObject({ code: 'timeout', message: 'Operator stuck gave no answer in 60 s' });
  expect([signals[0]!.aborted, clock.nextTimerAtMs()]).toEqual([true, undefined]);
});

test('the call after one that hangs has its turn, with a minute of its own', async () => {
  const clock = new FakeClock();
  const { operator, begun } = hanging(clock);
  const first = operator.status(query.view, alive).catch((error: unknown) => error);
  const second = operator.mayStop(query, alive).catch((error: unknown) => error);
  await turn();
  clock.advance(PATIENCE_MS - 1);
  await turn();
  expect(begun).toEqual(['status']);
  clock.advance(1);
  await first;
  await turn();
  expect([begun, clock.nextTimerAtMs()]).toEqual([['status', 'mayStop'], clock.now() + PATIENCE_MS]);
  clock.advance(PATIENCE_MS);
  expect(await second).toMatchObject({ code: 'timeout' });
});
