/**
 * A kubeconfig (JSON, which is YAML) for `kubectl` and every client of Kubernetes. client-go sends no bearer token over plain HTTP, but it does send
 * the credentials of a URL; other clients use the token. Whoever can read it has the token: write it 0600.
 */
export function kubeconfigText(server: {
  readonly url: string;
  readonly token: string;
  readonly name?: string;
  readonly namespace?: string;
}): string {
  const { token, name = 'drover', namespace = 'default' } = server;
  const url = new URL(server.url);
  url.username = 'drover';
  url.password = token;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url.href.replace(/\/$/, '') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
