import { describe, expect, test } from 'vitest';
import { fitClock, TimePoints } from '../../src/views/clock.ts';
import { orderOf, pathOrder } from '../../src/views/path.ts';
import { random } from './journey.ts';

const MS = 1e6;

/** Packets every 10 ms: what the second clock shows more, where a packet takes so many milliseconds each way. */
function exchange(
  count: number,
  offset: number,
  ppm: number,
  forward: (i: number) => number,
  backward: (i: number) => number,
) {
  const there = new TimePoints();
  const back = new TimePoints();
  for (let i = 0; i < count; i++) {
    const time = i * 10 * MS;
    const ahead = offset * MS + time * ppm * 1e-6;
    there.add(time, ahead + forward(i) * MS);
    back.add(time, ahead - backward(i) * MS);
  }
  return [there, back] as const;
}

describe('the fit of a clock', () => {
  test('offset and drift, under jitter', () => {
    const chance = random(1);
    const delay = () => 10 + chance() ** 2 * 3;
    const [there, back] = exchange(2000, -500, 70, delay, delay);
    const clock = fitClock(there, back, 0);
    expect(Math.abs(clock.offset / MS + 500)).toBeLessThan(0.1);
    expect(Math.abs(clock.drift * 1e6 - 70)).toBeLessThan(5);
    expect(clock.order).toBe(1);
    expect(clock.contradiction).toBe(0);
  });

  test('the offset is that at the time that is asked for', () => {
    const [there, back] = exchange(
      2000,
      -500,
      70,
      () => 10,
      () => 10,
    );
    // After 10 s a clock that is 70 ppm faster has gained 0.7 ms.
    const clock = fitClock(there, back, 10_000 * MS);
    expect(clock.at).toBe(10_000 * MS);
    expect(clock.offset / MS).toBeCloseTo(-499.3, 3);
    expect(clock.drift * 1e6).toBeCloseTo(70, 1);
  });

  test('the uncertainty is half of the least round trip', () => {
    const [there, back] = exchange(
      100,
      0,
      0,
      () => 4,
      () => 20,
    );
    const clock = fitClock(there, back, 0);
    expect(clock.offset / MS).toBeCloseTo(-8, 9);
    expect(clock.uncertainty / MS).toBeCloseTo(12, 9);
    expect(clock.symmetricUncertainty).toBeCloseTo(0, 9);
  });

  test('a queue that fills up in one direction is no drift', () => {
    const [there, back] = exchange(
      1000,
      3,
      0,
      (i) => 10 + i / 20,
      () => 10,
    );
    const clock = fitClock(there, back, 0);
    expect(clock.drift).toBe(0);
    expect(clock.offset / MS).toBeCloseTo(3, 6);
  });

  test('a clock that was set contradicts every line', () => {
    const [there, back] = exchange(
      100,
      0,
      0,
      (i) => (i < 50 ? 1 : 4001),
      (i) => (i < 50 ? 1 : -3999),
    );
    expect(fitClock(there, back, 0).contradiction).toBeGreaterThan(0);
  });

  test('the delays tell which of the two comes first', () => {
    const [there, back] = exchange(
      100,
      50,
      0,
      () => 2,
      () => 2,
    );
    expect(fitClock(back, there, 0).order).toBe(-1);
  });

  test('one direction bounds the offset on one side only', () => {
    const [there] = exchange(
      100,
      50,
      0,
      () => 2,
      () => 2,
    );
    const clock = fitClock(there, new TimePoints(), 0);
    expect(clock.uncertainty).toBe(Number.POSITIVE_INFINITY);
    expect(clock.order).toBe(0);
    expect(fitClock(new TimePoints(), new TimePoints(), 0).forward).toBe(0);
  });
});

describe('the order of the vantages', () => {
  const pair = { a: 0, b: 1, fallForward: 0, fallBackward: 0, byDelay: 0 as const };

  test('by the TTL, which each router lowers, before the delays', () => {
    expect(orderOf({ ...pair, fallForward: 1, byDelay: -1 })).toBe(1);
    expect(orderOf({ ...pair, fallForward: -2, fallBackward: Number.NaN, byDelay: 1 })).toBe(-1);
  });

  test('directions that contradict each other tell nothing', () => {
    expect(orderOf({ ...pair, fallForward: 1, fallBackward: -1, byDelay: -1 })).toBe(-1);
    expect(orderOf({ ...pair, fallForward: Number.NaN, fallBackward: Number.NaN })).toBe(0);
  });

  test('of several', () => {
    const by = (a: number, b: number, byDelay: 1 | -1) => ({ ...pair, a, b, byDelay });
    expect(pathOrder(3, [by(0, 1, -1), by(0, 2, -1), by(1, 2, 1)])).toEqual([1, 2, 0]);
    expect(pathOrder(2, [])).toEqual([0, 1]);
  });
});
