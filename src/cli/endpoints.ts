import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import { LABEL_SERVICE } from '../model/labels.ts';
import { say, sayJson, type Context } from './context.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { loadService } from './load-service.ts';
import { podRef } from './refs.ts';
import { renderTable } from './render/table.ts';

export const command = buildCommand<{ namespace: string; json: boolean }, [string?], Context>({
  parameters: {
    flags: { namespace: namespaceFlag, json: jsonFlag },
    aliases: { n: 'namespace' },
    positional: { kind: 'tuple', parameters: [{ parse: String, optional: true, brief: 'Only this port', placeholder: 'port name' }] },
  },
  docs: {
    brief: 'Where the service is reachable',
    fullDescription: 'Where the service is reachable: an address a pod and named port.\n\nExample:\n  drover kafka endpoints',
  },
  async func(flags, port) {
    const connection = this.connect();
    const [{ instances }, pods] = await Promise.all([
      loadService(connection, flags.namespace, this.service),
      connection.client.list(podRef, { namespace: flags.namespace, labelSelector: `${LABEL_SERVICE}=${this.service}` }),
    ]);
    const byName = new Map(pods.items.map((pod) => [pod.metadata.name, pod]));
    const rows = instances.flatMap((instance) => {
      const pod = byName.get(instance.metadata.name);
      const ready = pod?.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
      return Object.entries(instance.spec.ports).map(([name, number]) => ({
        port: name,
        pod: instance.metadata.name,
        address: pod?.status?.podIP === undefined ? undefined : `${pod.status.podIP}:${number}`,
        ready,
      }));
    });
    const wanted = rows.filter((row) => port === undefined || row.port === port).sort((a, b) => (a.port + a.pod < b.port + b.pod ? -1 : 1));
    if (port !== undefined && wanted.length === 0) {
      return new DroverError(
        'not-found',
        `${this.service} has no port '${port}'; there are: ${[...new Set(rows.map((row) => row.port))].join(', ')}`,
      );
    }
    if (flags.json) return sayJson(this, wanted);
    say(
      this,
      renderTable(
        ['PORT', 'POD', 'ADDRESS', 'READY'],
        wanted.map((row) => [row.port, row.pod, row.address ?? '<none>', String(row.ready)]),
      ),
    );
  },
});
