import { describe, expect, it } from 'vitest';
import { Analyzer } from '../../src/analyze.ts';
import { readCaptures } from '../../src/capture/merge.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import type { CaptureSource } from '../../src/capture/source.ts';
import { analyze, type Report } from '../../src/index.ts';
import { type Frame, pcapngOf, talk, Way } from './world.ts';

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.1.1:80';

/** A file that can be open several times at once, or a pipe. */
function source(bytes: Uint8Array, rewinds: boolean): CaptureSource & { opened: number } {
  const self = {
    name: 'file',
    rewinds,
    opened: 0,
    open: async () => {
      self.opened++;
      let at = 0;
      return {
        read: async (buffer: Uint8Array, offset: number, length: number) => {
          const part = bytes.subarray(at, at + Math.min(length, 700));
          buffer.set(part, offset);
          at += part.length;
          return part.length;
        },
        close: async () => {},
      };
    },
  };
  return self;
}

async function read(frames: readonly Frame[], rewinds = true) {
  const rows: string[] = [];
  const analyzer = new Analyzer({
    everyView: true,
    onRow: ({ view, connection, verdict }) =>
      rows.push(`${view.time} ${connection.id} ${view.sight?.vantage.name} ${verdict!.kind} ${view.seq}`),
  });
  const session = new CaptureSession();
  const file = source(pcapngOf(['a', 'b'], frames), rewinds);
  await readCaptures([file], analyzer, session);
  analyzer.end(session.facts);
  return { rows, opened: file.opened, facts: session.facts, counts: analyzer.counts };
}

/** Ten seconds of short connections, 3 ms between the two interfaces. */
function traffic(): Frame[] {
  const frames = Array.from({ length: 10 }, (_, i) => {
    const client = `10.0.0.1:${40000 + i}`;
    const way = new Way(client, [{ delay: 0 }, { delay: 3000 }]);
    talk(way, client, SERVER, i * 1e6, { client: 1000 * i, server: 777 * i });
    return way.frames;
  });
  return frames.flat().sort((x, y) => x.time - y.time);
}

describe('a file with all packets of one interface and then all of the next', () => {
  it('gives the same as one in order of time', async () => {
    const frames = traffic();
    const inTurn = [0, 1].flatMap((at) => frames.filter((frame) => frame.at === at));
    const expected = await read(frames);
    const found = await read(inTurn);
    expect(new Set(expected.rows.map((row) => row.split(' ')[1])).size).toBe(10);
    expect(found.rows).toEqual(expected.rows);
    expect(found.counts.total).toBe(frames.length);
    // Its facts are told once, though it is read once to look and then once for each interface.
    expect(found.facts.interfaces.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(found.facts.files).toEqual(['file']);
    expect([expected.opened, found.opened]).toEqual([2, 3]);
  });

  it('gives the same to whoever uses the library', async () => {
    const frames = traffic();
    const inTurn = [0, 1].flatMap((at) => frames.filter((frame) => frame.at === at));
    const [sorted, found] = [await analyze(pcapngOf(['a', 'b'], frames)), await analyze(pcapngOf(['a', 'b'], inTurn))];
    expect(sorted.connections).toHaveLength(10);
    const inShort = ({ connections }: Report) =>
      connections.map(({ client, server }) => [client.packets, server.packets]);
    expect(inShort(found)).toEqual(inShort(sorted));
  });

  it('is read as it comes where it is a pipe', async () => {
    const frames = traffic();
    const inTurn = [0, 1].flatMap((at) => frames.filter((frame) => frame.at === at));
    const { rows, opened } = await read(inTurn, false);
    expect(rows).toHaveLength(frames.length);
    expect(opened).toBe(1);
  });

  it.each([
    [249_999, 2],
    [250_000, 3],
  ])('is one whose packets go back by %i us', async (back, opened) => {
    const way = new Way(CLIENT, [{ delay: 0 }]);
    talk(way, CLIENT, SERVER);
    const frames = way.sorted().map((frame) => ({ ...frame, time: frame.time / 2 }));
    const last = frames.at(-1)!;
    const early = { ...last, at: 1, time: last.time - back };
    expect((await read([...frames, early])).opened).toBe(opened);
  });
});
