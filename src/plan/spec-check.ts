import type { ManagedService, PodType, ServiceVolume as ServiceVolumeSchema } from '../model/drover/managed-service.ts';
import type { Static } from 'typebox';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import { reason, type Reason } from '../model/reason.ts';
import { hint } from './did-you-mean.ts';
import { instanceName, RESERVED_PLANS } from './names.ts';
import { render, sampleVariables } from './template.ts';

type ServiceVolume = Static<typeof ServiceVolumeSchema>;

/** Everything that speaks against a spec, in the order of its fields; empty when it may become the target. */
export function checkSpec(
  service: ManagedService,
  target: ServiceRevision | undefined,
  instances: readonly PodInstance[],
  ownerOf: (instanceName: string) => string | undefined,
): Reason[] {
  const { name = '', namespace = '' } = service.metadata;
  const found: Reason[] = [];
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    found.push(reason('NameInvalid', `The name "${name}" must be a DNS label of at most 40 characters, since pods are named after it.`));
  }
  found.push(...duplicates(service.spec.pods, 'spec.pods', 'pod type'));
  service.spec.pods.forEach((pod, i) => {
    const at = `spec.pods[${i}]`;
    found.push(...checkPodType(pod, at));
    found.push(
      ...checkVolumes(
        pod,
        target?.spec.template.pods.find((before) => before.name === pod.name),
        instances,
        at,
      ),
    );
    found.push(...checkNames(name, pod, ownerOf, at));
    const variables = sampleVariables(name, namespace, service.spec, pod);
    pod.tasks.forEach((task, j) => {
      for (const [path, text] of templates(task)) {
        const rendered = render(text, variables);
        if (!rendered.ok)
          found.push(reason('TemplateInvalid', `Task "${task.name}": ${rendered.error}.`, undefined, `${at}.tasks[${j}].${path}`));
      }
    });
  });
  found.push(...checkPlans(service));
  return found;
}

function* templates(task: PodType['tasks'][number]): Generator<[path: string, text: string]> {
  for (const [i, word] of task.command.entries()) yield [`command[${i}]`, word];
  for (const [i, word] of (task.args ?? []).entries()) yield [`args[${i}]`, word];
  for (const [i, env] of (task.env ?? []).entries()) if (env.value !== undefined) yield [`env[${i}].value`, env.value];
  for (const [i, config] of (task.configs ?? []).entries()) yield [`configs[${i}].template`, config.template];
}

function duplicates(items: readonly { readonly name: string }[], field: string, what: string): Reason[] {
  const seen = new Set<string>();
  const found: Reason[] = [];
  items.forEach((item, i) => {
    if (seen.has(item.name))
      found.push(reason('NameTwice', `There are two ${what}s named "${item.name}".`, undefined, `${field}[${i}].name`));
    seen.add(item.name);
  });
  return found;
}

function checkPodType(pod: PodType, at: string): Reason[] {
  const ports = pod.tasks.flatMap((task) => task.ports ?? []);
  const found = [
    ...duplicates(pod.tasks, `${at}.tasks`, 'task'),
    ...duplicates(ports, `${at}.tasks`, 'port'),
    ...duplicates(pod.volumes ?? [], `${at}.volumes`, 'volume'),
  ];
  const fixed = ports.filter((port) => (port.port ?? 0) > 0);
  const taken = new Map<number, string>();
  for (const port of fixed) {
    const span = port.perInstance ? Math.max(1, pod.count) : 1;
    for (let i = 0; i < span; i++) {
      const number = port.port! + i;
      const other = taken.get(number);
      if (other !== undefined && other !== port.name) {
        found.push(reason('PortTwice', `Ports "${other}" and "${port.name}" are both ${number}.`, { port: number }, `${at}.tasks`));
        break;
      }
      if (number > 65535) {
        found.push(
          reason(
            'PortTooHigh',
            `Port "${port.name}" of instance ${i} would be ${number}; the highest is 65535.`,
            { port: number },
            `${at}.tasks`,
          ),
        );
        break;
      }
      taken.set(number, port.name);
    }
  }
  return found;
}

function checkVolumes(pod: PodType, before: PodType | undefined, instances: readonly PodInstance[], at: string): Reason[] {
  const count = instances.filter((instance) => instance.spec.podType === pod.name && instance.spec.incarnation > 0).length;
  if (!before || count === 0) return [];
  const shape = (volumes: readonly ServiceVolume[] | undefined) =>
    (volumes ?? [])
      .map((volume) => `${volume.name} at ${volume.path}${volume.size ? `, ${volume.size}` : ''}`)
      .toSorted()
      .join('; ') || 'none';
  const [was, is] = [shape(before.volumes), shape(pod.volumes)];
  if (was === is) return [];
  return [
    reason(
      'VolumesFixed',
      `The volumes of pod type "${pod.name}" cannot change while it has instances (${count}): they are ${was}, wanted are ${is}.`,
      { podType: pod.name, instances: count },
      `${at}.volumes`,
    ),
  ];
}

function checkNames(service: string, pod: PodType, ownerOf: (instanceName: string) => string | undefined, at: string): Reason[] {
  for (let index = 0; index < pod.count; index++) {
    const name = instanceName(service, pod.name, index);
    const owner = ownerOf(name);
    if (owner !== undefined && owner !== service) {
      return [reason('NameTaken', `The pod name "${name}" belongs to service "${owner}" already.`, { name, owner }, `${at}.name`)];
    }
  }
  return [];
}

function checkPlans(service: ManagedService): Reason[] {
  const plans = service.spec.plans ?? [];
  const types = service.spec.pods.map((pod) => pod.name);
  const found = duplicates(plans, 'spec.plans', 'plan');
  plans.forEach((plan, i) => {
    const at = `spec.plans[${i}]`;
    if (RESERVED_PLANS.includes(plan.name))
      found.push(reason('NameReserved', `"${plan.name}" is a plan of every service.`, undefined, `${at}.name`));
    found.push(...duplicates(plan.phases, `${at}.phases`, 'phase'));
    plan.phases.forEach((phase, j) => {
      if (types.includes(phase.pod)) return;
      found.push(
        reason('PodTypeUnknown', `There is no pod type "${phase.pod}".${hint(phase.pod, types)}`, undefined, `${at}.phases[${j}].pod`),
      );
    });
    const missing = types.filter((type) => !plan.phases.some((phase) => phase.pod === type));
    const twice = plan.phases.find((phase, j) => plan.phases.findIndex((other) => other.pod === phase.pod) !== j);
    if (plan.name !== 'deploy') return;
    if (missing.length > 0) {
      found.push(
        reason(
          'PodTypeMissing',
          `Plan "deploy" has no phase for pod type ${missing.map((type) => `"${type}"`).join(', ')}.`,
          undefined,
          `${at}.phases`,
        ),
      );
    }
    if (twice) found.push(reason('PodTypeTwice', `Plan "deploy" has two phases for pod type "${twice.pod}".`, undefined, `${at}.phases`));
  });
  return found;
}
