import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Package } from '../../model/drover/package.ts';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { packageKind } from '../../model/drover/package.ts';
import { createPackageController } from './package.ts';

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await openTestControlPlane();
});
afterEach(() => plane.close());

function pack(name: string, description: string): Package {
  const versions = [{ version: '1.0', process: { maven: ['a:b:1.0'], requires: [] } }];
  return {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'Package',
    metadata: { name },
    spec: { description, kinds: ['Thing'], defaultVersion: '1.0', versions },
  };
}

const description = async (name: string) => (await plane.client.get(packageKind, { name })).spec.description;

test('built-in packages are created; a newer release changes them; a start without news writes nothing', async () => {
  await plane.start(createPackageController([pack('thing', 'old'), pack('other', 'other')]));
  expect([await description('thing'), await description('other')]).toEqual(['old', 'other']);
  await plane.start(createPackageController([pack('thing', 'new')]));
  expect([await description('thing'), await description('other')]).toEqual(['new', 'other']);
  const { resourceVersion } = await plane.client.list(packageKind);
  await plane.start(createPackageController([pack('thing', 'new')]));
  expect((await plane.client.list(packageKind)).resourceVersion).toBe(resourceVersion);
});

test('one that is changed or deleted comes back; packages of others are left alone', async () => {
  await plane.client.create(packageKind, pack('mine', 'mine'));
  await plane.start(createPackageController([pack('thing', 'built in')]));
  await plane.client.patch(packageKind, { name: 'thing' }, { spec: { description: 'changed' } });
  await plane.client.patch(packageKind, { name: 'mine' }, { spec: { description: 'changed' } });
  await plane.idle();
  expect([await description('thing'), await description('mine')]).toEqual(['built in', 'changed']);
  await plane.client.delete(packageKind, { name: 'thing' });
  await plane.idle();
  expect(await description('thing')).toBe('built in');
});
