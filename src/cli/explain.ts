import { fromTime } from '../base/clock.ts';
import type { Event } from '../model/core/event.ts';
import type { Pod } from '../model/core/pod.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { PlanRun, PlanStep, StepRecord } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import { eventTimeMs } from './event-lines.ts';

/** One recorded fact that answers "why": what it is about, what was recorded, the code, and when (epoch ms). */
export interface Finding {
  readonly about: string;
  readonly code: string;
  readonly text: string;
  readonly atMs?: number;
}

/** What explanations are made of; all of it recorded, nothing guessed. */
export interface Evidence {
  readonly service: ManagedService;
  readonly runs: readonly PlanRun[];
  readonly instances: readonly PodInstance[];
  readonly pods: readonly Pod[];
  readonly events: readonly Event[];
}

/** Why the service is as it is: its verdicts, the steps that wait, then pods that are not ready. */
export function explainService(evidence: Evidence): Finding[] {
  const { service, runs, instances } = evidence;
  const name = service.metadata.name ?? '';
  const verdicts = (service.status?.conditions ?? [])
    .filter((condition) => condition.status !== 'True' || condition.type === 'Progressing')
    .map((condition) => ({
      about: `service ${name}`,
      code: condition.reason ?? condition.type,
      text: `${condition.type}=${condition.status}: ${condition.message ?? ''}`,
      ...(condition.lastTransitionTime && { atMs: fromTime(condition.lastTransitionTime) }),
    }));
  const warnings = (service.status?.warnings ?? []).map((warning) => ({ about: `service ${name}`, code: warning.code, text: `warning: ${warning.message}` }));
  const steps = runs.filter((run) => run.status?.finishedAt === undefined).flatMap(explainRun);
  const troubled = instances.filter((instance) => instance.status?.ready !== true).flatMap((instance) => explainInstance(evidence, instance, 3));
  return [...verdicts, ...warnings, ...steps, ...troubled];
}

/** Why the unfinished steps of a run wait or what they do; then the pauses. */
export function explainRun(run: PlanRun): Finding[] {
  const label = `${run.spec.plan} (run ${run.spec.number})`;
  const cause: Finding = { about: label, code: run.spec.cause.code, text: `started because ${lowerFirst(run.spec.cause.message)}`, ...time(run.status?.startedAt ?? run.metadata.creationTimestamp) };
  const pauses = [
    ...(run.status?.paused ? [{ about: label, code: 'Paused', text: 'the plan is paused: no new step begins until it is resumed' }] : []),
    ...run.spec.phases
      .filter((phase) => run.status?.pausedPhases.includes(phase.id))
      .map((phase) => ({ about: `${label} ${phase.name}`, code: 'Paused', text: 'the phase is paused: no new step begins until it is resumed' })),
  ];
  const steps = run.spec.phases.flatMap((phase) => phase.steps.flatMap((step) => explainStep(`${run.spec.plan} ${phase.name} ${step.name}`, run.status?.steps[step.id])));
  return [cause, ...pauses, ...steps];
}

/** What one step is at and why it does not go on; nothing for a finished one. */
export function explainStep(about: string, record: StepRecord | undefined): Finding[] {
  if (record === undefined || record.state.state === 'done') return [];
  const waiting = record.waiting ? [{ about, code: record.waiting.reason.code, text: record.waiting.reason.message, ...time(record.waiting.since) }] : [];
  switch (record.state.state) {
    case 'pending':
      return waiting;
    case 'running':
      return waiting.length > 0 ? waiting : [{ about, code: 'Running', text: `is ${record.state.stage}, attempt ${record.attempt}`, ...time(record.startedAt) }];
    case 'backoff':
      return [{ about, code: 'BackOff', text: `waits until ${record.state.until} before attempt ${record.attempt + 1}` }, ...waiting];
    case 'held':
      return [{ about, code: record.state.by.code, text: record.state.by.message, ...time(record.waiting?.since) }];
    case 'failed':
      return [{ about, code: record.state.reason.code, text: `failed: ${record.state.reason.message}`, ...time(record.finishedAt) }];
  }
}

/** Why a pod is here, pending, or was restarted: its state, its last exit, the steps that touched it, its newest events. */
export function explainInstance(evidence: Evidence, instance: PodInstance, mostEvents = 10): Finding[] {
  const name = instance.metadata.name ?? '';
  const about = `pod ${name}`;
  const pod = evidence.pods.find((candidate) => candidate.metadata.name === name);
  const findings: Finding[] = [];
  if (pod === undefined) findings.push({ about, code: 'NoPod', text: `has no Pod now (incarnation ${instance.spec.incarnation}, wanted ${instance.spec.desired})` });
  for (const condition of pod?.status?.conditions ?? []) {
    if (condition.status === 'True' || condition.message === undefined) continue;
    findings.push({ about, code: condition.reason ?? condition.type, text: `${condition.type}=${condition.status}: ${condition.message}`, ...time(condition.lastTransitionTime ?? undefined) });
  }
  for (const container of pod?.status?.containerStatuses ?? []) {
    const task = `${about} task ${container.name}`;
    const waiting = container.state?.waiting;
    if (waiting) findings.push({ about: task, code: waiting.reason ?? 'Waiting', text: waiting.message ?? 'waits to start' });
    const last = container.lastState?.terminated;
    if (last) {
      findings.push({
        about: task,
        code: last.reason ?? 'Exited',
        text: `ended ${last.signal === undefined ? `with exit code ${last.exitCode}` : `by signal ${last.signal}`} and was restarted in place, ${container.restartCount} time${container.restartCount === 1 ? '' : 's'} by now${last.message ? `: ${last.message}` : ''}`,
        ...time(last.finishedAt ?? undefined),
      });
    }
  }
  if (instance.status?.lastReason) findings.push({ about, code: instance.status.lastReason.code, text: instance.status.lastReason.message });
  findings.push(...touchedBy(evidence.runs, name, about));
  const events = evidence.events
    .filter((event) => event.involvedObject.name === name)
    .sort((a, b) => eventTimeMs(b) - eventTimeMs(a))
    .slice(0, mostEvents)
    .map((event) => ({ about, code: event.reason ?? '', text: `${event.message ?? ''}${(event.count ?? 1) > 1 ? ` (x${event.count})` : ''}`, atMs: eventTimeMs(event) }));
  return [...findings, ...events];
}

/** The steps of the newest runs that acted on an instance. */
function touchedBy(runs: readonly PlanRun[], instance: string, about: string): Finding[] {
  const steps = runs.flatMap((run) =>
    run.spec.phases.flatMap((phase) => phase.steps.filter((step) => step.instance === instance && (run.status?.steps[step.id]?.attempt ?? 0) > 0).map((step) => ({ run, step }))),
  );
  return steps
    .sort((a, b) => startOf(b) - startOf(a))
    .slice(0, 3)
    .map(({ run, step }) => ({
      about,
      code: run.spec.cause.code,
      text: `${step.action} by plan ${run.spec.plan} (run ${run.spec.number}${run.spec.actor ? `, asked for by ${run.spec.actor}` : ''}): ${run.spec.cause.message}; ${run.status?.steps[step.id]?.state.state ?? 'pending'}`,
      ...time(run.status?.steps[step.id]?.startedAt),
    }));
}

function startOf({ run, step }: { run: PlanRun; step: PlanStep }): number {
  return fromTime(run.status?.steps[step.id]?.startedAt ?? run.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}

function time(text: string | null | undefined): { atMs?: number } {
  return text ? { atMs: fromTime(text) } : {};
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
