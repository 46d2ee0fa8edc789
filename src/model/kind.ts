import type { TSchema } from 'typebox';
import type { FieldCause } from '../base/errors.ts';
import type { ObjectKey, Resource } from './resource.ts';

/** One column of `kubectl get`; `value` is pure, `nowMs` is for ages. */
export interface Column<T extends Resource> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly description: string;
  /** 0 (default) always, 1 only with `-o wide`. */
  readonly priority?: number;
  /** Where a Kubernetes API server finds the value when it prints the kind itself; absent: this column is ours alone. */
  readonly jsonPath?: string;
  value(object: T, nowMs: number): string | number | boolean | null;
}

/** What addresses a kind: enough for a client, without its schema (a command line must not load schemas to start fast). */
export interface KindRef<T extends Resource = Resource> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: carries the type for inference. */
  readonly example?: T;
}

/** Everything the API needs to serve a kind. One constant a kind, in the kind's own file. */
export interface Kind<T extends Resource = Resource> extends KindRef<T> {
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** `crd`: discoverable as a CustomResourceDefinition too, no strategic merge patch; `builtin`: as in kube-apiserver. */
  readonly origin: 'builtin' | 'crd';
  /** JSON Schema of the whole object; `default` keywords are applied on writes. Unknown fields are handled by fieldValidation. */
  readonly schema: TSchema;
  /** True when `status` is written through the subresource only. */
  readonly hasStatus: boolean;
  /** True for kinds (Node) whose creator brings the first status along; otherwise a create drops it. */
  readonly keepsStatusOnCreate?: boolean;
  /** True when `metadata.generation` counts changes of spec. */
  readonly hasGeneration: boolean;
  readonly columns: readonly Column<T>[];
  /** Defaults that a schema keyword cannot say. Pure; returns the same object when there is nothing to do. */
  defaults?(object: T): T;
  /** Rules beyond the schema; `old` on updates. Pure. Empty when all is well. */
  invariants?(object: T, old: T | undefined): readonly FieldCause[];
  /** The fields that `fieldSelector` may name, beyond metadata.name and metadata.namespace, with their values. */
  selectableFields?(object: T): Readonly<Record<string, string>>;
  /** Seconds a delete waits for the one who ends the object (Pod: 30). Absent: deleted at once when there are no finalizers. */
  gracefulDeletionSeconds?(object: T): number;
  readonly description: string;
}

/** `group/version`, or `version` for the core group. */
export function apiVersionOf(kind: Pick<KindRef, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** `plural.group`, or `plural` for the core group: how error texts and CRD names call a kind. */
export function resourceName(kind: Pick<KindRef, 'group' | 'plural'>): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** Names an object in sentences: `managedservices.drover.dev "kafka"`. */
export function objectName(kind: Pick<KindRef, 'group' | 'plural'>, key: ObjectKey): string {
  return `${resourceName(kind)} "${key.name}"`;
}
