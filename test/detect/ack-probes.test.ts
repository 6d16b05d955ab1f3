import { expect, it } from 'vitest';
import { AckProbes } from '../../src/detect/ack-probes.ts';

it('probes count when enough came from one port', () => {
  const probes = new AckProbes<number>(3);
  expect([probes.add(1, 10), probes.add(2, 11), probes.add(1, 12)]).toEqual([[], [], []]);
  expect(probes.add(1, 13)).toEqual([10, 12, 13]);
  expect([1, 2].map((port) => probes.isCounted(port))).toEqual([true, false]);
  expect(probes.add(2, 15)).toEqual([]);
  expect(probes.add(2, 16)).toEqual([11, 15, 16]);
});

it('those of eight ports wait: of nine, the earliest of the fewest are forgotten', () => {
  const probes = new AckProbes<number>(3);
  for (const port of [1, 1, 2, 3, 4, 5, 6, 7, 8]) probes.add(port, port);
  // Port 2 gives its place to port 9.
  expect(probes.add(9, 9)).toEqual([]);
  expect([probes.add(1, 20), probes.add(3, 21), probes.add(3, 22)]).toEqual([[1, 1, 20], [], [3, 21, 22]]);
  expect([probes.add(2, 23), probes.add(2, 24)]).toEqual([[], []]);
  expect(probes.add(2, 25)).toEqual([23, 24, 25]);
});

it('the probes of eight ports count', () => {
  const probes = new AckProbes<number>(2);
  const both = (port: number) => [probes.add(port, port), probes.add(port, port)][1];
  for (let port = 1; port <= 8; port++) expect(both(port)).toEqual([port, port]);
  expect(both(9)).toEqual([]);
  expect([8, 9].map((port) => probes.isCounted(port))).toEqual([true, false]);
});
