import { expect, it } from 'vitest';
import type { Discovered } from '../discover.ts';
import { parseTargets } from './target.ts';

const kind = (plural: string, over: Partial<Discovered> = {}): Discovered => ({
  group: '',
  version: 'v1',
  kind: plural,
  plural,
  singular: plural.slice(0, -1),
  namespaced: true,
  shortNames: [],
  categories: [],
  ...over,
});
const kinds = [
  kind('pods', { shortNames: ['po'], categories: ['all'], kind: 'Pod' }),
  kind('events'),
  kind('kafkas', { group: 'drover.dev', categories: ['all', 'data-services'], kind: 'Kafka', shortNames: ['k'] }),
];
const where = { namespace: 'default', selector: undefined };
const parse = (line: string) =>
  parseTargets(kinds, line.split(' '), where).map((target) => [target.kind.plural, ...target.names].join(' '));

it.each<[string, string, string[]]>([
  ['a plural', 'pods', ['pods']],
  ['a short name', 'po', ['pods']],
  ['a kind with its group', 'kafka.drover.dev', ['kafkas']],
  ['names after the kind', 'pods a b', ['pods a b']],
  ['a list of kinds', 'pods,kafkas', ['pods', 'kafkas']],
  ['a category', 'all', ['pods', 'kafkas']],
  ['a kind that a list names twice is got once', 'pods,all', ['pods', 'kafkas']],
  ['kind/name', 'pod/a', ['pods a']],
  ['several of them, kinds together', 'pod/a kafka/k pod/b', ['pods a b', 'kafkas k']],
])('reads %s', (_name, line, expected) => {
  expect(parse(line)).toEqual(expected);
});

it.each<[string, string, RegExp]>([
  ['an unknown kind', 'podz', /no resource 'podz'\. Did you mean "pods"\?/],
  ['a kind that is like no other', 'xyzzy', /There are: pods, events, kafkas/],
  ['a mix of both forms', 'pod/a kafkas', /not both: 'kafkas' has no kind/],
  ['a slash without a name', 'pod/', /'pod\/' is not of the form KIND\/NAME/],
])('refuses %s', (_name, line, expected) => {
  expect(() => parse(line)).toThrow(expected);
});
