import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/decode/decoder.ts';
import { ChecksumStatus, DecodeStatus, Layer, SegmentView } from '../../src/model/segment.ts';
import {
  address,
  type Bytes,
  dirtyView,
  ethernet,
  ipv4,
  ipv6,
  join,
  LINK_RAW,
  ramp,
  record,
  tcpSegment,
  u16,
  u32,
  zeros,
} from './build.ts';

const SOURCE = '192.0.2.1';
const DESTINATION = '198.51.100.2';

function segment(payload: number): Bytes {
  return tcpSegment({ payload: ramp(payload) })(address(SOURCE), address(DESTINATION));
}

interface Piece {
  start: number;
  end: number;
}

function piece(whole: Bytes, { start, end }: Piece, id = 7, more = end < whole.length): Bytes {
  return ipv4({ id, fragment: (start >> 3) | (more ? 0x2000 : 0) }, whole.subarray(start, end));
}

function piece6(whole: Bytes, { start, end }: Piece, id = 7, next = 6): Bytes {
  const header = [next, 0, ...u16(start | (end < whole.length ? 1 : 0)), ...u32(id)];
  return ipv6({ next: 44, extensions: header }, whole.subarray(start, end));
}

function cutAt(length: number, ...cuts: number[]): Piece[] {
  const edges = [0, ...cuts, length];
  return edges.slice(1).map((end, i) => ({ start: edges[i], end }));
}

function run(packets: Bytes[], decoder = new Decoder(), seconds = 0): SegmentView[] {
  return packets.map((packet, i) => {
    const view = dirtyView();
    decoder.decode(record(packet, { linkType: LINK_RAW, number: i + 1, time: seconds * 1e9 }), view);
    return view;
  });
}

function expectWhole(view: SegmentView, payload: number): void {
  expect(view.status).toBe(DecodeStatus.TCP);
  expect(view.reassembled).toBe(true);
  expect(view.srcPort).toBe(40000);
  expect(view.payloadLength).toBe(payload);
  expect(view.payloadCaptured).toBe(payload);
  expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  expect([...view.bytes.subarray(view.payloadOffset, view.payloadOffset + payload)]).toEqual([...ramp(payload)]);
}

