import { buildCommand } from '@stricli/core';
import { say, type Context } from './context.ts';

export const command = buildCommand<{ print: boolean; listen: string }, [], Context>({
  parameters: {
    flags: {
      print: { kind: 'boolean', brief: 'Print the unit and write nothing', default: false, withNegated: false },
      listen: {
        kind: 'parsed',
        parse: String,
        brief: 'Address to serve, loopback only',
        default: '127.0.0.1:7480',
        placeholder: 'host:port',
      },
    },
  },
  docs: {
    brief: 'Write a systemd unit for the server',
    fullDescription:
      'Write a systemd unit for the server of this DROVER_HOME: a system unit as root, else a user unit. Stopping the unit stops the server only; tasks go on.\n\nExample:\n  drover install && systemctl enable --now drover',
  },
  async func(flags) {
    const text = await this.machine.unit(flags.listen);
    if (flags.print) {
      this.process.stdout.write(text);
      return;
    }
    const written = await this.machine.writeUnit(text);
    say(this, `wrote ${written.file}`);
    say(this, `start it now and at every boot with: ${written.next}`);
  },
});
