// The program of a real test: an agent in a process of its own, so that it can be killed. Nothing of Drover imports it.
/* oxlint-disable no-restricted-imports */
import { systemClock } from '../base/clock.ts';
import { createHttpClient } from '../client/http/http-client.ts';
import { openProcessDriver } from '../drivers/process/process-driver.ts';
import { startAgent } from './agent.ts';

const [url = '', token = '', dir = ''] = process.argv.slice(2);
const log = { info() {}, warn: (fields: object, message: string) => console.error(message, fields), error: console.error };
const driver = await openProcessDriver({ dir: `${dir}/tasks`, clock: systemClock, log });
const agent = await startAgent({
  nodeName: 'm1',
  client: createHttpClient({ url, token }),
  driver,
  packages: { ensure: () => Promise.reject(new Error('no packages here')) },
  dir: `${dir}/agent`,
  clock: systemClock,
  log,
  address: '127.0.0.1',
});
console.log('started');
// The agent's own timers keep no process alive: whoever owns the process does.
const alive = setInterval(() => {}, 60_000);
process.once('SIGTERM', () => {
  void agent
    .close()
    .then(() => driver.close())
    .then(() => clearInterval(alive));
});
