import { deviations } from './deviations.ts';

/** The deviations as the table of docs/api.md. */
export function renderDeviations(): string {
  const rows = deviations.map(({ what, why }) => `| ${cell(what)} | ${cell(why)} |`);
  return ['| What is different | Why |', '|---|---|', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
