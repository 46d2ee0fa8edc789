import { describe, expect, it } from 'vitest';
import { hostCheck } from './host-check.ts';

describe('hostCheck', () => {
  const allowed = hostCheck('127.0.0.1', 7480);
  it('knows this machine by its loopback names and the right port', () => {
    for (const host of ['127.0.0.1:7480', 'localhost:7480', 'LocalHost:7480', '[::1]:7480']) expect(allowed(host), host).toBe(true);
  });
  it('refuses other names, other ports and no name', () => {
    for (const host of [
      'evil.example:7480',
      '127.0.0.1',
      'localhost:80',
      'localhost.evil.example:7480',
      '127.0.0.1:7480.evil.example',
      '',
      undefined,
    ]) {
      expect(allowed(host), host).toBe(false);
    }
  });
  it('leaves the port out where browsers do', () => expect(hostCheck('127.0.0.1', 80)('localhost')).toBe(true));
});
