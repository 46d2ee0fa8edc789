import type { FieldCause } from '../../base/errors.ts';
import { forbiddenField, invalidValue, named, required } from '../causes.ts';
import { dnsLabelProblem } from '../name-rules.ts';
import type { Probe } from './probe.ts';

const HANDLERS = ['exec', 'httpGet', 'tcpSocket'] as const;

/** The probes that a container or a task may have. */
export interface Probes {
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

/** Each probe has exactly one handler; only readiness may ask for several successes. */
export function probeCauses(probes: Probes, path: string): FieldCause[] {
  return (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).flatMap((name) => {
    const probe = probes[name];
    if (!probe) return [];
    const at = `${path}.${name}`;
    const handlers = HANDLERS.filter((handler) => probe[handler] !== undefined);
    const causes: FieldCause[] = [];
    if (handlers.length === 0) causes.push(required(at, `must specify a handler type`));
    for (const extra of handlers.slice(1)) causes.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 handler type'));
    if (probe.exec?.command.length === 0) causes.push(required(`${at}.exec.command`));
    if (probe.httpGet) causes.push(...portCauses(`${at}.httpGet.port`, probe.httpGet.port));
    if (probe.tcpSocket) causes.push(...portCauses(`${at}.tcpSocket.port`, probe.tcpSocket.port));
    if (name !== 'readinessProbe' && (probe.successThreshold ?? 1) !== 1) {
      causes.push(invalidValue(`${at}.successThreshold`, probe.successThreshold, 'must be 1'));
    }
    return causes;
  });
}

/** A port is a number, or the name of one of the container's ports; a numeral in quotes counts as its number. */
function portCauses(field: string, port: number | string): FieldCause[] {
  if (typeof port === 'string' && !/^\d+$/.test(port)) return named(field, port, dnsLabelProblem);
  const number = Number(port);
  return number >= 1 && number <= 65535 ? [] : [invalidValue(field, port, 'must be between 1 and 65535, inclusive')];
}
