import { textAnswer, type ApiAnswer, type ApiRequest, type Route } from './route.ts';

/** One sub-check of `/readyz`. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
}

/** `/healthz`, `/livez` (the process answers) and `/readyz` (and all checks hold), each `?verbose`, `?exclude=NAME` and `/NAME`. */
export function healthRoutes(ready: () => Promise<readonly Check[]>): readonly Route[] {
  const ping: readonly Check[] = [{ name: 'ping', ok: true }];
  const sources: Readonly<Record<string, () => Promise<readonly Check[]>>> = {
    livez: () => Promise.resolve(ping),
    healthz: async () => [...ping, ...(await ready())],
    readyz: async () => [...ping, ...(await ready())],
  };
  return Object.entries(sources).flatMap(([name, checks]): Route[] => [
    { method: 'GET', path: `/${name}`, handle: async (request) => answer(name, await checks(), request) },
    {
      method: 'GET',
      path: `/${name}/:check`,
      async handle(request) {
        const check = (await checks()).find((one) => one.name === request.params['check']);
        if (!check) return textAnswer('404 page not found\n', 404);
        return check.ok ? textAnswer('ok') : textAnswer(`internal server error: ${check.name} failed: reason withheld\n`, 500);
      },
    },
  ]);
}

function answer(name: string, checks: readonly Check[], request: ApiRequest): ApiAnswer {
  const excluded = new Set(request.query.getAll('exclude'));
  const failed = checks.filter((check) => !check.ok && !excluded.has(check.name));
  if (failed.length === 0 && !request.query.has('verbose')) return textAnswer('ok');
  const lines = checks.map((check) => {
    if (excluded.has(check.name)) return `[+]${check.name} excluded: ok\n`;
    return check.ok ? `[+]${check.name} ok\n` : `[-]${check.name} failed: reason withheld\n`;
  });
  return textAnswer(`${lines.join('')}${name} check ${failed.length === 0 ? 'passed' : 'failed'}\n`, failed.length === 0 ? 200 : 500);
}
