/** What tells a rate-based sender from one that answers ACKs: each figure of `bbr.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import { RateBased } from '../../src/congestion/bbr.ts';
import { Round } from '../../src/congestion/round.ts';

const MS = 1e6;

/** A round of 40 ms in which the sender always had data: 100 segments, none of them far from the next. */
function round(fields: Partial<Round> = {}): Round {
  return Object.assign(new Round(), {
    duration: 40 * MS,
    delivered: 100,
    sent: 100,
    peak: 100,
    free: true,
    pause: MS,
    ...fields,
  });
}

function after(...rounds: Partial<Round>[]): RateBased {
  const sender = new RateBased();
  for (const fields of rounds) sender.round(round(fields));
  return sender;
}

describe('the window', () => {
  it('is twice the bandwidth-delay product', () => {
    // 100 segments in 40 ms; a path of 20 ms holds 50.
    expect(after({}).window(20 * MS)).toBe(100);
    expect(after({ delivered: 50 }).window(20 * MS)).toBe(50);
  });

  it('is four segments at the least, and where no round trip is known', () => {
    expect(after({ delivered: 4 }).window(20 * MS)).toBe(4);
    expect(after({ delivered: 5 }).window(20 * MS)).toBe(5);
    expect(after({}).window(Number.NaN)).toBe(4);
    expect(after({}).window(0)).toBe(4);
    expect(after({ duration: 0 }).window(20 * MS)).toBe(4);
  });

  it('is told by the fastest of the latest ten rounds', () => {
    const slow = (count: number) => Array.from({ length: count }, () => ({ delivered: 50 }));
    expect(after({}, ...slow(9)).window(20 * MS)).toBe(100);
    expect(after({}, ...slow(10)).window(20 * MS)).toBe(50);
  });
});

describe('a flight that is lowered without a loss', () => {
  const lowerings = (...rounds: Partial<Round>[]) => after(...rounds).lowerings;

  it('falls below 93 % of the round before', () => {
    expect(lowerings({ peak: 200 }, { peak: 186 })).toBe(0);
    expect(lowerings({ peak: 200 }, { peak: 185 })).toBe(1);
    expect(lowerings({ peak: 185 }, { peak: 200 })).toBe(0);
    expect(lowerings({ peak: 200 }, { peak: 100 }, { peak: 50 })).toBe(2);
  });

  it('is of 16 segments or more: of fewer, rounding lowers it', () => {
    expect(lowerings({ peak: 20 }, { peak: 16 })).toBe(1);
    expect(lowerings({ peak: 20 }, { peak: 15 })).toBe(0);
    // And the next one is not held against it.
    expect(lowerings({ peak: 20 }, { peak: 15 }, { peak: 16 }, { peak: 20 })).toBe(0);
  });

  it('is no sign where something else stopped the sender, or it had nothing to send', () => {
    const lowered = (fields: Partial<Round>) => lowerings({}, { peak: 50, ...fields });
    expect(lowered({ free: false })).toBe(0);
    expect([lowered({ sent: 4, pause: 0 }), lowered({ sent: 3, pause: 0 })]).toEqual([1, 0]);
    // An eighth of 40 ms; with 8 segments, 1.5 times the mean gap of 5 ms.
    expect([lowered({ pause: 5 * MS }), lowered({ pause: 5 * MS + 1 })]).toEqual([1, 0]);
    expect([lowered({ sent: 8, pause: 7.5 * MS }), lowered({ sent: 8, pause: 7.5 * MS + 1 })]).toEqual([1, 0]);
  });

  it('is not counted across a loss', () => {
    const sender = after({});
    sender.loses(100, 100);
    sender.round(round({ peak: 50 }));
    expect(sender.lowerings).toBe(0);
  });
});

