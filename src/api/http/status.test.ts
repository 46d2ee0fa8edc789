import { describe, expect, it } from 'vitest';
import { DroverError, type ErrorCode } from '../../base/errors.ts';
import { faultOf } from '../../client/http/fault.ts';
import { statusOf, wireErrors } from './status.ts';

describe('a fault on the wire', () => {
  it('comes back from every Status as the code it was, except what is only ours', () => {
    for (const code of Object.keys(wireErrors) as ErrorCode[]) {
      const status = statusOf(new DroverError(code, 'a sentence'));
      expect(faultOf(status.code, JSON.stringify(status))).toMatchObject({
        code: code === 'terminal' ? 'internal' : code,
        message: 'a sentence',
      });
    }
  });

  it('carries causes, what it is about, when to come back and where to go on', () => {
    const causes = [{ field: 'spec.x', reason: 'FieldValueInvalid', message: 'bad' }] as const;
    const error = new DroverError('invalid', 'm', { causes, about: { kind: 'Pod', name: '' }, retryAfterSeconds: 3, continueToken: 't' });
    expect(statusOf(error)).toMatchObject({ metadata: { continue: 't' }, details: { kind: 'Pod', causes, retryAfterSeconds: 3 } });
    expect(statusOf(error)).not.toHaveProperty('details.name');
    expect(faultOf(422, JSON.stringify(statusOf(error)))).toMatchObject({ causes, retryAfterSeconds: 3 });
  });

  it('keeps what went wrong inside to the log', () => {
    expect(statusOf(new TypeError('secret path'))).toMatchObject({ code: 500, message: expect.not.stringContaining('secret') });
  });

  it('understands answers that are no Status', () => {
    expect(faultOf(404, '404 page not found\n')).toMatchObject({ code: 'not-found', message: '404 page not found' });
    expect(faultOf(418, '')).toMatchObject({ code: 'internal' });
  });
});
