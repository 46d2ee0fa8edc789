/** The closed set of faults. The API maps each to one HTTP status and Kubernetes `reason` (api/status.ts). */
export type ErrorCode =
  | 'bad-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'already-exists'
  | 'conflict'
  | 'compacted'
  | 'too-large'
  | 'unsupported-media-type'
  | 'invalid'
  | 'too-many-requests'
  | 'timeout'
  | 'unavailable'
  | 'terminal'
  | 'internal';

/** One wrong field: `field` is a JSON path as Kubernetes writes it (`spec.pods[0].count`), `reason` its CauseType. */
export interface FieldCause {
  readonly field: string;
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotFound'
    /** Not a field: a resourceVersion that the server has not reached yet; `field` is empty. */
    | 'ResourceVersionTooLarge'
    /** The object's namespace is being deleted. */
    | 'NamespaceTerminating';
  readonly message: string;
}

/** The only error class. `message` is a full sentence that names the object and says what to do. */
export class DroverError extends Error {
  readonly code: ErrorCode;
  readonly causes: readonly FieldCause[];
  /** Seconds after which a repeat makes sense (`unavailable`, `too-many-requests`). */
  readonly retryAfterSeconds: number | undefined;
  /** What the error is about, for Kubernetes Status `details`. */
  readonly about: { group?: string; kind?: string; name?: string; uid?: string } | undefined;

  /** With `compacted` of a paged list: goes on from the same place, but from the present state (Status `metadata.continue`). */
  readonly continueToken: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      causes?: readonly FieldCause[];
      retryAfterSeconds?: number;
      about?: { group?: string; kind?: string; name?: string; uid?: string };
      continueToken?: string;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DroverError';
    this.code = code;
    this.causes = options.causes ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.about = options.about;
    this.continueToken = options.continueToken;
  }
}

/** True when `error` is a DroverError with one of `codes`. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is DroverError {
  return error instanceof DroverError && codes.includes(error.code);
}
