import type { Kafka } from './kind.ts';

type JvmOptions = NonNullable<Kafka['spec']['kafka']['jvmOptions']>;

/** Heap of a broker that names none: small enough for three on a laptop. */
export const DEFAULT_HEAP = '512m';

/** Kafka's own choice of collector, used unless the user names one. */
const COLLECTOR = ['-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'];

/**
 * The java arguments of a broker. -Xms is -Xmx when not given (a heap that grows costs pauses); each `-XX` entry becomes a switch for
 * "true"/"false" and a value otherwise.
 */
export function jvmArguments(options: JvmOptions = {}): string[] {
  const heap = options['-Xmx'] ?? DEFAULT_HEAP;
  const flags = options['-XX'] ?? {};
  const ownCollector = Object.keys(flags).some((flag) => /^Use\w*GC$/.test(flag));
  return [
    `-Xmx${heap}`,
    `-Xms${options['-Xms'] ?? heap}`,
    ...(ownCollector ? [] : COLLECTOR),
    ...(flags['ExitOnOutOfMemoryError'] === undefined ? ['-XX:+ExitOnOutOfMemoryError'] : []),
    ...Object.entries(flags).map(([flag, value]) => flagText(flag, value)),
    '-Djava.awt.headless=true',
  ];
}

function flagText(flag: string, value: string): string {
  if (value === 'true') return `-XX:+${flag}`;
  if (value === 'false') return `-XX:-${flag}`;
  return `-XX:${flag}=${value}`;
}
