import { fromTime } from '../base/clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A duration as kubectl prints ages: `45s`, `3m20s`, `5h`, `2d4h`, `1y30d`; `<invalid>` when it is negative by more than a second. */
export function humanDuration(durationMs: number): string {
  if (Number.isNaN(durationMs)) return '<unknown>';
  const seconds = Math.trunc(durationMs / SECOND);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (durationMs < 2 * MINUTE) return `${seconds}s`;
  if (durationMs < 10 * MINUTE) return pair(durationMs, MINUTE, 'm', SECOND, 's');
  if (durationMs < 3 * HOUR) return `${Math.trunc(durationMs / MINUTE)}m`;
  if (durationMs < 8 * HOUR) return pair(durationMs, HOUR, 'h', MINUTE, 'm');
  if (durationMs < 2 * DAY) return `${Math.trunc(durationMs / HOUR)}h`;
  if (durationMs < 8 * DAY) return pair(durationMs, DAY, 'd', HOUR, 'h');
  if (durationMs < 2 * YEAR) return `${Math.trunc(durationMs / DAY)}d`;
  if (durationMs < 8 * YEAR) return pair(durationMs, YEAR, 'y', DAY, 'd');
  return `${Math.trunc(durationMs / YEAR)}y`;
}

/** How long ago an RFC 3339 time was; `<unknown>` without one. */
export function ageOf(time: string | null | undefined, nowMs: number): string {
  return time === null || time === undefined ? '<unknown>' : humanDuration(nowMs - fromTime(time));
}

function pair(durationMs: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.trunc((durationMs % big) / small);
  return `${Math.trunc(durationMs / big)}${bigUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`;
}
