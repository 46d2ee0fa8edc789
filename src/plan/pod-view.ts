import type { ContainerStatus, Pod } from '../model/core/pod.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import { podLabel } from './names.ts';

/** The pods of a service as DC/OS's API shows them (dcos.md 2.3). */
export interface PodsView {
  readonly service: string;
  readonly pods: readonly { readonly name: string; readonly instances: readonly PodInstanceView[] }[];
}

/** `name`: podType-index; `instance`: name of the PodInstance and its Pods. */
export interface PodInstanceView {
  readonly name: string;
  readonly tasks: readonly TaskView[];
  readonly instance: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly node?: string;
}

/** `status` is Mesos' word (RUNNING, STAGING, KILLING, FAILED, …); absent when the task was never launched. */
export interface TaskView {
  readonly id: string;
  readonly name: string;
  readonly status?: string;
}

/** The pods of a service, by pod type in the order of the spec, then by index. `pods`: at least the v1 Pods of these instances. */
export function podsView(service: ManagedService, instances: readonly PodInstance[], pods: readonly Pod[]): PodsView {
  const order = service.spec.pods.map((pod) => pod.name);
  const others = instances.map((instance) => instance.spec.podType).filter((podType) => !order.includes(podType));
  const types = [...order, ...new Set(others)];
  return {
    service: service.metadata.name ?? '',
    pods: types
      .map((name) => ({
        name,
        instances: instances
          .filter((instance) => instance.spec.podType === name)
          .toSorted((a, b) => a.spec.index - b.spec.index)
          .map((instance) => podInstanceView(service, instance, pods)),
      }))
      .filter((type) => type.instances.length > 0),
  };
}

/** One instance with its tasks. */
export function podInstanceView(service: ManagedService, instance: PodInstance, pods: readonly Pod[]): PodInstanceView {
  const { podType, index, node } = instance.spec;
  const pod = pods.find((p) => p.metadata.name === instance.metadata.name && p.metadata.namespace === instance.metadata.namespace);
  const specTasks = service.spec.pods.find((type) => type.name === podType)?.tasks ?? [];
  const names = pod ? pod.spec.containers.map((container) => container.name) : specTasks.map((task) => task.name);
  const name = podLabel(podType, index);
  const host = pod?.spec.nodeName ?? node;
  return {
    name,
    tasks: names.map((task) => {
      const status = taskStatus(instance, pod, task);
      return {
        id: `${name}-${task}__${pod?.metadata.uid ?? instance.status?.podUID ?? ''}`,
        name: `${name}-${task}`,
        ...(status && { status }),
      };
    }),
    instance: instance.metadata.name ?? '',
    ready: instance.status?.ready ?? false,
    restarts: instance.status?.restarts ?? 0,
    ...(host !== undefined && { node: host }),
  };
}

function taskStatus(instance: PodInstance, pod: Pod | undefined, task: string): string | undefined {
  if (!pod) return instance.spec.incarnation > 0 ? 'KILLED' : undefined;
  if (pod.metadata.deletionTimestamp) return 'KILLING';
  const container = pod.status?.containerStatuses?.find((status) => status.name === task);
  return container ? containerWord(container) : 'STAGING';
}

function containerWord(container: ContainerStatus): string {
  const { state, lastState, started } = container;
  if (state?.running) return started === false ? 'STARTING' : 'RUNNING';
  const ended = state?.terminated ?? (state?.waiting?.reason === 'CrashLoopBackOff' ? lastState?.terminated : undefined);
  if (ended) return ended.exitCode === 0 ? 'FINISHED' : ended.reason === 'Lost' ? 'LOST' : 'FAILED';
  if (state?.waiting?.reason === 'CrashLoopBackOff') return 'FAILED';
  return 'STAGING';
}
