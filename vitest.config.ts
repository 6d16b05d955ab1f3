import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * These take longest, and begin first: what is long and begins last would run alone in the end. Where the times of an earlier run are
 * known all files are in their order; a fresh checkout knows none.
 */
const LONG = [
  'page/report',
  'shard/jobs',
  'compat/tshark-peer',
  'cli/outputs',
  'render/tcpdump-peer',
  'cli/memory',
  'packages/pack',
  'views/offload-journeys',
  'packages/api-docs',
  'packages/library-examples',
  'page/documents',
  'cli/docs',
  'packages/sea',
  'check/examples',
  'cli/terminal',
  'shard/machines',
  'shard/commands',
  'hardness',
  'memory',
  'heap',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(`/test/${name}.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/**
 * What tests import is loaded by Node.js itself: by way of vite each use of an import is a call of a getter, which makes an analysis take
 * twice as long. Vite has to load it where it shall be watched, and where mutants are made of it.
 */
const isNative = process.argv.includes('run') && process.env.MUTATION_ORDER === undefined;
const native = {
  execArgv: ['--enable-source-maps', '--import', new URL('test/support/native-sources.mjs', import.meta.url).href],
  server: { deps: { external: [/\/(src|test|scripts|dist)\/(?!.*\.test\.ts$).*\.(ts|mjs|js)$/] } },
};

export default defineConfig({
  test: {
    ...(isNative ? native : {}),
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // A process takes one file of tests after the other, and loads the sources once: no test may rest on what is left of another.
    isolate: false,
    sequence: process.argv.some((word) => word.startsWith('--sequence.shuffle')) ? {} : { sequencer: LongestFirst },
    // A worker that waits for the command line leaves its core to it.
    maxWorkers: '100%',
    // Some tests run tcpdump, tshark or the built command line, on a machine that may have much else to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
