import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureToken, readToken } from './token-file.ts';

describe('the token file', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-token-'));
    path = join(folder, 'token');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, with mode 0600, and nothing else is left', async () => {
    const token = await ensureToken(path);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await ensureToken(path)).toBe(token);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['token']);
  });

  it('is the same for all who make it at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => ensureToken(path)));
    expect(new Set(tokens).size).toBe(1);
    expect(await readdir(folder)).toEqual(['token']);
  });

  it('is refused when others may read it', async () => {
    await ensureToken(path);
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(path, mode);
      await expect(readToken(path)).rejects.toMatchObject({ code: 'forbidden' });
    }
  });

  it('is refused when it is empty, and absent when there is none', async () => {
    await writeFile(path, ' \n', { mode: 0o600 });
    await expect(ensureToken(path)).rejects.toMatchObject({ code: 'invalid' });
    expect(await readToken(join(folder, 'none'))).toBeUndefined();
  });
});
