import { describe, expect, it } from 'vitest';
import { ACK } from '../../src/model/flags.ts';
import type { PacketRow } from '../../src/model/row.ts';
import { MOST_SENT, Side } from '../../src/story/sent.ts';

/** A segment of ten bytes. */
const segment = (frame: number) => {
  const seq = 1 + 10 * (frame - 1);
  const view = { flags: ACK, frame, payloadLength: 10 };
  return { view, seq, end: seq + 10, ack: 1, window: 1000 } as PacketRow;
};

describe('Side', () => {
  it.each([
    [MOST_SENT, 1],
    [MOST_SENT + 1, 2],
  ])('remembers the latest of %i unacknowledged segments', (sent, first) => {
    const side = new Side();
    for (let frame = 1; frame <= sent; frame++) side.take(segment(frame));
    expect(side.dataBytes).toBe(10 * sent);
    expect(
      side
        .acknowledged(1 + 10 * sent)
        .map(({ frame }) => frame)
        .slice(0, 1),
    ).toEqual([first]);
    expect(side.waiting).toHaveLength(0);
  });

  it('counts repeated bytes once, and takes what is covered away', () => {
    const side = new Side();
    for (const frame of [1, 2, 1, 3]) side.take(segment(frame));
    expect(side.dataBytes).toBe(30);
    expect(side.acknowledged(20).map(({ frame }) => frame)).toEqual([1]);
    expect(side.acknowledged(31).map(({ frame }) => frame)).toEqual([2, 3]);
  });
});
