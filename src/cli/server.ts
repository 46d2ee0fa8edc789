import { buildCommand } from '@stricli/core';
import type { Context } from './context.ts';

interface Flags {
  readonly listen: string;
  readonly logLevel: 'info' | 'warn' | 'error';
}

export const command = buildCommand<Flags, [], Context>({
  parameters: {
    flags: {
      listen: {
        kind: 'parsed',
        parse: String,
        brief: 'Address to serve, loopback only; port 0 for any',
        default: '127.0.0.1:7480',
        placeholder: 'host:port',
      },
      logLevel: { kind: 'enum', values: ['info', 'warn', 'error'], brief: 'Least level of log lines', default: 'info' },
    },
  },
  docs: {
    brief: 'Run the server in the foreground',
    fullDescription:
      'Run the server: the resource API, the controllers and the agent of this machine, with all state under DROVER_HOME. Tasks outlive it: stop them with drover down.\n\nExample:\n  drover server --listen 127.0.0.1:7480',
  },
  async func(flags) {
    await this.machine.serve({ listen: flags.listen, logLevel: flags.logLevel });
  },
});
