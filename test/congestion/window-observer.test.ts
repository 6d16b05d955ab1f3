/** What a round of ACKs shows of the window: each condition of `window-observer.ts` with one unit on either side. */
import { describe, expect, it } from 'vitest';
import { Usage } from '../../src/congestion/controller.ts';
import { WindowObserver } from '../../src/congestion/window-observer.ts';

const MS = 1e6;

/** One batch of ACKs: what it finds in flight, and the answer to it: by a full segment first, and last; null none. */
interface Batch {
  inFlight?: number;
  answer?: { first: boolean; last: boolean } | null;
  isFree?: boolean;
  /** Segments that ACKs of the round have moved the left edge past. */
  acks?: number;
}
const FULL = { first: true, last: true };

/** Rounds of batches that come 1 ms apart; each ends with the first ACK of the next. What each showed. */
class Rounds {
  readonly observer = new WindowObserver();
  private now = 0;
  private una = 0;

  /** The first batch of the next round ends this one. */
  round(...batches: Batch[]): this {
    batches.forEach((batch, i) => {
      const isLast = i === batches.length - 1;
      const { inFlight = 10, answer = FULL, isFree = true, acks = 1 } = batch;
      this.now += MS;
      const una = isLast ? this.una + 100 : this.una;
      const usage = Object.assign(new Usage(), { now: this.now, inFlight, isFree, una, sndNxt: una + 100 });
      this.observer.round.acks += acks;
      this.observer.hears(usage);
      if (isLast) {
        this.una = una;
        this.at = { now: this.now, sndNxt: una + 100 };
      }
      // After the round is over what is sent belongs to the next one.
      if (isLast) this.next();
      if (answer === null) return;
      this.observer.sends({ time: this.now + 1 }, answer.first);
      this.observer.sends({ time: this.now + 2 }, answer.last);
    });
    return this;
  }

  private at = { now: 0, sndNxt: 0 };
  /** What the latest round was, before the next one began. */
  seen = { shows: false, isLevel: false, shown: 0, gain: Number.NaN, duration: Number.NaN };

  private next(): void {
    const { observer } = this;
    this.seen = {
      shows: observer.showsRound,
      isLevel: observer.isLevelRound,
      shown: observer.shown,
      gain: observer.gain,
      duration: observer.round.duration,
    };
    observer.next(this.at);
  }
}

const begun = () => new Rounds().round({});
const batches = (count: number, of: (i: number) => Batch) => Array.from({ length: count }, (_, i) => of(i));
const IDLE = { answer: null };

describe('before the first ACK', () => {
  it('nothing is shown', () => {
    const observer = new WindowObserver();
    const { shown, isLevel, isRoundOver, showsRound, isLevelRound, hasSent, gain } = observer;
    expect({ shown, isLevel, isRoundOver, showsRound, isLevelRound, hasSent, gain }).toEqual({
      ...{ shown: 0, isLevel: false, isRoundOver: false, showsRound: false, isLevelRound: false, hasSent: false },
      gain: Number.NaN,
    });
  });

  it('a round begins, whatever that acknowledges', () => {
    const observer = new WindowObserver();
    observer.hears(Object.assign(new Usage(), { now: 0, inFlight: 10, isFree: true, una: 0, sndNxt: 10 }));
    expect(observer.isRoundOver).toBe(true);
  });
});

