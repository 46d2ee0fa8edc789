import type { Controller } from './controller.ts';

/**
 * One writer per record and field: throws when two controllers have one name, or say that they write the same thing, or one a part of the other's
 * (`pods.status` and `pods.status.conditions`).
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

function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function longer(a: string, b: string): string {
  return a.length >= b.length ? a : b;
}
