import { describe, expect, it } from 'vitest';
import { parseListen } from './listen-address.ts';

describe('the address to listen on', () => {
  it.each([
    ['127.0.0.1:7480', { host: '127.0.0.1', port: 7480 }, 'the default'],
    ['localhost:0', { host: '127.0.0.1', port: 0 }, 'a name for loopback, any port'],
    ['[::1]:7480', { host: '::1', port: 7480 }, 'IPv6 loopback'],
    ['127.9.9.9:1', { host: '127.9.9.9', port: 1 }, 'all of 127/8 is loopback'],
  ])('accepts %s: %o (%s)', (text, expected) => {
    expect(parseListen(text)).toEqual(expected);
  });

  it.each([
    ['0.0.0.0:7480', 'until it has TLS'],
    ['10.0.0.1:7480', 'until it has TLS'],
    ['example.org:80', 'until it has TLS'],
    [':7480', 'until it has TLS'],
    ['127.0.0.1', 'write host:port'],
    ['127.0.0.1:70000', 'write host:port'],
    ['127.0.0.1:x', 'write host:port'],
  ])('refuses %s', (text, message) => {
    expect(() => parseListen(text)).toThrow(message);
  });
});
