import { planCommand } from './act.ts';

export const command = planCommand('plan-start', {
  past: 'started',
  brief: 'Start a plan',
  description: 'Start a plan: a finished one runs again, a stopped or paused one goes on.\n\nExample:\n  drover kafka plan start deploy',
  levels: 1,
});
