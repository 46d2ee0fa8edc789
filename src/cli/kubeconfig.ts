import { buildCommand } from '@stricli/core';
import type { Context } from './context.ts';

export const command = buildCommand<Record<never, never>, [], Context>({
  parameters: {},
  docs: {
    brief: 'Print a kubeconfig for kubectl',
    fullDescription:
      'Print a kubeconfig for kubectl and other Kubernetes clients. It holds the token of this server: keep it to yourself.\n\nExample:\n  (umask 077; drover kubeconfig > kubeconfig) && kubectl --kubeconfig kubeconfig get kafkas',
  },
  async func() {
    const { url, token } = this.connect();
    const { stringify } = await import('yaml');
    // Kubernetes' Go clients send no bearer token over plain HTTP, so it stands in the URL too, as a password.
    const withPassword = Object.assign(new URL(url), { username: 'drover', password: token }).href.replace(/\/$/, '');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'drover', cluster: { server: withPassword } }],
      users: [{ name: 'drover', user: { token } }],
      contexts: [{ name: 'drover', context: { cluster: 'drover', user: 'drover', namespace: 'default' } }],
      'current-context': 'drover',
    };
    this.process.stdout.write(stringify(config, { lineWidth: 0 }));
  },
});
