import { planCommand } from './act.ts';

export const command = planCommand('plan-resume', {
  past: 'resumed',
  brief: 'End a pause',
  description: 'Resume a paused plan or phase.\n\nExample:\n  drover kafka plan resume deploy',
  levels: 2,
});
