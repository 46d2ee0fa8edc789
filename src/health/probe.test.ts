import { describe, expect, it } from 'vitest';
import { beginProbe, observeProbe, paceOf, type ProbeOutcome, type ProbeState } from './probe.ts';

const good: ProbeOutcome = { result: 'success', message: '' };
const bad: ProbeOutcome = { result: 'failure', message: 'refused' };
const unknown: ProbeOutcome = { result: 'unknown', message: 'no such port' };
const of: Readonly<Record<string, ProbeOutcome>> = { s: good, f: bad, u: unknown };

function play(results: string, spec: Parameters<typeof paceOf>[0]): ProbeState['verdict'] {
  const pace = paceOf(spec);
  return Array.from(results).reduce((state, letter) => observeProbe(state, pace, of[letter]!, 0, 0), beginProbe(pace, 0)).verdict;
}

describe('a probe', () => {
  it('has the defaults of Kubernetes', () => {
    expect(paceOf({})).toEqual({ initialDelayMs: 0, periodMs: 10_000, timeoutMs: 1_000, successThreshold: 1, failureThreshold: 3 });
  });

  it.each([
    ['', {}, 'pending'],
    ['s', {}, 'success'],
    ['ff', {}, 'pending'],
    ['fff', {}, 'failure'],
    ['sff', {}, 'success'],
    ['sffsff', {}, 'success'],
    ['sfff', {}, 'failure'],
    ['sfffs', {}, 'success'],
    ['fffs', { successThreshold: 2 }, 'failure'],
    ['fffsfss', { successThreshold: 2 }, 'success'],
    ['f', { failureThreshold: 1 }, 'failure'],
    ['ffu', {}, 'pending'],
    ['ffuf', {}, 'failure'],
    ['uuuu', {}, 'pending'],
    ['suuu', {}, 'success'],
  ])('after %j with %j its verdict is %s', (results, spec, verdict) => {
    expect(play(results, spec)).toBe(verdict);
  });

  it('runs after its delay, then a period after the last run began, at once when that took longer', () => {
    const pace = paceOf({ initialDelaySeconds: 5, periodSeconds: 2 });
    const begun = beginProbe(pace, 1_000, 30);
    expect(begun.dueAtMs).toBe(6_030);
    expect(observeProbe(begun, pace, good, 6_030, 6_100).dueAtMs).toBe(8_030);
    expect(observeProbe(begun, pace, bad, 6_030, 9_500).dueAtMs).toBe(9_500);
    expect(observeProbe(begun, pace, unknown, 6_030, 6_100).dueAtMs).toBe(8_030);
  });
});
