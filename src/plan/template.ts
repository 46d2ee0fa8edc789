import mustache from 'mustache';
import type { ManagedServiceSpec, PodType } from '../model/drover/managed-service.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import { instanceName } from './names.ts';

/**
 * The variables of config templates, commands, args and env values. `ports` and `volumes` by name; `peers` by pod type, each list ordered by index and
 * holding the instance itself too; `formed`: some instance of the service holds data, so a new one joins rather than founds.
 */
export interface TemplateVariables {
  readonly service: string;
  readonly namespace: string;
  /** Name of the pod instance. */
  readonly name: string;
  readonly index: number;
  readonly podType: string;
  readonly address: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly volumes: Readonly<Record<string, { readonly initialized: boolean }>>;
  readonly formed: boolean;
  readonly peers: Readonly<Record<string, readonly Peer[]>>;
  /** Number of the ServiceRevision. */
  readonly revision: number;
}

/** Another instance as a template sees it; `last` is for separators: `{{^last}},{{/last}}`. */
export interface Peer {
  readonly name: string;
  readonly index: number;
  readonly address: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly last: boolean;
}

/** The outcome of rendering: the text, or what is wrong with the template. */
export type Rendered = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: string };

/** Renders mustache without HTML escaping. An unknown variable, a partial or a syntax error is an error that names it. */
export function render(template: string, variables: TemplateVariables): Rendered {
  if (!template.includes('{{')) return { ok: true, text: template };
  try {
    const unknown = unknownVariable(mustache.parse(template), [variables]);
    if (unknown !== undefined) return { ok: false, error: unknown };
    return { ok: true, text: mustache.render(template, variables, {}, { escape: String }) };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Walks the parsed template in the context it will be rendered in; sections of empty lists are checked with nothing (they render nothing). */
function unknownVariable(tokens: readonly unknown[], scopes: readonly unknown[]): string | undefined {
  for (const token of tokens) {
    const [type, name, , , children] = token as [string, string, number, number, unknown[] | undefined];
    if (type === '>') return `partial "${name}" is not supported`;
    if (type === 'text' || type === '!' || type === '=') continue;
    const value = lookup(scopes, name);
    if (value === undefined) return `unknown variable "${name}"`;
    if ((type === 'name' || type === '&') && typeof value === 'object') return `variable "${name}" is not a single value`;
    if (children === undefined) continue;
    const inner = type === '#' ? (Array.isArray(value) ? value : value ? [value] : []) : [undefined];
    for (const item of inner) {
      const wrong = unknownVariable(children, item === undefined ? scopes : [...scopes, item]);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

/** As mustache looks names up: innermost scope first that has the first part of a dotted name. */
function lookup(scopes: readonly unknown[], name: string): unknown {
  if (name === '.') return scopes.at(-1);
  const parts = name.split('.');
  for (const scope of scopes.toReversed()) {
    if (member(scope, parts[0]!) !== undefined) return parts.reduce<unknown>(member, scope);
  }
  return undefined;
}

function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** The variables of one instance of a service, from all its instances (any order). */
export function templateVariables(
  instance: PodInstance,
  instances: readonly PodInstance[],
  spec: ManagedServiceSpec,
  revision: number,
  addressOf: (instance: PodInstance) => string,
): TemplateVariables {
  const peers: Record<string, Peer[]> = {};
  for (const type of spec.pods) {
    const members = instances.filter((other) => other.spec.podType === type.name && other.spec.index < type.count);
    peers[type.name] = members
      .toSorted((a, b) => a.spec.index - b.spec.index)
      .map((other, i) => ({
        name: other.metadata.name ?? '',
        index: other.spec.index,
        address: addressOf(other),
        ports: other.spec.ports,
        last: i === members.length - 1,
      }));
  }
  return {
    service: instance.spec.service,
    namespace: instance.metadata.namespace ?? '',
    name: instance.metadata.name ?? '',
    index: instance.spec.index,
    podType: instance.spec.podType,
    address: addressOf(instance),
    ports: instance.spec.ports,
    volumes: Object.fromEntries(instance.spec.volumes.map((volume) => [volume.name, { initialized: volume.initialized }])),
    formed: instances.some((other) => other.spec.volumes.some((volume) => volume.initialized)),
    peers,
    revision,
  };
}

/** Made-up variables with which templates are tried when a spec is accepted: every port, volume and at least one peer of each type exist. */
export function sampleVariables(service: string, namespace: string, spec: ManagedServiceSpec, type: PodType): TemplateVariables {
  const portsOf = (pod: PodType) =>
    Object.fromEntries(pod.tasks.flatMap((task) => task.ports ?? []).map((port, i) => [port.name, port.port || 20000 + i]));
  return {
    service,
    namespace,
    name: instanceName(service, type.name, 0),
    index: 0,
    podType: type.name,
    address: '127.0.0.1',
    ports: portsOf(type),
    volumes: Object.fromEntries((type.volumes ?? []).map((volume) => [volume.name, { initialized: false }])),
    formed: false,
    peers: Object.fromEntries(
      spec.pods.map((pod) => [
        pod.name,
        [{ name: instanceName(service, pod.name, 0), index: 0, address: '127.0.0.1', ports: portsOf(pod), last: true }],
      ]),
    ),
    revision: 1,
  };
}
