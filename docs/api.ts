import { readFile, writeFile } from 'node:fs/promises';
import { renderDeviations } from '../test/api/deviations-table.ts';

/** `node docs/api.ts`: puts the table of deviations into docs/api.md, between its two marks. */
const path = new URL('api.md', import.meta.url);
const text = await readFile(path, 'utf8');
const marks = /(<!-- deviations -->\n)[^]*?(\n<!-- end -->)/;
if (!marks.test(text)) throw new Error('docs/api.md has lost the marks of its table of deviations');
await writeFile(
  path,
  text.replace(marks, (_, open: string, close: string) => `${open}${renderDeviations()}${close}`),
);
