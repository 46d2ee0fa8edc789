import { Type, type Static } from 'typebox';
import { Reason } from '../reason.ts';
import { ObjectMeta, Time } from '../resource.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';
import { LABEL_SERVICE } from '../labels.ts';
import { operationCauses } from './operation-rules.ts';

/** The verbs of this release; CLI, console and every dialect go through them. */
export const OperationVerb = Type.Enum([
  'plan-start',
  'plan-pause',
  'plan-resume',
  'plan-stop',
  'plan-force-restart',
  'plan-force-complete',
  'pod-restart',
  'pod-replace',
]);
export type OperationVerb = Static<typeof OperationVerb>;

/** One imperative act and its outcome, decided once by a pure function (plan/operate.ts). Collected when old. */
export const Operation = Type.Object({
  apiVersion: Type.Literal('drover.dev/v1alpha1'),
  kind: Type.Literal('Operation'),
  metadata: ObjectMeta,
  spec: Type.Object({
    verb: OperationVerb,
    target: Type.Object({
      service: Type.String({ minLength: 1 }),
      plan: Type.Optional(Type.String()),
      phase: Type.Optional(Type.String({ description: 'Name or id.' })),
      step: Type.Optional(Type.String({ description: 'Name or id.' })),
      pod: Type.Optional(Type.String({ description: 'podType-index or the full name of the PodInstance.' })),
    }),
    actor: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    force: Type.Optional(Type.Boolean({ description: 'Override a domain refusal; needs a reason.' })),
    parameters: Type.Optional(Type.Record(Type.String(), Type.String())),
  }),
  status: Type.Optional(
    Type.Object({
      outcome: Type.Enum(['Applied', 'AlreadySo', 'NotFound', 'Refused']),
      reason: Reason,
      decidedAt: Time,
      run: Type.Optional(Type.String({ description: 'The PlanRun that was made or changed.' })),
    }),
  ),
});
export type Operation = Static<typeof Operation>;

/** Its service as a label: how the service's controller finds it without a scan. */
function labelled(operation: Operation): Operation {
  const { service } = operation.spec.target;
  const { labels } = operation.metadata;
  if (labels?.[LABEL_SERVICE] === service) return operation;
  return { ...operation, metadata: { ...operation.metadata, labels: { ...labels, [LABEL_SERVICE]: service } } };
}

export const operationKind: Kind<Operation> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'Operation',
  plural: 'operations',
  singular: 'operation',
  shortNames: ['op'],
  categories: ['drover'],
  namespaced: true,
  origin: 'crd',
  schema: Operation,
  hasStatus: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    textColumn('Verb', 'What is to be done.', ({ spec }) => spec.verb, { jsonPath: '.spec.verb' }),
    textColumn('Target', 'What it is done to.', ({ spec: { target } }) =>
      [target.service, target.plan, target.phase, target.step, target.pod].filter(Boolean).join('/'),
    ),
    textColumn('Outcome', 'What became of it.', ({ status }) => status?.outcome, { jsonPath: '.status.outcome' }),
    ageColumn,
  ],
  invariants: operationCauses,
  selectableFields: (operation) => ({
    'spec.target.service': operation.spec?.target?.service ?? '',
    'status.outcome': operation.status?.outcome ?? '',
  }),
  defaults: labelled,
  description: 'One imperative act and its outcome.',
};
