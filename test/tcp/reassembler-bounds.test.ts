import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader.ts';
import { Decoder } from '../../src/decode/decoder.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { Reassembler } from '../../src/tcp/reassembler.ts';
import type { ReassemblyOptions } from '../../src/tcp/reassembly-options.ts';
import { advance, Tracker } from '../../src/tcp/tracker.ts';
import { join, u16, u32 } from '../support/packet-bytes.ts';
import { reassemble, Streams, streamsOf } from './reassemble.ts';

const HANDSHAKE = `
  0.000 > S   seq 0 <mss 1460>
  0.010 < S.  seq 0 ack 1 <mss 1460>
  0.020 > .   ack 1`;

describe('the bound of what waits', () => {
  it('gives up the hole before it when it is met, and says so', () => {
    const pieces = Array.from({ length: 20 }, (_, i) => `+0.001 > . ${11 + 100 * i}:${111 + 100 * i}(100) ack 1`);
    // Each piece takes 228 bytes: the ninth is too much.
    const streams = streamsOf(`${HANDSHAKE}\n${pieces.join('\n')}`, { limit: 2000 });
    expect(streams.limits).toHaveLength(1);
    expect(streams.limits[0]).toMatchObject({ what: 'hole given up', offset: 0, frame: 12 });
    expect(streams.gaps).toEqual(['> 0-10 unacked-at-end']);
    expect(streams.data('client')).toHaveLength(2000);
    expect(streams.log[1]).toMatch(/^> 10 .* frame 4$/);
  });

  it('gives up one hole after the other, and no more than it must', () => {
    const pieces = Array.from({ length: 12 }, (_, i) => `+0.001 > . ${11 + 200 * i}:${111 + 200 * i}(100) ack 1`);
    const streams = streamsOf(`${HANDSHAKE}\n${pieces.join('\n')}`, { limit: 2300 });
    // Ten pieces fit; the eleventh and the twelfth push out one each.
    expect(streams.limits.map(({ offset }) => offset)).toEqual([0, 110]);
    expect(streams.endOf('client').bytes).toBe(1200);
  });

  it('drops what waits after a FIN first', () => {
    const pieces = Array.from({ length: 20 }, (_, i) => `+0.001 > . ${3 + 100 * i}:${103 + 100 * i}(100) ack 1`);
    const streams = streamsOf(`${HANDSHAKE}\n0.030 > F. 1:3(2) ack 1\n${pieces.join('\n')}`, { limit: 2000 });
    expect(streams.data('client')).toHaveLength(2);
    expect(streams.excluded_.map(({ reason }) => reason)).toEqual(Array(20).fill('after-fin'));
    expect(streams.limits).toEqual([]);
  });

  it('delivers unacknowledged bytes under the policy last', () => {
    const pieces = Array.from({ length: 40 }, (_, i) => `+0.001 > . ${1 + 100 * i}:${101 + 100 * i}(100) ack 1`);
    const streams = streamsOf(`${HANDSHAKE}\n${pieces.join('\n')}`, { overlap: 'last', limit: 2300 });
    expect(streams.limits.map(({ what }) => what)).toEqual(['unacknowledged bytes delivered']);
    expect(streams.data('client')).toHaveLength(4000);
    expect(streams.gaps).toEqual([]);
  });
});

describe('what was delivered long ago', () => {
  it('is not compared any more', () => {
    const filler = Array.from({ length: 30 }, (_, i) => `+0.001 > . ${5 + 1000 * i}:${1005 + 1000 * i}(1000) ack 1`);
    const text = `${HANDSHAKE}
      0.030 > P. 1:5(4) ack 1 "GOOD"
      ${filler.join('\n')}
      +0.001 > P. 1:5(4) ack 1 "EVIL"
      +0.001 > P. 30001:30005(4) ack 1 "EVIL"`;
    expect(streamsOf(text, { history: 1 << 14 }).conflicts.map(({ start }) => start)).toEqual([30000]);
    expect(streamsOf(text, { history: 1 << 15 }).conflicts.map(({ start }) => start)).toEqual([0, 30000]);
  });
});

describe('a hostile order of 100,000 segments of one byte', () => {
  const COUNT = 100_000;

  /** Frames whose segments hold one byte each, at the places of `order`. */
  function capture(order: (i: number) => number): Uint8Array {
    const handshake = [
      frame({ fromClient: true, seq: 0, ack: 0, flags: 2, payload: 0 }),
      frame({ fromClient: false, seq: 0, ack: 1, flags: 18, payload: 0 }),
    ];
    const segments = Array.from({ length: COUNT }, (_, i) =>
      frame({ fromClient: true, seq: 2 + order(i), ack: 1, flags: 16, payload: 1 }),
    );
    const last = frame({ fromClient: true, seq: 1, ack: 1, flags: 16, payload: 1 });
    return pcap([...handshake, ...segments, last]);
  }

  it.each([
    ['backwards', (i: number) => COUNT - 1 - i],
    // 7919 is prime to 100,000, so every place is visited once.
    ['scattered', (i: number) => (i * 7919) % COUNT],
  ])('%s: in order at last', (_, order) => {
    const streams = reassembleOnly(capture(order), { limit: 1 << 25 });
    expect(streams.limits).toEqual([]);
    expect(streams.data('client')).toHaveLength(COUNT + 1);
  });
});

