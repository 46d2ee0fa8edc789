import type { Reason } from '../model/reason.ts';
import type { Amounts, Demand, Toleration } from './demand.ts';
import type { Machine, MachineFacts } from './herd.ts';
import { reason } from '../model/reason.ts';

/** Where a pod goes, or for every machine each rule that forbids it. */
export type Placement =
  | { readonly placed: true; readonly machine: string }
  | { readonly placed: false; readonly refusals: readonly { readonly machine: string; readonly reasons: readonly Reason[] }[] };

/** What a pod without requests is taken to need when machines are ranked (Kubernetes' non-zero defaults), so that such pods spread too. */
const RANKED_CPU_MILLIS = 100;
const RANKED_MEMORY_BYTES = 200 * 2 ** 20;
const MIB = 2 ** 20;

/**
 * Chooses the machine for a demand: of those that no rule forbids, the one with the largest free share of cpu and memory afterwards; of equals
 * the one with fewer pods, then the first by name. Pure; the same herd gives the same answer in whatever order it is listed.
 */
export function place(demand: Demand, machines: Iterable<Machine>): Placement {
  let best: { machine: Machine; score: number } | undefined;
  const refusals: { machine: string; reasons: Reason[] }[] = [];
  for (const machine of machines) {
    const reasons = refuse(demand, machine);
    if (reasons.length > 0) {
      refusals.push({ machine: machine.name, reasons });
      continue;
    }
    const score = freeShare(demand.amounts, machine);
    if (!best || isBetter(machine, score, best.machine, best.score)) best = { machine, score };
  }
  if (best) return { placed: true, machine: best.machine.name };
  return { placed: false, refusals: refusals.sort((a, b) => (a.machine < b.machine ? -1 : 1)) };
}

/** Every rule that forbids `machine`, with its numbers; empty when it may be taken. */
export function refuse(demand: Demand, machine: Machine): Reason[] {
  const { facts } = machine;
  const reasons: Reason[] = [];
  if (!facts.ready) reasons.push(reason('NodeNotReady', 'node(s) were not ready'));
  if (facts.unschedulable) reasons.push(reason('NodeUnschedulable', 'node(s) were unschedulable'));
  const missing = Object.entries(demand.nodeSelector).filter(([label, value]) => facts.labels[label] !== value);
  if (missing.length > 0)
    reasons.push(
      reason('NodeSelectorMismatch', "node(s) didn't match Pod's node affinity/selector", { missing: Object.fromEntries(missing) }),
    );
  const taint = facts.taints.find((candidate) => candidate.effect !== 'PreferNoSchedule' && !isTolerated(candidate, demand.tolerations));
  if (taint)
    reasons.push(reason('TaintNotTolerated', `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`, { taint: taint.key }));
  reasons.push(...refuseAmounts(demand.amounts, machine));
  const taken = demand.ports.filter((port) => machine.ports.has(port));
  if (taken.length > 0) reasons.push(reason('PortInUse', "node(s) didn't have free ports for the requested pod ports", { ports: taken }));
  return reasons;
}

function refuseAmounts(needs: Amounts, { facts, used, podCount }: Machine): Reason[] {
  const reasons: Reason[] = [];
  const check = (code: string, what: string, unit: string, scale: number, amount: number, allocatable: number, taken: number) => {
    if (amount <= 0 || amount + taken <= allocatable) return;
    const params = { needs: Math.ceil(amount / scale), free: Math.max(0, Math.floor((allocatable - taken) / scale)), unit };
    reasons.push(reason(code, `Insufficient ${what}`, params));
  };
  const { allocatable } = facts;
  check('InsufficientCpu', 'cpu', 'm', 1, needs.cpuMillis, allocatable.cpuMillis, used.cpuMillis);
  check('InsufficientMemory', 'memory', ' MiB', MIB, needs.memoryBytes, allocatable.memoryBytes, used.memoryBytes);
  check('InsufficientStorage', 'ephemeral-storage', ' MiB', MIB, needs.storageBytes, allocatable.storageBytes, used.storageBytes);
  if (podCount + 1 > facts.maxPods) reasons.push(reason('TooManyPods', 'Too many pods', { pods: podCount, maxPods: facts.maxPods }));
  return reasons;
}

function isTolerated(taint: MachineFacts['taints'][number], tolerations: readonly Toleration[]): boolean {
  return tolerations.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (operator === 'Exists' ? key === undefined || key === '' || key === taint.key : key === taint.key && value === (taint.value ?? '')),
  );
}

function freeShare(needs: Amounts, { facts, used, podCount }: Machine): number {
  const share = (amount: number, taken: number, allocatable: number) =>
    allocatable <= 0 ? 0 : (allocatable - taken - amount) / allocatable;
  // Pods without requests are not in `used`: the count of all pods stands for them, so that they do not pile up on one machine.
  const cpu = share(
    needs.cpuMillis || RANKED_CPU_MILLIS,
    Math.max(used.cpuMillis, podCount * RANKED_CPU_MILLIS),
    facts.allocatable.cpuMillis,
  );
  const memory = share(
    needs.memoryBytes || RANKED_MEMORY_BYTES,
    Math.max(used.memoryBytes, podCount * RANKED_MEMORY_BYTES),
    facts.allocatable.memoryBytes,
  );
  return cpu + memory;
}

function isBetter(a: Machine, aScore: number, b: Machine, bScore: number): boolean {
  if (aScore !== bScore) return aScore > bScore;
  if (a.podCount !== b.podCount) return a.podCount < b.podCount;
  return a.name < b.name;
}
