import { DroverError, hasCode } from '../base/errors.ts';
import { configMapKind } from '../model/core/config-map.ts';
import { secretKind } from '../model/core/secret.ts';
import type { Container, EnvVar, Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import type { ResourceClient } from '../client/client.ts';
import { expand } from './expand.ts';

/** Variables that tasks have from the agent's own environment, when it has them. */
export const PASSED_VARIABLES: readonly string[] = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'JAVA_HOME'];

/** Where values of variables come from. */
export interface EnvSources {
  readonly client: ResourceClient;
  readonly nodeName: string;
  readonly address: string;
  /** What every task has. */
  readonly base: Readonly<Record<string, string>>;
}

/** The environment of a container; later variables may use earlier ones. Throws `invalid` or `not-found` with a sentence for people. */
export async function containerEnv(sources: EnvSources, pod: Stored<Pod>, container: Container): Promise<Record<string, string>> {
  const env: Record<string, string> = { ...sources.base, HOSTNAME: pod.spec.hostname ?? pod.metadata.name };
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? await valueFrom(sources, pod, variable) : expand(variable.value ?? '', env);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

async function valueFrom(sources: EnvSources, pod: Stored<Pod>, { name, valueFrom: from }: EnvVar): Promise<string | undefined> {
  if (from?.fieldRef) return fieldValue(sources, pod, from.fieldRef.fieldPath);
  const ref = from?.configMapKeyRef ?? from?.secretKeyRef;
  if (!ref) throw new DroverError('invalid', `the variable ${name} says valueFrom and names no source`);
  const key = { namespace: pod.metadata.namespace ?? '', name: ref.name ?? '' };
  try {
    if (from?.configMapKeyRef) {
      const { data } = await sources.client.get(configMapKind, key);
      if (data?.[ref.key] !== undefined) return data[ref.key]!;
      if (ref.optional) return undefined;
      throw new DroverError('not-found', `couldn't find key ${ref.key} in ConfigMap ${key.namespace}/${key.name}`);
    }
    const { data } = await sources.client.get(secretKind, key);
    if (data?.[ref.key] !== undefined) return Buffer.from(data[ref.key]!, 'base64').toString('utf8');
    if (ref.optional) return undefined;
    throw new DroverError('not-found', `couldn't find key ${ref.key} in Secret ${key.namespace}/${key.name}`);
  } catch (error) {
    if (ref.optional && hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

function fieldValue({ nodeName, address }: EnvSources, pod: Stored<Pod>, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? '';
    case 'metadata.uid':
      return pod.metadata.uid;
    case 'spec.nodeName':
      return nodeName;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    case 'status.podIP':
    case 'status.podIPs':
    case 'status.hostIP':
    case 'status.hostIPs':
      return address;
    default:
      throw new DroverError('invalid', `the field path ${path} is not one that a variable can have`);
  }
}
