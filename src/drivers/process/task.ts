import { join } from 'node:path';
import type { TaskState } from '../driver.ts';
import type { Layout } from './layout.ts';
import type { ProcessId } from './proc.ts';
import type { TaskRecord } from './task-files.ts';

/** A task as the open driver holds it. Changed only by `Observer` (state, process, orphan) and `Stopper` (stop). */
export interface Task {
  readonly id: string;
  readonly key: string;
  readonly dir: string;
  readonly record: TaskRecord;
  state: TaskState;
  /** Known from the moment it runs. */
  process: ProcessId | undefined;
  supervisor: ProcessId | undefined;
  /** It runs, but its supervisor is gone. */
  orphan: boolean;
  stop: { readonly killAtMs: number; readonly cancel: () => void } | undefined;
  readonly endListeners: Set<() => void>;
}

/** A task that is recorded and not yet seen to run. */
export function newTask(layout: Layout, key: string, record: TaskRecord): Task {
  const { id, startedAtMs } = record;
  return {
    id,
    key,
    dir: join(layout.tasks, key),
    record,
    state: { id, phase: 'starting', startedAtMs },
    process: undefined,
    supervisor: undefined,
    orphan: false,
    stop: undefined,
    endListeners: new Set(),
  };
}

export function isLive(task: Task): boolean {
  return task.state.phase === 'starting' || task.state.phase === 'running';
}
