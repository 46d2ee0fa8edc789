/** What one controller has done and has to do, as the metrics show it. Counts grow from the start of the process. */
export interface ControllerSnapshot {
  readonly controller: string;
  /** Keys that wait for a worker. */
  readonly queued: number;
  /** Keys that wait for their time: back-off and looking again later. */
  readonly delayed: number;
  readonly running: number;
  /** Reconciles that ended, by outcome. `conflict`: someone else wrote first, done again; `terminal`: not done again before a change. */
  readonly outcomes: { readonly ok: number; readonly conflict: number; readonly error: number; readonly terminal: number };
  /** Time spent in reconciles, ms. */
  readonly totalMs: number;
}
