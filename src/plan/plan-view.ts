import { fromTime } from '../base/clock.ts';
import { stableUuid } from '../base/ids.ts';
import type { ManagedService, PlanSpec, Strategy } from '../model/drover/managed-service.ts';
import type { PlanPhase, PlanRun, PlanStep, StepRecord } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { Reason } from '../model/reason.ts';
import { instanceName, stepName } from './names.ts';
import { newestRun, recoveryRuns } from './plan-list.ts';
import { rollUp, stepStatus, type StatusWord } from './status.ts';

/** A plan as DC/OS's API shows it (dcos.md 2.2), with more: name, id, run, times, and of each step what it waits for. */
export interface PlanView {
  readonly phases: readonly PhaseView[];
  readonly errors: readonly string[];
  readonly strategy: Strategy;
  readonly status: StatusWord;
  readonly name: string;
  readonly id: string;
  /** Name of the PlanRun; absent for a plan that never ran and for recovery, which is many runs. */
  readonly run?: string;
  readonly revision?: string;
  readonly outcome?: 'complete' | 'superseded' | 'stopped';
  readonly paused: boolean;
  readonly cause?: Reason;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

export interface PhaseView {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly StepView[];
  readonly strategy: Strategy;
  readonly status: StatusWord;
  readonly paused: boolean;
  readonly maxParallel?: number;
}

export interface StepView {
  readonly id: string;
  readonly status: StatusWord;
  readonly name: string;
  readonly message: string;
  readonly instance: string;
  readonly action: PlanStep['action'];
  readonly attempt: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Why it does not go on; absent while it does. */
  readonly waiting?: { readonly reason: Reason; readonly since?: string; readonly forMs?: number };
  readonly forced?: boolean;
}

/**
 * A plan of a service as people see it. `runs` and `instances` are those of the service, in any order. `recovery` is all recovery runs merged; a custom
 * plan that never ran shows its steps as they would be, WAITING for its start. Undefined when the service has no such plan.
 */
export function planView(
  service: ManagedService,
  planName: string,
  runs: readonly PlanRun[],
  instances: readonly PodInstance[],
  nowMs: number,
): PlanView | undefined {
  if (planName === 'recovery') return recoveryView(service, runs, nowMs);
  const run = newestRun(runs, planName);
  if (run) return runView(run, nowMs);
  if (planName === 'deploy') return notStarted(service, deployShape(service), instances, false);
  const custom = service.spec.plans?.find((plan) => plan.name === planName);
  return custom && notStarted(service, custom, instances, true);
}

/** One run of a plan, also an old one (history). */
export function runView(run: PlanRun, nowMs: number): PlanView {
  const { spec, status } = run;
  const paused = status?.paused ?? false;
  const phases = spec.phases.map((phase) => phaseView(run, phase, paused, nowMs));
  const errors = (status?.errors ?? []).map((error) => error.message);
  for (const phase of spec.phases) {
    for (const step of phase.steps) {
      const state = status?.steps[step.id]?.state;
      if (state?.state === 'failed') errors.push(`${step.name}: ${state.reason.message}`);
    }
  }
  return {
    phases,
    errors,
    strategy: spec.strategy,
    status: rollUp(
      phases.map((phase) => phase.status),
      { strategy: spec.strategy, paused, errors: errors.length > 0 },
    ),
    name: spec.plan,
    id: run.metadata.uid ?? stableUuid(`plan/${spec.service}/${spec.plan}/${spec.number}`),
    run: run.metadata.name ?? '',
    revision: spec.revision,
    ...(status?.outcome && { outcome: status.outcome }),
    paused,
    cause: spec.cause,
    ...times(status),
  };
}

function phaseView(run: PlanRun, phase: PlanPhase, planPaused: boolean, nowMs: number): PhaseView {
  const paused = run.status?.pausedPhases.includes(phase.id) ?? false;
  const steps = phase.steps.map((step) => stepView(step, run.status?.steps[step.id], paused || planPaused, nowMs));
  return {
    id: phase.id,
    name: phase.name,
    steps,
    strategy: phase.strategy,
    status: rollUp(
      steps.map((step) => step.status),
      { strategy: phase.strategy, paused },
    ),
    paused,
    ...(phase.maxParallel !== undefined && { maxParallel: phase.maxParallel }),
  };
}

function stepView(step: PlanStep, record: StepRecord | undefined, paused: boolean, nowMs: number): StepView {
  const state = record?.state ?? { state: 'pending' };
  const status = stepStatus(state, paused);
  const waiting = waitingOf(record, status, nowMs);
  const forced = state.state === 'done' && state.forced === true;
  return {
    id: step.id,
    status,
    name: step.name,
    message: `${step.action} step "${step.name}" (id ${step.id}) is ${status}${waiting ? `: ${waiting.reason.message}` : ''}`,
    instance: step.instance,
    action: step.action,
    attempt: record?.attempt ?? 0,
    ...times(record),
    ...(waiting && { waiting }),
    ...(forced && { forced }),
  };
}

function waitingOf(record: StepRecord | undefined, status: StatusWord, nowMs: number): StepView['waiting'] {
  if (status === 'COMPLETE') return undefined;
  if (record?.waiting) {
    return { reason: record.waiting.reason, since: record.waiting.since, forMs: Math.max(0, nowMs - fromTime(record.waiting.since)) };
  }
  if (record?.state.state === 'held') return { reason: record.state.by };
  return undefined;
}

function times(record: { startedAt?: string; finishedAt?: string } | undefined): { startedAt?: string; finishedAt?: string } {
  return { ...(record?.startedAt && { startedAt: record.startedAt }), ...(record?.finishedAt && { finishedAt: record.finishedAt }) };
}

function recoveryView(service: ManagedService, runs: readonly PlanRun[], nowMs: number): PlanView {
  const views = recoveryRuns(runs).map((run) => runView(run, nowMs));
  const paused = service.status?.pausedPlans?.includes('recovery') ?? false;
  const phases = views.flatMap((view) => view.phases.map((phase) => (view.paused && !phase.paused ? { ...phase, paused: true } : phase)));
  const errors = views.flatMap((view) => view.errors);
  const strategy = phases.length === 0 ? 'serial' : 'parallel';
  return {
    phases,
    errors,
    strategy,
    status: rollUp(
      phases.map((phase) => phase.status),
      { strategy, paused, errors: errors.length > 0 },
    ),
    name: 'recovery',
    id: stableUuid(`plan/${service.metadata.uid ?? service.metadata.name}/recovery`),
    paused,
  };
}

function deployShape(service: ManagedService): PlanSpec {
  return (
    service.spec.plans?.find((plan) => plan.name === 'deploy') ?? {
      name: 'deploy',
      phases: service.spec.pods.map((pod) => ({ name: pod.name, pod: pod.name })),
    }
  );
}

function notStarted(service: ManagedService, plan: PlanSpec, instances: readonly PodInstance[], paused: boolean): PlanView {
  const name = service.metadata.name ?? '';
  const known = new Map(instances.map((instance) => [instance.metadata.name, instance]));
  const seed = `plan/${service.metadata.uid ?? name}/${plan.name}`;
  const phases = plan.phases.map((phase): PhaseView => {
    const pod = service.spec.pods.find((type) => type.name === phase.pod);
    const indexes = Array.from({ length: pod?.count ?? 0 }, (_, index) => index);
    const steps = indexes
      .map((index) => ({ index, instance: instanceName(name, phase.pod, index) }))
      .filter(({ instance }) => !paused || known.has(instance))
      .map(({ index, instance }): StepView => {
        const step = { id: stableUuid(`${seed}/${phase.name}/${instance}`), instance, tasks: (pod?.tasks ?? []).map((task) => task.name) };
        const action = plan.name === 'deploy' ? ('deploy' as const) : ('restart' as const);
        return stepView({ ...step, name: stepName(phase.pod, index, step.tasks), action }, undefined, paused, 0);
      });
    const strategy = phase.strategy ?? 'serial';
    return {
      id: stableUuid(`${seed}/${phase.name}`),
      name: phase.name,
      steps,
      strategy,
      status: rollUp(
        steps.map((step) => step.status),
        { strategy, paused: false },
      ),
      paused: false,
    };
  });
  const strategy = plan.strategy ?? 'serial';
  return {
    phases,
    errors: (service.status?.refusals ?? []).map((refusal) => refusal.message),
    strategy,
    status: rollUp(
      phases.map((phase) => phase.status),
      { strategy, paused, errors: !paused && (service.status?.refusals?.length ?? 0) > 0 },
    ),
    name: plan.name,
    id: stableUuid(seed),
    paused,
  };
}