describe('fragments', () => {
  const whole = segment(100);

  it('completes a datagram with its last fragment', () => {
    const [first, second, third] = run(cutAt(120, 40, 80).map((p) => piece(whole, p)));
    expect(first.status).toBe(DecodeStatus.FRAGMENT);
    expect(first.layer).toBe(Layer.IPV4);
    expect(first.ipFragment).toBe(0x2000);
    expect(first.reassembled).toBe(false);
    // The first fragment has the ports.
    expect([first.srcPort, first.dstPort, first.seq, first.flags]).toEqual([40000, 443, 0xfffffff0, 0x018]);
    expect(first.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
    expect(second.status).toBe(DecodeStatus.FRAGMENT);
    expect(second.srcPort).toBe(0);
    expectWhole(third, 100);
    expect(third.ipTotalLength).toBe(140);
    expect(third.ipHeaderLength).toBe(20);
    expect(third.tcpOffset - third.ipOffset).toBe(20);
    expect(third.bytes[third.ipOffset]).toBe(0x45);
    expect(third.recordBytes).not.toBe(third.bytes);
    expect(third.src3).toBe(0xc0000201 | 0);
    expect(third.frame).toBe(3);
  });

  it('completes in any order, with duplicates and agreeing overlaps', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(38), fc.nat(20)), { maxLength: 5 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (cuts, extra, six, order) => {
          const payload = 300;
          const data = six
            ? tcpSegment({ payload: ramp(payload) })(address('2001:db8::1'), address('2001:db8:ffff::2'))
            : segment(payload);
          const pieces = cutAt(320, ...cuts.map((c) => c * 8).sort((a, b) => a - b)).filter((p) => p.end > p.start);
          for (const [start, length] of extra)
            pieces.push({ start: start * 8, end: Math.min(320, (start + length + 1) * 8) });
          if (pieces.length === 1) return;
          const shuffled = pieces.map((p) => [order.next().value as number, p] as const).sort((a, b) => a[0] - b[0]);
          const views = run(shuffled.map(([, p]) => (six ? piece6(data, p) : piece(data, p))));
          const completed = views.filter((view) => view.status === DecodeStatus.TCP);
          // Extra pieces that come after completion begin the next datagram, which may even complete.
          expect(completed.length).toBeGreaterThanOrEqual(1);
          for (const view of completed) {
            if (view.reassembled) expectWhole(view, payload);
            else expect(view.payloadLength).toBe(payload);
          }
          for (const view of views) expect([DecodeStatus.TCP, DecodeStatus.FRAGMENT]).toContain(view.status);
        },
      ),
    );
  });

  it('reassembles an odd last fragment and IPv4 options of the first header', () => {
    const data = segment(43);
    const packets = [
      ipv4({ id: 9, fragment: 0x2000, options: [0x94, 4, 0, 0] }, data.subarray(0, 56)),
      piece(data, { start: 56, end: 63 }, 9),
    ];
    const view = run(packets)[1];
    expectWhole(view, 43);
    expect(view.ipHeaderLength).toBe(24);
    expect(view.bytes[view.ipOffset]).toBe(0x46);
  });

  it('keeps datagrams apart by identification, addresses, protocol, interface and VLAN', () => {
    const decoder = new Decoder();
    const [head, tail] = cutAt(120, 64);
    const first = ethernet(piece(whole, head));
    const view = new SegmentView();
    decoder.decode(record(first), view);
    const others: [Bytes, object][] = [
      [ethernet(piece(whole, tail, 8)), {}],
      [ethernet(ipv4({ id: 7, fragment: 8, src: '192.0.2.9' }, whole.subarray(64))), {}],
      [ethernet(ipv4({ id: 7, fragment: 8, dst: '192.0.2.9' }, whole.subarray(64))), {}],
      [ethernet(ipv4({ id: 7, fragment: 8, protocol: 17 }, whole.subarray(64))), {}],
      [ethernet(piece(whole, tail)), { interfaceId: 1 }],
      [ethernet(piece(whole, tail), 0x0800, [0x81, 0, 0, 5]), {}],
    ];
    for (const [bytes, fields] of others)
      expect(decoder.decode(record(bytes, fields), view)).toBe(DecodeStatus.FRAGMENT);
    expect(decoder.decode(record(ethernet(piece(whole, tail))), view)).toBe(DecodeStatus.TCP);
    expect(decoder.fragments.size).toBe(others.length);
  });

  it('abandons a datagram whose fragments disagree', () => {
    const other = Uint8Array.from(whole);
    other[70] ^= 1;
    const views = run([
      piece(whole, { start: 0, end: 80 }),
      piece(other, { start: 64, end: 96 }),
      piece(whole, { start: 80, end: 120 }),
      piece(whole, { start: 0, end: 80 }),
    ]);
    expect(views.map((v) => v.status)).toEqual([
      DecodeStatus.FRAGMENT,
      DecodeStatus.MALFORMED,
      DecodeStatus.FRAGMENT,
      DecodeStatus.FRAGMENT,
    ]);
    expect(views[1].layer).toBe(Layer.IPV4);
  });

  it.each([
    [
      'two different ends',
      [
        { start: 64, end: 120 },
        { start: 64, end: 112 },
      ],
      true,
    ],
    [
      'data beyond the end',
      [
        { start: 64, end: 80 },
        { start: 80, end: 96 },
      ],
      false,
    ],
  ] as const)('abandons %s', (_, pieces, bothLast) => {
    const views = run([
      piece(whole, pieces[0], 7, false),
      piece(whole, pieces[1], 7, !bothLast),
      piece(whole, { start: 0, end: 64 }),
    ]);
    expect(views.map((v) => v.status)).toEqual([DecodeStatus.FRAGMENT, DecodeStatus.MALFORMED, DecodeStatus.FRAGMENT]);
  });

  it('abandons an end before data that came earlier', () => {
    const views = run([piece(whole, { start: 64, end: 112 }, 7, true), piece(whole, { start: 8, end: 40 }, 7, false)]);
    expect(views[1].status).toBe(DecodeStatus.MALFORMED);
  });

  it.each([
    ['of no multiple of eight octets', ipv4({ fragment: 0x2000 }, ramp(21)), 24, 21],
    ['without octets', ipv4({ fragment: 0x2001 }, ramp(0)), 8, 0],
    ['beyond 65535 octets', ipv4({ fragment: 0x1fff }, ramp(100)), 65535, 65628],
  ])('refuses a fragment %s', (_, packet, needed, had) => {
    const [view] = run([packet]);
    expect(view.status).toBe(DecodeStatus.MALFORMED);
    expect([view.layer, view.needed, view.had]).toEqual([Layer.IPV4, needed, had]);
  });

  it('reassembles 65535 octets', () => {
    const data = segment(65515);
    const pieces = cutAt(65535, ...Array.from({ length: 44 }, (_, i) => (i + 1) * 1480));
    const views = run(pieces.map((p) => piece(data, p)));
    expect(views.at(-1)?.status).toBe(DecodeStatus.TCP);
    expect(views.at(-1)?.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it('forgets after the time-out, by capture time', () => {
    const [head, tail] = cutAt(120, 64);
    const decoder = new Decoder();
    run([piece(whole, head)], decoder, 0);
    expect(run([piece(whole, tail)], decoder, 29)[0].status).toBe(DecodeStatus.TCP);
    run([piece(whole, head)], decoder, 100);
    expect(run([piece(whole, tail)], decoder, 131)[0].status).toBe(DecodeStatus.FRAGMENT);
    expect(run([piece(whole, head)], decoder, 132)[0].status).toBe(DecodeStatus.TCP);
    expect(decoder.fragments.size).toBe(0);
    expect(decoder.fragments.bytes).toBe(0);
  });

  it('stays within its bounds', () => {
    const decoder = new Decoder({ fragments: { maxDatagrams: 10, maxBytes: 100_000 } });
    for (let id = 0; id < 2000; id++) {
      run(
        [
          piece(whole, { start: 0, end: 64 }, id & 0xffff),
          ipv4({ id, fragment: 0x2000 | ((id * 97) & 0x1fff) }, ramp(8)),
        ],
        decoder,
      );
      expect(decoder.fragments.size).toBeLessThanOrEqual(10);
      expect(decoder.fragments.bytes).toBeLessThanOrEqual(100_000);
    }
    // The newest still works.
    expect(
      run([piece(whole, { start: 0, end: 64 }, 9), piece(whole, { start: 64, end: 120 }, 9)], decoder)[1].status,
    ).toBe(DecodeStatus.TCP);
    const tiny = new Decoder({ fragments: { maxBytes: 1000 } });
    run([piece(whole, { start: 0, end: 64 })], tiny);
    expect(tiny.fragments.size).toBe(0);
    expect(tiny.fragments.bytes).toBe(0);
  });

  it('does not keep fragments of protocols that are not decoded', () => {
    const decoder = new Decoder();
    expect(run([ipv4({ protocol: 50, fragment: 0x2000 }, ramp(64))], decoder)[0].status).toBe(DecodeStatus.FRAGMENT);
    expect(decoder.fragments.size).toBe(0);
  });

  it('completes with fragments that the capture cut, as far as they were captured', () => {
    const decoder = new Decoder();
    const [a, b] = cutAt(120, 64);
    const view = dirtyView();
    decoder.decode(record(piece(whole, a), { linkType: LINK_RAW, captured: 20 + 30 }), view);
    expect(view.status).toBe(DecodeStatus.FRAGMENT);
    decoder.decode(record(piece(whole, b), { linkType: LINK_RAW }), view);
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.payloadLength).toBe(100);
    expect(view.payloadCaptured).toBe(10);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
    decoder.decode(record(piece(whole, a), { linkType: LINK_RAW, captured: 20 + 12 }), view);
    decoder.decode(record(piece(whole, b), { linkType: LINK_RAW }), view);
    expect(view.status).toBe(DecodeStatus.CUT_SHORT);
    expect([view.layer, view.needed, view.had]).toEqual([Layer.TCP, 20, 12]);
    expect(view.srcPort).toBe(40000);
    expect(view.seq).toBe(0xfffffff0);
    expect(view.ack).toBe(0x80000001);
  });

  it('does not confuse frames after a completed datagram', () => {
    const decoder = new Decoder();
    run(
      cutAt(120, 64).map((p) => piece(whole, p)),
      decoder,
    );
    const [view] = run([ipv4()], decoder);
    expect(view.reassembled).toBe(false);
    expect(view.bytes).toBe(view.recordBytes);
  });

  describe('IPv6', () => {
    const whole6 = tcpSegment({ payload: ramp(100) })(address('2001:db8::1'), address('2001:db8:ffff::2'));

    it('reassembles, out of order', () => {
      const [second, first] = run(
        cutAt(120, 64)
          .reverse()
          .map((p) => piece6(whole6, p, 0xdeadbeef)),
      );
      expect(second.status).toBe(DecodeStatus.FRAGMENT);
      expect(second.layer).toBe(Layer.IPV6);
      expect(second.ipId).toBe(0xdeadbeef);
      expect(second.ipFragment).toBe(8);
      expectWhole(first, 100);
      expect(first.ipTotalLength).toBe(160);
      expect(first.ipFragment).toBe(0x2000);
      expect(first.bytes[first.ipOffset] >>> 4).toBe(6);
    });

    it('takes the payload protocol of the first fragment', () => {
      const views = run([piece6(whole6, { start: 0, end: 64 }), piece6(whole6, { start: 64, end: 120 }, 7, 17)]);
      expectWhole(views[1], 100);
    });

    it('walks extension headers after the fragment header', () => {
      const data = join([6, 0, 1, 4, 0, 0, 0, 0], whole6);
      const views = run(cutAt(128, 64).map((p) => piece6(data, p, 3, 60)));
      expectWhole(views[1], 100);
    });

    it('decodes an atomic fragment at once (RFC 6946)', () => {
      const decoder = new Decoder();
      const [view] = run([ipv6({ next: 44, extensions: [6, 0, 0, 0, 0, 0, 0, 5] })], decoder);
      expect(view.status).toBe(DecodeStatus.TCP);
      expect(view.reassembled).toBe(false);
      expect(view.ipId).toBe(5);
      expect(view.ipHeaderLength).toBe(48);
      expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
      expect(decoder.fragments.size).toBe(0);
    });

    it('refuses a fragment within a reassembled datagram', () => {
      const data = join([6, 0, 0, 1, 0, 0, 0, 9], whole6, zeros(8));
      const views = run(cutAt(128 + 8, 64).map((p) => piece6(data, p, 3, 44)));
      // Fragment headers lead to nothing that is kept.
      expect(views[0].status).toBe(DecodeStatus.FRAGMENT);
      const nested = join([44, 0, 1, 4, 0, 0, 0, 0], data);
      const again = run(cutAt(136 + 8, 64).map((p) => piece6(nested, p, 3, 60)));
      expect(again[1].status).toBe(DecodeStatus.MALFORMED);
      expect(again[1].layer).toBe(Layer.IPV6);
    });

    it('abandons a conflict', () => {
      const other = Uint8Array.from(whole6);
      other[50] ^= 255;
      const views = run([piece6(whole6, { start: 0, end: 64 }), piece6(other, { start: 48, end: 120 })]);
      expect(views[1].status).toBe(DecodeStatus.MALFORMED);
    });
  });
});
