import { Worker } from 'node:worker_threads';

/** Starts a worker on the module `name` beside this one: `.ts` when run from source, `.js` when built. It takes over none of
 * this process' own Node options, some of which a worker refuses. */
export function startThread(name: 'writer' | 'copy', data: object): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./${name}.${extension}`, import.meta.url), { workerData: data, execArgv: [] });
}
