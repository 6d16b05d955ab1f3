import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from './support/built.ts';

interface Held {
  bytes: number;
  packets: number;
  comments: number;
  damages: number;
}

interface Measured {
  read: number;
  decode: number;
  analyze: number;
  bombs: Record<string, [few: Held, many: Held]>;
}

const SCRIPT = fileURLToPath(new URL('bench/heap.mjs', import.meta.url));

describe('the heap of a process that does nothing else', { timeout: 120_000 }, () => {
  let measured: Measured;
  beforeAll(() => {
    build();
    const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
    measured = JSON.parse(execFileSync(process.execPath, [...flags, SCRIPT], { encoding: 'utf8' }));
  }, 120_000);

  // An object or a number of its own would be 12 bytes and more.
  it('gets nothing of a record that is read', () => expect(measured.read).toBeLessThan(4));
  it('gets nothing of a segment that is decoded', () => expect(measured.decode).toBeLessThan(4));
  it('keeps nothing of a segment in order', () => expect(measured.analyze).toBeLessThan(1));

  it.each([
    'fragments without an end',
    'fragments that overlap',
    'tunnels in tunnels',
    'comments',
    'gzip of nothing, MB',
  ])('does not grow with %s', (kind) => {
    const [few, many] = measured.bombs[kind];
    expect(many.packets).toBe(3 * few.packets);
    expect(many.bytes - few.bytes).toBeLessThan(2 ** 20);
    expect(many.comments).toBeLessThanOrEqual(1000);
    expect(many.damages).toBeLessThanOrEqual(1000);
  });
});
