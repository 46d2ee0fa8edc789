import { fromTime } from '../../base/clock.ts';
import { humanDuration } from '../age.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Column } from '../kind.ts';
import type { ContainerStatus, Pod } from './pod.ts';

/** The columns of `kubectl get pods`. */
export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  textColumn('Ready', 'The aggregate readiness state of this pod for accepting traffic.', (pod) => {
    const ready = statuses(pod).filter(isReady).length;
    return `${ready}/${pod.spec.containers.length}`;
  }),
  textColumn('Status', 'The aggregate status of the containers in this pod.', podStatusText),
  textColumn('Restarts', 'How often its containers have been restarted, and when the last one was.', restartsText),
  ageColumn,
  textColumn('IP', 'IP address allocated to the pod.', (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>', {
    priority: 1,
  }),
  textColumn('Node', 'The machine that it runs on.', (pod) => pod.spec.nodeName || '<none>', { priority: 1 }),
  textColumn('Nominated Node', 'Always empty: Drover does not preempt.', () => '<none>', { priority: 1 }),
  textColumn('Readiness Gates', 'Always empty: Drover has none.', () => '<none>', { priority: 1 }),
];

/** What `kubectl get pods` shows as STATUS: the phase, or the reason that says more. */
export function podStatusText(pod: Pod): string {
  const { status } = pod;
  const phase = status?.phase ?? '';
  let text = status?.reason || phase;
  let running = false;
  for (const container of statuses(pod).toReversed()) {
    const { waiting, terminated, running: runs } = container.state ?? {};
    if (waiting?.reason) text = waiting.reason;
    else if (terminated)
      text = terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`);
    else if (container.ready && runs) running = true;
  }
  if (text === 'Completed' && running) text = isTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  if (!pod.metadata.deletionTimestamp) return text;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return phase === 'Succeeded' || phase === 'Failed' ? text : 'Terminating';
}

function restartsText(pod: Pod, nowMs: number): string {
  const count = statuses(pod).reduce((sum, container) => sum + container.restartCount, 0);
  const ends = statuses(pod).flatMap(({ lastState }) =>
    lastState?.terminated?.finishedAt ? [fromTime(lastState.terminated.finishedAt)] : [],
  );
  return count === 0 || ends.length === 0 ? String(count) : `${count} (${humanDuration(nowMs - Math.max(...ends))} ago)`;
}

function isReady(container: ContainerStatus): boolean {
  return container.ready && container.state?.running !== undefined;
}

function isTrue(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

function statuses(pod: Pod): readonly ContainerStatus[] {
  return pod.status?.containerStatuses ?? [];
}
