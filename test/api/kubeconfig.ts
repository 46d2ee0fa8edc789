/** A kubeconfig (JSON is YAML) as `drover kubeconfig` writes it: client-go sends credentials of the URL, but no bearer token, over plain HTTP. */
export function kubeconfigText(server: { readonly url: string; readonly token: string }): string {
  const url = Object.assign(new URL(server.url), { username: 'drover', password: server.token }).href.replace(/\/$/, '');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'drover', cluster: { server: url } }],
    users: [{ name: 'drover', user: { token: server.token } }],
    contexts: [{ name: 'drover', context: { cluster: 'drover', user: 'drover', namespace: 'default' } }],
    'current-context': 'drover',
  });
}
