import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import { say, sayJson, type Context } from './context.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { findAnswer } from './why/answer.ts';
import { answerJson, answerLines } from './why/finding.ts';

export const command = buildCommand<{ namespace: string; json: boolean }, [string?], Context>({
  parameters: {
    flags: { namespace: namespaceFlag, json: jsonFlag },
    aliases: { n: 'namespace' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, optional: true, brief: 'A service, pod, plan, step or operation', placeholder: 'thing' }],
    },
  },
  docs: {
    brief: 'Say why a step waits, a pod is pending or a task was restarted',
    fullDescription:
      'Say why, from recorded reasons: a service (why it is not ready), a pod (why it is pending, here, or was restarted), a plan or a step (why it waits, who paused it), an operation (what became of it). What matters most stands first.\n\nExample:\n  drover why kafka-1\n  drover kafka why deploy',
  },
  async func(flags, thing) {
    if (this.service === '' && thing === undefined) {
      return new DroverError(
        'bad-request',
        "say what to explain, e.g. 'drover why kafka', 'drover why kafka-1' or 'drover kafka why deploy'",
      );
    }
    const answer = await findAnswer(this.connect(), flags.namespace, this.service, thing, this.signal);
    if (flags.json) return sayJson(this, answerJson(answer));
    for (const line of answerLines(answer, Date.now())) say(this, line);
  },
});
