import { expect, test } from 'vitest';
import type { GateAnswer, GateCall } from '../../plan/service-snapshot.ts';
import { reason } from '../../model/reason.ts';
import { nextCall } from './ask-operator.ts';

const call = (key: string): GateCall => ({
  key,
  gate: 'settled',
  instance: 'kafka-0',
  action: 'restart',
  record: undefined,
  force: undefined,
});
const held = (answeredAtMs: number): GateAnswer => ({
  verdict: 'hold',
  reason: reason('Busy', 'Not yet.'),
  retryAfterMs: 300,
  answeredAtMs,
});

test.each<[string, string[], Record<string, number>, string | undefined]>([
  ['nothing to ask, nothing chosen', [], {}, undefined],
  ['without answers the first of the plan', ['a', 'b', 'c'], {}, 'a'],
  ['one that was never answered goes before those that are due again', ['a', 'b', 'c'], { a: 1, b: 2 }, 'c'],
  ['else the one whose answer is oldest', ['a', 'b', 'c'], { a: 3, b: 1, c: 2 }, 'b'],
  ['answers of one moment keep the order of the plan', ['b', 'a'], { a: 1, b: 1 }, 'b'],
])('%s', (_, keys, answers, chosen) => {
  const gates = new Map(Object.entries(answers).map(([key, atMs]) => [key, held(atMs)]));
  expect(nextCall(keys.map(call), gates)?.key).toBe(chosen);
});

test('questions that are due again at once are all asked in turn', () => {
  const calls = ['a', 'b', 'c'].map(call);
  const gates = new Map<string, GateAnswer>();
  const asked: string[] = [];
  for (let nowMs = 0; nowMs < 6; nowMs++) {
    const { key } = nextCall(calls, gates)!;
    asked.push(key);
    gates.set(key, held(nowMs));
  }
  expect(asked).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
});
