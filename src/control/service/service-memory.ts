import type { PlanRun } from '../../model/drover/plan-run.ts';
import type { Stored } from '../../model/resource.ts';
import type { GateAnswer } from '../../plan/service-snapshot.ts';
import { OwnWrites } from './own-writes.ts';

/** What the controller remembers of one service during one term, and can do without: a new leader begins with nothing. */
export interface ServiceMemory {
  readonly writes: OwnWrites;
  readonly gates: Map<string, GateAnswer>;
  /** Key of the question that the operator is working on. */
  asking: string | undefined;
  /** The uninstall run of a service whose namespace takes no new objects any more: all that it knows can be seen from the pods. */
  unstoredRun: Stored<PlanRun> | undefined;
}

/** What the controller remembers of all services: ports given out that the caches may not show yet (port -> when, epoch ms). */
export interface TermMemory {
  readonly services: Map<string, ServiceMemory>;
  readonly recentPorts: Map<number, number>;
}

/** Nothing remembered. */
export function newTermMemory(): TermMemory {
  return { services: new Map(), recentPorts: new Map() };
}

/** The memory of a service, made at the first call. */
export function memoryOf(term: TermMemory, key: string): ServiceMemory {
  let memory = term.services.get(key);
  if (!memory) {
    memory = { writes: new OwnWrites(), gates: new Map(), asking: undefined, unstoredRun: undefined };
    term.services.set(key, memory);
  }
  return memory;
}

const MAX_ANSWERS = 1000;

/** Keeps an answer; the oldest go when there are too many. */
export function remember(memory: ServiceMemory, key: string, answer: GateAnswer): void {
  memory.gates.delete(key);
  memory.gates.set(key, answer);
  for (const old of memory.gates.keys()) {
    if (memory.gates.size <= MAX_ANSWERS) break;
    memory.gates.delete(old);
  }
}

/** A pod is being stopped: what the operator said about stopping others was about another world. */
export function forgetMayStop(memory: ServiceMemory): void {
  for (const key of memory.gates.keys()) if (key.startsWith('mayStop/')) memory.gates.delete(key);
}
