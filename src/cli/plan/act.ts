import { buildCommand, type Command } from '@stricli/core';
import type { OperationVerb } from '../../model/drover/operation.ts';
import type { Context } from '../context.ts';
import { jsonFlag, namespaceFlag, reasonFlag } from '../flags.ts';
import { operate, sayOutcome, type ActFlags } from '../operate.ts';

/** A plan verb that takes plan [phase [step]]; `past` is the word in its sentence: paused, resumed, … (texts: the DC/OS service CLI). */
export function planCommand(
  verb: OperationVerb,
  options: { past: string; brief: string; description: string; levels: 1 | 2 | 3 },
): Command<Context> {
  const words = ['plan', 'phase', 'step'].slice(0, options.levels);
  return buildCommand<ActFlags, string[], Context>({
    parameters: {
      flags: { namespace: namespaceFlag, reason: reasonFlag, json: jsonFlag },
      aliases: { n: 'namespace' },
      positional: {
        kind: 'array',
        minimum: 1,
        maximum: options.levels,
        parameter: {
          parse: String,
          brief: `${words.join(', then ')}, by name or id`,
          placeholder: words.map((word, i) => (i === 0 ? word : `[${word}]`)).join(' '),
        },
      },
    },
    docs: { brief: options.brief, fullDescription: options.description },
    async func(flags, plan, phase, step) {
      const target = { plan: plan ?? '', ...(phase !== undefined && { phase }), ...(step !== undefined && { step }) };
      const operation = await operate(this, flags, verb, target);
      return sayOutcome(this, flags, operation, sentence(options.past, plan ?? '', phase, step));
    },
  });
}

function sentence(past: string, plan: string, phase: string | undefined, step: string | undefined): string {
  if (phase === undefined) return `"${plan}" plan has been ${past}.`;
  if (step === undefined) return `"${plan}" plan: phase "${phase}" has been ${past}.`;
  return `"${plan}" plan: step "${step}" in phase "${phase}" has been ${past}.`;
}
