import { DroverError } from '../base/errors.ts';
import type { Driver, LogLine } from '../drivers/driver.ts';
import type { PodLogRequest } from './node-api.ts';
import { attemptsOf, type PodView } from './pod-view.ts';
import { hasEnded } from './restart-policy.ts';

/** Finds what is known about Pods. */
export interface PodLookup {
  viewOf(uid: string): PodView | undefined;
  goneOf(namespace: string, name: string): readonly PodView[];
}

/** The log of one execution of a container; see NodeApi.podLogs for what it throws. */
export async function* podLogs(driver: Driver, pods: PodLookup, request: PodLogRequest, signal: AbortSignal): AsyncIterable<LogLine> {
  const view = pods.viewOf(request.podUid);
  if (!view?.pod) throw new DroverError('not-found', `pods "${request.podName}" not found`);
  if (!view.pod.spec.containers.some(({ name }) => name === request.container)) {
    throw new DroverError('not-found', `container ${request.container} is not valid for pod ${request.podName}`);
  }
  const id = request.previous ? previousTask(view, pods, request) : presentTask(view, request);
  const { follow, tailLines, sinceMs } = request;
  const options = { follow, ...(tailLines !== undefined && { tailLines }), ...(sinceMs !== undefined && { sinceMs }) };
  yield* driver.logs(id, options, signal);
}

function presentTask(view: PodView, { container, podName }: PodLogRequest): string {
  const latest = attemptsOf(view, container).at(-1);
  if (latest && latest.task.phase !== 'starting') return latest.task.id;
  const waiting = view.pod?.status?.containerStatuses?.find(({ name }) => name === container)?.state?.waiting?.reason;
  const block = view.blocks.get(container)?.reason ?? waiting;
  const why =
    block === 'ErrImagePull'
      ? "image can't be pulled"
      : block === 'ImagePullBackOff'
        ? 'trying and failing to pull image'
        : (block ?? 'ContainerCreating');
  throw new DroverError('bad-request', `container "${container}" in pod "${podName}" is waiting to start: ${why}`);
}

/** The last execution that has ended, unless it is the present one; then that of the Pod's incarnation before. A container that waits for its restart has its present one ended. */
function previousTask(view: PodView, pods: PodLookup, { namespace, podName, container }: PodLogRequest): string {
  const attempts = attemptsOf(view, container);
  const present = attempts.at(-1);
  const waits = view.pod?.status?.containerStatuses?.find(({ name }) => name === container)?.state?.waiting !== undefined;
  if (present && waits && hasEnded(present.task)) return present.task.id;
  const before = attempts.at(-2);
  if (before) return before.task.id;
  for (const gone of pods.goneOf(namespace, podName)) {
    const last = attemptsOf(gone, container).at(-1);
    if (last) return last.task.id;
  }
  throw new DroverError('not-found', `previous terminated container "${container}" in pod "${podName}" not found`);
}
