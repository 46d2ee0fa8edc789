import type { Pod } from '../../model/core/pod.ts';
import type { Reason } from '../../model/reason.ts';
import type { Stored } from '../../model/resource.ts';
import type { Controller, ControllerContext, Result } from '../controller.ts';
import { toTime } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { nodeKind } from '../../model/core/node.ts';
import { podKind } from '../../model/core/pod.ts';
import { reason } from '../../model/reason.ts';
import { keyOf, keyText, parseKey, withCondition } from '../../model/resource.ts';
import { demandOf } from '../../schedule/demand.ts';
import { Herd } from '../../schedule/herd.ts';
import { place } from '../../schedule/place.ts';
import { refusalReason } from '../../schedule/refusal-text.ts';

/** What one term of the scheduler knows: the herd, and which pods found no place. */
interface Term {
  readonly herd: Herd;
  /** Pod key -> the rules that refused it, and when that was last written. */
  readonly refused: Map<string, { codes: string; writtenMs: number }>;
  /** Pod key -> uid of pods that have been bound, until the cache shows it. */
  readonly bound: Map<string, string>;
}

/** A refusal whose numbers alone have changed is written again only so often. */
const REFRESH_MS = 10_000;
const NODE_PREFIX = 'node:';

/**
 * Binds pods that have no node: sets `spec.nodeName`. A pod that finds no place gets condition PodScheduled=False with the reason and numbers of
 * every machine, and is tried again when a machine changes or a pod gives something back; never by polling. Keys are pods, and `node:<name>`.
 */
export function createScheduler(): Controller {
  // By term: what an earlier leader of this process had counted may have missed changes since.
  const terms = new WeakMap<AbortSignal, Term>();

  function termOf(context: ControllerContext): Term {
    let term = terms.get(context.signal);
    if (!term) {
      term = { herd: new Herd(), refused: new Map(), bound: new Map() };
      // All of it before the first placement, or that would count the pods of half the herd.
      for (const node of context.caches.of(nodeKind).list()) term.herd.setNode(node);
      for (const pod of context.caches.of(podKind).list()) term.herd.setPod(keyText(keyOf(pod)), pod);
      terms.set(context.signal, term);
    }
    return term;
  }

  async function reconcile(key: string, context: ControllerContext): Promise<Result | void> {
    const term = termOf(context);
    if (key.startsWith(NODE_PREFIX)) {
      const name = key.slice(NODE_PREFIX.length);
      const node = context.caches.of(nodeKind).get({ name });
      if (node ? term.herd.setNode(node) : term.herd.removeNode(name)) retryRefused(term, context);
      return;
    }
    const pod = context.caches.of(podKind).get(parseKey(key));
    if (!pod || isPlaced(pod)) {
      const freed = pod ? term.herd.setPod(key, pod) : term.herd.removePod(key);
      term.refused.delete(key);
      term.bound.delete(key);
      if (freed) retryRefused(term, context);
      return;
    }
    if (term.bound.get(key) === pod.metadata.uid) return;
    // A new pod of that name: the old one, whose end was not seen, holds nothing any more.
    if (term.herd.removePod(key)) retryRefused(term, context);
    if (pod.metadata.deletionTimestamp || (pod.spec.schedulerName ?? 'default-scheduler') !== 'default-scheduler') return;
    return schedule(key, pod, term, context);
  }

  return {
    name: 'scheduler',
    watches: [{ kind: podKind }, { kind: nodeKind, keys: (node) => [NODE_PREFIX + node.metadata.name] }],
    writes: ['pods.spec.nodeName', 'pods.status.phase', 'pods.status.conditions.PodScheduled'],
    // Binding waits for the store; several at a time share its syncs. What each has taken is counted before it waits.
    concurrency: 16,
    reconcile,
  };
}

function isPlaced(pod: Pod): boolean {
  return Boolean(pod.spec.nodeName) || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function retryRefused(term: Term, context: ControllerContext): void {
  for (const key of term.refused.keys()) context.wake(key);
}

async function schedule(key: string, pod: Stored<Pod>, term: Term, context: ControllerContext): Promise<Result | void> {
  const placement = place(demandOf(pod), term.herd.machines());
  if (!placement.placed) return refuse(key, pod, refusalReason(placement.refusals), term, context);
  term.herd.setPod(key, pod, placement.machine);
  term.bound.set(key, pod.metadata.uid);
  try {
    await context.client.patch(podKind, keyOf(pod), {
      metadata: { uid: pod.metadata.uid, resourceVersion: pod.metadata.resourceVersion },
      spec: { nodeName: placement.machine },
    });
  } catch (error) {
    term.herd.removePod(key);
    term.bound.delete(key);
    retryRefused(term, context);
    if (hasCode(error, 'not-found')) return;
    throw error;
  }
  term.refused.delete(key);
  const message = `Successfully assigned ${key} to ${placement.machine}`;
  context.log.info({ pod: key, machine: placement.machine }, 'pod placed');
  context.events.event(pod, 'Normal', reason('Scheduled', message, { machine: placement.machine }));
}

async function refuse(key: string, pod: Stored<Pod>, why: Reason, term: Term, context: ControllerContext): Promise<Result | void> {
  const nowMs = context.clock.now();
  const codes = codesOf(why);
  const before = term.refused.get(key);
  const shown = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  if (shown?.status === 'False' && shown.message === why.message) {
    term.refused.set(key, before ?? { codes, writtenMs: nowMs });
    return;
  }
  if (before?.codes === codes && nowMs - before.writtenMs < REFRESH_MS) return { requeueAfterMs: before.writtenMs + REFRESH_MS - nowMs };
  term.refused.set(key, { codes, writtenMs: nowMs });
  const condition = { type: 'PodScheduled', status: 'False' as const, reason: why.code, message: why.message };
  const conditions = withCondition(pod.status?.conditions, condition, toTime(nowMs));
  await context.client.updateStatus(podKind, { ...pod, status: { ...pod.status, phase: 'Pending', conditions } });
  context.log.info({ pod: key, reason: why }, 'pod finds no place');
  context.events.event(pod, 'Warning', { ...why, code: 'FailedScheduling' });
}

function codesOf(why: Reason): string {
  const nodes = (why.params?.['nodes'] ?? {}) as Record<string, readonly Reason[]>;
  return JSON.stringify(Object.entries(nodes).map(([machine, reasons]) => [machine, reasons.map(({ code }) => code)]));
}
