import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toTime } from '../base/clock.ts';
import { coreKinds } from '../model/kinds.ts';
import { configMapKind as configMap } from '../model/core/config-map.ts';
import { namespaceKind as namespace } from '../model/core/namespace.ts';
import { nodeKind as node } from '../model/core/node.ts';
import { podKind as pod } from '../model/core/pod.ts';
import { secretKind as secret } from '../model/core/secret.ts';
import { operationKind as operation } from '../model/drover/operation.ts';
import { managedServiceKind as service } from '../model/drover/managed-service.ts';
import type { Kind } from '../model/kind.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { faultOf, openApi, type ApiFixture } from './api-fixture.ts';

let api: ApiFixture;
beforeEach(async () => {
  api = await openApi(createMemoryStore(), coreKinds);
});
afterEach(() => api.verbs.close());

const kafka = { name: 'broker', count: 3, tasks: [{ name: 'broker', command: ['run'] }] };
const aPod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };

describe('create', () => {
  test('sets what the server sets, and nothing that the caller says of it', async () => {
    const metadata = {
      name: 'a',
      uid: 'mine',
      generation: 7,
      creationTimestamp: null,
      deletionTimestamp: '2020-01-01T00:00:00Z',
      selfLink: 'x',
      managedFields: [{}],
    };
    const object = await api.create(configMap, { metadata, data: { k: 'v' } });
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'default',
        uid: expect.stringMatching(/^uid-/),
        creationTimestamp: toTime(api.clock.now()),
        resourceVersion: String(api.store.revision()),
      },
      data: { k: 'v' },
    });
  });

  test('generated names are drawn again until one is free', async () => {
    const suffixes = ['aaaaa', 'aaaaa', 'bbbbb'];
    await api.verbs.close();
    const { createVerbs } = await import('./create-verbs.ts');
    const { createScheme } = await import('../model/scheme.ts');
    const verbs = await createVerbs({ store: api.store, scheme: createScheme(coreKinds), nameSuffix: () => suffixes.shift()! });
    const body = { metadata: { generateName: 'x-' } };
    const names = [];
    for (let i = 0; i < 2; i++) names.push((await verbs.create(configMap, 'default', body, { actor: 'me' })).metadata.name);
    expect(names).toEqual(['x-aaaaa', 'x-bbbbb']);
    await verbs.close();
  });

  test.each<[string, Kind, object, string]>([
    [
      'no name',
      configMap,
      { metadata: {} },
      'invalid: ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      'another kind',
      configMap,
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      'bad-request: Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
    [
      'a version',
      configMap,
      { metadata: { name: 'a', resourceVersion: '3' } },
      'bad-request: resourceVersion should not be set on objects to be created',
    ],
    [
      'another namespace',
      configMap,
      { metadata: { name: 'a', namespace: 'x' } },
      'bad-request: the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'wrong types in a built-in kind',
      configMap,
      { metadata: { name: 'a' }, data: { n: 5 } },
      'bad-request: ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      'wrong types in metadata',
      service,
      { metadata: { name: 'a', labels: { x: 5 } }, spec: { pods: [kafka] } },
      'bad-request: ManagedService in version "v1alpha1" cannot be handled as a ManagedService: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
    [
      'unknown fields, all of them',
      configMap,
      { metadata: { name: 'a', foo: 1 }, dota: {} },
      'bad-request: ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.foo", unknown field "dota"',
    ],
    [
      'unknown fields of our kinds, with a hint',
      service,
      { metadata: { name: 'a' }, spec: { pods: [{ ...kafka, cuont: 3 }] } },
      'bad-request: ManagedService in version "v1alpha1" cannot be handled as a ManagedService: strict decoding error: unknown field "spec.pods[0].cuont" (did you mean "count"?)',
    ],
    [
      'several wrong values at once',
      service,
      {
        metadata: { name: 'a' },
        spec: {
          pods: [
            { ...kafka, count: 'x' },
            { name: 'B', tasks: [] },
          ],
          plans: [{ name: 'p', strategy: 'odd', phases: [{ name: 'f', pod: 'x' }] }],
        },
      },
      'invalid: ManagedService.drover.dev "a" is invalid: [spec.pods[0].count: Invalid value: "string": spec.pods[0].count in body must be of type integer: "string", spec.pods[1].name: Invalid value: "B": spec.pods[1].name in body should match \'^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\', spec.pods[1].tasks: Invalid value: 0: spec.pods[1].tasks in body should have at least 1 items, spec.pods[1].count: Required value, spec.plans[0].strategy: Unsupported value: "odd": supported values: "serial", "parallel"]',
    ],
    [
      'rules beyond the schema',
      service,
      { metadata: { name: 'a' }, spec: { pods: [kafka, kafka], plans: [{ name: 'recovery', phases: [{ name: 'f', pod: 'x' }] }] } },
      'invalid: ManagedService.drover.dev "a" is invalid: [spec.pods[1].name: Duplicate value: "broker", spec.plans[0].name: Invalid value: "recovery": Drover makes the plans recovery, decommission, uninstall itself, spec.plans[0].phases[0].pod: Not found: "x"; there are "broker", "broker"]',
    ],
    [
      'a pod in kube-apiserver’s words',
      pod,
      {
        metadata: { name: 'q' },
        spec: {
          containers: [
            {
              name: 'C',
              ports: [{ containerPort: 0, protocol: 'X' }],
              env: [{ name: '' }],
            },
          ],
          restartPolicy: 'Foo',
        },
      },
      'invalid: Pod "q" is invalid: [spec.containers[0].ports[0].containerPort: Required value, spec.containers[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP", spec.containers[0].env[0].name: Required value, spec.restartPolicy: Unsupported value: "Foo": supported values: "Always", "OnFailure", "Never"]',
    ],
    [
      'a pod that contradicts itself',
      pod,
      {
        metadata: { name: 'q' },
        spec: {
          containers: [{ name: 'C', env: [{ name: '1=x' }], volumeMounts: [{ name: 'nope', mountPath: '/x' }], readinessProbe: {} }],
        },
      },
      "invalid: Pod \"q\" is invalid: [spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?'), spec.containers[0].env[0].name: Invalid value: \"1=x\": a valid environment variable name must consist only of printable ASCII characters other than '=', spec.containers[0].volumeMounts[0].name: Not found: \"nope\", spec.containers[0].readinessProbe: Required value: must specify a handler type]",
    ],
    ['no containers', pod, { metadata: { name: 'q' }, spec: {} }, 'invalid: Pod "q" is invalid: spec.containers: Required value'],
    [
      'an operation without its target',
      operation,
      { metadata: { name: 'o' }, spec: { verb: 'plan-force-complete', target: { service: 's', plan: 'deploy' } } },
      'invalid: Operation.drover.dev "o" is invalid: [spec.target.phase: Required value: plan-force-complete acts on a step, spec.target.step: Required value: plan-force-complete acts on a step]',
    ],
    [
      'a dotted namespace',
      namespace,
      { metadata: { name: 't.ns' } },
      'invalid: Namespace "t.ns" is invalid: metadata.name: Invalid value: "t.ns": must not contain dots',
    ],
  ])('refuses %s', async (_, kind, body, fault) => {
    const before = api.store.revision();
    expect(await faultOf(api.create(kind, body))).toBe(fault);
    expect(api.store.revision()).toBe(before);
  });

  test.each([[null], ['x'], [5], [[]]])('refuses %j for an object', async (body) => {
    expect(await faultOf(api.create(configMap, body as unknown as object))).toMatch(/^bad-request: the object provided is unrecognized/);
  });

  test('tells all causes with their fields', async () => {
    const error = await api
      .create(configMap, { metadata: { name: 'A', labels: { 'a b': '-' }, finalizers: ['zz'] }, data: { 'a/b': '' } })
      .catch((e: unknown) => e);
    const { causes } = error as { causes: { field: string; reason: string }[] };
    expect(causes.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
      'metadata.name FieldValueInvalid',
      'metadata.labels FieldValueInvalid',
      'metadata.labels FieldValueInvalid',
      'metadata.finalizers[0] FieldValueInvalid',
      'data[a/b] FieldValueInvalid',
    ]);
  });

  test('Warn prunes and says so, Ignore prunes and does not', async () => {
    const warnings: string[] = [];
    const body = { metadata: { name: 'a' }, spec: { pods: [{ ...kafka, cuont: 3 }] } };
    const object = await api.create(service, body, { fieldValidation: 'Warn', warn: (text) => warnings.push(text) });
    expect(warnings).toEqual(['unknown field "spec.pods[0].cuont" (did you mean "count"?)']);
    expect(JSON.stringify(object)).not.toContain('cuont');
    await api.create(service, { ...body, metadata: { name: 'b' } }, { fieldValidation: 'Ignore', warn: (text) => warnings.push(text) });
    expect(warnings).toHaveLength(1);
  });

  test('a name that is taken, a namespace that is not there or going', async () => {
    await api.create(configMap, { metadata: { name: 'a' } });
    expect(await faultOf(api.create(configMap, { metadata: { name: 'a' } }))).toBe('already-exists: configmaps "a" already exists');
    expect(await faultOf(api.create(configMap, { metadata: { name: 'a' } }, { dryRun: true }))).toBe(
      'already-exists: configmaps "a" already exists',
    );
    const make = (name: string) => api.verbs.create(configMap, name, { metadata: { name: 'a' } }, { actor: 'me' });
    expect(await faultOf(make('nope'))).toBe('not-found: namespaces "nope" not found');
    await api.create(namespace, { metadata: { name: 'going' } });
    await api.remove(namespace, 'going');
    expect(await faultOf(make('going'))).toBe(
      'forbidden: configmaps "a" is forbidden: unable to create new content in namespace going because it is being terminated',
    );
  });

  test('defaults are filled in, status is dropped except for nodes', async () => {
    const object = await api.create(pod, {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
      status: { phase: 'Running' },
    });
    expect(object).toMatchObject({
      metadata: { generation: 1 },
      spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, containers: [{ ports: [{ protocol: 'TCP' }] }] },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
    expect(await api.create(node, { metadata: { name: 'n' }, status: { phase: 'x' } })).toMatchObject({ status: { phase: 'x' } });
    expect(await api.create(secret, { metadata: { name: 's' }, stringData: { a: 'ü' } })).toMatchObject({
      type: 'Opaque',
      data: { a: 'w7w=' },
    });
  });

  test('dry run writes nothing', async () => {
    const before = api.store.revision();
    const object = await api.create(configMap, { metadata: { name: 'a' } }, { dryRun: true });
    expect(object.metadata.uid).toBeDefined();
    expect(api.store.revision()).toBe(before);
  });

  test('an object of just over 1 MiB is too large', async () => {
    const object = (size: number) => ({ metadata: { name: 'big' }, data: { a: 'x'.repeat(size) } });
    expect(await faultOf(api.create(configMap, object(1024 * 1024)))).toMatch(
      /^too-large: configmaps "big" is too large: 10[0-9]{5} bytes, at most 1048576/,
    );
    await api.create(configMap, object(1024 * 1024 - 400));
  });
});

