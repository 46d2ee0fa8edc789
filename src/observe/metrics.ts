import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ControllerSnapshot } from './controller-snapshot.ts';

/** What is measured, and how Prometheus reads it. Recording never throws and costs no I/O; snapshots are taken when rendered. */
export interface Metrics {
  /** Content type of `render`. */
  readonly contentType: string;
  /** One answered request of the API. `resource`: plural with group, '' for paths without one; watches count when they end. */
  request(request: { readonly verb: string; readonly resource: string; readonly code: number; readonly durationMs: number }): void;
  /** A watch has begun; the returned function says that it has ended (repeats are ignored). */
  watchBegan(resource: string): () => void;
  /** Where the numbers of the controllers come from. */
  showControllers(snapshots: () => readonly ControllerSnapshot[]): void;
  /** Where the numbers of the store come from. */
  showStore(snapshot: () => StoreSnapshot): void;
  /** All metrics in Prometheus' text format. */
  render(): Promise<string>;
}

export interface StoreSnapshot {
  readonly revision: number;
  readonly compactedRevision: number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A registry of its own with the process' statistics (`process_…`, `nodejs_…`) and Drover's (`drover_…`). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'drover_api_requests_total',
    help: 'Requests answered by the resource API.',
    labelNames: ['verb', 'resource', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'drover_api_request_duration_seconds',
    help: 'Time to answer a request of the resource API, watches and logs left out.',
    labelNames: ['verb', 'resource'],
    buckets: SECONDS,
    registers,
  });
  const watches = new Gauge({ name: 'drover_api_watches', help: 'Watches that are open.', labelNames: ['resource'], registers });
  return {
    contentType: registry.contentType,
    request({ verb, resource, code, durationMs }) {
      requests.inc({ verb, resource, code: String(code) });
      if (!STREAMS.has(verb)) durations.observe({ verb, resource }, durationMs / 1000);
    },
    watchBegan(resource) {
      watches.inc({ resource });
      let open = true;
      return () => {
        if (open) watches.dec({ resource });
        open = false;
      };
    },
    showControllers: (snapshots) => showControllers(registry, snapshots),
    showStore: (snapshot) => showStore(registry, snapshot),
    render: () => registry.metrics(),
  };
}

/** Verbs whose answers last as long as the caller likes. */
const STREAMS: ReadonlySet<string> = new Set(['watch', 'log', 'exec']);

function showControllers(registry: Registry, snapshots: () => readonly ControllerSnapshot[]): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (snapshot: ControllerSnapshot) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['controller'],
      registers,
      collect() {
        this.reset();
        for (const snapshot of snapshots()) this.set({ controller: snapshot.controller }, read(snapshot));
      },
    });
  gauge('drover_controller_queue_depth', 'Keys that wait for a worker.', ({ queued }) => queued);
  gauge('drover_controller_queue_delayed', 'Keys that wait for their time.', ({ delayed }) => delayed);
  gauge('drover_controller_running', 'Keys that are worked on.', ({ running }) => running);
  new Counter({
    name: 'drover_controller_reconciles_total',
    help: 'Reconciles that ended, by outcome.',
    labelNames: ['controller', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const { controller, outcomes } of snapshots())
        for (const [outcome, count] of Object.entries(outcomes)) this.inc({ controller, outcome }, count);
    },
  });
  new Counter({
    name: 'drover_controller_reconcile_seconds_total',
    help: 'Time spent in reconciles, waiting for the store included.',
    labelNames: ['controller'],
    registers,
    collect() {
      this.reset();
      for (const { controller, totalMs } of snapshots()) this.inc({ controller }, totalMs / 1000);
    },
  });
}

function showStore(registry: Registry, snapshot: () => StoreSnapshot): void {
  const registers = [registry];
  new Gauge({
    name: 'drover_store_revision',
    help: 'Revision of the newest write: its rate is the writes a second.',
    registers,
    collect() {
      this.set(snapshot().revision);
    },
  });
  new Gauge({
    name: 'drover_store_compacted_revision',
    help: 'Revision up to which the log of changes has been forgotten.',
    registers,
    collect() {
      this.set(snapshot().compactedRevision);
    },
  });
}
