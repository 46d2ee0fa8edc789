import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Home } from './home.ts';

/**
 * What this machine's Node is called: the hostname of the first start, made a DNS name, and kept in the home from then on. Pods are bound to that name, so
 * a hostname that changes must not change it.
 */
export function keptNodeName(home: Pick<Home, 'nodeName'>, current: string = hostname()): string {
  try {
    const kept = readFileSync(home.nodeName, 'utf8').trim();
    if (kept !== '') return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const name = dnsName(current);
  const part = `${home.nodeName}.${process.pid}`;
  writeFileSync(part, `${name}\n`, { mode: 0o600 });
  renameSync(part, home.nodeName);
  return name;
}

/** A hostname as a DNS subdomain: lower case, other characters than letters, digits, dots and dashes made dashes; `drover` when nothing is left. */
function dnsName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, '').slice(0, 63))
    .filter((label) => label !== '')
    .join('.')
    .slice(0, 200);
  return name === '' ? 'drover' : name;
}
