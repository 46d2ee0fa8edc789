import { planCommand } from './act.ts';

export const command = planCommand('plan-pause', {
  past: 'paused',
  brief: 'Begin no new step',
  description:
    'Pause a plan or one of its phases: steps under way run to their end, no new one begins. Pauses outlive restarts.\n\nExample:\n  drover kafka plan pause deploy broker --reason "maintenance at the provider"',
  levels: 2,
});
