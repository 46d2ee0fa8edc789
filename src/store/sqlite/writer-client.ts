import type { Worker } from 'node:worker_threads';
import { DroverError } from '../../base/errors.ts';
import type { LoggedChange } from '../fan-out.ts';
import type { Write } from '../verdict.ts';
import type { Answer, Outcome, Request, WriterSettings } from './protocol.ts';
import { startThread } from './thread.ts';

/** What the writer tells besides its answers. */
export interface WriterEvents {
  /** A commit, in order; told before the callers of its writes get their answers. */
  committed(changes: readonly LoggedChange[]): void;
  compacted(revision: number): void;
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** The thread ended by itself; no write can succeed any more. */
  died(fault: DroverError): void;
}

/** What the writer found when it opened the file. */
export interface Opened {
  readonly revision: number;
  readonly compactedRevision: number;
  /** The older schema version that was migrated or found, undefined for a new file. */
  readonly migratedFrom: number | undefined;
}

/** Writes that may wait for the writer before more are refused. */
const MAX_PENDING = 20_000;

interface PendingWrite {
  readonly write: Write;
  readonly resolve: (change: LoggedChange) => void;
  readonly reject: (fault: DroverError) => void;
}

/** The main thread's end of the writer: sends what is asked in one turn together, and settles each caller. */
export class WriterClient {
  readonly #worker: Worker;
  readonly #events: WriterEvents;
  readonly #pending = new Map<number, PendingWrite>();
  readonly #compactions = new Map<number, { resolve: () => void; reject: (fault: DroverError) => void }>();
  #outgoing: Write[] = [];
  #nextId = 1;
  #fault: DroverError | undefined;
  #closing: Promise<void> | undefined;
  #onClosed: (() => void) | undefined;

  private constructor(worker: Worker, events: WriterEvents) {
    this.#worker = worker;
    this.#events = events;
    worker.on('message', (answer: Answer) => this.#receive(answer));
    worker.on('error', (error) => this.#die(error));
    worker.on('exit', (code) => this.#die(new Error(`exit code ${code}`)));
  }

  /** Starts the writer. Throws what kept it from opening the file: `terminal`, `unavailable`. */
  static async open(settings: WriterSettings, events: WriterEvents): Promise<{ client: WriterClient; opened: Opened }> {
    const worker = startThread('writer', settings);
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The writer of ${settings.path} ended with exit code ${code}.`)));
    });
    if (answer.type === 'open') return { client: new WriterClient(worker, events), opened: answer };
    await worker.terminate();
    if (answer.type === 'not-open') throw new DroverError(answer.fault.code, answer.fault.message);
    throw new DroverError('internal', `The writer of ${settings.path} began with "${answer.type}".`);
  }

  /** Resolves when the write is durable. */
  write(write: Write): Promise<LoggedChange> {
    if (this.#fault) return Promise.reject(this.#fault);
    if (this.#pending.size >= MAX_PENDING) {
      const message = `${MAX_PENDING} writes wait for the disk already: repeat ${write.key} in a moment.`;
      return Promise.reject(new DroverError('too-many-requests', message, { retryAfterSeconds: 1 }));
    }
    return new Promise((resolve, reject) => {
      if (this.#outgoing.push(write) === 1) queueMicrotask(() => this.#flush());
      this.#pending.set(this.#nextId++, { write, resolve, reject });
    });
  }

  /** Resolves when everything that `revision` forgets is deleted; `compacted` is told as soon as it is promised. */
  compact(revision: number): Promise<void> {
    if (this.#fault) return Promise.reject(this.#fault);
    this.#flush();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#compactions.set(id, { resolve, reject });
      this.#send({ type: 'compact', id, revision });
    });
  }

  /** Ends after the writes under way; idempotent. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      if (this.#fault) return resolve();
      this.#onClosed = resolve;
      this.#flush();
      this.#send({ type: 'close' });
    });
    return this.#closing;
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const writes = this.#outgoing;
    this.#outgoing = [];
    this.#send({ type: 'writes', firstId: this.#nextId - writes.length, writes });
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(answer: Answer): void {
    switch (answer.type) {
      case 'outcomes':
        return this.#settle(answer.outcomes);
      case 'compacted':
        return this.#events.compacted(answer.revision);
      case 'compact-done': {
        const waiting = this.#compactions.get(answer.id);
        this.#compactions.delete(answer.id);
        if (answer.fault) waiting?.reject(new DroverError(answer.fault.code, answer.fault.message));
        else waiting?.resolve();
        return;
      }
      case 'log':
        return this.#events.log(answer.level, answer.message);
      case 'open':
      case 'not-open':
      case 'closed':
    }
  }

  #settle(outcomes: readonly { readonly id: number; readonly outcome: Outcome }[]): void {
    const changes: LoggedChange[] = [];
    const answers: (() => void)[] = [];
    for (const { id, outcome } of outcomes) {
      const pending = this.#pending.get(id);
      if (!pending) continue;
      this.#pending.delete(id);
      if ('fault' in outcome) {
        answers.push(() => pending.reject(new DroverError(outcome.fault.code, outcome.fault.message)));
      } else {
        const change = toChange(pending.write, outcome);
        changes.push(change);
        answers.push(() => pending.resolve(change));
      }
    }
    this.#events.committed(changes);
    for (const answer of answers) answer();
  }

  #die(error: unknown): void {
    this.#onClosed?.();
    if (this.#fault) return;
    const detail = error instanceof Error ? error.message : String(error);
    this.#fault = this.#closing
      ? new DroverError('unavailable', 'The store is closed.')
      : new DroverError('terminal', `The store's writer ended (${detail}): what it had not answered may be stored or not. Start again.`);
    for (const { reject } of this.#pending.values()) reject(this.#fault);
    for (const { reject } of this.#compactions.values()) reject(this.#fault);
    this.#pending.clear();
    this.#compactions.clear();
    if (!this.#closing) this.#events.died(this.#fault);
  }
}

function toChange(write: Write, outcome: Exclude<Outcome, { fault: unknown }>): LoggedChange {
  const { key } = write;
  const { revision, createRevision } = outcome;
  const previous = outcome.previous && {
    key,
    value: outcome.previous.value,
    createRevision,
    modRevision: outcome.previous.modRevision,
  };
  if (write.verb !== 'delete') return { type: 'put', entry: { key, value: write.value, createRevision, modRevision: revision }, previous };
  if (!previous) throw new DroverError('internal', `The deletion of ${key} at ${revision} came without what it deleted.`);
  return { type: 'delete', revision, previous };
}
