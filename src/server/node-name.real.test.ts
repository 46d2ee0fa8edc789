import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptNodeName } from './node-name.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'drover-node-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it.each([
  ['m1', 'm1'],
  ['My_Box.example.ORG', 'my-box.example.org'],
  ['--', 'drover'],
  ['a..b', 'a.b'],
])('a machine called %s is Node %s', (host, name) => {
  expect(keptNodeName({ nodeName: join(dir, 'node-name') }, host)).toBe(name);
});

it('keeps the name of the first start when the hostname changes', () => {
  const home = { nodeName: join(dir, 'node-name') };
  expect(keptNodeName(home, 'before')).toBe('before');
  expect(keptNodeName(home, 'after')).toBe('before');
});
