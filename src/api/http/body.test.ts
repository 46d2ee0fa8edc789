import { describe, expect, it } from 'vitest';
import { configMapKind } from '../../model/core/config-map.ts';
import { packageKind } from '../../model/drover/package.ts';
import type { Kind } from '../../model/kind.ts';
import { judgeDuplicates, objectTypes, parseBody, YAML_LIMIT_BYTES } from './body.ts';

const builtin = configMapKind as unknown as Kind;
const parse = (text: string | Buffer, type?: string, kind = builtin): Promise<unknown> =>
  parseBody(Buffer.from(text), type, objectTypes(kind));

describe('parseBody', () => {
  it('reads JSON, also without a Content-Type, and says what is there twice', async () => {
    expect(await parse('{"a":1,"a":2}')).toEqual({ value: { a: 2 }, duplicates: ['a'] });
    expect(await parse('{"a":1}', 'Application/JSON; charset=utf-8')).toEqual({ value: { a: 1 }, duplicates: [] });
  });

  it('reads YAML, and says what is there twice', async () => {
    expect(await parse('a: {b: 1, b: 2}\nl:\n- c: 1\n  c: 2\n', 'application/yaml')).toEqual({
      value: { a: { b: 2 }, l: [{ c: 2 }] },
      duplicates: ['a.b', 'l[0].c'],
    });
  });

  it('keeps what looks like a date or a truth in YAML as Kubernetes does', async () => {
    expect(await parse('a: 2026-01-01\nb: on\nc: "1"\n', 'application/yaml')).toMatchObject({
      value: { a: '2026-01-01', b: 'on', c: '1' },
    });
  });

  const refused: readonly (readonly [string, string | Buffer, string, string])[] = [
    ['JSON that is none', '{', 'application/json', 'bad-request'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'application/json', 'bad-request'],
    ['a type that is not taken', '{}', 'text/plain', 'unsupported-media-type'],
    ['two YAML documents', 'a: 1\n---\nb: 2\n', 'application/yaml', 'bad-request'],
    ['YAML with a number out of range', 'a: .inf\n', 'application/yaml', 'bad-request'],
    [
      'YAML aliases that multiply',
      `a: &a [x,x]\n${Array.from('bcdefghij', (c, i) => `${c}: &${c} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[i]}`).join(',')}]`).join('\n')}`,
      'application/yaml',
      'bad-request',
    ],
    ['YAML nested too deeply', `${'['.repeat(600)}${']'.repeat(600)}`, 'application/yaml', 'bad-request'],
    ['too much YAML', ' '.repeat(YAML_LIMIT_BYTES + 1), 'application/yaml', 'too-large'],
    ['protobuf that is none', 'k8s\0\xff', 'application/vnd.kubernetes.protobuf', 'bad-request'],
  ];
  for (const [sentence, text, type, code] of refused) {
    it(`refuses ${sentence}`, async () => expect(parse(text, type)).rejects.toMatchObject({ code }));
  }

  it('takes protobuf for built-in kinds only', () => {
    expect(objectTypes(builtin)).toContain('application/vnd.kubernetes.protobuf');
    expect(objectTypes(packageKind as unknown as Kind)).not.toContain('application/vnd.kubernetes.protobuf');
  });
});

describe('judgeDuplicates', () => {
  const body = { value: {}, duplicates: ['data.a'] };
  it('refuses under Strict, warns under Warn, is silent under Ignore', () => {
    const warned: string[] = [];
    expect(() => judgeDuplicates(body, builtin, 'Strict', () => undefined)).toThrow('strict decoding error: duplicate field "data.a"');
    judgeDuplicates(body, builtin, 'Warn', (text) => warned.push(text));
    judgeDuplicates(body, builtin, 'Ignore', (text) => warned.push(text));
    expect(warned).toEqual(['duplicate field "data.a"']);
  });
});
