import { DroverError, type ErrorCode, type FieldCause } from '../../base/errors.ts';

const BY_REASON: Readonly<Record<string, ErrorCode>> = {
  BadRequest: 'bad-request',
  Unauthorized: 'unauthorized',
  Forbidden: 'forbidden',
  NotFound: 'not-found',
  MethodNotAllowed: 'method-not-allowed',
  NotAcceptable: 'not-acceptable',
  AlreadyExists: 'already-exists',
  Conflict: 'conflict',
  Expired: 'compacted',
  Gone: 'compacted',
  RequestEntityTooLarge: 'too-large',
  UnsupportedMediaType: 'unsupported-media-type',
  Invalid: 'invalid',
  TooManyRequests: 'too-many-requests',
  InternalError: 'internal',
  ServiceUnavailable: 'unavailable',
  Timeout: 'timeout',
  ServerTimeout: 'timeout',
};

const BY_HTTP_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  409: 'conflict',
  410: 'compacted',
  413: 'too-large',
  415: 'unsupported-media-type',
  421: 'forbidden',
  422: 'invalid',
  429: 'too-many-requests',
  503: 'unavailable',
  504: 'timeout',
};

/** The fault behind an answer that is no success: its Status when there is one, else the HTTP status and the first line of the text. */
export function faultOf(httpStatus: number, text: string): DroverError {
  const status = statusOf(text);
  if (!status) {
    const line = text.trim().split('\n')[0] || `HTTP ${httpStatus}`;
    return new DroverError(BY_HTTP_STATUS[httpStatus] ?? 'internal', line);
  }
  return statusFault(status, httpStatus);
}

/** The fault that a Status object tells of (an error answer, or the ERROR event of a watch). */
export function statusFault(status: WireStatus, httpStatus = status.code ?? 500): DroverError {
  const code = BY_REASON[status.reason ?? ''] ?? BY_HTTP_STATUS[httpStatus] ?? 'internal';
  const { causes, retryAfterSeconds, group, kind, name, uid } = status.details ?? {};
  return new DroverError(code, status.message ?? `HTTP ${httpStatus}`, {
    ...(causes && {
      causes: causes.map((cause) => ({
        field: cause.field ?? '',
        reason: cause.reason as FieldCause['reason'],
        message: cause.message ?? '',
      })),
    }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(status.details && { about: { ...(group && { group }), ...(kind && { kind }), ...(name && { name }), ...(uid && { uid }) } }),
  });
}

/** `metav1.Status` as it may come. */
export interface WireStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly group?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

function statusOf(text: string): WireStatus | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as WireStatus & { kind?: unknown };
    return value.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}
