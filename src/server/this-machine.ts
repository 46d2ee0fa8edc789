import type { Machine } from '../cli/machine.ts';
import { DroverError } from '../base/errors.ts';
import { locateHome } from './home.ts';
import { programVersion } from './program-version.ts';
import { readServerRecord } from './server-record.ts';

/** What the command line can do on this machine with the home that `env` names. Every part is loaded when it is used. */
export function thisMachine(env: Readonly<Record<string, string | undefined>>): Machine {
  const home = locateHome(env);
  return {
    home: home.dir,
    serverLog: home.serverLog,
    tokenFile: home.token,
    version: programVersion,
    recordedServer: () => readServerRecord(home),
    findServer: async () => (await import('./background.ts')).findServer(home),
    startServer: async (listen, signal) => (await import('./background.ts')).startInBackground(home, listen, signal),
    serve: async (options) => (await import('./serve.ts')).serve({ home, ...options }),
    takeDown: async (options) => (await import('./take-down.ts')).takeDown(home, options),
    backUp: async (file) => (await import('./state-copy.ts')).backUp(home, file),
    restore: async (file) => (await import('./state-copy.ts')).restore(home, file),
    unit: async (listen) => (await import('./systemd-unit.ts')).serverUnit(home, listen),
    async writeUnit(text) {
      const written = (await import('./systemd-unit.ts')).writeServerUnit(text, env);
      if (written instanceof DroverError) throw written;
      return written;
    },
    kafkaNeeds: async (manifest, need) => (await import('./demo-needs.ts')).demoNeeds(home, manifest, need),
    proveKafka: async (options) => (await import('../operators/kafka/smoke.ts')).proveKafka(options),
  };
}
