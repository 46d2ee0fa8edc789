/** What mvn has fetched so far, read from its output. */
export interface FetchCount {
  readonly files: number;
  readonly bytes: number;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** `count` with one more line of mvn's output. */
export function countLine(count: FetchCount, line: string): FetchCount {
  const match = /Downloaded from \S+: \S+\.jar \(([\d.]+) (B|kB|MB|GB)/.exec(line);
  return match ? { files: count.files + 1, bytes: count.bytes + Number(match[1]) * UNITS[match[2]!]! } : count;
}

/** Why mvn failed, as the end of one sentence that says what to do. Falls back to mvn's first error line. */
export function failureText(output: readonly string[]): string {
  const errors = output.filter((line) => line.includes('[ERROR]')).map((line) => line.replace(/^.*?\[ERROR\]\s*/, '').trim());
  const all = errors.join('\n');
  const checksum = /Could not transfer artifact (\S+) .*?Checksum validation failed/.exec(all);
  if (checksum)
    return `${checksum[1]} does not have the checksum that its repository gives; try again, or look at the mirror that mvn uses`;
  const missing = /Could not find artifact (\S+) in (\S+ \([^)]*\))/.exec(all);
  if (missing) return `${missing[1]} is not in ${missing[2]}; check the version, or the mirror in ~/.m2/settings.xml`;
  const transfer = /transfer (?:artifact|metadata) \S+ from\/to (\S+ \([^)]*\)): ([^\n]*)/.exec(all);
  if (transfer) {
    const why = transfer[2]!
      .replace(/^transfer failed for \S+: /, '')
      .replace(/(?: and 'parent\.relativePath'| -> \[Help).*$/, '')
      .trim();
    return `${transfer[1]} cannot be reached: ${why}; check the network, or a proxy or mirror in ~/.m2/settings.xml`;
  }
  const first = errors.find((line) => line !== '');
  return first === undefined ? 'mvn said nothing about why' : `mvn: ${first}`;
}
