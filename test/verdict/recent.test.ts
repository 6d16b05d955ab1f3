import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/connection.ts';
import { RST, SYN } from '../../src/model/flags.ts';
import { ChecksumStatus, SegmentView } from '../../src/model/segment.ts';
import { RecentPackets } from '../../src/verdict/recent.ts';
import { view } from '../support/segments.ts';

const newSender = () => ({ recent: -1 }) as Endpoint;

/** Is a packet with `second` taken for a copy of one with `first`? */
function isCopy(first: Partial<SegmentView>, second: Partial<SegmentView>, hasId = true, shortest = 0): boolean {
  const recent = new RecentPackets();
  const sender = newSender();
  recent.add(sender, view(first));
  return recent.find(sender, view(second), hasId, shortest);
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

  it.each<Partial<SegmentView>>([
    { seq: 0xfffffff0 },
    { ack: 0xfffffff0 },
    { flags: 16 },
    { rawWindow: 7 },
    { tcpChecksumFound: 7 },
    { tsVal: 0xfffffff0 },
  ])('is the same in %o', (fields) => {
    expect([isCopy(fields, fields), isCopy(fields, {})]).toEqual([true, false]);
  });

  it('without an ID comes sooner than a host would send it again', () => {
    const after = (time: number) => isCopy({ time: 5 }, { time: 5 + time }, false, 100);
    expect([after(99), after(100)]).toEqual([true, false]);
  });

  it('is told with the frame, the time, the TTL and the place of the first', () => {
    const recent = new RecentPackets();
    const sender = newSender();
    recent.add(sender, view({ frame: 9, time: 77, ttl: 255, vlan: 4, vlanTags: 1 }));
    const found = (fields: Partial<SegmentView>) => {
      expect(recent.find(sender, view(fields), true, 0)).toBe(true);
      return [recent.foundFrame, recent.foundTime, recent.foundTtl, recent.foundElsewhere];
    };
    expect(found({ vlan: 4, vlanTags: 1 })).toEqual([9, 77, 255, false]);
    for (const place of [
      { vlan: 5, vlanTags: 1 },
      { vlan: 4, vlanTags: 2 },
      { vlan: 4, vlanTags: 1, interfaceId: 1 },
    ])
      expect(found(place)[3]).toBe(true);
  });

  it('is looked for among the latest 96 of its sender, and 16,384 of all', () => {
    const after = (own: number, others: number) => {
      const recent = new RecentPackets();
      const [sender, other] = [newSender(), newSender()];
      recent.add(sender, view({ seq: 1 }));
      for (let i = 0; i < own; i++) recent.add(sender, view({ seq: 100 + i }));
      for (let i = 0; i < others; i++) recent.add(other, view({ seq: 5 }));
      return recent.find(sender, view({ seq: 1 }), true, 0);
    };
    expect([after(95, 0), after(96, 0)]).toEqual([true, false]);
    expect([after(0, 16_383), after(0, 16_384)]).toEqual([true, false]);
  });

  it('packets that are passed by count for the age of what is kept', () => {
    const after = (count: number) => {
      const recent = new RecentPackets();
      const sender = newSender();
      recent.add(sender, view({ seq: 1 }));
      recent.skip(count);
      return recent.find(sender, view({ seq: 1 }), true, 0);
    };
    expect([after(16_383), after(16_384)]).toEqual([true, false]);
  });
});

describe('other bytes in the same place', () => {
  /** Packets of one sender: where each begins, and its bytes. The last one is held against those before. */
  const contradiction = (...packets: [seq: number, text: string, fields?: Partial<SegmentView>][]) => {
    const recent = new RecentPackets();
    const sender = newSender();
    let last = new SegmentView();
    for (const [i, [seq, text, fields]] of packets.entries()) {
      const bytes = new TextEncoder().encode(text);
      last = view({
        seq: seq >>> 0,
        frame: i + 1,
        ttl: 60 + i,
        ipId: 100 + i,
        ipVersion: 4,
        bytes,
        data: new DataView(bytes.buffer),
        payloadOffset: 0,
        payloadLength: bytes.length,
        payloadCaptured: bytes.length,
        tcpChecksumStatus: ChecksumStatus.GOOD,
        ...fields,
      });
      recent.add(sender, last);
    }
    return recent.contradiction(sender, last);
  };
  const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

  it('are shown from both, with what made the first', () => {
    const found = contradiction([1, 'hello'], [1, 'jello']);
    expect(found).toMatchObject({ frame: 1, ttl: 60, ipId: 100, offset: 0 });
    expect([text(found?.earlier), text(found?.later)]).toEqual(['hello', 'jello']);
    expect(contradiction([1, 'hello'], [1, 'hello'])).toBeNull();
  });

  it('are seen where a byte of both is in the same place, around 2^32 too', () => {
    expect(contradiction([1, 'hello'], [5, 'x!'])).toMatchObject({ offset: 0 });
    expect(contradiction([1, 'hello'], [6, 'x!'])).toBeNull();
    expect(contradiction([5, 'x!'], [1, 'hello'])).toMatchObject({ offset: 4 });
    expect(contradiction([6, 'x!'], [1, 'hello'])).toBeNull();
    expect(contradiction([0xffffffff, 'abcd'], [1, 'cX'])).toMatchObject({ frame: 1 });
    expect(contradiction([0xffffffff, 'abcd'], [1, 'cd'])).toBeNull();
  });

  it('are those of the first sixteen bytes', () => {
    const long = '0123456789abcdefgh';
    expect(contradiction([1, long], [1, long.replace('f', 'X')])).toMatchObject({ offset: 0 });
    expect(contradiction([1, long], [1, long.replace('g', 'X')])).toBeNull();
    // In a short packet all of its bytes.
    for (const length of [2, 3, 5, 8, 13, 15]) {
      const short = long.slice(0, length);
      expect(contradiction([1, short], [1, `${short.slice(0, -1)}X`])).not.toBeNull();
      expect(contradiction([1, short], [1, short])).toBeNull();
    }
  });

  it('are none of one byte, of a reset, or where a checksum does not vouch for them', () => {
    expect([contradiction([1, 'a'], [1, 'bc']), contradiction([1, 'ab'], [1, 'c'])]).toEqual([null, null]);
    expect(contradiction([1, 'hello', { flags: RST }], [1, 'jello'])).toBeNull();
    const bad = { tcpChecksumStatus: ChecksumStatus.BAD };
    expect([contradiction([1, 'hello', bad], [1, 'jello']), contradiction([1, 'hello'], [1, 'jello', bad])]).toEqual([
      null,
      null,
    ]);
    expect(contradiction([1, 'hello', { tcpChecksumStatus: ChecksumStatus.OFFLOAD }], [1, 'jello'])).not.toBeNull();
  });

  it('of a SYN begin one number later', () => {
    expect(contradiction([0, 'hello', { flags: SYN }], [1, 'jello'])).toMatchObject({ frame: 1 });
    expect(contradiction([0, 'hello', { flags: SYN }], [1, 'hello'])).toBeNull();
  });

  it('are looked for until a packet is found that this one repeats', () => {
    expect(contradiction([1, 'hello'], [1, 'jello'], [1, 'jello'])).toBeNull();
    // A part of it says nothing of the rest.
    expect(contradiction([1, 'hello'], [1, 'je'], [1, 'jello'])).toMatchObject({ frame: 1 });
    expect(contradiction([1, 'hello'], [2, 'ello'], [1, 'jello'])).toMatchObject({ frame: 1 });
  });
});
