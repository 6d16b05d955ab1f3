import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Range, SortedRanges } from '../../src/verdict/sorted-ranges.ts';

/** Ranges of ten at multiples of ten, so that a place is taken or free. */
const at = (place: number): Range => ({ start: 10 * place, end: 10 * place + 10 });

function all(ranges: SortedRanges<Range>): number[] {
  const found: number[] = [];
  for (let range = ranges.seek(-1); range !== null; range = ranges.next()) found.push(range.start);
  return found;
}

describe('sorted ranges', () => {
  it('are a sorted list, whatever is put in, taken out and looked for', () => {
    const step = fc.tuple(fc.constantFrom('insert', 'push', 'shift', 'remove', 'seek', 'back'), fc.nat(400));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 1200 }), (steps) => {
        const ranges = new SortedRanges<Range>();
        let model: number[] = [];
        for (const [what, place] of steps) {
          const start = 10 * place;
          if (what === 'insert' && !model.includes(start)) {
            ranges.insert(at(place));
            model = [...model, start].sort((a, b) => a - b);
            expect(ranges.here?.start).toBe(start);
          } else if (what === 'push') {
            const next = (model.at(-1) ?? -10) + 10;
            ranges.push(at(next / 10));
            model.push(next);
          } else if (what === 'shift' && model.length > 0) {
            ranges.shift();
            model.shift();
          } else if (what === 'remove' && model.includes(start)) {
            expect(ranges.seek(start)?.start).toBe(start);
            const after = ranges.removeHere();
            model = model.filter((other) => other !== start);
            expect(after?.start).toBe(model.find((other) => other > start));
          } else if (what === 'seek') {
            expect(ranges.seek(start + 3)?.start).toBe(model.find((other) => other + 10 > start + 3));
          } else if (what === 'back' && ranges.seek(start) !== null) {
            const before = model.filter((other) => other + 10 <= start).at(-1);
            expect(ranges.previous()?.start).toBe(before);
          }
          expect(ranges.length).toBe(model.length);
          expect(ranges.first?.start).toBe(model[0]);
          expect(ranges.last?.start).toBe(model.at(-1));
        }
        expect(all(ranges)).toEqual(model);
      }),
      { numRuns: 200 },
    );
  });

  it('move nothing when the oldest leaves, and forget it', () => {
    const ranges = new SortedRanges<Range>();
    for (let place = 0; place < 1000; place++) ranges.push(at(place));
    for (let place = 0; place < 999; place++) {
      expect(ranges.first?.start).toBe(10 * place);
      ranges.shift();
    }
    expect(all(ranges)).toEqual([9990]);
    ranges.shift();
    expect(ranges.first).toBeNull();
    ranges.insert(at(3));
    expect(all(ranges)).toEqual([30]);
  });
});
