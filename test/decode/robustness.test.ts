import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/decode/decoder.ts';
import { LinkType } from '../../src/model/link-type.ts';
import { DecodeStatus, SegmentView } from '../../src/model/segment.ts';
import {
  type Bytes,
  dirtyView,
  ethernet,
  ipv4,
  ipv6,
  join,
  LINK_ETHERNET,
  ramp,
  record,
  snapshot,
  tcpSegment,
  u16,
  u32,
  udp,
  zeros,
} from './build.ts';

const LINK_TYPES = [...Object.values(LinkType), 105, 127];

/** One packet for each way through the layers. */
const OPTIONS = [2, 4, 5, 0xb4, 4, 2, 8, 10, ...u32(1), ...u32(2), 1, 3, 3, 7];
const SACK = [1, 1, 5, 18, ...u32(1), ...u32(2), ...u32(3), ...u32(4)];
const V4 = ipv4({}, tcpSegment({ options: OPTIONS, payload: ramp(40) }));
const V6 = ipv6({ next: 0, extensions: [6, 0, 1, 4, 0, 0, 0, 0] }, tcpSegment({ options: SACK, payload: ramp(40) }));
const PACKETS: Bytes[] = [
  ethernet(V4),
  ethernet(V6, 0x86dd, [0x81, 0, 0, 7]),
  ethernet(ipv4({ protocol: 17 }, udp(4789, join([8], zeros(7), ethernet(V6))))),
  ethernet(ipv4({ protocol: 17 }, udp(6081, join([1, 0, 0x65, 0x58], zeros(8), ethernet(V4))))),
  ethernet(ipv4({ protocol: 17 }, udp(2152, join([0x34, 255], u16(V4.length + 8), zeros(7), [0x85, 1, 0, 0, 0], V4)))),
  ethernet(ipv4({ protocol: 47 }, join([0xb0, 0, 0x65, 0x58], zeros(12), ethernet(V4)))),
  ethernet(ipv4({ protocol: 47 }, join([0x10, 0, 0x22, 0xeb], zeros(4), zeros(12), ethernet(V4)))),
  ethernet(ipv4({ protocol: 1 }, join([3, 4, 0, 0], u32(1400), V4))),
  ethernet(ipv6({ next: 58 }, join([2, 0, 0, 0], u32(1400), V6))),
  ethernet(ipv4({ fragment: 0x2000 }, V4.subarray(20, 60))),
  ethernet(ipv4({ fragment: 5 }, V4.subarray(60))),
  ethernet(ipv6({ next: 44, extensions: [6, 0, 0, 1, 0, 0, 0, 9] }, V6.subarray(48, 88))),
  ethernet(ipv6({ next: 44, extensions: [6, 0, 0, 40, 0, 0, 0, 9] }, V6.subarray(88))),
  ethernet(ipv6({ next: 43, extensions: [6, 2, 0, 1, 0, 0, 0, 0, ...ramp(16)] })),
  ethernet(join([0x11, 0, 0, 1], u16(V4.length + 2), u16(0x21), V4), 0x8864),
  ethernet(join(u32(0x10040), u32(0x10140), V6), 0x8847),
];

function statusIsKnown(status: number): boolean {
  return (Object.values(DecodeStatus) as number[]).includes(status);
}

/** Decodes several records through one decoder, into a dirty view each. */
function run(list: { bytes: Bytes; linkType: number; captured: number; poison: number; fresh?: boolean }[]) {
  const decoder = new Decoder();
  return list.map((item, i) => {
    const view = item.fresh ? new SegmentView() : dirtyView();
    const made = record(item.bytes, { ...item, number: i + 1, time: i * 1e6, offset: i % 9 });
    const status = decoder.decode(made, view);
    expect(status).toBe(view.status);
    expect(statusIsKnown(status)).toBe(true);
    check(view, made.offset + made.capturedLength);
    return snapshot(view);
  });
}

/** What holds for any view, whatever the octets were. */
function check(view: SegmentView, recordEnd: number): void {
  expect(view.payloadCaptured).toBeLessThanOrEqual(view.payloadLength);
  expect(view.payloadCaptured).toBeGreaterThanOrEqual(0);
  expect(view.sackCount).toBeLessThanOrEqual(4);
  expect(view.tunnelDepth).toBeLessThanOrEqual(8);
  const end = view.bytes === view.recordBytes ? recordEnd : view.bytes.length;
  if (view.payloadCaptured > 0) expect(view.payloadOffset + view.payloadCaptured).toBeLessThanOrEqual(end);
  if (view.status === DecodeStatus.TCP) {
    expect(view.tcpOffset + 20).toBeLessThanOrEqual(end);
    expect(view.headerLength).toBeGreaterThanOrEqual(20);
    expect(view.ipVersion === 4 || view.ipVersion === 6).toBe(true);
    expect(view.payloadOffset).toBe(view.tcpOffset + view.headerLength);
  }
  if (view.status === DecodeStatus.CUT_SHORT) {
    expect(view.needed).toBeGreaterThan(view.had);
    expect(view.had).toBeGreaterThanOrEqual(0);
  }
}

describe('any octets', () => {
  const packet = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    // Nearly right packets go deeper than random ones.
    fc
      .tuple(fc.constantFrom(...PACKETS), fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 6 }))
      .map(([base, changes]) => {
        const bytes = Uint8Array.from(base);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes;
      }),
  );
  const sequence = fc.array(
    fc.record({
      bytes: packet,
      linkType: fc.oneof({ weight: 3, arbitrary: fc.constant(LINK_ETHERNET) }, fc.constantFrom(...LINK_TYPES)),
      keep: fc.double({ min: 0, max: 1.3, noNaN: true }),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('never throw, never read beyond the capture, and leave no field of an earlier packet', () => {
    fc.assert(
      fc.property(sequence, (items) => {
        const list = items.map(({ bytes, linkType, keep }) => ({
          bytes,
          linkType,
          captured: Math.floor(bytes.length * Math.min(1, keep)),
        }));
        const one = run(list.map((item) => ({ ...item, poison: 0x00 })));
        const other = run(list.map((item) => ({ ...item, poison: 0xff, fresh: true })));
        expect(other).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });

  it.each(LINK_TYPES)('never throw under link type %i', (linkType) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        run([{ bytes, linkType, captured: bytes.length, poison: 0xff }]);
      }),
    );
  });

  it('say CUT_SHORT and nothing worse where a good packet is cut', () => {
    for (const bytes of PACKETS) {
      for (let captured = 0; captured <= bytes.length; captured++) {
        const [zero] = run([{ bytes, linkType: LINK_ETHERNET, captured, poison: 0 }]);
        const [ones] = run([{ bytes, linkType: LINK_ETHERNET, captured, poison: 0xff }]);
        expect(ones).toEqual(zero);
        expect(zero.status).not.toBe(DecodeStatus.MALFORMED);
      }
    }
  });

  it('say MALFORMED or less where a good packet really is that short', () => {
    for (const bytes of PACKETS) {
      for (let length = 0; length < bytes.length; length++) {
        const [view] = run([
          { bytes: bytes.subarray(0, length), linkType: LINK_ETHERNET, captured: length, poison: 0 },
        ]);
        expect(statusIsKnown(view.status as number)).toBe(true);
      }
    }
  });
});
