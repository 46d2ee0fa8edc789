import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import { say, type Context } from './context.ts';
import { yesFlag } from './flags.ts';

export const command = buildCommand<{ purge: boolean; yes: boolean }, [], Context>({
  parameters: {
    flags: {
      purge: { kind: 'boolean', brief: 'Also delete all data, after asking', default: false, withNegated: false },
      yes: yesFlag,
    },
    aliases: { y: 'yes' },
  },
  docs: {
    brief: 'Stop server and tasks; --purge also deletes data',
    fullDescription:
      'Stop the server and all tasks of this machine. What is wanted stays recorded: the next start of the server brings everything back. --purge deletes DROVER_HOME with all data of all services.\n\nExample:\n  drover down',
  },
  async func(flags) {
    if (flags.purge && !flags.yes && !(await this.ask(`Stop everything and delete ${this.machine.home} with all data of all services?`))) {
      return new DroverError('forbidden', 'nothing was done; answer y, or use --yes where nobody can be asked');
    }
    await this.machine.takeDown({ purge: flags.purge, onProgress: (line) => say(this, line), signal: this.signal });
  },
});
