import { describe, expect, it } from 'vitest';
import { CaptureError } from '../../src/model/errors.ts';
import { concat, type PcapOptions, type PcapPacket, payload, pcap, pcapHeader, pcapRecord } from './build.ts';
import { type Collected, messages, readChunks, readEveryWay } from './collect.ts';

const T0 = 1_700_000_000;
const packets = (count: number, from = 0): PcapPacket[] =>
  Array.from({ length: count }, (_, i) => ({
    seconds: T0 + from + i,
    fraction: 1000 * i,
    data: payload(40 + ((i * 13) % 60), i + from),
  }));

const dataOf = (read: Collected) => read.records.map((record) => record.data);
const expectedData = (list: PcapPacket[]) => list.map((packet) => Array.from(packet.data));

describe('classic pcap', () => {
  const variants: [string, PcapOptions][] = [
    ['little-endian, microseconds', {}],
    ['big-endian, microseconds', { big: true }],
    ['little-endian, nanoseconds', { nano: true }],
    ['big-endian, nanoseconds', { big: true, nano: true }],
    ['modified, little-endian', { modified: true }],
    ['modified, big-endian', { modified: true, big: true }],
  ];
  it.each(variants)('%s', (_, options) => {
    const list = packets(5);
    list[2].original = 9000;
    const read = readEveryWay(pcap(list, { ...options, link: 113 }));
    expect(dataOf(read)).toEqual(expectedData(list));
    const unit = options.nano ? 1 : 1000;
    expect(read.records.map((r) => r.time)).toEqual([0, 1, 2, 3, 4].map((i) => i * 1e9 + 1000 * i * unit));
    expect(read.records.map((r) => r.number)).toEqual([1, 2, 3, 4, 5]);
    expect(read.records[2].originalLength).toBe(9000);
    expect(read.records[4].linkType).toBe(113);
    const headerLength = options.modified ? 24 : 16;
    expect(read.records[1].fileOffset).toBe(24 + headerLength + list[0].data.length);
    expect(read.facts).toMatchObject({
      formats: ['pcap'],
      compression: [null],
      byteOrder: [options.big ? 'big' : 'little'],
      firstTimestamp: BigInt(T0) * 1_000_000_000n,
      damages: [],
    });
    expect(read.facts.interfaces).toHaveLength(1);
    expect(read.facts.interfaces[0].timeResolution).toBe(options.nano ? '1e-9' : '1e-6');
  });

  it('takes the direction from the modified header', () => {
    const options = { modified: true };
    const list = [0, 1, 2, 3, 4].map((packetType) => ({ seconds: T0, fraction: 0, data: payload(20), packetType }));
    expect(readEveryWay(pcap(list, options)).records.map((r) => r.direction)).toEqual([1, 1, 1, 0, 2]);
  });

  it('masks the FCS length off the link type, and tells of reserved bits', () => {
    const read = readEveryWay(pcap(packets(1), { link: 0x24000001 }));
    expect(read.records[0].linkType).toBe(1);
    expect(read.facts.damages).toEqual([]);
    const reserved = readEveryWay(pcap(packets(1), { link: 0x00010071 }));
    expect(reserved.records[0].linkType).toBe(0x71);
    expect(reserved.facts.damages).toMatchObject([{ offset: 20, fatal: false }]);
  });

  it('keeps nanoseconds exact over days, with a clock that steps back and seconds beyond 2038', () => {
    const seconds = 0xfffffff0;
    const list = [
      { seconds, fraction: 999_999_999, data: payload(4) },
      { seconds: seconds - 5, fraction: 1, data: payload(4) },
      { seconds: seconds - 90 * 86400, fraction: 7, data: payload(4) },
    ];
    const read = readEveryWay(pcap(list, { nano: true }));
    expect(read.facts.firstTimestamp).toBe(4294967280_999999999n);
    expect(read.records.map((r) => BigInt(r.time))).toEqual([0n, -5_999_999_998n, -7776000_999999992n]);
  });

  it('delivers records of no length', () => {
    const list = [...packets(1), { seconds: T0 + 1, fraction: 5, data: payload(0), original: 60 }, ...packets(1, 2)];
    const read = readEveryWay(pcap(list));
    expect(dataOf(read)).toEqual(expectedData(list));
    expect(read.facts.damages).toEqual([]);
  });

  it.each([0, 0xffffffff])('tolerates a snaplen of %d', (snaplen) => {
    const list = [...packets(1), { seconds: T0, fraction: 0, data: payload(300_000) }];
    const read = readChunks(pcap(list, { snaplen }), 4096);
    expect(read.records.map((r) => r.data.length)).toEqual([40, 300_000]);
    expect(read.facts.damages).toEqual([]);
  });

  it('grows its buffer for a record that is larger, and only then', () => {
    const list = [{ seconds: T0, fraction: 0, data: payload(20_000) }, ...packets(2)];
    const read = readEveryWay(pcap(list));
    expect(dataOf(read)).toEqual(expectedData(list));
  });

  it('swaps the lengths of versions before 2.4', () => {
    const data = payload(60);
    const file = concat(
      pcapHeader({ minor: 2 }),
      pcapRecord({ seconds: T0, fraction: 0, data, captured: 1500, original: 60 }),
    );
    const read = readEveryWay(file);
    expect(read.records).toMatchObject([{ originalLength: 1500, data: Array.from(data) }]);
  });

  it('reads on after a file header between the records (cat a.pcap b.pcap)', () => {
    const [a, b, c] = [packets(2), packets(3, 10), packets(2, 20)];
    const swapped = c.map((packet) => ({ ...packet, fraction: packet.fraction * 1000 }));
    const other: PcapOptions = { big: true, nano: true, link: 101 };
    const read = readEveryWay(concat(pcap(a), pcap(b), pcap(swapped, other)));
    expect(dataOf(read)).toEqual(expectedData([...a, ...b, ...c]));
    expect(read.records.map((r) => r.linkType)).toEqual([1, 1, 1, 1, 1, 101, 101]);
    expect(read.records.map((r) => r.interfaceId)).toEqual([0, 0, 0, 0, 0, 1, 1]);
    expect(read.records[6].time).toBe(21e9 + 1_000_000);
    const after = pcap(a).length;
    const damage = { found: 'the file header of a pcap capture', fatal: false, losesPackets: false };
    expect(read.facts.damages).toMatchObject([
      { offset: after, ...damage },
      { offset: after + pcap(b).length, ...damage },
    ]);
    expect(read.facts.files).toEqual(['test']);
  });

  it('does not take a packet of 2055 for a file header', () => {
    const list = [{ seconds: 0xa1b2c3d4, fraction: 5, data: payload(0), original: 60 }, ...packets(1)];
    expect(readEveryWay(pcap(list)).records).toHaveLength(2);
  });
});

