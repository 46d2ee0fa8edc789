import { Type, type Static } from 'typebox';
import type { Kind } from '../kind.ts';
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
  columns: [],
  description: 'Something that happened to an object.',
};
