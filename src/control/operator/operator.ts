import type { ManagedService } from '../../model/drover/managed-service.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import type { Operator, OperatorList, ServiceView } from '../../operators/operator.ts';
import type { Controller, ControllerContext, Result } from '../controller.ts';
import type { DomainStatus, Verdict } from './status.ts';
import { toTime } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { canonicalJson } from '../../base/ids.ts';
import { nodeKind } from '../../model/core/node.ts';
import { podKind } from '../../model/core/pod.ts';
import { managedServiceKind } from '../../model/drover/managed-service.ts';
import { podInstanceKind } from '../../model/drover/pod-instance.ts';
import { serviceRevisionKind } from '../../model/drover/service-revision.ts';
import { LABEL_SERVICE } from '../../model/labels.ts';
import { reason } from '../../model/reason.ts';
import { keyOf, keyText, parseKey } from '../../model/resource.ts';
import { applyService, isOwned, readService } from './apply-service.ts';
import { serviceView } from './service-view.ts';
import { domainStatus, isJudged } from './status.ts';

/** Keeps a domain resource until its service has ended. */
export const FINALIZER_DOMAIN = 'drover.dev/service';
/** An operator is not asked for status more often than this, however much happens. */
const LEAST_PAUSE_MS = 1000;
/** A refused spec is looked at again so often: what spoke against it may have changed. */
const REFUSED_AGAIN_MS = 10_000;
/** After a status call that failed. */
const STATUS_RETRY_MS = 5000;

/** What was last done for a resource; in memory only, a restart does it again. */
interface Memory {
  readonly uid: string;
  readonly generation: number;
  readonly verdict: Verdict;
  /** What status was last asked over; undefined: not yet. */
  readonly asked?: { readonly seen: string; readonly atMs: number; readonly dueMs: number };
}

/** One controller an operator. Give it operators that take one call at a time (one-at-a-time.ts), the same that the service controller has. */
export function createOperatorControllers(operators: OperatorList): Controller[] {
  return operators.map(createOperatorController);
}

/**
 * Turns a domain resource into the ManagedService of its name: observe, compile, create or update, or condition Accepted=False with the reasons while the
 * service stays as it was. Reports what the operator says of the world when pods change or the time that it named has passed, and writes only what
 * differs. A deleted resource deletes its service, and goes when that is gone.
 */
function createOperatorController(operator: Operator): Controller {
  const terms = new WeakMap<AbortSignal, Map<string, Memory>>();
  const ofService = (object: Stored<Resource>) => {
    const service = object.metadata.labels?.[LABEL_SERVICE];
    return service === undefined ? [] : [keyText({ ...keyOf(object), name: service })];
  };

  return {
    name: `operator-${operator.name}`,
    watches: [
      { kind: operator.kind },
      {
        kind: managedServiceKind,
        keys: (object) => {
          const { operator: by } = (object as ManagedService).spec;
          return by?.name === operator.name ? [keyText({ ...keyOf(object), name: by.resource })] : [];
        },
      },
      { kind: podInstanceKind, keys: ofService },
      { kind: podKind, keys: ofService },
      { kind: serviceRevisionKind, keys: () => [] },
      { kind: nodeKind, keys: () => [] },
    ],
    writes: [
      `${operator.kind.plural}.status`,
      `${operator.kind.plural}.metadata.finalizers.${FINALIZER_DOMAIN}`,
      `managedservices[${operator.name}].spec`,
    ],
    async reconcile(key, context) {
      let memories = terms.get(context.signal);
      if (!memories) terms.set(context.signal, (memories = new Map()));
      const resource = context.caches.of(operator.kind).get(parseKey(key));
      if (!resource) return void memories.delete(key);
      if (resource.metadata.deletionTimestamp) return end(operator, resource, context);
      const finalizers = resource.metadata.finalizers ?? [];
      // First of all: a resource without it could vanish before its pods have ended. The change wakes this key again.
      if (!finalizers.includes(FINALIZER_DOMAIN)) return writeFinalizers(operator, resource, [...finalizers, FINALIZER_DOMAIN], context);
      const memory = memories.get(key);
      const known = memory?.uid === resource.metadata.uid && memory.generation === resource.metadata.generation ? memory : undefined;
      return tend(operator, resource, known, (next) => memories.set(key, next), context);
    },
  };
}

async function tend(
  operator: Operator,
  resource: Stored<Resource>,
  memory: Memory | undefined,
  remember: (memory: Memory) => void,
  context: ControllerContext,
): Promise<Result | void> {
  const nowMs = context.clock.monotonic();
  const cached = context.caches.of(managedServiceKind).get(keyOf(resource));
  const view = await serviceView(resource, cached, context);
  const seen = fingerprint(view, cached);
  const waitMs = memory?.asked ? (memory.asked.seen === seen ? memory.asked.dueMs : memory.asked.atMs + LEAST_PAUSE_MS) - nowMs : 0;
  const holds = memory && (isCurrent(memory.verdict, cached) || (memory.verdict.type === 'refused' && waitMs > 0));
  const verdict = holds ? memory.verdict : await decide(operator, view, context);
  const { uid, generation = 1 } = resource.metadata;
  const next: Memory = { uid, generation, verdict, ...(memory?.asked && { asked: memory.asked }) };
  remember(next);

  const judged =
    verdict.type === 'applied' && cached && isOwned(cached, resource) ? { ...verdict, service: newer(verdict.service, cached) } : verdict;
  const before = resource.status as DomainStatus | undefined;
  const status = domainStatus(before, generation, judged, cached, toTime(context.clock.now()));
  if (canonicalJson(status) !== canonicalJson(before ?? {})) {
    // The verdict before the look at the world: people wait for it, and the look may take seconds. The change wakes this key again.
    await context.client.updateStatus(operator.kind, { ...resource, status });
    tell(resource, before, status, context);
    return;
  }

  // The verdict of the service comes first, and wakes this key.
  if (!isJudged(status)) return;
  if (waitMs > 0) return { requeueAfterMs: waitMs };

  const report = await askStatus(operator, view, context);
  const refreshMs = Math.max(
    LEAST_PAUSE_MS,
    verdict.type === 'applied' ? report.refreshAfterMs : Math.min(report.refreshAfterMs, REFUSED_AGAIN_MS),
  );
  remember({ ...next, asked: { seen, atMs: nowMs, dueMs: context.clock.monotonic() + refreshMs } });
  const full = { ...status, ...report.status };
  if (canonicalJson(full) !== canonicalJson(status)) await context.client.updateStatus(operator.kind, { ...resource, status: full });
  return { requeueAfterMs: refreshMs };
}

