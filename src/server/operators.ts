import { createKafkaOperator } from '../operators/kafka/operator.ts';
import type { ResourceClient } from '../client/client.ts';
import type { OperatorList } from '../operators/operator.ts';

/** The domain operators of this program. `client` is called when they run, not before. */
export function createOperators(client: () => ResourceClient): OperatorList {
  return [createKafkaOperator({ client })];
}
