import { readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';

/** What a job needs of this machine before it starts. */
export interface Need {
  readonly memoryMiB: number;
  readonly diskMiB: number;
  /** Directory whose file system must have the room. */
  readonly directory: string;
  /** TCP ports on 127.0.0.1 that must be free. */
  readonly ports: readonly number[];
}

/** What is there, and what is short: one sentence each that says what to do. */
export interface Preflight {
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly shortages: readonly string[];
}

/** Looks at memory, disk and ports. Changes nothing. */
export async function preflight(need: Need): Promise<Preflight> {
  const memoryMiB = availableMemoryMiB();
  const disk = statfsSync(need.directory);
  const diskMiB = Math.floor((disk.bavail * disk.bsize) / 2 ** 20);
  const taken = (await Promise.all(need.ports.map(async (port) => ((await isFree(port)) ? undefined : port)))).filter(
    (port) => port !== undefined,
  );
  return {
    memoryMiB,
    diskMiB,
    shortages: [
      ...(memoryMiB < need.memoryMiB
        ? [`memory: needs ${need.memoryMiB} MiB, ${memoryMiB} MiB are available; end other programs or use a larger machine`]
        : []),
      ...(diskMiB < need.diskMiB
        ? [`disk: needs ${need.diskMiB} MiB below ${need.directory}, ${diskMiB} MiB are free; make room or set DROVER_HOME to another disk`]
        : []),
      ...taken.map((port) => `port ${port} on 127.0.0.1 is in use by another program; end it, or change the port in the manifest`),
    ],
  };
}

/** Memory that can be used without swapping, MiB: the kernel's estimate, lowered by a container's limit. */
function availableMemoryMiB(): number {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  const host = match ? Number(match[1]) * 1024 : Number.POSITIVE_INFINITY;
  return Math.floor(Math.min(host, process.availableMemory()) / 2 ** 20);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
