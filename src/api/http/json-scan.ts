/** What JSON.parse does not tell about a text that it accepts. */
export interface JsonFindings {
  /** Dotted paths of members that an object has twice: `metadata.labels.a`, `spec.containers[0].name`. At most 100. */
  readonly duplicates: readonly string[];
  /** Why the text must be refused although it is JSON; undefined when all is well. */
  readonly refusal: string | undefined;
}

/** Deeper objects than any manifest has, and less than recursive code can bear. */
export const MAX_NESTING = 500;

const MAX_DUPLICATES = 100;

type Frame = { readonly keys: Set<string>; key: string; index: -1 } | { readonly keys: undefined; key: ''; index: number };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Scans JSON text once, without recursion, for what JSON.parse hides or what would harm us: duplicate members, nesting deeper than
 * {@link MAX_NESTING}, members named `__proto__`, numbers beyond a double. The text need not be valid; the findings then mean nothing.
 */
export function scanJson(text: string): JsonFindings {
  const stack: Frame[] = [];
  const duplicates: string[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    switch (c) {
      case 0x7b: // {
      case 0x5b: // [
        if (stack.length === MAX_NESTING) return { duplicates, refusal: `it is nested deeper than ${MAX_NESTING} levels` };
        stack.push(c === 0x7b ? { keys: new Set(), key: '', index: -1 } : { keys: undefined, key: '', index: 0 });
        expectKey = c === 0x7b;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        stack.pop();
        expectKey = false;
        break;
      case 0x2c: {
        const top = stack.at(-1);
        expectKey = top?.keys !== undefined;
        if (top && top.keys === undefined) top.index++;
        break;
      }
      case QUOTE: {
        const end = endOfString(text, i);
        const top = stack.at(-1);
        if (expectKey && top?.keys) {
          const key = keyOf(text.slice(i, end + 1));
          if (key === '__proto__') return { duplicates, refusal: 'a field must not be named "__proto__"' };
          top.key = key;
          if (top.keys.has(key) && duplicates.length < MAX_DUPLICATES) duplicates.push(pathOf(stack));
          top.keys.add(key);
          expectKey = false;
        }
        i = end;
        break;
      }
      default:
        if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
          const end = endOfNumber(text, i);
          if (!Number.isFinite(Number(text.slice(i, end)))) return { duplicates, refusal: 'a number in it is out of range' };
          i = end - 1;
        }
    }
  }
  return { duplicates, refusal: undefined };
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; ;) {
    const quote = text.indexOf('"', i);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote;
    i = quote + 1;
  }
}

function endOfNumber(text: string, start: number): number {
  let i = start;
  while (i < text.length && '+-.eE0123456789'.includes(text.charAt(i))) i++;
  return i;
}

function keyOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function pathOf(stack: readonly Frame[]): string {
  let path = '';
  for (const frame of stack) path += frame.keys === undefined ? `[${frame.index}]` : `${path === '' ? '' : '.'}${frame.key}`;
  return path;
}
