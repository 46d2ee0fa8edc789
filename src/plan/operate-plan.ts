import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun, StepRecord } from '../model/drover/plan-run.ts';
import { reason, type Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import type { Action, RunStatus } from './action.ts';
import { findPhases, findSteps, type PhaseOfRun, type StepOfRun } from './address.ts';
import { compileCustom } from './compile.ts';
import { runName } from './names.ts';
import { isFinished, newestRun, recoveryRuns } from './plan-list.ts';
import { verdict, type Verdict } from './verdict.ts';
import { doneRecord } from './step.ts';
import { initialStatus, PENDING, recordOf } from './run-record.ts';
import { targetRevision, type ServiceSnapshot } from './service-snapshot.ts';

/** A plan of which runs are made as things fail: its own pause is kept with the service. */
const MANY_RUNS = 'recovery';

/** The plan verbs (dcos.md 3.4 with the fixes of 9.4). `plan` exists. */
export function operatePlan(snapshot: ServiceSnapshot, operation: Stored<Operation>, plan: string): Verdict {
  const newest = newestRun(snapshot.runs, plan);
  const runs = plan === MANY_RUNS ? recoveryRuns(snapshot.runs) : newest ? [newest] : [];
  const scene: Scene = { snapshot, operation, plan, runs };
  switch (operation.spec.verb) {
    case 'plan-start':
      return startPlan(scene);
    case 'plan-pause':
      return pause(scene);
    case 'plan-resume':
      return resume(scene);
    case 'plan-stop':
      return stop(scene);
    case 'plan-force-restart':
      return forceRestart(scene);
    case 'plan-force-complete':
      return forceComplete(scene);
    case 'pod-restart':
    case 'pod-replace':
      return verdict('Refused', 'WrongTarget', 'The verb is about a pod.');
  }
}

interface Scene {
  readonly snapshot: ServiceSnapshot;
  readonly operation: Stored<Operation>;
  readonly plan: string;
  readonly runs: readonly Stored<PlanRun>[];
}

function startPlan(scene: Scene): Verdict {
  const { snapshot, operation, plan, runs } = scene;
  const open = runs.find((run) => !isFinished(run));
  const target = targetRevision(snapshot);
  if (plan === MANY_RUNS) return resume(scene);
  if (open) {
    if (!open.status?.paused) return verdict('AlreadySo', 'Running', `Plan ${plan} is under way already.`, open);
    return applied(scene, 'Resumed', `Plan ${plan} goes on.`, [edit(scene, open, (status) => ({ ...status, paused: false }))], open);
  }
  const custom = target?.spec.template.plans?.find((candidate) => candidate.name === plan && plan !== 'deploy');
  if (!custom || !target) {
    return verdict(
      'AlreadySo',
      'Complete',
      `Plan ${plan} is complete: all is on the target. To restart its pods: plan force-restart ${plan}.`,
      runs[0],
    );
  }
  const { actor, reason: why } = operation.spec;
  const cause = reason('StartRequested', `${actor ?? 'Someone'} started it${why ? `: ${why}` : ''}.`, { ...(actor && { actor }) });
  const run = compileCustom(
    snapshot,
    custom,
    { cause, actor, operation: operation.metadata.name, revision: target.metadata.name },
    target.spec.template,
  );
  const name = runName(run.spec.service, plan, run.spec.number);
  return {
    outcome: 'Applied',
    reason: reason('Started', `Plan ${plan} starts (${name}).`),
    effects: [{ type: 'create-run', run }],
    run: name,
  };
}

function pause(scene: Scene): Verdict {
  const { plan, runs, operation } = scene;
  const { phase: address } = operation.spec.target;
  const open = runs.filter((run) => !isFinished(run));
  if (address === undefined) {
    if (plan === MANY_RUNS) return pauseRecovery(scene, true);
    const running = open.filter((run) => !run.status?.paused);
    if (running.length === 0) return verdict('AlreadySo', 'NothingToPause', nothingToDo(scene, 'paused'), runs[0]);
    return applied(
      scene,
      'Paused',
      `Plan ${plan} is paused; what is under way is finished.`,
      edits(scene, running, (status) => ({ ...status, paused: true })),
      running[0],
    );
  }
  return setPhasePauses(scene, address, true);
}

function resume(scene: Scene): Verdict {
  const { plan, runs, operation } = scene;
  const { phase: address } = operation.spec.target;
  if (address !== undefined) return setPhasePauses(scene, address, false);
  if (plan === MANY_RUNS) return pauseRecovery(scene, false);
  const open = runs.find((run) => !isFinished(run));
  if (!open) {
    if (runs.length > 0) return verdict('AlreadySo', 'Complete', `Plan ${plan} is complete.`, runs[0]);
    return verdict('Refused', 'NotStarted', `Plan ${plan} has not been started: plan start ${plan}.`);
  }
  const paused = open.spec.phases.filter((phase) => open.status?.pausedPhases.includes(phase.id)).map((phase) => phase.name);
  const rest = paused.length > 0 ? ` Its phases ${paused.join(', ')} stay paused: resume them by name.` : '';
  if (open.status?.paused) {
    return applied(scene, 'Resumed', `Plan ${plan} goes on.${rest}`, [edit(scene, open, (status) => ({ ...status, paused: false }))], open);
  }
  if (rest !== '') return verdict('Refused', 'PhasesPaused', `Plan ${plan} itself is not paused.${rest}`, open);
  return verdict('AlreadySo', 'Running', `Plan ${plan} is not paused.`, open);
}

function setPhasePauses(scene: Scene, address: string, paused: boolean): Verdict {
  const found = findPhases(scene.runs, address);
  if ('missing' in found) return verdict('NotFound', 'PhaseNotFound', found.missing);
  const wrong = found.found.filter(
    ({ run, phase }) => (run.status?.pausedPhases.includes(phase.id) ?? false) !== paused && !isComplete(run, phase),
  );
  const word = paused ? 'paused' : 'resumed';
  if (wrong.length === 0)
    return verdict('AlreadySo', 'Nothing', `Phase ${address} is ${paused ? 'paused or complete' : 'not paused'} already.`, scene.runs[0]);
  const effects = changes(scene, wrong).map(([run, phases]) => {
    const ids = phases.map(({ phase }) => phase.id);
    return edit(scene, run, (status) => ({
      ...status,
      pausedPhases: paused ? [...new Set([...status.pausedPhases, ...ids])] : status.pausedPhases.filter((id) => !ids.includes(id)),
    }));
  });
  return applied(scene, paused ? 'Paused' : 'Resumed', `Phase ${address} of plan ${scene.plan} has been ${word}.`, effects, wrong[0]?.run);
}

function pauseRecovery(scene: Scene, paused: boolean): Verdict {
  const { snapshot, operation, runs } = scene;
  const { service } = snapshot;
  const before = service.status?.pausedPlans ?? [];
  // A stop paused the runs there were, each for itself.
  const stopped = paused ? [] : runs.filter((run) => !isFinished(run) && run.status?.paused);
  const resumed = edits(scene, stopped, (status) => ({ ...status, paused: false }));
  if (before.includes(MANY_RUNS) === paused && resumed.length === 0) {
    return verdict('AlreadySo', paused ? 'Paused' : 'Running', `Plan recovery is ${paused ? 'paused' : 'not paused'} already.`);
  }
  const status = {
    ...service.status,
    pausedPlans: paused ? [...before, MANY_RUNS] : before.filter((plan) => plan !== MANY_RUNS),
    operations: [...(service.status?.operations ?? []), operation.metadata.uid].slice(-20),
  };
  const message = paused ? 'Plan recovery is paused: what fails from now on waits.' : 'Plan recovery goes on.';
  const effects: Action[] = [...resumed, { type: 'service-status', service, status }];
  return { outcome: 'Applied', reason: reason(paused ? 'Paused' : 'Resumed', message), effects };
}

function stop(scene: Scene): Verdict {
  const { plan, runs } = scene;
  const open = runs.filter((run) => !isFinished(run));
  if (open.length === 0) return verdict('AlreadySo', 'NothingToStop', nothingToDo(scene, 'stopped'), runs[0]);
  const reset = (status: RunStatus): RunStatus => ({
    ...status,
    paused: true,
    steps: Object.fromEntries(Object.keys(status.steps).map((id) => [id, PENDING])),
  });
  return applied(
    scene,
    'Stopped',
    `Plan ${plan} is stopped and its steps are pending again; no task was killed. To go on: plan resume ${plan}.`,
    edits(scene, open, reset),
    open[0],
  );
}

function forceRestart(scene: Scene): Verdict {
  const { runs, operation, plan } = scene;
  const { phase: phaseAddress, step: stepAddress } = operation.spec.target;
  const steps = addressed(scene, phaseAddress, stepAddress);
  if ('missing' in steps) return verdict('NotFound', 'ElementNotFound', steps.missing);
  const touched = steps.found.filter(({ run, step }) => {
    const record = recordOf(run.status, step.id);
    return record.state.state !== 'pending' || record.attempt > 0;
  });
  const whole = stepAddress === undefined;
  const unpausePlan = whole && phaseAddress === undefined && runs.some((run) => run.status?.paused);
  if (touched.length === 0 && !unpausePlan) return verdict('AlreadySo', 'Pending', `${elementName(scene)} is pending already.`, runs[0]);
  const { force, reason: why } = operation.spec;
  const effects = changes(scene, steps.found).map(([run, found]) =>
    edit(scene, run, (status) => {
      const { outcome: _outcome, finishedAt: _finished, ...rest } = status;
      const again = Object.fromEntries(
        found.map(({ step }) => [step.id, restarted(recordOf(status, step.id), force === true && why ? { reason: why } : undefined)]),
      );
      const phases = new Set(found.map(({ phase }) => phase.id));
      return {
        ...rest,
        // The pause of what is addressed ends with it; those of others stay.
        paused: phaseAddress === undefined && whole ? false : status.paused,
        pausedPhases: whole && phaseAddress !== undefined ? status.pausedPhases.filter((id) => !phases.has(id)) : status.pausedPhases,
        steps: { ...status.steps, ...again },
      };
    }),
  );
  return applied(scene, 'Restarted', `${elementName(scene)} of plan ${plan} has been restarted.`, effects, steps.found[0]?.run);
}

/** Pending with an attempt behind it: its pod is started again even if it is where it should be. */
function restarted(record: StepRecord, force: { reason: string } | undefined): StepRecord {
  return { state: { state: 'pending' }, attempt: Math.max(1, record.attempt), ...(force && { force }) };
}

function forceComplete(scene: Scene): Verdict {
  const { snapshot, operation, plan, runs } = scene;
  const { phase, step } = operation.spec.target;
  const steps = addressed(scene, phase, step);
  if ('missing' in steps) return verdict('NotFound', 'ElementNotFound', steps.missing);
  const unfinished = steps.found.filter((found) => recordOf(found.run.status, found.step.id).state.state !== 'done');
  if (unfinished.length === 0) return verdict('AlreadySo', 'Complete', `${elementName(scene)} is complete already.`, runs[0]);
  const effects = changes(scene, unfinished).map(([run, found]) =>
    edit(scene, run, (status) => {
      const done = found.map((item) => {
        const record = doneRecord(recordOf(status, item.step.id), snapshot.nowMs);
        return [item.step.id, { ...record, state: { state: 'done' as const, forced: true } }] as const;
      });
      return { ...status, steps: { ...status.steps, ...Object.fromEntries(done) } };
    }),
  );
  return applied(
    scene,
    'ForcedComplete',
    `${elementName(scene)} of plan ${plan} has been forced to complete; its tasks were not touched.`,
    effects,
    unfinished[0]?.run,
  );
}

function addressed(
  scene: Scene,
  phase: string | undefined,
  step: string | undefined,
): { found: readonly StepOfRun[] } | { missing: string } {
  if (scene.runs.length === 0) return { missing: `Plan ${scene.plan} has no steps: it has not been started.` };
  const phases = findPhases(scene.runs, phase);
  if ('missing' in phases) return phases;
  const chosen = phase === undefined ? phases.found : phases.found.slice(0, 1);
  return findSteps(chosen, step);
}

function isComplete(run: PlanRun, phase: PhaseOfRun['phase']): boolean {
  return phase.steps.every((step) => recordOf(run.status, step.id).state.state === 'done');
}

function elementName(scene: Scene): string {
  const { phase, step } = scene.operation.spec.target;
  if (step !== undefined) return `Step "${step}"`;
  return phase === undefined ? `Plan "${scene.plan}"` : `Phase "${phase}"`;
}

function nothingToDo({ plan, runs }: Scene, word: string): string {
  const newest = runs[0];
  if (!newest) return `Plan ${plan} has not been started.`;
  return isFinished(newest) ? `Plan ${plan} is complete.` : `Plan ${plan} is ${word} already.`;
}

/** The runs that do not have this operation's change yet. */
function lacking(scene: Scene, runs: readonly Stored<PlanRun>[]): Stored<PlanRun>[] {
  return runs.filter((run) => !run.status?.operations.includes(scene.operation.metadata.uid));
}

function changes<T extends { run: Stored<PlanRun> }>(scene: Scene, items: readonly T[]): [Stored<PlanRun>, T[]][] {
  return byRun(items.filter((item) => lacking(scene, [item.run]).length > 0));
}

function byRun<T extends { run: Stored<PlanRun> }>(items: readonly T[]): [Stored<PlanRun>, T[]][] {
  const groups = new Map<Stored<PlanRun>, T[]>();
  for (const item of items) groups.set(item.run, [...(groups.get(item.run) ?? []), item]);
  return [...groups];
}

function edits(scene: Scene, runs: readonly Stored<PlanRun>[], change: (status: RunStatus) => RunStatus): Action[] {
  return lacking(scene, runs).map((run) => edit(scene, run, change));
}

/** One run's change, with the operation's uid beside it: the proof, after a crash, that it has been made. */
function edit(scene: Scene, run: Stored<PlanRun>, change: (status: RunStatus) => RunStatus): Action {
  const status = change(run.status ?? initialStatus(scene.snapshot, run));
  return { type: 'run-status', run, status: { ...status, operations: [...status.operations, scene.operation.metadata.uid] } };
}

function applied(scene: Scene, code: string, message: string, effects: readonly Action[], run: Stored<PlanRun> | undefined): Verdict {
  const said: Reason = reason(code, message, { plan: scene.plan });
  return { outcome: 'Applied', reason: said, effects, ...(run && { run: run.metadata.name }) };
}
