import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { RST, SYN } from '../../src/model/flags.ts';
import { ChecksumStatus, SegmentView } from '../../src/model/segment.ts';
import { RecentPackets } from '../../src/verdict/recent.ts';
import { randomNumbers } from '../support/random.ts';
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

  it.each([1, 62, 63, 64, 127, 128, 1000, (1 << 14) - 2, (1 << 14) - 1, 1 << 14])(
    'is found %i packets later',
    (later) => {
      for (const skips of [false, true]) {
        const recent = new RecentPackets();
        const [sender, other] = [newSender(), newSender()];
        recent.add(sender, view({ ipId: 7 }));
        if (skips) recent.skip(later - 1);
        for (let i = 0; i < (skips ? 1 : later); i++) recent.add(other, view({ ipId: i }));
        expect(recent.find(sender, view({ ipId: 7 }), true, 0)).toBe(later < 1 << 14);
      }
    },
  );

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

  it('at another place is the same though one of the two is cut: without timestamp, or without the sum of the card', () => {
    const bytes = new Uint8Array(200);
    const data = new DataView(bytes.buffer);
    const both = {
      bytes,
      data,
      tcpChecksumFound: 7,
      payloadLength: 100,
      rawWindow: 5,
      seq: 9,
      ack: 8,
      flags: 16,
      ipId: 3,
    };
    const offload = { tcpChecksumStatus: ChecksumStatus.OFFLOAD, tcpChecksumExpected: 9 };
    const whole = { ...both, ...offload, payloadCaptured: 100, tsVal: 6, ttl: 63 };
    const cut = { ...both, tcpChecksumStatus: ChecksumStatus.UNVERIFIED, payloadCaptured: 20, ttl: 64 };
    expect([isCopy(cut, whole), isCopy(whole, cut)]).toEqual([true, true]);
    expect([isCopy(cut, whole, false, 100), isCopy(whole, cut, false, 100)]).toEqual([false, false]);
    const others = [
      { ttl: 64 },
      { flags: 24 },
      { seq: 10 },
      { ack: 9 },
      { payloadLength: 99 },
      { rawWindow: 6 },
      { ipId: 4 },
    ];
    for (const other of [...others, { tcpChecksumFound: 8 }])
      expect(isCopy(cut, { ...whole, ...other }), JSON.stringify(other)).toBe(false);
    expect(isCopy({ ...cut, tsVal: 5 }, whole)).toBe(false);
    // What was captured whole twice has the same sum, or another content.
    expect(isCopy(whole, { ...whole, ttl: 62, tcpChecksumStatus: ChecksumStatus.GOOD, tcpChecksumFound: 9 })).toBe(
      true,
    );
    expect(isCopy(whole, { ...whole, ttl: 62, tcpChecksumStatus: ChecksumStatus.GOOD, tcpChecksumFound: 10 })).toBe(
      false,
    );
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

describe('places', () => {
  it('are the same where interface, VLAN and the number of tags are', () => {
    const places = [0, 1, 2].flatMap((interfaceId) =>
      [-1, 0, 1, 2, 62, 63, 64, 127, 255, 4094].flatMap((vlan) =>
        [0, 1, 2].map((vlanTags) => ({ interfaceId, vlan, vlanTags })),
      ),
    );
    for (const place of places) {
      const recent = new RecentPackets();
      const sender = newSender();
      recent.add(sender, view(place));
      const same = places.filter((other) => recent.find(sender, view(other), true, 0) && !recent.foundElsewhere);
      expect(same).toEqual([place]);
    }
  });
});

describe('what is kept of the latest packets', () => {
  /** A packet of `text`, as a capture holds it; the checksum differs with the text. */
  const packetOf = (text: string, fields: Partial<SegmentView>) => {
    const bytes = new TextEncoder().encode(`..${text}`);
    const data = new DataView(bytes.buffer);
    const lengths = { payloadLength: text.length, payloadCaptured: text.length };
    return view({ bytes, data, payloadOffset: 2, ...lengths, tcpChecksumStatus: ChecksumStatus.GOOD, ...fields });
  };

  it('is that of each of them, whatever lies beside it', () => {
    const random = randomNumbers(13);
    const recent = new RecentPackets();
    const senders = [newSender(), newSender(), newSender()];
    const sent: SegmentView[][] = [[], [], []];
    const high = () => random(2 ** 32);
    for (let frame = 1; frame <= 300; frame++) {
      const who = random(3);
      const text = Array.from({ length: random(20) }, () => 'ab'[random(2)]).join('');
      const packet = packetOf(text, {
        ...{
          frame: frame + 0xf0000000,
          time: random(1e9),
          seq: high(),
          ack: high(),
          flags: random(256),
          ttl: random(256),
        },
        ...{
          rawWindow: random(65536),
          tcpChecksumFound: random(65536),
          tsVal: high(),
          ipId: high(),
          vlan: random(4096),
        },
      });
      recent.add(senders[who], packet);
      sent[who].push(packet);
      // One that was sent lately, and the same but for one number.
      const lately = sent[who].slice(-90);
      const again = lately[random(lately.length)];
      expect(recent.find(senders[who], again, true, 0)).toBe(true);
      expect([recent.foundFrame, recent.foundTime, recent.foundTtl, recent.foundElsewhere]).toEqual([
        ...[again.frame, again.time, again.ttl, false],
      ]);
      const fields = [
        'seq',
        'ack',
        'flags',
        'rawWindow',
        'tcpChecksumFound',
        'tsVal',
        'ipId',
        'payloadLength',
      ] as const;
      const name = fields[random(fields.length)];
      expect(recent.find(senders[who], Object.assign(view(again), { [name]: again[name] ^ 1 }), true, 0)).toBe(false);
    }
  });

  it('tells of other bytes as far as the first sixteen of each packet do', () => {
    const random = randomNumbers(17);
    let found = 0;
    for (let round = 0; round < 150; round++) {
      const recent = new RecentPackets();
      const sender = newSender();
      const [base, sent]: [number, SegmentView[]] = [2 ** 32 - 20, []];
      for (let frame = 1; frame <= 5; frame++) {
        const at = random(30);
        // What stands at a place is nearly always the same.
        const other = random(4) === 0 ? random(24) : -1;
        const text = Array.from({ length: random(24) }, (_, i) => 'abcdefg'[(at + i + (i === other ? 1 : 0)) % 7]).join(
          '',
        );
        const packet = packetOf(text, { frame, seq: (base + at) >>> 0, ttl: 60 + frame, ipId: 70 + frame });
        recent.add(sender, packet);
        const here = (one: SegmentView, i: number) => one.bytes[one.payloadOffset + i];
        let expected: [frame: number, offset: number, earlier: string, later: string] | null = null;
        for (const one of text.length < 2 ? [] : [...sent].reverse()) {
          const start = (one.seq - packet.seq) | 0;
          const from = Math.max(start, 0);
          const to = Math.min(start + Math.min(one.payloadLength, 16), text.length);
          if (one.payloadLength < 2 || start >= text.length || start + one.payloadLength <= 0) continue;
          const places = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
          if (places.some((i) => here(one, i - start) !== here(packet, i))) {
            const earlier = places.map((i) => String.fromCharCode(here(one, i - start))).join('');
            expected = [one.frame, from, earlier, text.slice(from, to)];
            break;
          }
          if (start <= 0 && start + one.payloadLength >= text.length) break;
        }
        const said = recent.contradiction(sender, packet);
        const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        expect(said && [said.frame, said.offset, decode(said.earlier), decode(said.later)]).toEqual(expected);
        if (said !== null) expect([said.ttl, said.ipId]).toEqual([60 + said.frame, 70 + said.frame]);
        if (said !== null) found++;
        sent.push(packet);
      }
    }
    expect(found).toBeGreaterThan(50);
  });

  it('is looked through for other bytes as far as 1024 packets back, while it is kept', () => {
    const after = (own: number, others = 0) => {
      const recent = new RecentPackets();
      const [sender, other] = [newSender(), newSender()];
      recent.add(sender, packetOf('hello', { seq: 1 }));
      for (let i = 0; i < own; i++) recent.add(sender, packetOf('', { seq: 100 }));
      for (let i = 0; i < others; i++) recent.add(other, packetOf('', { seq: 100 }));
      const last = packetOf('jello', { seq: 1 });
      recent.add(sender, last);
      return recent.contradiction(sender, last) !== null;
    };
    expect([after(1023), after(1024)]).toEqual([true, false]);
    expect([after(0, 16_382), after(0, 16_383)]).toEqual([true, false]);
  });

  it('is the copy that was captured before the network card had filled in its checksum, too', () => {
    const offload = { tcpChecksumStatus: ChecksumStatus.OFFLOAD, tcpChecksumFound: 5, tcpChecksumExpected: 9 };
    expect(isCopy(offload, { tcpChecksumStatus: ChecksumStatus.GOOD, tcpChecksumFound: 9 })).toBe(true);
    expect(isCopy(offload, { tcpChecksumStatus: ChecksumStatus.GOOD, tcpChecksumFound: 5 })).toBe(false);
  });
});
