import { del, get, METADATA, namespace, patch, post, TABLE, type Script } from '../script.ts';

const all = '/api/v1/namespaces/t-watch/configmaps';
const cm = (name: string, labels: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } });

/** Watches: from a version, from now, with initial events, selected, in other representations. */
export const watches: Script = {
  name: 'watch',
  requests: [
    namespace('t-watch'),
    get('list to watch from', all, { keep: { start: 'metadata.resourceVersion' } }),
    post('create a', all, cm('a', { app: 'x' })),
    patch('change a', `${all}/a`, 'merge', { data: { k: 'v' } }),
    post('create b', all, cm('b')),
    patch('a leaves the selector', `${all}/a`, 'merge', { metadata: { labels: { app: 'y' } } }),
    patch('a comes back', `${all}/a`, 'merge', { metadata: { labels: { app: 'x' } } }),
    del('delete b', `${all}/b`),
    get('all changes since', `${all}?watch=true&resourceVersion={start}&timeoutSeconds=5`, { events: 6 }),
    get('changes of the selected since', `${all}?watch=1&resourceVersion={start}&labelSelector=app%3Dx&timeoutSeconds=5`, { events: 4 }),
    get('changes of one name since', `${all}?watch=true&resourceVersion={start}&fieldSelector=metadata.name%3Db&timeoutSeconds=5`, {
      events: 2,
    }),
    get('without a version: what is, first', `${all}?watch=true&timeoutSeconds=5`, { events: 1 }),
    get('from version 0: what is, first', `${all}?watch=true&resourceVersion=0&timeoutSeconds=5`, { events: 1 }),
    get(
      'initial events and the bookmark that ends them',
      `${all}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=5`,
      { events: 2 },
    ),
    get('initial events without the match', `${all}?watch=true&sendInitialEvents=true&timeoutSeconds=5`, { events: 1 }),
    get('as table', `${all}?watch=true&resourceVersion={start}&timeoutSeconds=5`, { headers: TABLE, events: 3 }),
    get('as metadata', `${all}?watch=true&resourceVersion={start}&timeoutSeconds=5`, { headers: METADATA, events: 2 }),
    get('resourceVersion that is no number', `${all}?watch=true&resourceVersion=abc&timeoutSeconds=5`),
    get('selector that cannot be read', `${all}?watch=true&labelSelector=a%3D%3D%3D&timeoutSeconds=5`),
    get('until the time is up', `${all}?watch=true&resourceVersion={start}&fieldSelector=metadata.name%3Dnone&timeoutSeconds=1`, {
      events: 1,
    }),
  ],
};
