import { expect, it } from 'vitest';
import { DroverError } from '../base/errors.ts';
import { messageOf } from './message.ts';

const cause = (field: string, message: string) => ({ field, reason: 'FieldValueInvalid', message }) as const;

it.each<[string, unknown, string]>([
  ['any error', new Error('it broke'), 'it broke'],
  ['a thing that is no error', 'it broke', 'it broke'],
  [
    'a fault of one field, which its sentence names already',
    new DroverError('invalid', 'Kafka "a" is invalid: spec.x: Required value', { causes: [cause('spec.x', 'Required value')] }),
    'Kafka "a" is invalid: spec.x: Required value',
  ],
  [
    'a fault of several fields: a line each',
    new DroverError('invalid', 'Kafka "a" is invalid: [spec.x: Required value, spec.y: too [big]]', {
      causes: [cause('spec.x', 'Required value'), cause('spec.y', 'too [big]')],
    }),
    'Kafka "a" is invalid:\n  spec.x: Required value\n  spec.y: too [big]',
  ],
])('%s', (_name, error, expected) => {
  expect(messageOf(error)).toBe(expected);
});
