import { DroverError, hasCode } from '../../base/errors.ts';
import { canonicalJson } from '../../base/ids.ts';
import { configMapKind, type ConfigMap } from '../../model/core/config-map.ts';
import { podInstanceKind } from '../../model/drover/pod-instance.ts';
import { LABEL_INDEX, LABEL_POD_TYPE, LABEL_SERVICE } from '../../model/labels.ts';
import { reason } from '../../model/reason.ts';
import { keyOf, type Stored } from '../../model/resource.ts';
import type { ControllerContext } from '../controller.ts';

/**
 * Stores the files of the incarnation that is about to start; the one before has ended, so nobody reads the old ones. Idempotent. Throws `already-exists`,
 * and tells the PodInstance's events, when a ConfigMap has the name that was never an instance's: it may be somebody's.
 */
export async function putFiles(files: ConfigMap, context: ControllerContext): Promise<void> {
  const { client } = context;
  let there: Stored<ConfigMap>;
  try {
    there = await client.get(configMapKind, keyOf(files));
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
    await client.create(configMapKind, files);
    return;
  }
  if (!isFilesOf(there, files)) return refuse(files, context);
  if (ownerOf(there)?.uid !== ownerOf(files)?.uid) {
    // Left by an earlier instance of the name: the collector may be after it.
    await client.delete(configMapKind, keyOf(there), { uid: there.metadata.uid });
    await client.create(configMapKind, files);
    return;
  }
  if (canonicalJson(there.data) === canonicalJson(files.data)) return;
  const labels = { ...there.metadata.labels, ...files.metadata.labels };
  await client.update(configMapKind, { ...files, metadata: { ...there.metadata, labels } });
}

/** True when it was made for an instance of this name: it is owned by one, or was orphaned and still has the labels. */
function isFilesOf(there: ConfigMap, files: ConfigMap): boolean {
  const owners = there.metadata.ownerReferences ?? [];
  if (owners.length > 0) return owners.some((owner) => owner.kind === podInstanceKind.kind && owner.name === ownerOf(files)?.name);
  return [LABEL_SERVICE, LABEL_POD_TYPE, LABEL_INDEX].every(
    (label) => there.metadata.labels?.[label] !== undefined && there.metadata.labels[label] === files.metadata.labels?.[label],
  );
}

function refuse(files: ConfigMap, { caches, events }: ControllerContext): never {
  const { name = '', namespace = '' } = files.metadata;
  const message = `A ConfigMap named ${name} exists that is not of this service: delete it.`;
  const instance = caches.of(podInstanceKind).get({ namespace, name: ownerOf(files)?.name ?? '' });
  if (instance) events.event(instance, 'Warning', reason('FilesNameTaken', message, { configMap: name }));
  throw new DroverError('already-exists', message);
}

function ownerOf(files: ConfigMap): { name: string; uid: string } | undefined {
  return files.metadata.ownerReferences?.[0];
}
