import { planCommand } from './act.ts';

export const command = planCommand('plan-stop', {
  past: 'stopped',
  brief: 'Pause a plan and set its steps back to pending',
  description:
    'Stop a plan: no new step begins, and all its steps go back to pending. No task is killed. Start it again with plan start.\n\nExample:\n  drover kafka plan stop deploy',
  levels: 1,
});
