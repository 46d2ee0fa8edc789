import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../src/cli/connect.ts';
import { podRef } from '../src/cli/refs.ts';
import { thisMachine } from '../src/server/this-machine.ts';
import { testDrover, until } from '../test/e2e/drover.ts';
import { printReport } from './report.ts';

// What a Drover costs that has nothing to do: three brokers and 300 pods, for a minute.

const PODS = 300;
const SECONDS = 60;

const drover = testDrover();
try {
  await drover.ok(['demo', 'kafka', '--listen', '127.0.0.1:0']);
  const { client } = connect(thisMachine({ DROVER_HOME: drover.home }));
  for (let i = 0; i < PODS; i++) {
    await client.create(podRef, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `idle-${i}`, namespace: 'default' },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', command: ['sleep', '3600'] }] },
    });
  }
  await until(
    async () => (await client.list(podRef, { namespace: 'default', fieldSelector: 'status.phase=Running' })).items.length === PODS + 3,
  );
  await sleep(30_000);
  const before = await look();
  await sleep(SECONDS * 1000);
  const after = await look();
  const writes = (after.revision - before.revision) / SECONDS;
  const core = (after.cpuSeconds - before.cpuSeconds) / SECONDS;
  printReport([
    {
      bench: `idle, 3 brokers and ${PODS} pods: store writes`,
      measured: `${writes.toFixed(2)}/s`,
      floor: '1/s',
      ratio: writes,
      goal: '<= 1',
      ok: writes <= 1,
    },
    {
      bench: `idle, 3 brokers and ${PODS} pods: processor`,
      measured: `${(core * 100).toFixed(2)} % of a core`,
      floor: '1 %',
      ratio: core / 0.01,
      goal: '<= 1',
      ok: core <= 0.01,
    },
  ]);
} finally {
  await drover.destroy();
}

/** The newest revision and the processor time of the server, user and system. */
async function look(): Promise<{ revision: number; cpuSeconds: number }> {
  const { client } = connect(thisMachine({ DROVER_HOME: drover.home }));
  const { resourceVersion } = await client.list(podRef, { namespace: 'default', limit: 1 });
  const stat = readFileSync(`/proc/${drover.serverPid()}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return { revision: Number(resourceVersion), cpuSeconds: (Number(stat[11]) + Number(stat[12])) / 100 };
}
