import type { ConfigMap } from '../model/core/config-map.ts';
import type { Container, EnvVar, Pod } from '../model/core/pod.ts';
import type { PodType, Task } from '../model/drover/managed-service.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import {
  ANNOTATION_DISCARD_VOLUMES,
  LABEL_INCARNATION,
  LABEL_INDEX,
  LABEL_POD_HASH,
  LABEL_POD_TYPE,
  LABEL_REVISION,
  LABEL_SERVICE,
} from '../model/labels.ts';
import type { OwnerReference } from '../model/resource.ts';
import { filesName } from './names.ts';
import { render, templateVariables, type TemplateVariables } from './template.ts';

/** What an incarnation is made of, or why it cannot be. `files`: its rendered config files; absent when it has none. */
export type BuiltPod =
  | { readonly ok: true; readonly pod: Pod; readonly files: ConfigMap | undefined }
  | { readonly ok: false; readonly error: string };

/**
 * The v1 Pod (and ConfigMap) of an instance's current incarnation, by its spec: revision, ports and volumes. A task's working directory is the root of
 * its mounts (design.md, process driver): mountPath `/data` is `data` there. `spec.nodeName` is set only when the volumes pin the instance.
 */
export function buildPod(
  instance: PodInstance,
  revision: ServiceRevision,
  instances: readonly PodInstance[],
  addressOf: (instance: PodInstance) => string,
): BuiltPod {
  const { spec, metadata } = instance;
  const type = revision.spec.template.pods.find((pod) => pod.name === spec.podType);
  if (!type) return { ok: false, error: `revision ${revision.metadata.name} has no pod type "${spec.podType}"` };
  const variables = templateVariables(instance, instances, revision.spec.template, revision.spec.number, addressOf);
  const data: Record<string, string> = {};
  const errors: string[] = [];
  const text = (template: string, where: string): string => {
    const rendered = render(template, variables);
    if (rendered.ok) return rendered.text;
    errors.push(`${where}: ${rendered.error}`);
    return '';
  };
  const containers = type.tasks.map((task) => container(task, type, variables, data, text));
  if (errors.length > 0) return { ok: false, error: errors.join('; ') };
  const files = Object.keys(data).length > 0;
  const common = {
    namespace: metadata.namespace ?? '',
    labels: labels(instance, revision),
    ownerReferences: [ownerOf(instance)],
  };
  const name = metadata.name ?? '';
  const discard = metadata.annotations?.[ANNOTATION_DISCARD_VOLUMES];
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...common, ...(discard && { annotations: { [ANNOTATION_DISCARD_VOLUMES]: discard } }) },
    spec: {
      containers,
      volumes: [
        ...(type.volumes ?? []).map((volume) => ({
          name: volumeName(volume.name),
          persistentVolumeClaim: { claimName: spec.volumes.find((v) => v.name === volume.name)?.id ?? volume.name },
        })),
        ...(files ? [{ name: FILES_VOLUME, configMap: { name: filesName(name) } }] : []),
      ],
      ...(spec.node !== undefined && { nodeName: spec.node }),
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: type.terminationGracePeriodSeconds ?? 30,
      hostNetwork: true,
    },
  };
  const map: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: filesName(name), ...common }, data };
  return { ok: true, pod, files: files ? map : undefined };
}

const FILES_VOLUME = 'drover-files';

function volumeName(name: string): string {
  return `volume-${name}`;
}

function container(
  task: Task,
  type: PodType,
  variables: TemplateVariables,
  data: Record<string, string>,
  text: (template: string, where: string) => string,
): Container {
  const configMounts = (task.configs ?? []).map((config, i) => {
    const key = `${task.name}.${i}.${config.path.replaceAll(/[^-._a-zA-Z0-9]/g, '_').slice(-200)}`;
    data[key] = text(config.template, `task ${task.name}, config ${config.path}`);
    return { name: FILES_VOLUME, mountPath: absolute(config.path), subPath: key };
  });
  const volumeMounts = (type.volumes ?? []).map((volume) => ({ name: volumeName(volume.name), mountPath: absolute(volume.path) }));
  const ports = (task.ports ?? []).map((port) => ({
    name: port.name,
    containerPort: variables.ports[port.name] ?? 0,
    protocol: 'TCP' as const,
  }));
  const own = (task.env ?? []).map((env): EnvVar =>
    env.value === undefined ? env : { ...env, value: text(env.value, `task ${task.name}, env ${env.name}`) },
  );
  return {
    name: task.name,
    ...(task.image !== undefined && { image: task.image }),
    command: task.command.map((word) => text(word, `task ${task.name}, command`)),
    ...(task.args && { args: task.args.map((word) => text(word, `task ${task.name}, args`)) }),
    env: [...builtInEnv(task, variables).filter((env) => !own.some((other) => other.name === env.name)), ...own],
    ...(ports.length > 0 && { ports }),
    ...(task.resources && { resources: task.resources }),
    ...(volumeMounts.length + configMounts.length > 0 && { volumeMounts: [...volumeMounts, ...configMounts] }),
    ...(task.startupProbe && { startupProbe: task.startupProbe }),
    ...(task.readinessProbe && { readinessProbe: task.readinessProbe }),
    ...(task.livenessProbe && { livenessProbe: task.livenessProbe }),
  };
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** Environment that every task gets; the task's own entries of the same name win. All ports of the pod, as PORT_<NAME>. */
function builtInEnv(task: Task, variables: TemplateVariables): EnvVar[] {
  return [
    { name: 'POD_INSTANCE_INDEX', value: String(variables.index) },
    { name: 'POD_NAME', value: variables.name },
    { name: 'POD_NAMESPACE', value: variables.namespace },
    { name: 'SERVICE_NAME', value: variables.service },
    { name: 'TASK_NAME', value: task.name },
    ...Object.entries(variables.ports).map(([name, port]) => ({ name: portVariable(name), value: String(port) })),
  ];
}

function portVariable(name: string): string {
  return `PORT_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

function labels(instance: PodInstance, revision: ServiceRevision): Record<string, string> {
  return {
    [LABEL_SERVICE]: instance.spec.service,
    [LABEL_POD_TYPE]: instance.spec.podType,
    [LABEL_INDEX]: String(instance.spec.index),
    [LABEL_INCARNATION]: String(instance.spec.incarnation),
    [LABEL_REVISION]: revision.metadata.name ?? '',
    [LABEL_POD_HASH]: instance.spec.podHash,
  };
}

function ownerOf(instance: PodInstance): OwnerReference {
  const { name = '', uid = '' } = instance.metadata;
  return { apiVersion: instance.apiVersion, kind: instance.kind, name, uid, controller: true, blockOwnerDeletion: true };
}
