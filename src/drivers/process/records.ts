import type { ProcessId } from './proc.ts';

/** What `claim` says: the supervisor that has the task, or that start() was given up before anyone had it. */
export type ClaimRecord =
  | { readonly type: 'claimed'; readonly supervisor: ProcessId }
  | { readonly type: 'withdrawn' }
  | { readonly type: 'partial' };

/** What `<key>.run` says. `void`: a driver has ruled that the task never runs. */
export type RunRecord =
  | { readonly type: 'run'; readonly supervisor: ProcessId; readonly task: ProcessId }
  | { readonly type: 'void' }
  | { readonly type: 'partial' };

/** What `<key>.exit` says; `atMs` only where the driver wrote it, else the file's time counts. */
export type ExitRecord =
  | { readonly type: 'exited'; readonly status: number; readonly signalled: boolean }
  | { readonly type: 'lost'; readonly why: LostReason; readonly atMs: number | undefined }
  | { readonly type: 'partial' };

export type LostReason = 'reboot' | 'supervisor-killed' | 'failed-start';

/** Texts that a driver writes into these files itself. */
export const WITHDRAWN = 'withdrawn .\n';
export const VOID = 'void .\n';

/** The exit record of a task that nobody saw end. */
export function lostText(why: LostReason, atMs: number): string {
  return `lost ${why} ${atMs} .\n`;
}

export function parseClaim(text: string): ClaimRecord {
  const fields = complete(text);
  if (fields?.[0] === 'withdrawn') return { type: 'withdrawn' };
  const supervisor = processAt(fields, 0);
  return supervisor ? { type: 'claimed', supervisor } : { type: 'partial' };
}

export function parseRun(text: string): RunRecord {
  const fields = complete(text);
  if (fields?.[0] === 'void') return { type: 'void' };
  const supervisor = processAt(fields, 0);
  const task = processAt(fields, 3);
  return supervisor && task ? { type: 'run', supervisor, task } : { type: 'partial' };
}

export function parseExit(text: string): ExitRecord {
  const fields = complete(text);
  if (fields?.[0] === 'exited' && fields.length === 3) {
    return { type: 'exited', status: Number(fields[1]), signalled: fields[2] === '1' };
  }
  const why = fields?.[1];
  if (fields?.[0] === 'lost' && (why === 'reboot' || why === 'supervisor-killed' || why === 'failed-start')) {
    return { type: 'lost', why, atMs: fields[2] === undefined ? undefined : Number(fields[2]) };
  }
  return { type: 'partial' };
}

/** The boot of the machine in which a claim or a run record was written by a supervisor; undefined when it does not say. */
export function bootOf(text: string): string | undefined {
  return complete(text)?.[2];
}

/** The fields of a record that was written to its end, which a dot marks. */
function complete(text: string): string[] | undefined {
  return text.endsWith(' .\n') ? text.slice(0, -3).split(' ') : undefined;
}

function processAt(fields: string[] | undefined, index: number): ProcessId | undefined {
  const pid = Number(fields?.[index]);
  const startTime = fields?.[index + 1];
  return Number.isInteger(pid) && pid > 1 && startTime && /^\d+$/.test(startTime) ? { pid, startTime } : undefined;
}
