import { expect, it } from 'vitest';
import { parseGrammar } from './grammar.ts';

const service = (name: string, ...words: string[]) => ({ grammar: 'service', service: name, words });
const drover = (...words: string[]) => ({ grammar: 'drover', words });

it.each<[string, string, object]>([
  ['nothing is a call for help', '', drover('--help')],
  ['a command is a command', 'get pods', drover('get', 'pods')],
  ['a flag first is Drover’s own', '--help', drover('--help')],
  ['another first word is a service', 'kafka plan status deploy', service('kafka', 'plan', 'status', 'deploy')],
  ['--name=orders names another service', 'kafka --name=orders plan list', service('orders', 'plan', 'list')],
  ['so does --name orders', 'kafka --name orders plan list', service('orders', 'plan', 'list')],
  ['the name may come last', 'kafka plan list --name=orders', service('orders', 'plan', 'list')],
  ['a name alone shows what can be done', 'kafka --name=orders', service('orders', '--help')],
  ['what follows -- is meant literally', 'kafka why -- --name=x', service('kafka', 'why', '--', '--name=x')],
  ['pod alone is the status of all', 'kafka pod', service('kafka', 'pod', 'status')],
  ['pod with a pod name is its status', 'kafka pod kafka-1', service('kafka', 'pod', 'status', 'kafka-1')],
  ['and keeps flags', 'kafka --name=kafka pod kafka-1 --json', service('kafka', 'pod', 'status', 'kafka-1', '--json')],
  ['a verb after pod stays a verb', 'kafka pod restart kafka-1', service('kafka', 'pod', 'restart', 'kafka-1')],
  ['a mistyped verb is left to did-you-mean', 'kafka pod lst', service('kafka', 'pod', 'lst')],
  ['help for a group', 'kafka pod --help', service('kafka', 'pod', '--help')],
  ['a service may be named like a command’s neighbour when a service command follows', 'gets plan list', service('gets', 'plan', 'list')],
  [
    'an unknown command of a service is the service’s to refuse',
    'kafka debug pod pause kafka-1',
    service('kafka', 'debug', 'pod', 'pause', 'kafka-1'),
  ],
])('%s', (_name, line, expected) => {
  expect(parseGrammar(line === '' ? [] : line.split(' '))).toEqual(expected);
});

it.each<[string, string, RegExp]>([
  ['a slip of the fingers', 'gett pods', /no command 'gett'; did you mean 'drover get'/],
  ['and alone', 'aply', /did you mean 'drover apply'/],
  ['a service’s command without a service', 'plan', /'plan' is about a service: drover <service> plan/],
  ['a service without a command', 'kafka', /if it is a service, say what to do with it: 'drover kafka plan status deploy'/],
  ['a name that is missing', 'kafka plan list --name', /--name wants the name of a service/],
  ['a name that is a flag', 'kafka --name --json plan list', /--name wants the name of a service/],
])('%s is told what to type', (_name, line, expected) => {
  expect(() => parseGrammar(line.split(' '))).toThrow(expected);
});
