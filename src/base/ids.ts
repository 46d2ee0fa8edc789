// Looked up when used: as an import it would cost every short command 10 ms, and few need it.
const crypto = () => process.getBuiltinModule('node:crypto');

/** A random UUID (v4), as `metadata.uid`. */
export function newUid(): string {
  return crypto().randomUUID();
}

/** A UUID that is always the same for the same text (v5 layout over SHA-1): ids of plans, phases and steps. */
export function stableUuid(text: string): string {
  const hash = crypto().createHash('sha1').update(`drover:${text}`).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const ALPHANUMS = 'bcdfghjklmnpqrstvwxz2456789';

/** Kubernetes' generateName suffix: `length` characters without vowels, 0, 1 and 3. */
export function nameSuffix(length = 5): string {
  return Array.from(crypto().randomBytes(length), (byte) => ALPHANUMS[byte % ALPHANUMS.length]).join('');
}

/** First `length` hex digits of SHA-256 over canonical JSON (object keys sorted): equal data, equal hash. */
export function contentHash(value: unknown, length = 12): string {
  return crypto().createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, length);
}

/** JSON with sorted object keys; `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
