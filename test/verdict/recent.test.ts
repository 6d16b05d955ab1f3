import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/connection.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { RecentPackets } from '../../src/verdict/recent.ts';

/** Is a packet with `second` taken for a copy of one with `first`? */
function isCopy(first: Partial<SegmentView>, second: Partial<SegmentView>): boolean {
  const recent = new RecentPackets();
  const sender = { recent: -1 } as Endpoint;
  recent.add(sender, Object.assign(new SegmentView(), first));
  return recent.find(sender, Object.assign(new SegmentView(), second), true, 0);
}

describe('a second copy', () => {
  it('has the same identification, in all 32 bits of an IPv6 fragment header', () => {
    expect(isCopy({ ipId: 0xf1000001 }, { ipId: 0xf1000001 })).toBe(true);
    expect(isCopy({ ipId: 0xf1000001 }, { ipId: 0x01000001 })).toBe(false);
  });

  it('has the same length, beyond a mebibyte too', () => {
    expect(isCopy({ payloadLength: 1 << 20 }, { payloadLength: 1 << 20 })).toBe(true);
    expect(isCopy({ payloadLength: 1 << 20 }, { payloadLength: 2 << 20 })).toBe(false);
  });
});
