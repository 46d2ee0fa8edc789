import type { Controller } from '../src/control/controller.ts';
import type { ControllerRuntime } from '../src/control/runtime.ts';
import type { ResourceClient } from '../src/client/client.ts';
import type { Kind } from '../src/model/kind.ts';
import type { Log } from '../src/observe/log.ts';
import { createVerbs, type OpenVerbs } from '../src/api/create-verbs.ts';
import { FakeClock } from '../src/base/fake-clock.ts';
import { createInProcessClient } from '../src/client/in-process.ts';
import { startControllers } from '../src/control/runtime.ts';
import { coreKinds } from '../src/model/kinds.ts';
import { createScheme } from '../src/model/scheme.ts';
import { createMemoryStore } from '../src/store/memory/memory-store.ts';

/** The resource API over a memory store with a fake clock, and controllers on it: what a controller's tests run against. */
export interface TestControlPlane {
  readonly clock: FakeClock;
  readonly client: ResourceClient;
  readonly verbs: OpenVerbs;
  /** `level message` of each line logged. */
  readonly lines: string[];
  /** Starts controllers and resolves when they are idle; those that ran before are closed. */
  start(...controllers: Controller[]): Promise<ControllerRuntime>;
  /** Moves the clock on in steps (default 1), waiting until all is idle after each. */
  advance(ms: number, steps?: number): Promise<void>;
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Opens one; `kinds` are known beside those of the core. */
export async function openTestControlPlane(kinds: readonly Kind[] = []): Promise<TestControlPlane> {
  const clock = new FakeClock();
  const lines: string[] = [];
  const scheme = createScheme([...coreKinds, ...kinds]);
  let uids = 0;
  const newUid = () => `00000000-0000-4000-8000-${String(++uids).padStart(12, '0')}`;
  const verbs = await createVerbs({ store: createMemoryStore(), scheme, clock, newUid });
  const client = createInProcessClient(verbs, 'test', scheme);
  let runtime: ControllerRuntime | undefined;
  const write = (level: string) => (fields: Record<string, unknown>, message: string) => {
    lines.push(`${level} ${message}${fields['error'] === undefined ? '' : `: ${(fields['error'] as Error).message}`}`);
  };
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
  return {
    clock,
    client,
    verbs,
    lines,
    async start(...controllers) {
      await runtime?.close();
      runtime = await startControllers({ client, clock, log, controllers });
      await runtime.idle();
      return runtime;
    },
    async advance(ms, steps = 1) {
      for (let step = 0; step < steps; step++) {
        clock.advance(ms / steps);
        await runtime?.idle();
      }
    },
    async idle() {
      await runtime?.idle();
    },
    async close() {
      await runtime?.close();
      await verbs.close();
    },
  };
}
