import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CaptureSource } from '../../src/capture/source.ts';
import { HeldInput } from '../../src/cli/held-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'tcpscope-held-'));
afterAll(() => rmSync(folder, { recursive: true }));

let pipes = 0;

/** A named pipe that gets `abc`. */
function pipe(): string {
  const name = join(folder, `pipe${pipes++}`);
  expect(spawnSync('mkfifo', [name]).status).toBe(0);
  spawn('sh', ['-c', 'printf abc > "$1"', 'sh', name]);
  return name;
}

/** Two bytes with each read, until there are no more. */
async function read(source: CaptureSource): Promise<string> {
  const capture = await source.open();
  const buffer = Buffer.alloc(2);
  let text = '';
  for (let taken = 1; taken > 0; text += buffer.toString('latin1', 0, taken)) taken = await capture.read(buffer, 0, 2);
  await capture.close();
  return text;
}

describe('what is read twice', () => {
  it('is read on where the first reading was given up before its end', async () => {
    const name = pipe();
    const held = new HeldInput();
    let reads = 0;
    const [first] = held.first([name], { mayRead: async () => ++reads === 1, taken: () => {}, onStop: () => {} });
    expect(await read(first)).toBe('ab');
    const [again] = held.again([name], { mayRead: async () => true, taken: () => {}, onStop: () => {} });
    expect(await read(again)).toBe('abc');
  });

  it('ends where a signal ended the first reading', async () => {
    const name = pipe();
    const held = new HeldInput();
    let reads = 0;
    let stop = () => {};
    const onStop = (end: () => void) => {
      stop = end;
    };
    const mayRead = async () => {
      if (++reads > 1) stop();
      return reads === 1;
    };
    const [first] = held.first([name], { mayRead, taken: () => {}, onStop });
    expect(await read(first)).toBe('ab');
    const [again] = held.again([name], { mayRead: async () => true, taken: () => {}, onStop: () => {} });
    expect(await read(again)).toBe('ab');
  });
});
