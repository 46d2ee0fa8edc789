import type { Event } from '../../model/core/event.ts';
import type { Pod } from '../../model/core/pod.ts';
import type { ManagedService } from '../../model/drover/managed-service.ts';
import type { Operation } from '../../model/drover/operation.ts';
import type { PlanRun } from '../../model/drover/plan-run.ts';
import type { PodInstance } from '../../model/drover/pod-instance.ts';
import type { Reason } from '../../model/reason.ts';
import type { Condition, Resource } from '../../model/resource.ts';

/** What explanations of a service are made of; all of it recorded, nothing guessed. */
export interface Evidence {
  readonly service: ManagedService;
  /** The resource that the service was made from (a Kafka), when it is not declared itself. */
  readonly owner?: Resource;
  readonly runs: readonly PlanRun[];
  readonly instances: readonly PodInstance[];
  readonly pods: readonly Pod[];
  readonly events: readonly Event[];
  readonly operations: readonly Operation[];
}

/** What the status of any kind may say about its verdict. */
export interface Judged {
  readonly conditions?: readonly Condition[];
  readonly refusals?: readonly Reason[];
  readonly warnings?: readonly Reason[];
}