describe('oddities of classic pcap that are used all the same', () => {
  it('more than a second of microseconds', () => {
    const list = packets(6);
    list[1].fraction = 1_000_000;
    list[3].fraction = 0xffffffff;
    const read = readEveryWay(pcap(list));
    expect(dataOf(read)).toEqual(expectedData(list));
    expect(read.records[1].time).toBe(2e9);
    expect(read.records[3].time).toBe(3e9 + 4294967295 * 1000);
    const at = 24 + 16 + list[0].data.length + 4;
    expect(read.facts.damages).toMatchObject([{ offset: at, found: '1000000 microseconds', fatal: false }]);
    expect(messages(read.facts)[0]).toContain('2 times');
  });

  it('a record that is longer than its packet', () => {
    const list = packets(4);
    list[2].original = 10;
    const read = readEveryWay(pcap(list));
    expect(dataOf(read)).toEqual(expectedData(list));
    expect(read.records[2].originalLength).toBe(list[2].data.length);
    expect(messages(read.facts)).toEqual(['a record is longer than the packet it was captured from']);
  });

  it('a record that is longer than the snaplen', () => {
    const list = packets(4);
    const read = readEveryWay(pcap(list, { snaplen: 64 }));
    expect(dataOf(read)).toEqual(expectedData(list));
    expect(messages(read.facts)).toEqual([expect.stringContaining('longer than the snaplen')]);
  });

  it('an unknown version', () => {
    const read = readEveryWay(pcap(packets(2), { major: 3 }));
    expect(read.records).toHaveLength(2);
    expect(read.facts.damages).toMatchObject([{ offset: 4, found: '3.4', fatal: false }]);
  });
});

describe('classic pcap cut short', () => {
  it('at every byte: all complete records, and a word about the rest', () => {
    const list = packets(4);
    const file = pcap(list);
    const ends: number[] = [24];
    for (const packet of list) ends.push(ends.at(-1)! + 16 + packet.data.length);
    for (let cut = 24; cut <= file.length; cut++) {
      const read = readChunks(file.slice(0, cut), 4096);
      const complete = ends.filter((end) => end <= cut).length - 1;
      expect(dataOf(read)).toEqual(expectedData(list.slice(0, complete)));
      if (ends.includes(cut)) expect(read.facts.damages).toEqual([]);
      else {
        expect(read.facts.damages).toMatchObject([{ offset: ends[complete], fatal: false }]);
        expect(messages(read.facts)[0]).toContain(`record ${complete + 1}`);
      }
    }
  });

  it('refuses a cut file header', () => {
    for (let cut = 0; cut < 24; cut++) {
      const file = pcapHeader().slice(0, cut);
      expect(() => readEveryWay(file)).toThrow(CaptureError);
    }
  });

  it('reports a cut header of a second file as damage', () => {
    const read = readEveryWay(concat(pcap(packets(2)), pcapHeader().slice(0, 20)));
    expect(read.records).toHaveLength(2);
    expect(read.facts.damages).toMatchObject([{ losesPackets: false }, { losesPackets: true, found: '20 bytes' }]);
  });
});

