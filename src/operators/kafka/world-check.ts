import { Type, type Static } from 'typebox';
import type { PodInstance } from '../../model/drover/pod-instance.ts';
import type { ManagedServiceSpec } from '../../model/drover/managed-service.ts';
import { reason, type Reason } from '../../model/reason.ts';
import type { ServiceView } from '../operator.ts';
import { clientListener, DATA_VOLUME, DEFAULT_STORAGE, POD_TYPE, TASK, versionOf } from './compile.ts';
import type { Kafka } from './kind.ts';
import { compareVersions } from './version.ts';

/** What observe found beyond the view: who has which fixed ports. */
export const Observed = Type.Object({
  /** Ports of other services on this machine, with the name of the instance or Kafka that has them. */
  portOwners: Type.Record(Type.String(), Type.String()),
});
export type Observed = Static<typeof Observed>;

/** Why the world does not allow this spec; empty when it does. Pure. */
export function worldRefusals(view: ServiceView<Kafka>, observed: Observed, knownVersions: readonly string[]): readonly Reason[] {
  return [
    ...versionRefusals(view, knownVersions),
    ...countRefusals(view),
    ...storageRefusals(view),
    ...listenerRefusals(view),
    ...portRefusals(view.resource, observed),
  ];
}

function versionRefusals(view: ServiceView<Kafka>, known: readonly string[]): Reason[] {
  const wanted = versionOf(view.resource);
  const field = 'spec.kafka.version';
  if (!known.includes(wanted)) {
    const message = `Kafka ${wanted} is not in the package kafka; it has ${known.join(', ')}.`;
    return [reason('UnknownVersion', message, { wanted, known: [...known] }, field)];
  }
  const before = imageVersion(view.accepted);
  const holders = dataHolders(view.instances);
  if (before === undefined || compareVersions(wanted, before) >= 0 || holders.length === 0) return [];
  const message = `Kafka ${wanted} is older than ${before}, which ${holders.length} brokers have written data with; a downgrade is not supported.`;
  return [reason('VersionDowngrade', message, { from: before, to: wanted, brokers: holders.length }, field)];
}

function countRefusals(view: ServiceView<Kafka>): Reason[] {
  const wanted = view.resource.spec.kafka.replicas;
  const excess = dataHolders(view.instances).filter((instance) => instance.spec.index >= wanted);
  if (excess.length === 0) return [];
  const named = excess.map((instance) => instance.metadata.name ?? '');
  const message = `${wanted} brokers are fewer than data allows: ${named.join(', ')} hold data and votes of the quorum, which Drover does not move yet.`;
  return [reason('DataOnBrokers', message, { wanted, withData: wanted + excess.length, brokers: named }, 'spec.kafka.replicas')];
}

function storageRefusals(view: ServiceView<Kafka>): Reason[] {
  const before = view.accepted?.pods.find((pod) => pod.name === POD_TYPE)?.volumes?.find((volume) => volume.name === DATA_VOLUME)?.size;
  const wanted = view.resource.spec.kafka.storage?.size ?? DEFAULT_STORAGE;
  if (before === undefined || before === wanted || dataHolders(view.instances).length === 0) return [];
  const message = `The storage of brokers with data cannot be changed: it is ${before}, ${wanted} is wanted.`;
  return [reason('StorageChange', message, { from: before, to: wanted }, 'spec.kafka.storage.size')];
}

/** Brokers find each other by one listener name: while a roll changes it, half of them would be cut off. */
function listenerRefusals(view: ServiceView<Kafka>): Reason[] {
  const ports = view.accepted?.pods.find((pod) => pod.name === POD_TYPE)?.tasks.find((task) => task.name === TASK)?.ports;
  const before = ports?.[0]?.name;
  const wanted = clientListener(view.resource).name;
  if (before === undefined || before === wanted || dataHolders(view.instances).length === 0) return [];
  const message = `The listener ${before} cannot be renamed to ${wanted} while brokers run: they talk to each other by it.`;
  return [reason('ListenerRename', message, { from: before, to: wanted }, 'spec.kafka.listeners[0].name')];
}

function portRefusals(kafka: Kafka, observed: Observed): Reason[] {
  const { port: first } = clientListener(kafka);
  if (first === 0) return [];
  const wanted = Array.from({ length: kafka.spec.kafka.replicas }, (_, index) => first + index);
  const taken = wanted.find((port) => observed.portOwners[port] !== undefined);
  if (taken === undefined) return [];
  const message = `Port ${taken} is in use by ${observed.portOwners[taken]}; the brokers want ${first} to ${wanted.at(-1)}.`;
  return [reason('PortTaken', message, { port: taken, by: observed.portOwners[taken] }, 'spec.kafka.listeners[0].port')];
}

/** Instances whose volume has been in use. */
function dataHolders<T extends PodInstance>(instances: readonly T[]): T[] {
  return instances.filter((instance) => instance.spec.volumes.some((volume) => volume.initialized));
}

function imageVersion(spec: ManagedServiceSpec | undefined): string | undefined {
  return spec?.pods
    .find((pod) => pod.name === POD_TYPE)
    ?.tasks.find((task) => task.name === TASK)
    ?.image?.split(':')[1];
}
