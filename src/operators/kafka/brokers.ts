import type { PodInstance } from '../../model/drover/pod-instance.ts';
import type { Pod } from '../../model/core/pod.ts';
import type { Stored } from '../../model/resource.ts';
import type { ServiceView } from '../operator.ts';
import type { BrokerAddress } from './admin/kafka-admin.ts';
import { clientListener, POD_TYPE } from './compile.ts';
import type { Kafka } from './kind.ts';
import { CONTROLLER_PORT } from './server-properties.ts';

/** One broker as Drover sees it, whatever Kafka says. */
export interface BrokerView {
  readonly id: number;
  readonly instance: Stored<PodInstance>;
  /** Undefined until its port is allotted. */
  readonly address: BrokerAddress | undefined;
  /** `ready`: its pod is Ready and stays; `starting`: it runs or is about to; `down`: no pod, or one that ends. */
  readonly state: 'ready' | 'starting' | 'down';
}

/** The brokers of a Kafka, by id. */
export function brokersOf(view: ServiceView<Kafka>): readonly BrokerView[] {
  const listener = clientListener(view.resource).name;
  return view.instances
    .filter((instance) => instance.spec.podType === POD_TYPE)
    .map((instance) => ({
      id: instance.spec.index,
      instance,
      address: addressOf(view, instance, listener),
      state: podState(view.pods.get(instance.metadata.name)),
    }));
}

function addressOf(view: ServiceView<Kafka>, instance: Stored<PodInstance>, listener: string): BrokerAddress | undefined {
  const { ports } = instance.spec;
  // A spec that was refused may name another listener than the brokers run with.
  const port = ports[listener] ?? Object.entries(ports).find(([name]) => name !== CONTROLLER_PORT)?.[1];
  return port === undefined ? undefined : { host: view.addressOf(instance), port };
}

function podState(pod: Stored<Pod> | undefined): BrokerView['state'] {
  if (!pod || pod.metadata.deletionTimestamp) return 'down';
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.status === 'True';
  return ready ? 'ready' : 'starting';
}

/** Where to ask, by broker id: those that are ready first. */
export function askable(brokers: readonly BrokerView[]): ReadonlyMap<number, BrokerAddress> {
  const order = { ready: 0, starting: 1, down: 2 };
  const sorted = brokers.toSorted((a, b) => order[a.state] - order[b.state] || a.id - b.id);
  return new Map(sorted.flatMap(({ id, address }) => (address ? [[id, address] as const] : [])));
}

/** Ids of the others that do not serve now, or will not in a moment. */
export function othersDown(brokers: readonly BrokerView[], except: number): Set<number> {
  return new Set(brokers.filter((broker) => broker.id !== except && broker.state !== 'ready').map((broker) => broker.id));
}
