/** One request of the differential test: data, sent alike to a real kube-apiserver and to Drover. */
export interface ScriptedRequest {
  /** Unique in its script; with the script's name it is the key of the recording. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** May hold `{name}` of values kept before. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. Texts in it may hold `{name}` of values kept before. */
  readonly body?: unknown;
  /** Values of the answer to keep for later requests: name -> dotted path in the body. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Read so many events of a watch, then leave. */
  readonly events?: number;
  /** Only these parts of the body are compared (dotted paths): for answers that list what differs by nature. */
  readonly only?: readonly string[];
}

/** Requests that run in order and share kept values, in a namespace of their own. */
export interface Script {
  readonly name: string;
  readonly requests: readonly ScriptedRequest[];
}

type Rest = Omit<ScriptedRequest, 'name' | 'method' | 'path' | 'body'>;

export const get = (name: string, path: string, rest: Rest = {}): ScriptedRequest => ({ name, method: 'GET', path, ...rest });
export const post = (name: string, path: string, body: unknown, rest: Rest = {}): ScriptedRequest => ({
  name,
  method: 'POST',
  path,
  body,
  ...rest,
});
export const put = (name: string, path: string, body: unknown, rest: Rest = {}): ScriptedRequest => ({
  name,
  method: 'PUT',
  path,
  body,
  ...rest,
});
export const del = (name: string, path: string, body?: unknown, rest: Rest = {}): ScriptedRequest => ({
  name,
  method: 'DELETE',
  path,
  ...(body !== undefined && { body }),
  ...rest,
});

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

export const patch = (name: string, path: string, type: keyof typeof PATCH_TYPES, body: unknown, rest: Rest = {}): ScriptedRequest => ({
  name,
  method: 'PATCH',
  path,
  body,
  ...rest,
  headers: { 'content-type': PATCH_TYPES[type], ...rest.headers },
});

/** Accept headers of the representations. */
export const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
export const METADATA = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
export const METADATA_LIST = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' };

/** Makes the namespace that a script works in. */
export const namespace = (name: string): ScriptedRequest =>
  post('make the namespace', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
