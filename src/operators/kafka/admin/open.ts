import type { OpenKafkaAdmin } from './kafka-admin.ts';

/** The real admin. The client library is loaded at the first call: most processes never talk to a Kafka. */
export const openKafkaAdmin: OpenKafkaAdmin = async (options) => {
  const { connectAdmin } = await import('./platformatic-admin.ts');
  return await connectAdmin(options);
};
