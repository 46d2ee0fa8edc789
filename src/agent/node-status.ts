import { toTime } from '../base/clock.ts';
import type { Node } from '../model/core/node.ts';
import { withCondition, type Condition } from '../model/resource.ts';
import type { NodeFacts } from './node-facts.ts';

type NodeStatus = NonNullable<Node['status']>;

/** Pods that a machine takes. */
const MAX_PODS = 1100;
const MIB = 2 ** 20;
/** Memory kept back for the machine itself. */
const RESERVED_MEMORY_BYTES = 256 * MIB;
/** Less than this, and the machine is under pressure (Kubernetes' eviction threshold for memory). */
const LOW_MEMORY_BYTES = 100 * MIB;
const LOW_DISK_BYTES = 1024 * MIB;

/** What the agent says of itself. */
export interface NodeIdentity {
  readonly nodeName: string;
  readonly address: string;
  readonly version: string;
  readonly driver: string;
}

/** Labels that the agent keeps on its Node. */
export function nodeLabels({ nodeName }: NodeIdentity, facts: NodeFacts): Record<string, string> {
  return {
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': facts.operatingSystem,
    'kubernetes.io/arch': facts.architecture,
  };
}

/** v1 NodeStatus at `nowMs`; times of conditions change with their status only, and readings only show as conditions, so an idle machine's is always the same. */
export function nodeStatus(identity: NodeIdentity, facts: NodeFacts, before: NodeStatus | undefined, nowMs: number): NodeStatus {
  const capacity = {
    cpu: String(facts.cpus),
    memory: kib(facts.memoryBytes),
    'ephemeral-storage': kib(facts.diskBytes),
    pods: String(MAX_PODS),
  };
  const allocatable = { ...capacity, memory: kib(Math.max(0, facts.memoryBytes - RESERVED_MEMORY_BYTES)) };
  const now = toTime(nowMs);
  const conditions = conditionsOf(facts).reduce<Condition[] | undefined>((all, next) => withCondition(all, next, now), before?.conditions);
  return {
    ...before,
    capacity,
    allocatable,
    ...(conditions && { conditions }),
    addresses: [
      { type: 'InternalIP', address: identity.address },
      { type: 'Hostname', address: facts.hostname },
    ],
    nodeInfo: {
      machineID: facts.machineId,
      systemUUID: facts.machineId,
      bootID: facts.bootId,
      kernelVersion: facts.kernelVersion,
      osImage: facts.osImage,
      containerRuntimeVersion: `${identity.driver}://${identity.version}`,
      kubeletVersion: `drover-${identity.version}`,
      kubeProxyVersion: '',
      operatingSystem: facts.operatingSystem,
      architecture: facts.architecture,
    },
  };
}

function conditionsOf(facts: NodeFacts): Condition[] {
  const lowMemory = facts.memoryAvailableBytes < LOW_MEMORY_BYTES;
  const lowDisk = facts.diskBytes > 0 && facts.diskAvailableBytes < LOW_DISK_BYTES;
  return [
    lowMemory
      ? { type: 'MemoryPressure', status: 'True', reason: 'LowMemory', message: 'less than 100 MiB of memory are available' }
      : { type: 'MemoryPressure', status: 'False', reason: 'SufficientMemory', message: 'enough memory is available' },
    lowDisk
      ? { type: 'DiskPressure', status: 'True', reason: 'LowDisk', message: "less than 1 GiB is free where the agent's directory is" }
      : { type: 'DiskPressure', status: 'False', reason: 'SufficientDisk', message: 'enough disk space is free' },
    { type: 'Ready', status: 'True', reason: 'AgentReady', message: 'the agent is running' },
  ];
}

function kib(bytes: number): string {
  return `${Math.floor(bytes / 1024)}Ki`;
}
