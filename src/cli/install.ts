import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import { say, type Context } from './context.ts';

export const command = buildCommand<{ print: boolean; listen: string }, [], Context>({
  parameters: {
    flags: {
      print: { kind: 'boolean', brief: 'Print the unit and write nothing', default: false, withNegated: false },
      listen: { kind: 'parsed', parse: String, brief: 'Address to serve, loopback only', default: '127.0.0.1:7480', placeholder: 'host:port' },
    },
  },
  docs: {
    brief: 'Write a systemd unit for the server',
    fullDescription:
      'Write a systemd unit for the server of this DROVER_HOME: a system unit as root, else a user unit. Stopping the unit stops the server only; tasks go on.\n\nExample:\n  drover install && systemctl enable --now drover',
  },
  async func(flags) {
    const { serverUnit, writeServerUnit } = await import('../server/systemd-unit.ts');
    const text = serverUnit(this.home, flags.listen);
    if (flags.print) return void this.process.stdout.write(text);
    const written = writeServerUnit(text, this.env);
    if (written instanceof DroverError) return written;
    say(this, `wrote ${written.file}`);
    say(this, `start it now and at every boot with: ${written.next}`);
  },
});
