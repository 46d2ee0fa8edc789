import { fromTime } from '../../base/clock.ts';
import type { Pod } from '../../model/core/pod.ts';
import type { PlanRun, PlanStep } from '../../model/drover/plan-run.ts';
import type { PodInstance } from '../../model/drover/pod-instance.ts';
import { eventTimeMs } from '../event-lines.ts';
import type { Evidence } from './evidence.ts';
import { at, inOrder, isTrouble, type Answer, type Finding } from './finding.ts';
import { signalName } from './signal-name.ts';
import { explainStep } from './steps.ts';

/** Why a pod is here, pending, or was restarted: what is wrong now, its last exits, then what plans and the agent did to it, newest first. */
export function explainPod(evidence: Evidence, instance: PodInstance): Answer {
  const name = instance.metadata.name ?? '';
  const about = `pod ${name}`;
  const pod = podOf(evidence, name);
  const findings = inOrder([...troubleOf(evidence, instance), ...touchedBy(evidence.runs, name, about), ...told(evidence, name, about)]);
  return {
    thing: name,
    kind: 'pod',
    well: instance.status?.ready === true && !findings.some(isTrouble),
    summary: summaryOf(instance, pod, findings),
    findings,
  };
}

/** What is wrong with a pod or was: conditions that do not hold, tasks that wait, the last exit of each task, and the step that works on it. */
export function troubleOf(evidence: Evidence, instance: PodInstance): Finding[] {
  const name = instance.metadata.name ?? '';
  const about = `pod ${name}`;
  const pod = podOf(evidence, name);
  const findings: Finding[] = openSteps(evidence.runs, name).flatMap(({ run, step }) =>
    explainStep(`${run.spec.plan} ${step.name}`, run.status?.steps[step.id]),
  );
  for (const condition of pod?.status?.conditions ?? []) {
    if (condition.status === 'True' || condition.message === undefined) continue;
    const code = condition.reason ?? condition.type;
    // A step that waits for the very same says it already.
    if (findings.some((finding) => finding.code === code)) continue;
    findings.push({ level: 'waiting', about, code, text: condition.message, ...at(condition.lastTransitionTime) });
  }
  for (const container of pod?.status?.containerStatuses ?? [])
    findings.push(...explainTask(`${about}, task ${container.name}`, container));
  const exit = instance.status?.lastExit;
  const told = pod?.status?.containerStatuses?.some((container) => container.lastState?.terminated ?? container.state?.terminated);
  if (exit && !told) {
    const text = `${ended(exit)} in an earlier incarnation`;
    findings.push({
      level: 'restarted',
      about: `${about}, task ${exit.task}`,
      code: exit.reason ?? 'Exited',
      text,
      ...at(exit.finishedAt),
    });
  }
  const last = instance.status?.lastReason;
  if (last) findings.push({ level: 'history', about, code: last.code, text: last.message });
  return findings;
}

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

function explainTask(about: string, container: ContainerStatus): Finding[] {
  const findings: Finding[] = [];
  const { waiting, terminated } = container.state ?? {};
  if (waiting) findings.push({ level: 'waiting', about, code: waiting.reason ?? 'Waiting', text: waiting.message ?? 'waits to start' });
  if (terminated)
    findings.push({
      level: 'failed',
      about,
      code: terminated.reason ?? 'Exited',
      text: `${ended(terminated)} and has not been started again`,
      ...at(terminated.finishedAt),
    });
  const last = container.lastState?.terminated;
  if (last) {
    const count = `${container.restartCount} restart${container.restartCount === 1 ? '' : 's'} in place by now`;
    const text = `${ended(last)} and was started again; ${count}${last.message ? `: ${last.message}` : ''}`;
    findings.push({ level: 'restarted', about, code: last.reason ?? 'Exited', text, ...at(last.finishedAt) });
  }
  return findings;
}

function ended(exit: { exitCode: number; signal?: number | null }): string {
  return exit.signal ? `was ended by ${signalName(exit.signal)}` : `ended with exit code ${exit.exitCode}`;
}

function podOf(evidence: Evidence, name: string): Pod | undefined {
  return evidence.pods.find((candidate) => candidate.metadata.name === name);
}

function summaryOf(instance: PodInstance, pod: Pod | undefined, findings: readonly Finding[]): string {
  const name = instance.metadata.name ?? '';
  const where = `incarnation ${instance.spec.incarnation}${pod?.spec.nodeName === undefined ? '' : ` on ${pod.spec.nodeName}`}`;
  if (instance.status?.ready === true) {
    const restarts = instance.status.restarts ?? 0;
    const count =
      restarts === 0 ? 'no task was restarted in place' : `${restarts} restart${restarts === 1 ? '' : 's'} in place over its life`;
    return `${name} is ${findings.some(isTrouble) ? 'ready' : 'well: it is ready'} (${where}, ${count}).`;
  }
  if (instance.spec.desired === 'Stopped') return `${name} is stopped, as a plan wants it (${where}).`;
  if (pod === undefined)
    return instance.spec.incarnation === 0 ? `${name} has not been started yet.` : `${name} has no Pod now (${where}).`;
  return `${name} is not ready: it is ${pod.metadata.deletionTimestamp ? 'ending' : (pod.status?.phase ?? 'pending').toLowerCase()} (${where}).`;
}

function openSteps(runs: readonly PlanRun[], instance: string): { run: PlanRun; step: PlanStep }[] {
  return stepsOn(runs, instance).filter(
    ({ run, step }) => run.status?.outcome === undefined && run.status?.steps[step.id]?.state.state !== 'done',
  );
}

/** The newest three steps that acted on an instance, and who asked for them. */
function touchedBy(runs: readonly PlanRun[], instance: string, about: string): Finding[] {
  const start = ({ run, step }: { run: PlanRun; step: PlanStep }) =>
    fromTime(run.status?.steps[step.id]?.startedAt ?? '1970-01-01T00:00:00Z');
  return stepsOn(runs, instance)
    .filter(({ run, step }) => (run.status?.steps[step.id]?.attempt ?? 0) > 0)
    .sort((a, b) => start(b) - start(a))
    .slice(0, 3)
    .map(({ run, step }) => {
      const record = run.status?.steps[step.id];
      const asked = run.spec.actor === undefined ? '' : `, asked for by ${run.spec.actor}`;
      const state = record?.state.state === 'done' ? 'is complete' : 'is under way';
      const text = `its ${step.action} by plan ${run.spec.plan} (run ${run.spec.number}${asked}) ${state}: ${run.spec.cause.message}`;
      return { level: 'history', about, code: run.spec.cause.code, text, ...at(record?.startedAt) };
    });
}

function stepsOn(runs: readonly PlanRun[], instance: string): { run: PlanRun; step: PlanStep }[] {
  return runs.flatMap((run) =>
    run.spec.phases.flatMap((phase) => phase.steps.filter((step) => step.instance === instance).map((step) => ({ run, step }))),
  );
}

/** The newest events about a pod. */
function told(evidence: Evidence, name: string, about: string): Finding[] {
  return evidence.events
    .filter((event) => event.involvedObject.name === name)
    .sort((a, b) => eventTimeMs(b) - eventTimeMs(a))
    .slice(0, 8)
    .map((event) => ({
      level: 'history',
      about,
      code: event.reason ?? '',
      text: `${event.message ?? ''}${(event.count ?? 1) > 1 ? ` (x${event.count})` : ''}`,
      atMs: eventTimeMs(event),
    }));
}
