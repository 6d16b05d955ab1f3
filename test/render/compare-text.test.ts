import { expect, test } from 'vitest';
import type { ClockReport, CompareReport } from '../../src/compare/report.ts';
import { compareText, TimeLine } from '../../src/render/compare-text.ts';
import { PLAIN } from '../../src/render/style.ts';

test('the time line of three places gets narrower where the screen has no room for it', () => {
  const names = ['near', 'middle', 'far'];
  const header = (width: number | null) => new TimeLine(names, names, PLAIN, width).header();
  expect(header(90)).toBe(header(null));
  expect(header(89).length).toBeLessThan(header(90).length);
  const two = (width: number) => new TimeLine(['near', 'far'], ['near', 'far'], PLAIN, width).header();
  expect(two(80)).toBe(two(200));
});

const clock = (over: Partial<ClockReport>): ClockReport => ({
  file: 'b',
  offsetMs: 3,
  driftPpm: 0,
  uncertaintyMs: 8,
  uncertaintyBasis: 'round-trip',
  roundTripUncertaintyMs: 8,
  symmetricUncertaintyMs: 0.02,
  driftUncertaintyPpm: 1,
  ...over,
});

const told = (over: Partial<ClockReport>) => {
  const file = {
    capture: 'a',
    vantage: null,
    packets: 1,
    tcpPackets: 1,
    connections: 1,
    first: null,
    last: null,
    missed: 0,
  };
  const report: CompareReport = {
    schemaVersion: 1,
    files: [
      { ...file, file: 'a' },
      { ...file, file: 'b' },
    ],
    vantageOrder: ['a', 'b'],
    clocks: [clock({ file: 'a', offsetMs: 0 }), clock(over)],
    links: [],
    connections: [],
    notes: [],
  };
  return compareText(report, null, PLAIN).filter((line) => /^b /.test(line));
};

test.each<[Partial<ClockReport>, string[]]>([
  [{}, ['b is 3.00 ms ahead of a; ± 20.0 µs if both directions take the same least time, else up to ± 8.00 ms']],
  [
    { uncertaintyBasis: 'symmetric', uncertaintyMs: 0.02, offsetMs: -3 },
    ['b is 3.00 ms behind a; ± 20.0 µs, taking both directions for equally fast (--symmetric)'],
  ],
  [
    { uncertaintyBasis: 'clocks-agree', uncertaintyMs: 0.02 },
    [
      'b and a show the same time, to ± 20.0 µs; with directions of different times they would agree so well by chance in at most 1 of 100 cases',
    ],
  ],
  [
    { uncertaintyBasis: 'clocks-agree', uncertaintyMs: 0 },
    [
      'b and a show the same time; with directions of different times they would agree so well by chance in at most 1 of 100 cases',
    ],
  ],
  [{ uncertaintyBasis: 'one-clock', uncertaintyMs: 0 }, []],
])('what is said of a clock: %j', (over, expected) => {
  expect(told(over)).toEqual(expected);
});
