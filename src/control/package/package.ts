import type { Package } from '../../model/drover/package.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { hasCode } from '../../base/errors.ts';
import { packageKind } from '../../model/drover/package.ts';

/** Keeps the built-in packages as this release has them: created when absent, brought back when changed. Other packages are left alone. */
export function createPackageController(builtIn: readonly Package[]): Controller {
  const byName = new Map(builtIn.map((each) => [each.metadata.name ?? '', each]));

  async function reconcile(name: string, { client, log }: ControllerContext): Promise<void> {
    const wanted = byName.get(name);
    if (!wanted) return;
    try {
      const there = await client.get(packageKind, { name });
      // The server writes nothing when nothing differs after its defaults.
      const next = await client.update(packageKind, { ...there, spec: wanted.spec });
      if (next.metadata.generation !== there.metadata.generation) log.info({ package: name }, 'package updated');
    } catch (error) {
      if (!hasCode(error, 'not-found')) throw error;
      await client.create(packageKind, wanted);
      log.info({ package: name }, 'package created');
    }
  }

  return { name: 'package', watches: [{ kind: packageKind }], initialKeys: [...byName.keys()], writes: ['packages.spec'], reconcile };
}
