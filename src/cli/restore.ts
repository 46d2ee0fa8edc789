import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import { say, type Context } from './context.ts';
import { yesFlag } from './flags.ts';

export const command = buildCommand<{ yes: boolean }, [string], Context>({
  parameters: {
    flags: { yes: yesFlag },
    aliases: { y: 'yes' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'File that drover backup wrote', placeholder: 'file' }] },
  },
  docs: {
    brief: 'Bring back the state from a backup',
    fullDescription:
      'Replace the state by that of a backup. The server must be down. The state that is replaced is kept beside it. Tasks that the backup does not know are stopped at the next start.\n\nExample:\n  drover down && drover restore drover-backup.db',
  },
  async func(flags, file) {
    if (!flags.yes && !(await this.ask(`Replace the state in ${this.machine.home} by ${file}?`))) {
      return new DroverError('forbidden', 'nothing was done; answer y, or use --yes where nobody can be asked');
    }
    const kept = await this.machine.restore(file);
    say(this, `restored ${file}${kept === undefined ? '' : `; the state before is kept as ${kept}`}`);
  },
});
