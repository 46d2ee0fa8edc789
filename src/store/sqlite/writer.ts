/**
 * The one thread that writes a store file: the main thread must never wait for a disk. It takes what has arrived, commits it as one group
 * (one sync), answers, and moves the log into the file or deletes forgotten rows between groups.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { DroverError } from '../../base/errors.ts';
import { createCommitter, type Committer, type WaitingWrite } from './commit.ts';
import { toStoreError } from './fault.ts';
import type { Answer, Request, WireFault, WriterSettings } from './protocol.ts';
import { preparePurge, type Purge } from './purge.ts';
import { checkFile, migrate } from './schema.ts';

/** At most so many writes, and about so many characters of values, in one transaction: bounds the wait of those who come next. */
const GROUP_WRITES = 256;
const GROUP_CHARACTERS = 4 * 1024 * 1024;
/** Log pages after which they are moved into the file, as SQLite's own default. */
const CHECKPOINT_PAGES = 1000;
/** While writers are busy, forgotten rows are deleted only after so many groups. */
const GROUPS_PER_PURGE = 8;

const port = parentPort;
if (port) start(port, workerData as WriterSettings);

function start(to: MessagePort, settings: WriterSettings): void {
  let db: DatabaseSync;
  let committer: Committer;
  let purge: Purge;
  try {
    db = new DatabaseSync(settings.path, { timeout: 5000 });
    const version = checkFile(db, settings.path);
    configure(db, settings);
    migrate(db, version);
    const state = db.prepare('SELECT compactedRevision, (SELECT max(revision) FROM log) AS newest FROM state').get();
    const compactedRevision = Number(state?.['compactedRevision']);
    const revision = Math.max(compactedRevision, Number(state?.['newest'] ?? 0));
    committer = createCommitter(db, settings.path, revision);
    purge = preparePurge(db);
    send(to, { type: 'open', revision, compactedRevision, migratedFrom: version === 0 ? undefined : version });
  } catch (error) {
    send(to, { type: 'not-open', fault: toWire(error, settings.path) });
    to.close();
    return;
  }
  serve(to, db, committer, purge, settings.path);
}

function configure(db: DatabaseSync, { path, maxSizeMiB }: WriterSettings): void {
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode !== 'wal') throw new DroverError('terminal', `${path} lies on a file system without shared memory: give Drover a local disk.`);
  // The writer moves the log itself, where a failure can be seen; SQLite's own way swallows it.
  db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000');
  if (maxSizeMiB !== undefined) db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxSizeMiB * 256))}`);
}

function serve(to: MessagePort, db: DatabaseSync, committer: Committer, purge: Purge, path: string): void {
  const waiting: WaitingWrite[] = [];
  const compactions: number[] = [];
  let purging = true;
  let closing = false;
  let scheduled = false;
  let groupsSincePurge = 0;

  function receive(request: Request): void {
    switch (request.type) {
      case 'writes':
        for (const [i, write] of request.writes.entries()) waiting.push({ id: request.firstId + i, write });
        return;
      case 'compact':
        return promise(request.id, request.revision);
      case 'close':
        closing = true;
    }
  }

  function promise(id: number, revision: number): void {
    try {
      purge.promise(revision);
    } catch (error) {
      send(to, { type: 'compact-done', id, fault: toWire(error, path) });
      return;
    }
    send(to, { type: 'compacted', revision });
    compactions.push(id);
    purging = true;
  }

  function commitGroup(): void {
    let characters = 0;
    let count = 0;
    while (count < waiting.length && count < GROUP_WRITES && characters < GROUP_CHARACTERS) {
      const { write } = waiting[count++]!;
      if ('value' in write) characters += write.value.length;
    }
    send(to, { type: 'outcomes', outcomes: committer.commit(waiting.splice(0, count)) });
    groupsSincePurge++;
  }

  function purgeStep(): void {
    groupsSincePurge = 0;
    let fault: WireFault | undefined;
    try {
      purging = purge.step();
      committer.addPages(50);
    } catch (error) {
      purging = false;
      fault = toWire(error, path);
      send(to, { type: 'log', level: 'warn', message: `Forgotten revisions could not be deleted: ${fault.message}` });
    }
    if (!purging) for (const id of compactions.splice(0)) send(to, { type: 'compact-done', id, fault });
  }

  function moveLog(): void {
    const fault = committer.checkpoint();
    if (fault) send(to, { type: 'log', level: 'warn', message: `The log could not be moved into the file: ${fault.message}` });
  }

  function finish(): void {
    // What a compaction has promised is durable; the rest of its rows go after the next start.
    for (const id of compactions.splice(0)) send(to, { type: 'compact-done', id, fault: undefined });
    db.close();
    send(to, { type: 'closed' });
    to.close();
  }

  function turn(): void {
    scheduled = false;
    for (let more = receiveMessageOnPort(to); more; more = receiveMessageOnPort(to)) receive(more.message as Request);
    if (waiting.length > 0) commitGroup();
    if (committer.loggedPages >= CHECKPOINT_PAGES) moveLog();
    if (closing && waiting.length === 0) return finish();
    if (purging && (waiting.length === 0 || groupsSincePurge >= GROUPS_PER_PURGE)) purgeStep();
    if (waiting.length > 0 || purging) again();
  }

  function again(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  }

  to.on('message', (request: Request) => {
    receive(request);
    if (!scheduled) turn();
  });
  again();
}

function send(to: MessagePort, answer: Answer): void {
  to.postMessage(answer);
}

function toWire(error: unknown, path: string): WireFault {
  const { code, message } = toStoreError(error, path);
  return { code, message };
}
