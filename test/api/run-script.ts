import { Normaliser } from './normalise.ts';
import type { Script, ScriptedRequest } from './script.ts';
import { send, type Target } from './send.ts';

/** One answer, normalised, as it stands in the recording. */
export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly warnings: readonly string[];
  readonly body: unknown;
}

/** Runs a script against a server, `after` after each request; answers by the name of the request. */
export async function runScript(
  script: Script,
  target: Target,
  after: (request: ScriptedRequest) => Promise<void> = () => Promise.resolve(),
): Promise<Record<string, Answer>> {
  const kept = new Map<string, string>();
  const normaliser = new Normaliser();
  const answers: Record<string, Answer> = {};
  for (const request of script.requests) {
    if (answers[request.name]) throw new Error(`two requests of script ${script.name} are called "${request.name}"`);
    const { code, contentType, warnings, text } = await send(target, {
      method: request.method,
      path: fill(request.path, kept, encodeURIComponent),
      ...sentBody(request, kept),
      ...(request.events !== undefined && { lines: request.events }),
    });
    await after(request);
    const raw = bodyOf(text, contentType, request.events !== undefined);
    for (const [name, path] of Object.entries(request.keep ?? {})) kept.set(name, String(at(raw, path)));
    const whole = normaliser.value(raw);
    const body = request.only ? Object.fromEntries(request.only.map((path) => [path, at(whole, path) ?? null])) : whole;
    answers[request.name] = { code, contentType, warnings: warnings.toSorted(), body };
  }
  return answers;
}

function sentBody(request: ScriptedRequest, kept: ReadonlyMap<string, string>): { body?: string; headers: Record<string, string> } {
  if (request.body === undefined) return { headers: { ...request.headers } };
  const text = typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
  return { body: fill(text, kept, (value) => value), headers: { 'content-type': 'application/json', ...request.headers } };
}

function fill(text: string, kept: ReadonlyMap<string, string>, encode: (value: string) => string): string {
  let out = text;
  for (const [name, value] of kept) out = out.replaceAll(`{${name}}`, encode(value));
  return out;
}

function bodyOf(text: string, contentType: string, watch: boolean): unknown {
  if (!contentType.startsWith('application/json')) return text;
  if (!watch) return JSON.parse(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** The value at a dotted path; `\.` is a dot in a name, `length` that of a list. */
export function at(value: unknown, path: string): unknown {
  return path.split(/(?<!\\)\./).reduce<unknown>((found, step) => {
    if (typeof found !== 'object' || found === null) return undefined;
    return (found as Record<string, unknown>)[step.replaceAll('\\.', '.')];
  }, value);
}
