import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ChecksumStatus, DecodeStatus, Layer, Option } from '../../src/model/segment.ts';
import {
  decode,
  ethernet,
  hex,
  ipv4,
  ipv6,
  join,
  LINK_RAW,
  options,
  ramp,
  type TcpFields,
  tcpSegment,
  u32,
  zeros,
} from './build.ts';

const raw = { linkType: LINK_RAW };
const TIMESTAMPS = [1, 1, 8, 10, ...u32(0xfedcba98), ...u32(0x01234567)];

describe('TCP header', () => {
  it('fills every field', () => {
    const view = decode(
      ethernet(
        ipv4(
          {},
          tcpSegment({
            srcPort: 65535,
            dstPort: 1,
            seq: 0xffffffff,
            ack: 0xfffffffe,
            flags: 0xfff,
            window: 65535,
            urgent: 513,
            payload: ramp(3),
          }),
        ),
      ),
      { number: 77, time: 12.5e9, interfaceId: 2 },
    );
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.layer).toBe(Layer.TCP);
    expect([view.statusOffset, view.needed, view.had]).toEqual([0, 0, 0]);
    expect([view.frame, view.time, view.interfaceId]).toEqual([77, 12.5e9, 2]);
    expect([view.srcPort, view.dstPort]).toEqual([65535, 1]);
    expect([view.seq, view.ack]).toEqual([0xffffffff, 0xfffffffe]);
    expect(view.flags).toBe(0xfff);
    expect(view.rawWindow).toBe(65535);
    expect(view.urgentPointer).toBe(513);
    expect(view.headerLength).toBe(20);
    expect(view.tcpOffset).toBe(view.recordOffset + 34);
    expect([view.payloadOffset, view.payloadLength, view.payloadCaptured]).toEqual([view.tcpOffset + 20, 3, 3]);
    expect(view.options).toBe(0);
    expect(view.tcpChecksumExpected).toBe(view.tcpChecksumFound);
    expect([view.mss, view.wscale, view.tsVal, view.tsEcr, view.sackCount]).toEqual([0, 0, 0, 0, 0]);
    expect([view.tfoCookieLength, view.mptcpOffset]).toEqual([-1, -1]);
    expect([view.capturedLength, view.originalLength]).toEqual([57, 57]);
  });

  it.each(Array.from({ length: 12 }, (_, bit) => 1 << bit))('reads control bits %i', (flags) => {
    expect(decode(ipv4({}, tcpSegment({ flags })), raw).flags).toBe(flags);
  });

  it('reads timestamps in their common place', () => {
    const view = decode(ipv4({}, tcpSegment({ options: TIMESTAMPS, payload: ramp(2) })), raw);
    expect(view.options).toBe(Option.TIMESTAMPS);
    expect([view.tsVal, view.tsEcr]).toEqual([0xfedcba98, 0x01234567]);
    expect([view.headerLength, view.payloadLength]).toEqual([32, 2]);
  });

  it.each([0, 1, 2, 3, 4])('data offset %i is malformed, the fields are read', (dataOffset) => {
    const view = decode(ethernet(ipv4({}, tcpSegment({ dataOffset, payload: ramp(30) }))));
    expect([view.status, view.layer]).toEqual([DecodeStatus.MALFORMED, Layer.TCP]);
    expect([view.statusOffset, view.needed, view.had]).toEqual([34, 20, dataOffset * 4]);
    expect([view.srcPort, view.dstPort, view.seq, view.ack, view.rawWindow]).toEqual([
      40000, 443, 0xfffffff0, 0x80000001, 501,
    ]);
    expect(view.headerLength).toBe(dataOffset * 4);
    expect([view.payloadLength, view.payloadCaptured]).toEqual([0, 0]);
    expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
  });

  it('a data offset beyond the segment is malformed, the fields and options are read', () => {
    const view = decode(ethernet(ipv4({}, tcpSegment({ dataOffset: 15, options: [2, 4, 5, 0xb4] }))));
    expect([view.status, view.layer]).toEqual([DecodeStatus.MALFORMED, Layer.TCP]);
    expect([view.needed, view.had]).toEqual([60, 24]);
    expect(view.mss).toBe(1460);
    expect([view.payloadLength, view.payloadCaptured]).toEqual([0, 0]);
  });

  it.each([0, 1, 8, 13, 19])('a packet with %i octets of TCP is malformed, its fields are read as far', (length) => {
    const bytes = ipv4({}, tcpSegment()(hex('c0000201'), hex('c6336402')).subarray(0, length));
    const view = decode(join(ethernet(bytes), zeros(20)));
    expect([view.status, view.layer, view.needed, view.had]).toEqual([DecodeStatus.MALFORMED, Layer.TCP, 20, length]);
    expect(view.srcPort).toBe(length >= 4 ? 40000 : 0);
    expect(view.seq).toBe(length >= 8 ? 0xfffffff0 : 0);
    expect(view.ack).toBe(length >= 12 ? 0x80000001 : 0);
  });

  it('cut within the fixed header: reads what is there', () => {
    const bytes = ipv4({}, tcpSegment({ flags: 0x012, window: 777 }));
    for (let had = 0; had < 20; had++) {
      const view = decode(bytes, { ...raw, captured: 20 + had });
      expect([view.status, view.layer, view.statusOffset, view.needed, view.had]).toEqual([
        DecodeStatus.CUT_SHORT,
        Layer.TCP,
        20,
        20,
        had,
      ]);
      expect([view.srcPort, view.dstPort]).toEqual(had >= 4 ? [40000, 443] : [0, 0]);
      expect(view.seq).toBe(had >= 8 ? 0xfffffff0 : 0);
      expect(view.ack).toBe(had >= 12 ? 0x80000001 : 0);
      expect(view.flags).toBe(had >= 14 ? 0x012 : 0);
      expect(view.rawWindow).toBe(had >= 16 ? 777 : 0);
      expect(view.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
      expect([view.payloadLength, view.options]).toEqual([0, 0]);
    }
  });

  it('cut within the options: TCP, with the options as far as they are', () => {
    const bytes = ipv4(
      {},
      tcpSegment({
        flags: 0x012,
        options: [2, 4, 5, 0xb4, 4, 2, 8, 10, ...u32(5), ...u32(6), 1, 3, 3, 7],
        payload: ramp(9),
      }),
    );
    const seen = (captured: number) => {
      const view = decode(bytes, { ...raw, captured: 40 + captured });
      expect(view.status).toBe(DecodeStatus.TCP);
      expect([view.payloadLength, view.payloadCaptured]).toEqual([9, Math.max(0, captured - 20)]);
      expect(view.tcpChecksumStatus).toBe(captured === 29 ? ChecksumStatus.GOOD : ChecksumStatus.UNVERIFIED);
      return view.options;
    };
    const all = Option.MSS | Option.SACK_PERMITTED | Option.TIMESTAMPS | Option.WSCALE;
    expect(seen(0)).toBe(Option.CUT);
    expect(seen(3)).toBe(Option.CUT);
    expect(seen(4)).toBe(Option.MSS | Option.CUT);
    expect(seen(14)).toBe(Option.MSS | Option.SACK_PERMITTED | Option.CUT);
    expect(seen(16)).toBe((all | Option.CUT) & ~Option.WSCALE);
    expect(seen(19)).toBe((all | Option.CUT) & ~Option.WSCALE);
    expect(seen(20)).toBe(all);
    expect(seen(29)).toBe(all);
  });

  it('takes the half of the time stamps that a SYN needs', () => {
    const bytes = ipv4(
      {},
      tcpSegment({ flags: 0x002, options: [2, 4, 5, 0xb4, 4, 2, 8, 10, ...u32(0x9abcdef0), ...u32(0), 1, 3, 3, 7] }),
    );
    const view = decode(ethernet(bytes), { captured: 68 });
    expect(view.options).toBe(Option.MSS | Option.SACK_PERMITTED | Option.TIMESTAMPS | Option.CUT);
    expect([view.tsVal, view.tsEcr]).toEqual([0x9abcdef0, 0]);
    expect(decode(ethernet(bytes), { captured: 65 }).options).toBe(Option.MSS | Option.SACK_PERMITTED | Option.CUT);
  });

  it('tells captured payload from payload', () => {
    const bytes = ipv4({}, tcpSegment({ options: TIMESTAMPS, payload: ramp(100) }));
    for (let captured = 0; captured <= 100; captured += 10) {
      const view = decode(bytes, { ...raw, captured: 52 + captured });
      expect([view.payloadLength, view.payloadCaptured]).toEqual([100, captured]);
    }
  });

  it('believes the octets of a record that claims fewer on the wire', () => {
    const view = decode(ipv4({}, tcpSegment({ payload: ramp(10) })), { ...raw, originalLength: 3 });
    expect(view.status).toBe(DecodeStatus.TCP);
    expect(view.payloadCaptured).toBe(10);
  });
});

