import type { PlanRun, PlanStep, StepRecord } from '../../model/drover/plan-run.ts';
import { at, type Finding } from './finding.ts';

/** Waits that only say that others come first: many steps, one line. */
const ITS_TURN: ReadonlySet<string> = new Set(['WaitsItsTurn', 'PhaseWaitsItsTurn']);

/** Waits that a pause explains better than each step. */
const PAUSED: ReadonlySet<string> = new Set(['PlanPaused', 'PhasePaused']);

/** Why the unfinished steps of a run wait, or what they do now. Steps that wait for their turn are told together. */
export function explainSteps(run: PlanRun): Finding[] {
  const findings: Finding[] = [];
  const later: PlanStep[] = [];
  for (const phase of run.spec.phases) {
    for (const step of phase.steps) {
      const record = run.status?.steps[step.id];
      const code = record?.waiting?.reason.code;
      if (code !== undefined && PAUSED.has(code)) continue;
      const turn = record === undefined || (record.state.state === 'pending' && (code === undefined || ITS_TURN.has(code)));
      if (turn) later.push(step);
      else findings.push(...explainStep(`${run.spec.plan} ${step.name}`, record));
    }
  }
  if (later.length > 0 && run.status?.paused !== true) {
    const names = later.slice(0, 3).map((step) => step.name);
    const more = later.length > names.length ? ` and ${later.length - names.length} more` : '';
    const verb = later.length === 1 ? 'waits for its turn' : 'wait for their turn';
    findings.push({ level: 'doing', about: `plan ${run.spec.plan}`, code: 'WaitsItsTurn', text: `${names.join(', ')}${more} ${verb}` });
  }
  return findings;
}

/** What one step is at, and why it does not go on; nothing for a finished one. */
export function explainStep(about: string, record: StepRecord | undefined): Finding[] {
  if (record === undefined) return [{ level: 'waiting', about, code: 'NotStarted', text: 'has not begun' }];
  const { state, waiting } = record;
  const why: Finding[] = waiting
    ? [{ level: 'waiting', about, code: waiting.reason.code, text: waiting.reason.message, ...at(waiting.since) }]
    : [];
  switch (state.state) {
    case 'done':
      return [];
    case 'pending':
      return why.length > 0 ? why : [{ level: 'waiting', about, code: 'NotStarted', text: 'has not begun' }];
    case 'running':
      return why.length > 0
        ? why
        : [{ level: 'doing', about, code: 'Running', text: `is ${state.stage}, attempt ${record.attempt}`, ...at(record.startedAt) }];
    case 'backoff': {
      const because = waiting ? `${waiting.reason.message.replace(/\.?$/, '.')} ` : '';
      return [
        {
          level: 'failed',
          about,
          code: waiting?.reason.code ?? 'BackOff',
          text: `${because}Tries again at ${state.until} (attempt ${record.attempt + 1})`,
          ...at(waiting?.since),
        },
      ];
    }
    case 'held':
      return [{ level: 'waiting', about, code: state.by.code, text: state.by.message, ...at(waiting?.since) }];
    case 'failed':
      return [{ level: 'failed', about, code: state.reason.code, text: `failed: ${state.reason.message}`, ...at(record.finishedAt) }];
  }
}
