import { buildCommand } from '@stricli/core';
import { say, type Context } from './context.ts';

export const command = buildCommand<Record<never, never>, [string], Context>({
  parameters: {
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'File to write; must not exist', placeholder: 'file' }] },
  },
  docs: {
    brief: 'Write a copy of the state to a file',
    fullDescription:
      'Write a consistent copy of the state to a file, also while the server runs. It holds what is wanted and recorded, not the data in the volumes of services.\n\nExample:\n  drover backup drover-backup.db',
  },
  async func(_flags, file) {
    const { revision, bytes } = await this.machine.backUp(file);
    say(this, `wrote ${file}: ${(bytes / 2 ** 20).toFixed(1)} MiB, revision ${revision}`);
  },
});
