import { describe, expect, test } from 'vitest';
import type { ManagedServiceSpec, PodType } from '../model/drover/managed-service.ts';
import { buildPod } from './pod.ts';
import { kafkaSpec, PlanWorld } from './plan-world.ts';
import { changedFields, podHash } from './revision.ts';
import { checkSpec } from './spec-check.ts';

const service = (spec: ManagedServiceSpec, name = 'kafka') => new PlanWorld(spec, name).service;
const task = { name: 't', command: ['x'] };
const codes = (spec: ManagedServiceSpec, name?: string, ownerOf: (instance: string) => string | undefined = () => undefined) =>
  checkSpec(service(spec, name), undefined, [], ownerOf).map((why) => `${why.code} ${why.field ?? ''}`.trim());

describe('a spec is refused with every reason against it', () => {
  test.each<[string, ManagedServiceSpec, string[]]>([
    ['a good one', kafkaSpec(), []],
    [
      'two pod types of one name',
      {
        pods: [
          { name: 'a', count: 1, tasks: [task] },
          { name: 'a', count: 1, tasks: [task] },
        ],
      },
      ['NameTwice spec.pods[1].name'],
    ],
    ['two tasks of one name', { pods: [{ name: 'a', count: 1, tasks: [task, task] }] }, ['NameTwice spec.pods[0].tasks[1].name']],
    [
      'one port number twice',
      {
        pods: [
          {
            name: 'a',
            count: 1,
            tasks: [
              {
                ...task,
                ports: [
                  { name: 'x', port: 80 },
                  { name: 'y', port: 80 },
                ],
              },
            ],
          },
        ],
      },
      ['PortTwice spec.pods[0].tasks'],
    ],
    [
      'ports that meet as they count up',
      {
        pods: [
          {
            name: 'a',
            count: 3,
            tasks: [
              {
                ...task,
                ports: [
                  { name: 'x', port: 90, perInstance: true },
                  { name: 'y', port: 92 },
                ],
              },
            ],
          },
        ],
      },
      ['PortTwice spec.pods[0].tasks'],
    ],
    [
      'ports that count up too far',
      { pods: [{ name: 'a', count: 3, tasks: [{ ...task, ports: [{ name: 'x', port: 65534, perInstance: true }] }] }] },
      ['PortTooHigh spec.pods[0].tasks'],
    ],
    [
      'unknown variables, wherever they stand',
      {
        pods: [
          {
            name: 'a',
            count: 1,
            tasks: [
              {
                name: 't',
                command: ['{{a}}'],
                args: ['{{b}}'],
                env: [{ name: 'E', value: '{{c}}' }],
                configs: [{ path: 'f', template: '{{d}}' }],
              },
            ],
          },
        ],
      },
      [
        'TemplateInvalid spec.pods[0].tasks[0].command[0]',
        'TemplateInvalid spec.pods[0].tasks[0].args[0]',
        'TemplateInvalid spec.pods[0].tasks[0].env[0].value',
        'TemplateInvalid spec.pods[0].tasks[0].configs[0].template',
      ],
    ],
    [
      'a plan of a reserved name',
      { pods: [{ name: 'a', count: 1, tasks: [task] }], plans: [{ name: 'recovery', phases: [{ name: 'p', pod: 'a' }] }] },
      ['NameReserved spec.plans[0].name'],
    ],
    [
      'a plan for a pod type that is not there, and a deploy that leaves one out',
      { pods: [{ name: 'a', count: 1, tasks: [task] }], plans: [{ name: 'deploy', phases: [{ name: 'p', pod: 'b' }] }] },
      ['PodTypeUnknown spec.plans[0].phases[0].pod', 'PodTypeMissing spec.plans[0].phases'],
    ],
  ])('%s', (_case, spec, expected) => {
    expect(codes(spec)).toEqual(expected);
  });

  test('names that cannot be, or belong to another service', () => {
    expect(codes(kafkaSpec(), 'my.kafka')).toEqual(['NameInvalid']);
    expect(codes(kafkaSpec(), 'kafka', (name) => (name === 'kafka-2' ? 'other' : undefined))).toEqual(['NameTaken spec.pods[0].name']);
    expect(codes(kafkaSpec(), 'kafka', () => 'kafka')).toEqual([]);
  });
});

