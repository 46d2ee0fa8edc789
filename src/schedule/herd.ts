import type { Node } from '../model/core/node.ts';
import type { Pod } from '../model/core/pod.ts';
import type { Amounts, Demand } from './demand.ts';
import { add, amountsOf, demandOf, NOTHING, subtract } from './demand.ts';
import { parseQuantity } from '../model/quantity.ts';

/** A machine as placing sees it. */
export interface Machine {
  readonly name: string;
  readonly facts: MachineFacts;
  /** Demands of the pods bound to it. */
  readonly used: Amounts;
  readonly podCount: number;
  /** Port -> pods that hold it. */
  readonly ports: ReadonlyMap<string, number>;
}

export interface MachineFacts {
  readonly ready: boolean;
  readonly unschedulable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** An amount the machine does not tell of is without limit. */
  readonly allocatable: Amounts;
  readonly maxPods: number;
}

interface Slot {
  facts: MachineFacts | undefined;
  factsText: string;
  used: Amounts;
  podCount: number;
  ports: Map<string, number>;
}

/**
 * What every machine has and what its pods hold, kept up pod by pod and node by node, so that no event costs a scan. `set…` and `remove…` may be
 * repeated and come in any order; each returns true when it may have made room.
 */
export class Herd {
  readonly #slots = new Map<string, Slot>();
  readonly #pods = new Map<string, { uid: string | undefined; node: string; demand: Demand }>();

  /** The known machines, in no promised order. */
  *machines(): Generator<Machine> {
    for (const [name, slot] of this.#slots) if (slot.facts) yield { ...slot, name, facts: slot.facts };
  }

  setNode(node: Node): boolean {
    const slot = this.#slot(node.metadata.name ?? '');
    const facts = factsOf(node);
    const text = JSON.stringify(facts);
    if (slot.factsText === text) return false;
    slot.facts = facts;
    slot.factsText = text;
    return true;
  }

  removeNode(name: string): boolean {
    const slot = this.#slots.get(name);
    if (!slot) return false;
    slot.facts = undefined;
    slot.factsText = '';
    if (slot.podCount === 0) this.#slots.delete(name);
    return false;
  }

  /** Counts a pod where it is bound, or as if it were bound to `node`. A pod that has ended, or is bound nowhere, holds nothing. */
  setPod(key: string, pod: Pod, node: string | undefined = pod.spec.nodeName): boolean {
    const { phase } = pod.status ?? {};
    if (node === undefined || node === '' || phase === 'Succeeded' || phase === 'Failed') return this.removePod(key);
    const { uid } = pod.metadata;
    const held = this.#pods.get(key);
    if (held?.node === node && held.uid === uid) return false;
    const freed = this.removePod(key);
    const demand = demandOf(pod);
    this.#pods.set(key, { uid, node, demand });
    this.#count(node, demand, 1);
    return freed;
  }

  removePod(key: string): boolean {
    const held = this.#pods.get(key);
    if (!held) return false;
    this.#pods.delete(key);
    this.#count(held.node, held.demand, -1);
    return true;
  }

  #count(node: string, demand: Demand, sign: 1 | -1): void {
    const slot = this.#slot(node);
    slot.used = (sign === 1 ? add : subtract)(slot.used, demand.amounts);
    slot.podCount += sign;
    for (const port of demand.ports) {
      const holders = (slot.ports.get(port) ?? 0) + sign;
      if (holders === 0) slot.ports.delete(port);
      else slot.ports.set(port, holders);
    }
    if (!slot.facts && slot.podCount === 0) this.#slots.delete(node);
  }

  #slot(name: string): Slot {
    let slot = this.#slots.get(name);
    if (!slot) {
      slot = { facts: undefined, factsText: '', used: NOTHING, podCount: 0, ports: new Map() };
      this.#slots.set(name, slot);
    }
    return slot;
  }
}

function factsOf(node: Node): MachineFacts {
  const { allocatable = {} } = node.status ?? {};
  const told = amountsOf(allocatable, Math.floor);
  const limit = (name: string, amount: number) => (allocatable[name] === undefined ? Number.MAX_SAFE_INTEGER : amount);
  return {
    ready: node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false,
    unschedulable: node.spec?.unschedulable ?? false,
    labels: node.metadata.labels ?? {},
    taints: node.spec?.taints ?? [],
    allocatable: {
      cpuMillis: limit('cpu', told.cpuMillis),
      memoryBytes: limit('memory', told.memoryBytes),
      storageBytes: limit('ephemeral-storage', told.storageBytes),
    },
    maxPods: allocatable['pods'] === undefined ? Number.MAX_SAFE_INTEGER : (parseQuantity(allocatable['pods']) ?? 0),
  };
}
