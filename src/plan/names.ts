/** `kafka-1`: how people call a pod of a service (pod type and index). */
export function podLabel(podType: string, index: number): string {
  return `${podType}-${index}`;
}

/** Name of a PodInstance and of its Pods: `<service>-<podType>-<index>`, shortened where service and pod type have one name. */
export function instanceName(service: string, podType: string, index: number): string {
  return service === podType ? `${service}-${index}` : `${service}-${podType}-${index}`;
}

/** `kafka-0:[broker]`. */
export function stepName(podType: string, index: number, tasks: readonly string[]): string {
  return `${podLabel(podType, index)}:[${tasks.join(', ')}]`;
}

/** Name of the n-th run of a plan. Dots cannot stand in service and plan names, so two services never make one name. */
export function runName(service: string, plan: string, number: number): string {
  return `${service}.${plan}.${number}`;
}

/** Name of the n-th accepted configuration of a service. */
export function revisionName(service: string, number: number): string {
  return `${service}-${number}`;
}

/** Name of the ConfigMap with the rendered files of an instance's current incarnation. */
export function filesName(instance: string): string {
  return `${instance}-files`;
}

/** Plans that every service has or may get; a custom plan cannot take their names. */
export const RESERVED_PLANS: readonly string[] = ['recovery', 'decommission', 'uninstall'];
