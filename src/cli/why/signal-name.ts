const NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};

/** `signal 9 (SIGKILL)`, as on Linux; the bare number where it has no common name. */
export function signalName(signal: number): string {
  const name = NAMES[signal];
  return name === undefined ? `signal ${signal}` : `signal ${signal} (${name})`;
}
