import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { beginHealth, dueProbes, HEALTHY, nextProbeAtMs, observeHealth, verdictOf, type ContainerHealth } from './container-health.ts';
import type { ProbeOutcome, ProbeRole } from './probe.ts';

const good: ProbeOutcome = { result: 'success', message: '' };
const bad: ProbeOutcome = { result: 'failure', message: 'refused' };
const tick = { periodSeconds: 1 };

function repeat(health: ContainerHealth, role: ProbeRole, outcome: ProbeOutcome, times: number): ContainerHealth {
  let next = health;
  for (let i = 0; i < times; i++) next = observeHealth(next, role, outcome, i * 1000, i * 1000);
  return next;
}

describe('health of a container', () => {
  it('without probes is started and ready, and never due', () => {
    const health = beginHealth({}, 0, 0.5);
    expect(verdictOf(health)).toEqual(HEALTHY);
    expect(nextProbeAtMs(health)).toBe(Infinity);
  });

  it('runs no other probe before startup has passed, then begins their delays', () => {
    const probes = { startup: tick, liveness: { initialDelaySeconds: 5 }, readiness: tick };
    const health = beginHealth(probes, 0, 0);
    expect(dueProbes(health, 60_000)).toEqual(['startup']);
    expect(verdictOf(health)).toEqual({ started: false, ready: false });
    const passed = observeHealth(health, 'startup', good, 7_000, 7_100);
    expect(dueProbes(passed, 7_100)).toEqual(['readiness']);
    expect(dueProbes(passed, 12_100)).toEqual(['liveness', 'readiness']);
    expect(verdictOf(passed)).toEqual({ started: true, ready: false });
  });

  it('kills when startup uses up its budget, with the grace of the probe', () => {
    const health = repeat(
      beginHealth({ startup: { ...tick, failureThreshold: 30, terminationGracePeriodSeconds: 2 } }, 0, 0),
      'startup',
      bad,
      29,
    );
    expect(verdictOf(health).kill).toBeUndefined();
    const over = repeat(health, 'startup', bad, 1);
    expect(verdictOf(over).kill).toEqual({ role: 'startup', message: 'refused', graceMs: 2_000 });
    expect(nextProbeAtMs(over)).toBe(Infinity);
  });

  it('takes liveness as good until it has failed three times in a row', () => {
    const health = beginHealth({ liveness: tick }, 0, 0);
    expect(verdictOf(repeat(health, 'liveness', bad, 2))).toEqual(HEALTHY);
    expect(verdictOf(repeat(health, 'liveness', bad, 3)).kill).toEqual({ role: 'liveness', message: 'refused', graceMs: undefined });
  });

  it('is not ready before the first result of readiness, and failing readiness never kills', () => {
    const health = beginHealth({ readiness: tick }, 0, 0);
    expect(verdictOf(health)).toEqual({ started: true, ready: false });
    expect(verdictOf(repeat(health, 'readiness', good, 1))).toEqual(HEALTHY);
    expect(verdictOf(repeat(health, 'readiness', bad, 100))).toEqual({ started: true, ready: false });
  });

  it('keeps what is adopted as it was until a probe says otherwise', () => {
    const probes = { startup: tick, readiness: tick };
    const health = beginHealth(probes, 0, 0.5, { started: true, ready: true });
    expect(verdictOf(health)).toEqual(HEALTHY);
    expect(nextProbeAtMs(health)).toBe(500);
    expect(verdictOf(repeat(health, 'readiness', bad, 2))).toEqual(HEALTHY);
    expect(verdictOf(repeat(health, 'readiness', bad, 3)).ready).toBe(false);
    expect(dueProbes(beginHealth(probes, 0, 0, { started: false, ready: false }), 0)).toEqual(['startup']);
  });

  it('never is ready or killed by readiness before it has started, whatever the results', () => {
    const role = fc.constantFrom<ProbeRole>('startup', 'liveness', 'readiness');
    const result = fc.constantFrom<ProbeOutcome['result']>('success', 'failure', 'unknown');
    fc.assert(
      fc.property(fc.array(fc.tuple(role, result), { maxLength: 40 }), (runs) => {
        let health = beginHealth({ startup: tick, liveness: tick, readiness: tick }, 0, 0);
        let at = 0;
        for (const [wanted, outcome] of runs) {
          at += 1_000;
          const due = dueProbes(health, at);
          if (due.includes(wanted)) health = observeHealth(health, wanted, { result: outcome, message: '' }, at, at);
          const verdict = verdictOf(health);
          expect(verdict.ready && !verdict.started).toBe(false);
          expect(due.includes('liveness') && due.includes('startup')).toBe(false);
          if (verdict.kill) expect(['startup', 'liveness']).toContain(verdict.kill.role);
        }
      }),
    );
  });
});
