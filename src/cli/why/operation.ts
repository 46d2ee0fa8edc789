import type { Operation } from '../../model/drover/operation.ts';
import { at, type Answer, type Finding } from './finding.ts';

/** What a recorded act was, who asked for it, and what became of it. */
export function explainOperation(operation: Operation): Answer {
  const { verb, target, actor, reason, force } = operation.spec;
  const name = operation.metadata.name ?? '';
  const on = [target.service, target.plan, target.phase, target.step, target.pod].filter((part) => part !== undefined).join(' ');
  const asked: Finding = {
    level: 'history',
    about: `operation ${name}`,
    code: 'Asked',
    text: `${actor ?? 'someone'} asked for it${force === true ? ' with --force' : ''}, ${reason === undefined ? 'without a reason' : `reason: "${reason}"`}`,
    ...at(operation.metadata.creationTimestamp),
  };
  const { status } = operation;
  if (!status) return { thing: name, kind: 'operation', well: false, summary: `${verb} of ${on} is not decided yet.`, findings: [asked] };
  const done = status.outcome === 'Applied' || status.outcome === 'AlreadySo';
  const decided: Finding = {
    level: done ? 'doing' : 'refused',
    about: `operation ${name}`,
    code: status.reason.code,
    text: `${status.reason.message}${status.run === undefined ? '' : ` (run ${status.run})`}`,
    ...at(status.decidedAt),
  };
  const words = {
    Applied: 'was applied',
    AlreadySo: 'changed nothing: it was so already',
    NotFound: 'found no target',
    Refused: 'was refused',
  } as const;
  return { thing: name, kind: 'operation', well: done, summary: `${verb} of ${on} ${words[status.outcome]}.`, findings: [decided, asked] };
}
