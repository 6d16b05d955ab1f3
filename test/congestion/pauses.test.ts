import { describe, expect, it } from 'vitest';
import { Pauses, type Pausing } from '../../src/congestion/pauses.ts';
import { STALL_CAUSE_NAMES } from '../../src/model/congestion.ts';
import { Cause } from '../../src/model/verdict.ts';

const MS = 1e6;

/** A sender with data under way, a round trip of 15 ms and a timeout of 215 ms, that pauses once. */
function stallsOf(pause: number, fields: Partial<Pausing> = {}, cause: number = Cause.NONE) {
  const sender = {
    now: 1000,
    srtt: 15 * MS,
    timeout: 215 * MS,
    isWaiting: true,
    isHeldByReceiver: false,
    isHeldByApplication: false,
    stalls: [],
    ...fields,
  } as { -readonly [K in keyof Pausing]: Pausing[K] };
  const pauses = new Pauses(sender, 7);
  sender.now += pause;
  pauses.pass(9, cause);
  return sender.stalls;
}

const causeOf = (fields: Partial<Pausing>, cause: number = Cause.NONE) => {
  const stalls = stallsOf(100 * MS, fields, cause);
  return stalls.length === 0 ? null : STALL_CAUSE_NAMES[stalls[0].cause];
};

describe('a pause is a stall', () => {
  it('where it is longer than two round trips, or than the timeout', () => {
    expect(stallsOf(30 * MS)).toEqual([]);
    expect(stallsOf(30 * MS + 1)).toMatchObject([{ startFrame: 7, start: 1000, endFrame: 9, end: 1001 + 30 * MS }]);
    expect(stallsOf(25 * MS, { timeout: 25 * MS })).toEqual([]);
    expect(stallsOf(25 * MS + 1, { timeout: 25 * MS })).toHaveLength(1);
  });

  it('and longer than 20 ms', () => {
    expect(stallsOf(20 * MS, { srtt: MS })).toEqual([]);
    expect(stallsOf(20 * MS + 1, { srtt: MS })).toHaveLength(1);
  });

  it('not where no round trip is known, or nothing was under way', () => {
    expect(stallsOf(100 * MS, { srtt: 0 })).toEqual([]);
    expect(stallsOf(100 * MS, { isWaiting: false })).toEqual([]);
    expect(stallsOf(100 * MS, { isWaiting: false, isHeldByReceiver: true })).toHaveLength(1);
    expect(stallsOf(100 * MS, { isWaiting: false, isHeldByReceiver: true }, Cause.RTO)).toEqual([]);
  });

  it('of which 256 are kept', () => {
    const many = (length: number) => Array.from({ length }, () => ({})) as unknown as Pausing['stalls'];
    expect(stallsOf(100 * MS, { stalls: many(255) })).toHaveLength(256);
    expect(stallsOf(100 * MS, { stalls: many(256) })).toHaveLength(256);
  });
});

describe('what ended it says why', () => {
  it.each([
    ['retransmission timeout', Cause.RTO],
    ['retransmission timeout', Cause.RTO_RECOVERY],
    ['tail loss probe', Cause.TLP],
    ['loss detected late', Cause.FAST],
    ['acknowledgement came late', Cause.NONE],
  ])('%s (%i)', (name, cause) => {
    expect(causeOf({}, cause)).toBe(name);
  });

  it('or who held the sender up', () => {
    expect(causeOf({ isHeldByReceiver: true })).toBe('receive window full');
    expect(causeOf({ isHeldByReceiver: true, isHeldByApplication: true })).toBe('receive window full');
    expect(causeOf({ isHeldByApplication: true })).toBe('application paused');
    // A timer repairs: the window is not what the sender waited for.
    expect(causeOf({ isHeldByReceiver: true }, Cause.RTO)).toBe('retransmission timeout');
    expect(causeOf({ isHeldByReceiver: true }, Cause.TLP)).toBe('tail loss probe');
  });
});
