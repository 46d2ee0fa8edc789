import { DroverError } from '../../../base/errors.ts';

/** Kafka's error codes that the operator tells apart. */
export const KAFKA_ERROR = {
  unknownTopic: 3,
  topicExists: 36,
  preferredLeaderNotAvailable: 80,
  electionNotNeeded: 84,
  voterNotFound: 127,
} as const;

/** Codes that say: the request is wrong, and will be next time. */
const INVALID = new Set([17, 37, 38, 39, 40, 42, 44, 89]);

/** The first of Kafka's own error codes in `error`; undefined for faults of the connection. */
export function kafkaErrorOf(error: unknown): { code: number; message: string } | undefined {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  if (!(first instanceof Error) || !('apiCode' in first)) return undefined;
  return {
    code: Number(first.apiCode),
    message: 'serverErrorMessage' in first && first.serverErrorMessage ? String(first.serverErrorMessage) : first.message,
  };
}

/** Any fault of the client library as ours, in one sentence that says what was asked of whom. */
export function adminError(what: string, where: string, error: unknown): DroverError {
  if (error instanceof DroverError) return error;
  const kafka = kafkaErrorOf(error);
  const text = `Kafka at ${where} could not ${what}: ${kafka?.message ?? (error instanceof Error ? error.message : String(error))}`;
  if (kafka?.code === KAFKA_ERROR.unknownTopic) return new DroverError('not-found', text, { cause: error });
  if (kafka?.code === KAFKA_ERROR.topicExists) return new DroverError('already-exists', text, { cause: error });
  if (kafka && INVALID.has(kafka.code)) return new DroverError('invalid', text, { cause: error });
  return new DroverError('unavailable', text, { cause: error });
}
