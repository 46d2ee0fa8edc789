import type { Pod } from '../model/core/pod.ts';
import { parseQuantity } from '../model/quantity.ts';

/** What is counted on a machine, in whole units: cpu in thousandths of a core, memory and storage in bytes. */
export interface Amounts {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
}

/** What a pod wants of the machine it runs on. */
export interface Demand {
  readonly amounts: Amounts;
  /** `TCP/9092`: ports of the machine. The machine has one network, so a container port is one too. */
  readonly ports: readonly string[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}

/** v1 Toleration, the part that placing looks at. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export const NOTHING: Amounts = { cpuMillis: 0, memoryBytes: 0, storageBytes: 0 };

/** The demand of a pod: requests summed over its containers (limits where there are no requests), rounded up. Unreadable quantities count as 0. */
export function demandOf(pod: Pod): Demand {
  let amounts = NOTHING;
  const ports = new Set<string>();
  for (const container of pod.spec.containers) {
    const wanted = { ...container.resources?.limits, ...container.resources?.requests };
    amounts = add(amounts, amountsOf(wanted, Math.ceil));
    for (const port of container.ports ?? []) ports.add(`${port.protocol ?? 'TCP'}/${port.hostPort || port.containerPort}`);
  }
  return { amounts, ports: [...ports], nodeSelector: pod.spec.nodeSelector ?? {}, tolerations: pod.spec.tolerations ?? [] };
}

/** Named quantities (`cpu`, `memory`, `ephemeral-storage`) as whole amounts. Pure. */
export function amountsOf(quantities: Readonly<Record<string, string | number>>, round: (value: number) => number): Amounts {
  const read = (name: string, factor: number) => {
    const value = parseQuantity(quantities[name] ?? 0) ?? Number.NaN;
    // Thousandths of binary fractions: 0.1 must not become 101 by a rounding error.
    return Number.isFinite(value) ? round(Math.round(value * factor * 1e6) / 1e6) : 0;
  };
  return { cpuMillis: read('cpu', 1000), memoryBytes: read('memory', 1), storageBytes: read('ephemeral-storage', 1) };
}

/** The sum of two amounts. */
export function add(a: Amounts, b: Amounts): Amounts {
  return {
    cpuMillis: a.cpuMillis + b.cpuMillis,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    storageBytes: a.storageBytes + b.storageBytes,
  };
}

/** The difference of two amounts. */
export function subtract(a: Amounts, b: Amounts): Amounts {
  return {
    cpuMillis: a.cpuMillis - b.cpuMillis,
    memoryBytes: a.memoryBytes - b.memoryBytes,
    storageBytes: a.storageBytes - b.storageBytes,
  };
}
