import { fromTime, toTime } from '../base/clock.ts';
import type { Pod } from '../model/core/pod.ts';
import type { PlanRun, PlanStep, StepRecord } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import { reason, type Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import type { Action } from './action.ts';
import { consult, stepCall } from './gate.ts';
import { crashLimitReached, PROVING_MS, provenAtMs, restartsBefore, retryDelayMs } from './patience.ts';
import { buildPod } from './pod.ts';
import {
  allRunning,
  incarnationOf,
  isDeleting,
  isIncarnationOf,
  isLive,
  isReady,
  isTerminal,
  lastExit,
  notReadyReason,
} from './pod-facts.ts';
import { discarded, nextIncarnation } from './incarnation.ts';
import type { GateCall, ServiceSnapshot } from './service-snapshot.ts';

/**
 * One turn of one step that is under way: either its record changes or something is done to the world (never both, so that a crash between the two
 * writes cannot happen), or it waits: for the operator (`ask`), for a time, or for a change of what it watches.
 */
export interface StepTurn {
  readonly record: StepRecord;
  readonly actions: readonly Action[];
  readonly ask?: GateCall;
  readonly wakeAtMs?: number;
}

/** A step with what it acts on. `revision` is the one its next incarnation runs. */
export interface StepScene {
  readonly snapshot: ServiceSnapshot;
  readonly run: Stored<PlanRun>;
  readonly step: PlanStep;
  readonly instance: Stored<PodInstance> | undefined;
  /** The Pod of the instance's name, ours or not. */
  readonly pod: Stored<Pod> | undefined;
  readonly revision: Stored<ServiceRevision> | undefined;
}

/** How often something is looked at that does not wake us. */
const LOOK_AGAIN_MS = 5_000;

/** `record` with another waiting reason; `since` and the record itself stay when it says the same. */
export function waitFor(record: StepRecord, why: Reason | undefined, nowMs: number): StepRecord {
  const { waiting, ...rest } = record;
  if (!why) return waiting ? rest : record;
  if (waiting && sameReason(waiting.reason, why)) return record;
  return { ...rest, waiting: { reason: why, since: waiting?.reason.code === why.code ? waiting.since : toTime(nowMs) } };
}

/** Texts of downloads change by the second and are in the Pod's status anyway. */
const VOLATILE: ReadonlySet<string> = new Set(['ContainerCreating', 'Pulling', 'Preparing']);

function sameReason(a: Reason, b: Reason): boolean {
  return a.code === b.code && (VOLATILE.has(a.code) || a.message === b.message);
}

/** Work on the step begins (or begins again): the record of a new attempt that brings about the next incarnation. */
export function beginRecord(scene: StepScene, record: StepRecord, domain: unknown): StepRecord {
  const { waiting: _waiting, finishedAt: _finished, domain: _domain, restarts: _restarts, ...rest } = record;
  const { instance, pod, step, snapshot } = scene;
  const incarnation = (instance?.spec.incarnation ?? 0) + (step.action === 'retire' ? 0 : 1);
  return {
    ...rest,
    state: { state: 'running', stage: pod ? 'stopping' : 'preparing' },
    attempt: record.attempt + 1,
    incarnation,
    ...(step.action === 'replace' && { volumesFrom: record.volumesFrom ?? incarnation }),
    startedAt: record.startedAt ?? toTime(snapshot.nowMs),
    ...(domain !== undefined && { domain }),
  };
}

/** The step takes over an incarnation that is what it wants already and only waits for it to be well. */
export function adoptRecord(scene: StepScene, record: StepRecord): StepRecord {
  const { waiting: _waiting, ...rest } = record;
  const incarnation = scene.instance?.spec.incarnation ?? 0;
  return {
    ...rest,
    state: { state: 'running', stage: 'starting' },
    attempt: record.attempt + 1,
    incarnation,
    ...(scene.pod && { restarts: restartsBefore(scene.run, incarnation, scene.pod) }),
    startedAt: toTime(scene.snapshot.nowMs),
  };
}

export function doneRecord(record: StepRecord, nowMs: number): StepRecord {
  const { waiting: _waiting, ...rest } = record;
  return { ...rest, state: { state: 'done' }, finishedAt: toTime(nowMs) };
}

/** Does the next thing for a step in state running or backoff. */
export function drive(scene: StepScene, record: StepRecord): StepTurn {
  const { state } = record;
  if (state.state === 'backoff') return driveBackoff(scene, record, fromTime(state.until));
  if (state.state !== 'running') return still(record);
  switch (state.stage) {
    case 'stopping':
      return driveStopping(scene, record);
    case 'preparing':
      return drivePreparing(scene, record);
    case 'starting':
    case 'verifying':
      return driveStarting(scene, record, state.stage);
  }
}

/** The Pod that ends with a retired instance: a namesake's is none of its business. */
function ownPod({ instance, pod }: StepScene): Stored<Pod> | undefined {
  return pod && instance && isIncarnationOf(pod, instance) ? pod : undefined;
}

function driveStopping(scene: StepScene, record: StepRecord): StepTurn {
  const { instance, step, snapshot } = scene;
  const pod = step.action === 'retire' ? ownPod(scene) : scene.pod;
  if (step.action === 'retire' && instance && instance.spec.desired !== 'Stopped') {
    return act(record, { type: 'instance-spec', instance, spec: { ...instance.spec, desired: 'Stopped' } });
  }
  if (!pod) return still({ ...waitFor(record, undefined, snapshot.nowMs), state: { state: 'running', stage: 'preparing' } });
  if (!instance || !isIncarnationOf(pod, instance)) return blocked(record, pod, snapshot.nowMs);
  if (!isDeleting(pod)) return act(record, { type: 'stop-pod', pod });
  const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  const why = reason('PodStopping', `The old pod ends; it has ${graceSeconds} s for that.`, {
    graceSeconds,
    incarnation: incarnationOf(pod),
  });
  return still(waitFor(record, why, snapshot.nowMs));
}

function drivePreparing(scene: StepScene, record: StepRecord): StepTurn {
  const { instance, pod, step, snapshot } = scene;
  if (step.action === 'retire') return driveRetiring(scene, record);
  if (!instance) return still(waitFor(record, reason('InstanceMissing', `There is no pod instance ${step.instance}.`), snapshot.nowMs));
  const wanted = record.incarnation ?? 0;
  if (instance.spec.incarnation < wanted) {
    if (pod) return still({ ...record, state: { state: 'running', stage: 'stopping' } });
    if (instance.spec.incarnation > 0) {
      const action = step.action === 'replace' && !givesVolumesUp(step, record, instance) ? 'restart' : step.action;
      const gate = consult(snapshot, stepCall('prepare', { ...step, action }, record));
      if (!gate.open) return hold(record, gate, snapshot.nowMs);
    }
    return takeNextIncarnation(scene, record, instance, wanted);
  }
  if (instance.spec.incarnation > wanted) return again(scene, record);
  if (pod && isIncarnationOf(pod, instance)) {
    return incarnationOf(pod) === wanted
      ? still({ ...waitFor(record, undefined, snapshot.nowMs), state: { state: 'running', stage: 'starting' } })
      : still({ ...record, state: { state: 'running', stage: 'stopping' } });
  }
  if (pod) return blocked(record, pod, snapshot.nowMs);
  if (instance.status?.incarnation === wanted) return again(scene, record);
  return startPod(scene, record, instance);
}

function driveRetiring(scene: StepScene, record: StepRecord): StepTurn {
  const { instance, run, step, snapshot } = scene;
  if (!instance) return still(doneRecord(record, snapshot.nowMs));
  if (ownPod(scene)) return still({ ...record, state: { state: 'running', stage: 'stopping' } });
  if (instance.spec.desired !== 'Stopped') {
    return act(record, { type: 'instance-spec', instance, spec: { ...instance.spec, desired: 'Stopped' } });
  }
  if (run.spec.plan === 'uninstall') return still(doneRecord(record, snapshot.nowMs));
  const gate = consult(snapshot, stepCall('prepare', step, record));
  if (!gate.open) return hold(record, gate, snapshot.nowMs);
  const kept = instance.spec.volumes.map((volume) => volume.id);
  const notes =
    kept.length === 0
      ? []
      : [
          {
            about: snapshot.service,
            type: 'Normal' as const,
            reason: reason('DataKept', `${step.instance} is gone; its data stays${where(instance)}: ${kept.join(', ')}.`, {
              volumes: kept,
            }),
          },
        ];
  return act(record, { type: 'delete-instance', instance, notes });
}

/** ` on m1`, or nothing. */
export function where(instance: PodInstance): string {
  return instance.spec.node === undefined ? '' : ` on ${instance.spec.node}`;
}

/** Data is given up once in a step, as the operator was asked: a retry of a replace keeps the volumes that it made. */
function givesVolumesUp(step: PlanStep, record: StepRecord, instance: PodInstance): boolean {
  return step.action === 'replace' && instance.spec.incarnation < (record.volumesFrom ?? Number.POSITIVE_INFINITY);
}

function takeNextIncarnation(scene: StepScene, record: StepRecord, instance: Stored<PodInstance>, wanted: number): StepTurn {
  const { revision, step, snapshot } = scene;
  const type = revision?.spec.template.pods.find((pod) => pod.name === instance.spec.podType);
  if (!revision || !type) return fail(record, revisionMissing(step), snapshot.nowMs);
  const fresh = givesVolumesUp(step, record, instance);
  const spec = nextIncarnation(snapshot, instance, revision, type, wanted, fresh);
  if (!spec) {
    const why = reason('PortsExhausted', `No free port is left for ${step.instance}.`);
    return { record: waitFor(record, why, snapshot.nowMs), actions: [], wakeAtMs: snapshot.nowMs + LOOK_AGAIN_MS };
  }
  return act(record, { type: 'instance-spec', instance, spec, discard: discarded(instance, fresh) });
}

function revisionMissing(step: PlanStep): Reason {
  return reason('RevisionMissing', `The configuration that ${step.instance} is to run no longer exists.`);
}

function startPod(scene: StepScene, record: StepRecord, instance: Stored<PodInstance>): StepTurn {
  const { snapshot, step } = scene;
  const revision = snapshot.revisions.find((candidate) => candidate.metadata.name === instance.spec.revision);
  if (!revision) return fail(record, revisionMissing(step), snapshot.nowMs);
  const built = buildPod(instance, revision, snapshot.instances, snapshot.addressOf);
  // What the template lacks may come back (a port of a peer), and a step that failed for good would turn recovery off.
  if (!built.ok) return retryLater(scene, record, reason('TemplateFailed', `${step.instance} cannot be made: ${built.error}.`));
  return act(record, { type: 'start-pod', pod: built.pod, files: built.files });
}

function driveStarting(scene: StepScene, record: StepRecord, stage: 'starting' | 'verifying'): StepTurn {
  const { instance, pod, step, snapshot } = scene;
  const { nowMs } = snapshot;
  if (!instance) return still(doneRecord(record, nowMs));
  if (!pod || !isIncarnationOf(pod, instance) || isDeleting(pod) || incarnationOf(pod) !== record.incarnation) return again(scene, record);
  if (isTerminal(pod))
    return retryLater(scene, record, reason('PodFailed', pod.status?.message ?? `The pod ended (${pod.status?.phase}).`));
  if (crashLimitReached(record, pod)) {
    const exit = lastExit(pod);
    const how = exit ? ` (task ${exit.task} ended with exit code ${exit.exitCode})` : '';
    return retryLater(
      scene,
      record,
      reason('RestartsDoNotHelp', `Restarts by the agent do not bring ${step.instance} up${how}.`, { ...exit }),
    );
  }
  if (!isReady(pod)) {
    const next = allRunning(pod) ? 'verifying' : 'starting';
    return still(staged(waitFor(record, notReadyReason(pod), nowMs), stage, next));
  }
  const verifying = staged(record, stage, 'verifying');
  const provenMs = provenAtMs(pod);
  if (nowMs < provenMs) {
    const why = reason('Proving', `No probe speaks for its tasks: they must have run for ${PROVING_MS / 1000} s.`, {
      seconds: PROVING_MS / 1000,
    });
    return { record: waitFor(verifying, why, nowMs), actions: [], wakeAtMs: provenMs };
  }
  const gate = consult(snapshot, stepCall('settled', step, verifying));
  if (!gate.open)
    return hold(
      waitFor(verifying, gate.reason ?? reason('Settling', 'Its tasks are ready; the operator checks the system.'), nowMs),
      gate,
      nowMs,
    );
  return still(doneRecord(verifying, nowMs));
}

function staged(record: StepRecord, from: 'starting' | 'verifying', to: 'starting' | 'verifying'): StepRecord {
  return from === to ? record : { ...record, state: { state: 'running', stage: to } };
}

function driveBackoff(scene: StepScene, record: StepRecord, untilMs: number): StepTurn {
  const { instance, pod, snapshot } = scene;
  const healed = instance && pod && isIncarnationOf(pod, instance) && incarnationOf(pod) === record.incarnation && isReady(pod);
  if (healed) return still({ ...waitFor(record, undefined, snapshot.nowMs), state: { state: 'running', stage: 'verifying' } });
  if (snapshot.nowMs < untilMs) return { record, actions: [], wakeAtMs: untilMs };
  return again(scene, record);
}

/** Another attempt with another incarnation, in the same step. What the operator wrote down stays: it is about the time before the first stop. */
function again(scene: StepScene, record: StepRecord): StepTurn {
  return still(beginRecord(scene, record, record.domain));
}

function retryLater(scene: StepScene, record: StepRecord, why: Reason): StepTurn {
  const { nowMs } = scene.snapshot;
  const untilMs = Math.ceil((nowMs + retryDelayMs(record.attempt)) / 1000) * 1000;
  const waits: StepRecord = { ...waitFor(record, why, nowMs), state: { state: 'backoff', until: toTime(untilMs) } };
  return { record: waits, actions: [], wakeAtMs: untilMs };
}

function fail(record: StepRecord, why: Reason, nowMs: number): StepTurn {
  const { waiting: _waiting, ...rest } = record;
  return still({ ...rest, state: { state: 'failed', reason: why }, finishedAt: toTime(nowMs) });
}

function hold(record: StepRecord, gate: Exclude<ReturnType<typeof consult>, { open: true }>, nowMs: number): StepTurn {
  return {
    record: gate.reason ? waitFor(record, gate.reason, nowMs) : record,
    actions: [],
    ...(gate.ask && { ask: gate.ask }),
    ...(gate.wakeAtMs !== undefined && { wakeAtMs: gate.wakeAtMs }),
  };
}

function still(record: StepRecord): StepTurn {
  return { record, actions: [] };
}

function act(record: StepRecord, action: Action): StepTurn {
  return { record, actions: [action] };
}

/** Someone else's Pod has the name; its end wakes nobody of us. */
function blocked(record: StepRecord, pod: Pod, nowMs: number): StepTurn {
  const why = reason('PodNameTaken', `A pod named ${pod.metadata.name} exists that is not of this service: delete it.`, {
    pod: pod.metadata.name,
  });
  return { record: waitFor(record, why, nowMs), actions: [], wakeAtMs: nowMs + LOOK_AGAIN_MS };
}

/** True when the instance's Pod is a live incarnation with the wanted hash: a deploy has nothing to restart. */
export function onTarget(scene: StepScene): boolean {
  const { instance, pod, revision } = scene;
  if (!instance || !pod || !revision) return false;
  const wanted = revision.spec.podHashes[instance.spec.podType];
  return (
    instance.spec.podHash === wanted &&
    instance.spec.desired === 'Running' &&
    isIncarnationOf(pod, instance) &&
    incarnationOf(pod) === instance.spec.incarnation &&
    isLive(pod)
  );
}
