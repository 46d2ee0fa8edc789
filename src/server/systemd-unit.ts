import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DroverError } from '../base/errors.ts';
import { parseListen } from './listen-address.ts';
import type { Home } from './home.ts';

/**
 * The unit that runs the server of a home. KillMode=process: tasks outlive the server, so systemd must not end what is in its control group.
 * Restart=on-failure: a server that was asked to end, by systemctl or `drover down`, stays down; one that was killed comes back. Throws
 * `invalid` for an address that the server would refuse, or a path that a unit file cannot hold.
 */
export function serverUnit(home: Home, listen: string): string {
  parseListen(listen);
  const main = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url));
  return `[Unit]
Description=Drover: operates stateful data services
After=network.target

[Service]
Type=exec
Environment=${quote(`DROVER_HOME=${home.dir}`)}
ExecStart=${quote(process.execPath)} ${quote(main)} server --listen ${listen}
Restart=on-failure
RestartSec=1
KillMode=process
TasksMax=infinity

[Install]
WantedBy=${process.getuid?.() === 0 ? 'multi-user.target' : 'default.target'}
`;
}

/** Writes the unit for the system (root) or the user; returns where, and the command that starts it, or why it could not be written. */
export function writeServerUnit(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): { file: string; next: string } | DroverError {
  const system = process.getuid?.() === 0;
  const dir = system ? '/etc/systemd/system' : join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'systemd/user');
  const file = join(dir, 'drover.service');
  const control = system ? 'systemctl' : 'systemctl --user';
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(`${file}.part`, text, { mode: 0o644 });
    renameSync(`${file}.part`, file);
  } catch (error) {
    return new DroverError(
      'terminal',
      `cannot write ${file}: ${(error as Error).message}; use 'drover install --print' and put the unit where it belongs`,
      { cause: error },
    );
  }
  return { file, next: `${control} daemon-reload && ${control} enable --now drover` };
}

/** Quotes a word for a unit file: specifiers and quotes are escaped. */
function quote(word: string): string {
  if (/[\n\r]/.test(word)) throw new DroverError('invalid', `a unit file cannot hold the path ${JSON.stringify(word)}`);
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}
