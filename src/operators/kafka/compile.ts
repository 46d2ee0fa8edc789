import { reason, type Reason } from '../../model/reason.ts';
import type { ManagedServiceSpec } from '../../model/drover/managed-service.ts';
import type { Stored } from '../../model/resource.ts';
import { clusterIdOf } from './cluster-id.ts';
import { configDefaults } from './config-rules.ts';
import { jvmArguments } from './jvm.ts';
import type { Kafka } from './kind.ts';
import { LOGGING_PROPERTIES } from './logging-properties.ts';
import { DEFAULT_KAFKA_VERSION, KAFKA_PACKAGE } from './package.ts';
import { CONTROLLER_PORT, serverProperties } from './server-properties.ts';
import { startScript } from './start-script.ts';

/** Pod type of the brokers; with a service `kafka` its pods are kafka-0, kafka-1, … */
export const POD_TYPE = 'kafka';
export const TASK = 'broker';
export const DATA_VOLUME = 'data';
export const DEFAULT_STORAGE = '5Gi';

/** Seconds between SIGTERM and SIGKILL: handing over leadership and closing logs takes a loaded broker a while. */
const GRACE_SECONDS = 120;
/** Seconds for a start: after a crash every log segment since the last checkpoint is read again. */
const START_BUDGET_SECONDS = 3600;

/** The listener for clients; a Kafka that names none gets `plain` on allotted ports. */
export function clientListener(kafka: Kafka): { name: string; port: number } {
  return kafka.spec.kafka.listeners?.[0] ?? { name: 'plain', port: 0 };
}

export function versionOf(kafka: Kafka): string {
  return kafka.spec.kafka.version ?? DEFAULT_KAFKA_VERSION;
}

/** Kafka -> the service that runs it. Pure. The plan `deploy` is one serial phase `broker` over the pods `kafka`. */
export function kafkaService(kafka: Stored<Kafka>): ManagedServiceSpec {
  const spec = kafka.spec.kafka;
  const listener = clientListener(kafka);
  const port = { port: listener.name };
  return {
    pods: [
      {
        name: POD_TYPE,
        count: spec.replicas,
        terminationGracePeriodSeconds: GRACE_SECONDS,
        volumes: [{ name: DATA_VOLUME, path: 'data', size: spec.storage?.size ?? DEFAULT_STORAGE }],
        tasks: [
          {
            name: TASK,
            goal: 'RUNNING',
            image: `${KAFKA_PACKAGE}:${versionOf(kafka)}`,
            command: ['sh', 'config/start.sh'],
            configs: [
              { path: 'config/start.sh', template: startScript(clusterIdOf(kafka.metadata.uid), jvmArguments(spec.jvmOptions)) },
              {
                path: 'config/server.properties',
                template: serverProperties({ listener: listener.name, brokers: spec.replicas, config: spec.config ?? {} }),
              },
              { path: 'config/log4j2.properties', template: LOGGING_PROPERTIES },
            ],
            ports: [
              { name: listener.name, port: listener.port, ...(listener.port > 0 && { perInstance: true }) },
              { name: CONTROLLER_PORT, port: 0 },
            ],
            ...(spec.resources && { resources: spec.resources }),
            // A broker opens its client port only when it has caught up with the metadata, so a connection is a true sign. There is no liveness
            // probe: the kernel accepts connections for a hung JVM too, and killing a broker in log recovery only makes it start over.
            startupProbe: {
              tcpSocket: port,
              periodSeconds: 1,
              timeoutSeconds: 1,
              successThreshold: 1,
              failureThreshold: START_BUDGET_SECONDS,
            },
            readinessProbe: { tcpSocket: port, periodSeconds: 5, timeoutSeconds: 2, successThreshold: 1, failureThreshold: 3 },
          },
        ],
      },
    ],
    plans: [{ name: 'deploy', strategy: 'serial', phases: [{ name: TASK, pod: POD_TYPE, strategy: 'serial' }] }],
    operator: { name: 'kafka', resource: kafka.metadata.name },
  };
}

/** What is allowed but will hurt: said as warnings of the Kafka. Pure. */
export function specWarnings(kafka: Kafka): readonly Reason[] {
  const { replicas, config = {} } = kafka.spec.kafka;
  const effective = { ...configDefaults(replicas), ...config };
  const factor = Number(effective['default.replication.factor']);
  const leastIsr = Number(effective['min.insync.replicas']);
  if (replicas === 1) {
    return [reason('SingleBroker', 'One broker: every restart is an outage, and a lost disk is lost data.', { brokers: 1 })];
  }
  if (factor < 2 || leastIsr < factor) return [];
  const message = `New topics get ${factor} replicas and min.insync.replicas ${leastIsr}: while a broker restarts they cannot be written with acks=all.`;
  return [reason('MinIsrEqualsReplicas', message, { factor, leastIsr }, 'spec.kafka.config[min.insync.replicas]')];
}
