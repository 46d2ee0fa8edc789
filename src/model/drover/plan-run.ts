import { Type, type Static } from 'typebox';
import { Reason } from '../reason.ts';
import { ObjectMeta, Time } from '../resource.ts';
import { Strategy } from './managed-service.ts';
import { immutableSpec } from '../causes.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';
import { sameJson } from '../same-json.ts';
import { runProgress, runStatusText } from './plan-run-text.ts';

/** What a step does to its pod instance. `deploy`: to the run's revision; `restart`: in place; `replace`: with new volumes; `retire`: end it. */
export const StepAction = Type.Enum(['deploy', 'restart', 'replace', 'retire']);
export type StepAction = Static<typeof StepAction>;

/** A compiled step. `id` is a UUID derived from run name, phase and step (stable over restarts). */
export const PlanStep = Type.Object({
  id: Type.String(),
  name: Type.String({ description: 'As people know it: kafka-0:[broker] (podType-index:[tasks]).' }),
  instance: Type.String({ description: 'Name of the PodInstance.' }),
  action: StepAction,
  tasks: Type.Array(Type.String()),
  force: Type.Optional(Type.Object({ reason: Type.String() }, { description: 'Domain refusals were overridden, and why.' })),
});
export type PlanStep = Static<typeof PlanStep>;

export const PlanPhase = Type.Object({
  id: Type.String(),
  name: Type.String(),
  strategy: Strategy,
  maxParallel: Type.Optional(Type.Integer()),
  steps: Type.Array(PlanStep),
});
export type PlanPhase = Static<typeof PlanPhase>;

/**
 * The core's own states. `running.stage`: `stopping` (the old incarnation ends), `preparing` (domain work between old and new), `starting` (the
 * new Pod exists, its tasks do not all run), `verifying` (tasks run; probes or the domain are not satisfied yet).
 */
export const StepState = Type.Union([
  Type.Object({ state: Type.Literal('pending') }),
  Type.Object({ state: Type.Literal('running'), stage: Type.Enum(['stopping', 'preparing', 'starting', 'verifying']) }),
  Type.Object({ state: Type.Literal('backoff'), until: Time }),
  Type.Object({ state: Type.Literal('held'), by: Reason }),
  Type.Object({ state: Type.Literal('done'), forced: Type.Optional(Type.Boolean()) }),
  Type.Object({ state: Type.Literal('failed'), reason: Reason }),
]);
export type StepState = Static<typeof StepState>;

/** The durable record of one step. */
export const StepRecord = Type.Object({
  state: StepState,
  attempt: Type.Integer({ description: 'How often work on it has begun; 0 before.' }),
  incarnation: Type.Optional(Type.Integer({ description: 'The incarnation that this attempt brings about (or ends, for retire).' })),
  volumesFrom: Type.Optional(
    Type.Integer({ description: 'Of a replace: the incarnation that gets the new volumes. Later attempts keep them.' }),
  ),
  restarts: Type.Optional(
    Type.Integer({ description: 'Restarts by the agent that its incarnation had when this attempt took it over as it was.' }),
  ),
  startedAt: Type.Optional(Time),
  finishedAt: Type.Optional(Time),
  waiting: Type.Optional(Type.Object({ reason: Reason, since: Time }, { description: 'Why it does not go on, and since when.' })),
  force: Type.Optional(
    Type.Object({ reason: Type.String() }, { description: 'A person overrode domain refusals of this step later, and why.' }),
  ),
  domain: Type.Optional(Type.Unknown({ description: 'What the operator wrote down before the stop, e.g. the ISRs left.' })),
});
export type StepRecord = Static<typeof StepRecord>;

/**
 * One run of a plan: the compiled, immutable phases and steps (spec) and the state of each step (status). Runs are the history. A service has at
 * most one unfinished `deploy` run; a `recovery` run is made for each failure or pod verb, and the recovery plan people see is all of them together.
 */
export const PlanRun = Type.Object({
  apiVersion: Type.Literal('drover.dev/v1alpha1'),
  kind: Type.Literal('PlanRun'),
  metadata: ObjectMeta,
  spec: Type.Object({
    service: Type.String(),
    plan: Type.String({ description: 'deploy, recovery, decommission, uninstall, or the name of a custom plan.' }),
    number: Type.Integer(),
    cause: Reason,
    actor: Type.Optional(Type.String()),
    operation: Type.Optional(Type.String({ description: 'Name of the Operation that asked for it.' })),
    revision: Type.String({ description: 'ServiceRevision that deploy steps go to.' }),
    fromRevision: Type.Optional(Type.String()),
    strategy: Strategy,
    maxParallel: Type.Optional(Type.Integer()),
    phases: Type.Array(PlanPhase),
  }),
  status: Type.Optional(
    Type.Object({
      paused: Type.Boolean(),
      pausedPhases: Type.Array(Type.String({ description: 'ids' })),
      steps: Type.Record(Type.String(), StepRecord, { description: 'By step id.' }),
      startedAt: Type.Optional(Time),
      finishedAt: Type.Optional(Time),
      outcome: Type.Optional(Type.Enum(['complete', 'superseded', 'stopped'])),
      errors: Type.Optional(Type.Array(Reason)),
      operations: Type.Array(Type.String(), { description: 'uids of the Operations applied to this run: their idempotency keys.' }),
    }),
  ),
});
export type PlanRun = Static<typeof PlanRun>;

export const planRunKind: Kind<PlanRun> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'PlanRun',
  plural: 'planruns',
  singular: 'planrun',
  shortNames: ['run'],
  categories: ['drover'],
  namespaced: true,
  origin: 'crd',
  schema: PlanRun,
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    textColumn('Plan', 'Which plan it is a run of.', ({ spec }) => spec.plan, { jsonPath: '.spec.plan' }),
    textColumn('Status', 'Where it stands.', runStatusText),
    textColumn('Done', 'Steps that are done, of all.', (run) => {
      const { done, steps } = runProgress(run);
      return `${done}/${steps}`;
    }),
    textColumn('Cause', 'Why it was made.', ({ spec }) => spec.cause.code, { jsonPath: '.spec.cause.code' }),
    ageColumn,
  ],
  invariants: (run, old) => immutableSpec(!old || sameJson(run.spec, old.spec)),
  selectableFields: (run) => ({ 'spec.service': run.spec?.service ?? '', 'spec.plan': run.spec?.plan ?? '' }),
  description: 'One run of a plan: compiled steps and their states.',
};
