import { Type, type Static } from 'typebox';
import { ageOf } from '../age.ts';
import { invalidValue } from '../causes.ts';
import { nameColumn, textColumn } from '../columns.ts';
import type { Column, Kind } from '../kind.ts';
import { ObjectMeta, Time } from '../resource.ts';

const When = Type.Optional(Type.Union([Time, Type.Null()]));

/** v1 Event. */
export const Event = Type.Object({
  apiVersion: Type.Literal('v1'),
  kind: Type.Literal('Event'),
  metadata: ObjectMeta,
  involvedObject: Type.Object({
    apiVersion: Type.Optional(Type.String()),
    kind: Type.Optional(Type.String()),
    namespace: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    uid: Type.Optional(Type.String()),
    resourceVersion: Type.Optional(Type.String()),
    fieldPath: Type.Optional(Type.String()),
  }),
  reason: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  source: Type.Optional(Type.Object({ component: Type.Optional(Type.String()), host: Type.Optional(Type.String()) })),
  firstTimestamp: When,
  lastTimestamp: When,
  eventTime: When,
  count: Type.Optional(Type.Integer()),
  type: Type.Optional(Type.String()),
  action: Type.Optional(Type.String()),
  reportingComponent: Type.Optional(Type.String()),
  reportingInstance: Type.Optional(Type.String()),
  related: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  series: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type Event = Static<typeof Event>;

const columns: readonly Column<Event>[] = [
  textColumn('Last Seen', 'When it happened last.', lastSeen),
  textColumn('Type', 'Normal or Warning.', (event) => event.type),
  textColumn('Reason', 'Why, in one word.', (event) => event.reason),
  textColumn(
    'Object',
    'What it happened to.',
    ({ involvedObject: { kind = '', name } }) => `${kind.toLowerCase()}${name ? `/${name}` : ''}`,
  ),
  textColumn('Subobject', 'The part of it.', (event) => event.involvedObject.fieldPath, { priority: 1 }),
  textColumn('Source', 'Who reported it.', (event) => event.source?.component ?? event.reportingComponent, { priority: 1 }),
  textColumn('Message', 'What happened, as a sentence.', (event) => event.message?.trim()),
  textColumn('First Seen', 'When it happened first.', firstSeen, { priority: 1 }),
  textColumn('Count', 'How often it happened.', (event) => event.count || 1, { priority: 1 }),
  { ...nameColumn, priority: 1 },
];

export const eventKind: Kind<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  namespaced: true,
  origin: 'builtin',
  schema: Event,
  hasStatus: false,
  hasGeneration: false,
  columns,
  invariants: ({ metadata, involvedObject: { namespace } }) =>
    // Cluster-wide objects have their events in `default`.
    namespace === metadata.namespace || (!namespace && metadata.namespace === 'default')
      ? []
      : [invalidValue('involvedObject.namespace', namespace ?? '', 'does not match event.namespace')],
  selectableFields: ({ involvedObject: about, reason, type, source, reportingComponent }) => ({
    'involvedObject.kind': about?.kind ?? '',
    'involvedObject.namespace': about?.namespace ?? '',
    'involvedObject.name': about?.name ?? '',
    'involvedObject.uid': about?.uid ?? '',
    'involvedObject.apiVersion': about?.apiVersion ?? '',
    'involvedObject.resourceVersion': about?.resourceVersion ?? '',
    'involvedObject.fieldPath': about?.fieldPath ?? '',
    reason: reason ?? '',
    reportingComponent: reportingComponent ?? '',
    source: source?.component ?? reportingComponent ?? '',
    type: type ?? '',
  }),
  description: 'Something that happened to an object.',
};

function firstSeen(event: Event, nowMs: number): string {
  return ageOf(event.firstTimestamp ?? event.eventTime, nowMs);
}

function lastSeen(event: Event, nowMs: number): string {
  return event.lastTimestamp ? ageOf(event.lastTimestamp, nowMs) : firstSeen(event, nowMs);
}
