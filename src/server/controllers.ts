import type { Controller } from '../control/controller.ts';
import { createEventCollector } from '../control/gc/event-collector.ts';
import { createGarbageCollector } from '../control/gc/garbage-collector.ts';
import { createNamespaceController } from '../control/namespace/namespace.ts';
import { createNodeLifecycle } from '../control/node-lifecycle/node-lifecycle.ts';
import { oneAtATime } from '../control/operator/one-at-a-time.ts';
import { createOperatorControllers } from '../control/operator/operator.ts';
import { createPackageController } from '../control/package/package.ts';
import { createScheduler } from '../control/scheduler/scheduler.ts';
import { createServiceController } from '../control/service/service-controller.ts';
import { managedServiceKind } from '../model/drover/managed-service.ts';
import type { Scheme } from '../model/scheme.ts';
import { kafkaPackage } from '../operators/kafka/package.ts';
import type { OperatorList } from '../operators/operator.ts';

/** The controllers of this program. */
export function createControllers(scheme: Scheme, operators: OperatorList): readonly Controller[] {
  const serial = oneAtATime(operators);
  return [
    createServiceController({ operators: serial }),
    ...createOperatorControllers(serial),
    createScheduler(),
    createGarbageCollector(scheme.kinds),
    createEventCollector(),
    createNamespaceController({ kinds: scheme.kinds, first: [managedServiceKind, ...operators.map((operator) => operator.kind)] }),
    createNodeLifecycle(),
    createPackageController([kafkaPackage]),
  ];
}
