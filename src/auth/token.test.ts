import { describe, expect, it } from 'vitest';
import { tokenAuthenticator } from './token.ts';

const admin = { user: 'admin', groups: ['system:masters'] };
const authenticate = tokenAuthenticator('secret:1', admin);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('tokenAuthenticator', () => {
  it('knows its token as bearer token and as password of any user', () => {
    for (const header of ['Bearer secret:1', 'bearer  secret:1 ', basic('drover:secret:1'), basic(':secret:1')])
      expect(authenticate(header), header).toBe(admin);
  });
  it('knows nobody else', () => {
    for (const header of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Bearer secret:',
      'Bearer secret:12',
      'secret:1',
      basic('secret:1'),
      basic('drover'),
      'Basic %%%',
      'Digest secret:1',
    ]) {
      expect(authenticate(header), header).toBeUndefined();
    }
  });
});