describe('update', () => {
  test('bumps generation for the spec only, and keeps status', async () => {
    const made = await api.create(service, { metadata: { name: 'a' }, spec: { pods: [kafka] } });
    const status = await api.update(service, { ...made, status: { readyInstances: 2 } }, { subresource: 'status' });
    expect(status).toMatchObject({ metadata: { generation: 1 }, status: { readyInstances: 2 } });
    const labelled = await api.update(service, {
      ...status,
      metadata: { ...status.metadata, labels: { a: 'b' } },
      status: { readyInstances: 9 },
    });
    expect(labelled).toMatchObject({ metadata: { generation: 1, labels: { a: 'b' } }, status: { readyInstances: 2 } });
    const changed = await api.update(service, { ...labelled, spec: { pods: [{ ...kafka, count: 5 }] } });
    expect(changed.metadata.generation).toBe(2);
  });

  test('status may carry labels for built-in kinds only, and never spec', async () => {
    const made = await api.create(pod, aPod);
    const next = await api.update(
      pod,
      { ...made, metadata: { ...made.metadata, labels: { a: 'b' } }, spec: { containers: 'nonsense' }, status: { phase: 'Running' } },
      { subresource: 'status' },
    );
    expect(next).toMatchObject({ metadata: { labels: { a: 'b' } }, spec: made.spec, status: { phase: 'Running' } });
    const own = await api.create(service, { metadata: { name: 'a' }, spec: { pods: [kafka] } });
    const after = await api.update(
      service,
      { ...own, metadata: { ...own.metadata, labels: { a: 'b' } }, status: {} },
      { subresource: 'status' },
    );
    expect(after.metadata.labels).toBeUndefined();
  });

  test('writes nothing when nothing differs', async () => {
    const made = await api.create(pod, aPod);
    const before = api.store.revision();
    const { spec, ...rest } = made as unknown as { spec: object };
    expect(await api.update(pod, { ...rest, spec: Object.fromEntries(Object.entries(spec).toReversed()) })).toBe(made);
    expect(api.store.revision()).toBe(before);
  });

  test.each<[string, object, string]>([
    [
      'an old version',
      { metadata: { name: 'a', resourceVersion: '1' } },
      'conflict: Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      'another uid',
      { metadata: { name: 'a', uid: 'z' } },
      'conflict: Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: z, UID in object meta: uid-4',
    ],
    ['what is not there', { metadata: { name: 'zz' } }, 'not-found: configmaps "zz" not found'],
    [
      'another namespace',
      { metadata: { name: 'a', namespace: 'q' } },
      'bad-request: the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'a version that is none',
      { metadata: { name: 'a', resourceVersion: 'x' } },
      'bad-request: invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      'a changed creation time',
      { metadata: { name: 'a', creationTimestamp: '2020-01-01T00:00:00Z' } },
      'invalid: ConfigMap "a" is invalid: metadata.creationTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable',
    ],
  ])('refuses %s', async (_, body, fault) => {
    await api.create(configMap, { metadata: { name: 'a' } });
    expect(await faultOf(api.update(configMap, body))).toBe(fault);
  });

  test('another name than the URL’s, and none at all', async () => {
    const update = (body: object) => api.verbs.update(configMap, { namespace: 'default', name: 'a' }, body, { actor: 'me' });
    expect(await faultOf(update({ metadata: { name: 'b' } }))).toBe(
      'bad-request: the name of the object (b) does not match the name on the URL (a)',
    );
    expect(await faultOf(update({}))).toBe(
      'bad-request: the name of the object (a based on URL) was undeterminable: name must be provided',
    );
  });

  test('without a version: built-in kinds take it, others want one', async () => {
    await api.create(configMap, { metadata: { name: 'a' } });
    expect(await api.update(configMap, { metadata: { name: 'a' }, data: { x: 'y' } })).toMatchObject({ data: { x: 'y' } });
    await api.create(service, { metadata: { name: 'a' }, spec: { pods: [kafka] } });
    expect(await faultOf(api.update(service, { metadata: { name: 'a' }, spec: { pods: [kafka] } }))).toBe(
      'invalid: managedservices.drover.dev "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  test('a pod may change its image, may be bound once, and little else', async () => {
    const made = await api.create(pod, aPod);
    const spec = made.spec as { containers: object[] };
    const imaged = await api.update(pod, { ...made, spec: { ...spec, containers: [{ ...spec.containers[0], image: 'i:2' }] } });
    expect(imaged.metadata.generation).toBe(2);
    const bound = await api.patch(pod, 'p', { type: 'merge', body: { spec: { nodeName: 'm1' } } });
    expect(bound).toMatchObject({ spec: { nodeName: 'm1' } });
    const fault = await faultOf(api.patch(pod, 'p', { type: 'merge', body: { spec: { nodeName: 'm2', restartPolicy: 'Never' } } }));
    expect(fault).toMatch(
      /^invalid: Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`/,
    );
    expect(fault).toMatch(/changed: spec.restartPolicy, spec.nodeName$|changed: spec.nodeName, spec.restartPolicy$/);
  });

  test('what is immutable stays', async () => {
    const made = await api.create(configMap, { metadata: { name: 'a' }, data: { a: 'b' }, immutable: true });
    expect(await faultOf(api.update(configMap, { ...made, data: { a: 'c' } }))).toBe(
      'invalid: ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    );
    const op = await api.create(operation, { metadata: { name: 'o' }, spec: { verb: 'pod-restart', target: { service: 's', pod: 'p' } } });
    expect(await faultOf(api.update(operation, { ...op, spec: { ...(op.spec as object), actor: 'x' } }))).toBe(
      'invalid: Operation.drover.dev "o" is invalid: spec: Invalid value: "object": spec is immutable',
    );
  });
});

describe('patch', () => {
  test.each<[string, Parameters<ApiFixture['patch']>[2], string]>([
    [
      'a name',
      { type: 'merge', body: { metadata: { name: 'z' } } },
      'bad-request: the name of the object (z) does not match the name on the URL (a)',
    ],
    ['another uid', { type: 'merge', body: { metadata: { uid: 'z' } } }, 'conflict: Operation cannot be fulfilled'],
    [
      'an old version',
      { type: 'merge', body: { metadata: { resourceVersion: '1' } } },
      'conflict: Operation cannot be fulfilled on configmaps "a": the object has been modified',
    ],
    [
      'a failed test',
      { type: 'json', operations: [{ op: 'test', path: '/data/k', value: 'q' }] },
      'invalid: the server rejected our request due to an error in our request',
    ],
    [
      'unknown fields',
      { type: 'merge', body: { foo: 1 } },
      'invalid: the patched object is invalid: ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo"',
    ],
    [
      'a list for an object',
      { type: 'merge', body: [] },
      'bad-request: error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    [
      'everything',
      { type: 'json', operations: [{ op: 'replace', path: '', value: null }] },
      'bad-request: the name of the object (a based on URL) was undeterminable',
    ],
  ])('refuses %s', async (_, patch, fault) => {
    await api.create(configMap, { metadata: { name: 'a' }, data: { k: 'v' } });
    const before = api.store.revision();
    expect(await faultOf(api.patch(configMap, 'a', patch))).toContain(fault);
    expect(api.store.revision()).toBe(before);
  });

  test('strategic is for built-in kinds', async () => {
    await api.create(pod, { ...aPod, spec: { containers: [{ name: 'c' }, { name: 'd', image: 'e' }] } });
    const next = await api.patch(pod, 'p', { type: 'strategic', body: { spec: { containers: [{ name: 'c', image: 'x' }] } } });
    expect(next).toMatchObject({
      spec: {
        containers: [
          { name: 'c', image: 'x' },
          { name: 'd', image: 'e' },
        ],
      },
    });
    await api.create(service, { metadata: { name: 'a' }, spec: { pods: [kafka] } });
    expect(await faultOf(api.patch(service, 'a', { type: 'strategic', body: {} }))).toMatch(/^unsupported-media-type: /);
  });

  test('writers that patch at the same time all get their part in', async () => {
    await api.create(configMap, { metadata: { name: 'a' } });
    await Promise.all(
      Array.from({ length: 4 }, (_, i) => api.patch(configMap, 'a', { type: 'merge', body: { data: { [`k${i}`]: 'v' } } })),
    );
    expect(await api.get(configMap, 'a')).toMatchObject({ data: { k0: 'v', k1: 'v', k2: 'v', k3: 'v' } });
  });
});
