import { parse } from 'yaml';
import { installWithApt } from '../agent/packages/install-programs.ts';
import { missingPrograms } from '../agent/packages/required-programs.ts';
import type { Kafka } from '../operators/kafka/kind.ts';
import { DEFAULT_KAFKA_VERSION, kafkaPackage } from '../operators/kafka/package.ts';
import { prepareHome, type Home } from './home.ts';
import { preflight } from './preflight.ts';

/** What a demo needs of this machine and what of it is short. */
export interface DemoNeeds {
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly ports: readonly number[];
  readonly shortages: readonly string[];
  /** Installs the programs that are missing, after saying so; does nothing when all are there. */
  installMissing(onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
}

/** Looks at this machine for the Kafka of `manifest` (YAML). With `present` its brokers run already: then only programs are looked at. */
export async function demoNeeds(
  home: Home,
  manifest: string,
  need: { memoryMiB: number; diskMiB: number; present: boolean },
): Promise<DemoNeeds> {
  const kafka = parse(manifest) as Kafka;
  const version = kafkaPackage.spec.versions.find((candidate) => candidate.version === (kafka.spec.kafka.version ?? DEFAULT_KAFKA_VERSION));
  const first = kafka.spec.kafka.listeners?.[0]?.port ?? 0;
  const ports = first === 0 ? [] : Array.from({ length: kafka.spec.kafka.replicas }, (_, index) => first + index);
  prepareHome(home);
  const wanted = need.present ? { memoryMiB: 0, diskMiB: 0, ports: [] } : { ...need, ports };
  const found = await preflight({ ...wanted, directory: home.dir });
  return {
    ...found,
    ports,
    async installMissing(onLine, signal) {
      if (version) await installWithApt(await missingPrograms(version), onLine, signal);
    },
  };
}
