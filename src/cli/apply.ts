import { buildCommand } from '@stricli/core';
import { DroverError, hasCode } from '../base/errors.ts';
import { ANNOTATION_REASON } from '../model/labels.ts';
import type { Reason } from '../model/reason.ts';
import type { Condition, Resource, Stored } from '../model/resource.ts';
import type { Connection } from './connect.ts';
import { note, say, sayJson, type Context } from './context.ts';
import { discover, kindOfManifest, type Discovered } from './discover.ts';
import { jsonFlag, namespaceFlag, reasonFlag, timeoutFlag } from './flags.ts';
import { kindWord } from './get/target.ts';
import { readManifests, type Manifest } from './manifest.ts';
import { applyPatch, withLastApplied } from './merge.ts';
import { waitFor } from './wait.ts';

interface Flags {
  readonly filename: string;
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly reason?: string;
  readonly timeout: number;
  readonly json: boolean;
}

export const command = buildCommand<Flags, [], Context>({
  parameters: {
    flags: {
      filename: { kind: 'parsed', parse: String, brief: 'File, directory or - for standard input', placeholder: 'file' },
      namespace: namespaceFlag,
      dryRun: { kind: 'boolean', brief: 'Let the server check everything and change nothing', default: false, withNegated: false },
      reason: reasonFlag,
      timeout: { ...timeoutFlag, default: '30s', brief: 'How long to wait for the verdict' },
      json: jsonFlag,
    },
    aliases: { f: 'filename', n: 'namespace' },
  },
  docs: {
    brief: 'Create or change resources from a file, and wait for the verdict',
    fullDescription:
      'Create or change resources from a file. What needs a look at the world (are there enough brokers for the data?) is judged after the write: the command waits for that verdict and fails with its reasons.\n\nExample:\n  drover apply -f examples/kafka/three-brokers.yaml --reason "first cluster"',
  },
  async func(flags) {
    const connection = this.connect();
    const results = await applyFile(this, connection, flags);
    if (flags.json)
      sayJson(
        this,
        results.map((result) => result.object),
      );
    const refused = results.filter((result) => result.refusal !== undefined);
    if (refused.length > 0) return new DroverError('invalid', refused.map((result) => result.refusal).join('\n'));
  },
});

export interface Applied {
  readonly outcome: 'created' | 'configured' | 'unchanged';
  readonly object: Stored<Resource>;
  readonly kind: Discovered;
  /** Set when the change was not accepted: why. */
  readonly refusal?: string;
}

/** Applies every manifest of a file in order and says what happened to each; stops at the first that the server refuses at the door. */
export async function applyFile(
  context: Context,
  connection: Connection,
  flags: { filename: string; namespace: string; dryRun: boolean; reason?: string; timeout: number; json: boolean },
): Promise<Applied[]> {
  const manifests = await readManifests(flags.filename, () => context.readInput());
  const kinds = await discover(connection, context.signal);
  const known = manifests.map((manifest) => ({ manifest, kind: kindOfManifest(kinds, manifest.object, manifest.where) }));
  const results: Applied[] = [];
  for (const { manifest, kind } of known) {
    const applied = await applyOne(connection, kind, manifest, flags);
    if (!flags.json)
      say(context, `${kindWord(kind)}/${manifest.object.metadata.name} ${applied.outcome}${flags.dryRun ? ' (dry run)' : ''}`);
    const refusal =
      flags.dryRun || !kind.categories.includes('data-services')
        ? undefined
        : await verdict(context, connection, kind, applied.object, flags.timeout);
    results.push({ ...applied, kind, ...(refusal !== undefined && { refusal }) });
  }
  return results;
}

async function applyOne(
  connection: Connection,
  kind: Discovered,
  manifest: Manifest,
  flags: { namespace: string; dryRun: boolean; reason?: string },
): Promise<{ outcome: Applied['outcome']; object: Stored<Resource> }> {
  const object = prepare(kind, manifest.object, flags);
  const key = { name: manifest.object.metadata.name, ...(kind.namespaced && { namespace: object.metadata.namespace ?? flags.namespace }) };
  const options = { dryRun: flags.dryRun };
  try {
    const live = await connection.client.get(kind, key);
    const patch = applyPatch(live, object);
    if (patch === undefined) return { outcome: 'unchanged', object: live };
    return { outcome: 'configured', object: await connection.client.patch(kind, key, patch, options) };
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw at(manifest.where, error);
  }
  try {
    return { outcome: 'created', object: await connection.client.create(kind, withLastApplied(object), options) };
  } catch (error) {
    throw at(manifest.where, error);
  }
}

function prepare(kind: Discovered, object: Resource, flags: { namespace: string; reason?: string }): Resource {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(kind.namespaced && { namespace: object.metadata.namespace ?? flags.namespace }),
      ...(flags.reason !== undefined && { annotations: { ...object.metadata.annotations, [ANNOTATION_REASON]: flags.reason } }),
    },
  };
}

/** The fault with the place in the file; what a manifest says wrong is `invalid`, not a wrong use of the command. */
function at(where: string, error: unknown): unknown {
  if (!(error instanceof DroverError)) return error;
  const code = error.code === 'bad-request' ? 'invalid' : error.code;
  const noNamespace = /^namespaces ".*" not found$/.test(error.message);
  const help = noNamespace ? '; create it first, with a manifest of kind Namespace' : '';
  return new DroverError(code, `${where}: ${error.message}${help}`, { cause: error, causes: error.causes });
}

/** What the status of a judged kind says. */
interface Judged {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly refusals?: readonly Reason[];
  readonly warnings?: readonly Reason[];
}

/** Waits until the controllers have judged this generation, and prints their warnings; the refusal as text, undefined when it was accepted. */
async function verdict(
  context: Context,
  connection: Connection,
  kind: Discovered,
  object: Stored<Resource>,
  timeoutMs: number,
): Promise<string | undefined> {
  const generation = object.metadata.generation ?? 0;
  const judged = (current: Resource): Condition | undefined => {
    const status = current.status as Judged | undefined;
    const accepted = status?.conditions?.find((condition) => condition.type === 'Accepted');
    return accepted !== undefined && (accepted.observedGeneration ?? status?.observedGeneration ?? 0) >= generation ? accepted : undefined;
  };
  const { name, namespace } = object.metadata;
  const key = { name, ...(namespace !== undefined && { namespace }) };
  const options = { timeoutMs, signal: context.signal };
  const current = await waitFor(connection, kind, key, (candidate) => judged(candidate) !== undefined, options);
  if (current === undefined) {
    note(context, `no verdict on ${kind.kind} ${name} within ${Math.round(timeoutMs / 1000)} s; it stays wanted, see 'drover why ${name}'`);
    return undefined;
  }
  const { refusals = [], warnings = [] } = (current.status ?? {}) as Judged;
  for (const warning of warnings) note(context, `warning: ${warning.message}`);
  const accepted = judged(current);
  if (accepted?.status === 'True') return undefined;
  const before = generation > 1 ? 'what ran before goes on' : 'nothing was started';
  const reasons = refusals.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  if (reasons.length === 0) reasons.push(accepted?.message ?? accepted?.reason ?? 'no reason is recorded');
  return [`${kind.kind} ${name} is not accepted, ${before}:`, ...reasons.map((line) => `  ${line}`)].join('\n');
}
