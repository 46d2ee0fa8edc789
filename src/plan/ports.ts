import type { PodType } from '../model/drover/managed-service.ts';

/** Allotted ports come from here: under the kernel's ephemeral range (32768 and up), over what programs use by habit. */
export const PORT_RANGE = { first: 20000, last: 29999 } as const;

/**
 * The ports of instance `index` of a pod type: fixed ones as the spec gives them (`perInstance`: plus the index), the others as they were (`held`), else
 * newly allotted: the first free one from a place that `seed` decides, so that equal input gives equal ports. `occupied` tells what others have.
 * Undefined when the range is exhausted.
 */
export function allotPorts(
  type: PodType,
  index: number,
  held: Readonly<Record<string, number>>,
  seed: string,
  occupied: () => ReadonlySet<number>,
): Record<string, number> | undefined {
  const ports: Record<string, number> = {};
  const wanted = type.tasks.flatMap((task) => task.ports ?? []);
  for (const { name, port, perInstance } of wanted) if (port) ports[name] = port + (perInstance ? index : 0);
  const mine = new Set(Object.values(ports));
  let others: ReadonlySet<number> | undefined;
  for (const { name, port } of wanted) {
    if (port) continue;
    const before = held[name];
    if (before !== undefined && !mine.has(before)) {
      ports[name] = before;
      mine.add(before);
      continue;
    }
    others ??= occupied();
    const free = firstFree(`${seed}/${name}`, (candidate) => mine.has(candidate) || others!.has(candidate));
    if (free === undefined) return undefined;
    ports[name] = free;
    mine.add(free);
  }
  return ports;
}

function firstFree(seed: string, taken: (port: number) => boolean): number | undefined {
  const size = PORT_RANGE.last - PORT_RANGE.first + 1;
  const start = smallHash(seed) % size;
  for (let i = 0; i < size; i++) {
    const port = PORT_RANGE.first + ((start + i) % size);
    if (!taken(port)) return port;
  }
  return undefined;
}

/** FNV-1a, 32 bits. */
function smallHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
