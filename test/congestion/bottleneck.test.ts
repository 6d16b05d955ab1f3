/** The rate of the bottleneck as ACKs tell it: each constant of `bottleneck.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Bottleneck } from '../../src/congestion/bottleneck.ts';
import { Told } from '../../src/congestion/controller.ts';

const MS = 1e6;
const US = 1e3;

interface Ack {
  /** Since the ACK before, and since the data of the ACK before was sent (ns). */
  gap?: number;
  sent?: number;
  delivered?: number;
  bytes?: number;
}

interface Path {
  rtt?: number;
  srtt?: number;
  outstanding?: number;
}

/** The rate that ACKs of one segment of 1000 bytes tell, a millisecond apart, of data that was sent half a millisecond apart. */
function rateOf(acks: readonly Ack[], { rtt = 400 * MS, srtt = 400 * MS, outstanding = 1e6 }: Path = {}): number {
  const bottleneck = new Bottleneck();
  const told = new Told();
  let now = rtt;
  let sentAt = 0;
  let una = 0;
  for (const { gap = MS, sent = gap / 2, delivered = 1, bytes = 1000 * delivered } of acks) {
    now += gap;
    sentAt += sent;
    una += bytes;
    Object.assign(told, { now, rtt: now - sentAt, srtt, delivered, bytes, una, sndNxt: una + outstanding - bytes });
    bottleneck.note(told);
  }
  return bottleneck.rate;
}

const acks = (count: number, ack: Ack = {}): Ack[] => Array.from({ length: count }, () => ack);
const isKnown = (all: readonly Ack[], path: Path = {}) => !Number.isNaN(rateOf(all, path));
/** Data that was sent as far apart as its ACKs come: nothing queues. */
const UNQUEUED: Ack = { gap: MS, sent: MS };

describe('the rate of the bottleneck', () => {
  it('is the rate of the ACKs, in steps of 5 %', () => {
    expect(Math.abs(Math.log(rateOf(acks(100)) / 1e6))).toBeLessThanOrEqual(Math.log(1.05) / 2);
    expect(Math.abs(Math.log(rateOf(acks(100, { bytes: 300 })) / 3e5))).toBeLessThanOrEqual(Math.log(1.05) / 2);
  });

  it('is known from 20 segments on: an ACK, the one after it for the gap, and one that ends the bunch', () => {
    expect([21, 22].map((count) => isKnown(acks(count)))).toEqual([false, true]);
  });

  it('counts five segments of one ACK at the most', () => {
    const heavy = (delivered: number) => [...acks(1), ...acks(3, { delivered, bytes: 1000 })];
    expect([4, 5].map((more) => isKnown([...heavy(10), ...acks(more), {}]))).toEqual([false, true]);
    // Of four segments each, three more are wanted.
    expect([7, 8].map((more) => isKnown([...heavy(4), ...acks(more), {}]))).toEqual([false, true]);
  });

  it('is agreed on by a fifth of the segments', () => {
    const of = (queued: number) => isKnown([...acks(1), ...acks(25 - queued, UNQUEUED), ...acks(queued), UNQUEUED]);
    expect([4, 5].map(of)).toEqual([false, true]);
  });

  it('counts neighbouring steps together', () => {
    const of = (factor: number) => {
      const steps = [1000, 1000 * factor, 1000 * factor ** 2].flatMap((bytes) => acks(2, { bytes }));
      return isKnown([...acks(1), ...acks(19, UNQUEUED), ...steps, UNQUEUED]);
    };
    expect(of(1.05)).toBe(true);
    expect(of(1.05 ** 2)).toBe(false);
  });

  it('is the one at which most was acknowledged, whichever came first', () => {
    const [slow, fast] = [acks(20, { bytes: 1000 }), acks(12, { bytes: 2000 })];
    for (const all of [
      [...slow, ...fast],
      [...fast, ...slow],
    ])
      expect(Math.abs(rateOf([{}, ...all, UNQUEUED]) / 1e6 - 1)).toBeLessThan(0.05);
  });
});

describe('ACKs are one bunch', () => {
  const pairs = (apart: number) =>
    Array.from({ length: 30 }, () => [{ gap: MS - apart }, { gap: apart, sent: apart / 2 }]).flat();

  it('within 200 us', () => {
    // Two segments a millisecond; two bunches come at a segment in 0.2 and one in 0.8 ms.
    expect(Math.abs(rateOf(pairs(200 * US - 1), { outstanding: 4e6 }) / 2e6 - 1)).toBeLessThan(0.03);
    expect(Math.abs(rateOf(pairs(200 * US), { outstanding: 4e6 }) / 2e6 - 1)).toBeGreaterThan(0.3);
  });

  it('unless they deliver nothing: those are passed by', () => {
    const all = Array.from({ length: 30 }, () => [{ gap: MS / 2 }, { gap: MS / 2, delivered: 0 }]).flat();
    expect(Math.abs(rateOf(all) / 1e6 - 1)).toBeLessThan(0.03);
  });
});

describe('a pause', () => {
  it('of the sender is longer than a quarter of the round trip', () => {
    expect([4 * MS, 4 * MS - 1].map((srtt) => isKnown(acks(30), { srtt }))).toEqual([true, false]);
  });
});

describe('a path has a queue', () => {
  it('where ACKs come more than 1.25 times as far apart as the data', () => {
    expect([800 * US - 1, 800 * US].map((sent) => isKnown(acks(30, { sent })))).toEqual([true, false]);
  });

  it('where the round trip is more than 1.1 times the shortest', () => {
    const later = (more: number) => [UNQUEUED, { gap: MS, sent: MS - more }, ...acks(30, UNQUEUED)];
    expect([40 * MS, 40 * MS + 1].map((more) => isKnown(later(more)))).toEqual([false, true]);
  });

  it('only where more is under way than it holds, but for a step', () => {
    // The step of 1000 bytes a millisecond is the 283rd of 5 %; half a second of it at half a millisecond each ACK less.
    const shortest = 400 * MS + MS / 2;
    const held = (1.05 ** 283 * shortest) / 1e9 / 1.05;
    expect(isKnown(acks(30), { outstanding: Math.ceil(held) })).toBe(true);
    expect(isKnown(acks(30), { outstanding: Math.floor(held) })).toBe(false);
  });
});
