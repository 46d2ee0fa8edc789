import { randomBytes } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { DroverError } from '../base/errors.ts';

/**
 * The token kept in `path`, made when there is none: 256 random bits, mode 0600, on disk before it is used, never seen half written.
 * Two processes that make it at once get the same one. Throws `forbidden` when group or others may read the file, `invalid` when it is empty.
 */
export async function ensureToken(path: string): Promise<string> {
  const token = await readToken(path);
  if (token !== undefined) return token;
  const part = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(part, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // A link, unlike a rename, fails when somebody else was quicker.
    await link(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(part);
  }
  const made = await readToken(path);
  if (made === undefined) throw new DroverError('unavailable', `The token file ${path} vanished while it was made: start again.`);
  return made;
}

/** The token kept in `path`; undefined when there is no file. Throws as {@link ensureToken}. */
export async function readToken(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) {
      throw new DroverError(
        'forbidden',
        `The token file ${path} may be read by others: run chmod 600 on it, or delete it to get a new token.`,
      );
    }
    const token = (await readFile(file, 'utf8')).trim();
    if (token === '') throw new DroverError('invalid', `The token file ${path} is empty: delete it to get a new token.`);
    return token;
  } finally {
    await file.close();
  }
}
