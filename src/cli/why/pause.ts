import { fromTime } from '../../base/clock.ts';
import type { Operation } from '../../model/drover/operation.ts';
import type { PlanRun } from '../../model/drover/plan-run.ts';
import type { Evidence } from './evidence.ts';
import { at, type Finding } from './finding.ts';

/** Which plans and phases of a service are paused: by whom, when and why, from the recorded Operations. */
export function explainPauses(evidence: Evidence, runs: readonly PlanRun[]): Finding[] {
  const service = evidence.service.metadata.name ?? '';
  const plans = new Set(runs.filter((run) => run.status?.paused === true).map((run) => run.spec.plan));
  for (const plan of evidence.service.status?.pausedPlans ?? []) plans.add(plan);
  const phases = runs.flatMap((run) =>
    run.spec.phases.filter((phase) => run.status?.pausedPhases.includes(phase.id)).map((phase) => ({ plan: run.spec.plan, phase })),
  );
  return [
    ...[...plans].map((plan) => finding(`plan ${plan}`, newestPause(evidence.operations, plan), `drover ${service} plan resume ${plan}`)),
    ...phases.map(({ plan, phase }) =>
      finding(
        `plan ${plan}, phase ${phase.name}`,
        newestPause(evidence.operations, plan, [phase.name, phase.id]),
        `drover ${service} plan resume ${plan} ${phase.name}`,
      ),
    ),
  ];
}

function finding(about: string, operation: Operation | undefined, resume: string): Finding {
  const end = `no new step begins until '${resume}'`;
  if (operation === undefined) return { level: 'paused', about, code: 'Paused', text: `is paused: ${end}` };
  const { actor, reason, verb } = operation.spec;
  const why = reason === undefined ? 'no reason was given' : `"${reason}"`;
  const text = `was ${verb === 'plan-stop' ? 'stopped' : 'paused'} by ${actor ?? 'someone'} (${why}): ${end}`;
  return { level: 'paused', about, code: 'Paused', text, ...at(operation.status?.decidedAt ?? operation.metadata.creationTimestamp) };
}

function newestPause(operations: readonly Operation[], plan: string, phase?: readonly string[]): Operation | undefined {
  const time = (operation: Operation) => fromTime(operation.status?.decidedAt ?? '1970-01-01T00:00:00Z');
  return operations
    .filter(({ spec, status }) => {
      if (status?.outcome !== 'Applied' || spec.target.plan !== plan) return false;
      if (phase === undefined) return (spec.verb === 'plan-pause' || spec.verb === 'plan-stop') && spec.target.phase === undefined;
      return spec.verb === 'plan-pause' && spec.target.phase !== undefined && phase.includes(spec.target.phase);
    })
    .reduce<Operation | undefined>((newest, next) => (newest && time(newest) > time(next) ? newest : next), undefined);
}
