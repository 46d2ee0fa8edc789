import { contentHash } from '../base/ids.ts';
import type { PodType } from '../model/drover/managed-service.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import { ANNOTATION_DISCARD_VOLUMES, LABEL_INDEX, LABEL_POD_TYPE, LABEL_SERVICE } from '../model/labels.ts';
import type { Stored } from '../model/resource.ts';
import { instanceName } from './names.ts';
import { allotPorts } from './ports.ts';
import { ownerReference } from './revision.ts';
import type { ServiceSnapshot } from './service-snapshot.ts';

type InstanceSpec = PodInstance['spec'];

/** A new identity, before its first incarnation; `runNumber` makes its volumes other than those of an earlier namesake. Undefined: no port is left. */
export function newInstance(
  snapshot: ServiceSnapshot,
  type: PodType,
  index: number,
  runNumber: number,
  occupied: () => ReadonlySet<number>,
): PodInstance | undefined {
  const { name: service, namespace = '', uid } = snapshot.service.metadata;
  const name = instanceName(service, type.name, index);
  const ports = allotPorts(type, index, {}, `${namespace}/${name}`, occupied);
  if (!ports) return undefined;
  return {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'PodInstance',
    metadata: {
      name,
      namespace,
      labels: { [LABEL_SERVICE]: service, [LABEL_POD_TYPE]: type.name, [LABEL_INDEX]: String(index) },
      ownerReferences: [ownerReference(snapshot.service)],
    },
    spec: {
      service,
      podType: type.name,
      index,
      revision: '',
      podHash: '',
      incarnation: 0,
      desired: 'Running',
      ports,
      volumes: volumes(type, [], name, `${uid}/${runNumber}`),
    },
  };
}

/** The spec of the instance for incarnation `wanted` on `revision` (whose `type` it is of); with `fresh` volumes it may go anywhere. Undefined: no port is left. */
export function nextIncarnation(
  snapshot: ServiceSnapshot,
  instance: Stored<PodInstance>,
  revision: ServiceRevision,
  type: PodType,
  wanted: number,
  fresh: boolean,
): InstanceSpec | undefined {
  const { spec, metadata } = instance;
  const ports = allotPorts(type, spec.index, spec.ports, `${metadata.namespace}/${metadata.name}`, () => snapshot.occupiedPorts());
  if (!ports) return undefined;
  const { node, ...rest } = spec;
  return {
    ...rest,
    ...(node !== undefined && !fresh && { node }),
    revision: revision.metadata.name ?? '',
    podHash: revision.spec.podHashes[spec.podType] ?? '',
    incarnation: wanted,
    desired: 'Running',
    ports,
    volumes: volumes(type, fresh ? [] : spec.volumes, metadata.name, `${metadata.uid}/${wanted}`),
  };
}

/** Claims that the next incarnation gives up: on a replace those held until now, too those that no Pod has removed yet. */
export function discarded(instance: PodInstance, fresh: boolean): string[] {
  const { volumes: held } = instance.spec;
  const before = (instance.metadata.annotations?.[ANNOTATION_DISCARD_VOLUMES] ?? '').split(',').filter(Boolean);
  const used = held.every((volume) => volume.initialized);
  return [...new Set([...(used ? [] : before), ...(fresh ? held.map((volume) => volume.id) : [])])];
}

function volumes(type: PodType, held: InstanceSpec['volumes'], name: string, seed: string): InstanceSpec['volumes'] {
  return (type.volumes ?? []).map(
    (volume) =>
      held.find((before) => before.name === volume.name) ?? {
        name: volume.name,
        id: `${name}-${volume.name}-${contentHash(`${seed}/${volume.name}`, 8)}`,
        initialized: false,
      },
  );
}
