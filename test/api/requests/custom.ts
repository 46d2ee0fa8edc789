import { del, get, METADATA_LIST, patch, post, put, TABLE, type Script } from '../script.ts';

const all = '/apis/drover.dev/v1alpha1/packages';
const spec = { description: 'A thing', kinds: [], defaultVersion: '1.0', versions: [{ version: '1.0' }] };
const pkg = (name: string, more: object = {}): object => ({
  apiVersion: 'drover.dev/v1alpha1',
  kind: 'Package',
  metadata: { name },
  spec: { ...spec, ...more },
});

/** A kind of Drover's own: on kube-apiserver it is the CustomResourceDefinition that Drover derives. */
export const custom: Script = {
  name: 'custom',
  requests: [
    post('create', all, pkg('t-a'), { keep: { rv: 'metadata.resourceVersion', uid: 'metadata.uid' } }),
    post('create again', all, pkg('t-a')),
    post('create without spec', all, { apiVersion: 'drover.dev/v1alpha1', kind: 'Package', metadata: { name: 't-b' } }),
    post('create without a required field', all, {
      apiVersion: 'drover.dev/v1alpha1',
      kind: 'Package',
      metadata: { name: 't-b' },
      spec: { kinds: [] },
    }),
    post('create with a wrong type', all, pkg('t-b', { kinds: 'x' })),
    post('create with an empty list', all, pkg('t-b', { versions: [] })),
    post(
      'create with a value that is not allowed',
      all,
      pkg('t-b', { versions: [{ version: '1', process: { maven: [], requires: [{ program: 'perl', apt: 'perl' }] } }] }),
    ),
    post('create with an unknown field, Warn', all, pkg('t-warn', { colour: 'red' })),
    post('create with an unknown field, Strict', `${all}?fieldValidation=Strict`, pkg('t-strict', { colour: 'red' })),
    post('create with a bad name', all, pkg('T_a')),
    post('create with a wrong kind', all, { ...pkg('t-c'), kind: 'Packet' }),
    post('create with a wrong apiVersion', all, { ...pkg('t-c'), apiVersion: 'drover.dev/v2' }),
    get('get', `${all}/t-a`),
    get('list', `${all}?fieldSelector=metadata.name%3Dt-a`),
    get('list as metadata', `${all}?fieldSelector=metadata.name%3Dt-a`, { headers: METADATA_LIST }),
    get('table', `${all}/t-a`, { headers: TABLE, only: ['kind', 'apiVersion', 'rows.0.object.kind', 'rows.0.object.metadata.name'] }),
    get('field that is not selectable', `${all}?fieldSelector=spec.description%3Dx`),
    put('update without a resourceVersion', `${all}/t-a`, pkg('t-a', { description: 'changed' })),
    put(
      'update',
      `${all}/t-a`,
      { ...pkg('t-a', { description: 'changed' }), metadata: { name: 't-a', resourceVersion: '{rv}' } },
      { keep: { rv2: 'metadata.resourceVersion' } },
    ),
    put('update with a stale resourceVersion', `${all}/t-a`, { ...pkg('t-a'), metadata: { name: 't-a', resourceVersion: '{rv}' } }),
    put('update that changes nothing', `${all}/t-a`, {
      ...pkg('t-a', { description: 'changed' }),
      metadata: { name: 't-a', resourceVersion: '{rv2}' },
    }),
    put('update of what is not there', `${all}/t-none`, pkg('t-none')),
    patch('merge patch', `${all}/t-a`, 'merge', { spec: { description: 'patched' } }),
    patch('merge patch of labels leaves the generation', `${all}/t-a`, 'merge', { metadata: { labels: { a: 'b' } } }),
    patch('merge patch that makes it invalid', `${all}/t-a`, 'merge', { spec: { defaultVersion: null } }),
    patch('JSON patch', `${all}/t-a`, 'json', [{ op: 'replace', path: '/spec/description', value: 'again' }]),
    patch('strategic merge patch', `${all}/t-a`, 'strategic', { spec: { description: 'x' } }),
    get('status that it does not have', `${all}/t-a/status`),
    del('delete with a wrong uid', `${all}/t-a`, { preconditions: { uid: 'other' } }),
    del('delete', `${all}/t-a`),
    del('delete again', `${all}/t-a`),
  ],
};
