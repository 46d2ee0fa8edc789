import type { Strategy } from '../model/drover/managed-service.ts';
import type { StepState } from '../model/drover/plan-run.ts';

/** DC/OS's status words (dcos.md 3.1): what people, the CLI's tree and the DC/OS dialect see. A projection, never stored. */
export type StatusWord = 'PENDING' | 'PREPARED' | 'STARTING' | 'STARTED' | 'COMPLETE' | 'WAITING' | 'DELAYED' | 'ERROR' | 'IN_PROGRESS';

/** The word of one step. `paused`: its phase or its plan is. */
export function stepStatus(state: StepState, paused: boolean): StatusWord {
  switch (state.state) {
    case 'pending':
      return paused ? 'WAITING' : 'PENDING';
    case 'held':
      return 'WAITING';
    case 'backoff':
      return 'DELAYED';
    case 'done':
      return 'COMPLETE';
    case 'failed':
      return 'ERROR';
    case 'running':
      return state.stage === 'starting' ? 'STARTING' : state.stage === 'verifying' ? 'STARTED' : 'PREPARED';
  }
}

const ACTIVE: ReadonlySet<StatusWord> = new Set(['PREPARED', 'STARTING', 'STARTED', 'IN_PROGRESS']);

/** What the strategy would work on now, by status alone: serial goes on with what is under way, else takes the first that is not complete. */
function candidateStatuses(children: readonly StatusWord[], strategy: Strategy): readonly StatusWord[] {
  const open = children.filter((child) => child !== 'COMPLETE');
  if (strategy === 'parallel') return open;
  const active = open.find((child) => ACTIVE.has(child));
  return active !== undefined ? [active] : open.slice(0, 1);
}

/**
 * The status of a phase or plan from that of its children: the one ordered function (dcos.md 3.2), first match wins. Two things differ from DC/OS:
 * some child in back-off and none active is DELAYED (there ERROR for a while), and what matches no row is IN_PROGRESS (there ERROR): ERROR means
 * that a child or the parent itself has an error, nothing else.
 */
export function rollUp(
  children: readonly StatusWord[],
  parent: { readonly strategy: Strategy; readonly paused: boolean; readonly errors?: boolean },
): StatusWord {
  const some = (...words: StatusWord[]) => children.some((child) => words.includes(child));
  const next = candidateStatuses(children, parent.strategy);
  const nextIs = (...words: StatusWord[]) => next.some((child) => words.includes(child));
  if (parent.errors === true || some('ERROR')) return 'ERROR';
  if (children.every((child) => child === 'COMPLETE')) return 'COMPLETE';
  if (parent.paused) return 'WAITING';
  if (some('DELAYED') && !children.some((child) => ACTIVE.has(child))) return 'DELAYED';
  if (some('PREPARED')) return 'IN_PROGRESS';
  if (nextIs('WAITING')) return 'WAITING';
  if (nextIs('IN_PROGRESS')) return 'IN_PROGRESS';
  if (some('COMPLETE') && nextIs('PENDING', 'STARTING', 'STARTED')) return 'IN_PROGRESS';
  if (nextIs('PENDING')) return 'PENDING';
  if (some('WAITING')) return 'WAITING';
  if (nextIs('STARTING')) return 'STARTING';
  if (nextIs('STARTED')) return 'STARTED';
  return 'IN_PROGRESS';
}
