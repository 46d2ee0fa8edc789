import type { FieldCause } from '../../base/errors.ts';
import { duplicates, forbiddenField, invalidValue, named, unknownName } from '../causes.ts';
import { dnsLabelProblem } from '../name-rules.ts';
import { sameJson } from '../same-json.ts';
import { envCauses, resourceCauses, uniqueNames } from './container-rules.ts';
import type { Container, Pod, PodSpec } from './pod.ts';
import { probeCauses } from './probe-rules.ts';

const FROZEN =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What is wrong with a Pod beyond its schema, and what an update of it may not change. */
export function podCauses(pod: Pod, old: Pod | undefined): FieldCause[] {
  if (old) return sameJson(pod.spec, old.spec) ? [] : [...specCauses(pod.spec), ...frozenCauses(pod.spec, old.spec)];
  return specCauses(pod.spec);
}

function specCauses(spec: PodSpec): FieldCause[] {
  const volumes = spec.volumes ?? [];
  return [
    ...volumes.flatMap((volume, index) => [
      ...named(`spec.volumes[${index}].name`, volume.name, dnsLabelProblem),
      ...moreSources(volume, `spec.volumes[${index}]`),
    ]),
    ...uniqueNames(volumes, 'spec.volumes'),
    ...uniqueNames(spec.containers, 'spec.containers'),
    ...spec.containers.flatMap((container, index) =>
      containerCauses(
        container,
        `spec.containers[${index}]`,
        volumes.map(({ name }) => name),
      ),
    ),
  ];
}

function moreSources(volume: NonNullable<PodSpec['volumes']>[number], path: string): FieldCause[] {
  const { name: _, ...sources } = volume;
  const given = Object.entries(sources).filter(([, source]) => source !== undefined);
  return given.slice(1).map(([source]) => forbiddenField(`${path}.${source}`, 'may not specify more than 1 volume type'));
}

function containerCauses(container: Container, path: string, volumes: readonly string[]): FieldCause[] {
  const mounts = container.volumeMounts ?? [];
  return [
    ...named(`${path}.name`, container.name, dnsLabelProblem),
    ...uniqueNames(container.ports, `${path}.ports`),
    ...envCauses(container.env, `${path}.env`),
    ...resourceCauses(container.resources, `${path}.resources`),
    ...mounts.flatMap((mount, index) =>
      volumes.includes(mount.name) ? [] : [unknownName(`${path}.volumeMounts[${index}].name`, mount.name)],
    ),
    ...duplicates(mounts.map((mount, index) => ({ field: `${path}.volumeMounts[${index}].mountPath`, value: mount.mountPath }))).map(
      (cause) => ({
        ...cause,
        reason: 'FieldValueInvalid' as const,
        message: `${cause.message.replace('Duplicate', 'Invalid')}: must be unique`,
      }),
    ),
    ...probeCauses(container, path),
  ];
}

/** A Pod is one incarnation: nearly all of its spec is fixed when it is created. An unbound Pod may be bound to a node once. */
function frozenCauses(spec: PodSpec, old: PodSpec): FieldCause[] {
  if (spec.containers.length !== old.containers.length) {
    return [forbiddenField('spec.containers', 'pod updates may not add or remove containers')];
  }
  const causes: FieldCause[] = [];
  const { activeDeadlineSeconds: before } = old;
  const { activeDeadlineSeconds: after } = spec;
  if (before !== undefined && (after === undefined || after > before)) {
    causes.push(invalidValue('spec.activeDeadlineSeconds', after ?? null, `must be less than or equal to previous value`));
  }
  const kept: PodSpec = {
    ...spec,
    containers: spec.containers.map((container, index) => withImage(container, old.containers[index]!)),
    ...(before !== undefined ? { activeDeadlineSeconds: before } : {}),
    ...(old.tolerations && startsWith(spec.tolerations, old.tolerations) && { tolerations: old.tolerations }),
  };
  if (before === undefined) delete kept.activeDeadlineSeconds;
  if (!old.tolerations) delete kept.tolerations;
  if (!old.nodeName) delete kept.nodeName;
  const { nodeName, ...unbound } = old;
  const fixed: PodSpec = nodeName ? old : unbound;
  if (!sameJson(kept, fixed)) {
    const names = [...new Set([...Object.keys(kept), ...Object.keys(fixed)])] as (keyof PodSpec)[];
    const changed = names.filter((name) => !sameJson(kept[name], fixed[name])).map((name) => `spec.${name}`);
    causes.push(forbiddenField('spec', `${FROZEN}\nchanged: ${changed.join(', ')}`));
  }
  return causes;
}

function withImage(container: Container, old: Container): Container {
  const { image: _, ...rest } = container;
  return old.image === undefined ? rest : { ...rest, image: old.image };
}

function startsWith(list: readonly unknown[] | undefined, start: readonly unknown[]): boolean {
  return list !== undefined && start.every((item) => list.some((other) => sameJson(item, other)));
}
