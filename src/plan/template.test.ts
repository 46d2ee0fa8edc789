import { describe, expect, test } from 'vitest';
import { allotPorts, PORT_RANGE } from './ports.ts';
import { kafkaSpec } from './plan-world.ts';
import { render, sampleVariables } from './template.ts';

const variables = {
  ...sampleVariables('kafka', 'default', kafkaSpec(), kafkaSpec().pods[0]!),
  peers: {
    kafka: [
      { name: 'kafka-0', index: 0, address: '10.0.0.1', ports: { client: 9092 }, last: false },
      { name: 'kafka-1', index: 1, address: '10.0.0.2', ports: { client: 9093 }, last: true },
    ],
    other: [],
  },
};

describe('templates', () => {
  test.each([
    ['no variables <&"', 'no variables <&"'],
    ['{{service}}/{{namespace}}/{{name}}/{{index}}/{{podType}}', 'kafka/default/kafka-0/0/kafka'],
    ['{{#peers.kafka}}{{index}}@{{address}}:{{ports.client}}{{^last}},{{/last}}{{/peers.kafka}}', '0@10.0.0.1:9092,1@10.0.0.2:9093'],
    ['{{#peers.kafka}}{{service}} {{/peers.kafka}}', 'kafka kafka '],
    ['{{^formed}}new{{/formed}}{{#volumes.data.initialized}}old{{/volumes.data.initialized}}', 'new'],
    ['{{#peers.other}}never {{/peers.other}}{{! a comment }}x', 'x'],
  ])('%s', (template, text) => {
    expect(render(template, variables)).toEqual({ ok: true, text });
  });

  test.each([
    ['{{nonsense}}', 'unknown variable "nonsense"'],
    ['{{ports.clietn}}', 'unknown variable "ports.clietn"'],
    ['{{#peers.kafka}}{{ports.jmx}}{{/peers.kafka}}', 'unknown variable "ports.jmx"'],
    ['{{#formd}}x{{/formd}}', 'unknown variable "formd"'],
    ['{{ports}}', 'variable "ports" is not a single value'],
    ['{{> part}}', 'partial "part" is not supported'],
    ['{{constructor}}', 'unknown variable "constructor"'],
  ])('%s is refused: %s', (template, error) => {
    expect(render(template, variables)).toEqual({ ok: false, error });
  });

  test('a section that is not closed is an error', () => {
    expect(render('{{#formed}}x', variables)).toMatchObject({ ok: false });
  });
});

describe('ports', () => {
  const type = (ports: { name: string; port?: number; perInstance?: boolean }[]) => ({
    name: 'a',
    count: 3,
    tasks: [{ name: 't', command: ['x'], ports }],
  });
  const none = () => new Set<number>();

  test('fixed ones are as given, or count up with the index', () => {
    expect(
      allotPorts(
        type([
          { name: 'x', port: 80 },
          { name: 'y', port: 90, perInstance: true },
        ]),
        2,
        {},
        's',
        none,
      ),
    ).toEqual({ x: 80, y: 92 });
  });

  test('allotted ones are in the range, differ, avoid what others have, and stay', () => {
    const wanted = type([{ name: 'x' }, { name: 'y', port: 0 }]);
    const first = allotPorts(wanted, 0, {}, 's', none)!;
    expect(new Set(Object.values(first)).size).toBe(2);
    for (const port of Object.values(first)) expect(port >= PORT_RANGE.first && port <= PORT_RANGE.last).toBe(true);
    expect(allotPorts(wanted, 0, first, 's', () => new Set(Object.values(first)))).toEqual(first);
    const other = allotPorts(wanted, 0, {}, 's', () => new Set(Object.values(first)))!;
    expect(Object.values(other).some((port) => Object.values(first).includes(port))).toBe(false);
  });

  test('a full range gives none', () => {
    const all = () => new Set(Array.from({ length: 10_000 }, (_, i) => PORT_RANGE.first + i));
    expect(allotPorts(type([{ name: 'x' }]), 0, {}, 's', all)).toBeUndefined();
  });
});