describe('streams beyond 4 GiB', () => {
  const SIZE = 65_000;
  const COUNT = 140_000;

  it('have exact offsets', () => {
    const records = [
      frame({ fromClient: true, seq: 0, ack: 0, flags: 2, payload: 0, scale: 14 }),
      frame({ fromClient: false, seq: 0, ack: 1, flags: 18, payload: 0, scale: 14 }),
    ];
    // Super-segments of which the capture keeps the headers: 9.1 GB in all.
    for (let i = 0; i < COUNT; i++) {
      records.push(frame({ fromClient: true, seq: 1 + i * SIZE, ack: 1, flags: 16, payload: SIZE, cut: true }));
      if (i % 1000 === 999)
        records.push(frame({ fromClient: false, seq: 1, ack: 1 + (i + 1) * SIZE, flags: 16, payload: 0 }));
    }
    const end = COUNT * SIZE;
    const tail = (at: number, payload: number) =>
      frame({ fromClient: true, seq: 1 + end + at, ack: 1, flags: 24, payload });
    records.push(tail(0, 100), tail(200, 100), tail(50, 200), tail(0, 20));
    const [streams] = reassemble(pcap(records), {}, { verifyChecksums: false });
    expect(end).toBeGreaterThan(2 * 2 ** 32);
    expect(streams.log.map((line) => line.replace(/ "[^"]*"/s, ''))).toEqual([
      `> 0-${end} snaplen-cut`,
      `> ${end} frame ${records.length - 3}`,
      `> ${end + 100} frame ${records.length - 1}`,
      `> ${end + 250} frame ${records.length - 2}`,
    ]);
    expect(streams.endOf('client')).toMatchObject({ bytes: 300, missing: end, length: end + 300 });
    expect(streams.conflicts).toEqual([]);
  });
});

/** Decoder, tracker and reassembler, without the other stages. */
function reassembleOnly(capture: Uint8Array, options: Partial<ReassemblyOptions>): Streams {
  const decoder = new Decoder({ verifyChecksums: false });
  const tracker = new Tracker();
  const view = new SegmentView();
  let running: { streams: Streams; reassembler: Reassembler } | undefined;
  const reader = new CaptureReader({
    record: (record) => {
      decoder.decode(record, view);
      const t = tracker.track(view);
      advance(t, view);
      if (running === undefined) {
        const streams = new Streams(t.connection);
        running = { streams, reassembler: new Reassembler(t.connection, streams, options) };
      }
      running.reassembler.segment(t, view);
    },
  });
  reader.open('test');
  reader.write(capture);
  reader.end();
  running!.reassembler.end();
  return running!.streams;
}

interface FrameFields {
  fromClient: boolean;
  seq: number;
  ack: number;
  flags: number;
  payload: number;
  scale?: number;
  /** Only the headers are in the capture. */
  cut?: boolean;
}

interface RawFrame {
  bytes: Uint8Array;
  length: number;
}

/** A raw IP packet, with checksums left out; every byte of the payload is that of its place. */
function frame({ fromClient, seq, ack, flags, payload, scale, cut }: FrameFields): RawFrame {
  const ISN = 4294960000;
  const [source, destination] = fromClient ? [1, 2] : [2, 1];
  const [sourcePort, destinationPort] = fromClient ? [40000, 80] : [80, 40000];
  const options = scale === undefined ? [] : [3, 3, scale, 0];
  const length = 40 + options.length + payload;
  const headers = join(
    [0x45, 0],
    u16(length),
    [0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, source, 10, 0, 0, destination],
    u16(sourcePort),
    u16(destinationPort),
    u32((ISN + seq) % 2 ** 32),
    u32((ISN + ack) % 2 ** 32),
    [(20 + options.length) << 2, flags],
    [0xff, 0xff, 0, 0, 0, 0],
    options,
  );
  const text = cut ? [] : Array.from({ length: payload }, (_, i) => 97 + ((seq + i) % 26));
  return { bytes: join(headers, text), length };
}

function pcap(frames: RawFrame[]): Uint8Array {
  const whole = new Uint8Array(24 + frames.reduce((size, { bytes }) => size + 16 + bytes.length, 0));
  const data = new DataView(whole.buffer);
  [0xa1b2c3d4, 0x00020004, 0, 0, 262144, 101].forEach((word, i) => {
    data.setUint32(4 * i, word);
  });
  let at = 24;
  for (const [i, { bytes, length }] of frames.entries()) {
    [1_700_000_000, i, bytes.length, length].forEach((word, j) => {
      data.setUint32(at + 4 * j, word);
    });
    whole.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return whole;
}
