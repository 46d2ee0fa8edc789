import { apiVersionOf, type Kind } from '../../model/kind.ts';

const KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'v1 Pod': {
    'spec.containers': 'name',
    'spec.containers.env': 'name',
    'spec.containers.ports': 'containerPort',
    'spec.containers.volumeMounts': 'mountPath',
    'spec.volumes': 'name',
    'status.conditions': 'type',
    'status.podIPs': 'ip',
  },
  'v1 Node': { 'status.conditions': 'type', 'status.addresses': 'type' },
  'v1 Namespace': { 'status.conditions': 'type' },
};

/** The strategic merge key of a list of a built-in kind, by its dotted path; undefined: the list is replaced as a whole. */
export function mergeKeyOf(kind: Kind, path: string): string | undefined {
  return KEYS[`${apiVersionOf(kind)} ${kind.kind}`]?.[path];
}
