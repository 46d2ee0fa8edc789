import { DroverError, type ErrorCode } from '../../base/errors.ts';

/** The one table of what a fault is on the wire: HTTP status and Kubernetes `reason`. client/http/fault.ts holds the way back. */
export const wireErrors: Readonly<Record<ErrorCode, { readonly code: number; readonly reason: string }>> = {
  'bad-request': { code: 400, reason: 'BadRequest' },
  unauthorized: { code: 401, reason: 'Unauthorized' },
  forbidden: { code: 403, reason: 'Forbidden' },
  'not-found': { code: 404, reason: 'NotFound' },
  'method-not-allowed': { code: 405, reason: 'MethodNotAllowed' },
  'not-acceptable': { code: 406, reason: 'NotAcceptable' },
  'already-exists': { code: 409, reason: 'AlreadyExists' },
  conflict: { code: 409, reason: 'Conflict' },
  compacted: { code: 410, reason: 'Expired' },
  'too-large': { code: 413, reason: 'RequestEntityTooLarge' },
  'unsupported-media-type': { code: 415, reason: 'UnsupportedMediaType' },
  invalid: { code: 422, reason: 'Invalid' },
  'too-many-requests': { code: 429, reason: 'TooManyRequests' },
  terminal: { code: 500, reason: 'InternalError' },
  internal: { code: 500, reason: 'InternalError' },
  unavailable: { code: 503, reason: 'ServiceUnavailable' },
  timeout: { code: 504, reason: 'Timeout' },
};

/** `metav1.Status`. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: object;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: object;
  readonly code?: number;
}

/** Any fault as a Status. What is not a DroverError is our own mistake: `internal`, and its text stays in the log. */
export function statusOf(error: unknown): Status & { code: number } {
  if (!(error instanceof DroverError)) {
    return failure(500, 'InternalError', 'Internal error occurred: see the log of the server', {});
  }
  const { code, reason } = wireErrors[error.code];
  const details = {
    ...Object.fromEntries(Object.entries(error.about ?? {}).filter(([, text]) => text !== '')),
    ...(error.causes.length > 0 && {
      causes: error.causes.map((cause) => ({
        reason: cause.reason,
        message: cause.message,
        ...(cause.field !== '' && { field: cause.field }),
      })),
    }),
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
  };
  const bare = error.about === undefined && Object.keys(details).length === 0;
  const metadata = error.continueToken === undefined ? {} : { continue: error.continueToken };
  return { ...failure(code, reason, error.message, bare ? undefined : details), metadata };
}

/** The Status of a deletion that is complete. */
export function deletedStatus(about: { name: string; group: string; kind: string; uid: string }): Status {
  const { name, group, kind, uid } = about;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group !== '' && { group }), kind, uid },
  };
}

function failure(code: number, reason: string, message: string, details: object | undefined): Status & { code: number } {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details && { details }), code };
}
