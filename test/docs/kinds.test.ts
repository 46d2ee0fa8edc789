import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { kindsPage } from '../../docs/kinds.ts';
import { coreKinds } from '../../src/model/kinds.ts';
import { kafkaKind } from '../../src/operators/kafka/kind.ts';

it('docs/kinds.md is what the schemas say (node docs/kinds.ts writes it)', () => {
  expect(readFileSync(new URL('../../docs/kinds.md', import.meta.url), 'utf8')).toBe(kindsPage([...coreKinds, kafkaKind]));
});
