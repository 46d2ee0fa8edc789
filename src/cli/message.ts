import { DroverError } from '../base/errors.ts';

/** The text of a fault: one line, and a line for each wrong field where there are several. */
export function messageOf(error: unknown): string {
  if (!(error instanceof DroverError)) return error instanceof Error ? error.message : String(error);
  if (error.causes.length < 2) return error.message;
  // Kubernetes puts several causes on one line, in brackets: here each has a line of its own.
  const head = error.message.replace(/:? *\[.*$/s, '');
  return [`${head}:`, ...error.causes.map((cause) => `  ${cause.field === '' ? '' : `${cause.field}: `}${cause.message}`)].join('\n');
}
