import { describe, expect, test } from 'vitest';
import { type Facts, judge, type Verdict } from './judge.ts';
import { bootOf, lostText, parseClaim, parseExit, parseRun, VOID, WITHDRAWN } from './records.ts';

const supervisor = { pid: 10, startTime: '1' };
const task = { pid: 11, startTime: '2' };
const nothing: Facts = {
  sameBoot: true,
  claim: undefined,
  run: undefined,
  exit: undefined,
  supervisorAlive: false,
  taskAlive: false,
  quietMs: 0,
};
const claimed: Facts = { ...nothing, claim: { type: 'claimed', supervisor } };
const ran: Facts = { ...claimed, run: { type: 'run', supervisor, task } };
const exit = { type: 'exited', status: 3, signalled: false } as const;

test.each<[string, Facts, Verdict]>([
  ['a recorded task that nobody has is spawned', nothing, { type: 'spawn' }],
  ['not after a reboot', { ...nothing, sameBoot: false }, { type: 'lost', why: 'reboot' }],
  ['a claimed one is waited for while its supervisor lives', { ...claimed, supervisorAlive: true }, { type: 'wait' }],
  ['and barred from running when that is dead', claimed, { type: 'void' }],
  ['a barred one never ran', { ...claimed, run: { type: 'void' } }, { type: 'lost', why: 'failed-start' }],
  ['a claim just being written is waited for', { ...nothing, claim: { type: 'partial' } }, { type: 'wait' }],
  ['one cut short long ago counts as dead', { ...nothing, claim: { type: 'partial' }, quietMs: 5000 }, { type: 'void' }],
  ['a run record just being written is waited for', { ...claimed, run: { type: 'partial' } }, { type: 'wait' }],
  [
    'one cut short long ago leaves nobody to ask',
    { ...claimed, run: { type: 'partial' }, quietMs: 5000 },
    { type: 'lost', why: 'supervisor-killed' },
  ],
  ['with its supervisor it runs', { ...ran, supervisorAlive: true, taskAlive: true }, { type: 'running', ...task, orphan: false }],
  ['a supervisor that has not recorded yet is believed', { ...ran, supervisorAlive: true }, { type: 'running', ...task, orphan: false }],
  ['without, it is an orphan', { ...ran, taskAlive: true }, { type: 'running', ...task, orphan: true }],
  ['both gone: lost', ran, { type: 'lost', why: 'supervisor-killed' }],
  [
    'pids of another boot mean nothing',
    { ...ran, sameBoot: false, supervisorAlive: true, taskAlive: true },
    { type: 'lost', why: 'reboot' },
  ],
  ['an exit record says all', { ...ran, exit }, { type: 'ended', exit }],
  ['also after a reboot', { ...ran, sameBoot: false, exit }, { type: 'ended', exit }],
  ['an exit record cut short says nothing', { ...ran, exit: { type: 'partial' } }, { type: 'lost', why: 'supervisor-killed' }],
  ['a withdrawn task is forgotten', { ...nothing, claim: { type: 'withdrawn' } }, { type: 'forget' }],
])('%s', (_, facts, verdict) => {
  expect(judge(facts)).toEqual(verdict);
});

describe('records', () => {
  test('are read as they are written', () => {
    expect(parseClaim('10 1 boot .\n')).toEqual({ type: 'claimed', supervisor });
    expect([bootOf('10 1 boot .\n'), bootOf('10 1 boot 11 2 .\n')]).toEqual(['boot', 'boot']);
    expect([bootOf(WITHDRAWN), bootOf(VOID), bootOf('10 1 bo')]).toEqual([undefined, undefined, undefined]);
    expect(parseClaim(WITHDRAWN)).toEqual({ type: 'withdrawn' });
    expect(parseRun('10 1 boot 11 2 .\n')).toEqual({ type: 'run', supervisor, task });
    expect(parseRun(VOID)).toEqual({ type: 'void' });
    expect(parseExit('exited 137 1 .\n')).toEqual({ type: 'exited', status: 137, signalled: true });
    expect(parseExit('lost failed-start .\n')).toEqual({ type: 'lost', why: 'failed-start', atMs: undefined });
    expect(parseExit(lostText('reboot', 5))).toEqual({ type: 'lost', why: 'reboot', atMs: 5 });
  });

  test('cut short anywhere are partial', () => {
    const whole: [string, (text: string) => { type: string }][] = [
      ['10 1 boot .\n', parseClaim],
      ['10 1 boot 11 2 .\n', parseRun],
      ['exited 137 1 .\n', parseExit],
      [lostText('reboot', 5), parseExit],
    ];
    for (const [text, parse] of whole) {
      for (let length = 0; length < text.length; length++) expect(parse(text.slice(0, length))).toEqual({ type: 'partial' });
    }
  });

  test('of pid 0 and 1, which would signal half the machine, are partial', () => {
    for (const pid of ['0', '1', '-5', 'x', '']) expect(parseRun(`10 1 boot ${pid} 2 .\n`)).toEqual({ type: 'partial' });
  });
});
