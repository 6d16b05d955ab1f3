import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import { CaptureError } from '../../src/model/errors.ts';
import { concat, Pcapng, payload, pcap, text } from './build.ts';
import { keep, readChunks, readInPlace } from './collect.ts';

const packet = fc.record({
  seconds: fc.integer({ min: 1_699_000_000, max: 1_700_000_000 }),
  fraction: fc.integer({ min: 0, max: 999_999 }),
  data: fc.uint8Array({ maxLength: 200 }),
  extra: fc.integer({ min: 0, max: 2000 }),
});
const chunk = fc.integer({ min: 1, max: 300 });

describe('what was written is read', () => {
  it('as classic pcap', () => {
    const options = fc.record({ big: fc.boolean(), nano: fc.boolean(), modified: fc.boolean() });
    fc.assert(
      fc.property(fc.array(packet), options, chunk, (packets, options, size) => {
        const list = packets.map((p) => ({ ...p, original: p.data.length + p.extra }));
        const file = pcap(list, options);
        const unit = options.nano && !options.modified ? 1n : 1000n;
        const nanoseconds = (p: (typeof list)[number]) =>
          BigInt(p.seconds) * 1_000_000_000n + BigInt(p.fraction) * unit;
        for (const read of [readChunks(file, size), readInPlace(file, size)]) {
          expect(read.records.map((r) => [r.data, r.originalLength, BigInt(r.time)])).toEqual(
            list.map((p) => [Array.from(p.data), p.original, nanoseconds(p) - nanoseconds(list[0])]),
          );
          expect(read.facts.damages).toEqual([]);
        }
      }),
    );
  });

  it('as pcapng', () => {
    fc.assert(
      fc.property(
        fc.array(packet),
        fc.boolean(),
        chunk,
        fc.constantFrom('enhanced', 'packet'),
        (list, big, size, kind) => {
          const ng = new Pcapng(big);
          const time = (p: (typeof list)[number]) => BigInt(p.seconds) * 1_000_000n + BigInt(p.fraction);
          const blocks = list.map((p) =>
            ng[kind as 'enhanced' | 'packet'](time(p), p.data, {
              original: p.data.length + p.extra,
              options: p.extra % 3 === 0 ? [{ code: 1, value: text(`note ${p.extra}`) }] : [],
            }),
          );
          const file = concat(ng.section(), ng.interface(), ...blocks);
          for (const read of [readChunks(file, size), readInPlace(file, size)]) {
            expect(read.records.map((r) => [r.data, r.originalLength, BigInt(r.time), r.comment])).toEqual(
              list.map((p) => [
                Array.from(p.data),
                p.data.length + p.extra,
                (time(p) - time(list[0])) * 1000n,
                p.extra % 3 === 0 ? `note ${p.extra}` : null,
              ]),
            );
            expect(read.facts.damages).toEqual([]);
          }
        },
      ),
    );
  });
});

