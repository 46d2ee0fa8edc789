import { get, type Script, type ScriptedRequest } from '../script.ts';

const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };

/** What clients learn of the server before they do anything. */
export const discovery: Script = {
  name: 'discovery',
  requests: [
    get('core versions', '/api', { only: ['kind', 'versions'] }),
    get('groups', '/apis', { only: ['kind', 'apiVersion'] }),
    get('one group', '/apis/coordination.k8s.io'),
    get('one group and version', '/apis/coordination.k8s.io/v1'),
    get('core, aggregated', '/api', {
      headers: AGGREGATED,
      only: ['kind', 'apiVersion', 'items.0.metadata', 'items.0.versions.0.version', 'items.0.versions.0.freshness'],
    }),
    get('an unknown group', '/apis/nope.example.com'),
    get('an unknown version', '/apis/coordination.k8s.io/v9'),
    get('version', '/version', { only: ['major', 'minor'] }),
    get('livez', '/livez'),
    get('readyz', '/readyz'),
    get('healthz', '/healthz'),
    get('one check', '/readyz/ping'),
    get('an unknown check', '/readyz/nope'),
    get('OpenAPI of a group', '/openapi/v3/apis/coordination.k8s.io/v1', {
      only: ['openapi', 'components.schemas.io\\.k8s\\.api\\.coordination\\.v1\\.Lease.x-kubernetes-group-version-kind'],
    }),
    ...(['POST', 'PUT', 'DELETE'] as const).map((method): ScriptedRequest => ({
      name: `${method} of a document`,
      method,
      path: '/api/v1',
    })),
  ],
};
