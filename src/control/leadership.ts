/** Who may run controllers. The embedded engine always leads; a cluster elects over a Lease. */
export interface Leadership {
  /** Resolves when this process leads; rejects when the signal aborts. */
  acquire(signal: AbortSignal): Promise<LeaderTerm>;
}

export interface LeaderTerm {
  /** Aborts when the term is over: all work must end, whatever it has begun. */
  readonly over: AbortSignal;
}

/** Leads from the first moment until the process ends: nobody else can hold the store. */
export const alwaysLeader: Leadership = {
  acquire: async () => ({ over: new AbortController().signal }),
};
