import { toTime } from '../base/clock.ts';
import { reason, type Reason } from '../model/reason.ts';
import { withCondition } from '../model/resource.ts';
import { earlier, type Action, type Decision } from './action.ts';
import { advance } from './advance.ts';
import { collect } from './collect.ts';
import { compileRetire } from './compile.ts';
import { ensureInstances, ensureRuns, supersede } from './ensure.ts';
import { operate } from './operate.ts';
import { isFinished } from './plan-list.ts';
import { recover } from './recover.ts';
import { accept } from './revision.ts';
import { condition, reportStatus } from './service-status.ts';
import { targetRevision, type ServiceSnapshot } from './service-snapshot.ts';
import { where } from './step.ts';
import { FINALIZER_SERVICE } from '../model/labels.ts';

/**
 * What is to be done for a service now. The stages stand in the order of their right: the first with something to do does it, and the next decision sees
 * it done. So each decision is over one consistent picture, and any prefix of its writes is a state to go on from. Nothing to do: no actions.
 */
export function decide(snapshot: ServiceSnapshot): Decision {
  const ends = snapshot.service.metadata.deletionTimestamp !== undefined && snapshot.service.metadata.deletionTimestamp !== null;
  const target = targetRevision(snapshot);
  const asks: Decision['asks'][number][] = [];
  let wakeAtMs: number | undefined;
  const stages: (() => Decision)[] = ends
    ? [
        () => plain(prepareUninstall(snapshot)),
        () => operate(snapshot),
        () => advance(snapshot),
        () => plain(reportStatus(snapshot)),
        () => plain(release(snapshot)),
      ]
    : [
        () => plain(keep(snapshot)),
        () => ({ ...plain(judge(snapshot)), ...(isRefused(snapshot) && { wakeAtMs: snapshot.nowMs + JUDGE_AGAIN_MS }) }),
        ...(target ? [() => plain(ensureInstances(snapshot, target)), () => plain(ensureRuns(snapshot, target))] : []),
        () => operate(snapshot),
        () => plain(recover(snapshot)),
        () => advance(snapshot),
        () => plain(reportStatus(snapshot)),
        () => collect(snapshot),
      ];
  for (const stage of stages) {
    const decision = stage();
    wakeAtMs = earlier(wakeAtMs, decision.wakeAtMs);
    if (decision.actions.length > 0) return { actions: decision.actions, asks: [] };
    asks.push(...decision.asks);
  }
  return { actions: [], asks, ...(wakeAtMs !== undefined && { wakeAtMs }) };
}

/** A refused spec is looked at again so often: what spoke against it may be gone, and nothing else tells. */
const JUDGE_AGAIN_MS = 10_000;

function isRefused({ service }: ServiceSnapshot): boolean {
  return (service.status?.refusals?.length ?? 0) > 0;
}

function plain(actions: readonly Action[]): Decision {
  return { actions, asks: [] };
}

/** The finalizer comes first: nothing is started that would not be ended in order. */
function keep({ service }: ServiceSnapshot): Action[] {
  return service.metadata.finalizers?.includes(FINALIZER_SERVICE) ? [] : [{ type: 'keep-service', service }];
}

/** Accepts or refuses the present spec when it is new, and looks at a refused one again: what spoke against it may be gone. */
function judge(snapshot: ServiceSnapshot): Action[] {
  const { service, nowMs } = snapshot;
  const { generation = 1 } = service.metadata;
  const known = targetRevision(snapshot) !== undefined;
  if (service.status?.observedGeneration === generation && known && !isRefused(snapshot)) return [];
  const acceptance = accept(service, snapshot.revisions, snapshot.instances, snapshot.instanceOwner);
  if (!acceptance.accepted) {
    const first = acceptance.reasons[0]!;
    const unchanged = service.status?.observedGeneration === generation && sameReasons(service.status?.refusals ?? [], acceptance.reasons);
    if (unchanged) return [];
    const summary = { code: first.code, message: acceptance.reasons.map((why) => why.message).join(' ') };
    const conditions = withCondition(
      service.status?.conditions,
      { ...condition('Accepted', false, summary), observedGeneration: generation },
      toTime(nowMs),
    );
    const status = { ...service.status, observedGeneration: generation, conditions, refusals: [...acceptance.reasons] };
    const notes = acceptance.reasons.map((why) => ({ about: service, type: 'Warning' as const, reason: why }));
    return [{ type: 'service-status', service, status, notes }];
  }
  const { revision, isNew } = acceptance;
  const accepted = reason('Accepted', `Revision ${revision.spec.number} is the target.`);
  const { refusals: _refusals, ...before } = service.status ?? {};
  const conditions = withCondition(
    before.conditions,
    { ...condition('Accepted', true, accepted), observedGeneration: generation },
    toTime(nowMs),
  );
  const status = { ...before, observedGeneration: generation, conditions, targetRevision: revision.metadata.name ?? '' };
  const changed = before.targetRevision !== revision.metadata.name;
  const notes = changed ? [{ about: service, type: 'Normal' as const, reason: accepted }] : [];
  return [...(isNew ? [{ type: 'create-revision' as const, revision }] : []), { type: 'service-status', service, status, notes }];
}

function sameReasons(a: readonly Reason[], b: readonly Reason[]): boolean {
  return a.length === b.length && a.every((why, i) => why.code === b[i]!.code && why.message === b[i]!.message);
}

/** A deleted service: every other plan ends, and the uninstall run is made. */
function prepareUninstall(snapshot: ServiceSnapshot): Action[] {
  const others = snapshot.runs.filter((run) => !isFinished(run) && run.spec.plan !== 'uninstall');
  const actions = others.map((run) => supersede(snapshot, run, 'the service is being deleted.'));
  if (snapshot.runs.some((run) => run.spec.plan === 'uninstall')) return actions;
  const cause = reason('ServiceDeleted', 'The service was deleted.');
  const revision = snapshot.service.status?.targetRevision ?? '';
  return [...actions, { type: 'create-run', run: compileRetire(snapshot, 'uninstall', snapshot.instances, { cause, revision }) }];
}

/** All pods have ended: the service may go. Its data stays, and where is said. */
function release(snapshot: ServiceSnapshot): Action[] {
  const { service, instances } = snapshot;
  const run = snapshot.runs.find((candidate) => candidate.spec.plan === 'uninstall');
  if (!run || !isFinished(run) || !service.metadata.finalizers?.includes(FINALIZER_SERVICE)) return [];
  const kept = instances.flatMap((instance) => instance.spec.volumes.map((volume) => `${volume.id}${where(instance)}`));
  const message =
    kept.length > 0
      ? `Service ${service.metadata.name} is gone; its data stays: ${kept.join(', ')}.`
      : `Service ${service.metadata.name} is gone; it had no data.`;
  const notes = [{ about: service, type: 'Normal' as const, reason: reason('DataKept', message, { volumes: kept }) }];
  return [{ type: 'release-service', service, notes }];
}
