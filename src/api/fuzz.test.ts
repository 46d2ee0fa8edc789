import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DroverError } from '../base/errors.ts';
import { coreKinds } from '../model/kinds.ts';
import type { Kind } from '../model/kind.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { openApi, type ApiFixture } from './api-fixture.ts';
import { plainSchema, type SchemaNode } from './schema/node.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await openApi(createMemoryStore(), coreKinds);
});
afterAll(() => api.verbs.close());

/** One object of each kind to work on; the others need no more than a name. */
const sound: Readonly<Record<string, object>> = {
  Pod: { spec: { containers: [{ name: 'c', image: 'i' }] } },
  Event: { involvedObject: { namespace: 'default' } },
  ManagedService: { spec: { pods: [{ name: 'a', count: 1, tasks: [{ name: 't', command: ['x'] }] }] } },
  PodInstance: {
    spec: { service: 's', podType: 'a', index: 0, revision: '', podHash: '', incarnation: 0, desired: 'Running', ports: {}, volumes: [] },
  },
  PlanRun: {
    spec: { service: 's', plan: 'deploy', number: 1, cause: { code: 'C', message: '' }, revision: 's-1', strategy: 'serial', phases: [] },
  },
  Operation: { spec: { verb: 'pod-restart', target: { service: 's', pod: 'a-0' } } },
  ServiceRevision: {
    spec: {
      service: 's',
      number: 1,
      hash: 'h',
      podHashes: {},
      template: { pods: [{ name: 'a', count: 1, tasks: [{ name: 't', command: ['x'] }] }] },
      serviceGeneration: 1,
    },
  },
  Package: { spec: { description: '', kinds: [], defaultVersion: '1', versions: [{ version: '1' }] } },
};

const REFUSALS = ['bad-request', 'invalid', 'conflict', 'already-exists', 'not-found', 'forbidden', 'too-large', 'unsupported-media-type'];

/** Carries out a call: it may be refused, and must not fail otherwise. */
async function refusedOrDone(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof DroverError)) throw error;
    expect(REFUSALS).toContain(error.code);
  }
}

const anything = fc.jsonValue({ maxDepth: 2 });

/** Values that fit a schema now and then, with wrong ones strewn in. */
function nearly(node: SchemaNode, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(node, depth) }, { weight: 1, arbitrary: fc.constantFrom(null, '', 0, -1, [], {}, 'x') });
}

function fitting(node: SchemaNode, depth: number): fc.Arbitrary<unknown> {
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.enum) return fc.constantFrom(...node.enum);
  if (node.anyOf) return fc.oneof(...node.anyOf.map((variant) => fitting(variant, depth)));
  if (node.type === 'object' && node.properties && depth < 7) {
    const members = Object.fromEntries(Object.entries(node.properties).map(([name, child]) => [name, nearly(child, depth + 1)]));
    return fc.record(members, {
      requiredKeys: node.required ? [...node.required].filter((name) => name in members) : [],
      noNullPrototype: true,
    });
  }
  if (node.type === 'object')
    return fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'cpu'), fc.constantFrom('x', '1', 5), {
      maxKeys: 2,
      noNullPrototype: true,
    });
  if (node.type === 'array') return fc.array(node.items ? nearly(node.items, depth + 1) : anything, { maxLength: 2 });
  if (node.type === 'integer' || node.type === 'number') return fc.constantFrom(0, 1, 2, 80, 1e6);
  if (node.type === 'boolean') return fc.boolean();
  return fc.constantFrom('a', 'b', 'a-b', 'deploy', '1Gi', '2026-01-01T00:00:00Z', '/x');
}

test.each(coreKinds.map((kind) => [kind.kind, kind] as const))(
  'no %s that a caller may send does more than be refused',
  async (_, kind: Kind) => {
    const body = nearly(plainSchema(kind.schema)).map((value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, metadata: { name: 'a' } } : value,
    );
    const patch = fc.oneof(
      body.map((value) => ({ type: 'merge' as const, body: value })),
      body.map((value) => ({ type: 'strategic' as const, body: value })),
      fc
        .array(
          fc.record({
            op: fc.constantFrom('add', 'remove', 'replace', 'copy', 'zap'),
            path: fc.constantFrom('', '/spec', '/metadata', '/status', '/a/b'),
            from: fc.constant('/metadata'),
            value: anything,
          }),
          { maxLength: 3 },
        )
        .map((operations) => ({ type: 'json' as const, operations })),
    );
    await api.create(kind, { metadata: { name: 'a' }, ...sound[kind.kind] });
    await fc.assert(
      fc.asyncProperty(
        body,
        anything,
        patch,
        fc.constantFrom({}, { subresource: 'status' as const }),
        async (object, junk, change, request) => {
          await refusedOrDone(() => api.create(kind, object as object));
          await refusedOrDone(() => api.create(kind, { metadata: { name: 'b' }, spec: junk, status: junk }, { fieldValidation: 'Ignore' }));
          await refusedOrDone(() => api.create(kind, junk as object));
          const key = kind.namespaced ? { namespace: 'default', name: 'a' } : { name: 'a' };
          await refusedOrDone(async () => api.verbs.update(kind, key, object, { actor: 'me', fieldValidation: 'Ignore', ...request }));
          await refusedOrDone(async () => api.verbs.patch(kind, key, change, { actor: 'me', fieldValidation: 'Ignore', ...request }));
        },
      ),
      { numRuns: 60 },
    );
  },
);
