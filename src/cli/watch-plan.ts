import { DroverError, hasCode } from '../base/errors.ts';
import { LABEL_SERVICE } from '../model/labels.ts';
import type { Pod } from '../model/core/pod.ts';
import type { KindRef } from '../model/kind.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { Resource, Stored } from '../model/resource.ts';
import { planTree } from '../plan/plan-tree.ts';
import { hint } from '../plan/did-you-mean.ts';
import { planNames } from '../plan/plan-list.ts';
import { planView, type PlanView } from '../plan/plan-view.ts';
import type { Connection } from './connect.ts';
import type { Context } from './context.ts';
import { managedServiceRef, planRunRef, podInstanceRef, podRef } from './refs.ts';
import { renderAge } from './render/age.ts';
import { coloured, colourTree } from './render/colour.ts';
import { startLive } from './render/live.ts';
import { waitFor } from './wait.ts';

/** What to draw, and until when: by default until the plan is COMPLETE. */
export interface WatchTarget {
  readonly namespace: string;
  readonly service: string;
  readonly plan: string;
  /** Called with every state of the plan; true ends the watch. */
  readonly until?: (view: PlanView, runs: readonly Stored<PlanRun>[]) => boolean;
}

/** Draws a plan live from three watches until it is complete or Ctrl-C. Resolves with the last view. */
export async function watchPlan(context: Context, connection: Connection, target: WatchTarget): Promise<PlanView> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const key = { namespace: target.namespace, name: target.service };
  await waitFor(connection, managedServiceRef, key, () => true, { timeoutMs: 30_000, signal });
  const service = await connection.client.get(managedServiceRef, key);
  const live = startLive(context);
  const copies = {
    runs: new Map<string, Stored<PlanRun>>(),
    instances: new Map<string, Stored<PodInstance>>(),
    pods: new Map<string, Stored<Pod>>(),
  };
  let view: PlanView | undefined;
  let synced = 0;
  const draw = () => {
    if (synced < 3) return;
    const runs = [...copies.runs.values()];
    view = planView(service, target.plan, runs, [...copies.instances.values()], Date.now());
    if (view === undefined)
      return stop.abort(
        new DroverError('not-found', `${target.service} has no plan '${target.plan}'.${hint(target.plan, planNames(service, runs))}`),
      );
    live.draw(decorate(context, view, [...copies.pods.values()]));
    if (target.until ? target.until(view, runs) : view.status === 'COMPLETE') stop.abort();
  };
  const follow = <T extends Resource>(kind: KindRef<T>, copy: Map<string, Stored<T>>) =>
    followKind(
      connection,
      kind,
      { namespace: target.namespace, labelSelector: `${LABEL_SERVICE}=${target.service}` },
      copy,
      signal,
      () => (synced += 1),
      draw,
    );
  // Ages move on without a change.
  const ticker = context.isTerminal ? setInterval(draw, 1000) : undefined;
  try {
    await Promise.all([follow(planRunRef, copies.runs), follow(podInstanceRef, copies.instances), follow(podRef, copies.pods)]);
  } finally {
    clearInterval(ticker);
    live.end();
  }
  if (view === undefined)
    throw stop.signal.reason instanceof DroverError
      ? stop.signal.reason
      : new DroverError('unavailable', 'interrupted before the plan could be read');
  return view;
}

async function followKind<T extends Resource>(
  connection: Connection,
  kind: KindRef<T>,
  query: { namespace: string; labelSelector: string },
  copy: Map<string, Stored<T>>,
  signal: AbortSignal,
  onSynced: () => void,
  onChange: () => void,
): Promise<void> {
  let first = true;
  while (!signal.aborted) {
    try {
      const list = await connection.client.list(kind, query);
      copy.clear();
      for (const item of list.items) copy.set(item.metadata.name, item);
      if (first) onSynced();
      first = false;
      onChange();
      for await (const event of connection.client.watch(kind, { ...query, resourceVersion: list.resourceVersion, signal })) {
        if (event.type === 'BOOKMARK') continue;
        if (event.type === 'DELETED') copy.delete(event.object.metadata.name);
        else copy.set(event.object.metadata.name, event.object);
        onChange();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!hasCode(error, 'compacted', 'unavailable')) throw error;
      // The server is away or restarts: the picture stays and goes on when it is back.
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** The tree in colour, each unfinished step followed by what it waits for. */
function decorate(context: Context, view: PlanView, pods: readonly Stored<Pod>[]): string[] {
  const on = context.isTerminal;
  const waits = view.phases.flatMap((phase) => phase.steps.map((step) => (step.status === 'COMPLETE' ? '' : waitText(step, pods, on))));
  let step = -1;
  return planTree(view)
    .split('\n')
    .map((line) => {
      const isStep = /^(│ {2}| {3})[├└]─ /.test(line);
      if (isStep) step += 1;
      const tree = on ? colourTree(line) : line;
      const wait = isStep ? (waits[step] ?? '') : '';
      return wait === '' ? tree : `${tree}  ${coloured(on, 'dim', wait)}`;
    });
}

/** In a log an age would make each line a new one: there only the reason is told. */
function waitText(step: PlanView['phases'][number]['steps'][number], pods: readonly Stored<Pod>[], withAge: boolean): string {
  const pod = pods.find((candidate) => candidate.metadata.name === step.instance);
  const waiting = pod?.status?.containerStatuses?.find((container) => container.state?.waiting?.message)?.state?.waiting;
  if (waiting?.message && step.status !== 'PENDING') return waiting.message;
  const held = step.waiting;
  return held === undefined
    ? ''
    : `${held.reason.message}${!withAge || held.forMs === undefined || held.forMs < 1000 ? '' : ` (${renderAge(held.forMs)})`}`;
}
