import type { Controller } from './controller.ts';

/**
 * One writer per record and field: throws when two controllers have one name, or say that they write the same thing, or one a part of the other's
 * (`pods.status` and `pods.status.conditions`). How claims are written: Controller.writes.
 */
export function checkWrites(controllers: readonly Pick<Controller, 'name' | 'writes'>[]): void {
  const names = new Set<string>();
  const claims: { path: string; controller: string }[] = [];
  for (const { name, writes } of controllers) {
    if (names.has(name)) throw new Error(`two controllers are named ${name}`);
    names.add(name);
    for (const path of writes) {
      const clash = claims.find((claim) => claim.controller !== name && overlaps(claim.path, path));
      if (clash)
        throw new Error(`controllers ${clash.controller} and ${name} both write ${longer(clash.path, path)}: every field has one writer`);
      claims.push({ path, controller: name });
    }
  }
}

interface Claim {
  readonly resource: string;
  /** Undefined: all of the resource. */
  readonly selected: string | undefined;
  /** With a dot at the end, so that a prefix is a whole part. */
  readonly path: string;
}

function overlaps(a: string, b: string): boolean {
  const [one, two] = [parse(a), parse(b)];
  const sameResource = one.resource === '*' || two.resource === '*' || one.resource === two.resource;
  const sameObjects = one.selected === undefined || two.selected === undefined || one.selected === two.selected;
  return sameResource && sameObjects && (one.path.startsWith(two.path) || two.path.startsWith(one.path));
}

function parse(claim: string): Claim {
  const match = /^(\*|[a-z0-9-]+)(?:\[([^\]]+)\])?(?:\.(.+))?$/.exec(claim);
  if (!match) throw new Error(`"${claim}" does not say what is written: <plural>.<path>`);
  const [, resource = '', selected, path] = match;
  return { resource, selected, path: path === undefined ? '' : `${path}.` };
}

function longer(a: string, b: string): string {
  return a.length >= b.length ? a : b;
}