describe('corrupt records of classic pcap', () => {
  /** Packets 3 and 4 (from 0) are overwritten by `spoil`; the records that follow must be found again. */
  function spoiled(spoil: (file: Uint8Array, from: number) => void, options: PcapOptions = {}): Collected {
    const list = packets(10);
    const file = pcap(list, options);
    const from = 24 + list.slice(0, 3).reduce((sum, packet) => sum + 16 + packet.data.length, 0);
    spoil(file, from);
    return readEveryWay(file);
  }
  const kept = (read: Collected) => read.records.map((record) => record.time / 1e9).map(Math.floor);

  it.each([{}, { big: true }])('a length beyond all bounds: goes on with the next record', (options) => {
    const read = spoiled((file, from) => file.fill(0xff, from + 8, from + 12), options);
    expect(kept(read)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    expect(read.records.map((r) => r.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toMatchObject([
      { fatal: false, found: 'a captured length of 4294967295', expected: 'at most 262144' },
    ]);
    expect(messages(read.facts)[0]).toMatch(/\d+ bytes were skipped/);
  });

  it('a length that is only a little wrong leads into the data, from where it finds out', () => {
    const read = spoiled((file, from) => {
      file[from + 8] += 5;
      file[from + 12] += 5;
    });
    // Record 3 is delivered with five bytes of the next header; 4 is lost with its header.
    expect(kept(read)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toHaveLength(1);
  });

  it('a run of zeros', () => {
    const read = spoiled((file, from) => file.fill(0, from, from + 100));
    expect(kept(read)).toEqual([0, 1, 2, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toHaveLength(1);
  });

  it('bytes that were lost', () => {
    const list = packets(10);
    const file = pcap(list);
    const from = 24 + list.slice(0, 3).reduce((sum, packet) => sum + 16 + packet.data.length, 0);
    const read = readEveryWay(concat(file.slice(0, from + 30), file.slice(from + 41)));
    expect(kept(read)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
    expect(read.facts.damages).toHaveLength(1);
  });

  it('in the first record of the file', () => {
    const file = pcap(packets(6));
    file.fill(0xff, 32, 36);
    const read = readEveryWay(file);
    expect(read.records).toHaveLength(5);
    expect(read.facts.damages).toHaveLength(1);
    expect(read.facts.firstTimestamp).toBe(BigInt(T0 + 1) * 1_000_000_000n + 1_000_000n);
  });

  it('in the last but one', () => {
    const list = packets(5);
    const file = pcap(list);
    const from = 24 + list.slice(0, 3).reduce((sum, packet) => sum + 16 + packet.data.length, 0);
    file.fill(0xff, from + 8, from + 12);
    expect(kept(readEveryWay(file))).toEqual([0, 1, 2, 4]);
  });

  it('a believable length beyond the end of the file hides no records', () => {
    const list = packets(8);
    const file = pcap(list);
    const from = 24 + list.slice(0, 3).reduce((sum, packet) => sum + 16 + packet.data.length, 0);
    file[from + 9] = 0x20;
    file[from + 13] = 0x20;
    const read = readEveryWay(file);
    expect(kept(read)).toEqual([0, 1, 2, 4, 5, 6, 7]);
    expect(read.facts.damages).toHaveLength(1);
  });

  it('is fatal when nothing follows that makes sense', () => {
    const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i * 17 + 129) & 255).fill(0xff, 0, 16);
    const read = readEveryWay(concat(pcap(packets(2)), garbage));
    expect(read.records).toHaveLength(2);
    expect(read.facts.damages).toMatchObject([{ fatal: true }]);
  });

  it('finds a second file after damage', () => {
    const garbage = new Uint8Array(100).fill(0xff);
    const read = readEveryWay(concat(pcap(packets(2)), garbage, pcap(packets(1, 5), { big: true })));
    expect(read.records).toHaveLength(3);
    expect(read.facts.damages).toMatchObject([
      { fatal: false, losesPackets: true },
      { fatal: false, losesPackets: false },
    ]);
  });

  it('lists a bounded number of damages', () => {
    const parts = [pcapHeader()];
    for (let i = 0; i < 1500; i++) {
      parts.push(new Uint8Array(20).fill(0xff), ...packets(3, 3 * i).map((packet) => pcapRecord(packet)));
    }
    const read = readChunks(concat(...parts), 4096);
    expect(read.records).toHaveLength(4500);
    expect(read.facts.damages.length).toBe(1000);
    expect(messages(read.facts).at(-1)).toContain('not listed');
  });
});
