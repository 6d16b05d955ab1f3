import { describe, expect, it } from 'vitest';
import { axisOf } from '../../src/picture/axis.ts';
import { Bins, MAX_POINTS, Points } from '../../src/picture/points.ts';

describe('Points', () => {
  it('keeps every point up to its bound', () => {
    const points = new Points();
    for (let i = 0; i < 1000; i++) points.add(i, 2 * i, 3 * i);
    expect([points.length, points.time(999), points.value(999), points.to(999)]).toEqual([1000, 999, 1998, 2997]);
  });

  it('is thinned beyond it, evenly', () => {
    const points = new Points();
    for (let i = 0; i <= MAX_POINTS; i++) points.add(i, i);
    expect(points.length).toBe(MAX_POINTS / 2 + 1);
    expect([points.time(0), points.time(1), points.time(2)]).toEqual([0, 2, 4]);
    for (let i = 0; i < 5 * MAX_POINTS; i++) points.add(MAX_POINTS + 1 + i, i);
    expect(points.length).toBeLessThanOrEqual(MAX_POINTS);
    expect(points.stride).toBe(8);
  });
});

describe('Bins', () => {
  it('gives bytes per second', () => {
    const bins = new Bins();
    bins.add(0, 500);
    bins.add(0.4e6, 500);
    bins.add(1.5e6, 3000);
    const rates = bins.rates(100);
    // Stretches of a millisecond: 1,000 and 3,000 bytes in one each.
    expect([rates.value(0), rates.value(1), rates.length]).toEqual([1e6, 3e6, 2]);
  });

  it('widens its stretches when time goes on, and loses nothing', () => {
    const bins = new Bins();
    for (let second = 0; second < 100; second++) bins.add(second * 1e9, 125_000);
    const rates = bins.rates(50);
    const total = Array.from({ length: rates.length }, (_, i) => rates.value(i)).reduce((a, b) => a + b, 0);
    const stretch = (rates.time(1) - rates.time(0)) / 1e9;
    expect(total * stretch).toBeCloseTo(100 * 125_000, 0);
    expect(rates.length).toBeLessThanOrEqual(50);
  });
});

describe('axisOf', () => {
  const texts = (...args: Parameters<typeof axisOf>) => axisOf(...args).ticks.map(({ text }) => text);

  it('marks round numbers in the unit that suits them', () => {
    expect(texts('duration', 0, 3.2e9, 4)).toEqual(['0', '1 s', '2 s', '3 s']);
    expect(texts('duration', 0, 0.9e6, 3)).toEqual(['0', '500 µs']);
    expect(texts('bytes', 0, 3 * 2 ** 20, 3)).toEqual(['0', '1 MiB', '2 MiB', '3 MiB']);
    expect(texts('bytes', 0, 1500, 3)).toEqual(['0', '0.5 KiB', '1.0 KiB']);
    expect(texts('rate', 0, 25e6 / 8, 5)).toEqual([
      '0',
      '5 Mbit/s',
      '10 Mbit/s',
      '15 Mbit/s',
      '20 Mbit/s',
      '25 Mbit/s',
    ]);
  });

  it('has a mark and a height even for a single value', () => {
    const axis = axisOf('bytes', 0, 0, 5);
    expect(axis.greatest).toBeGreaterThan(axis.least);
    expect(axis.ticks.length).toBeGreaterThan(0);
  });
});
