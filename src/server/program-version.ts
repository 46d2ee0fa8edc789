/** The version of this program, from its package.json. */
export function programVersion(): string {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
