import { DroverError } from '../base/errors.ts';
import { newUid } from '../base/ids.ts';
import type { Operation, OperationVerb } from '../model/drover/operation.ts';
import type { Stored } from '../model/resource.ts';
import { say, sayJson, type Context } from './context.ts';
import { managedServiceRef, operationRef } from './refs.ts';
import { waitFor } from './wait.ts';

/** What every acting command takes. */
export interface ActFlags {
  readonly namespace: string;
  readonly reason?: string;
  readonly json: boolean;
}

/** Records an Operation and waits until it is decided. Throws `timeout` when no controller decides within a minute. */
export async function operate(
  context: Context,
  flags: ActFlags,
  verb: OperationVerb,
  target: Omit<Operation['spec']['target'], 'service'>,
  extra: Partial<Pick<Operation['spec'], 'force' | 'parameters'>> = {},
): Promise<Stored<Operation>> {
  const connection = context.connect();
  await connection.client.get(managedServiceRef, { namespace: flags.namespace, name: context.service });
  const created = await connection.client.create(operationRef, {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'Operation',
    // The name is chosen here so that a repeated request cannot act twice.
    metadata: { name: `${context.service}-${verb}-${newUid().slice(0, 8)}`, namespace: flags.namespace },
    spec: {
      verb,
      target: { service: context.service, ...target },
      actor: context.actor(),
      ...(flags.reason !== undefined && { reason: flags.reason }),
      ...extra,
    },
  });
  const key = { namespace: flags.namespace, name: created.metadata.name };
  const decided = await waitFor(connection, operationRef, key, (operation) => operation.status?.outcome !== undefined, {
    timeoutMs: 60_000,
    signal: context.signal,
  });
  if (decided === undefined)
    throw new DroverError(
      'timeout',
      `the operation ${created.metadata.name} is recorded but not decided after 60 s; is the server well? See 'drover describe operations ${created.metadata.name}'`,
    );
  return decided;
}

/** Prints the outcome: `sentence` when it was applied; anything else is an error with its reason. */
export function sayOutcome(context: Context, flags: ActFlags, operation: Stored<Operation>, sentence: string): void | Error {
  const status = operation.status!;
  if (flags.json) sayJson(context, { operation: operation.metadata.name, outcome: status.outcome, reason: status.reason, run: status.run });
  switch (status.outcome) {
    case 'Applied':
      if (!flags.json) say(context, sentence);
      return;
    case 'AlreadySo':
      return new DroverError('conflict', `nothing to do: ${status.reason.message}`);
    case 'NotFound':
      return new DroverError('not-found', status.reason.message);
    case 'Refused':
      return new DroverError('forbidden', `refused: ${status.reason.message}`);
  }
}
