import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, freemem, hostname, machine, platform, release, totalmem } from 'node:os';

/** What the agent says of its machine; read again at each heartbeat, so it must be cheap. */
export interface NodeFacts {
  readonly hostname: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  readonly diskBytes: number;
  readonly diskAvailableBytes: number;
  readonly bootId: string;
  readonly machineId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  /** As GOOS and GOARCH: `linux`, `amd64`. */
  readonly operatingSystem: string;
  readonly architecture: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Facts of this machine; the disk is the one that holds `dir`. */
export function machineFacts(dir: string): () => Promise<NodeFacts> {
  let fixed: Promise<Pick<NodeFacts, 'bootId' | 'machineId' | 'osImage'>> | undefined;
  return async () => {
    fixed ??= fixedFacts();
    const [memory, disk] = await Promise.all([text('/proc/meminfo'), statfs(dir).catch(() => undefined)]);
    const availableKiB = /^MemAvailable:\s+(\d+) kB$/m.exec(memory)?.[1];
    return {
      ...(await fixed),
      hostname: hostname(),
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      memoryAvailableBytes: availableKiB === undefined ? freemem() : Number(availableKiB) * 1024,
      diskBytes: disk ? disk.blocks * disk.bsize : 0,
      diskAvailableBytes: disk ? disk.bavail * disk.bsize : 0,
      kernelVersion: release(),
      operatingSystem: platform(),
      architecture: ARCHITECTURES[arch()] ?? arch() ?? machine(),
    };
  };
}

async function fixedFacts(): Promise<Pick<NodeFacts, 'bootId' | 'machineId' | 'osImage'>> {
  const [bootId, machineId, release] = await Promise.all([
    text('/proc/sys/kernel/random/boot_id'),
    text('/etc/machine-id'),
    text('/etc/os-release'),
  ]);
  const osImage = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? '';
  return { bootId: bootId.trim(), machineId: machineId.trim() || bootId.trim().replaceAll('-', ''), osImage };
}

function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
