import type { Command } from '@stricli/core';
import type { Context } from './context.ts';

/** One command or group in a table: only the one that is typed gets loaded. */
export interface CommandEntry {
  readonly brief: string;
  readonly aliases?: readonly string[];
  readonly load?: () => Promise<{ readonly command: Command<Context> }>;
  /** A group of commands. */
  readonly routes?: CommandTable;
}

export type CommandTable = Readonly<Record<string, CommandEntry>>;

/** `drover <command>`: Kubernetes' grammar for resources, and the care of the server. */
export const commands: CommandTable = {
  get: { brief: 'List resources, as kubectl get', load: () => import('./get.ts') },
  describe: { brief: 'Show a resource with its conditions and events', load: () => import('./describe.ts') },
  apply: { brief: 'Create or change resources from a file, and wait for the verdict', load: () => import('./apply.ts') },
  diff: { brief: 'Show what apply would change', load: () => import('./diff.ts') },
  delete: { brief: 'Delete resources (a service’s data is kept)', load: () => import('./delete.ts') },
  events: { brief: 'List events, oldest first', load: () => import('./events.ts') },
  logs: { brief: 'Show the log of a pod', load: () => import('./logs.ts') },
  why: { brief: 'Say why a step waits, a pod is pending or a task was restarted', load: () => import('./why.ts') },
  server: { brief: 'Run the server in the foreground', load: () => import('./server.ts') },
  demo: { brief: 'Bring up a real system and prove that it works', load: () => import('./demo.ts') },
  down: { brief: 'Stop server and tasks; --purge also deletes data', load: () => import('./down.ts') },
  backup: { brief: 'Write a copy of the state to a file', load: () => import('./backup.ts') },
  restore: { brief: 'Bring back the state from a backup', load: () => import('./restore.ts') },
  install: { brief: 'Write a systemd unit for the server', load: () => import('./install.ts') },
  kubeconfig: { brief: 'Print a kubeconfig for kubectl', load: () => import('./kubeconfig.ts') },
  version: { brief: 'Show the versions of command line and server', load: () => import('./version.ts') },
};

/** `drover <service> <command>`: the operator's grammar. */
export const serviceCommands: CommandTable = {
  plan: {
    brief: 'Look at plans and steer them',
    aliases: ['plans'],
    routes: {
      list: { brief: 'Names of the service’s plans', load: () => import('./plan/list.ts') },
      status: { brief: 'The tree of a plan', aliases: ['show'], load: () => import('./plan/status.ts') },
      start: { brief: 'Start a plan', load: () => import('./plan/start.ts') },
      pause: { brief: 'Begin no new step', aliases: ['interrupt'], load: () => import('./plan/pause.ts') },
      resume: { brief: 'End a pause', aliases: ['continue'], load: () => import('./plan/resume.ts') },
      stop: { brief: 'Pause a plan and set its steps back to pending', load: () => import('./plan/stop.ts') },
      'force-restart': { brief: 'Do a plan, phase or step again', aliases: ['restart'], load: () => import('./plan/force-restart.ts') },
      'force-complete': {
        brief: 'Declare a plan, phase or step complete',
        aliases: ['force'],
        load: () => import('./plan/force-complete.ts'),
      },
    },
  },
  pod: {
    brief: 'Look at pods and restart or replace them',
    aliases: ['pods'],
    routes: {
      list: { brief: 'Names of the service’s pods', load: () => import('./pod/list.ts') },
      status: { brief: 'The tree of pods and tasks', load: () => import('./pod/status.ts') },
      restart: { brief: 'Restart a pod in place', load: () => import('./pod/restart.ts') },
      replace: { brief: 'Replace a pod with new, empty volumes', load: () => import('./pod/replace.ts') },
    },
  },
  endpoints: { brief: 'Where the service is reachable', aliases: ['endpoint'], load: () => import('./endpoints.ts') },
  logs: { brief: 'Logs of the service’s pods', load: () => import('./service-logs.ts') },
  why: { brief: 'Why the service is as it is', load: () => import('./why.ts') },
  'force-restart': { brief: 'Short for plan force-restart', load: () => import('./plan/force-restart.ts') },
  'force-complete': { brief: 'Short for plan force-complete', load: () => import('./plan/force-complete.ts') },
};

/** The entry that a word means, by name or alias. */
export function findEntry(table: CommandTable, word: string | undefined): [string, CommandEntry] | undefined {
  if (word === undefined) return undefined;
  return Object.entries(table).find(([name, entry]) => name === word || entry.aliases?.includes(word));
}
