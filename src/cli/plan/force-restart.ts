import { planCommand } from './act.ts';

export const command = planCommand('plan-force-restart', {
  past: 'restarted',
  brief: 'Do a plan, phase or step again',
  description:
    'Do a plan, a phase or a step again from the beginning: its pods are restarted, one after the other as the plan says.\n\nExample:\n  drover kafka plan force-restart deploy broker kafka-1:[broker]',
  levels: 3,
});
