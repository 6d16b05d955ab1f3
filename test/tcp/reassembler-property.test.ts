import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OVERLAP_POLICIES, URGENT_MODES } from '../../src/model/stream.ts';
import { patternBytes, scenario } from '../support/scenario.ts';
import { reassemble, streamsOf } from './reassemble.ts';

/** How a byte string of `length` comes over the wire: cut up, in any order, some of it more than once. */
const journeys = fc.integer({ min: 1, max: 3000 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    /** Where it is cut; sorted below. */
    cuts: fc.array(fc.integer({ min: 1, max: length }), { maxLength: 25 }),
    /** Further segments, wherever they lie. */
    copies: fc.array(fc.tuple(fc.nat(length - 1), fc.integer({ min: 1, max: 700 })), { maxLength: 15 }),
    order: fc.array(fc.nat(1000), { minLength: 60, maxLength: 60 }),
    isn: fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0xffffffff - 3000, max: 0xffffffff })),
    overlap: fc.constantFrom(...OVERLAP_POLICIES),
    /** Whether the receiver acknowledges what it has, after each segment. */
    acknowledges: fc.boolean(),
  }),
);

interface Range {
  start: number;
  end: number;
}

function rangesOf(length: number, cuts: number[], copies: [number, number][], order: number[]): Range[] {
  const edges = [...new Set([0, ...cuts, length])].sort((a, b) => a - b);
  const ranges = edges.slice(1).map((end, i) => ({ start: edges[i], end }));
  for (const [start, size] of copies) ranges.push({ start, end: Math.min(length, start + size) });
  return ranges
    .map((range, i) => ({ range, key: order[i] }))
    .sort((a, b) => a.key - b.key)
    .map(({ range }) => range);
}

/** What a receiver has without a hole. */
function contiguous(seen: Range[]): number {
  let end = 0;
  for (const range of [...seen].sort((a, b) => a.start - b.start)) {
    if (range.start > end) break;
    end = Math.max(end, range.end);
  }
  return end;
}

describe('any way over the wire', () => {
  it('brings the same stream', () => {
    fc.assert(
      fc.property(journeys, ({ length, cuts, copies, order, isn, overlap, acknowledges }) => {
        const lines = ['0.000 > S   seq 0 <mss 1460>', '0.001 < S.  seq 0 ack 1 <mss 1460>', '0.002 > .   seq 1 ack 1'];
        const seen: Range[] = [];
        for (const range of rangesOf(length, cuts, copies, order)) {
          lines.push(`+0.001 > . ${range.start + 1}:${range.end + 1}(${range.end - range.start}) ack 1`);
          seen.push(range);
          if (acknowledges) lines.push(`+0.001 < . ack ${contiguous(seen) + 1}`);
        }
        const streams = streamsOf(lines.join('\n'), { overlap }, { clientIsn: isn });
        expect(streams.data('client').equals(Buffer.from(patternBytes(1, length, 'client')))).toBe(true);
        expect(streams.gaps).toEqual([]);
        expect(streams.conflicts).toEqual([]);
        expect(streams.limits).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('brings every byte to its place or tells of a gap there', () => {
    fc.assert(
      fc.property(
        journeys,
        fc.array(fc.nat(59), { maxLength: 8 }),
        ({ length, cuts, copies, order, isn, overlap }, dropped) => {
          const lines = [
            '0.000 > S   seq 0 <mss 1460>',
            '0.001 < S.  seq 0 ack 1 <mss 1460>',
            '0.002 > .   seq 1 ack 1',
          ];
          const held = new Uint8Array(length);
          for (const [i, range] of rangesOf(length, cuts, copies, order).entries()) {
            if (dropped.includes(i)) continue;
            lines.push(`+0.001 > . ${range.start + 1}:${range.end + 1}(${range.end - range.start}) ack 1`);
            held.fill(1, range.start, range.end);
          }
          lines.push(`+0.001 > F. ${length + 1}:${length + 1}(0) ack 1`, `+0.001 < . ack ${length + 2}`);
          const streams = streamsOf(lines.join('\n'), { overlap }, { clientIsn: isn });
          const all = patternBytes(1, length, 'client');
          const expected = all.filter((_, i) => held[i] === 1);
          expect(streams.data('client').equals(Buffer.from(expected))).toBe(true);
          const missing = streams.gaps.map((gap) =>
            /^> (\d+)-(\d+) missing-in-capture$/.exec(gap)!.slice(1).map(Number),
          );
          const told = new Uint8Array(length);
          for (const [start, end] of missing) told.fill(1, start, end);
          expect(told).toEqual(held.map((one) => 1 - one));
        },
      ),
      { numRuns: 300 },
    );
  });

  const flags = fc.constantFrom('S', 'S.', '.', 'P.', 'F.', 'R', 'R.', 'PU.', 'none', 'FP.');
  const segments = fc.record({
    flags,
    fromClient: fc.boolean(),
    seq: fc.oneof(fc.nat(60), fc.nat(60), fc.integer({ min: -70_000, max: 2_000_000 })),
    length: fc.nat(30),
    ack: fc.oneof(fc.nat(60), fc.nat(60), fc.integer({ min: -70_000, max: 2_000_000 })),
    window: fc.constantFrom(0, 5, 65535),
    urgent: fc.nat(40),
    /** Bytes that the capture kept after the headers. */
    kept: fc.oneof(fc.constant(1000), fc.nat(30)),
    content: fc.constantFrom('', 'x', 'y'),
    wait: fc.constantFrom('0.001', '0.001', '1.5'),
  });

  it('keeps its promises when the segments make no sense', () => {
    fc.assert(
      fc.property(
        fc.array(segments, { minLength: 1, maxLength: 60 }),
        fc.record({
          overlap: fc.constantFrom(...OVERLAP_POLICIES),
          urgent: fc.constantFrom(...URGENT_MODES),
          limit: fc.constantFrom(500, 1 << 24),
          history: fc.constantFrom(16, 1 << 18),
        }),
        (all, options) => {
          const lines = all.map((one) => {
            const { seq, length } = one;
            const text = one.content === '' ? '' : ` "${one.content.repeat(length)}"`;
            const ack = one.flags.includes('.') ? ` ack ${one.ack}` : '';
            const urgent = one.flags.includes('U') ? ` urg ${one.urgent}` : '';
            const range = `${seq}:${seq + length}(${length})`;
            const fields = `${range}${ack} win ${one.window}${urgent}${text} snap ${54 + one.kept}`;
            return `+${one.wait} ${one.fromClient ? '>' : '<'} ${one.flags} ${fields}`;
          });
          // Chunks and gaps out of order, or on top of each other, would throw.
          for (const streams of reassemble(scenario({}, lines.join('\n')).pcap, options)) {
            for (const side of ['client', 'server'] as const) {
              const end = streams.endOf(side);
              expect(end.bytes).toBe(streams.data(side).length);
              expect(end.bytes + end.urgentBytes + end.missing).toBe(end.length);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
