import type { Reason } from '../model/reason.ts';
import type { Resource } from '../model/resource.ts';

/** Where the agent tells people what it does; the control plane's event recorder fits. Never throws and never waits. */
export interface AgentEvents {
  event(about: Resource, type: 'Normal' | 'Warning', reason: Reason): void;
}

/** One structured line a decision; key names are those of the model. */
export interface AgentLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}
