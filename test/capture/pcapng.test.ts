import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/model/errors.ts';
import { concat, Pcapng, payload, pcap, text } from './build.ts';
import { type Collected, messages, readChunks, readEveryWay } from './collect.ts';

const US = 1_700_000_000_000_000n;
const dataOf = (read: Collected) => read.records.map((record) => record.data);
const bytes = (...list: Uint8Array[]) => list.map((data) => Array.from(data));

describe.each([false, true])('pcapng, big-endian %s', (big) => {
  const ng = new Pcapng(big);

  it('enhanced packets with the default resolution', () => {
    const [a, b] = [payload(61), payload(40, 1)];
    const file = concat(
      ng.section(),
      ng.interface(1, 96),
      ng.enhanced(US, a),
      ng.enhanced(US + 7n, b, { original: 1500 }),
    );
    const read = readEveryWay(file);
    expect(dataOf(read)).toEqual(bytes(a, b));
    expect(read.records.map((r) => r.time)).toEqual([0, 7000]);
    expect(read.records.map((r) => r.originalLength)).toEqual([61, 1500]);
    expect(read.records[1].fileOffset).toBe(28 + 20 + 32 + 64);
    expect(read.facts).toMatchObject({
      formats: ['pcapng'],
      byteOrder: [big ? 'big' : 'little'],
      firstTimestamp: US * 1000n,
      damages: [],
      interfaces: [{ linkType: 1, snaplen: 96, name: null, timeResolution: '1e-6', received: null, dropped: null }],
    });
  });

  it('resolutions and offsets of each interface', () => {
    const one = (value: number) => ({ code: 9, value: Uint8Array.of(value) });
    const offset = { code: 14, value: ng.u64(1_700_000_000n) };
    const file = concat(
      ng.section(),
      ng.interface(1, 0, [one(9)]),
      ng.interface(1, 0, [one(3)]),
      ng.interface(1, 0, [one(0x8a)]),
      ng.interface(1, 0, [one(6), offset]),
      ng.enhanced(1_700_000_000_123_456_789n, payload(20)),
      ng.enhanced(1_700_000_001_500n, payload(20), { id: 1 }),
      ng.enhanced(1_700_000_000n * 1024n + 513n, payload(20), { id: 2 }),
      ng.enhanced(2_000_003n, payload(20), { id: 3 }),
    );
    const read = readEveryWay(file);
    const base = 1_700_000_000_123_456_789n;
    expect(read.facts.firstTimestamp).toBe(base);
    expect(read.records.map((r) => BigInt(r.time) + base)).toEqual([
      base,
      1_700_000_001_500_000_000n,
      1_700_000_000_000_000_000n + (513n * 1_000_000_000n) / 1024n,
      1_700_000_002_000_003_000n,
    ]);
    expect(read.facts.interfaces.map((i) => i.timeResolution)).toEqual(['1e-9', '1e-3', '2^-10', '1e-6']);
  });

  it('names, comments, directions and drop counts', () => {
    const file = concat(
      ng.section([
        { code: 1, value: text('made for a test') },
        { code: 4, value: text('no tool') },
      ]),
      ng.interface(113, 0, [
        { code: 2, value: text('eth0') },
        { code: 3, value: text('Gr\u00fc\u00dfe\0garbage') },
        { code: 2988, value: text('a custom option') },
      ]),
      ng.interface(1, 0, [{ code: 2, value: text('eth1') }]),
      ng.enhanced(US, payload(33), { options: [{ code: 2, value: ng.u32(0x201) }] }),
      ng.enhanced(US, payload(33), {
        id: 1,
        options: [
          { code: 1, value: text('first') },
          { code: 2, value: ng.u32(2) },
          { code: 4, value: ng.u64(5n) },
          { code: 1, value: text('second') },
        ],
      }),
      ng.enhanced(US, payload(33), { id: 1, options: [{ code: 4, value: ng.u64(3n) }] }),
    );
    const read = readEveryWay(file);
    expect(read.records.map((r) => r.direction)).toEqual([1, 2, 0]);
    expect(read.records.map((r) => r.comment)).toEqual([null, 'first\nsecond', null]);
    expect(read.records.map((r) => r.interfaceId)).toEqual([0, 1, 1]);
    expect(read.records.map((r) => r.linkType)).toEqual([113, 1, 1]);
    expect(read.facts.comments).toEqual(['made for a test']);
    expect(read.facts.interfaces).toMatchObject([
      { name: 'eth0', description: 'Gr\u00fc\u00dfe', dropped: null },
      { name: 'eth1', description: null, dropped: 8 },
    ]);
  });

  it('statistics, which win over drop counts', () => {
    const file = concat(
      ng.section(),
      ng.interface(),
      ng.enhanced(US, payload(33), { options: [{ code: 4, value: ng.u64(5n) }] }),
      ng.statistics(0, [
        { code: 4, value: ng.u64(100n) },
        { code: 5, value: ng.u64(7n) },
      ]),
      ng.statistics(0, [
        { code: 4, value: ng.u64(5_000_000_000n) },
        { code: 5, value: ng.u64(8n) },
        { code: 7, value: ng.u64(2n) },
      ]),
      ng.enhanced(US, payload(33), { options: [{ code: 4, value: ng.u64(5n) }] }),
    );
    expect(readEveryWay(file).facts.interfaces).toMatchObject([{ received: 5_000_000_000, dropped: 10 }]);
  });

  it('simple packets: cut by the snaplen, of the first interface, at the time of the packet before', () => {
    const [a, b] = [payload(50), payload(30, 1)];
    const file = concat(
      ng.section(),
      ng.interface(101, 50),
      ng.interface(1),
      ng.enhanced(US, payload(9), { id: 1 }),
      ng.enhanced(US + 5n, payload(9), { id: 1 }),
      ng.simple(a, 1500),
      ng.simple(b),
    );
    const read = readEveryWay(file);
    expect(dataOf(read).slice(2)).toEqual(bytes(a, b));
    expect(read.records.slice(2)).toMatchObject([
      { originalLength: 1500, linkType: 101, interfaceId: 0, time: 5000 },
      { originalLength: 30, time: 5000 },
    ]);
  });

  it('a simple packet that comes first does not set the zero of time', () => {
    const file = concat(ng.section(), ng.interface(), ng.simple(payload(20)), ng.enhanced(US, payload(20)));
    const read = readEveryWay(file);
    expect(read.records.map((r) => r.time)).toEqual([0, 0]);
    expect(read.facts.firstTimestamp).toBe(US * 1000n);
  });

  it('obsolete packet blocks', () => {
    const [a, b] = [payload(45), payload(46)];
    const file = concat(
      ng.section(),
      ng.interface(),
      ng.packet(US, a, { drops: 4, original: 99, options: [{ code: 2, value: ng.u32(2) }] }),
      ng.packet(US + 1n, b, { options: [{ code: 1, value: text('old') }] }),
    );
    const read = readEveryWay(file);
    expect(dataOf(read)).toEqual(bytes(a, b));
    expect(read.records).toMatchObject([
      { originalLength: 99, direction: 2, comment: null },
      { direction: 0, comment: 'old', time: 1000 },
    ]);
    expect(read.facts.interfaces[0].dropped).toBe(4);
  });

  it('sections of different byte orders, each with interfaces of its own', () => {
    const other = new Pcapng(!big);
    const length = BigInt(ng.interface(1).length + ng.enhanced(US, payload(20)).length);
    const file = concat(
      ng.section([], 1, 0, length),
      ng.interface(1),
      ng.enhanced(US, payload(20)),
      other.section([], 1, 2),
      other.interface(101),
      other.interface(113),
      other.enhanced(US + 2n, payload(21), { id: 1 }),
      ng.section(),
      ng.interface(276),
      ng.enhanced(US + 3n, payload(22)),
    );
    const read = readEveryWay(file);
    expect(read.records.map((r) => [r.interfaceId, r.linkType, r.time])).toEqual([
      [0, 1, 0],
      [2, 113, 2000],
      [3, 276, 3000],
    ]);
    expect(read.facts.interfaces).toHaveLength(4);
    expect(read.facts.damages).toEqual([]);
  });

  it('skips blocks that hold no packets', () => {
    const file = concat(
      ng.section(),
      ng.block(10, payload(40)),
      ng.block(0xbad, payload(60)),
      ng.interface(),
      ng.block(0x40000bad, payload(61)),
      ng.block(0x80001234, payload(5000)),
      ng.block(0x7777, new Uint8Array(0)),
      ng.enhanced(US, payload(20)),
      ng.block(9, text('__REALTIME_TIMESTAMP=1\n')),
    );
    const read = readEveryWay(file);
    expect(read.records).toHaveLength(1);
    expect(read.facts.damages).toEqual([]);
  });

  it('keeps resolved names', () => {
    const v4 = ng
      .writer()
      .u16(1)
      .u16(4 + 6)
      .bytes(Uint8Array.of(192, 0, 2, 1))
      .bytes(text('a.b\0c\0'))
      .pad()
      .done();
    const v6 = ng
      .writer()
      .u16(2)
      .u16(16 + 2)
      .bytes(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    const names = concat(v4, v6.bytes(text('x\0')).pad().u32(0).done());
    const file = concat(ng.section(), ng.block(4, names), ng.interface(), ng.enhanced(US, payload(20)));
    expect(readEveryWay(file).facts.comments).toEqual(['192.0.2.1 a.b', '192.0.2.1 c', '2001:db8::1 x']);
  });

  it('does without an end of options, and without an option that is too long', () => {
    const body = ng.writer().u32(0).u64(0n).u32(20).u32(20).bytes(payload(20));
    const open = ng.block(
      6,
      ng
        .writer()
        .bytes(body.done())
        .bytes(ng.options([{ code: 1, value: text('hi') }], false))
        .done(),
    );
    const long = ng.block(6, ng.writer().bytes(body.done()).u16(1).u16(200).u32(0).done());
    const read = readEveryWay(concat(ng.section(), ng.interface(), open, long, open));
    expect(read.records.map((r) => r.comment)).toEqual(['hi', null, 'hi']);
    expect(read.facts.damages).toMatchObject([{ found: 'option 1 of 200 bytes', fatal: false }]);
  });

  it('skips a section of another version up to the next section', () => {
    const file = concat(
      ng.section(),
      ng.interface(1),
      ng.enhanced(US, payload(20)),
      ng.section([], 2),
      ng.block(1, payload(4)),
      ng.enhanced(US, payload(20)),
      ng.section(),
      ng.interface(1),
      ng.enhanced(US + 9n, payload(20)),
    );
    const read = readEveryWay(file);
    expect(read.records.map((r) => r.time)).toEqual([0, 9000]);
    expect(read.facts.damages).toMatchObject([{ found: '2.0', expected: '1.0', fatal: false }]);
  });

  it('reads on in classic pcap and back', () => {
    const ngFile = concat(ng.section(), ng.interface(), ng.enhanced(US, payload(20)));
    for (const bigPcap of [false, true]) {
      const classic = pcap([{ seconds: 1_700_000_001, fraction: 0, data: payload(30) }], { big: bigPcap });
      const read = readEveryWay(concat(ngFile, classic, ngFile));
      expect(read.records.map((r) => r.time)).toEqual([0, 1e9, 0]);
      expect(read.facts.damages).toMatchObject([
        { offset: ngFile.length, losesPackets: false },
        { offset: ngFile.length + classic.length, losesPackets: false },
      ]);
    }
  });

  it('cut at every byte: every complete packet before, and a word about the rest', () => {
    const blocks = [
      ng.section([{ code: 1, value: text('c') }]),
      ng.interface(),
      ng.enhanced(US, payload(21)),
      ng.simple(payload(33)),
      ng.packet(US, payload(18)),
      ng.enhanced(US, payload(50, 3), { options: [{ code: 1, value: text('comment') }] }),
    ];
    const file = concat(...blocks);
    const ends: number[] = [];
    for (const block of blocks) ends.push((ends.at(-1) ?? 0) + block.length);
    for (let cut = 0; cut <= file.length; cut++) {
      const input = file.slice(0, cut);
      if (cut < ends[0]) {
        expect(() => readChunks(input, 4096)).toThrow(CaptureError);
        continue;
      }
      const read = readChunks(input, 4096);
      const complete = ends.filter((end) => end <= cut).length;
      expect(read.records).toHaveLength(Math.max(0, complete - 2));
      if (ends.includes(cut)) expect(read.facts.damages).toEqual([]);
      else expect(read.facts.damages).toMatchObject([{ offset: ends[complete - 1], fatal: false }]);
    }
  });
});

describe('damage in pcapng', () => {
  const ng = new Pcapng();
  const packet = (i: number) => ng.enhanced(US + BigInt(i), payload(60 + i, i));
  const start = concat(ng.section(), ng.interface());
  const times = (read: Collected) => read.records.map((r) => r.time / 1000);
  const first = packet(0).length;

  /** Ten packets, the third of which is spoiled. */
  function spoiled(spoil: (file: Uint8Array, at: number, length: number) => void): Collected {
    const blocks = Array.from({ length: 10 }, (_, i) => packet(i));
    const file = concat(start, ...blocks);
    spoil(file, start.length + blocks[0].length + blocks[1].length, blocks[2].length);
    return readEveryWay(file);
  }

  it('the second length differs: the first is believed when it leads on', () => {
    const read = spoiled((file, at, length) => file.fill(0x77, at + length - 4, at + length));
    expect(times(read)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toMatchObject([{ fatal: false, found: expect.stringContaining('2004318071') }]);
  });

  it('the first length is wrong but possible', () => {
    const read = spoiled((file, at) => {
      file[at + 4] += 8;
    });
    expect(times(read)).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toHaveLength(1);
  });

  it.each([0, 8, 0xffffffff, 0x7ffffffc])('a block length of %d', (length) => {
    const read = spoiled((file, at) => file.set(ng.u32(length), at + 4));
    expect(times(read)).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toMatchObject([{ fatal: false }]);
    expect(messages(read.facts)[0]).toContain('bytes were skipped');
  });

  it('a believable length beyond the end of the file hides no packets', () => {
    const read = spoiled((file, at) => file.set(ng.u32(0x2000), at + 4));
    expect(times(read)).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toMatchObject([{ found: '8192' }]);
  });

  it('bytes that were lost or inserted, so that blocks are not aligned any more', () => {
    const blocks = Array.from({ length: 6 }, (_, i) => packet(i));
    const file = concat(start, ...blocks);
    const at = start.length + first + 40;
    expect(times(readEveryWay(concat(file.slice(0, at), file.slice(at + 3))))).toEqual([0, 2, 3, 4, 5]);
    expect(times(readEveryWay(concat(file.slice(0, at), payload(5), file.slice(at))))).toEqual([0, 2, 3, 4, 5]);
  });

  it('a length without padding', () => {
    const body = ng.writer().u32(0).u64(US).u32(21).u32(21).bytes(payload(21)).done();
    const unpadded = ng
      .writer()
      .u32(6)
      .u32(body.length + 12)
      .bytes(body)
      .u32(body.length + 12)
      .done();
    const padded = ng.block(6, body, { first: body.length + 12, last: body.length + 12 });
    for (const block of [unpadded, padded]) {
      const read = readEveryWay(concat(start, block, packet(1), block, packet(2)));
      expect(read.records).toHaveLength(4);
      expect(read.facts.damages).toHaveLength(1);
    }
  });

  it('a packet of an interface that was not declared', () => {
    const file = concat(ng.section(), packet(0), ng.interface(), ng.enhanced(US, payload(20), { id: 3 }), packet(1));
    const read = readEveryWay(file);
    expect(read.records).toHaveLength(1);
    expect(read.facts.damages).toMatchObject([{ found: 'interface 0', expected: 'an interface description first' }]);
    expect(messages(read.facts)[0]).toContain('2 times');
  });

  it('a packet that claims more than its block', () => {
    const read = readEveryWay(
      concat(start, ng.enhanced(US, payload(20), { captured: 4000, original: 5000 }), packet(1)),
    );
    expect(dataOf(read)[0]).toEqual(Array.from(payload(20)));
    expect(read.records).toHaveLength(2);
    expect(read.facts.damages).toMatchObject([{ found: '4000 bytes', expected: 'at most 20' }]);
  });

  it('a section header whose own length is corrupt', () => {
    const file = concat(start, packet(0), packet(1));
    file.fill(0xff, 4, 8);
    const read = readEveryWay(file);
    expect(times(read)).toEqual([0, 1]);
    expect(read.facts.damages).toHaveLength(1);
  });

  it('is fatal when nothing sound follows', () => {
    const read = readEveryWay(concat(start, packet(0), new Uint8Array(3000).fill(0x55)));
    expect(times(read)).toEqual([0]);
    expect(read.facts.damages).toMatchObject([{ fatal: true, offset: start.length + first }]);
  });
});
