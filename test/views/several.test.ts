import { describe, expect, test } from 'vitest';
import { type Plan, travel } from './journey.ts';
import { compared, scoreOf } from './support.ts';

const LOSSY = { forward: 8, backward: 8, loss: 0.05, jitter: 2 };

/** Where equal packets overtake each other nothing tells which is which. */
const STEADY = { ...LOSSY, jitter: 0 };

/** Every frame at its packet, every loss at its place, and the second clock within `within` milliseconds. */
async function expectAll(plan: Plan, within = 0.5): Promise<void> {
  const journey = travel(plan);
  const comparison = await compared(...journey.files);
  const order = journey.files.map((_, i) => i);
  const score = scoreOf(comparison, journey, order);
  expect(score.fails).toEqual([]);
  expect(score.placed).toBeGreaterThanOrEqual(5);
  expect(comparison.path).toEqual(order);
  comparison.clocks.clocks.forEach((clock, p) => {
    const [ahead] = plan.clocks?.[p] ?? [0];
    const [first] = plan.clocks?.[0] ?? [0];
    const error = Math.abs((comparison.starts[p] + clock.offset) / 1e6 - (ahead - first));
    expect(error).toBeLessThan(within);
    expect(error).toBeLessThanOrEqual(clock.uncertainty / 1e6);
  });
}

describe('captures at two places', () => {
  test.each<[string, Plan]>([
    ['the same clock', { seed: 1, gaps: [LOSSY], connections: 5 }],
    [
      'a clock far off that drifts',
      {
        seed: 2,
        gaps: [LOSSY],
        connections: 8,
        apart: 2,
        clocks: [
          [0, 0],
          [-3_600_000, 80],
        ],
      },
    ],
    [
      'IPv6 without timestamps: nothing but numbers and times',
      { seed: 3, gaps: [STEADY], connections: 6, version: 6, timestamps: false },
    ],
    ['neither IP IDs nor timestamps', { seed: 4, gaps: [STEADY], connections: 6, ipIds: false, timestamps: false }],
    ['address translation', { seed: 5, gaps: [{ ...LOSSY, nat: '192.0.2.1', routes: true }], connections: 20 }],
    ['shifted sequence numbers', { seed: 6, gaps: [{ ...LOSSY, shift: [12345, 4_000_000_000] }], connections: 6 }],
    [
      'address translation and shifted sequence numbers',
      { seed: 7, gaps: [{ ...LOSSY, nat: '192.0.2.1', shift: [99, 7_777_777] }], connections: 6 },
    ],
    [
      'shifted sequence numbers, everywhere the same bytes and no timestamps',
      { seed: 8, gaps: [{ ...LOSSY, shift: [5, 6] }], connections: 4, sameBytes: true, timestamps: false },
    ],
    [
      'a slow path and much jitter',
      { seed: 9, gaps: [{ forward: 120, backward: 120, loss: 0.1, jitter: 30 }], connections: 6 },
    ],
    ['different snaplen', { seed: 10, gaps: [LOSSY], connections: 5, snaplen: [262144, 74] }],
  ])('%s', async (_, plan) => {
    await expectAll(plan, plan.gaps[0].jitter === 30 ? 3 : 0.5);
  });
});

describe('captures at several places', () => {
  const gaps = [
    { forward: 3, backward: 3, loss: 0.04, jitter: 1, routes: true },
    { forward: 9, backward: 9, loss: 0.04, jitter: 1, routes: true },
    { forward: 1, backward: 1, loss: 0.03, jitter: 0.2 },
  ];

  test('in a row, with clocks of their own', async () => {
    await expectAll({
      seed: 21,
      gaps,
      connections: 6,
      clocks: [
        [0, 0],
        [500, 0],
        [-9000, 0],
        [86_400_000, 0],
      ],
    });
  });

  test('given in another order', async () => {
    const journey = travel({ seed: 22, gaps: gaps.slice(0, 2), connections: 6 });
    const [a, b, c] = journey.files;
    const comparison = await compared(c, a, b);
    expect(comparison.path).toEqual([1, 2, 0]);
    expect(scoreOf(comparison, journey, [2, 0, 1]).fails).toEqual([]);
  });

  test('where the one in the middle missed frames, its neighbours still show where packets were lost', async () => {
    const journey = travel({ seed: 23, gaps: gaps.slice(0, 2), connections: 6, missed: [0, 0.1, 0] });
    const comparison = await compared(...journey.files);
    const score = scoreOf(comparison, journey, [0, 1, 2], (packet) => packet.counts && packet.lost?.[0] !== 1);
    expect(score.wrong).toBe(0);
  });
});

test('duplicates that the network made are packets of their own', async () => {
  const journey = travel({ seed: 31, gaps: [{ ...LOSSY, doubled: 0.1 }], connections: 5 });
  const comparison = await compared(...journey.files);
  expect(scoreOf(comparison, journey, [0, 1]).fails.filter((fail) => !fail.includes('lost'))).toEqual([]);
});

test('a capture that missed frames lost nothing: what was acknowledged had passed', async () => {
  const journey = travel({ seed: 32, gaps: [LOSSY], connections: 8, missed: [0, 0.05] });
  const comparison = await compared(...journey.files);
  const isTold = ({ counts, lost, frames }: (typeof journey.packets)[number]) =>
    counts && lost === null && frames[0] !== null && frames[1] === null;
  expect(journey.packets.filter(isTold).length).toBeGreaterThan(10);
  const score = scoreOf(comparison, journey, [0, 1], isTold);
  expect(score.wrong).toBe(0);
  expect(score.madeUp).toBe(0);
});

test('what passed after a capture had ended is not lost', async () => {
  const journey = travel({ seed: 33, gaps: [{ ...LOSSY, loss: 0 }], connections: 8, ends: [1, 0.5] });
  const comparison = await compared(...journey.files);
  expect(scoreOf(comparison, journey, [0, 1]).fails).toEqual([]);
  expect(comparison.presence[1].endedEarly).toBe(true);
  expect(comparison.presence[0].endedEarly).toBe(false);
});

test('paths of different length: the uncertainty covers the error', async () => {
  const journey = travel({ seed: 34, gaps: [{ forward: 5, backward: 25 }] });
  const { clocks, starts } = await compared(...journey.files);
  const [, clock] = clocks.clocks;
  const error = Math.abs(starts[1] + clock.offset);
  expect(error / 1e6).toBeCloseTo(10, 0);
  expect(clock.uncertainty).toBeGreaterThanOrEqual(error);
});

test('a capture of other traffic missed nothing', async () => {
  const [client, server] = travel({ seed: 33, gaps: [LOSSY], connections: 3 }).files;
  const [other] = travel({ seed: 34, gaps: [LOSSY], connections: 4, version: 6 }).files;
  for (const files of [
    [client, other],
    [client, server, other],
  ]) {
    const comparison = await compared(...files);
    const last = files.length - 1;
    expect(comparison.points[last].connections.length).toBeGreaterThan(0);
    expect(comparison.presence[last].missed).toBe(0);
    const missed = [...comparison.order].filter((row) => comparison.packets.missed[row] & (1 << last));
    expect(missed).toEqual([]);
  }
});