describe('a round of many batches shows the window', () => {
  // The answer to a batch is seen with the next one: the first of these ends the wait for the one before.
  const of = (all: Batch[]) => begun().round(...all).seen;

  it('from four batches on, three fifths of which were answered by full segments', () => {
    // The first batch is not: the round before ended with a shorter segment.
    const short = { answer: { first: false, last: false } };
    const after = (count: number) => new Rounds().round(short).round(...batches(count, () => ({}))).seen;
    expect([after(4).shown, after(3).shown]).toEqual([10, 0]);
    const full = (count: number) =>
      new Rounds().round(short).round(...batches(5, (i) => (i < count ? {} : i === 4 ? {} : short))).seen.shown;
    expect([full(3), full(2)]).toEqual([10, 0]);
  });

  it('where at most a tenth of them found more than two segments less', () => {
    const sagging = (count: number) => of(batches(10, (i) => ({ inFlight: i > 0 && i <= count ? 7 : 10 }))).shown;
    expect([sagging(1), sagging(2)]).toEqual([10, 0]);
  });

  it('where something was in flight', () => {
    const of4 = (inFlight: number) => new Rounds().round(IDLE).round(...batches(4, () => ({ inFlight }))).seen;
    expect([of4(1).shows, of4(0).shows]).toEqual([true, false]);
  });

  it('and lasts from the ACK that ended the one before to the one that ends it', () => {
    expect([of(batches(4, () => ({}))).duration, of(batches(7, () => ({}))).duration]).toEqual([4 * MS, 7 * MS]);
  });
});

describe('a round of few batches', () => {
  const SHORT_END = { answer: { first: true, last: false } };

  it('shows it from two on, if all were answered by full segments first', () => {
    const ends = (count: number) => new Rounds().round(SHORT_END).round(...batches(count, () => SHORT_END)).seen.shows;
    expect([ends(2), ends(1)]).toEqual([true, false]);
    expect(new Rounds().round(IDLE).round(SHORT_END, SHORT_END).seen.shows).toBe(false);
  });

  it('does not where the peer stopped the sender, or the flight sagged', () => {
    expect(begun().round({ isFree: false }, {}).seen.shows).toBe(false);
    expect([begun().round({}, { inFlight: 8 }).seen.shows, begun().round({}, { inFlight: 7 }).seen.shows]).toEqual([
      true,
      false,
    ]);
  });
});

describe('the gain of a round', () => {
  const showing = (inFlight: number, acks = 1) => batches(4, () => ({ inFlight, acks }));

  it('is known where this one and the one before show the window', () => {
    expect(new Rounds().round(IDLE).round(...showing(10)).seen).toMatchObject({ shows: true, gain: Number.NaN });
    expect(
      begun()
        .round(...showing(1))
        .round(...showing(2)).seen,
    ).toMatchObject({ shows: true, gain: 1 });
    const hidden = begun()
      .round(...showing(10))
      .round({ isFree: false }, {});
    expect(hidden.seen).toMatchObject({ shows: false, gain: Number.NaN });
    expect(hidden.round(...showing(10)).seen).toMatchObject({ shows: true, gain: Number.NaN });
  });

  it('of one segment is less than slow start brings, however few ACKs came', () => {
    const level = (gain: number) =>
      begun()
        .round(...batches(2, () => ({ acks: 0 })))
        .round(...batches(2, (i) => ({ inFlight: 10 + gain, acks: i }))).seen.isLevel;
    expect([level(1), level(2)]).toEqual([true, false]);
  });
});

describe('a flight that stays as it is', () => {
  /** One long round: the flights that its batches find, and which of them are not answered. */
  const flat = (flights: readonly number[], idle = -1, isFree = true) => {
    const observer = new WindowObserver();
    observer.next({ now: 0, sndNxt: 1000 });
    const shown: number[] = [];
    flights.forEach((inFlight, i) => {
      const now = (i + 1) * MS;
      observer.hears(Object.assign(new Usage(), { now, inFlight, isFree, una: 1, sndNxt: 1000 }));
      shown.push(observer.shown);
      if (i !== idle) observer.sends({ time: now + 1 }, true);
    });
    return Math.max(...shown);
  };
  const nine = (...pair: number[]) => Array.from({ length: 10 }, (_, i) => pair[i % pair.length]);

  it('within one segment shows the window before the round is over', () => {
    expect([flat(nine(10)), flat(nine(10, 11)), flat(nine(11, 10)), flat(nine(10, 12))]).toEqual([10, 10, 11, 0]);
  });

  it('not where one of the batches was not answered, or the peer stopped the sender', () => {
    expect(flat(nine(10), 4)).toBe(0);
    expect(flat(nine(10), -1, false)).toBe(0);
  });
});
