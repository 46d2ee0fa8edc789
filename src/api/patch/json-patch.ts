import { applyPatch, type Operation } from 'rfc6902';
import { DroverError } from '../../base/errors.ts';
import { badRequest } from '../faults.ts';

const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
/** kube-apiserver's bound. */
const LIMIT = 10_000;

/** RFC 6902. Never changes `target`. Throws `bad-request` for what is no patch, `invalid` when an operation cannot be carried out or a test fails. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp');
  }
  if (operations.length > LIMIT) {
    throw new DroverError('too-large', `The allowed maximum operations in a JSON patch is ${LIMIT}, got ${operations.length}`);
  }
  for (const [index, operation] of operations.entries()) checkOperation(operation, index);
  const copy: unknown = structuredClone(target);
  const holder = { document: copy };
  const errors = carryOut(holder, operations as Operation[]);
  const failed = errors.findIndex(Boolean);
  if (failed >= 0) throw rejected(`operation ${failed} (${describe(operations[failed] as Operation)}) failed: ${errors[failed]!.message}`);
  return holder.document;
}

function carryOut(holder: object, operations: readonly Operation[]): (Error | null)[] {
  try {
    return applyPatch(
      holder,
      operations.map((operation) => under('/document', operation)),
    );
  } catch (error) {
    // The library trips over members of texts and numbers.
    throw rejected((error as Error).message);
  }
}

function checkOperation(operation: unknown, index: number): void {
  const { op, path, from } = (operation ?? {}) as { op?: unknown; path?: unknown; from?: unknown };
  if (typeof op !== 'string' || !OPERATIONS.has(op)) throw rejected(`operation ${index} has unknown op ${JSON.stringify(op)}`);
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    throw rejected(`operation ${index} has no path that begins with /`);
  if ((op === 'move' || op === 'copy') && typeof from !== 'string') throw rejected(`operation ${index} (${op}) needs from`);
  if ((op === 'add' || op === 'replace' || op === 'test') && !Object.hasOwn(operation as object, 'value')) {
    throw rejected(`operation ${index} (${op}) needs value`);
  }
  if (/(^|\/)(__proto__|constructor|prototype)(\/|$)/.test(`${path} ${String(from ?? '')}`)) {
    throw rejected(`operation ${index} names a path that no object has`);
  }
}

/** The same operation one level down, so that a patch may replace the whole document too. */
function under(prefix: string, operation: Operation): Operation {
  const moved = 'from' in operation ? { from: prefix + operation.from } : {};
  return { ...operation, ...moved, path: prefix + operation.path } as Operation;
}

function describe(operation: Operation): string {
  return `${operation.op} ${operation.path}`;
}

function rejected(why: string): DroverError {
  return new DroverError('invalid', `the server rejected our request due to an error in our request: ${why}`);
}
