import { fromTime, toTime } from '../../base/clock.ts';
import { renderAge } from '../render/age.ts';

/** How much a finding matters, the most first. From `refused` to `waiting` something is not as it should be; the rest is what to know. */
export const LEVELS = ['refused', 'failed', 'paused', 'waiting', 'doing', 'restarted', 'warning', 'history'] as const;
export type Level = (typeof LEVELS)[number];

/** One recorded fact that answers "why": what it is about, what was recorded, its code, and when (epoch ms). */
export interface Finding {
  readonly level: Level;
  readonly about: string;
  readonly code: string;
  readonly text: string;
  readonly atMs?: number;
}

/** The answer about one thing: `well` says whether all is as it should be, `summary` says it in a sentence. */
export interface Answer {
  readonly thing: string;
  readonly kind: 'service' | 'pod' | 'plan' | 'step' | 'operation' | 'resource';
  readonly well: boolean;
  readonly summary: string;
  readonly findings: readonly Finding[];
}

/** More would not fit on a screen. */
const MOST_LINES = 20;

/** The time of a finding from a recorded time, nothing where none was recorded. */
export function at(text: string | null | undefined): { atMs?: number } {
  const atMs = text ? fromTime(text) : Number.NaN;
  return Number.isNaN(atMs) ? {} : { atMs };
}

/** What matters most first; of equal weight the newest first. What is said twice is said once. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings
    .filter(({ about, code, text }) => {
      const key = `${about}\n${code}\n${text}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (b.atMs ?? 0) - (a.atMs ?? 0));
}

/** True when something is not as it should be. */
export function isTrouble({ level }: Finding): boolean {
  return level === 'refused' || level === 'failed' || level === 'paused' || level === 'waiting';
}

/** The answer as lines: the sentence, then a line a finding: how long ago, what about, what, and the code to search for. */
export function answerLines(answer: Answer, nowMs: number): string[] {
  const shown = answer.findings.slice(0, MOST_LINES);
  const ages = shown.map(({ atMs }) => (atMs === undefined ? '' : renderAge(nowMs - atMs)));
  const width = Math.max(0, ...ages.map((age) => age.length));
  const rest = answer.findings.length - shown.length;
  return [
    answer.summary,
    ...shown.map((finding, i) => `  ${ages[i]!.padStart(width)}  ${finding.about}: ${sentence(finding.text)} [${finding.code}]`),
    ...(rest > 0 ? [`  … and ${rest} more; --json shows all`] : []),
  ];
}

/** The answer for machines: times as RFC 3339. */
export function answerJson(answer: Answer): object {
  const findings = answer.findings.map(({ atMs, ...finding }) => ({ ...finding, ...(atMs !== undefined && { at: toTime(atMs) }) }));
  return { ...answer, findings };
}

function sentence(text: string): string {
  return text.replace(/\.\.+$/, '.');
}
