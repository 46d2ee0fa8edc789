import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Driver, DriverEvent, LogLine, LogOptions, TaskConfig, TaskState } from './driver.ts';
import type { Program } from './program.ts';

/** What the suite needs of an implementation. One fixture is one machine; the suite opens several drivers over it, one after the other. */
export interface DriverFixture {
  /** A driver over the same machine. The suite closes the one before it. */
  open(): Promise<Driver>;
  /** The command of a task that does this. */
  command(program: Program): readonly string[];
  /** An absolute directory outside the tasks' directories, empty at first: a volume. */
  volume(): Promise<string>;
  /** Lets a little time pass on the driver's clock (some milliseconds). */
  idle(): Promise<void>;
  /** The time on the driver's clock. */
  nowMs(): number;
  /** Ends every task and driver and deletes everything. */
  dispose(): Promise<void>;
}

/** The suite that every driver passes: the contract of `driver.ts`, a sentence a case. */
export function driverConformance(name: string, createFixture: () => Promise<DriverFixture>): void {
  describe(`${name} keeps the driver's contract`, () => {
    let fixture: DriverFixture;
    let driver: Driver;
    let sequence = 0;

    beforeEach(async () => {
      fixture = await createFixture();
      driver = await fixture.open();
    });
    afterEach(async () => {
      await driver.close();
      await fixture.dispose();
    });

    const task = (program: Program, more: Partial<TaskConfig> = {}): TaskConfig => {
      const uid = `00000000-0000-4000-8000-${String(++sequence).padStart(12, '0')}`;
      const base = { id: `${uid}/main/0`, label: `default/pod-${sequence} main`, env: {}, files: [], mounts: [] };
      return { ...base, command: fixture.command(program), ...more };
    };

    const find = async (id: string) => (await driver.list()).find((state) => state.id === id);

    async function until<P extends TaskState['phase']>(id: string, phase: P): Promise<Extract<TaskState, { phase: P }>> {
      for (;;) {
        const state = await find(id);
        if (state?.phase === phase) return state as Extract<TaskState, { phase: P }>;
        if (state?.phase === 'exited' || state?.phase === 'lost') throw new Error(`${id} is not ${phase}: ${JSON.stringify(state)}`);
        await fixture.idle();
      }
    }

    /** Lets time pass until the promise settles. */
    async function drive<T>(promise: Promise<T>): Promise<T> {
      let settled = false;
      const done = promise.finally(() => (settled = true));
      done.catch(() => {});
      while (!settled) await fixture.idle();
      return done;
    }

    async function run(program: Program, more: Partial<TaskConfig> = {}) {
      const config = task(program, more);
      await driver.start(config);
      return { config, state: await until(config.id, 'exited'), text: await text(config.id) };
    }

    const lines = async (id: string, options: LogOptions = {}) => {
      const found: LogLine[] = [];
      for await (const line of driver.logs(id, options, new AbortController().signal)) found.push(line);
      return found;
    };
    const text = async (id: string, options: LogOptions = {}) => (await lines(id, options)).map((line) => line.text);

    async function reopen(): Promise<void> {
      await driver.close();
      driver = await fixture.open();
    }

    describe('start', () => {
      test('a task that was started runs and is listed', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        const state = await until(config.id, 'running');
        expect(state.pid).toBeGreaterThan(0);
        expect(Math.abs(fixture.nowMs() - state.startedAtMs)).toBeLessThan(60_000);
      });

      test('starting an id again does nothing: at once, later, with others, after a reopen, and after its end', async () => {
        const volume = await fixture.volume();
        const config = task([{ do: 'print', text: 'ran' }, { do: 'wait' }], { mounts: [{ path: 'data', target: volume }] });
        await Promise.all([driver.start(config), driver.start(config)]);
        await printed(config.id, 'ran');
        const { pid } = await until(config.id, 'running');
        await driver.start(config);
        await reopen();
        await driver.start(config);
        expect((await until(config.id, 'running')).pid).toBe(pid);
        await driver.stop(config.id, 0);
        await until(config.id, 'exited');
        await driver.start(config);
        await reopen();
        await driver.start(config);
        expect(await find(config.id)).toMatchObject({ phase: 'exited' });
        expect(await text(config.id)).toEqual(['ran']);
      });

      test.each<[string, Partial<TaskConfig>, string]>([
        ['no command', { command: [] }, 'command'],
        ['a file outside the directory', { files: [{ path: '../x', text: '' }] }, 'files[0].path'],
        ['a file in a mount', { files: [{ path: 'd/x', text: '' }], mounts: [{ path: 'd', target: '/tmp' }] }, 'mounts[0].path'],
        ['a relative mount target', { mounts: [{ path: 'd', target: 'tmp' }] }, 'mounts[0].target'],
        ['an absolute working directory', { workingDir: '/' }, 'workingDir'],
        ['an empty environment name', { env: { '': 'x' } }, 'env[]'],
        ['an id that is too long', { id: 'x'.repeat(500) }, 'id'],
      ])('%s is refused as invalid and nothing is started', async (_, more, field) => {
        const refusal = await driver.start(task([{ do: 'wait' }], more)).catch((error: unknown) => error);
        expect(refusal).toMatchObject({ code: 'invalid', causes: [{ field }] });
        expect(await driver.list()).toEqual([]);
      });

      test('ids with odd characters are tasks of their own', async () => {
        const ids = ['a/b/0', 'a%2Fb/0', 'a_b_0', '../x', 'ä ö/1'];
        for (const id of ids) await driver.start(task([{ do: 'print', text: id }], { id }));
        for (const id of ids) await until(id, 'exited');
        for (const id of ids) expect(await text(id)).toEqual([id]);
      });
    });

    describe('what a task sees', () => {
      test('its environment, byte for byte', async () => {
        const value = `it's "$HOME" \`x\` \\ ü\nsecond line`;
        const { text } = await run([{ do: 'print-env', name: 'ODD' }], { env: { ODD: value, 'dotted.name': 'x' } });
        expect(text.join('\n')).toBe(value);
      });

      test('its files, also in directories', async () => {
        const { text } = await run(
          [
            { do: 'print-file', path: 'a.txt' },
            { do: 'print-file', path: 'conf/deep/b.txt' },
          ],
          {
            files: [
              { path: 'a.txt', text: 'one' },
              { path: 'conf/deep/b.txt', text: 'two' },
            ],
          },
        );
        expect(text).toEqual(['one', 'two']);
      });

      test('its mounts, which outlive it and are seen by the next', async () => {
        const mounts = [{ path: 'data/kafka', target: await fixture.volume() }];
        await run([{ do: 'write-file', path: 'data/kafka/meta', text: 'kept' }], { mounts });
        const second = await run([{ do: 'print-file', path: 'data/kafka/meta' }], { mounts });
        await driver.remove(second.config.id);
        const third = await run([{ do: 'print-file', path: 'data/kafka/meta' }], { mounts });
        expect([second.text, third.text]).toEqual([['kept'], ['kept']]);
      });

      test('its working directory', async () => {
        const files = [{ path: 'in/here/x', text: 'found' }];
        const { text } = await run([{ do: 'print-directory' }, { do: 'print-file', path: 'x' }], { files, workingDir: 'in/here' });
        expect(text).toEqual(['here', 'found']);
      });
    });

    describe('the end of a task', () => {
      test.each([
        ['exit code 0', [{ do: 'print', text: 'x' }], { exitCode: 0 }],
        ['exit code 3', [{ do: 'exit', code: 3 }], { exitCode: 3 }],
        ['exit code 143, by itself', [{ do: 'exit', code: 143 }], { exitCode: 143 }],
        ['SIGKILL', [{ do: 'die', signal: 9 }], { exitCode: 137, signal: 9 }],
        ['SIGTERM', [{ do: 'die', signal: 15 }], { exitCode: 143, signal: 15 }],
        ['SIGABRT', [{ do: 'die', signal: 6 }], { exitCode: 134, signal: 6 }],
      ] satisfies [string, Program, object][])('%s is reported as such', async (_, program, end) => {
        const { config, state } = await run(program);
        const { startedAtMs, finishedAtMs } = state;
        expect(state).toEqual({ id: config.id, phase: 'exited', startedAtMs, finishedAtMs, ...end });
        expect(finishedAtMs).toBeGreaterThanOrEqual(startedAtMs);
      });

      test('is remembered, with its time, over a reopen', async () => {
        const { config, state } = await run([{ do: 'exit', code: 7 }]);
        await reopen();
        expect(await find(config.id)).toEqual(state);
      });
    });

    describe('stop', () => {
      test('sends SIGTERM', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        await until(config.id, 'running');
        await driver.stop(config.id, 3_600_000);
        expect(await until(config.id, 'exited')).toMatchObject({ exitCode: 143, signal: 15 });
      });

      test('sends SIGKILL after the grace period', async () => {
        const config = await startStubborn();
        await driver.stop(config.id, 50);
        expect(await until(config.id, 'exited')).toMatchObject({ exitCode: 137, signal: 9 });
      });

      test('a second stop may shorten the grace period', async () => {
        const config = await startStubborn();
        await driver.stop(config.id, 3_600_000);
        await driver.stop(config.id, 20);
        expect(await until(config.id, 'exited')).toMatchObject({ exitCode: 137 });
      });

      test('and may not lengthen it', async () => {
        const config = await startStubborn();
        await driver.stop(config.id, 100);
        await driver.stop(config.id, 3_600_000);
        expect(await until(config.id, 'exited')).toMatchObject({ exitCode: 137 });
      });

      test('a deadline goes on over a reopen', async () => {
        const config = await startStubborn();
        await driver.stop(config.id, 150);
        await reopen();
        expect(await until(config.id, 'exited')).toMatchObject({ exitCode: 137, signal: 9 });
      });

      test('right after start is not lost', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        await driver.stop(config.id, 3_600_000);
        expect(await until(config.id, 'exited')).toMatchObject({ exitCode: 143 });
      });

      test('of an ended or unknown task is no error and changes nothing', async () => {
        const { config, state } = await run([{ do: 'exit', code: 0 }]);
        await driver.stop(config.id, 0);
        await driver.stop('unknown/main/0', 0);
        expect(await driver.list()).toEqual([state]);
      });
    });

    describe('list after a reopen', () => {
      test('adopts what runs, with its pid, and sees it end', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        const before = await until(config.id, 'running');
        await reopen();
        expect(await driver.list()).toEqual([before]);
        await driver.stop(config.id, 0);
        await until(config.id, 'exited');
      });

      test('knows the exit code of what ended in between', async () => {
        const config = task([
          { do: 'sleep', ms: 30 },
          { do: 'exit', code: 9 },
        ]);
        await driver.start(config);
        await until(config.id, 'running');
        await driver.close();
        for (let i = 0; i < 10; i++) await fixture.idle();
        driver = await fixture.open();
        expect(await until(config.id, 'exited')).toMatchObject({ exitCode: 9 });
      });

      test('a driver that was closed twice refuses to start', async () => {
        await driver.close();
        await driver.close();
        await expect(driver.start(task([{ do: 'wait' }]))).rejects.toMatchObject({ code: 'unavailable' });
      });
    });

    describe('events', () => {
      test('tell every change of a task in order, to every reader', async () => {
        const abort = new AbortController();
        const readers = [1, 2].map(() => phasesUntilEnd(driver.events(abort.signal)));
        const config = task([{ do: 'exit', code: 4 }]);
        await driver.start(config);
        for (const phases of await drive(Promise.all(readers))) {
          expect(phases.at(-1)).toBe('exited 4');
          expect(phases.filter((phase) => phase !== 'starting')).toEqual(expect.arrayContaining(['exited 4']));
          expect(phases.indexOf('exited 4')).toBe(phases.length - 1);
        }
        abort.abort();
      });

      test('end when the signal aborts and when the driver closes', async () => {
        const abort = new AbortController();
        const aborted = collect(driver.events(abort.signal));
        const closed = collect(driver.events(new AbortController().signal));
        abort.abort();
        await aborted;
        await driver.close();
        await closed;
      });

      test('tell of the end of a task that was adopted', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        await until(config.id, 'running');
        await reopen();
        const phases = phasesUntilEnd(driver.events(new AbortController().signal));
        await driver.stop(config.id, 3_600_000);
        expect((await drive(phases)).at(-1)).toBe('exited 143');
      });
    });

    describe('logs', () => {
      test('have the lines in order, the last one also without newline', async () => {
        const numbered = Array.from({ length: 200 }, (_, i) => `line ${i}`);
        const { config, text } = await run(numbered.map((line) => ({ do: 'print', text: line })));
        expect(text).toEqual(numbered);
        await reopen();
        expect(await lines(config.id)).toHaveLength(200);
      });

      test('tail gives the last lines', async () => {
        const { config } = await run(['a', 'b', 'c'].map((line) => ({ do: 'print', text: line })));
        expect(await text(config.id, { tailLines: 2 })).toEqual(['b', 'c']);
        expect(await text(config.id, { tailLines: 0 })).toEqual([]);
        expect(await text(config.id, { tailLines: 10 })).toEqual(['a', 'b', 'c']);
      });

      test('since leaves older lines out; times never go back', async () => {
        const pause: Program = [{ do: 'sleep', ms: 1500 }];
        const { config } = await run([{ do: 'print', text: 'early' }, ...pause, { do: 'print', text: 'late' }]);
        const all = await lines(config.id);
        expect(all.map((line) => line.text)).toEqual(['early', 'late']);
        expect(all[1]!.atMs - all[0]!.atMs).toBeGreaterThan(500);
        expect(await text(config.id, { sinceMs: all[0]!.atMs + 300 })).toEqual(['late']);
        expect(await text(config.id, { sinceMs: all[1]!.atMs + 1 })).toEqual([]);
      });

      test('follow gives new lines as they come and ends with the task', async () => {
        const program: Program = [
          { do: 'print', text: 'first' },
          { do: 'sleep', ms: 100 },
          { do: 'print', text: 'second' },
        ];
        const config = task(program);
        await driver.start(config);
        await until(config.id, 'running');
        expect(await drive(text(config.id, { follow: true }))).toEqual(['first', 'second']);
      });

      test('follow ends without error when the signal aborts and when its reader stops', async () => {
        const config = task([{ do: 'print', text: 'x' }, { do: 'wait' }]);
        await driver.start(config);
        const abort = new AbortController();
        const ended = drive(
          (async () => {
            for await (const line of driver.logs(config.id, { follow: true }, abort.signal)) {
              expect(line.text).toBe('x');
              abort.abort();
            }
          })(),
        );
        await ended;
        for await (const line of driver.logs(config.id, { follow: true }, new AbortController().signal)) {
          expect(line.text).toBe('x');
          break;
        }
      });

      test('of an unknown task are not found', async () => {
        await expect(lines('unknown/main/0')).rejects.toMatchObject({ code: 'not-found' });
      });
    });

    describe('exec', () => {
      const exec = (id: string, program: Program, timeoutMs = 60_000) =>
        drive(driver.exec(id, fixture.command(program), { timeoutMs, signal: new AbortController().signal }));

      test('runs in the directory and environment of the task', async () => {
        const config = task([{ do: 'wait' }], { env: { WHO: 'me' }, files: [{ path: 'd/x', text: 'file' }], workingDir: 'd' });
        await driver.start(config);
        await until(config.id, 'running');
        const result = await exec(config.id, [
          { do: 'print-env', name: 'WHO' },
          { do: 'print-file', path: 'x' },
          { do: 'exit', code: 5 },
        ]);
        expect(result).toEqual({ exitCode: 5, output: 'me\nfile\n', timedOut: false });
      });

      test('ends at its time-out', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        await until(config.id, 'running');
        expect(await exec(config.id, [{ do: 'sleep', ms: 3_600_000 }], 100)).toMatchObject({ timedOut: true, exitCode: 137 });
        expect(await find(config.id)).toMatchObject({ phase: 'running' });
      });

      test('cuts the output at 4 KiB', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        await until(config.id, 'running');
        const { output } = await exec(config.id, Array(3).fill({ do: 'print', text: 'x'.repeat(3000) }));
        expect(output).toHaveLength(4096);
      });

      test('in a task that does not run is not found', async () => {
        const { config } = await run([{ do: 'exit', code: 0 }]);
        await expect(exec(config.id, [])).rejects.toMatchObject({ code: 'not-found' });
        await expect(exec('unknown/main/0', [])).rejects.toMatchObject({ code: 'not-found' });
      });
    });

    describe('remove', () => {
      test('forgets an ended task and its log, for good', async () => {
        const { config } = await run([{ do: 'print', text: 'x' }]);
        await driver.remove(config.id);
        expect(await driver.list()).toEqual([]);
        await expect(lines(config.id)).rejects.toMatchObject({ code: 'not-found' });
        await reopen();
        expect(await driver.list()).toEqual([]);
      });

      test('of a running task is a conflict', async () => {
        const config = task([{ do: 'wait' }]);
        await driver.start(config);
        await expect(driver.remove(config.id)).rejects.toMatchObject({ code: 'conflict' });
        await until(config.id, 'running');
        await expect(driver.remove(config.id)).rejects.toMatchObject({ code: 'conflict' });
      });

      test('of an unknown task is no error', async () => {
        await driver.remove('unknown/main/0');
      });
    });

    /** A task that ignores SIGTERM, at the point where it does. */
    async function startStubborn(): Promise<TaskConfig> {
      const config = task([{ do: 'ignore-term' }, { do: 'print', text: 'stubborn' }, { do: 'wait' }]);
      await driver.start(config);
      await printed(config.id, 'stubborn');
      return config;
    }

    async function printed(id: string, text: string): Promise<void> {
      for await (const line of driver.logs(id, { follow: true }, new AbortController().signal)) if (line.text === text) return;
    }
  });
}

async function collect(events: AsyncIterable<DriverEvent>): Promise<DriverEvent[]> {
  const found: DriverEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

async function phasesUntilEnd(events: AsyncIterable<DriverEvent>): Promise<string[]> {
  const phases: string[] = [];
  for await (const event of events) {
    if (event.type !== 'task') continue;
    const { task } = event;
    phases.push(task.phase === 'exited' ? `exited ${task.exitCode}` : task.phase);
    if (task.phase === 'exited' || task.phase === 'lost') return phases;
  }
  return phases;
}