describe('mutated captures', () => {
  const ng = new Pcapng();
  const hexLines = Array.from({ length: 4 }, (_, i) => `\t0x00${i}0:  4500 0040 0000 4000 4006 0000 0a00 0001\n`).join(
    '',
  );
  const classic = pcap(
    Array.from({ length: 12 }, (_, i) => ({ seconds: 1_700_000_000, fraction: i, data: payload(50 + i) })),
  );
  const seeds = [
    classic,
    pcap([{ seconds: 1_700_000_000, fraction: 0, data: payload(50) }], { big: true, nano: true, modified: true }),
    concat(
      ng.section([{ code: 1, value: text('comment') }]),
      ng.interface(1, 100, [{ code: 9, value: Uint8Array.of(9) }]),
      ng.enhanced(1n << 60n, payload(60), { options: [{ code: 1, value: text('comment') }] }),
      ng.simple(payload(50)),
      ng.packet(1n << 60n, payload(60)),
      ng.statistics(0, [{ code: 4, value: ng.u64(4n) }]),
      ng.enhanced(1n << 60n, payload(60)),
    ),
    text(`17:41:56.089133 IP\n${hexLines}17:41:56.089134 IP\n${hexLines}`),
    concat(classic, classic),
  ];
  const mutation = fc.oneof(
    fc.record({ kind: fc.constant('set'), at: fc.nat(), value: fc.uint8Array({ minLength: 1, maxLength: 5 }) }),
    fc.record({ kind: fc.constant('ones'), at: fc.nat(), value: fc.constant(Uint8Array.of(255, 255, 255, 255)) }),
    fc.record({ kind: fc.constant('insert'), at: fc.nat(), value: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
    fc.record({ kind: fc.constant('remove'), at: fc.nat(), value: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
  );

  it('throw nothing but CaptureError, stay within bounds, and read alike in all chunk sizes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        chunk,
        (seed, list, size) => {
          let file: Uint8Array = seed.slice();
          for (const { kind, at, value } of list) {
            const place = at % file.length;
            if (kind === 'insert') file = concat(file.slice(0, place), value, file.slice(place));
            else if (kind === 'remove') file = concat(file.slice(0, place), file.slice(place + value.length));
            else for (let i = 0; i < value.length && place + i < file.length; i++) file[place + i] = value[i];
            if (file.length === 0) return;
          }
          const outcome = (read: () => unknown) => {
            try {
              return JSON.stringify(read(), (_, v) => (typeof v === 'bigint' ? String(v) : v));
            } catch (error) {
              if (error instanceof CaptureError) return error.message;
              throw error;
            }
          };
          const whole = outcome(() => readChunks(file, Number.POSITIVE_INFINITY));
          expect(outcome(() => readChunks(file, size))).toBe(whole);
          expect(outcome(() => readInPlace(file, size))).toBe(whole);
        },
      ),
      // Of five captures and four sorts of change; every run draws others.
      { numRuns: 1000 },
    );
  });

  it('never make the buffer grow beyond the largest record', () => {
    const session = new CaptureSession();
    const reader = new CaptureReader({ record: () => {} }, session);
    reader.open('endless');
    reader.write(pcap([], { snaplen: 0xffffffff }));
    // Every header claims almost all that is allowed, and none leads anywhere.
    const garbage = new Uint8Array(1 << 20);
    const data = new DataView(garbage.buffer);
    for (let at = 0; at + 16 <= garbage.length; at += 16) {
      data.setUint32(at, 1_700_000_000, true);
      data.setUint32(at + 8, 0xfffff, true);
      data.setUint32(at + 12, 0xfffff, true);
    }
    for (let i = 0; i < 64; i++) reader.write(garbage);
    reader.end();
    expect(reader.buffer.length).toBeLessThanOrEqual(8 << 20);
  });
});

describe('CaptureReader', () => {
  const file = (seconds: number) => pcap([{ seconds, fraction: 0, data: payload(60) }]);

  it('reads several files one after the other as one input', () => {
    const session = new CaptureSession();
    const times: [number, number][] = [];
    const reader = new CaptureReader({ record: (r) => times.push([r.number, r.time]) }, session);
    for (const [name, seconds] of [
      ['a', 100],
      ['b', 105],
    ] as const) {
      reader.open(name);
      reader.write(file(seconds));
      reader.end();
    }
    expect(times).toEqual([
      [1, 0],
      [2, 5e9],
    ]);
    expect(session.facts.files).toEqual(['a', 'b']);
    expect(session.facts.firstTimestamp).toBe(100_000_000_000n);
  });

  it('tells its sink of interfaces and damage, in their places', () => {
    const events: string[] = [];
    const reader = new CaptureReader({
      record: (r) => events.push(`record ${r.number}`),
      interfaceSeen: (id, described) => events.push(`interface ${id} ${described.linkType}`),
      damage: (damage) => events.push(`damage ${damage.offset}`),
    });
    reader.open('a');
    const bytes = pcap(Array.from({ length: 5 }, (_, i) => ({ seconds: 100, fraction: i, data: payload(40) })));
    bytes.fill(255, 24 + 56 + 8, 24 + 56 + 12);
    reader.write(bytes);
    reader.end();
    expect(events).toEqual(['interface 0 1', 'record 1', 'damage 80', 'record 2', 'record 3', 'record 4']);
  });

  it('stops after the record at which it was told to', () => {
    const session = new CaptureSession();
    let count = 0;
    const reader = new CaptureReader(
      {
        record: () => {
          if (++count === 2) session.stop();
        },
      },
      session,
    );
    reader.open('a');
    reader.write(concat(file(1), file(2), file(3)));
    expect(reader.done).toBe(true);
    reader.end();
    expect(count).toBe(2);
    expect(session.facts.damages).toMatchObject([{ offset: file(1).length, losesPackets: false }]);
  });

  it('does not copy a chunk that it can read in place', () => {
    const chunk = pcap(Array.from({ length: 50 }, (_, i) => ({ seconds: 100, fraction: i, data: payload(40) })));
    const buffers = new Set<ArrayBufferLike>();
    const reader = new CaptureReader({ record: (r) => buffers.add(r.bytes.buffer) });
    reader.open('a');
    reader.write(chunk);
    expect([...buffers]).toEqual([chunk.buffer]);
  });

  it('reuses one record', () => {
    const records = new Set<object>();
    const reader = new CaptureReader({ record: (r) => records.add(r) });
    reader.open('a');
    reader.write(pcap(Array.from({ length: 50 }, (_, i) => ({ seconds: 100, fraction: i, data: payload(40) }))));
    expect(records.size).toBe(1);
  });

  it('keeps the record whole while chunks come and go', () => {
    const kept: unknown[] = [];
    const reader = new CaptureReader({ record: (r) => kept.push(keep(r).data) }, undefined, 32);
    reader.open('a');
    const list = [10, 500, 3, 70].map((length) => ({ seconds: 1, fraction: 0, data: payload(length, length) }));
    const bytes = pcap(list);
    reader.write(bytes.subarray(0, 60));
    const room = reader.reserve();
    expect(room).toBeGreaterThan(0);
    reader.write(bytes.subarray(60));
    reader.end();
    expect(kept).toEqual(list.map((p) => Array.from(p.data)));
  });
});

describe('hostile captures', () => {
  it('that look like a block everywhere are searched in work and memory that grow with their size', () => {
    const ng = new Pcapng();
    // Every eighth byte begins a block of half a megabyte, whose second length is never right.
    const trap = ng.writer();
    for (let i = 0; i < 1 << 13; i++) trap.u32(6).u32(0x7fff4);
    const part = trap.done();
    /** Words that are read for each byte of so many parts. */
    const workOf = (way: string, parts: number) => {
      const reader = new CaptureReader({ record: () => {} });
      reader.open('trap');
      const feed = (bytes: Uint8Array) => {
        if (way === 'write') return reader.write(bytes);
        for (let at = 0; at < bytes.length; ) {
          const room = Math.min(reader.reserve(), bytes.length - at);
          reader.buffer.set(bytes.subarray(at, at + room), reader.writeOffset);
          reader.advance(room);
          at += room;
        }
      };
      let reads = 0;
      const { getUint32 } = DataView.prototype;
      DataView.prototype.getUint32 = function (at, littleEndian) {
        reads++;
        return getUint32.call(this, at, littleEndian);
      };
      try {
        feed(concat(ng.section(), ng.interface()));
        for (let i = 0; i < parts; i++) feed(part);
        reader.end();
      } finally {
        DataView.prototype.getUint32 = getUint32;
      }
      expect(reader.buffer.length).toBeLessThanOrEqual(4 << 20);
      expect(reader.session.facts.damages).toMatchObject([{ fatal: true }]);
      return reads / (parts * part.length);
    };
    for (const way of ['write', 'advance']) expect(workOf(way, 64), way).toBeLessThan(1.5 * workOf(way, 16));
  });
});
