import { defineConfig } from 'vitest/config';

/** Two projects: `unit` is fast and pure, `real` talks to processes, sockets, disks and real peers. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], exclude: ['src/**/*.real.test.ts'], pool: 'threads', isolate: false } },
      {
        test: {
          name: 'real',
          include: ['src/**/*.real.test.ts', 'test/**/*.test.ts'],
          pool: 'forks',
          // Real peers on two busy cores: a second try tells a slow machine from a fault; the report names what needed it.
          retry: 1,
          testTimeout: 120_000,
          // Tests with a real Kafka wait for their turn in a hook: one cluster at a time is enough for two cores.
          hookTimeout: 1_200_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
