import type { Context } from './context.ts';
import { DroverError } from '../base/errors.ts';
import type { Machine } from './machine.ts';

/** A context without a process: what commands print is kept, nothing of the machine is touched. */
export interface FakeContext {
  readonly context: Context;
  stdout(): string;
  stderr(): string;
}

/** A context for `service`, at no terminal unless `over` says so. Parts of the machine that a test does not give throw. */
export function fakeContext(over: Partial<Omit<Context, 'machine'>> & { machine?: Partial<Machine> } = {}): FakeContext {
  let out = '';
  let err = '';
  const machine = new Proxy({ home: '/home/someone/.drover', serverLog: '/home/someone/.drover/server.log', ...over.machine } as Machine, {
    get(target, name) {
      if (name in target) return target[name as keyof Machine];
      throw new Error(`the test gives no machine.${String(name)}`);
    },
  });
  const context: Context = {
    process: {
      stdout: { write: (text: string) => void (out += text) },
      stderr: { write: (text: string) => void (err += text) },
      exitCode: undefined,
      env: {},
    } as unknown as Context['process'],
    env: {},
    signal: new AbortController().signal,
    isTerminal: false,
    columns: 80,
    service: '',
    actor: () => 'tester',
    connect: () => {
      throw new DroverError('unavailable', 'no server runs');
    },
    ask: () => Promise.resolve(false),
    readInput: () => Promise.resolve(''),
    ...over,
    machine,
  };
  return { context, stdout: () => out, stderr: () => err };
}
