/**
 * Judges a Host header: only names of this very machine's loopback, or the address that is listened on, with the right port. Anything else is a
 * browser that a foreign DNS name led here (DNS rebinding), or a mistake.
 */
export function hostCheck(host: string, port: number): (header: string | undefined) => boolean {
  const names = ['localhost', '127.0.0.1', '[::1]', host.includes(':') && !host.startsWith('[') ? `[${host}]` : host];
  const allowed = new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
  return (header) => header !== undefined && allowed.has(header.toLowerCase());
}
