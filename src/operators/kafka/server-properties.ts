import { configDefaults } from './config-rules.ts';
import { DATA } from './start-script.ts';

/** Port name and listener of the quorum. */
export const CONTROLLER_PORT = 'controller';

/**
 * server.properties of one node, broker and controller at once, as a mustache template. Every listener binds and advertises the pod's address. The
 * quorum is found through all peers and joined by the node itself (controller.quorum.auto.join.enable), so a serial deploy, scaling out and
 * replacing a node are one path.
 */
export function serverProperties(options: {
  readonly listener: string;
  readonly brokers: number;
  readonly config: Readonly<Record<string, string | number | boolean>>;
}): string {
  const client = options.listener.toUpperCase();
  const endpoints = `${client}://{{address}}:{{ports.${options.listener}}},CONTROLLER://{{address}}:{{ports.${CONTROLLER_PORT}}}`;
  const lines: (readonly [string, string])[] = [
    ['process.roles', 'broker,controller'],
    ['node.id', '{{index}}'],
    ['listeners', endpoints],
    ['advertised.listeners', endpoints],
    ['inter.broker.listener.name', client],
    ['controller.listener.names', 'CONTROLLER'],
    ['listener.security.protocol.map', `CONTROLLER:PLAINTEXT,${client}:PLAINTEXT`],
    ['controller.quorum.bootstrap.servers', `{{#peers.kafka}}{{address}}:{{ports.${CONTROLLER_PORT}}}{{^last}},{{/last}}{{/peers.kafka}}`],
    ['controller.quorum.auto.join.enable', 'true'],
    ['log.dirs', DATA],
  ];
  const chosen = { ...configDefaults(options.brokers), ...options.config };
  for (const key of Object.keys(chosen).sort()) lines.push([key, propertyValue(String(chosen[key]))]);
  return lines.map(([key, value]) => `${key}=${value}\n`).join('');
}

/** A value as java.util.Properties reads it back: it takes the file for Latin-1 and a backslash for an escape. */
function propertyValue(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replace(/^[ \t\f]/, (blank) => `\\${blank}`)
    .replace(/[^\x20-\x7e\t]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
