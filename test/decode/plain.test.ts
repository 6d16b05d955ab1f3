import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader.ts';
import { Cursor } from '../../src/decode/cursor.ts';
import { Decoder, type DecoderOptions } from '../../src/decode/decoder.ts';
import { PlainFrames } from '../../src/decode/plain.ts';
import type { CaptureRecord } from '../../src/model/record.ts';
import { DecodeStatus, SegmentView } from '../../src/model/segment.ts';
import { ShardOwner } from '../../src/model/shard.ts';
import { writePcap } from '../support/pcap-file.ts';
import {
  type Bytes,
  dirtyView,
  ethernet,
  type Ipv4Fields,
  ipv4,
  ipv6,
  LINK_ETHERNET,
  LINK_RAW,
  type RecordFields,
  ramp,
  record,
  snapshot,
  type TcpFields,
  tcpSegment,
  u32,
  udp,
} from './build.ts';

const TIMESTAMPS = [1, 1, 8, 10, ...u32(0xfffffff0), ...u32(7)];
const SYN_OPTIONS = [2, 4, 5, 0xb4, 4, 2, 8, 10, ...u32(1), ...u32(2), 1, 3, 3, 7];
const SACK = [1, 1, 5, 10, ...u32(5), ...u32(9)];

/** A decoder that takes the layers one after the other. */
function layers(options: DecoderOptions): Decoder {
  return Object.assign(new Decoder(options), { decodePlain: () => false });
}

/** Both ways side by side, each with the same view for all records. */
class Both {
  /** How many took the short way. */
  plain = 0;
  private readonly frames = new PlainFrames();
  private readonly cursor = new Cursor();
  private readonly alone = dirtyView();
  private readonly decoder: Decoder;
  private readonly short = dirtyView();
  private readonly layers: Decoder;
  private readonly long = new SegmentView();

  constructor(verifyChecksums = true) {
    this.cursor.verifyChecksums = verifyChecksums;
    this.decoder = new Decoder({ verifyChecksums });
    this.layers = layers({ verifyChecksums });
  }

  record(made: CaptureRecord): void {
    const status = this.layers.decode(made, this.long);
    const expected = snapshot(this.long);
    expect(this.decoder.decode(made, this.short)).toBe(status);
    expect(snapshot(this.short)).toEqual(expected);
    expect(this.short.bytes === this.long.bytes && this.short.data === this.long.data).toBe(true);
    if (!this.frames.read(made, this.alone, this.cursor)) return;
    this.plain++;
    expect(snapshot(this.alone)).toEqual(expected);
  }
}

/** Reads a capture both ways, its records in one buffer as they come from a file; how many of them took the short way. */
function readBoth(capture: Uint8Array, verifyChecksums = true): number {
  const both = new Both(verifyChecksums);
  const reader = new CaptureReader(both);
  reader.open('test');
  reader.write(capture);
  reader.end();
  return both.plain;
}

function isPlain(bytes: Bytes, fields: RecordFields = {}): boolean {
  const both = new Both();
  both.record(record(bytes, fields));
  return both.plain === 1;
}

function frame(tcp: TcpFields = {}, ip: Ipv4Fields = {}): Bytes {
  return ethernet(ipv4(ip, tcpSegment({ options: TIMESTAMPS, payload: ramp(100), ...tcp })));
}

