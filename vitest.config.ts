import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // A worker that waits for the command line leaves its core to it.
    maxWorkers: '100%',
    // Some tests run tcpdump, tshark or the built command line.
    testTimeout: 30_000,
  },
});
