import { toTime } from '../base/clock.ts';
import type { PlanRun, PlanStep, StepRecord } from '../model/drover/plan-run.ts';
import type { Stored } from '../model/resource.ts';
import type { RunStatus } from './action.ts';
import { TASK_EXITED } from './patience.ts';
import { incarnationOf, isIncarnationOf, isReady } from './pod-facts.ts';
import type { ServiceSnapshot } from './service-snapshot.ts';
import { adoptRecord, onTarget, type StepScene } from './step.ts';

/** A step that nothing has been done for. */
export const PENDING: StepRecord = { state: { state: 'pending' }, attempt: 0 };

/** The record of a step; pending when there is none. */
export function recordOf(status: RunStatus | undefined, stepId: string): StepRecord {
  return status?.steps[stepId] ?? PENDING;
}

/** What a step acts on, found in the snapshot. */
export function sceneOf(snapshot: ServiceSnapshot, run: Stored<PlanRun>, step: PlanStep): StepScene {
  const instance = snapshot.instances.find((candidate) => candidate.metadata.name === step.instance);
  const own = step.action === 'deploy' || !instance?.spec.revision ? run.spec.revision : instance.spec.revision;
  return {
    snapshot,
    run,
    step,
    instance,
    pod: snapshot.pods.get(step.instance),
    revision: snapshot.revisions.find((candidate) => candidate.metadata.name === own),
  };
}

/** The first status of a run: deploy steps that are on target and ready are done, a task that its agent restarts is watched from the start. */
export function initialStatus(snapshot: ServiceSnapshot, run: Stored<PlanRun>): RunStatus {
  const now = toTime(snapshot.nowMs);
  const steps: Record<string, StepRecord> = {};
  for (const step of run.spec.phases.flatMap((phase) => phase.steps)) {
    const scene = sceneOf(snapshot, run, step);
    steps[step.id] = firstRecord(scene, run, now);
  }
  return { paused: false, pausedPhases: [], steps, startedAt: now, operations: [] };
}

function firstRecord(scene: StepScene, run: Stored<PlanRun>, now: string): StepRecord {
  const { step, pod, instance } = scene;
  if (step.action === 'deploy' && pod && onTarget(scene) && isReady(pod)) return { state: { state: 'done' }, attempt: 0, finishedAt: now };
  const watched = run.spec.cause.code === TASK_EXITED && pod && instance && isIncarnationOf(pod, instance);
  if (watched && incarnationOf(pod) === instance.spec.incarnation) return adoptRecord(scene, PENDING);
  return PENDING;
}
