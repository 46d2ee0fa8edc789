import { expect, it } from 'vitest';
import { requestLabels } from './request-labels.ts';

it.each([
  ['GET', '/api/v1/pods', 'list', 'pods'],
  ['GET', '/api/v1/namespaces/:namespace/pods', 'list', 'pods'],
  ['GET', '/api/v1/namespaces/:namespace/pods/:name', 'get', 'pods'],
  ['GET', '/api/v1/namespaces/:namespace/pods/:name/log', 'get', 'pods/log'],
  ['PUT', '/api/v1/namespaces/:name/finalize', 'update', 'namespaces/finalize'],
  ['GET', '/api/v1/namespaces/:name', 'get', 'namespaces'],
  ['DELETE', '/apis/drover.dev/v1alpha1/namespaces/:namespace/kafkas', 'deletecollection', 'kafkas.drover.dev'],
  ['PATCH', '/apis/drover.dev/v1alpha1/namespaces/:namespace/kafkas/:name/status', 'patch', 'kafkas.drover.dev/status'],
  ['GET', '/readyz', 'get', ''],
  ['GET', '/apis/drover.dev/v1alpha1', 'get', ''],
] as const)('%s %s counts as %s %s', (method, path, verb, resource) => {
  expect(requestLabels({ method, path })).toMatchObject({ verb, resource });
});
