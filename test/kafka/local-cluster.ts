import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ManagedServiceSpec, Task } from '../../src/model/drover/managed-service.ts';
import { render, type TemplateVariables } from '../../src/plan/template.ts';

/**
 * A cluster run straight from the compiled service, without server and agent: it renders the templates, lays out one directory a task and starts the
 * command. What the agent does, in so few lines that a failure here is one of the operator. One broker an index, all on 127.0.0.1.
 */
export interface LocalCluster {
  readonly directory: string;
  /** Client port by index. */
  readonly ports: readonly number[];
  readonly bootstrap: string;
  /** Starts broker `index` and resolves once its client port accepts; `wait: false` returns at once. */
  start(index: number, options?: { wait?: boolean }): Promise<void>;
  /** Sends `signal` and waits for the end. */
  stop(index: number, signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code of a broker that ends by itself. */
  ended(index: number): Promise<number | null>;
  /** A new volume at the next start. */
  replaceVolume(index: number): Promise<void>;
  volume(index: number): string;
  output(index: number): Promise<string>;
  /** Renders from this spec from now on. */
  use(spec: ManagedServiceSpec): void;
  /** Ends all brokers and deletes everything. */
  close(): Promise<void>;
}

/** Makes the directories and ports; starts nothing. `libs` is the directory of jars. */
export async function createLocalCluster(first: ManagedServiceSpec, libs: string, service = 'kafka'): Promise<LocalCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'drover-kafka-'));
  let spec = first;
  const count = spec.pods[0]!.count;
  const portNames = (spec.pods[0]!.tasks[0]!.ports ?? []).map((port) => port.name);
  const all = await freePorts(count * portNames.length);
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: `${service}-${index}`,
    index,
    address: '127.0.0.1',
    ports: Object.fromEntries(portNames.map((name, i) => [name, all[index * portNames.length + i]!])) as Record<string, number>,
    initialized: false,
    generation: 0,
    child: undefined as ChildProcess | undefined,
    exit: undefined as Promise<number | null> | undefined,
  }));

  const at = (index: number) => nodes[index]!;
  const volume = (index: number) => join(directory, `volume-${index}-${at(index).generation}`);
  const logFile = (index: number) => join(directory, `${at(index).name}.log`);

  async function start(index: number, options: { wait?: boolean } = {}): Promise<void> {
    const node = at(index);
    const task = spec.pods[0]!.tasks[0]!;
    const home = join(directory, `task-${index}`);
    await rm(home, { recursive: true, force: true });
    await layOutTask(
      task,
      { home, libs, volume: volume(index) },
      {
        service,
        namespace: 'default',
        name: node.name,
        index,
        podType: 'kafka',
        address: node.address,
        ports: node.ports,
        volumes: { data: { initialized: node.initialized } },
        formed: nodes.some((peer) => peer.initialized),
        peers: { kafka: nodes.map(({ name, index: i, address, ports }) => ({ name, index: i, address, ports, last: i === count - 1 })) },
        revision: 1,
      },
    );
    const log = createWriteStream(logFile(index), { flags: 'a' });
    const child = spawn(task.command[0]!, task.command.slice(1), { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    node.child = child;
    node.exit = new Promise((resolve) => child.once('close', (code) => log.end(() => resolve(code))));
    if (options.wait === false) return;
    let over = false;
    void node.exit.then(() => (over = true));
    const client = node.ports[portNames[0]!]!;
    while (!(await accepts(client))) {
      if (over) throw new Error(`${node.name} ended:\n${(await readFile(logFile(index), 'utf8')).slice(-3000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    node.initialized = true;
  }

  async function stop(index: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const node = at(index);
    if (node.child?.exitCode === null) node.child.kill(signal);
    return (await node.exit) ?? null;
  }

  return {
    directory,
    ports: nodes.map((node) => node.ports[portNames[0]!]!),
    bootstrap: nodes.map((node) => `127.0.0.1:${node.ports[portNames[0]!]}`).join(','),
    start,
    stop,
    ended: async (index) => (await at(index).exit) ?? null,
    async replaceVolume(index) {
      await rm(volume(index), { recursive: true, force: true });
      at(index).generation++;
      at(index).initialized = false;
    },
    volume,
    output: (index) => readFile(logFile(index), 'utf8'),
    use: (next) => void (spec = next),
    async close() {
      await Promise.all(nodes.map((node) => stop(node.index, 'SIGKILL')));
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Makes the directory that a task of the process driver finds itself in: its files, `package/libs` and its volume as `data`. */
export async function layOutTask(
  task: Task,
  places: { readonly home: string; readonly libs: string; readonly volume: string },
  variables: TemplateVariables,
): Promise<void> {
  await mkdir(places.volume, { recursive: true });
  for (const config of task.configs ?? []) {
    const path = join(places.home, config.path);
    await mkdir(dirname(path), { recursive: true });
    const rendered = render(config.template, variables);
    if (!rendered.ok) throw new Error(`${config.path}: ${rendered.error}`);
    await writeFile(path, rendered.text);
  }
  await mkdir(join(places.home, 'package'));
  await symlink(places.libs, join(places.home, 'package/libs'));
  await symlink(places.volume, join(places.home, 'data'));
}

/** Ports that nothing listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** True when something accepts connections on a loopback port. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
