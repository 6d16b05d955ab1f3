import { describe, expect, it, vi } from 'vitest';
import { AlikeCounter } from '../../src/capture/interface-list.ts';
import { MAX_INTERFACES } from '../../src/capture/limits.ts';
import { PcapParser } from '../../src/capture/pcap.ts';
import { PcapngParser } from '../../src/capture/pcapng.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import type { CaptureParser, CaptureSink } from '../../src/capture/source.ts';
import { readCapture } from '../support/read-capture.ts';
import { concat, Pcapng, payload, pcap, pcapRecord, text } from './build.ts';
import { messages, readChunks } from './collect.ts';

const US = 1_700_000_000_000_000n;
const SINK: CaptureSink = { record: () => {} };

/** What a parser does, whatever the machine: words that it reads for each byte of the file, and the packets it finds. */
function workOf(make: (session: CaptureSession) => CaptureParser, file: Uint8Array) {
  const session = new CaptureSession();
  const data = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let reads = 0;
  data.getUint32 = (at, littleEndian) => {
    reads++;
    return DataView.prototype.getUint32.call(data, at, littleEndian);
  };
  make(session).end(file, data, 0, file.length);
  return { perByte: reads / file.length, packets: session.records };
}

describe('interfaces of a pcapng file', () => {
  const ng = new Pcapng();

  it('are read in linear time however many are alike, up to a bound', () => {
    const one = ng.interface();
    const last = ng.enhanced(US, payload(20), { id: MAX_INTERFACES - 1 });
    const beyond = ng.enhanced(US, payload(20), { id: MAX_INTERFACES });
    const many = new Uint8Array((MAX_INTERFACES + 2) * one.length);
    for (let at = 0; at < many.length; at += one.length) many.set(one, at);
    const { facts, records } = readChunks(concat(ng.section(), many, last, beyond), Number.POSITIVE_INFINITY);
    expect(facts.interfaces).toHaveLength(MAX_INTERFACES);
    expect(records).toMatchObject([{ interfaceId: MAX_INTERFACES - 1 }]);
    expect(messages(facts)).toEqual([
      'too many interfaces; packets of those beyond were skipped (2 times in this file)',
      'a block refers to an interface that its section does not describe; it was skipped',
    ]);
  });

  it('beyond the bound are not looked at, whatever they are called', () => {
    const one = ng.interface();
    const many = new Uint8Array(MAX_INTERFACES * one.length);
    for (let at = 0; at < many.length; at += one.length) many.set(one, at);
    const named = (name: string) => ng.interface(1, 0, [{ code: 2, value: text(name) }]);
    const session = new CaptureSession();
    const parser = new PcapngParser(session, SINK, 'test');
    const file = concat(ng.section(), many, named('a'), named('b'), named('c'), ng.section(), one);
    const described = vi.spyOn(AlikeCounter.prototype, 'next');
    parser.end(file, new DataView(file.buffer), 0, file.length);
    // The first one too many shows it; a section that begins has a place for what is known.
    expect(described).toHaveBeenCalledTimes(MAX_INTERFACES + 2);
    described.mockRestore();
    expect(session.facts.interfaces).toHaveLength(MAX_INTERFACES);
  });

  it('are as many as the bound without a word', () => {
    const one = ng.interface();
    const many = new Uint8Array(MAX_INTERFACES * one.length);
    for (let at = 0; at < many.length; at += one.length) many.set(one, at);
    const { facts } = readChunks(concat(ng.section(), many), Number.POSITIVE_INFINITY);
    expect(facts.interfaces).toHaveLength(MAX_INTERFACES);
    expect(facts.damages).toEqual([]);
  });

  it('keep 256 characters of their names', () => {
    const options = [
      { code: 2, value: text('n'.repeat(257)) },
      { code: 3, value: text('d'.repeat(256)) },
    ];
    const { facts } = readChunks(concat(ng.section(), ng.interface(1, 0, options)), Number.POSITIVE_INFINITY);
    expect(facts.interfaces).toMatchObject([{ name: 'n'.repeat(256), description: 'd'.repeat(256) }]);
  });
});

describe('the search for a chain of records in what seems cut is linear', () => {
  /** A long record that seems cut, and three short ones, again and again. */
  function group(i: number): Uint8Array {
    const short = [0, 1, 2].map((n) => pcapRecord({ seconds: 1000 + i, fraction: n, data: payload(8, i) }));
    return concat(
      pcapRecord({ seconds: 1000 + i, fraction: 0, data: payload(4), captured: 0x40000, original: 0x40000 }),
      ...short,
    );
  }

  it('in pcap', () => {
    const file = (groups: number) => concat(pcap([]), ...Array.from({ length: groups }, (_, i) => group(i)));
    const work = [200, 1600].map((groups) => workOf((session) => new PcapParser(session, SINK, 'test'), file(groups)));
    expect(work.map(({ packets }) => packets)).toEqual([600, 4800]);
    expect(work[1].perByte).toBeLessThan(1.5 * work[0].perByte);
  });

  it('in pcapng', () => {
    const ng = new Pcapng();
    const cut = ng.block(6, payload(32), { first: 0x100000 });
    const good = ng.enhanced(US, payload(8));
    const file = (groups: number) =>
      concat(ng.section(), ng.interface(), ...Array.from({ length: groups }, () => concat(cut, good, good)), good);
    const work = [200, 1600].map((n) => workOf((session) => new PcapngParser(session, SINK, 'test'), file(n)));
    expect(work.map(({ packets }) => packets)).toEqual([401, 3201]);
    expect(work[1].perByte).toBeLessThan(1.5 * work[0].perByte);
  });
});

it('the event loop gets its turns while a capture is read, whatever the input', async () => {
  const file = pcap(Array.from({ length: 40 }, (_, i) => ({ seconds: i, fraction: 0, data: payload(60) })));
  let at = 0;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  // Each packet takes two milliseconds of work.
  const sink: CaptureSink = {
    record: () => {
      for (const end = performance.now() + 2; performance.now() < end; );
    },
  };
  const read = async (buffer: Uint8Array, offset: number) => {
    const part = file.subarray(at, at + 76);
    buffer.set(part, offset);
    at += part.length;
    return part.length;
  };
  await readCapture({ read }, new CaptureReader(sink), sink, 'test');
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
});
