import { describe, expect, test } from 'vitest';
import { rollUp, stepStatus, type StatusWord } from './status.ts';

const WORDS: readonly StatusWord[] = [
  'PENDING',
  'PREPARED',
  'STARTING',
  'STARTED',
  'COMPLETE',
  'WAITING',
  'DELAYED',
  'ERROR',
  'IN_PROGRESS',
];
const ACTIVE = ['PREPARED', 'STARTING', 'STARTED', 'IN_PROGRESS'];

/** dcos.md 3.2 row by row, as the original has it. */
function original(children: readonly StatusWord[], serial: boolean, interrupted: boolean): StatusWord {
  const open = children.filter((c) => c !== 'COMPLETE');
  const next = serial ? open.slice(0, 1) : open;
  const any = (set: readonly StatusWord[], ...words: StatusWord[]) => set.some((c) => words.includes(c));
  const rows: [boolean, StatusWord][] = [
    [any(children, 'ERROR'), 'ERROR'],
    [open.length === 0, 'COMPLETE'],
    [interrupted, 'WAITING'],
    [children.every((c) => c === 'DELAYED'), 'DELAYED'],
    [any(children, 'PREPARED'), 'IN_PROGRESS'],
    [any(next, 'WAITING'), 'WAITING'],
    [any(next, 'IN_PROGRESS'), 'IN_PROGRESS'],
    [any(children, 'COMPLETE') && any(next, 'PENDING', 'STARTING', 'STARTED'), 'IN_PROGRESS'],
    [any(next, 'PENDING'), 'PENDING'],
    [any(children, 'WAITING'), 'WAITING'],
    [any(next, 'STARTING'), 'STARTING'],
    [any(next, 'STARTED'), 'STARTED'],
  ];
  return rows.find(([matches]) => matches)?.[1] ?? 'ERROR';
}

function* combinations(length: number): Generator<StatusWord[]> {
  if (length === 0) return yield [];
  for (const rest of combinations(length - 1)) for (const word of WORDS) yield [word, ...rest];
}

describe('roll-up', () => {
  test('every combination of up to four children is DC/OS’s answer, but for back-off and for what goes on out of order', () => {
    let compared = 0;
    for (let length = 0; length <= 4; length++) {
      for (const children of combinations(length)) {
        for (const serial of [true, false]) {
          for (const paused of [true, false]) {
            const ours = rollUp(children, { strategy: serial ? 'serial' : 'parallel', paused });
            const theirs = original(children, serial, paused);
            const active = children.some((c) => ACTIVE.includes(c));
            const first = children.find((c) => c !== 'COMPLETE');
            const outOfOrder = serial && active && !ACTIVE.includes(first ?? '');
            if (!paused && !children.includes('ERROR') && ((children.includes('DELAYED') && !active) || outOfOrder || theirs === 'ERROR'))
              continue;
            compared++;
            expect([children, serial, paused, ours]).toEqual([children, serial, paused, theirs]);
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(20_000);
  });

  test('ERROR means that a child or the parent has an error, nothing else', () => {
    for (const children of combinations(4)) {
      if (children.includes('ERROR')) continue;
      for (const strategy of ['serial', 'parallel'] as const) expect(rollUp(children, { strategy, paused: false })).not.toBe('ERROR');
    }
    expect(rollUp(['COMPLETE'], { strategy: 'serial', paused: false, errors: true })).toBe('ERROR');
  });

  test.each<[StatusWord[], 'serial' | 'parallel', StatusWord]>([
    [['COMPLETE', 'DELAYED'], 'serial', 'DELAYED'],
    [['DELAYED', 'PENDING'], 'serial', 'DELAYED'],
    [['DELAYED', 'STARTED'], 'parallel', 'STARTED'],
    [['PENDING', 'STARTED'], 'serial', 'STARTED'],
    [['COMPLETE', 'PENDING', 'STARTED'], 'serial', 'IN_PROGRESS'],
    [[], 'serial', 'COMPLETE'],
  ])('%j under %s is %s', (children, strategy, status) => {
    expect(rollUp(children, { strategy, paused: false })).toBe(status);
  });
});

test.each([
  [{ state: 'pending' }, false, 'PENDING'],
  [{ state: 'pending' }, true, 'WAITING'],
  [{ state: 'running', stage: 'stopping' }, true, 'PREPARED'],
  [{ state: 'running', stage: 'preparing' }, false, 'PREPARED'],
  [{ state: 'running', stage: 'starting' }, false, 'STARTING'],
  [{ state: 'running', stage: 'verifying' }, false, 'STARTED'],
  [{ state: 'backoff', until: '2026-01-01T00:00:00Z' }, false, 'DELAYED'],
  [{ state: 'held', by: { code: 'X', message: 'x' } }, false, 'WAITING'],
  [{ state: 'done' }, true, 'COMPLETE'],
  [{ state: 'failed', reason: { code: 'X', message: 'x' } }, false, 'ERROR'],
] as const)('step state %j (paused: %s) is %s', (state, paused, word) => {
  expect(stepStatus(state, paused)).toBe(word);
});