describe('a loss', () => {
  /** 100 segments in flight of a window of `cwnd`; the round after the repair. */
  const answered = (fields: Partial<Round>, cwnd = 100) => {
    const sender = new RateBased();
    sender.loses(100, cwnd);
    sender.recovers();
    sender.round(round(fields));
    return { unmoved: sender.unmoved, confidence: sender.confidence };
  };
  const NOTHING = { unmoved: 0, confidence: 1 / 2 };
  const UNMOVED = { unmoved: 1, confidence: 2 / 3 };
  const YIELDED = { unmoved: 0, confidence: 1 / 3 };

  it('does not move a rate-based sender: nine tenths of the flight are left', () => {
    expect(answered({ peak: 90 })).toEqual(UNMOVED);
    expect(answered({ peak: 89 })).toEqual(NOTHING);
  });

  it('is answered by 40 to 85 % of the flight: less is no factor of any algorithm', () => {
    expect(answered({ peak: 86 })).toEqual(NOTHING);
    expect(answered({ peak: 85 })).toEqual(YIELDED);
    expect(answered({ peak: 40 })).toEqual(YIELDED);
    expect(answered({ peak: 39 })).toEqual(NOTHING);
  });

  it('shows nothing where less than 70 % of the flight were sent in the round after it', () => {
    expect(answered({ peak: 95, sent: 70 })).toEqual(UNMOVED);
    expect(answered({ peak: 95, sent: 69 })).toEqual(NOTHING);
  });

  it('shows nothing where less than 80 % of the window were in flight', () => {
    expect(answered({ peak: 95 }, 125)).toEqual(UNMOVED);
    expect(answered({ peak: 95 }, 126)).toEqual(NOTHING);
  });

  it('is answered in the first round after its repair and in no other', () => {
    const sender = new RateBased();
    sender.loses(100, 100);
    sender.round(round({ peak: 95 }));
    expect(sender.unmoved).toBe(0);
    sender.recovers();
    sender.round(round({ peak: 88 }));
    sender.round(round({ peak: 95 }));
    expect(sender.unmoved).toBe(0);
  });

  it('that is none, or is followed by another, is not answered', () => {
    const excused = new RateBased();
    excused.loses(100, 100);
    excused.recovers();
    excused.excuses();
    excused.round(round({ peak: 95 }));
    expect(excused.unmoved).toBe(0);
    const again = (inFlight: number) => {
      const sender = new RateBased();
      sender.loses(100, 100);
      sender.recovers();
      sender.loses(inFlight, 100);
      return sender.unmoved;
    };
    expect([again(90), again(89)]).toEqual([1, 0]);
  });
});

describe('a clock of its own', () => {
  const bursts = (count: number, unprompted: number, more: Partial<Round> = {}) =>
    after({ bursts: count, unprompted, ...more });

  it('lets half of the bursts go without an ACK, of twenty or more', () => {
    expect(bursts(20, 10).paced).toBe(true);
    expect(bursts(20, 9).paced).toBe(false);
    expect(bursts(19, 19).paced).toBe(false);
    expect(bursts(20, 10).paces).toBe(true);
    expect(bursts(20, 10, { free: false }).paced).toBe(false);
    const idle = bursts(20, 10);
    idle.round(round({ sent: 1 }));
    expect([idle.paced, idle.paces]).toEqual([true, false]);
  });

  it('is not enough: a loss met it with a full window, or the flight was lowered three times', () => {
    const lowered = (times: number) => {
      const sender = bursts(20, 10, { peak: 1000 });
      for (let i = 1; i <= times; i++) sender.round(round({ peak: 1000 * 0.8 ** i }));
      return sender.isRecognised;
    };
    expect([lowered(2), lowered(3)]).toEqual([false, true]);
    const met = bursts(20, 10);
    met.loses(79, 100);
    expect(met.isRecognised).toBe(false);
    met.loses(80, 100);
    expect(met.isRecognised).toBe(true);
    const answering = bursts(20, 2);
    answering.loses(80, 100);
    expect(answering.isRecognised).toBe(false);
  });

  it('is outvoted by losses that were answered', () => {
    const sender = bursts(20, 10);
    sender.loses(100, 100);
    sender.recovers();
    sender.round(round({ peak: 70 }));
    // One answer stands against the flight that it lowered: against no sign.
    expect(sender.isRecognised).toBe(false);
    sender.round(round({ peak: 100 }));
    sender.round(round({ peak: 80 }));
    expect(sender.isRecognised).toBe(true);
  });
});

describe('a sender that answers at once', () => {
  const answers = (fields: Partial<Round>) =>
    after({ bursts: 20, unprompted: 2, batches: 66, ...fields }).answersAtOnce;

  it('lets a tenth of the bursts go without an ACK at the most, of twenty or more', () => {
    expect(answers({})).toBe(true);
    expect(answers({ unprompted: 3 })).toBe(false);
    expect(answers({ bursts: 19, unprompted: 0 })).toBe(false);
  });

  it('is one where chance would not do the same: the 300 us after ACKs are half of the time at the most', () => {
    expect(answers({ batches: 66 })).toBe(true);
    expect(answers({ batches: 67 })).toBe(false);
  });
});
