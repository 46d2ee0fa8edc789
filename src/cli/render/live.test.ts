import { expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { startLive } from './live.ts';

function fakeContext(isTerminal: boolean) {
  let text = '';
  const context = { isTerminal, columns: 20, process: { stdout: { write: (part: string) => void (text += part) } } } as unknown as Context;
  return { context, text: () => text };
}

it('draws only new lines where there is no terminal', () => {
  const { context, text } = fakeContext(false);
  const live = startLive(context);
  live.draw(['plan (PENDING)', 'step (PENDING)']);
  live.draw(['plan (PENDING)', 'step (COMPLETE)']);
  live.end();
  expect(text()).toBe('plan (PENDING)\nstep (PENDING)\nstep (COMPLETE)\n');
});

it('draws in place on a terminal, cuts long lines, and shows the cursor again', () => {
  const { context, text } = fakeContext(true);
  const live = startLive(context);
  live.draw(['a'.repeat(50)]);
  live.draw(['short']);
  live.end();
  live.end();
  expect(text()).toContain(`${'a'.repeat(18)}…\u001b[K`);
  expect(text()).toContain('\u001b[1A\rshort\u001b[K');
  expect(text().endsWith('\u001b[?25h')).toBe(true);
  expect(text().split('\u001b[?25h').length).toBe(2);
});
