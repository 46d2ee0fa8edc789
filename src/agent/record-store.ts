import { posix } from 'node:path';
import type { AgentFiles } from './agent-files.ts';
import type { AgentLog } from './agent-output.ts';
import type { PodRecord } from './pod-record.ts';
import { podDirectory } from './volumes.ts';

/** The records of Pods on disk: `<dir>/pods/<uid>/record.json`. */
export interface RecordStore {
  /** All records; one that cannot be read is left out and logged, and its tasks count as those of an unknown Pod. */
  load(): Promise<readonly PodRecord[]>;
  save(record: PodRecord): Promise<void>;
  /** Deletes the record and the directory of the Pod. */
  remove(uid: string): Promise<void>;
}

/** Records in the agent's directory. */
export function createRecordStore(files: AgentFiles, dir: string, log: AgentLog): RecordStore {
  const pathOf = (uid: string) => posix.join(podDirectory(dir, uid), 'record.json');
  return {
    async load() {
      const uids = await files.list(posix.join(dir, 'pods'));
      const found = await Promise.all(uids.map((uid) => read(uid)));
      return found.filter((record) => record !== undefined);
    },
    save: (record) => files.writeText(pathOf(record.uid), JSON.stringify(record)),
    remove: (uid) => files.remove(podDirectory(dir, uid)),
  };

  async function read(uid: string): Promise<PodRecord | undefined> {
    try {
      const text = await files.readText(pathOf(uid));
      return text === undefined ? undefined : (JSON.parse(text) as PodRecord);
    } catch (error) {
      log.error({ pod: uid, error: String(error) }, 'the record of a pod cannot be read');
      return undefined;
    }
  }
}
