import { DroverError } from '../base/errors.ts';
import type { Store } from '../store/store.ts';

/** One life of the control plane and its agent: from a start to a kill. Once killed, nothing of it reaches store or machine any more. */
export interface Life {
  readonly dead: boolean;
  /** Resolves when it is killed. */
  readonly died: Promise<void>;
  kill(): void;
}

/** A life that has just begun. */
export function newLife(): Life {
  const abort = new AbortController();
  const died = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve(), { once: true }));
  return {
    get dead() {
      return abort.signal.aborted;
    },
    died,
    kill: () => abort.abort(killed()),
  };
}

/** Counts the places where a kill can strike, and strikes at one of them. */
export class CrashPoints {
  /** Points passed since the last arming. */
  passed = 0;
  #killAt: number | undefined;

  /** Counts from 0 again; the life that reaches point `killAt` ends there (undefined: none does). */
  arm(killAt: number | undefined): void {
    this.passed = 0;
    this.#killAt = killAt;
  }

  /** A point: throws when the life has ended, or ends here. */
  pass(life: Life): void {
    if (life.dead) throw killed();
    const index = this.passed++;
    if (index !== this.#killAt) return;
    life.kill();
    throw killed();
  }
}

function killed(): DroverError {
  return new DroverError('unavailable', 'The simulated process was killed.');
}

/** The store as one life sees it: each write has a point before and one after it takes effect. */
export function mortalStore(store: Store, life: Life, points: CrashPoints): Store {
  const alive = () => {
    if (life.dead) throw killed();
  };
  async function write<T>(body: () => Promise<T>): Promise<T> {
    points.pass(life);
    const result = await body();
    points.pass(life);
    return result;
  }
  return {
    async get(key) {
      alive();
      return store.get(key);
    },
    async list(prefix, options) {
      alive();
      return store.list(prefix, options);
    },
    create: (key, value) => write(() => store.create(key, value)),
    update: (key, value, revision) => write(() => store.update(key, value, revision)),
    delete: (key, revision) => write(() => store.delete(key, revision)),
    // Goes on for a dead life until it is cleared away: what it sees cannot do anything any more.
    watch: (prefix, after, signal) => store.watch(prefix, after, signal),
    revision: () => store.revision(),
    compact: (revision) => store.compact(revision),
    compactedRevision: () => store.compactedRevision(),
    close: () => Promise.resolve(),
  };
}
