import { styleText } from 'node:util';

type Style = 'green' | 'yellow' | 'red' | 'cyan' | 'dim' | 'bold';

const STATUS_STYLE: Readonly<Record<string, Style>> = {
  COMPLETE: 'green',
  ERROR: 'red',
  DELAYED: 'red',
  WAITING: 'yellow',
  PAUSED: 'yellow',
  PAUSING: 'yellow',
  PENDING: 'dim',
  PREPARED: 'cyan',
  STARTING: 'cyan',
  STARTED: 'cyan',
  IN_PROGRESS: 'cyan',
};

/** Colours the `(STATUS)` at the end of each line of a plan tree. */
export function colourTree(line: string): string {
  return line.replace(/\(([A-Z_]+)\)$/, (whole, status: string) => {
    const style = STATUS_STYLE[status];
    return style ? `(${styleText(style, status, { validateStream: false })})` : whole;
  });
}

/** `text` in a style, when `on`. */
export function coloured(on: boolean, style: Style, text: string): string {
  return on ? styleText(style, text, { validateStream: false }) : text;
}
