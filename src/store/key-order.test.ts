import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkKey, compareKeys, prefixEnd } from './key-order.ts';

const text = fc.string({ unit: fc.constantFrom('a', '/', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}'), maxLength: 6 });

describe('the order of keys', () => {
  test('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test('puts exactly the keys under a prefix between the prefix and its end', () => {
    fc.assert(
      fc.property(text, text, (prefix, key) => {
        const end = prefixEnd(prefix);
        const within = compareKeys(key, prefix) >= 0 && (end === undefined || compareKeys(key, end) < 0);
        expect(within).toBe(key.startsWith(prefix));
      }),
    );
  });

  test.each(['', 'a\0b', '\ud800'])('refuses the key %j', (key) => {
    expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});
