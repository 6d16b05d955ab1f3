import { describe, expect, it } from 'vitest';
import { Telling } from '../../src/budget/arrival.ts';
import { Bottleneck, QUEUED } from '../../src/budget/bottleneck.ts';
import { Distances } from '../../src/budget/distances.ts';
import { Exchanges, MAX_EXCHANGES } from '../../src/budget/exchanges.ts';
import { Heard, PROMPT } from '../../src/budget/heard.ts';
import { Ledger, MAX_SPANS } from '../../src/budget/ledger.ts';
import { Ring } from '../../src/budget/ring.ts';
import { Spacing } from '../../src/budget/spacing.ts';
import { StampClock } from '../../src/budget/stamp-clock.ts';
import { TimeUse } from '../../src/model/budget.ts';
import { NEVER } from '../../src/model/packed.ts';

const MS = 1e6;

describe('the ledger', () => {
  it('gives no time twice, and joins what follows of the same sort', () => {
    const ledger = new Ledger();
    expect(ledger.until(10, TimeUse.HANDSHAKE, -1)).toBe(10);
    expect(ledger.until(5, TimeUse.CLOSING, -1)).toBe(0);
    ledger.until(20, TimeUse.ROUND_TRIP, 0);
    ledger.until(30, TimeUse.ROUND_TRIP, 0);
    ledger.until(40, TimeUse.ROUND_TRIP, 1);
    expect(ledger.length).toBe(3);
    expect([0, 1, 2].map((i) => [ledger.endOf(i), ledger.useOf(i), ledger.exchangeOf(i)])).toEqual([
      [10, TimeUse.HANDSHAKE, -1],
      [30, TimeUse.ROUND_TRIP, 0],
      [40, TimeUse.ROUND_TRIP, 1],
    ]);
  });

  it('joins the shorter half when there is one span too many, and keeps the sums', () => {
    const ledger = new Ledger();
    const fill = (spans: number) => {
      for (let i = 0; i < spans; i++) {
        const isLong = i % 2 === 0;
        ledger.until(ledger.now + (isLong ? 10 : 1), isLong ? TimeUse.SERVER : TimeUse.ROUND_TRIP, i);
      }
    };
    fill(MAX_SPANS);
    expect([ledger.length, ledger.joined]).toEqual([MAX_SPANS, null]);
    ledger.until(ledger.now + 10, TimeUse.IDLE, -1);
    expect(ledger.length).toBeLessThanOrEqual(MAX_SPANS / 2 + 1);
    // The short ones went to the long ones before them.
    expect(ledger.joined![TimeUse.ROUND_TRIP]).toBe(MAX_SPANS / 2);
    expect(ledger.joined![TimeUse.SERVER]).toBe(-MAX_SPANS / 2);
  });
});

it('exchanges beyond the bound are counted and not kept', () => {
  const exchanges = new Exchanges();
  for (let i = 0; i <= MAX_EXCHANGES; i++) {
    exchanges.request(10, i, i);
    exchanges.answer(1, i, i, false);
  }
  expect(exchanges.list()).toHaveLength(MAX_EXCHANGES);
  expect(exchanges.more).toBe(1);
});

