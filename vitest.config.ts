import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // A process takes one file of tests after the other, and loads the sources once: no test may rest on what is left of another.
    isolate: false,
    // A worker that waits for the command line leaves its core to it.
    maxWorkers: '100%',
    // Some tests run tcpdump, tshark or the built command line.
    testTimeout: 30_000,
  },
});
