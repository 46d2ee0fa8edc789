const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ANY_UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const VERSIONS_IN_TEXT = /\b\d{6,}\b|(?<=current: )\d+|(?<=precondition \(|record \()\d+/g;

/**
 * Takes out of answers what differs from run to run. A uid and the resourceVersions of an object are named after the object, in order of appearance
 * within one script (`<version 2 of a>`), so that "the same" and "another one" are still compared.
 */
export class Normaliser {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** A JSON value with sorted members and everything volatile replaced. */
  value(value: unknown, key = ''): unknown {
    this.#learn(value);
    return this.#replace(value, key);
  }

  #learn(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const { metadata } = value as { metadata?: Record<string, unknown> };
    if (typeof metadata?.['name'] === 'string') {
      const owner = suffixless(metadata['name']);
      if (typeof metadata['uid'] === 'string') this.#name(metadata['uid'], `uid`, owner);
      if (typeof metadata['resourceVersion'] === 'string') this.#name(`${owner} ${metadata['resourceVersion']}`, 'version', owner);
    }
    for (const member of Object.values(value)) this.#learn(member);
  }

  #name(value: string, what: string, owner: string): void {
    if (this.#names.has(value)) return;
    const count = (this.#counts.get(`${what} ${owner}`) ?? 0) + 1;
    this.#counts.set(`${what} ${owner}`, count);
    this.#names.set(value, `<${what} ${count} of ${owner}>`);
  }

  #replace(value: unknown, key: string): unknown {
    if (typeof value === 'string') return this.#text(value, key);
    if (Array.isArray(value)) return value.map((item) => this.#replace(item, key));
    if (typeof value !== 'object' || value === null) return value;
    const { name, resourceVersion } = value as Record<string, unknown>;
    const version = typeof name === 'string' ? this.#names.get(`${suffixless(name)} ${String(resourceVersion)}`) : undefined;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([member, inner]) => [member, member === 'resourceVersion' && version !== undefined ? version : this.#replace(inner, member)]),
    );
  }

  #text(text: string, key: string): string {
    // The version of a list counts all writes of a server, also those of others.
    if (key === 'resourceVersion' && /^[1-9]\d*$/.test(text)) return '<version>';
    if (UID.test(text)) return this.#names.get(text) ?? '<uid>';
    // Fixed times of the scripts are compared, the time of the run is not.
    if (TIME.test(text) && Math.abs(Date.parse(text) - Date.now()) < 3_600_000) return '<now>';
    if (key === 'cells' && /^\d+s$/.test(text)) return '<age>';
    if (key === 'continue' && text !== '') return '<token>';
    return suffixless(text)
      .replace(ANY_UID, (uid) => this.#names.get(uid) ?? '<uid>')
      .replace(VERSIONS_IN_TEXT, '<number>');
  }
}

function suffixless(text: string): string {
  return text.replace(/\bgen-[a-z0-9]{5}\b/g, 'gen-<suffix>');
}
