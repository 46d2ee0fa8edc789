import { del, get, namespace, patch, post, put, TABLE, type Script } from '../script.ts';

const ns = '/api/v1/namespaces/t-other';
const leases = '/apis/coordination.k8s.io/v1/namespaces/t-other/leases';

/** Namespaces, Secrets, Leases, Events, Nodes. */
export const others: Script = {
  name: 'other',
  requests: [
    namespace('t-other'),
    get('get a namespace', '/api/v1/namespaces/t-other'),
    get('namespace as table', '/api/v1/namespaces/t-other', { headers: TABLE }),
    post('namespace with a bad name', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'Bad.Name' } }),
    patch('label a namespace', '/api/v1/namespaces/t-other', 'merge', { metadata: { labels: { team: 'a' } } }),
    post('secret with stringData', `${ns}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { user: 'me' },
    }),
    post('secret with data that is not base64', `${ns}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's2' },
      data: { user: '***' },
    }),
    post('secret of a type that wants keys', `${ns}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's3' },
      type: 'kubernetes.io/tls',
      data: {},
    }),
    patch('the type of a secret is fixed', `${ns}/secrets/s`, 'merge', { type: 'other' }),
    get('secret as table', `${ns}/secrets/s`, { headers: TABLE }),
    post('lease', leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec: { holderIdentity: 'm1', leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.123456Z' },
    }),
    patch('renew a lease', `${leases}/l`, 'merge', { spec: { renewTime: '2026-01-01T00:00:10.000001Z' } }),
    post('lease with a bad duration', leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l2' },
      spec: { leaseDurationSeconds: 0 },
    }),
    post('lease with a bad time', leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l3' },
      spec: { renewTime: 'noon' },
    }),
    put('a lease made by an update', `${leases}/made`, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'made' } }),
    get('lease as table', `${leases}/l`, { headers: TABLE }),
    del('delete a lease', `${leases}/l`),
    post('event', `${ns}/events`, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e1' },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 't-other', uid: 'u-1' },
      reason: 'Started',
      message: 'it started',
      type: 'Normal',
      source: { component: 'agent', host: 'm1' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:05Z',
      count: 3,
    }),
    post('event about another namespace', `${ns}/events`, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e2' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    }),
    get('events by object', `${ns}/events?fieldSelector=involvedObject.name%3Dp,involvedObject.kind%3DPod`),
    get('events by type', `${ns}/events?fieldSelector=type%3DWarning`),
    get('events by reason', `${ns}/events?fieldSelector=reason%3DStarted`, { only: ['items.length'] }),
    get('event as table', `${ns}/events/e1`, { headers: TABLE, only: ['kind', 'columnDefinitions'] }),
    post('node', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 't-node', labels: { zone: 'a' } } }),
    patch('cordon', '/api/v1/nodes/t-node', 'strategic', { spec: { unschedulable: true } }),
    patch('node status', '/api/v1/nodes/t-node/status', 'strategic', {
      status: {
        capacity: { cpu: '2', memory: '4Gi' },
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      },
    }),
    get('node as table', '/api/v1/nodes/t-node', { headers: TABLE, only: ['kind', 'columnDefinitions'] }),
    get('nodes by field', '/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue', {
      only: ['kind', 'items.length', 'items.0.metadata.name'],
    }),
    del('delete a node', '/api/v1/nodes/t-node'),
    del('delete a namespace', '/api/v1/namespaces/t-other'),
    post('create in a namespace that ends', `${ns}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } }),
  ],
};
