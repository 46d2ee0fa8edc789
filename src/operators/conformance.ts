import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../base/ids.ts';
import { ManagedServiceSpec } from '../model/drover/managed-service.ts';
import type { StepAction } from '../model/drover/plan-run.ts';
import { Reason } from '../model/reason.ts';
import type { Resource } from '../model/resource.ts';
import type { Operator, ServiceView, StepQuery } from './operator.ts';

/** What the suite needs of an operator. Each call gives a fresh view over the same things. */
export interface OperatorFixture<T extends Resource> {
  /** In a world that answers and where all is well. */
  readonly operator: Operator<T>;
  /** In a world that does not answer. */
  readonly unreachable: Operator<T>;
  /** A resource that is accepted, with all its instances up. */
  view(): ServiceView<T>;
  /** Resources that the world does not allow, by the code of the refusal. */
  readonly refused: Readonly<Record<string, () => ServiceView<T>>>;
}

const actions: readonly StepAction[] = ['deploy', 'restart', 'replace', 'retire'];

/** What every domain operator does. Registers a suite with vitest. */
export function operatorConformance<T extends Resource>(name: string, fixture: OperatorFixture<T>): void {
  const { operator, unreachable } = fixture;
  const alive = new AbortController().signal;
  const query = (action: StepAction): StepQuery<T> => {
    const view = fixture.view();
    return { view, instance: view.instances[0]!, action, record: undefined, force: undefined };
  };

  describe(`Operator: ${name}`, () => {
    it('compile is pure: equal input gives an equal result, and nothing given is changed', async () => {
      const view = fixture.view();
      const observed = await operator.observe(view, alive);
      const before = canonicalJson(view.resource);
      deepFreeze(view.resource);
      deepFreeze(view.instances);
      const first = operator.compile(view, observed);
      expect(operator.compile(fixture.view(), observed)).toEqual(first);
      expect(canonicalJson(view.resource)).toBe(before);
    });

    it('what it accepts is a valid service that names operator and resource', async () => {
      const view = fixture.view();
      const compiled = operator.compile(view, await operator.observe(view, alive));
      if (!compiled.accepted) throw new Error(`refused: ${JSON.stringify(compiled.reasons)}`);
      expect([...Value.Errors(ManagedServiceSpec, compiled.spec)]).toEqual([]);
      expect(compiled.spec.operator).toEqual({ name: operator.name, resource: view.resource.metadata.name });
      for (const warning of compiled.warnings) expect(Value.Check(Reason, warning)).toBe(true);
    });

    it.each(Object.keys(fixture.refused))('refuses with %s, a sentence and a field', async (code) => {
      const view = fixture.refused[code]!();
      const compiled = operator.compile(view, await operator.observe(view, alive));
      if (compiled.accepted) throw new Error('accepted');
      expect(compiled.reasons.map((reason) => reason.code)).toContain(code);
      for (const reason of compiled.reasons) {
        expect(Value.Check(Reason, reason)).toBe(true);
        expect(reason.message).toMatch(/\.$/);
        expect(reason.field).toMatch(/^spec\./);
      }
    });

    it.each(actions)('%s: every call may be repeated with the same outcome', async (action) => {
      for (const call of [operator.prepare, operator.settled]) {
        const first = await call(query(action), alive);
        expect(await call(query(action), alive)).toEqual(first);
      }
      const stop = await operator.mayStop(query(action), alive);
      expect(await operator.mayStop(query(action), alive)).toEqual(stop);
    });

    it.each(actions)('%s: what mayStop writes down is plain JSON', async (action) => {
      const verdict = await operator.mayStop(query(action), alive);
      if (verdict.verdict !== 'go') return expect(Value.Check(Reason, verdict.reason)).toBe(true);
      expect(JSON.parse(JSON.stringify(verdict.record ?? null))).toEqual(verdict.record ?? null);
    });

    it('a world that does not answer is a reason to wait, never an error', async () => {
      const view = fixture.view();
      await expect(unreachable.observe(view, alive)).resolves.toBeDefined();
      const verdict = await unreachable.mayStop(query('restart'), alive);
      expect(verdict.verdict).toBe('hold');
      expect((await unreachable.settled(query('restart'), alive)).verdict).toBe('hold');
      expect(['go', 'hold']).toContain((await unreachable.prepare(query('restart'), alive)).verdict);
      const { refreshAfterMs } = await unreachable.status(view, alive);
      expect(refreshAfterMs).toBeGreaterThan(0);
    });

    it('force lets a stop go on when nobody answers', async () => {
      const verdict = await unreachable.mayStop({ ...query('replace'), force: { reason: 'the data is lost anyway' } }, alive);
      expect(verdict.verdict).toBe('go');
    });

    it('an abort ends a call with its reason', async () => {
      const abort = AbortSignal.abort(new Error('enough'));
      await expect(operator.settled(query('restart'), abort)).rejects.toThrow('enough');
      await expect(operator.mayStop(query('restart'), abort)).rejects.toThrow('enough');
    });
  });
}

function deepFreeze(value: unknown): void {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}
