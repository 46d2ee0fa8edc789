import { buildCommand } from '@stricli/core';
import { say, type Context } from './context.ts';

export const command = buildCommand<Record<never, never>, [], Context>({
  parameters: {},
  docs: {
    brief: 'Print a kubeconfig for kubectl',
    fullDescription: 'Print a kubeconfig for kubectl and other Kubernetes clients. It holds the token of this server: keep it to yourself.\n\nExample:\n  drover kubeconfig > ~/.drover/kubeconfig && kubectl --kubeconfig ~/.drover/kubeconfig get kafkas',
  },
  async func() {
    const { url, token } = this.connect();
    const { stringify } = await import('yaml');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'drover', cluster: { server: url } }],
      users: [{ name: 'drover', user: { token } }],
      contexts: [{ name: 'drover', context: { cluster: 'drover', user: 'drover', namespace: 'default' } }],
      'current-context': 'drover',
    };
    say(this, stringify(config).trimEnd());
  },
});
