import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { Context } from './context.ts';

export const command = buildCommand<{ listen: string }, [string], Context>({
  parameters: {
    flags: {
      listen: {
        kind: 'parsed',
        parse: String,
        brief: 'Address for the server, if it must be started',
        default: '127.0.0.1:7480',
        placeholder: 'host:port',
      },
    },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'What to bring up: kafka', placeholder: 'system' }] },
  },
  docs: {
    brief: 'Bring up a real system and prove that it works',
    fullDescription:
      'Bring up a real system and prove that it works. demo kafka: checks this machine, installs what is missing, starts the server if none runs, applies examples/kafka/three-brokers.yaml, draws the deploy plan, then writes 1,000 records and reads them back. Safe to repeat and to interrupt.\n\nExample:\n  drover demo kafka',
  },
  async func(flags, system) {
    if (system !== 'kafka') return new DroverError('not-found', `there is no demo '${system}'; there is: kafka`);
    const { demoKafka } = await import('./demo-kafka.ts');
    await demoKafka(this, flags.listen);
  },
});
