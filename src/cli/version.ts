import { buildCommand } from '@stricli/core';
import { say, sayJson, type Context } from './context.ts';
import { jsonFlag } from './flags.ts';

export const command = buildCommand<{ json: boolean }, [], Context>({
  parameters: { flags: { json: jsonFlag } },
  docs: {
    brief: 'Show the versions of command line and server',
    fullDescription: 'Show the versions of command line and server.\n\nExample:\n  drover version',
  },
  async func(flags) {
    const client = this.machine.version();
    let server: string | undefined;
    try {
      server = (await this.connect().json<{ gitVersion: string }>('/version', { signal: this.signal })).gitVersion;
    } catch {
      server = undefined;
    }
    if (flags.json) return sayJson(this, { client, server: server ?? null });
    say(this, `drover ${client}`);
    say(this, `server ${server ?? '(none answers)'}`);
  },
});
