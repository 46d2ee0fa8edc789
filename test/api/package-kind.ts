import { setTimeout } from 'node:timers/promises';
import { definitionOf } from '../../src/api/http/definition.ts';
import { packageKind } from '../../src/model/drover/package.ts';
import type { Kind } from '../../src/model/kind.ts';
import { send, type Target } from './send.ts';

/** Creates on a real kube-apiserver the CustomResourceDefinition that Drover derives for Package, and waits until it is served. */
export async function installPackageKind(target: Target): Promise<void> {
  const { apiVersion, kind, metadata, spec } = definitionOf(packageKind as unknown as Kind, '2026-01-01T00:00:00Z');
  const body = JSON.stringify({
    apiVersion,
    kind,
    metadata: { name: metadata.name },
    spec,
  });
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict';
  const made = await send(target, { method: 'POST', path, headers: { 'content-type': 'application/json' }, body });
  if (made.code !== 201) throw new Error(`the derived definition is refused: ${made.text}`);
  for (let tries = 0; tries < 100; tries++) {
    const { code } = await send(target, { method: 'GET', path: '/apis/drover.dev/v1alpha1/packages' });
    if (code === 200) return;
    await setTimeout(100);
  }
  throw new Error('kube-apiserver does not serve the derived definition');
}
