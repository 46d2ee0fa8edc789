import type { Context } from '../context.ts';
import { HIDE_CURSOR, SHOW_CURSOR } from './cursor.ts';

/** Draws a text that changes: on a terminal in place, elsewhere only the lines that are new since the last drawing. */
export interface Live {
  draw(lines: readonly string[]): void;
  /** Leaves the last drawing standing. */
  end(): void;
}

/** Starts drawing on stdout of `context`. Always `end()` it: the cursor is hidden meanwhile. */
export function startLive(context: Context): Live {
  return context.isTerminal ? drawInPlace(context) : drawNewLines(context);
}

function drawInPlace(context: Context): Live {
  let height = 0;
  let last = '';
  let ended = false;
  const out = context.process.stdout;
  out.write(HIDE_CURSOR);
  return {
    draw(lines) {
      const fitted = lines.map((line) => fit(line, context.columns));
      const text = fitted.join('\n');
      if (text === last) return;
      out.write(`${height > 0 ? `\u001b[${height}A\r` : ''}${fitted.map((line) => `${line}\u001b[K`).join('\n')}\n\u001b[J`);
      last = text;
      height = fitted.length;
    },
    end() {
      if (!ended) out.write(SHOW_CURSOR);
      ended = true;
    },
  };
}

function drawNewLines(context: Context): Live {
  let shown = new Set<string>();
  return {
    draw(lines) {
      for (const line of lines) if (line !== '' && !shown.has(line)) context.process.stdout.write(`${line}\n`);
      shown = new Set(lines);
    },
    end() {},
  };
}

/** Cuts a line with colour codes to `columns` visible characters. */
function fit(line: string, columns: number): string {
  let visible = 0;
  let result = '';
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b[')) {
      result += part;
      continue;
    }
    const room = columns - 1 - visible;
    const cut = part.length > room ? `${part.slice(0, Math.max(0, room - 1))}…` : part;
    if (room > 0) result += cut;
    visible += Math.min(part.length, Math.max(0, room));
  }
  return result;
}