/** True while the service has the spec that was handed on. */
function isCurrent(verdict: Verdict, cached: Stored<ManagedService> | undefined): boolean {
  if (verdict.type !== 'applied' || cached?.metadata.uid !== verdict.service.metadata.uid) return false;
  return cached.metadata.generation === verdict.service.metadata.generation;
}

function newer(applied: Stored<ManagedService>, cached: Stored<ManagedService>): Stored<ManagedService> {
  return applied.metadata.uid === cached.metadata.uid && applied.metadata.generation === cached.metadata.generation ? cached : applied;
}

async function decide(operator: Operator, view: ServiceView<Resource>, context: ControllerContext): Promise<Verdict> {
  const { resource } = view;
  const compiled = operator.compile(view, await operator.observe(view, context.signal));
  if (!compiled.accepted) {
    // What was accepted once is the target, whatever the world has become since.
    const service = isAccepted(resource) ? await readService(resource, context) : undefined;
    return service && isOwned(service, resource)
      ? { type: 'applied', service, warnings: [] }
      : { type: 'refused', reasons: compiled.reasons };
  }
  const { name } = resource.metadata;
  const spec = { ...compiled.spec, operator: { name: operator.name, resource: name } };
  const applied = await applyService(operator.kind, resource, spec, context);
  switch (applied.type) {
    case 'applied':
      return { type: 'applied', service: applied.service, warnings: compiled.warnings };
    case 'ending':
      return { type: 'waiting' };
    case 'foreign':
      return {
        type: 'refused',
        reasons: [
          reason(
            'ServiceExists',
            `A ManagedService ${name} exists that does not belong to this ${operator.kind.kind}: delete it or take another name.`,
          ),
        ],
      };
  }
}

function isAccepted(resource: Resource): boolean {
  const { observedGeneration, conditions } = (resource.status ?? {}) as DomainStatus;
  if (observedGeneration !== resource.metadata.generation) return false;
  return conditions?.some((condition) => condition.type === 'Accepted' && condition.status === 'True') ?? false;
}

async function askStatus(
  operator: Operator,
  view: ServiceView<Resource>,
  context: ControllerContext,
): Promise<{ status: Record<string, unknown>; refreshAfterMs: number }> {
  try {
    return await operator.status(view, context.signal);
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.log.warn({ resource: keyText(keyOf(view.resource)), error }, 'operator gave no status');
    return { status: {}, refreshAfterMs: STATUS_RETRY_MS };
  }
}

/** Changes whenever something changes that an operator's status may depend on; not with the resource's own status. */
function fingerprint(view: ServiceView<Resource>, service: Stored<ManagedService> | undefined): string {
  const versions = [service, ...view.instances, ...view.pods.values()].map((object) => object?.metadata.resourceVersion ?? '');
  return versions.join(' ');
}

function tell(resource: Stored<Resource>, before: DomainStatus | undefined, after: DomainStatus, context: ControllerContext): void {
  const accepted = (status: DomainStatus | undefined) => status?.conditions?.find((condition) => condition.type === 'Accepted');
  const [was, is] = [accepted(before), accepted(after)];
  if (!is || (was?.status === is.status && was.message === is.message && was.observedGeneration === is.observedGeneration)) return;
  const fields = { resource: keyText(keyOf(resource)), kind: resource.kind, generation: is.observedGeneration, reason: is.reason };
  if (is.status === 'True') {
    context.log.info(fields, 'spec accepted');
    return;
  }
  context.log.warn({ ...fields, refusals: after.refusals }, 'spec refused, the old one stays');
  for (const why of after.refusals ?? []) context.events.event(resource, 'Warning', why);
}

async function end(operator: Operator, resource: Stored<Resource>, context: ControllerContext): Promise<void> {
  const finalizers = resource.metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZER_DOMAIN)) return;
  const service = await readService(resource, context);
  if (service && isOwned(service, resource)) {
    if (service.metadata.deletionTimestamp) return;
    const left = await context.client.delete(managedServiceKind, keyOf(service), { uid: service.metadata.uid });
    if (left) return;
  }
  await writeFinalizers(
    operator,
    resource,
    finalizers.filter((finalizer) => finalizer !== FINALIZER_DOMAIN),
    context,
  );
}

async function writeFinalizers(
  operator: Operator,
  resource: Stored<Resource>,
  finalizers: string[],
  { client }: ControllerContext,
): Promise<void> {
  const { resourceVersion, uid } = resource.metadata;
  try {
    await client.patch(operator.kind, keyOf(resource), { metadata: { finalizers, resourceVersion, uid } });
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
  }
}
