import { readFileSync } from 'node:fs';
import { DroverError, hasCode } from '../base/errors.ts';
import type { Condition, Resource, Stored } from '../model/resource.ts';
import { applyFile } from './apply.ts';
import type { Connection } from './connect.ts';
import { note, say, type Context } from './context.ts';
import { kafkaRef, planRunRef } from './refs.ts';
import { renderAge } from './render/age.ts';
import { watchPlan } from './watch-plan.ts';

/** Three brokers of 320 MiB each, the server, a little air; 54 MiB of jars and small logs. */
const NEED = { memoryMiB: 1400, diskMiB: 1500 };
const RECORDS = 1000;
const TOPIC = 'drover-demo';
const KEY = { namespace: 'default', name: 'kafka' };

/** `drover demo kafka`: from nothing to a proved three-broker Kafka. Every step finds what earlier runs left and goes on from there. */
export async function demoKafka(context: Context, listen: string): Promise<void> {
  const file = new URL('../../examples/kafka/three-brokers.yaml', import.meta.url).pathname;
  const running = await context.machine.findServer();
  const before = running ? await findKafka(context.connect()) : undefined;
  await prepareMachine(context, file, before !== undefined);
  if (running) say(context, `The server is running: ${running.url} (process ${running.pid})`);
  else {
    const started = await context.machine.startServer(listen, context.signal);
    say(context, `Started the server in the background: ${started.url} (log: ${context.machine.serverLog})`);
  }
  const connection = context.connect();
  await bringUp(context, connection, file, before !== undefined || (await findKafka(connection)) !== undefined);
  await prove(context, connection);
  suggest(context);
}

async function findKafka(connection: Connection): Promise<Stored<Resource> | undefined> {
  try {
    return await connection.client.get(kafkaRef, KEY);
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

/** Looks at memory, disk, ports and programs before anything is started; installs missing programs after saying so. */
async function prepareMachine(context: Context, file: string, present: boolean): Promise<void> {
  const needs = await context.machine.kafkaNeeds(readFileSync(file, 'utf8'), { ...NEED, present });
  if (needs.shortages.length > 0) {
    throw new DroverError('terminal', `this machine is short of something:\n${needs.shortages.map((line) => `  ${line}`).join('\n')}`);
  }
  say(
    context,
    `This machine: ${needs.memoryMiB} MiB of memory and ${needs.diskMiB} MiB of disk are free${present ? '' : `, ports ${needs.ports.join(', ')} are free`}`,
  );
  await needs.installMissing((line) => note(context, line), context.signal);
}

async function bringUp(context: Context, connection: Connection, file: string, present: boolean): Promise<void> {
  const started = Date.now();
  const applied = await applyFile(context, connection, {
    filename: file,
    namespace: KEY.namespace,
    dryRun: false,
    timeout: 60_000,
    json: false,
  });
  const refusal = applied.find((result) => result.refusal !== undefined)?.refusal;
  if (refusal !== undefined) throw new DroverError('invalid', refusal);
  const unchanged = applied.every((result) => result.outcome === 'unchanged');
  if (present && unchanged && (await deployIsComplete(connection))) say(context, 'Everything is there already; the deploy plan:');
  const view = await watchPlan(context, connection, { namespace: KEY.namespace, service: KEY.name, plan: 'deploy' });
  context.signal.throwIfAborted();
  if (view.status !== 'COMPLETE') throw new DroverError('terminal', `the deploy plan is ${view.status}; see 'drover kafka why deploy'`);
  await brokersReady(context, connection);
  if (!unchanged) say(context, `Three brokers are up after ${renderAge(Date.now() - started)}.`);
}

async function deployIsComplete(connection: Connection): Promise<boolean> {
  const runs = await connection.client.list(planRunRef, {
    namespace: KEY.namespace,
    labelSelector: 'drover.dev/service=kafka,drover.dev/plan=deploy',
  });
  return runs.items.some((run) => run.status?.outcome === 'complete') && runs.items.every((run) => run.status?.outcome !== undefined);
}

/** After `drover down` the plan is complete at once while the brokers still start: waits for the Ready condition. */
async function brokersReady(context: Context, connection: Connection): Promise<void> {
  const { waitFor } = await import('./wait.ts');
  const ready = await waitFor(connection, kafkaRef, KEY, isReady, { timeoutMs: 300_000, signal: context.signal });
  if (ready === undefined) throw new DroverError('timeout', `the brokers are not ready after five minutes; see 'drover why kafka'`);
}

function isReady(kafka: Resource): boolean {
  const conditions = (kafka.status as { conditions?: Condition[] } | undefined)?.conditions ?? [];
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}

async function prove(context: Context, connection: Connection): Promise<void> {
  const kafka = await connection.client.get(kafkaRef, KEY);
  const bootstrap = (kafka.status as { bootstrapServers?: string } | undefined)?.bootstrapServers;
  if (bootstrap === undefined)
    throw new DroverError('unavailable', `kafka reports no bootstrap address; see 'drover describe kafka kafka'`);
  say(context, `Proof: topic ${TOPIC} (3 replicas, min.insync.replicas 2) on ${bootstrap}`);
  const proof = await context.machine.proveKafka({
    bootstrap,
    topic: TOPIC,
    records: RECORDS,
    signal: context.signal,
    onProgress: (line) => note(context, line),
  });
  say(context, `  wrote ${proof.written} records with acks=all`);
  say(context, `  read  ${proof.read} of them back`);
  if (proof.read !== proof.written || proof.written !== RECORDS)
    throw new DroverError('internal', `the proof failed: ${proof.written} written, ${proof.read} read`);
}

function suggest(context: Context): void {
  const drover = context.env['DROVER_COMMAND'] ?? 'drover';
  say(context);
  say(context, 'Try next:');
  for (const [command, what] of [
    [`${drover} kafka plan status deploy`, 'the plan as a tree'],
    [`${drover} kafka pod restart kafka-1 && ${drover} kafka plan status recovery --watch`, 'restart a broker, safely'],
    [`${drover} why kafka-1`, 'why it is as it is'],
    [`${drover} kubeconfig > kubeconfig; kubectl --kubeconfig kubeconfig get kafkas,pods -o wide`, 'the same through kubectl'],
    [`${drover} down`, 'stop everything; the next start brings it back'],
  ]) {
    say(context, `  ${command}\n      ${what}`);
  }
}
