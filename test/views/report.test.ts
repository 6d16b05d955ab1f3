import { expect, it } from 'vitest';
import type { SeenConnection } from '../../src/model/sight.ts';
import { pathOfAll } from '../../src/views/report.ts';
import type { CaptureVantage } from '../../src/views/vantages.ts';

const [a, b, c] = [0, 1, 2].map((index) => ({ index }) as CaptureVantage);
const orderOf = (...paths: CaptureVantage[][]) =>
  pathOfAll(
    [a, b, c],
    paths.map((path) => ({ path: () => path }) as unknown as SeenConnection),
  );

it('the order of vantages is the one that most connections show', () => {
  expect(orderOf([b, a])).toEqual([b, a]);
  expect(orderOf([a, b], [b, a], [b, a])).toEqual([b, a]);
  expect(orderOf([a, b], [b, c])).toEqual([a, b, c]);
  expect(orderOf([c, b], [b, a])).toEqual([c, b, a]);
});

it('and none where as many show another, where two of them were never seen together, and of one alone', () => {
  expect(orderOf([a, b], [b, a])).toEqual([]);
  expect(orderOf([a, b], [a, c])).toEqual([]);
  expect(orderOf([a])).toEqual([]);
});
