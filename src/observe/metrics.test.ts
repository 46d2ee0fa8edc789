import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

async function lines(metrics: ReturnType<typeof createMetrics>, prefix: string): Promise<string[]> {
  return (await metrics.render()).split('\n').filter((line) => line.startsWith(prefix));
}

test('requests are counted by verb, resource and code, with their times', async () => {
  const metrics = createMetrics();
  metrics.request({ verb: 'get', resource: 'pods', code: 200, durationMs: 3 });
  metrics.request({ verb: 'get', resource: 'pods', code: 200, durationMs: 30 });
  metrics.request({ verb: 'get', resource: 'pods', code: 404, durationMs: 1 });
  expect(await lines(metrics, 'drover_api_requests_total')).toEqual([
    'drover_api_requests_total{verb="get",resource="pods",code="200"} 2',
    'drover_api_requests_total{verb="get",resource="pods",code="404"} 1',
  ]);
  expect(await lines(metrics, 'drover_api_request_duration_seconds_bucket{le="0.005"')).toEqual([
    'drover_api_request_duration_seconds_bucket{le="0.005",verb="get",resource="pods"} 2',
  ]);
});

test('streams count but their length is no latency; a watch that ends twice ends once', async () => {
  const metrics = createMetrics();
  metrics.request({ verb: 'watch', resource: 'pods', code: 200, durationMs: 3_600_000 });
  const ends = [metrics.watchBegan('pods'), metrics.watchBegan('pods')];
  ends[0]!();
  ends[0]!();
  expect(await lines(metrics, 'drover_api_request_duration_seconds_count')).toEqual([]);
  expect(await lines(metrics, 'drover_api_watches')).toEqual(['drover_api_watches{resource="pods"} 1']);
});

test('controllers and store are shown as they are when rendered, not summed up', async () => {
  const metrics = createMetrics();
  let ok = 5;
  metrics.showControllers(() => [
    { controller: 'gc', queued: 1, delayed: 2, running: 3, outcomes: { ok, conflict: 1, error: 0, terminal: 0 }, totalMs: 1500 },
  ]);
  metrics.showStore(() => ({ revision: 42, compactedRevision: 7 }));
  await metrics.render();
  ok = 6;
  const text = await metrics.render();
  for (const line of [
    'drover_controller_queue_depth{controller="gc"} 1',
    'drover_controller_queue_delayed{controller="gc"} 2',
    'drover_controller_running{controller="gc"} 3',
    'drover_controller_reconciles_total{controller="gc",outcome="ok"} 6',
    'drover_controller_reconciles_total{controller="gc",outcome="conflict"} 1',
    'drover_controller_reconcile_seconds_total{controller="gc"} 1.5',
    'drover_store_revision 42',
    'drover_store_compacted_revision 7',
  ])
    expect(text.split('\n')).toContain(line);
});

test('two registries in one process do not clash, and each has the process statistics', async () => {
  const [one, two] = [createMetrics(), createMetrics()];
  expect((await lines(one, 'process_resident_memory_bytes ')).length).toBe(1);
  expect((await lines(two, 'process_resident_memory_bytes ')).length).toBe(1);
});