describe('what restarts a pod', () => {
  const before: PodType = kafkaSpec().pods[0]!;
  test.each<[string, PodType, boolean, string[]]>([
    ['nothing', { ...before }, false, []],
    ['its count', { ...before, count: 9 }, false, []],
    ['the grace to stop it', { ...before, terminationGracePeriodSeconds: 99 }, false, []],
    [
      'its command',
      { ...before, tasks: [{ ...before.tasks[0]!, command: ['run', 'v2'] }] },
      true,
      ['spec.pods[kafka].tasks[broker].command[1]'],
    ],
    [
      'a new port',
      { ...before, tasks: [{ ...before.tasks[0]!, ports: [{ name: 'client' }, { name: 'jmx' }] }] },
      true,
      ['spec.pods[kafka].tasks[broker].ports[jmx]'],
    ],
    [
      'another image',
      { ...before, tasks: [{ ...before.tasks[0]!, image: 'kafka:4.3.0' }] },
      true,
      ['spec.pods[kafka].tasks[broker].image'],
    ],
  ])('%s', (_case, after, restarts, fields) => {
    expect(podHash(after) !== podHash(before)).toBe(restarts);
    expect(changedFields(before, after)).toEqual(fields);
  });
});

test('a pod: files, ports, environment, volumes and owner as its instance has them', () => {
  const spec: ManagedServiceSpec = {
    pods: [
      {
        name: 'kafka',
        count: 2,
        terminationGracePeriodSeconds: 7,
        volumes: [{ name: 'data', path: 'data/logs' }],
        tasks: [
          {
            name: 'broker',
            image: 'kafka:4.3.0',
            command: ['sh', '-c', 'run {{index}}'],
            env: [
              { name: 'PEERS', value: '{{#peers.kafka}}{{name}}{{^last}},{{/last}}{{/peers.kafka}}' },
              { name: 'TASK_NAME', value: 'mine' },
            ],
            configs: [{ path: 'config/server.properties', template: 'node.id={{index}}\nformed={{formed}}\n' }],
            ports: [{ name: 'client-a' }],
          },
        ],
      },
    ],
  };
  const world = new PlanWorld(spec);
  world.settle();
  const instance = world.instances.get('kafka-0')!;
  const built = buildPod(instance, world.revisions.get('kafka-1')!, [...world.instances.values()], () => '10.0.0.1');
  if (!built.ok) throw new Error(built.error);
  const port = instance.spec.ports['client-a']!;
  expect(built.files?.data).toEqual({ 'broker.0.config_server.properties': 'node.id=0\nformed=false\n' });
  expect(built.pod.metadata).toMatchObject({
    name: 'kafka-0',
    namespace: 'default',
    labels: { 'drover.dev/service': 'kafka', 'drover.dev/pod-type': 'kafka', 'drover.dev/index': '0', 'drover.dev/incarnation': '1' },
    ownerReferences: [{ kind: 'PodInstance', name: 'kafka-0', controller: true }],
  });
  expect(built.pod.spec).toEqual({
    containers: [
      {
        name: 'broker',
        image: 'kafka:4.3.0',
        command: ['sh', '-c', 'run 0'],
        env: [
          { name: 'POD_INSTANCE_INDEX', value: '0' },
          { name: 'POD_NAME', value: 'kafka-0' },
          { name: 'POD_NAMESPACE', value: 'default' },
          { name: 'SERVICE_NAME', value: 'kafka' },
          { name: 'PORT_CLIENT_A', value: String(port) },
          { name: 'PEERS', value: 'kafka-0,kafka-1' },
          { name: 'TASK_NAME', value: 'mine' },
        ],
        ports: [{ name: 'client-a', containerPort: port, protocol: 'TCP' }],
        volumeMounts: [
          { name: 'volume-data', mountPath: '/data/logs' },
          { name: 'drover-files', mountPath: '/config/server.properties', subPath: 'broker.0.config_server.properties' },
        ],
      },
    ],
    volumes: [
      { name: 'volume-data', persistentVolumeClaim: { claimName: instance.spec.volumes[0]!.id } },
      { name: 'drover-files', configMap: { name: 'kafka-0-files' } },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 7,
    hostNetwork: true,
  });
});
