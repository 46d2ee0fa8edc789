import { get, namespace, patch, post, type Script } from '../script.ts';

const all = '/api/v1/namespaces/t-patch/configmaps';
const a = `${all}/a`;

/** The three ways to patch, and what they refuse. */
export const patches: Script = {
  name: 'patch',
  requests: [
    namespace('t-patch'),
    post('create', all, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', labels: { x: '1', y: '2' } },
      data: { a: '1', b: '2' },
    }),
    patch('merge patch', a, 'merge', { data: { a: '9', b: null, c: '3' } }),
    patch('merge patch that changes nothing', a, 'merge', { data: { a: '9' } }),
    patch('merge patch that is no object', a, 'merge', [1]),
    patch('merge patch that is no JSON', a, 'merge', '{'),
    patch('merge patch of the name', a, 'merge', { metadata: { name: 'b' } }),
    patch('merge patch of the uid', a, 'merge', { metadata: { uid: 'other' } }),
    patch('merge patch of the kind', a, 'merge', { kind: 'Secret' }),
    patch('merge patch with a wrong type', a, 'merge', { data: { a: 1 } }),
    patch('merge patch with an unknown field, Warn', a, 'merge', { foo: 1 }),
    patch('merge patch with an unknown field, Strict', `${a}?fieldValidation=Strict`, 'merge', { foo: 1 }),
    patch('merge patch with a stale resourceVersion', a, 'merge', { metadata: { resourceVersion: '1' } }),
    patch('merge patch of what is not there', `${all}/nope`, 'merge', {}),
    patch('merge patch, dry run', `${a}?dryRun=All`, 'merge', { data: { dry: 'run' } }),
    patch('JSON patch', a, 'json', [
      { op: 'test', path: '/data/a', value: '9' },
      { op: 'replace', path: '/data/a', value: '10' },
      { op: 'add', path: '/data/new', value: 'n' },
      { op: 'remove', path: '/data/c' },
      { op: 'copy', from: '/data/new', path: '/data/copied' },
      { op: 'move', from: '/data/new', path: '/data/moved' },
    ]),
    patch('JSON patch with escapes', a, 'json', [{ op: 'add', path: '/metadata/annotations', value: { 'example.com/x': '1' } }]),
    patch('JSON patch of an escaped member', a, 'json', [{ op: 'replace', path: '/metadata/annotations/example.com~1x', value: '2' }]),
    patch('JSON patch whose test fails', a, 'json', [{ op: 'test', path: '/data/a', value: 'no' }]),
    patch('JSON patch of a missing member', a, 'json', [{ op: 'remove', path: '/data/missing' }]),
    patch('JSON patch that is no list', a, 'json', { op: 'add' }),
    patch('JSON patch with an unknown operation', a, 'json', [{ op: 'explode', path: '/data/a' }]),
    patch('strategic merge patch', a, 'strategic', { data: { s: '1' }, metadata: { labels: { y: null, z: '3' } } }),
    patch('strategic merge patch that replaces', a, 'strategic', { data: { $patch: 'replace', only: 'this' } }),
    patch('strategic merge patch that deletes a map', a, 'strategic', { data: { $patch: 'delete' } }),
    { name: 'patch of an unknown type', method: 'PATCH', path: a, headers: { 'content-type': 'application/json' }, body: {} },
    { name: 'patch without a body', method: 'PATCH', path: a, headers: { 'content-type': 'application/merge-patch+json' }, body: '' },
    get('what is left', a),
  ],
};
