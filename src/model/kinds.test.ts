import { expect, test } from 'vitest';
import { coreKinds } from './kinds.ts';

/** The least object of a kind: what a watch may show right after a create. */
const bare = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', creationTimestamp: '1970-01-01T00:00:00Z' } };
const least: Record<string, object> = {
  Pod: { spec: { containers: [] } },
  Event: { involvedObject: {} },
  ManagedService: { spec: { pods: [] } },
  PodInstance: { spec: { incarnation: 0 } },
  PlanRun: { spec: { plan: 'p', cause: { code: 'C' }, phases: [] } },
  Operation: { spec: { verb: 'pod-restart', target: { service: 's' } } },
  ServiceRevision: { spec: { service: 's', number: 1, hash: 'h' } },
  Package: { spec: { versions: [], defaultVersion: '' } },
};

test.each(coreKinds.map((kind) => [kind.kind, kind] as const))('%s: every column of the least object is text or a number', (name, kind) => {
  const cells = kind.columns.map((column) => column.value({ ...bare, ...least[name] }, 5_000));
  expect(cells.every((cell) => typeof cell === 'string' || typeof cell === 'number')).toBe(true);
  expect(cells).toContain(name === 'Event' ? 'x' : '5s');
});

test.each(coreKinds.map((kind) => [kind.kind, kind] as const))('%s: selectable fields are texts, also of an empty object', (_, kind) => {
  const fields = kind.selectableFields?.({ ...bare, metadata: {} }) ?? {};
  expect(Object.values(fields).every((value) => typeof value === 'string')).toBe(true);
});
