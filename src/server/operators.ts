import { createKafkaOperator } from '../operators/kafka/operator.ts';
import type { OperatorList } from '../operators/operator.ts';

/** The domain operators of this program. */
export function createOperators(): OperatorList {
  return [createKafkaOperator()];
}
