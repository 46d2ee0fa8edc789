import { posix } from 'node:path';
import { DroverError, hasCode } from '../base/errors.ts';
import { configMapKind } from '../model/core/config-map.ts';
import type { Container, Pod, Volume } from '../model/core/pod.ts';
import { secretKind } from '../model/core/secret.ts';
import type { Static } from 'typebox';
import type { Stored } from '../model/resource.ts';
import type { ResourceClient } from '../client/client.ts';
import type { TaskConfig } from '../drivers/driver.ts';
import type { AgentFiles } from './agent-files.ts';

type PodVolume = Static<typeof Volume>;
type Mount = NonNullable<Container['volumeMounts']>[number];
type TaskFiles = TaskConfig['files'][number][];
type TaskMounts = TaskConfig['mounts'][number][];

/** Where volumes come from. */
export interface VolumeSources {
  readonly client: ResourceClient;
  readonly files: AgentFiles;
  /** The agent's directory. */
  readonly dir: string;
}

/** The directory of a claim. It is made at first use and never deleted unless a new Pod's annotation says so. */
export function claimDirectory(dir: string, namespace: string, claim: string): string {
  return posix.join(dir, 'volumes', pathPart(namespace), pathPart(claim));
}

/** The directory of what lives and dies with one Pod. */
export function podDirectory(dir: string, podUid: string): string {
  return posix.join(dir, 'pods', pathPart(podUid));
}

/**
 * What the mounts of a container come to in the task's directory, which is the root of all mount paths: texts of config maps and secrets as files,
 * all else as directories. Throws `not-found` (a config map, secret or directory that is not there yet), `invalid`.
 */
export async function taskVolumes(
  sources: VolumeSources,
  pod: Stored<Pod>,
  container: Container,
): Promise<Pick<TaskConfig, 'files' | 'mounts'>> {
  const files: TaskFiles = [];
  const mounts: TaskMounts = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((entry) => entry.name === mount.name);
    if (!volume) throw new DroverError('invalid', `the pod has no volume "${mount.name}"`);
    try {
      if (volume.configMap || volume.secret) files.push(...filesOf(mount, await textsOf(sources, pod, volume)));
      else mounts.push(await directoryOf(sources, pod, volume, mount));
    } catch (error) {
      if (!(error instanceof DroverError)) throw error;
      throw new DroverError(error.code, `MountVolume.SetUp failed for volume "${volume.name}": ${error.message}`, { cause: error });
    }
  }
  return { files, mounts };
}

/** A path inside the task's directory from one that begins at its root. Throws `invalid` when it leaves the directory or is the directory itself. */
export function insideTask(path: string): string {
  const relative = posix.normalize(path).replace(/^\/+/, '').replace(/\/+$/, '');
  if (relative === '' || relative === '.' || relative.split('/').includes('..')) {
    throw new DroverError('invalid', `the path "${path}" is not one inside the task's directory`);
  }
  return relative;
}

interface Text {
  readonly path: string;
  readonly text: string;
  readonly mode: number | undefined;
}

async function textsOf({ client }: VolumeSources, pod: Stored<Pod>, volume: PodVolume): Promise<Text[]> {
  const source = volume.configMap ?? volume.secret!;
  const namespace = pod.metadata.namespace ?? '';
  const name = volume.configMap ? (volume.configMap.name ?? '') : (volume.secret!.secretName ?? '');
  const what = volume.configMap ? 'configmap' : 'secret';
  let texts: Record<string, string>;
  try {
    texts = await (volume.configMap ? configTexts(client, { namespace, name }) : secretTexts(client, { namespace, name }));
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
    if (source.optional) return [];
    throw new DroverError('not-found', `${what} "${name}" not found`, { cause: error });
  }
  const items: readonly { key: string; path: string; mode?: number }[] =
    source.items ?? Object.keys(texts).map((key) => ({ key, path: key }));
  return items.flatMap((item) => {
    const text = texts[item.key];
    if (text === undefined && !source.optional) throw new DroverError('not-found', `${what} "${name}" has no key "${item.key}"`);
    const mode = item.mode ?? source.defaultMode;
    return text === undefined ? [] : [{ path: item.path, text, mode }];
  });
}

async function configTexts(client: ResourceClient, key: { namespace: string; name: string }): Promise<Record<string, string>> {
  const { data, binaryData } = await client.get(configMapKind, key);
  return { ...decoded(binaryData), ...data };
}

async function secretTexts(client: ResourceClient, key: { namespace: string; name: string }): Promise<Record<string, string>> {
  const { data } = await client.get(secretKind, key);
  return decoded(data);
}

function decoded(data: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(data ?? {})) {
    try {
      texts[key] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
    } catch (error) {
      throw new DroverError('invalid', `the value of "${key}" is not text, and only text can be put into files`, { cause: error });
    }
  }
  return texts;
}

function filesOf(mount: Mount, texts: readonly Text[]): TaskFiles {
  const root = insideTask(mount.mountPath);
  const file = (path: string, { text, mode }: Text) => ({ path, text, ...(mode !== undefined && { mode }) });
  if (mount.subPath === undefined || mount.subPath === '') {
    return texts.map((entry) => file(posix.join(root, insideTask(entry.path)), entry));
  }
  const subPath = insideTask(mount.subPath);
  const exact = texts.find((entry) => entry.path === subPath);
  if (exact) return [file(root, exact)];
  const below = texts.filter((entry) => entry.path.startsWith(`${subPath}/`));
  if (below.length === 0) throw new DroverError('not-found', `there is nothing at the subPath "${mount.subPath}"`);
  return below.map((entry) => file(posix.join(root, insideTask(entry.path.slice(subPath.length))), entry));
}

async function directoryOf({ files, dir }: VolumeSources, pod: Stored<Pod>, volume: PodVolume, mount: Mount): Promise<TaskMounts[number]> {
  const path = insideTask(mount.mountPath);
  let target: string;
  let readOnly = mount.readOnly ?? false;
  if (volume.persistentVolumeClaim) {
    target = claimDirectory(dir, pod.metadata.namespace ?? '', volume.persistentVolumeClaim.claimName);
    readOnly ||= volume.persistentVolumeClaim.readOnly ?? false;
    await files.makeDirectory(target);
  } else if (volume.hostPath) {
    target = volume.hostPath.path;
    await checkHostPath(files, target, volume.hostPath.type ?? '');
  } else {
    target = posix.join(podDirectory(dir, pod.metadata.uid), 'volumes', pathPart(volume.name));
    await files.makeDirectory(target);
  }
  if (mount.subPath !== undefined && mount.subPath !== '') {
    target = posix.join(target, insideTask(mount.subPath));
    if ((await files.kindOf(target)) === 'absent') await files.makeDirectory(target);
  }
  return { path, target, ...(readOnly && { readOnly }) };
}

async function checkHostPath(files: AgentFiles, path: string, type: string): Promise<void> {
  if (!posix.isAbsolute(path)) throw new DroverError('invalid', `hostPath "${path}" is not absolute`);
  const kind = await files.kindOf(path);
  if (type === 'Directory' && kind !== 'directory')
    throw new DroverError('not-found', `hostPath type check failed: ${path} is not a directory`);
  if (type === 'File' && kind !== 'file') throw new DroverError('not-found', `hostPath type check failed: ${path} is not a file`);
  if (kind === 'absent') await files.makeDirectory(path);
}

function pathPart(name: string): string {
  if (!/^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$/.test(name)) throw new DroverError('invalid', `"${name}" cannot name a directory`);
  return name;
}
