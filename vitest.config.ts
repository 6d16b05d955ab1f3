import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Some tests run tcpdump, tshark or the built command line.
    testTimeout: 30_000,
  },
});