describe('TCP checksum', () => {
  const sizes = [0, 1, 2, 3, 60, 107, 108, 109, 110, 500, 1447, 1448];
  const versions: [string, (fields: TcpFields) => Uint8Array][] = [
    ['IPv4', (fields) => ipv4({}, tcpSegment(fields))],
    ['IPv6', (fields) => ipv6({}, tcpSegment(fields))],
  ];
  describe.each(versions)('%s', (_, packet) => {
    it.each(sizes)('of %i octets: good, bad and partial', (size) => {
      const payload = ramp(size, 3);
      for (let offset = 0; offset < 8; offset++) {
        const at = { ...raw, offset };
        const good = decode(packet({ payload }), at);
        expect(good.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
        const bad = decode(packet({ payload, checksum: 0x1234 }), at);
        expect(bad.tcpChecksumStatus).toBe(ChecksumStatus.BAD);
        expect(bad.tcpChecksumFound).toBe(0x1234);
        expect(bad.tcpChecksumExpected).toBe(good.tcpChecksumFound);
        const partial = decode(packet({ payload, checksum: 'partial' }), at);
        expect(partial.tcpChecksumStatus).toBe(ChecksumStatus.OFFLOAD);
        expect(partial.tcpChecksumExpected).toBe(good.tcpChecksumFound);
      }
    });

    it('takes a partial checksum without length for offload only in segments that were not cut yet', () => {
      const of = (size: number) => decode(packet({ payload: ramp(size), checksum: 'partial-without-length' }), raw);
      expect(of(4000).tcpChecksumStatus).toBe(ChecksumStatus.OFFLOAD);
      expect(of(100).tcpChecksumStatus).toBe(ChecksumStatus.BAD);
    });

    it('is unverified when the capture cut the segment', () => {
      const bytes = packet({ payload: ramp(10) });
      const view = decode(bytes, { ...raw, captured: bytes.length - 1 });
      expect(view.tcpChecksumStatus).toBe(ChecksumStatus.UNVERIFIED);
      expect(view.tcpChecksumExpected).toBe(0);
    });

    it('verifies a large segment', () => {
      expect(decode(packet({ payload: ramp(60_000) }), raw).tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
    });
  });

  it('takes both zeros of ones complement for right', () => {
    // A payload that makes the checksum come out as 0: the sender may write 0xffff as well.
    for (let low = 0; low < 0x10000; low++) {
      const packet = ipv4({}, tcpSegment({ payload: [low >>> 8, low & 255] }));
      if (packet[36] !== 0 || packet[37] !== 0) continue;
      expect(decode(packet, raw).tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
      packet[36] = 0xff;
      packet[37] = 0xff;
      const view = decode(packet, raw);
      expect(view.tcpChecksumStatus).toBe(ChecksumStatus.GOOD);
      expect(view.tcpChecksumFound).toBe(0xffff);
      packet[36] = 0x12;
      expect(decode(packet, raw).tcpChecksumExpected).toBe(0);
      return;
    }
    expect.unreachable();
  });

  const seeds = fileURLToPath(new URL('../../../shared/seeds/', import.meta.url));
  const seed = existsSync(seeds) ? readdirSync(seeds).find((name) => name.startsWith('000')) : undefined;
  it.skipIf(seed === undefined)('finds what tcpdump printed', () => {
    const text = readFileSync(seeds + seed, 'utf8');
    const packets = text.split(/^\d\d:\d\d:\d\d/m).slice(1);
    expect(packets).toHaveLength(11);
    for (const [i, packet] of packets.entries()) {
      const bytes = hex([...packet.matchAll(/^\t0x[0-9a-f]{4}: {2}([0-9a-f ]+?) {2}/gm)].map((m) => m[1]).join(''));
      const view = decode(bytes, raw);
      const printed = /cksum (0x\w+) \((?:incorrect -> (0x\w+)|correct)\)/.exec(packet);
      const length = /length (\d+)$/.exec(packet.split('\n')[1]);
      expect(view.status).toBe(DecodeStatus.TCP);
      expect(view.payloadLength).toBe(Number(length?.[1]));
      expect(view.tcpChecksumFound).toBe(Number(printed?.[1]));
      expect(view.tcpChecksumExpected).toBe(Number(printed?.[2] ?? printed?.[1]));
      expect(view.tcpChecksumStatus).toBe(i === 10 ? ChecksumStatus.GOOD : ChecksumStatus.OFFLOAD);
      expect(view.ipChecksumStatus).toBe(ChecksumStatus.GOOD);
    }
  });
});

describe('padding of options', () => {
  it('pads in the builder', () => {
    expect(options([1, 1, 1, 1, 1])).toHaveLength(8);
  });
});