it('an exchange whose pauses were joined to others is one of those that are kept: most of them are awaited, or not', () => {
  const kept = (unasked: number, asked: number) => {
    const exchanges = new Exchanges();
    let frame = 0;
    exchanges.request(10, 0, frame++);
    exchanges.answer(10, 1, frame++, false);
    for (let i = 0; i < unasked; i++) exchanges.answer(10, frame, frame++, true);
    for (let i = 0; i < asked; i++) {
      exchanges.request(10, frame, frame++);
      exchanges.clientThought(exchanges.current, 1);
      exchanges.answer(10, frame, frame++, false);
    }
    return exchanges;
  };
  // The first is followed by one that was not asked for, and nothing follows the last.
  expect([kept(1, 2).areAwaited(NEVER), kept(1, 1).areAwaited(NEVER), kept(2, 2).areAwaited(NEVER)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(kept(0, 0).isAwaited(1, NEVER)).toBe(true);
  expect(kept(0, 0).isAwaited(-1, NEVER)).toBe(true);
});

describe('the ring', () => {
  it('keeps rows and labels in order while it grows, wraps round and takes rows in between', () => {
    const ring = new Ring<string>(8, 1 << 10);
    const expected: number[] = [];
    for (let i = 0; i < 300; i++) {
      const at = ring.push();
      ring.memory[at] = i;
      if (i % 3 === 0) ring.setLabel(at, `label ${i}`);
      expected.push(i);
      if (i % 2 === 1) {
        ring.shift();
        expected.shift();
      }
    }
    ring.memory[ring.insert(5)] = -1;
    expected.splice(5, 0, -1);
    const rows = expected.map((_, i) => ring.memory[ring.at(i)]);
    expect(rows).toEqual(expected);
    const labels = expected.map((_, i) => ring.labelAt(ring.at(i)));
    expect(labels).toEqual(expected.map((i) => (i >= 0 && i % 3 === 0 ? `label ${i}` : null)));
  });

  it('keeps no more than 256 doubles while it is empty, and begins with half of what it had given back', () => {
    const ring = new Ring(8, 1 << 10);
    /** Doubles that it has with the first of `rows` rows, with all of them, and when all have left. */
    const fill = (rows: number) => {
      ring.push();
      const first = ring.memory.length;
      for (let i = 1; i < rows; i++) ring.push();
      const { length } = ring.memory;
      for (let i = 0; i < rows; i++) ring.shift();
      return [first, length, ring.memory.length];
    };
    expect(fill(33)).toEqual([32, 512, 0]);
    expect(fill(33)).toEqual([256, 512, 0]);
    expect(fill(32)).toEqual([256, 256, 256]);
    expect(fill(1)).toEqual([256, 256, 256]);
    ring.clear();
    expect(fill(1)).toEqual([128, 128, 128]);
    ring.clear();
    expect(fill(1)).toEqual([64, 64, 64]);
  });

  it('is full at its bound', () => {
    const ring = new Ring(8, 4);
    for (let i = 0; i < 3; i++) ring.push();
    expect(ring.isFull).toBe(false);
    ring.push();
    expect(ring.isFull).toBe(true);
  });
});

describe('the clock of time stamps', () => {
  /** Stamps of a clock of `tick` ns; every segment takes `delay(i)` ns. */
  const latenesses = (tick: number, delay: (i: number) => number, count = 40) => {
    const clock = new StampClock();
    return Array.from({ length: count }, (_, i) => {
      const sent = i * 7.3 * MS;
      return clock.lateness(1000 + Math.floor(sent / tick), sent + delay(i));
    });
  };

  it.each([1e3, 1 * MS, 4 * MS])('of a tick of %d ns: a queue of 30 ms shows, to two ticks', (tick) => {
    const late = latenesses(tick, (i) => (i < 20 ? 10 : 40) * MS);
    for (const time of late.slice(0, 20)) expect(time).toBeLessThanOrEqual(tick);
    for (const time of late.slice(20)) expect(Math.abs(time - 30 * MS)).toBeLessThanOrEqual(2 * tick + 0.1 * MS);
  });

  it('of one that ticks once in 100 ms tells nothing', () => {
    expect(Math.max(...latenesses(100 * MS, (i) => (i < 20 ? 10 : 40) * MS))).toBe(0);
  });
});

describe('a bottleneck', () => {
  const seen = (gaps: number[], late: number, round = 100 * MS) => {
    const bottleneck = new Bottleneck();
    let time = 0;
    for (const gap of gaps) {
      time += gap;
      bottleneck.arrives({ time, bytes: 1448, late }, { round });
    }
    return bottleneck.isSeen;
  };

  it('shows in late segments at one steady rate', () => {
    // The first begins, the second gives the rate, five agree.
    expect(seen(Array(7).fill(1.2 * MS), 5 * MS)).toBe(true);
    expect(seen(Array(6).fill(1.2 * MS), 5 * MS)).toBe(false);
  });

  it('does not show where nothing is late', () => {
    expect(seen(Array(50).fill(1.2 * MS), QUEUED)).toBe(false);
  });

  it('does not show in uneven spacing, unless the queue stands for longer than a round trip', () => {
    const uneven = [1, 4, 1.5, 6, 2, 9, 1, 5, 2, 8].map((gap) => gap * MS);
    expect(seen(uneven, 5 * MS)).toBe(false);
    expect(seen(uneven, 5 * MS, 20 * MS)).toBe(true);
  });
});

describe('spacing', () => {
  it('counts from the third gap that agrees, and not across a pause', () => {
    const spacing = new Spacing();
    const waits = [0, 1.2, 2.4, 3.6, 4.8, 6, 56, 57.2].map((ms) => spacing.waited(ms * MS, 1448, 40 * MS));
    expect(waits.map((wait) => Math.round(wait / 1e3))).toEqual([0, 0, 0, 0, 1200, 1200, 0, 1200]);
  });
});

describe('what a sender had heard', () => {
  const ackAt = (now: number, ack: number, edge: number, stamp = -1): Telling =>
    Object.assign(new Telling(), { now, ack, edge, stamp });

  it('is what had passed a round trip before', () => {
    const heard = new Heard();
    heard.told(ackAt(0, 100, 1000));
    heard.told(ackAt(10 * MS, 200, 1100));
    heard.upTo(40.2 * MS, 0, 40 * MS, -1, 500);
    expect([heard.una, heard.edge, heard.prompted]).toEqual([100, 1000, true]);
    heard.upTo(49.7 * MS, 0, 40 * MS, -1, 500);
    expect(heard.una).toBe(100);
    heard.upTo(50 * MS + PROMPT, 0, 40 * MS, -1, 500);
    expect([heard.una, heard.unaBefore, heard.prompted]).toEqual([200, 100, true]);
  });

  it('prompts it for a short time', () => {
    const heard = new Heard();
    heard.told(ackAt(0, 100, 1000));
    heard.upTo(40 * MS + PROMPT + 1, 0, 40 * MS, -1, 500);
    expect([heard.una, heard.unaBefore, heard.prompted]).toEqual([100, 100, false]);
  });

  it('prompts it also where an echo shows that ACKs are held up on their way', () => {
    const sends = (time: number, blur: number, echoes: readonly number[]) => {
      const heard = new Heard();
      heard.told(ackAt(0, 100, 1000, 7));
      heard.told(ackAt(5 * MS, 200, 1000, 8));
      for (const echo of echoes) heard.upTo(time, blur, 10 * MS, echo, 500);
      return [heard.isHeldUp, heard.prompted, heard.unaBefore];
    };
    // The second one has had 10 ms there and back, and what its receiver needs to answer.
    const due = 15 * MS + PROMPT;
    expect(sends(due, 0, [7])).toEqual([false, false, 100]);
    expect(sends(due + 1, 0, [7])).toEqual([true, true, -1]);
    expect(sends(due + 1, 1, [7])).toEqual([false, false, 100]);
    // What is echoed once more has not just come.
    expect(sends(due + 1, 0, [7, 7])).toEqual([true, false, 100]);
    expect(sends(due + 1, 0, [8])).toEqual([false, false, 200]);
  });

  it('is told by the echo of the time stamps, where there are any', () => {
    const heard = new Heard();
    heard.told(ackAt(0, 100, 1000, 7));
    heard.told(ackAt(1 * MS, 200, 1000, 8));
    heard.upTo(60 * MS, 0, 40 * MS, 7, 500);
    expect(heard.una).toBe(100);
    expect(heard.round).toBe(60 * MS);
  });
});

it('a distance is the shortest round trip, and what a timer sent measures it only until something better does', () => {
  const distances = new Distances();
  distances.measured(0, 300, true);
  expect(distances.roundTo(0)).toBe(300);
  distances.measured(0, 400);
  expect(distances.roundTo(0)).toBe(400);
  distances.measured(0, 50, true);
  distances.measured(0, 380);
  expect(distances.roundTo(0)).toBe(380);
  distances.measured(1, 95);
  expect(distances.isNear(1)).toBe(true);
  distances.measured(0, 379);
  expect(distances.isNear(1)).toBe(false);
});
