import { planCommand } from './act.ts';

export const command = planCommand('plan-force-complete', {
  past: 'forced to complete',
  brief: 'Declare a plan, phase or step complete',
  description:
    'Declare a step, a phase or a whole plan complete, whatever its pods do. Nothing is started or stopped by it.\n\nExample:\n  drover kafka plan force-complete deploy broker kafka-1:[broker]',
  levels: 3,
});
