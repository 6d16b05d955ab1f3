import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ringSource } from '../../src/cli/capture-ring.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-ring-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** How often the ring is looked at (ms). */
const TICK = 10;

let time = 1_700_000_000;

/** Writes a file of the ring later than all before. */
function write(path: string, text: string): void {
  writeFileSync(path, text);
  utimesSync(path, ++time, time);
}

/** What is read of a ring until nothing comes for a while. */
function reading(pattern: string) {
  let end = () => {};
  let isQuiet = false;
  let looks = 0;
  const watch = {
    mayRead: async () => {
      isQuiet = ++looks > 3;
      return true;
    },
    taken: () => {
      looks = 0;
    },
    onStop: (stop: () => void) => {
      end = stop;
    },
  };
  const source = ringSource(pattern, watch, TICK);
  let text = '';
  const done = (async () => {
    const { read, close } = await source.open();
    const buffer = Buffer.alloc(100);
    for (let taken = 1; taken > 0; ) {
      taken = await read(buffer, 0, buffer.length);
      text += buffer.toString('latin1', 0, taken);
    }
    await close();
  })();
  const settled = async (): Promise<string> => {
    looks = 0;
    isQuiet = false;
    while (!isQuiet) await new Promise((resolve) => setTimeout(resolve, TICK));
    const all = text;
    text = '';
    return all;
  };
  const stop = async (): Promise<void> => {
    end();
    await done;
  };
  return { settled, stop };
}

describe('a ring of files', () => {
  it('reads a file again that was written anew with as many bytes, and not one that was only touched', {
    timeout: 20_000,
  }, async () => {
    const ring = mkdtempSync(join(folder, 'anew-'));
    const [a, b] = [join(ring, 'a0'), join(ring, 'a1')];
    write(a, 'first of a;');
    write(b, 'first of b;');
    const { settled, stop } = reading(join(ring, 'a*'));
    expect(await settled()).toBe('first of a;first of b;');
    utimesSync(a, ++time, time);
    expect(await settled()).toBe('');
    write(a, 'again of a;');
    expect(await settled()).toBe('again of a;');
    write(b, 'again of b;');
    expect(await settled()).toBe('again of b;');
    await stop();
  });

  it('reads the latest file from its beginning when it was written anew, with more bytes or with fewer', async () => {
    const ring = mkdtempSync(join(folder, 'longer-'));
    const a = join(ring, 'a');
    write(a, 'short;');
    const { settled, stop } = reading(a);
    expect(await settled()).toBe('short;');
    write(a, 'one that is longer;');
    expect(await settled()).toBe('one that is longer;');
    writeFileSync(a, ' it goes on;', { flag: 'a' });
    expect(await settled()).toBe(' it goes on;');
    write(a, 'one;');
    expect(await settled()).toBe('one;');
    await stop();
  });

  it('reads a file that takes the place of the latest', async () => {
    const ring = mkdtempSync(join(folder, 'moved-'));
    const [a, other] = [join(ring, 'a'), join(ring, 'other')];
    write(a, 'one;');
    const { settled, stop } = reading(a);
    expect(await settled()).toBe('one;');
    write(other, 'the other;');
    renameSync(other, a);
    expect(await settled()).toBe('the other;');
    rmSync(a);
    write(other, 'a third;');
    renameSync(other, a);
    expect(await settled()).toBe('a third;');
    await stop();
  });

  it('reads no file again that got another name, neither the latest nor one before', async () => {
    const ring = mkdtempSync(join(folder, 'renamed-'));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(ring, `trace-${name}`));
    write(a, 'first;');
    write(b, 'second;');
    const { settled, stop } = reading(join(ring, 'trace-*'));
    expect(await settled()).toBe('first;second;');
    renameSync(a, c);
    expect(await settled()).toBe('');
    renameSync(b, a);
    expect(await settled()).toBe('');
    writeFileSync(a, 'it goes on;', { flag: 'a' });
    expect(await settled()).toBe('it goes on;');
    write(b, 'third;');
    expect(await settled()).toBe('third;');
    renameSync(a, join(ring, 'trace-d'));
    expect(await settled()).toBe('');
    await stop();
  });
});
