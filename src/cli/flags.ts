import type { Context } from './context.ts';

// Flags that many commands share, each defined once.

export const namespaceFlag = {
  kind: 'parsed',
  parse: String,
  brief: 'Namespace of the resource',
  default: 'default',
  placeholder: 'name',
} as const;

export const jsonFlag = { kind: 'boolean', brief: 'Print JSON', default: false, withNegated: false } as const;

export const yesFlag = { kind: 'boolean', brief: 'Do not ask', default: false, withNegated: false } as const;

export const reasonFlag = {
  kind: 'parsed',
  parse: String,
  optional: true,
  brief: 'Why you do this; kept with the operation',
  placeholder: 'text',
} as const;

export const timeoutFlag = {
  kind: 'parsed',
  parse: parseDuration,
  brief: 'How long to wait, e.g. 90s, 5m',
  default: '10m',
  placeholder: 'duration',
} as const;

/** `500ms`, `90s`, `5m`, `1h` in milliseconds. Throws on anything else. */
export function parseDuration(this: Context | void, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (!match) throw new SyntaxError(`'${text}' is no duration; write e.g. 90s, 5m or 1h`);
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 'ms' | 's' | 'm' | 'h'];
}
