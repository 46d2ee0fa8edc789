import type { FieldCause } from '../../base/errors.ts';
import { configDefaults, LEAST_ISRS, ownedBecause, REPLICATION_FACTORS } from './config-rules.ts';
import type { Kafka } from './kind.ts';
import { compareVersions, isVersion, LEAST_VERSION } from './version.ts';

type ConfigValue = string | number | boolean;

const FIELD = 'spec.kafka';

/** Names that the ports of a broker have already. */
const RESERVED_LISTENERS = ['controller'];

const JVM_SIZE = /^[1-9][0-9]*[kKmMgG]?$/;
const JVM_FLAG = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Rules that the object alone shows to be broken, beyond its schema. Every cause names its field and says what is allowed. Pure; never throws, also
 * for objects that the schema would refuse.
 */
export function kafkaInvariants(kafka: Kafka): readonly FieldCause[] {
  const spec = kafka.spec?.kafka;
  if (!spec) return [];
  return [
    ...replicaCauses(spec.replicas),
    ...versionCauses(spec.version),
    ...Object.entries(spec.config ?? {}).flatMap(([key, value]) => entryCauses(key, value)),
    ...factorCauses(spec.config ?? {}, spec.replicas),
    ...listenerCauses(spec.listeners ?? [], spec.replicas),
    ...jvmCauses(spec.jvmOptions ?? {}),
  ];
}

function replicaCauses(replicas: number): FieldCause[] {
  if (replicas !== 2) return [];
  const why = 'two controllers lose their majority with either of them';
  return [invalid(`${FIELD}.replicas`, `Invalid value: 2: must be 1, or 3 and more: ${why}`)];
}

function versionCauses(version: string | undefined): FieldCause[] {
  if (version === undefined) return [];
  const field = `${FIELD}.version`;
  if (!isVersion(version)) return [invalid(field, `Invalid value: "${version}": must be a release such as 4.3.1`)];
  if (compareVersions(version, LEAST_VERSION) >= 0) return [];
  return [
    invalid(field, `Invalid value: "${version}": must be ${LEAST_VERSION} or newer: older controllers do not join a quorum by themselves`),
  ];
}

function entryCauses(key: string, value: ConfigValue): FieldCause[] {
  const field = `${FIELD}.config[${key}]`;
  const why = ownedBecause(key);
  if (why !== undefined) return [{ field, reason: 'FieldValueForbidden', message: `Forbidden: ${key} is set by Drover: ${why}` }];
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(key)) {
    return [invalid(field, `Invalid value: "${key}": a key consists of letters, digits, dots, dashes and underscores`)];
  }
  if (/[\0-\x08\x0a-\x1f\x7f]|\{\{|\}\}/.test(String(value))) {
    return [invalid(field, `Invalid value: ${JSON.stringify(value)}: must be one line without {{ and }}`)];
  }
  return [];
}

function factorCauses(config: Readonly<Record<string, ConfigValue>>, replicas: number): FieldCause[] {
  const causes: FieldCause[] = [];
  const defaults = configDefaults(replicas);
  const numberOf = (key: string) => Number(config[key] ?? defaults[key]);
  for (const key of [...REPLICATION_FACTORS, ...LEAST_ISRS.map(([least]) => least)]) {
    const value = config[key];
    if (value === undefined || /^[1-9][0-9]*$/.test(String(value))) continue;
    causes.push(invalid(`${FIELD}.config[${key}]`, `Invalid value: ${JSON.stringify(value)}: must be a whole number, 1 or more`));
  }
  for (const key of REPLICATION_FACTORS) {
    if (config[key] === undefined || !(numberOf(key) > replicas)) continue;
    causes.push(invalid(`${FIELD}.config[${key}]`, `Invalid value: ${numberOf(key)}: must be at most the broker count, ${replicas}`));
  }
  for (const [key, factor] of LEAST_ISRS) {
    if (config[key] === undefined && config[factor] === undefined) continue;
    if (!(numberOf(key) > numberOf(factor))) continue;
    const named = config[key] === undefined ? factor : key;
    const rule = `${key} (${numberOf(key)}) must be at most ${factor} (${numberOf(factor)}), else nothing could be written`;
    causes.push(invalid(`${FIELD}.config[${named}]`, `Invalid value: ${numberOf(named)}: ${rule}`));
  }
  return causes;
}

function listenerCauses(listeners: readonly { name: string; port: number; tls?: boolean }[], replicas: number): FieldCause[] {
  return listeners.flatMap((listener, i) => {
    const field = `${FIELD}.listeners[${i}]`;
    const causes: FieldCause[] = [];
    if (RESERVED_LISTENERS.includes(listener.name)) {
      causes.push(invalid(`${field}.name`, `Invalid value: "${listener.name}": the quorum’s own listener has this name`));
    }
    if (listeners.slice(0, i).some((earlier) => earlier.name === listener.name)) {
      causes.push({ field: `${field}.name`, reason: 'FieldValueDuplicate', message: `Duplicate value: "${listener.name}"` });
    }
    const last = listener.port + replicas - 1;
    if (listener.port > 0 && last > 65535) {
      const range = `broker ${replicas - 1} would listen on port ${last}, above 65535`;
      causes.push(invalid(`${field}.port`, `Invalid value: ${listener.port}: ${range}`));
    }
    if (listener.tls === true) {
      causes.push({ field: `${field}.tls`, reason: 'FieldValueNotSupported', message: 'Unsupported value: true: supported values: false' });
    }
    return causes;
  });
}

function jvmCauses(options: NonNullable<Kafka['spec']['kafka']['jvmOptions']>): FieldCause[] {
  const causes: FieldCause[] = [];
  for (const key of ['-Xms', '-Xmx'] as const) {
    const value = options[key];
    if (value === undefined || JVM_SIZE.test(value)) continue;
    causes.push(invalid(`${FIELD}.jvmOptions.${key}`, `Invalid value: "${value}": must be a size such as 512m or 4g`));
  }
  for (const [flag, value] of Object.entries(options['-XX'] ?? {})) {
    const field = `${FIELD}.jvmOptions.-XX[${flag}]`;
    if (!JVM_FLAG.test(flag)) causes.push(invalid(field, `Invalid value: "${flag}": a flag consists of letters and digits`));
    else if (/[\0-\x1f\x7f]|\{\{|\}\}/.test(value))
      causes.push(invalid(field, `Invalid value: "${value}": must be one line without {{ and }}`));
  }
  return causes;
}

function invalid(field: string, message: string): FieldCause {
  return { field, reason: 'FieldValueInvalid', message };
}
