/** What is measured of a reduction and of a growth, before any algorithm is held against it: `evidence.ts`, one unit on either side. */
import { describe, expect, it } from 'vitest';
import { Evidence } from '../../src/congestion/evidence.ts';
import { Round } from '../../src/congestion/round.ts';
import type { Growth, Range, Reduction, Signature } from '../../src/congestion/signatures.ts';
import { Algorithm } from '../../src/model/congestion.ts';

const MS = 1e6;

/** Evidence with one signature that keeps what it is asked about. */
class Measured {
  readonly reductions: Reduction[] = [];
  readonly growths: Growth[] = [];
  readonly evidence: Evidence;
  private now = 0;

  constructor() {
    const signature: Signature = {
      algorithm: Algorithm.CUBIC,
      reduced: (reduction) => {
        this.reductions.push({ ...reduction });
        return [];
      },
      grown: (growth) => {
        this.growths.push({ ...growth });
        return null;
      },
    };
    this.evidence = new Evidence([signature], true);
  }

  /** A round of 10 ms with `peak` segments in flight; by default it shows the window, which is level. */
  round(
    peak: number,
    { shows = true, isLevel = shows, ...fields }: Partial<Round> & { shows?: boolean; isLevel?: boolean } = {},
  ): this {
    this.now += 10 * MS;
    const one = { peak, first: peak, delivered: peak, acks: peak, duration: 10 * MS, ...fields };
    this.evidence.round(Object.assign(new Round(), one), shows, isLevel, this.now);
    return this;
  }

  loses(inFlight: number, outstanding = inFlight, pipe = inFlight, cwnd = outstanding): this {
    this.evidence.loses(inFlight, outstanding, pipe, cwnd);
    return this;
  }

  recovers(acked = 0): this {
    this.evidence.recovers(this.now, acked);
    return this;
  }

  /** A reduction by half with what `fields` of a round tell. */
  halved(): this {
    return this.round(100).loses(100).recovers().round(50);
  }

  get before() {
    return this.reductions.map(({ beforeLow, beforeHigh }) => [beforeLow, beforeHigh]).at(-1);
  }

  get after() {
    return this.reductions.map(({ afterLow, afterHigh }) => [afterLow, afterHigh]).at(-1);
  }
}

describe('the window before a loss', () => {
  const before = (...loss: [number, number, number, number?]) =>
    new Measured()
      .round(50)
      .loses(...loss)
      .recovers()
      .round(20).before;

  it('in congestion avoidance is that of the round before, and up to two segments more', () => {
    expect(before(48, 60, 48)).toEqual([50, 52]);
    expect(before(52, 60, 52)).toEqual([52, 54]);
    expect(before(50, 51, 50)).toEqual([50, 51]);
    // What is taken for lost may be lost.
    expect(before(50, 52, 40)).toEqual([42, 52]);
    expect(before(50, 52, 47)).toEqual([49, 52]);
  });

  it('was used where four fifths of it were outstanding, or as much as the round before had shown', () => {
    expect([before(50, 50, 50, 100), before(49, 49, 49, 100)]).toEqual([[50, 50], undefined]);
    expect([before(49, 49, 49, 61), before(49, 49, 49, 62)]).toEqual([[49, 49], undefined]);
  });

  it('elsewhere is between what is in flight or not taken for lost, and what is outstanding', () => {
    const grows = new Measured().round(50, { isLevel: false }).loses(48, 60, 45).recovers().round(20);
    expect(grows.before).toEqual([45, 60]);
    // After a loss no round is known.
    const again = new Measured().round(50).loses(50, 50, 50).loses(48, 60, 45).recovers().round(20);
    expect(again.before).toEqual([45, 60]);
  });
});

describe('the window after it', () => {
  const repaired = () => new Measured().round(100).loses(100).recovers();

  it('is what the round shows, or the one after, less a segment for each that did not', () => {
    expect(repaired().round(50).after).toEqual([50, 50]);
    expect(repaired().round(50, { first: 47 }).after).toEqual([47, 50]);
    expect(repaired().round(46, { shows: false }).round(46).after).toEqual([45, 46]);
  });

  it('is not seen where the second round does not show it either: it is at least what was in flight', () => {
    const one = repaired().round(46, { shows: false });
    expect(one.after).toBeUndefined();
    expect(one.round(44, { shows: false }).after).toEqual([44, Number.POSITIVE_INFINITY]);
  });

  it('is not what is less than was seen before, but for a segment', () => {
    const then = (peak: number) => repaired().round(46, { shows: false }).round(peak).after;
    expect([then(45), then(44)]).toEqual([
      [44, 45],
      [45, Number.POSITIVE_INFINITY],
    ]);
  });

  it('is less by what the last ACK of the repair may have opened it, be nothing in flight at first', () => {
    const first = (inFlight: number) =>
      new Measured().round(100).loses(100).recovers(20).round(50, { first: inFlight }).after;
    expect([first(40), first(2), first(1), first(0)]).toEqual([
      [39.5, 50],
      [-8, 50],
      [-19, 50],
      [-20, 50],
    ]);
  });

  it('is not asked for while something is repaired, and not held by what comes after that', () => {
    expect(new Measured().round(50).loses(50).loses(48).reductions).toEqual([]);
    const shown = new Measured().round(100).loses(100).recovers();
    shown.evidence.holds(50, 50);
    expect(shown.reductions).toEqual([]);
  });

  it('goes on to be looked for when a growth ends that there was none of', () => {
    const one = repaired();
    one.evidence.endGrowth();
    expect(one.round(50).after).toEqual([50, 50]);
  });
});

