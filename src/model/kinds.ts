import type { Kind } from './kind.ts';
import { configMapKind } from './core/config-map.ts';
import { eventKind } from './core/event.ts';
import { leaseKind } from './core/lease.ts';
import { namespaceKind } from './core/namespace.ts';
import { nodeKind } from './core/node.ts';
import { podKind } from './core/pod.ts';
import { secretKind } from './core/secret.ts';
import { managedServiceKind } from './drover/managed-service.ts';
import { operationKind } from './drover/operation.ts';
import { packageKind } from './drover/package.ts';
import { planRunKind } from './drover/plan-run.ts';
import { podInstanceKind } from './drover/pod-instance.ts';
import { serviceRevisionKind } from './drover/service-revision.ts';

/** The kinds of the core; entry points add those of the operators. */
export const coreKinds: readonly Kind[] = [
  namespaceKind,
  nodeKind,
  podKind,
  eventKind,
  configMapKind,
  secretKind,
  leaseKind,
  managedServiceKind,
  podInstanceKind,
  planRunKind,
  operationKind,
  serviceRevisionKind,
  packageKind,
];
