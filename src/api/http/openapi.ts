import { apiVersionOf, type Kind } from '../../model/kind.ts';
import { ObjectMeta } from '../../model/resource.ts';
import { isNamespace, isPod, isReadOnly, type GroupVersion } from './api-surface.ts';
import { LIST_MERGES } from '../patch/merge-keys.ts';
import { toOpenApi, type JsonSchema, type ListMergeOf } from './openapi-schema.ts';
import { patchTypes } from './patch-body.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** The OpenAPI 3.0 document of one group and version: what `kubectl explain`, `apply` and `--validate` read. */
export function openApiDocument(gv: GroupVersion, version: string): object {
  const schemas: Record<string, JsonSchema> = { ...metaSchemas() };
  const paths: Record<string, object> = {};
  for (const kind of gv.kinds) {
    const name = componentName(kind);
    schemas[name] = kindSchema(kind);
    schemas[`${name}List`] = listSchema(kind, name);
    Object.assign(paths, pathsOf(kind, gv.path, name));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Drover', version },
    paths,
    components: {
      schemas,
      securitySchemes: { BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' } },
    },
  };
}

/** `io.k8s.api.core.v1.Pod`, `dev.drover.v1alpha1.Kafka`: names as kube-apiserver derives them. */
export function componentName(kind: Kind): string {
  if (isReadOnly(kind)) return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${kind.version}.${kind.kind}`;
  if (kind.origin === 'crd') return `${kind.group.split('.').toReversed().join('.')}.${kind.version}.${kind.kind}`;
  return `io.k8s.api.${kind.group === '' ? 'core' : kind.group.split('.')[0]}.${kind.version}.${kind.kind}`;
}

function kindSchema(kind: Kind): JsonSchema {
  const schema = toOpenApi(kind.schema as unknown as JsonSchema, kind.origin === 'builtin' ? listMergeOf : undefined);
  const properties = schema['properties'] as Record<string, JsonSchema>;
  return {
    type: 'object',
    description: kind.description,
    ...(Array.isArray(schema['required']) && { required: requiredOf(schema['required'] as string[]) }),
    properties: {
      ...properties,
      ...typeProperties,
      metadata: { default: {}, description: 'Standard object metadata.', allOf: [ref(`${META}.ObjectMeta`)] },
    },
    'x-kubernetes-group-version-kind': [gvk(kind)],
  };
}

// kubectl validates manifests against the document before the server defaults anything: what identifies an object is not for it to ask for.
function requiredOf(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== 'apiVersion' && name !== 'kind' && name !== 'metadata');
}

const listMergeOf: ListMergeOf = (field) => LIST_MERGES[field];

const typeProperties = {
  apiVersion: { type: 'string', description: 'The version of the schema of this object.' },
  kind: { type: 'string', description: 'The kind of this object, in CamelCase.' },
};

function listSchema(kind: Kind, name: string): JsonSchema {
  return {
    type: 'object',
    description: `A list of ${kind.plural}.`,
    required: ['items'],
    properties: {
      ...typeProperties,
      metadata: { default: {}, allOf: [ref(`${META}.ListMeta`)] },
      items: { type: 'array', items: { default: {}, allOf: [ref(name)] } },
    },
    'x-kubernetes-group-version-kind': [{ ...gvk(kind), kind: `${kind.kind}List` }],
  };
}

function metaSchemas(): Record<string, JsonSchema> {
  const text = (description: string): JsonSchema => ({ type: 'string', description });
  return {
    [`${META}.ObjectMeta`]: {
      ...toOpenApi(ObjectMeta as unknown as JsonSchema, listMergeOf),
      description: 'Metadata that all stored objects have.',
    },
    [`${META}.ListMeta`]: {
      type: 'object',
      description: 'Metadata of a list.',
      properties: {
        resourceVersion: text('Where a watch goes on from.'),
        continue: text('Names the next part of a limited list.'),
        remainingItemCount: { type: 'integer', format: 'int64' },
      },
    },
    [`${META}.Status`]: {
      type: 'object',
      description: 'The outcome of a request that does not answer with an object.',
      properties: {
        ...typeProperties,
        status: text('Success or Failure.'),
        message: text('A sentence.'),
        reason: text('CamelCase.'),
        code: { type: 'integer' },
      },
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Status' }],
    },
  };
}

type Operation = { readonly action: string; readonly verb: string; readonly answer: string };

function pathsOf(kind: Kind, base: string, name: string): Record<string, object> {
  const room = kind.namespaced ? '/namespaces/{namespace}' : '';
  const collection = `${base}${room}/${kind.plural}`;
  const item = `${collection}/{name}`;
  const list = operation(kind, { action: 'list', verb: 'list', answer: `${name}List` }, LIST_PARAMETERS);
  const read = operation(kind, { action: 'get', verb: 'read', answer: name });
  const shared = kind.namespaced ? [parameter('namespace', 'path')] : [];
  const own = [...shared, parameter('name', 'path')];
  const found: Record<string, object> = {};
  if (kind.namespaced)
    found[`${base}/${kind.plural}`] = { get: operation(kind, { action: 'list', verb: 'listAll', answer: `${name}List` }, LIST_PARAMETERS) };
  if (isReadOnly(kind)) return { ...found, [collection]: { get: list }, [item]: { get: read, parameters: own } };
  const write = (action: string, verb: string): object =>
    operation(kind, { action, verb, answer: name }, WRITE_PARAMETERS, { content: { '*/*': { schema: ref(name) } }, required: true });
  const patch = (verb: string): object =>
    operation(kind, { action: 'patch', verb, answer: name }, WRITE_PARAMETERS, {
      content: Object.fromEntries(patchTypes(kind).map((type) => [type, { schema: { type: 'object' } }])),
      required: true,
    });
  const remove = operation(kind, { action: 'delete', verb: 'delete', answer: `${META}.Status` }, DELETE_PARAMETERS);
  found[collection] = {
    get: list,
    post: write('post', 'create'),
    ...(!isNamespace(kind) && {
      delete: operation(kind, { action: 'deletecollection', verb: 'deleteCollection', answer: `${META}.Status` }, LIST_PARAMETERS),
    }),
    ...(shared.length > 0 && { parameters: shared }),
  };
  found[item] = { get: read, put: write('put', 'replace'), patch: patch('patch'), delete: remove, parameters: own };
  if (kind.hasStatus) {
    found[`${item}/status`] = {
      get: operation(kind, { action: 'get', verb: 'readStatus', answer: name }),
      put: write('put', 'replaceStatus'),
      patch: patch('patchStatus'),
      parameters: own,
    };
  }
  if (isPod(kind)) {
    found[`${item}/log`] = {
      get: {
        operationId: `read${kind.kind}Log`,
        parameters: LOG_PARAMETERS,
        responses: { 200: { description: 'OK', content: { 'text/plain': { schema: { type: 'string' } } } } },
        'x-kubernetes-action': 'get',
        'x-kubernetes-group-version-kind': gvk(kind),
      },
      parameters: own,
    };
  }
  return found;
}

function operation(kind: Kind, { action, verb, answer }: Operation, parameters: readonly object[] = [], requestBody?: object): object {
  const content = Object.fromEntries(['application/json', 'application/yaml'].map((type) => [type, { schema: ref(answer) }]));
  return {
    description: `${verb} ${kind.kind}`,
    operationId: `${verb}${kind.group.replaceAll(/\W/g, '_')}${kind.version}${kind.kind}`,
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: { 200: { description: 'OK', content }, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk(kind),
  };
}

function parameter(name: string, where: 'path' | 'query', type: 'string' | 'integer' | 'boolean' = 'string'): object {
  return { name, in: where, ...(where === 'path' && { required: true }), schema: { type, uniqueItems: true } };
}

const query = (type: 'string' | 'integer' | 'boolean', ...names: string[]): object[] => names.map((name) => parameter(name, 'query', type));
const LIST_PARAMETERS = [
  ...query('string', 'labelSelector', 'fieldSelector', 'continue', 'resourceVersion', 'resourceVersionMatch', 'pretty'),
  ...query('integer', 'limit', 'timeoutSeconds'),
  ...query('boolean', 'watch', 'allowWatchBookmarks', 'sendInitialEvents'),
];
const WRITE_PARAMETERS = query('string', 'dryRun', 'fieldManager', 'fieldValidation', 'pretty');
const DELETE_PARAMETERS = [...query('string', 'dryRun', 'propagationPolicy', 'pretty'), ...query('integer', 'gracePeriodSeconds')];
const LOG_PARAMETERS = [
  ...query('string', 'container', 'sinceTime'),
  ...query('integer', 'tailLines', 'limitBytes', 'sinceSeconds'),
  ...query('boolean', 'follow', 'previous', 'timestamps'),
];

function gvk(kind: Kind): object {
  return { group: kind.group, version: apiVersionOf(kind).split('/').at(-1), kind: kind.kind };
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
