import type { FieldCause } from '../../base/errors.ts';
import { duplicates, invalidValue, named, unknownName } from '../causes.ts';
import { envCauses, resourceCauses, uniqueNames } from '../core/container-rules.ts';
import { probeCauses } from '../core/probe-rules.ts';
import { dnsLabelProblem } from '../name-rules.ts';
import { parseBytes, QUANTITY_TEXT } from '../quantity.ts';
import type { ManagedService, PlanSpec, PodType, Task } from './managed-service.ts';

/** Plans that Drover makes itself. */
const RESERVED_PLANS = ['recovery', 'decommission', 'uninstall'];

/** Names of pods become label values and directory names: `<service>-<podType>-<index>` must not be longer than this. */
const POD_NAME_LENGTH = 63;

/** What is wrong with a service by itself; what needs a look at the world is condition Accepted. */
export function managedServiceCauses({ metadata, spec }: ManagedService): FieldCause[] {
  const { pods, plans = [] } = spec;
  const podTypes = pods.map(({ name }) => name);
  return [
    ...named('metadata.name', metadata.name ?? '', dnsLabelProblem),
    ...pods.flatMap((pod, index) => nameLengthCauses(metadata.name ?? '', pod, `spec.pods[${index}]`)),
    ...uniqueNames(pods, 'spec.pods'),
    ...pods.flatMap((pod, index) => podTypeCauses(pod, `spec.pods[${index}]`)),
    ...uniqueNames(plans, 'spec.plans'),
    ...plans.flatMap((plan, index) => planCauses(plan, `spec.plans[${index}]`, podTypes)),
  ];
}

function nameLengthCauses(service: string, { name, count }: PodType, path: string): FieldCause[] {
  const longest = `${service}-${name}-${Math.max(0, count - 1)}`;
  if (service === name || longest.length <= POD_NAME_LENGTH) return [];
  return [invalidValue(`${path}.name`, name, `pods would be called ${longest}, which is longer than ${POD_NAME_LENGTH} characters`)];
}

function podTypeCauses({ tasks, volumes = [] }: PodType, path: string): FieldCause[] {
  const ports = tasks.flatMap((task, at) =>
    (task.ports ?? []).map((port, index) => ({ field: `${path}.tasks[${at}].ports[${index}]`, name: port.name, port: port.port ?? 0 })),
  );
  return [
    ...uniqueNames(tasks, `${path}.tasks`),
    ...tasks.flatMap((task, index) => taskCauses(task, `${path}.tasks[${index}]`)),
    ...duplicates(ports.map(({ field, name }) => ({ field: `${field}.name`, value: name }))),
    ...duplicates(ports.map(({ field, port }) => ({ field: `${field}.port`, value: port === 0 ? undefined : String(port) }))),
    ...uniqueNames(volumes, `${path}.volumes`),
    ...duplicates(volumes.map((volume, index) => ({ field: `${path}.volumes[${index}].path`, value: volume.path }))),
    ...volumes.flatMap((volume, index) => [
      ...relativePathCauses(`${path}.volumes[${index}].path`, volume.path),
      ...sizeCauses(`${path}.volumes[${index}].size`, volume.size),
    ]),
  ];
}

function taskCauses(task: Task, path: string): FieldCause[] {
  const configs = task.configs ?? [];
  return [
    ...envCauses(task.env, `${path}.env`),
    ...duplicates((task.env ?? []).map((variable, index) => ({ field: `${path}.env[${index}].name`, value: variable.name }))),
    ...resourceCauses(task.resources, `${path}.resources`),
    ...duplicates(configs.map((config, index) => ({ field: `${path}.configs[${index}].path`, value: config.path }))),
    ...configs.flatMap((config, index) => relativePathCauses(`${path}.configs[${index}].path`, config.path)),
    ...probeCauses(task, path),
  ];
}

function planCauses(plan: PlanSpec, path: string, podTypes: readonly string[]): FieldCause[] {
  return [
    ...(RESERVED_PLANS.includes(plan.name)
      ? [invalidValue(`${path}.name`, plan.name, `Drover makes the plans ${RESERVED_PLANS.join(', ')} itself`)]
      : []),
    ...uniqueNames(plan.phases, `${path}.phases`),
    ...plan.phases.flatMap((phase, index) =>
      podTypes.includes(phase.pod) ? [] : [unknownName(`${path}.phases[${index}].pod`, phase.pod, podTypes)],
    ),
  ];
}

/** A task sees its files under its own directory and nowhere else. */
function relativePathCauses(field: string, path: string): FieldCause[] {
  if (!path.startsWith('/') && !path.split('/').includes('..')) return [];
  return [invalidValue(field, path, 'must be relative to the task\u2019s directory, without ..')];
}

function sizeCauses(field: string, size: string | undefined): FieldCause[] {
  return size === undefined || (parseBytes(size) ?? -1) >= 0 ? [] : [invalidValue(field, size, QUANTITY_TEXT)];
}
