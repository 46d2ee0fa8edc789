import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, type Difference } from './compare.ts';
import { deviations, type ExplainedDifference } from './deviations.ts';
import { renderDeviations } from './deviations-table.ts';
import { runScript, type Answer } from './run-script.ts';
import { scripts } from './scripts.ts';
import { startTestServer, type TestServer } from './server.ts';

const recording = JSON.parse(await readFile(new URL('recording.json', import.meta.url), 'utf8')) as Record<string, Record<string, Answer>>;
const used = new Set<ExplainedDifference>();

function explained(request: string, difference: Difference): boolean {
  const found = deviations
    .flatMap((deviation) => deviation.differences)
    .filter((one) => (one.request?.test(request) ?? true) && one.path.test(difference.path) && fits(one, difference.ours));
  for (const one of found) used.add(one);
  return found.length > 0;
}

function fits(one: ExplainedDifference, ours: unknown): boolean {
  if (!('ours' in one)) return true;
  if (one.ours instanceof RegExp) return typeof ours === 'string' && one.ours.test(ours);
  return isDeepStrictEqual(one.ours ?? undefined, ours ?? undefined);
}

describe('the same requests get the answers that a real kube-apiserver gave', () => {
  let server: TestServer;
  const answers: Record<string, Record<string, Answer>> = {};
  beforeAll(async () => {
    server = await startTestServer();
    for (const script of scripts) answers[script.name] = await runScript(script, server);
  });
  afterAll(() => server.close());

  it('has an answer recorded for every request, and no other', () => {
    const asked = scripts.map((script) => [script.name, script.requests.map((request) => request.name)]);
    expect(Object.entries(recording).map(([name, answered]) => [name, Object.keys(answered)])).toEqual(asked);
    expect(scripts.flatMap((script) => script.requests).length).toBeGreaterThanOrEqual(150);
  });

  for (const script of scripts) {
    describe(script.name, () => {
      for (const { name } of script.requests) {
        it(name, () => {
          const all = differences(recording[script.name]![name]!, answers[script.name]![name]!);
          expect(all.filter((difference) => !explained(`${script.name}/${name}`, difference))).toEqual([]);
        });
      }
    });
  }

  it('has no explanation left for a difference that is no more', () => {
    const stale = deviations.flatMap((deviation) =>
      deviation.differences.filter((one) => !used.has(one)).map((one) => `${deviation.what} ${one.request} ${one.path}`),
    );
    expect(stale).toEqual([]);
  });

  it('answers nothing with a fault of its own', () => {
    expect(server.faults).toEqual([]);
  });

  it('lists every deviation with its reason in docs/api.md', async () => {
    const text = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
    expect(text).toContain(renderDeviations());
  });
});
