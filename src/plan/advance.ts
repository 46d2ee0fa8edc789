import { toTime } from '../base/clock.ts';
import type { PlanRun, PlanStep, StepRecord } from '../model/drover/plan-run.ts';
import { reason, type Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { earlier, type Action, type Decision, type Note, type RunStatus } from './action.ts';
import { candidates, isUnderWay } from './candidates.ts';
import { claimedBy, claims, mayTakeOver, type Claim } from './claim.ts';
import { consult, stepCall } from './gate.ts';
import { isFinished } from './plan-list.ts';
import { incarnationOf, isIncarnationOf, isLive, isReady } from './pod-facts.ts';
import { initialStatus, PENDING, recordOf, sceneOf } from './run-record.ts';
import type { GateCall, ServiceSnapshot } from './service-snapshot.ts';
import { adoptRecord, beginRecord, doneRecord, drive, onTarget, waitFor, type StepScene } from './step.ts';

interface Draft {
  readonly run: Stored<PlanRun>;
  status: RunStatus;
  readonly notes: Note[];
  /** It gave an instance up: written before the run that takes it. */
  yielded: boolean;
}

interface Turn {
  readonly snapshot: ServiceSnapshot;
  readonly drafts: Map<string, Draft>;
  readonly claims: Map<string, Claim>;
  readonly actions: Action[];
  readonly asks: GateCall[];
  wakeAtMs: number | undefined;
}

/**
 * One turn of all unfinished runs of a service. In the order of their right to an instance: first every step under way does its next thing, then those
 * whose strategy, pauses, claims and operator allow it begin. Each run's changes are one write.
 */
export function advance(snapshot: ServiceSnapshot): Decision {
  const open = snapshot.runs
    .filter((run) => !isFinished(run))
    .toSorted((a, b) => priority(a) - priority(b) || a.spec.number - b.spec.number);
  const turn: Turn = { snapshot, drafts: new Map(), claims: claims(snapshot), actions: [], asks: [], wakeAtMs: undefined };
  for (const run of open) turn.drafts.set(run.metadata.name, draftOf(turn, run));
  for (const draft of turn.drafts.values()) {
    for (const step of stepsOf(draft.run)) if (isUnderWay(recordOf(draft.status, step.id))) driveStep(turn, draft, step);
  }
  for (const draft of turn.drafts.values()) beginSteps(turn, draft);
  for (const draft of turn.drafts.values()) finish(turn, draft);
  const changed = [...turn.drafts.values()].filter((draft) => draft.status !== draft.run.status);
  const writes = changed
    .toSorted((a, b) => Number(b.yielded) - Number(a.yielded))
    .map(({ run, status, notes }): Action => ({ type: 'run-status', run, status, notes }));
  return { actions: [...writes, ...turn.actions], asks: turn.asks, ...(turn.wakeAtMs !== undefined && { wakeAtMs: turn.wakeAtMs }) };
}

function draftOf(turn: Turn, run: Stored<PlanRun>): Draft {
  if (run.status) return { run, status: run.status, notes: [], yielded: false };
  const status = initialStatus(turn.snapshot, run);
  for (const step of stepsOf(run)) {
    const record = recordOf(status, step.id);
    if (!isUnderWay(record)) continue;
    if (turn.claims.has(step.instance)) status.steps[step.id] = PENDING;
    else turn.claims.set(step.instance, { run, step, record });
  }
  const starts = note(run, 'Normal', 'PlanStarted', `Plan ${run.spec.plan} (${run.metadata.name}) starts: ${run.spec.cause.message}`);
  return { run, status, notes: [starts], yielded: false };
}

function priority(run: PlanRun): number {
  const { plan, operation } = run.spec;
  if (plan === 'uninstall') return 0;
  if (plan === 'recovery') return operation === undefined ? 3 : 1;
  if (plan === 'deploy') return 2;
  return plan === 'decommission' ? 4 : 5;
}

function stepsOf(run: PlanRun): PlanStep[] {
  return run.spec.phases.flatMap((phase) => phase.steps);
}

function driveStep(turn: Turn, draft: Draft, step: PlanStep): void {
  const record = recordOf(draft.status, step.id);
  const blocked = record.state.state === 'backoff' ? pauseOf(turn.snapshot, draft, step) : undefined;
  if (blocked) return setRecord(draft, step, waitFor(record, blocked, turn.snapshot.nowMs));
  const next = drive(sceneOf(turn.snapshot, draft.run, step), record);
  turn.actions.push(...next.actions);
  if (next.ask) turn.asks.push(next.ask);
  turn.wakeAtMs = earlier(turn.wakeAtMs, next.wakeAtMs);
  setRecord(draft, step, next.record);
}

/** A retry is a start: under a pause it waits too. */
function pauseOf(snapshot: ServiceSnapshot, { run, status }: Draft, step: PlanStep): Reason | undefined {
  if (isPaused(snapshot, run, status)) return reason('PlanPaused', 'The plan is paused.');
  const phase = run.spec.phases.find((candidate) => candidate.steps.includes(step));
  return phase && status.pausedPhases.includes(phase.id)
    ? reason('PhasePaused', `Phase ${phase.name} is paused.`, { phase: phase.name })
    : undefined;
}

function isPaused(snapshot: ServiceSnapshot, run: PlanRun, status: RunStatus): boolean {
  return status.paused || (snapshot.service.status?.pausedPlans?.includes(run.spec.plan) ?? false);
}

function beginSteps(turn: Turn, draft: Draft): void {
  if (draft.status.outcome !== undefined) return;
  const { run, status } = draft;
  const { snapshot } = turn;
  const verdicts = candidates(
    run.spec.phases.map((phase) => ({
      phase,
      paused: status.pausedPhases.includes(phase.id),
      steps: phase.steps.map((step) => ({
        id: step.id,
        name: step.name,
        record: recordOf(status, step.id),
        broken: isBroken(snapshot, step),
      })),
    })),
    {
      strategy: run.spec.strategy,
      ...(run.spec.maxParallel !== undefined && { maxParallel: run.spec.maxParallel }),
      paused: isPaused(snapshot, run, status),
    },
  );
  for (const step of stepsOf(run)) {
    const record = recordOf(draft.status, step.id);
    if (!verdicts.has(step.id) || record.state.state === 'failed' || isUnderWay(record)) continue;
    const why = verdicts.get(step.id);
    if (why) setRecord(draft, step, waitFor(record, why, snapshot.nowMs));
    else tryBegin(turn, draft, step, record);
  }
}

function isBroken(snapshot: ServiceSnapshot, step: PlanStep): boolean {
  const instance = snapshot.instances.find((candidate) => candidate.metadata.name === step.instance);
  const pod = snapshot.pods.get(step.instance);
  return (instance?.spec.incarnation ?? 0) > 0 && !(pod && isReady(pod));
}

function tryBegin(turn: Turn, draft: Draft, step: PlanStep, record: StepRecord): void {
  const { snapshot } = turn;
  const scene = sceneOf(snapshot, draft.run, step);
  const holder = turn.claims.get(step.instance);
  if (holder && !mayTakeOver(holder, scene)) return setRecord(draft, step, waitFor(record, claimedBy(holder), snapshot.nowMs));
  if (!scene.instance && step.action !== 'deploy') return setRecord(draft, step, doneRecord(record, snapshot.nowMs));
  // After a force-restart (attempt > 0) being there already is not enough.
  if (record.attempt === 0 && isThere(scene)) {
    takeOver(turn, step, holder);
    return start(turn, draft, scene, adoptRecord(scene, record));
  }
  const gate = mayBegin(turn, scene, record);
  if (!gate.open) {
    const waits = waitFor(record, gate.wait, snapshot.nowMs);
    return setRecord(draft, step, gate.refused ? held(waits, gate.wait) : unheld(waits));
  }
  takeOver(turn, step, holder);
  for (const warning of gate.warnings) draft.notes.push({ about: snapshot.service, type: 'Warning', reason: warning });
  start(turn, draft, scene, beginRecord(scene, record, gate.domain));
}

/** Nothing has to be restarted: a deploy's instance is on target, or what recovery was made for has been mended by another plan. */
function isThere(scene: StepScene): boolean {
  const { step, run, pod, instance } = scene;
  if (step.action === 'deploy') return onTarget(scene);
  if (run.spec.plan !== 'recovery' || run.spec.operation !== undefined || !pod || !instance) return false;
  return isIncarnationOf(pod, instance) && incarnationOf(pod) === instance.spec.incarnation && isLive(pod);
}

function held(record: StepRecord, by: Reason): StepRecord {
  return record.state.state === 'held' && record.state.by.message === by.message ? record : { ...record, state: { state: 'held', by } };
}

function unheld(record: StepRecord): StepRecord {
  return record.state.state === 'held' ? { ...record, state: { state: 'pending' } } : record;
}

type MayBegin =
  | { readonly open: true; readonly domain: unknown; readonly warnings: readonly Reason[] }
  | { readonly open: false; readonly wait: Reason; readonly refused?: boolean };

/** Asks the operator where a pod that lives would be stopped, or data be given up. At most one such stop of a service is under way at a time. */
function mayBegin(turn: Turn, scene: StepScene, record: StepRecord): MayBegin {
  const { snapshot } = turn;
  const { step, pod, instance, run } = scene;
  const retired = decommissionWaits(turn, run);
  if (retired) return { open: false, wait: retired };
  const stops =
    (pod !== undefined && isLive(pod)) ||
    ((step.action === 'replace' || step.action === 'retire') && (instance?.spec.incarnation ?? 0) > 0);
  if (!snapshot.gated || !stops || run.spec.plan === 'uninstall') return { open: true, domain: undefined, warnings: [] };
  const other = [...turn.claims.values()].find((claim) => isStopping(claim.record) && claim.step.instance !== step.instance);
  if (other)
    return {
      open: false,
      wait: reason('OtherPodStopping', `${other.step.instance} is being stopped; one at a time.`, { instance: other.step.instance }),
    };
  const gate = consult(snapshot, stepCall('mayStop', step, record));
  if (gate.open) return { open: true, domain: gate.answer.record, warnings: gate.answer.warnings ?? [] };
  if (gate.ask) turn.asks.push(gate.ask);
  turn.wakeAtMs = earlier(turn.wakeAtMs, gate.wakeAtMs);
  return {
    open: false,
    wait: gate.reason ?? reason('OperatorAsked', 'The operator is asked whether the pod may be stopped now.'),
    refused: gate.refused,
  };
}

function isStopping(record: StepRecord): boolean {
  return record.state.state === 'running' && (record.state.stage === 'stopping' || record.state.stage === 'preparing');
}

/** Shrinking does not add to what a deploy has down at the moment. */
function decommissionWaits(turn: Turn, run: PlanRun): Reason | undefined {
  if (run.spec.plan !== 'decommission') return undefined;
  const busy = [...turn.claims.values()].find((claim) => claim.run.spec.plan === 'deploy');
  return busy && claimedBy(busy);
}

/** Whoever held the instance lets go: a recovery run ends, a step of another plan goes back to pending. */
function takeOver(turn: Turn, step: PlanStep, holder: Claim | undefined): void {
  const draft = holder && turn.drafts.get(holder.run.metadata.name);
  if (!draft) return;
  draft.yielded = true;
  turn.claims.delete(step.instance);
  if (holder.run.spec.plan === 'recovery') {
    draft.status = { ...draft.status, outcome: 'superseded', finishedAt: toTime(turn.snapshot.nowMs) };
  } else {
    setRecord(draft, holder.step, PENDING);
  }
}

function start(turn: Turn, draft: Draft, scene: StepScene, record: StepRecord): void {
  const { step, run } = scene;
  setRecord(draft, step, record);
  turn.claims.set(step.instance, { run, step, record });
  const verb = { deploy: 'brings it to the target', restart: 'restarts it', replace: 'replaces it', retire: 'ends it' }[step.action];
  draft.notes.push(
    note(scene.instance ?? run, 'Normal', 'StepStarted', `Plan ${run.spec.plan} ${verb}: ${step.name}, attempt ${record.attempt}.`),
  );
}

function setRecord(draft: Draft, step: PlanStep, record: StepRecord): void {
  const before = recordOf(draft.status, step.id);
  if (before === record) return;
  draft.status = { ...draft.status, steps: { ...draft.status.steps, [step.id]: record } };
  if (before.state.state === record.state.state) return;
  if (record.state.state === 'backoff') {
    draft.notes.push(
      note(
        draft.run,
        'Warning',
        record.waiting?.reason.code ?? 'StepFailed',
        `${step.name}: ${record.waiting?.reason.message ?? ''} Next attempt at ${record.state.until}.`,
      ),
    );
  } else if (record.state.state === 'failed') {
    draft.notes.push({ about: draft.run, type: 'Warning', reason: record.state.reason });
  } else if (record.state.state === 'held') {
    draft.notes.push({ about: draft.run, type: 'Warning', reason: record.state.by });
  } else if (record.state.state === 'done') {
    draft.notes.push(note(draft.run, 'Normal', 'StepComplete', `${step.name} is complete.`));
  }
}

function finish(turn: Turn, draft: Draft): void {
  if (draft.status.outcome !== undefined) return;
  if (!stepsOf(draft.run).every((step) => recordOf(draft.status, step.id).state.state === 'done')) return;
  draft.status = { ...draft.status, outcome: 'complete', finishedAt: toTime(turn.snapshot.nowMs) };
  draft.notes.push(note(draft.run, 'Normal', 'PlanComplete', `Plan ${draft.run.spec.plan} (${draft.run.metadata.name}) is complete.`));
}

function note(about: Note['about'], type: Note['type'], code: string, message: string): Note {
  return { about, type, reason: reason(code, message) };
}
