/** Labels and annotations that Drover sets; the only place that spells them. */
export const LABEL_SERVICE = 'drover.dev/service';
export const LABEL_POD_TYPE = 'drover.dev/pod-type';
export const LABEL_INDEX = 'drover.dev/index';
export const LABEL_INCARNATION = 'drover.dev/incarnation';
export const LABEL_REVISION = 'drover.dev/revision';
export const LABEL_POD_HASH = 'drover.dev/pod-hash';
export const LABEL_PLAN = 'drover.dev/plan';
/** On any object: why the person who wrote it did so (`drover apply --reason`). */
export const ANNOTATION_REASON = 'drover.dev/reason';
/** Keeps a ManagedService until its pods have ended in order. */
export const FINALIZER_SERVICE = 'drover.dev/pods';
/**
 * On a new Pod (and on its PodInstance, where it is kept until a Pod has used it): comma-separated claim names whose directories, left by the incarnation
 * that it replaces, the agent removes before it starts.
 */
export const ANNOTATION_DISCARD_VOLUMES = 'drover.dev/discard-volumes';
