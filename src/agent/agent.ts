import { posix } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { DroverError } from '../base/errors.ts';
import type { ResourceClient } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { Driver } from '../drivers/driver.ts';
import { podKind } from '../model/core/pod.ts';
import type { AgentFiles } from './agent-files.ts';
import type { AgentEvents, AgentLog } from './agent-output.ts';
import { PASSED_VARIABLES } from './container-env.ts';
import { watchDriver } from './driver-watch.ts';
import { Gate } from './gate.ts';
import type { NodeApi } from './node-api.ts';
import { machineFacts, type NodeFacts } from './node-facts.ts';
import { nodeFiles } from './node-files.ts';
import { keepNode } from './node-keeper.ts';
import type { PackageCache } from './package-cache.ts';
import { podLogs } from './pod-logs.ts';
import { PodRunner } from './pod-runner.ts';
import { probeRunner, type ProbeRunner } from './probe-runner.ts';
import { createRecordStore } from './record-store.ts';

export interface AgentOptions {
  readonly nodeName: string;
  readonly client: ResourceClient;
  /** Owned by the caller, who closes it after the agent. */
  readonly driver: Driver;
  readonly packages: PackageCache;
  /** The agent's directory, absolute: records of Pods, volumes. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: AgentLog;
  /** The address of the machine, and of all its Pods. */
  readonly address: string;
  /** Drover's version, as the Node shows it; default `0.0.0`. */
  readonly version?: string;
  /** Default: those of this machine. */
  readonly facts?: () => Promise<NodeFacts>;
  /** Default: the disk of this machine. */
  readonly files?: AgentFiles;
  /** Default: probes over this machine's network, and by the driver. */
  readonly probes?: ProbeRunner;
  /** Default: events are dropped. */
  readonly events?: AgentEvents;
  /** What every task has in its environment; default a few variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The agent of one machine. */
export interface Agent {
  readonly api: NodeApi;
  /** Resolves when nothing is left to do but to wait for the clock, for probes or for other machines: for simulators and tests. */
  settled(): Promise<void>;
  /** Stops the agent and waits for its end; tasks go on, and the next agent adopts them. Idempotent. */
  close(): Promise<void>;
}

/** Tasks put together at the same time. */
const PARALLEL_PREPARATIONS = 64;

/**
 * Starts the agent of a machine: reads its records, adopts the driver's tasks, registers the Node, watches its Pods and makes them run. Resolves when
 * records and tasks are known; it does not wait for the API. Throws what the driver's first list throws.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { nodeName, client, driver, dir, clock, log, address } = options;
  if (!posix.isAbsolute(dir)) throw new DroverError('invalid', `The agent's directory "${dir}" is not an absolute path.`);
  const abort = new AbortController();
  const files = options.files ?? nodeFiles();
  const records = createRecordStore(files, dir, log);
  const base = options.env ?? passedVariables();
  const sources = { client, nodeName, address, base, files, dir, packages: options.packages, gate: new Gate(PARALLEL_PREPARATIONS) };
  const runner = new PodRunner({
    client,
    driver,
    files,
    dir,
    clock,
    log,
    address,
    sources,
    records,
    events: options.events ?? { event: () => {} },
    probes: options.probes ?? probeRunner(driver),
    resync: () => watch.resync(),
  });
  const watch = watchDriver(driver, runner, clock, log, abort.signal);
  try {
    await files.makeDirectory(dir);
    runner.restore(await records.load());
    await watch.resync();
  } catch (error) {
    abort.abort();
    await runner.close();
    throw error;
  }
  const informer = new Informer({
    client,
    kind: podKind,
    clock,
    fieldSelector: `spec.nodeName=${nodeName}`,
    onChange: (change) => (change.type === 'removed' ? runner.dropPod(change.object.metadata.uid) : runner.putPod(change.object)),
    onFault: (error) => log.warn({ node: nodeName, error: String(error) }, 'the watch of pods broke'),
  });
  const identity = { nodeName, address, version: options.version ?? '0.0.0', driver: driver.name };
  const facts = options.facts ?? machineFacts(dir);
  const loops = Promise.all([
    watch.follow(),
    keepNode({ client, clock, log, identity, facts }, abort.signal),
    informer.synced.then(
      () => runner.open(),
      () => {},
    ),
  ]);
  let closing: Promise<void> | undefined;
  return {
    api: { podLogs: (request, signal) => podLogs(driver, runner, request, AbortSignal.any([signal, abort.signal])) },
    async settled() {
      for (;;) {
        await informer.caughtUp();
        // What driver and watch have told is on its way through their streams.
        await new Promise((resolve) => setImmediate(resolve));
        if (runner.idle) return;
        await runner.settled();
      }
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    abort.abort();
    await informer.close();
    await runner.close();
    await loops;
  }
}

function passedVariables(): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_VARIABLES) if (process.env[name] !== undefined) passed[name] = process.env[name];
  return passed;
}
