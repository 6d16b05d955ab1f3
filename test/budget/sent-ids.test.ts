import { describe, expect, it } from 'vitest';
import { SentIds } from '../../src/budget/sent-ids.ts';
import { SegmentView } from '../../src/model/segment.ts';

const MSS = 1460;

/** What the last of these packets shows: each an IP ID, or one with the bytes of its data. */
function missed(...packets: readonly (number | readonly [id: number, length: number])[]): number {
  const ids = new SentIds();
  let last = 0;
  for (const packet of packets) {
    const [ipId, payloadLength] = typeof packet === 'number' ? [packet, 0] : packet;
    last = ids.missedBefore(Object.assign(new SegmentView(), { ipVersion: 4, ipId, payloadLength }), MSS);
  }
  return last;
}

/** Consecutive IDs from `first` on. */
const run = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

describe('IP IDs that count the packets of a sender', () => {
  it.each([
    [[7, 8, 9], 0],
    [[7, 8, 10], 1],
    [[7, 8, 20], 11],
    [[65534, 65535, 1], 1],
    // Nothing shows yet that they count.
    [[7, 9], 0],
    [[7], 0],
  ])('%j: %i are missing', (ids, count) => expect(missed(...ids)).toBe(count));

  it('are as many as the segments of a frame', () => {
    expect(missed(7, [8, 2 * MSS], 10)).toBe(0);
    expect(missed(7, [8, 2 * MSS], 11)).toBe(1);
    expect(missed(7, [8, 2 * MSS + 1], 11)).toBe(0);
  });

  it('show nothing where one in nine and more is no next one', () => {
    expect(missed(...run(1, 8), ...run(10, 1), 12)).toBe(0);
    expect(missed(...run(1, 9), ...run(11, 1), 13)).toBe(1);
  });

  it('may come late, but not from anywhere', () => {
    expect(missed(100, 101, 37, 103)).toBe(1);
    // What falls by more than 64 is no late packet.
    expect(missed(100, 101, 36, 38)).toBe(0);
  });

  it('are those of IPv4, and not 0', () => {
    expect(missed(7, 8, 0, 10)).toBe(1);
    const ids = new SentIds();
    const six = (ipId: number) =>
      ids.missedBefore(Object.assign(new SegmentView(), { ipVersion: 6, ipId, payloadLength: 0 }), MSS);
    expect([six(7), six(8), six(10)]).toEqual([0, 0, 0]);
  });
});