describe('the short way', () => {
  it.each<[string, TcpFields]>([
    ['without options', { options: [] }],
    ['with time stamps', {}],
    ['with the options of a SYN', { options: SYN_OPTIONS, flags: 2 }],
    ['with SACK blocks', { options: SACK }],
    ['with sixty octets of header', { options: new Array(40).fill(1) }],
    ['without payload', { payload: [] }],
    ['with an odd payload', { payload: ramp(1447) }],
    ['with an urgent pointer', { urgent: 3, flags: 0x38 }],
    ['with a wrong checksum', { checksum: 0x1234 }],
    ['with a partial checksum', { checksum: 'partial' }],
    ['with numbers above 2^31', { seq: 0xffffffff, ack: 0x80000000 }],
  ])('is taken by a segment %s', (_, fields) => {
    expect(isPlain(frame(fields))).toBe(true);
  });

  it('is taken whatever its IP header says that does not matter here', () => {
    expect(isPlain(frame({}, { tos: 0xff, ttl: 255, id: 0xffff, fragment: 0xc000, src: '255.255.255.255' }))).toBe(
      true,
    );
    expect(isPlain(frame({}, { checksum: 0 }))).toBe(true);
  });

  it.each<[string, Bytes]>([
    ['another EtherType', ethernet(ipv4(), 0x0801)],
    ['IPv6', ethernet(ipv6())],
    ['a VLAN tag', ethernet(ipv4(), 0x0800, [0x81, 0, 0, 7])],
    ['another version', frame({}, { version: 5 })],
    ['options of IP', ethernet(ipv4({ options: [1, 1, 1, 1] }))],
    ['a short header of IP', frame({}, { headerWords: 4 })],
    ['more fragments', frame({}, { fragment: 0x2000 })],
    ['the offset of a fragment', frame({}, { fragment: 1 })],
    ['another protocol', ethernet(ipv4({ protocol: 17 }, udp(53, ramp(40))))],
    ['no total length', frame({}, { totalLength: 0 })],
  ])('is not taken with %s', (_, bytes) => {
    expect(isPlain(bytes)).toBe(false);
  });

  it('is for Ethernet only', () => {
    expect(isPlain(frame(), { linkType: LINK_RAW })).toBe(false);
    expect(isPlain(frame(), { linkType: LINK_ETHERNET })).toBe(true);
  });

  it('needs the headers, captured to their last octet', () => {
    const without = frame({ options: [] });
    expect(isPlain(without, { captured: 54 })).toBe(true);
    expect(isPlain(without, { captured: 53 })).toBe(false);
    expect(isPlain(frame(), { captured: 66 })).toBe(true);
    expect(isPlain(frame(), { captured: 65 })).toBe(false);
  });

  it('needs a TCP header of twenty octets that the packet has', () => {
    const length = (totalLength: number, dataOffset = 8) => isPlain(frame({ dataOffset }, { totalLength }));
    expect(length(52)).toBe(true);
    expect(length(51)).toBe(false);
    expect(length(152, 5)).toBe(true);
    expect(length(152, 4)).toBe(false);
  });

  it('needs a packet that the frame had on the wire', () => {
    const bytes = frame();
    expect(isPlain(bytes, { originalLength: bytes.length })).toBe(true);
    expect(isPlain(bytes, { originalLength: bytes.length - 1 })).toBe(false);
    // Padding, and what was not captured.
    expect(isPlain(frame({}, { totalLength: 151 }))).toBe(true);
    expect(isPlain(bytes, { captured: bytes.length - 1 })).toBe(true);
  });

  it('leaves out of the segments of other shards what the layers leave out', () => {
    const frames = Array.from({ length: 40 }, (_, i) =>
      record(frame({ srcPort: 1024 + i, options: i % 2 ? SACK : [] })),
    );
    const decoders = [layers, (options: DecoderOptions) => new Decoder(options)].map((make) => {
      const owner = new ShardOwner({ index: 1, count: 3 });
      return { owner, decoder: make({ owner }), view: new SegmentView() };
    });
    let foreign = 0;
    for (const made of frames) {
      const [long, short] = decoders.map(({ owner, decoder, view }) => {
        expect(decoder.decode(made, view)).toBe(DecodeStatus.TCP);
        const seen = snapshot(view);
        if (!owner.isForeign) return seen;
        foreign++;
        // Of checksums and time stamps nobody asks there.
        const { srcPort, dstPort, src3, dst3, seq, ack, flags, options, payloadLength, payloadOffset } = seen;
        return { srcPort, dstPort, src3, dst3, seq, ack, flags, options, payloadLength, payloadOffset };
      });
      expect(short).toEqual(long);
    }
    expect(foreign).toBeGreaterThan(20);
    expect(foreign).toBeLessThan(80);
  });

  it('writes nothing when it is not taken', () => {
    const view = dirtyView();
    expect(new PlainFrames().read(record(ethernet(ipv6())), view, new Cursor())).toBe(false);
    expect(snapshot(view)).toEqual(snapshot(dirtyView()));
  });

  it('tells of the time, the interface and the direction what the record says', () => {
    const both = new Both();
    both.record(record(frame(), { time: 12.5, number: 7, interfaceId: 3, direction: 2 }));
    both.record(record(frame(), { time: 13.5, number: 8 }));
    expect(both.plain).toBe(2);
  });
});

describe('both ways give the same', () => {
  const folder = new URL('../../fixtures/', import.meta.url);
  const captures = readdirSync(folder).filter((name) => name.endsWith('.pcap'));

  it.each(captures)('for %s', (name) => {
    const bytes = readFileSync(new URL(name, folder));
    expect(readBoth(bytes, false)).toBe(readBoth(bytes));
  });

  it('for most packets of a capture of Ethernet', () => {
    expect(readBoth(readFileSync(new URL('linux-slow-reader.pcap', folder)))).toBeGreaterThan(10);
  });

  const BASES = [
    frame(),
    frame({ options: [] }),
    frame({ options: SACK, payload: [] }),
    frame({ options: SYN_OPTIONS, flags: 2 }),
    ethernet(ipv4({ protocol: 1 }, ipv4({}, tcpSegment()))),
    ethernet(ipv4({ fragment: 0x2000 })),
    ethernet(ipv4(), 0x0800, [0x81, 0, 0, 7]),
    ethernet(ipv6({}, tcpSegment({ options: TIMESTAMPS, payload: ramp(9) }))),
  ];
  const packets = fc.array(
    fc.record({
      base: fc.constantFrom(...BASES),
      // Most changes in the headers.
      changes: fc.array(fc.tuple(fc.oneof(fc.nat(66), fc.nat(150)), fc.nat(255)), { maxLength: 3 }),
      keep: fc.oneof(fc.constant(1000), fc.nat(170)),
      longer: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 12 })),
    }),
    { minLength: 1, maxLength: 20 },
  );

  it('for packets that are nearly right, in any order', () => {
    let short = 0;
    fc.assert(
      fc.property(packets, fc.boolean(), (list, verifyChecksums) => {
        const records = list.map(({ base, changes, keep, longer }, i) => {
          const bytes = new Uint8Array(base.length + longer);
          bytes.set(base.subarray(0, bytes.length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          return { time: BigInt(i) * 1_000_000n, bytes, keep: Math.min(keep, bytes.length) };
        });
        const options = { linkType: LINK_ETHERNET, resolution: 'us', byteOrder: 'little', snaplen: 65535 } as const;
        short += readBoth(writePcap(options, records), verifyChecksums);
      }),
      { numRuns: 400 },
    );
    expect(short).toBeGreaterThan(500);
  });
});
