/** One media range of an Accept header, or a Content-Type: `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export interface MediaType {
  /** Lower case, `type/subtype`. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Parses one media type; parameters keep their case, quotes are taken off. */
export function parseMediaType(text: string): MediaType {
  const [name = '', ...rest] = text.split(';');
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    parameters[part.slice(0, equals).trim().toLowerCase()] = part
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return { name: name.trim().toLowerCase(), parameters };
}

/** The ranges of an Accept header, best first: by `q` (0 dropped), then as written. */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  if (header === undefined || header.trim() === '') return [{ name: '*/*', parameters: {} }];
  return header
    .split(',')
    .map((text, index) => ({ type: parseMediaType(text), index }))
    .map((entry) => ({ ...entry, q: entry.type.parameters['q'] === undefined ? 1 : Number(entry.type.parameters['q']) }))
    .filter((entry) => entry.q > 0)
    .sort((a, b) => b.q - a.q || a.index - b.index)
    .map((entry) => entry.type);
}
