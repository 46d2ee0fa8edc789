import type { Pod } from './pod.ts';

/** A Pod that nobody has reported on yet is Pending; its quality of service follows from what it asks for. */
export function podDefaults(pod: Pod): Pod {
  return pod.status?.phase === undefined ? { ...pod, status: { ...pod.status, phase: 'Pending', qosClass: qosClass(pod) } } : pod;
}

function qosClass(pod: Pod): string {
  const amounts = pod.spec.containers.map(({ resources }) => resources ?? {});
  const asks = amounts.some(({ requests, limits }) => Object.keys({ ...requests, ...limits }).length > 0);
  if (!asks) return 'BestEffort';
  const guaranteed = amounts.every(({ requests, limits }) =>
    ['cpu', 'memory'].every((name) => limits?.[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name]),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
