import type { Reason } from '../model/reason.ts';
import type { Placement } from './place.ts';
import { reason } from '../model/reason.ts';

/**
 * The refusals of all machines as one Reason. Its message is Kubernetes' (`0/3 nodes are available: 1 Insufficient memory (needs 1024 MiB, 380
 * free), 2 node(s) were not ready.`), where many machines fail by one rule with the most free of them; `params.nodes` has every machine's reasons.
 */
export function refusalReason(refusals: Extract<Placement, { placed: false }>['refusals']): Reason {
  if (refusals.length === 0) return reason('Unschedulable', 'no nodes available to schedule pods', { nodes: {} });
  const groups = new Map<string, Reason[]>();
  for (const why of refusals.flatMap((refusal) => refusal.reasons)) groups.set(why.message, [...(groups.get(why.message) ?? []), why]);
  const parts = [...groups].map(([message, group]) => `${group.length} ${message}${numbers(group)}`).sort();
  const nodes = Object.fromEntries(refusals.map(({ machine, reasons }) => [machine, reasons]));
  return reason('Unschedulable', `0/${refusals.length} nodes are available: ${parts.join(', ')}.`, { nodes });
}

function numbers(group: readonly Reason[]): string {
  const ports = new Set(group.flatMap((why) => (why.params?.['ports'] as string[] | undefined) ?? []));
  if (ports.size > 0) return ` (${[...ports].sort().join(', ')} in use)`;
  const { needs, unit } = group[0]?.params ?? {};
  if (needs === undefined) return '';
  const free = Math.max(...group.map((why) => Number(why.params?.['free'])));
  return ` (needs ${needs}${unit}, ${group.length > 1 ? 'at most ' : ''}${free} free)`;
}
