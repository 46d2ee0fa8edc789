import { StringDecoder } from 'node:string_decoder';
import { DroverError } from '../../base/errors.ts';

/** No line of a watch is longer: an object has at most 1 MiB. */
const MAX_LINE_CHARS = 8 * 1024 * 1024;

/** The lines of a byte stream, without their newlines; a rest without one comes last. Throws `too-large` for a line without end. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const parts = decoder.write(chunk).split('\n');
    parts[0] = rest + parts[0]!;
    rest = parts.pop()!;
    yield* parts;
    if (rest.length > MAX_LINE_CHARS) throw new DroverError('too-large', 'The server sent a line without end.');
  }
  if (rest !== '') yield rest;
}
