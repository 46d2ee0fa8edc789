import { Type, type Static } from 'typebox';

export { keyOf, keyText, parseKey } from './object-key.ts';

/** RFC 3339 time in UTC with whole seconds, as Kubernetes' `metav1.Time`. */
export const Time = Type.String({ format: 'date-time' });

export const OwnerReference = Type.Object({
  apiVersion: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  uid: Type.String(),
  controller: Type.Optional(Type.Boolean()),
  blockOwnerDeletion: Type.Optional(Type.Boolean()),
});
export type OwnerReference = Static<typeof OwnerReference>;

/** Standard object metadata (Kubernetes `metav1.ObjectMeta`, the part that Drover keeps). */
export const ObjectMeta = Type.Object({
  name: Type.Optional(Type.String()),
  generateName: Type.Optional(Type.String()),
  namespace: Type.Optional(Type.String()),
  uid: Type.Optional(Type.String()),
  resourceVersion: Type.Optional(Type.String()),
  generation: Type.Optional(Type.Integer()),
  creationTimestamp: Type.Optional(Type.Union([Time, Type.Null()])),
  deletionTimestamp: Type.Optional(Type.Union([Time, Type.Null()])),
  deletionGracePeriodSeconds: Type.Optional(Type.Integer()),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
  finalizers: Type.Optional(Type.Array(Type.String())),
  ownerReferences: Type.Optional(Type.Array(OwnerReference)),
  managedFields: Type.Optional(Type.Array(Type.Unknown())),
  selfLink: Type.Optional(Type.String()),
});
export type ObjectMeta = Static<typeof ObjectMeta>;

/** `metav1.Condition`. */
export const Condition = Type.Object({
  type: Type.String(),
  status: Type.Union([Type.Literal('True'), Type.Literal('False'), Type.Literal('Unknown')]),
  observedGeneration: Type.Optional(Type.Integer()),
  lastTransitionTime: Type.Optional(Type.Union([Time, Type.Null()])),
  lastProbeTime: Type.Optional(Type.Union([Time, Type.Null()])),
  reason: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
});
export type Condition = Static<typeof Condition>;

/** Any object of the resource API. Objects that come out of a client or an informer are shared: never change them in place. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
}

/** A resource that has been stored: what the server sets is there. */
export type Stored<T extends Resource> = T & {
  metadata: ObjectMeta & { name: string; uid: string; resourceVersion: string; creationTimestamp: string };
};

/** Where an object lives. `namespace` is absent for cluster-wide kinds. */
export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

/** `conditions` with `next` set: its lastTransitionTime is `now` only if its status changed. */
export function withCondition(conditions: readonly Condition[] | undefined, next: Condition, now: string): Condition[] {
  const before = conditions?.find((c) => c.type === next.type);
  const changed = before?.status !== next.status;
  const entry: Condition = { ...next, lastTransitionTime: changed ? now : (before?.lastTransitionTime ?? now) };
  const rest = conditions ?? [];
  return before ? rest.map((c) => (c.type === next.type ? entry : c)) : [...rest, entry];
}
