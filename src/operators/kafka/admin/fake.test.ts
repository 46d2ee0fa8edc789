import { adminConformance } from './conformance.ts';
import { FakeKafka } from './fake.ts';

adminConformance('fake', () => {
  const kafka = new FakeKafka(3, { minIsr: 2 });
  return Promise.resolve({
    open: kafka.open,
    addresses: [0, 1, 2].map((id) => ({ host: '127.0.0.1', port: kafka.basePort + id })),
    nowhere: { host: '127.0.0.1', port: 1 },
    close: () => Promise.resolve(),
  });
});
