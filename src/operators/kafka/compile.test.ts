import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { testKafka } from '../../../test/kafka/test-kafka.ts';
import { Package } from '../../model/drover/package.ts';
import { render, sampleVariables } from '../../plan/template.ts';
import { clusterIdOf } from './cluster-id.ts';
import { kafkaService, specWarnings } from './compile.ts';
import { kafkaInvariants } from './invariants.ts';
import { jvmArguments } from './jvm.ts';
import { Kafka } from './kind.ts';
import { kafkaPackage } from './package.ts';

/** The rendered text of a config of broker 0, by path. */
function rendered(kafka: ReturnType<typeof testKafka>, path: string): string {
  const spec = kafkaService(kafka);
  const config = spec.pods[0]!.tasks[0]!.configs!.find((candidate) => candidate.path === path)!;
  const text = render(config.template, sampleVariables('kafka', 'default', spec, spec.pods[0]!));
  if (!text.ok) throw new Error(text.error);
  return text.text;
}

const properties = (kafka: ReturnType<typeof testKafka>) =>
  Object.fromEntries(
    rendered(kafka, 'config/server.properties')
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

describe('the service of a Kafka', () => {
  it('has the plan of the demo: one serial phase broker over the pods kafka', () => {
    const spec = kafkaService(testKafka());
    expect(spec.plans).toEqual([{ name: 'deploy', strategy: 'serial', phases: [{ name: 'broker', pod: 'kafka', strategy: 'serial' }] }]);
    expect(spec.pods.map((pod) => [pod.name, pod.count, pod.tasks.map((task) => task.name)])).toEqual([['kafka', 3, ['broker']]]);
  });

  it('fixed ports count up with the index, and the quorum’s are allotted', () => {
    const ports = (kafka: ReturnType<typeof testKafka>) => kafkaService(kafka).pods[0]!.tasks[0]!.ports;
    expect(ports(testKafka({ listeners: [{ name: 'plain', port: 17092 }] }))).toEqual([
      { name: 'plain', port: 17092, perInstance: true },
      { name: 'controller', port: 0 },
    ]);
    expect(ports(testKafka())).toEqual([
      { name: 'plain', port: 0 },
      { name: 'controller', port: 0 },
    ]);
  });

  it('a node is controller and broker, joins by itself, and says where it is', () => {
    expect(properties(testKafka())).toMatchObject({
      'process.roles': 'broker,controller',
      'node.id': '0',
      listeners: 'PLAIN://127.0.0.1:20000,CONTROLLER://127.0.0.1:20001',
      'advertised.listeners': 'PLAIN://127.0.0.1:20000,CONTROLLER://127.0.0.1:20001',
      'controller.quorum.bootstrap.servers': '127.0.0.1:20001',
      'controller.quorum.auto.join.enable': 'true',
      'log.dirs': 'data/kafka',
    });
  });

  it.each([
    [1, '1', '1'],
    [3, '3', '2'],
    [5, '3', '2'],
  ])('%i brokers keep %s copies with a min ISR of %s unless the user says otherwise', (replicas, factor, leastIsr) => {
    expect(properties(testKafka({ replicas }))).toMatchObject({
      'default.replication.factor': factor,
      'offsets.topic.replication.factor': factor,
      'transaction.state.log.replication.factor': factor,
      'min.insync.replicas': leastIsr,
      'transaction.state.log.min.isr': leastIsr,
    });
    expect(properties(testKafka({ replicas, config: { 'min.insync.replicas': 1 } }))).toMatchObject({ 'min.insync.replicas': '1' });
  });

  it('values reach Kafka as they were written: backslashes, leading blanks, letters beyond Latin-1', () => {
    const config = { 'log.message.timestamp.type': ' x', 'metric.reporters': 'a\\b', 'compression.type': 'größe' };
    expect(properties(testKafka({ config }))).toMatchObject({
      'log.message.timestamp.type': '\\ x',
      'metric.reporters': 'a\\\\b',
      'compression.type': 'gr\\u00f6\\u00dfe',
    });
  });

  it('the start script quotes what users write', () => {
    const script = rendered(testKafka({ jvmOptions: { '-XX': { OnOutOfMemoryError: "kill -9 %p; echo 'x'" } } }), 'config/start.sh');
    expect(script).toContain(`'-XX:OnOutOfMemoryError=kill -9 %p; echo '\\''x'\\'''`);
  });
});

describe('jvm', () => {
  it.each([
    [{}, ['-Xmx512m', '-Xms512m', '-XX:+UseG1GC', '-XX:+ExitOnOutOfMemoryError']],
    [{ '-Xmx': '4g', '-Xms': '1g' }, ['-Xmx4g', '-Xms1g']],
    [
      { '-XX': { UseZGC: 'true', MaxGCPauseMillis: '5', UsePerfData: 'false' } },
      ['-XX:+UseZGC', '-XX:MaxGCPauseMillis=5', '-XX:-UsePerfData'],
    ],
  ])('%j', (options, expected) => {
    expect(jvmArguments(options)).toEqual(expect.arrayContaining(expected));
  });

  it('a collector of the user’s replaces Kafka’s', () => {
    expect(jvmArguments({ '-XX': { UseSerialGC: 'true' } }).join(' ')).not.toContain('G1');
  });
});

describe('the cluster id', () => {
  it('is Kafka’s form, the same for the same uid, and never looks like an option', () => {
    const ids = Array.from({ length: 2000 }, (_, i) => clusterIdOf(`uid-${i}`));
    expect(new Set(ids).size).toBe(2000);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    expect(clusterIdOf('uid-7')).toBe(ids[7]);
  });
});

describe('warnings', () => {
  it.each<[string, Parameters<typeof testKafka>[0], string[]]>([
    ['three brokers, min ISR 2', {}, []],
    ['one broker', { replicas: 1 }, ['SingleBroker']],
    ['min ISR as many as replicas', { config: { 'min.insync.replicas': 3 } }, ['MinIsrEqualsReplicas']],
    ['no copies at all', { config: { 'default.replication.factor': 1, 'min.insync.replicas': 1 } }, []],
  ])('%s', (_, spec, codes) => {
    expect(specWarnings(testKafka(spec)).map((warning) => warning.code)).toEqual(codes);
  });
});

it.each(['three-brokers', 'one-broker'])('examples/kafka/%s.yaml is valid', (name) => {
  const kafka = parse(readFileSync(new URL(`../../../examples/kafka/${name}.yaml`, import.meta.url), 'utf8')) as Kafka;
  expect([...Value.Errors(Kafka, kafka)]).toEqual([]);
  expect(kafkaInvariants(kafka)).toEqual([]);
});

it('the package is valid and has its default version', () => {
  expect(Value.Check(Package, kafkaPackage)).toBe(true);
  expect(kafkaPackage.spec.versions.map((version) => version.version)).toContain(kafkaPackage.spec.defaultVersion);
});
