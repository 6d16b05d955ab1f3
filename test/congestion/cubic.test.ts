/** The figures of `cubic.ts` with one unit on either side: RFC 8312, and Linux (`bictcp_update`) where the text leaves a choice. */
import { describe, expect, it } from 'vitest';
import { Told, Usage } from '../../src/congestion/controller.ts';
import { CubicController } from '../../src/congestion/cubic.ts';

const MS = 1e6;
const S = 1e9;

interface Inside {
  maximum: number;
  perSegment: number;
  friendly: number;
  delayMin: number;
}
const inside = (model: CubicController) => model as unknown as Inside;

interface Ack {
  delivered?: number;
  now?: number;
  rtt?: number;
  una?: number;
  sndNxt?: number;
}

/** An ACK while the whole window is in use. */
function acknowledge(model: CubicController, { delivered = 1, now = 0, rtt = Number.NaN, una = 0, sndNxt = 0 }: Ack) {
  const { cwnd } = model;
  model.used(Object.assign(new Usage(), { now, inFlight: cwnd, outstanding: cwnd, una, sndNxt, rto: S }));
  model.acknowledged(Object.assign(new Told(), { delivered, now, rtt, una, sndNxt }));
}

/** A window of 100 segments after a loss from which it has come back: W_max is 100. */
function restored(cwnd = 100): CubicController {
  const model = new CubicController(100, 1);
  model.lossDetected(Object.assign(new Told(), { pipe: 99 }));
  model.recovered(new Told());
  model.corrected(cwnd, false);
  return model;
}

describe('the target of CUBIC (RFC 8312 section 4.1)', () => {
  it('is looked up 32 times a second while the window stays the same', () => {
    const at = (time: number) => {
      const model = restored(70);
      acknowledge(model, { now: 5 * S });
      const { perSegment } = inside(model);
      acknowledge(model, { now: 5 * S + time });
      return inside(model).perSegment === perSegment;
    };
    expect([at(S / 32), at(S / 32 + 1)]).toEqual([true, false]);
  });

  it('is looked up anew when the window has changed', () => {
    const model = restored(70);
    acknowledge(model, { now: 5 * S });
    const { perSegment } = inside(model);
    model.corrected(80, false);
    acknowledge(model, { now: 5 * S });
    expect(inside(model).perSegment).toBeGreaterThan(perSegment);
  });

  it('that is not above the window lets it grow by a segment in a hundred windows (Linux)', () => {
    const model = restored();
    acknowledge(model, { now: 5 * S });
    expect(inside(model).perSegment).toBe(100 * 100);
  });
});

describe("CUBIC's W_est (RFC 8312 section 4.2)", () => {
  const friendly = (cwnd: number, delivered: number) => {
    const model = new CubicController(cwnd, 1);
    acknowledge(model, { delivered });
    return inside(model).friendly;
  };

  it('grows by 3 (1 - beta) / (1 + beta) = 8 / 15 of a segment for a window (Linux)', () => {
    // 100 * 15 / 8 = 187.5
    expect([friendly(100, 186), friendly(100, 187), friendly(100, 373), friendly(100, 374)]).toEqual([
      100, 101, 101, 102,
    ]);
  });

  it('grows from the smallest window on', () => {
    expect(friendly(1, 2)).toBe(3);
  });
});

describe('the shortest round trip of CUBIC', () => {
  it('is one nanosecond at the least: 0 is none', () => {
    const of = (rtt: number) => {
      const model = restored();
      acknowledge(model, { rtt });
      return inside(model).delayMin;
    };
    expect([of(0), of(1), of(2)]).toEqual([Number.NaN, 1, 2]);
  });
});

describe('the end of slow start', () => {
  /** A round trip of 80 ms, and then one of `rtt`: 20 ACKs each. */
  const after = (model: CubicController, rtt: number) => {
    let now = 0;
    for (const [first, each] of [
      [0, 80],
      [20, rtt],
    ])
      for (let i = 1; i <= 20; i++) {
        now += 2.5 * MS;
        acknowledge(model, { now, rtt: each * MS, una: first + i, sndNxt: first + 20 });
      }
    return model.ssthresh;
  };

  it('is found by the round trip, but not by a sender that counts ACKs, nor where it is over', () => {
    expect(after(new CubicController(20), 80)).toBe(Number.POSITIVE_INFINITY);
    expect(after(new CubicController(20), 100)).toBeLessThan(100);
    expect(after(Object.assign(new CubicController(20), { countsAcks: true }), 100)).toBe(Number.POSITIVE_INFINITY);
    expect(after(new CubicController(20, 19), 100)).toBe(19);
  });

  it('is given up where the window is raised three times after it', () => {
    const raised = (count: number, more: number, change: (model: CubicController) => void = () => {}) => {
      const model = new CubicController(20);
      after(model, 100);
      change(model);
      for (let i = 0; i < count; i++) model.corrected(model.cwnd + more, false);
      return model.ssthresh;
    };
    expect([raised(2, 1), raised(3, 1)].map(Number.isFinite)).toEqual([true, false]);
    expect(Number.isFinite(raised(3, 0))).toBe(true);
    // A loss has ended it.
    const loses = (model: CubicController) => model.lossDetected(Object.assign(new Told(), { pipe: 9 }));
    expect(Number.isFinite(raised(3, 1, loses))).toBe(true);
  });
});

describe('a window that is found to be smaller', () => {
  const maximum = (cwnd: number, level = true, ssthresh = 1) => {
    const model = new CubicController(100, ssthresh);
    model.corrected(cwnd, level);
    return inside(model).maximum;
  };

  it('was reduced if it is below eight tenths and does not grow as in slow start', () => {
    expect([maximum(80), maximum(79)]).toEqual([Number.NaN, 100]);
    expect([maximum(79, false), maximum(79, true, 200)]).toEqual([Number.NaN, Number.NaN]);
    expect(maximum(100)).toBeNaN();
  });
});
