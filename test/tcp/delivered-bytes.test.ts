import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeliveredBytes } from '../../src/tcp/delivered-bytes.ts';

const LIMIT = 1 << 14;

describe('delivered bytes', () => {
  it('are what was delivered, as far back as is promised', () => {
    const runs = fc.array(
      fc.record({ skip: fc.oneof(fc.constant(0), fc.nat(9000)), length: fc.integer({ min: 1, max: 6000 }) }),
      { minLength: 1, maxLength: 30 },
    );
    const query = fc.tuple(fc.nat(100_000), fc.integer({ min: 1, max: 20_000 }));
    fc.assert(
      fc.property(runs, query, (all, [from, size]) => {
        const delivered = new DeliveredBytes(LIMIT);
        const model = new Map<number, { byte: number; frame: number }>();
        let at = 0;
        for (const [frame, { skip, length }] of all.entries()) {
          at += skip;
          const bytes = Uint8Array.from({ length }, (_, i) => (at + i) * 31 + frame);
          delivered.add(at, bytes, { frame, time: 0, ttl: 64, ipId: 1 });
          for (let i = 0; i < length; i++) model.set(at + i, { byte: bytes[i], frame });
          at += length;
        }
        const expected = [...model.entries()]
          .filter(([offset]) => offset >= from && offset < from + size && offset >= at - LIMIT)
          .map(([offset, { byte, frame }]) => `${offset} ${byte} ${frame}`);
        const found: string[] = [];
        delivered.within(from, from + size, (start, bytes, { frame }) => {
          for (const [i, byte] of bytes.entries()) found.push(`${start + i} ${byte} ${frame}`);
        });
        expect(found).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});
