import { watch } from 'node:fs';

/** Calls back with the name of each file that appears or changes in a directory; the returned function ends it. */
export type WatchDirectory = (directory: string, onName: (name: string) => void, onError: (error: unknown) => void) => () => void;

/** inotify, through Node. Events that the kernel's queue cannot hold are dropped silently: whoever uses this must look by itself now and then. */
export const watchDirectory: WatchDirectory = (directory, onName, onError) => {
  const watcher = watch(directory, (_, name) => {
    if (name !== null) onName(name);
  });
  watcher.on('error', onError);
  return () => watcher.close();
};