describe('what is known of the path', () => {
  const of = (fields: Partial<Round>) => {
    const one = new Measured().round(100, { samples: 2, rttSum: 60 * MS, shortestRtt: 20 * MS, longestRtt: 40 * MS });
    return one.round(100, fields).loses(100).recovers().round(50, { delivered: 0 }).reductions[0];
  };

  it('is the rate of the latest round in which something was delivered, and which took time', () => {
    expect(of({ delivered: 1, duration: 1 }).rate).toBe(1);
    expect(of({ delivered: 0, duration: 5 }).rate).toBe(100 / (10 * MS));
    expect(of({ delivered: 70, duration: 0 }).rate).toBe(100 / (10 * MS));
  });

  it('is the share of marked data, smoothed by a sixteenth (RFC 8257 section 3.3): it begins with one', () => {
    const first = 15 / 16;
    expect(of({ delivered: 0, marked: 0 }).alpha).toBe(first);
    expect(of({ delivered: 1, marked: 1 }).alpha).toBeCloseTo(first + (1 - first) / 16, 12);
    expect(of({ delivered: 100, marked: 25 }).alpha).toBeCloseTo(first + (0.25 - first) / 16, 12);
  });

  it('are the round trips since the reduction before and of all, where a round has some', () => {
    const none = of({ samples: 0 });
    expect([none.latestRtt, none.shortestRtt, none.longestRtt]).toEqual([30 * MS, 20 * MS, 40 * MS]);
    const one = of({ samples: 1, rttSum: 10 * MS, shortestRtt: 10 * MS, longestRtt: 10 * MS });
    expect([one.latestRtt, one.shortestRtt, one.longestRtt]).toEqual([10 * MS, 10 * MS, 40 * MS]);
    const slow = of({ samples: 1, rttSum: 70 * MS, shortestRtt: 70 * MS, longestRtt: 70 * MS });
    expect([slow.shortestRtt, slow.longestRtt, slow.baseRtt, slow.worstRtt]).toEqual([
      ...[20 * MS, 70 * MS],
      ...[20 * MS, 70 * MS],
    ]);
    const later = new Measured().round(100, { samples: 1, rttSum: MS, shortestRtt: MS, longestRtt: MS }).loses(100);
    later.recovers().round(50).round(51).loses(51).recovers().round(30);
    expect(later.reductions.at(-1)).toMatchObject({
      shortestRtt: Number.POSITIVE_INFINITY,
      longestRtt: 0,
      baseRtt: MS,
    });
  });
});

describe('the growth after it', () => {
  it('begins with the middle of what the window was before, and the end of the repair', () => {
    const one = new Measured().round(50).loses(50, 60, 50).recovers().round(25);
    for (let i = 1; i <= 3; i++) one.round(25 + i);
    // The repair ended with the round before: 10 ms until the first, which shows the window.
    expect(one.growths.at(-1)).toMatchObject({
      before: 51,
      from: 25,
      to: 28,
      rounds: 3,
      duration: 40 * MS,
      rtt: 10 * MS,
    });
    expect(one.growths.at(-1)!.bySegments).toBe(3);
  });

  it('ends where a round does not show the window', () => {
    const one = new Measured().halved();
    for (let i = 1; i <= 3; i++) one.round(50 + i);
    const { length } = one.growths;
    one.round(54, { shows: false }).round(55).round(56);
    expect([length > 0, one.growths.length]).toEqual([true, length]);
  });
});

describe('a signature that no common one is like', () => {
  /** What one of two signatures foretells, in units of what is uncertain of 100 segments above the 80 that are left. */
  const telling = (common: number, rare: number) => {
    const unit = 0.75 + 0.02 * 100;
    const at = (algorithm: number, units: number): Signature => ({
      algorithm,
      reduced: ({ afterHigh }): Range[] => [{ least: afterHigh + units * unit, most: Number.POSITIVE_INFINITY }],
      grown: () => null,
    });
    const evidence = new Evidence([at(Algorithm.CUBIC, common), at(Algorithm.BIC, rare)], true);
    const round = (peak: number, now: number) =>
      evidence.round(Object.assign(new Round(), { peak, first: peak, delivered: peak }), true, true, now);
    round(100, MS);
    evidence.loses(100, 100, 100, 100);
    evidence.recovers(2 * MS, 0);
    round(80, 3 * MS);
    expect(evidence.isMeasured).toBe(true);
    return evidence.tallies[1].telling;
  };

  it('is within 1 of what was seen, and the nearest common one is 1.5 away', () => {
    expect([telling(1.51, 0.99), telling(1.49, 0.99), telling(1.51, 1.01)]).toEqual([1, 0, 0]);
  });
});
