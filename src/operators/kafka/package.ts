import type { Package, PackageVersion } from '../../model/drover/package.ts';

/** The binding that lets Kafka's slf4j 1.7 loggers write through log4j2. */
const LOG_BINDING = 'org.apache.logging.log4j:log4j-slf4j-impl:2.25.4';

/** Releases that Drover has been run with, oldest first. 4.2.0 is the first whose voters join by themselves. */
export const KAFKA_VERSIONS: readonly string[] = ['4.2.0', '4.2.1', '4.3.0', '4.3.1'];

/** The release of a Kafka that names none. */
export const DEFAULT_KAFKA_VERSION = '4.3.1';

/** Name of the built-in package: the part before the colon of a task's image. */
export const KAFKA_PACKAGE = 'kafka';

function packageVersion(version: string): PackageVersion {
  return {
    version,
    process: {
      maven: [`org.apache.kafka:kafka_2.13:${version}`, LOG_BINDING],
      requires: [
        { program: 'java', minVersion: 17, apt: 'openjdk-17-jre-headless | default-jre-headless' },
        { program: 'mvn', apt: 'maven' },
      ],
    },
    container: { image: `docker.io/apache/kafka:${version}` },
  };
}

/** The catalogue entry `kafka`; the server creates it at its start when it is absent. */
export const kafkaPackage: Package = {
  apiVersion: 'drover.dev/v1alpha1',
  kind: 'Package',
  metadata: { name: KAFKA_PACKAGE },
  spec: {
    description: 'Apache Kafka: a distributed log; each broker is also a KRaft controller.',
    kinds: ['Kafka'],
    defaultVersion: DEFAULT_KAFKA_VERSION,
    versions: KAFKA_VERSIONS.map(packageVersion),
  },
};
