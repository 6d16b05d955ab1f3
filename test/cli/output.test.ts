import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.ts';

const LARGE = 'x'.repeat(1 << 20);

/** A reader that takes what it is given when `read` is called. */
class SlowReader extends Writable {
  taken = 0;
  private done: (() => void) | null = null;

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.taken += chunk.length;
    this.done = done;
  }

  get isWaitedFor(): boolean {
    return this.done !== null;
  }

  read(): void {
    const { done } = this;
    this.done = null;
    done?.();
  }
}

describe('standard output whose reader is slow', () => {
  it('does not wait for a reader that caught up before anybody waited', async () => {
    const reader = new SlowReader();
    const output = new Output(reader);
    output.write(LARGE);
    output.write(LARGE);
    expect(reader.writableNeedDrain).toBe(true);
    for (; reader.isWaitedFor; await setImmediate()) reader.read();
    await output.yieldWhenFull();
    const flushed = output.flush();
    for (let turns = 0; turns < 3; turns++, await setImmediate()) reader.read();
    await flushed;
    expect(reader.taken).toBe(2 * LARGE.length);
  });

  it('waits for one that has not', async () => {
    const reader = new SlowReader();
    const output = new Output(reader);
    output.write(LARGE);
    let isFlushed = false;
    const flushed = output.flush().then(() => {
      isFlushed = true;
    });
    for (let turns = 0; turns < 3; turns++) await setImmediate();
    expect(isFlushed).toBe(false);
    reader.read();
    await flushed;
    expect(reader.writableNeedDrain).toBe(false);
  });

  it('lets two wait at once', async () => {
    const reader = new SlowReader();
    const output = new Output(reader);
    output.write(LARGE);
    const both = Promise.all([output.flush(), output.flush()]);
    await setImmediate();
    reader.read();
    await both;
    await output.flush();
    expect(reader.taken).toBe(LARGE.length);
  });

  it('does not wait for one that has gone', async () => {
    const reader = new SlowReader();
    const output = new Output(reader);
    output.write(LARGE);
    const flushed = output.flush();
    reader.destroy();
    await flushed;
    await output.flush();
    expect(reader.destroyed).toBe(true);
  });
});
