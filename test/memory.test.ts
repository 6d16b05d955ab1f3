import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from './support/built.ts';

interface Measured {
  connection: string;
  bytes: number;
  withoutTimeBudget: number;
}

/** A process of its own measures: what other tests leave behind in this one would count. */
function measure(): Measured[] {
  const script = fileURLToPath(new URL('bench/memory.mjs', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', script, '--json'], { encoding: 'utf8' }));
}

// A tenth more than was measured with Node 20: one more object or two more arrays for each endpoint are noticed.
describe('a connection costs few bytes', { timeout: 240_000 }, () => {
  let measured: Measured[] = [];
  beforeAll(() => {
    build();
    measured = measure();
  }, 240_000);

  it.each([
    ['a SYN without an answer', 300, 300],
    ['a SYN and its answer', 3180, 3160],
    ['open, two exchanges', 1350, 890],
    ['closed', 1150, 1000],
  ])('%s', (connection, most, mostWithoutTimeBudget) => {
    const found = measured.find((each) => each.connection === connection);
    expect(found?.bytes).toBeLessThan(most);
    expect(found?.withoutTimeBudget).toBeLessThan(mostWithoutTimeBudget);
    // The numbers of its first packet alone take more: it is kept, and it is measured.
    expect(found?.withoutTimeBudget).toBeGreaterThan(50);
  });
});
