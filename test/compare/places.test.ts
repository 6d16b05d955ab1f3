import { describe, expect, it } from 'vitest';
import { readCaptures } from '../../src/capture/merge.ts';
import { CaptureSession } from '../../src/capture/session.ts';
import { Comparison } from '../../src/compare/comparison.ts';
import { leftOutText, notesOf } from '../../src/compare/notes.ts';
import { named, withShortNames } from '../../src/compare/place-names.ts';
import { MAX_FOLLOWED, PlacesReader } from '../../src/compare/places.ts';
import type { Point } from '../../src/compare/point.ts';
import { compareReport } from '../../src/compare/report.ts';
import { type CaptureComparison, compare, UsageError } from '../../src/index.ts';
import { concat, Pcapng, text } from '../capture/build.ts';
import { sourceOf } from '../check/support.ts';
import { type Plan, travel } from '../views/journey.ts';
import { placesOf } from '../views/support.ts';

const PLAN: Plan = { seed: 5, gaps: [{ forward: 8, backward: 8, loss: 0.04, jitter: 0.1 }], connections: 5 };
const journey = travel(PLAN);
const lost = journey.packets.filter((packet) => packet.lost !== null).length;

/** One file with both points, as `dumpcap -i eth0 -i eth1` writes it. */
function both(frames = journey.frames, names = ['eth0', 'eth1']): Uint8Array {
  const b = new Pcapng();
  const order = frames.flat().sort((x, y) => x.time - y.time);
  return concat(
    b.section(),
    ...names.map((name) => b.interface(1, 0, [{ code: 2, value: text(name) }])),
    ...order.map(({ time, bytes, point }) => b.enhanced(BigInt(time), bytes, { id: point })),
  );
}

const placed = ({ report }: CaptureComparison) =>
  report.links.reduce((sum, { c2s, s2c }) => sum + c2s.lost + s2c.lost, 0);

describe('a capture of several interfaces', () => {
  it('is as many places, of one clock', async () => {
    const comparison = await compare(both());
    const { files, clocks, vantageOrder, notes } = comparison.report;
    expect(files.map(({ file, capture, vantage }) => [file, capture, vantage])).toEqual([
      ['eth0', 'input 1', 'eth0'],
      ['eth1', 'input 1', 'eth1'],
    ]);
    expect(vantageOrder).toEqual(['eth0', 'eth1']);
    expect(clocks[1]).toMatchObject({ offsetMs: 0, driftPpm: 0, uncertaintyMs: 0, uncertaintyBasis: 'one-clock' });
    expect(notes).toEqual([]);
    expect(placed(comparison)).toBe(lost);
    const rows = [...comparison.packets()];
    expect(rows.filter(({ lostBetween }) => lostBetween !== null)).toHaveLength(lost);
    // The delays are those of the packets: one clock needs no fit.
    for (const { delays } of rows) if (delays[0] !== null) expect(delays[0]).toBeGreaterThanOrEqual(7.999);
  });

  it('goes together with captures of other places', async () => {
    const three = travel({ ...PLAN, gaps: [...PLAN.gaps, { forward: 5, backward: 5, loss: 0.04 }] });
    const router = both([three.frames[0], three.frames[1]]);
    const { report } = await compare([router, three.files[2]], { names: ['router', 'server'] });
    expect(report.vantageOrder).toEqual(['router:eth0', 'router:eth1', 'server']);
    for (const [place, { c2s, s2c }] of report.links.entries()) {
      const here = three.packets.filter((packet) => packet.lost !== null && Math.min(...packet.lost) === place);
      expect(c2s.lost + s2c.lost).toBe(here.length);
    }
  });

  it('is one place where its packets show one', async () => {
    const [near] = journey.frames;
    const points = await placesOf(both([near]), 'a');
    expect(points.map(({ vantage }) => vantage)).toEqual([null]);
    await expect(compare(both([near]))).rejects.toThrow('has one point of view only: name two captures or more');
  });

  it('has its vantages followed up to a bound', async () => {
    const followed = async (interfaces: number) => {
      const names = Array.from({ length: interfaces }, (_, i) => `eth${i}`);
      const frames = names.flatMap((_, point) => journey.frames[0].map((frame) => ({ ...frame, point })));
      const session = new CaptureSession();
      const reader = new PlacesReader('a', session);
      await readCaptures([sourceOf(both([frames], names), 'a')], reader, session);
      const { points, leftOut } = reader.end(session.facts);
      return [points.length, leftOut.length];
    };
    expect(await followed(MAX_FOLLOWED)).toEqual([MAX_FOLLOWED, 0]);
    expect(await followed(MAX_FOLLOWED + 1)).toEqual([MAX_FOLLOWED, 1]);
  });

  it('leaves out what stands beside the way, and says so', async () => {
    const [other] = travel({ ...PLAN, seed: 6, connections: 1 }).frames;
    const beside = other.map((frame) => ({ ...frame, point: 2 }));
    const capture = both([...journey.frames, beside], ['eth0', 'eth1', 'eth2']);
    const { report } = await compare(capture);
    expect(report.vantageOrder).toEqual(['eth0', 'eth1']);
    expect(report.notes).toEqual([
      {
        id: 'left-out',
        files: ['input 1'],
        text: 'input 1: eth2 is left out: not on the way from client to server',
      },
    ]);
    expect(leftOutText('a', ['b', 'c'])).toBe('a: b, c are left out: not on the way from client to server');
    const many = Array.from({ length: 9 }, (_, i) => `e${i}`);
    expect(leftOutText('a', many.slice(0, 8))).toContain('e6, e7 are left out');
    expect(leftOutText('a', many)).toContain('e6, e7, 1 more are left out');
  });

  it('is refused with a name twice, or with too many places', async () => {
    await expect(compare([both(), both()], { names: ['a', 'a'] })).rejects.toThrow(UsageError);
    await expect(compare([both(), both()], { names: ['a'] })).rejects.toThrow('names: 1 for 2 captures');
    await expect(compare(Array.from({ length: 17 }, () => journey.files[0]))).rejects.toThrow(
      'at most 16 places can be compared, and the captures have 17',
    );
  });
});

describe('what the uncertainty of a clock rests on', () => {
  const basis = async (plan: Partial<Plan>, symmetric = false) => {
    const { report } = await compare(travel({ ...PLAN, ...plan }).files, { symmetric });
    return report.clocks[1];
  };

  it('clocks that show the same time, where both directions take the same', async () => {
    const { uncertaintyBasis, uncertaintyMs, offsetMs } = await basis({});
    expect(uncertaintyBasis).toBe('clocks-agree');
    expect(uncertaintyMs!).toBeLessThan(2);
    expect(Math.abs(offsetMs!)).toBeLessThanOrEqual(uncertaintyMs!);
  });

  it.each([
    [
      'other clocks',
      {
        clocks: [
          [0, 0],
          [3000, 0],
        ] as const,
      },
      3000,
    ],
    ['one clock, but an asymmetric path', { gaps: [{ forward: 4, backward: 12, loss: 0.04, jitter: 0.1 }] }, 0],
    [
      'clocks that are apart by as much as the path is asymmetric',
      {
        clocks: [
          [0, 0],
          [4, 0],
        ] as const,
      },
      4,
    ],
  ])('%s: the round trip, which covers the truth', async (_, plan, offset) => {
    const { uncertaintyBasis, uncertaintyMs, roundTripUncertaintyMs, offsetMs } = await basis(plan);
    expect(uncertaintyBasis).toBe('round-trip');
    expect(uncertaintyMs).toBe(roundTripUncertaintyMs);
    expect(Math.abs(offsetMs! - offset)).toBeLessThanOrEqual(uncertaintyMs!);
  });

  it('the word of the user', async () => {
    const { uncertaintyBasis, uncertaintyMs, roundTripUncertaintyMs, offsetMs } = await basis(
      {
        clocks: [
          [0, 0],
          [3000, 0],
        ],
      },
      true,
    );
    expect(uncertaintyBasis).toBe('symmetric');
    expect(uncertaintyMs!).toBeLessThan(2);
    expect(roundTripUncertaintyMs!).toBeGreaterThan(7.9);
    expect(Math.abs(offsetMs! - 3000)).toBeLessThanOrEqual(uncertaintyMs!);
  });

  it('between two that are on either side of the first adds up', async () => {
    const plan: Plan = {
      ...PLAN,
      gaps: [
        { forward: 5, backward: 5 },
        { forward: 9, backward: 9 },
      ],
      clocks: [
        [100, 0],
        [0, 0],
        [-700, 0],
      ],
    };
    const { files } = travel(plan);
    const points: Point[] = [];
    for (const [name, i] of [
      ['middle', 1],
      ['client', 0],
      ['server', 2],
    ] as const)
      points.push(...(await placesOf(files[i], name)));
    const comparison = new Comparison(named(points));
    expect(comparison.certainty(0, 1).uncertainty / 1e6).toBeCloseTo(5, 0);
    expect(comparison.certainty(0, 2).uncertainty / 1e6).toBeCloseTo(9, 0);
    expect(comparison.certainty(1, 2).uncertainty / 1e6).toBeCloseTo(14, 0);
  });
});

it('places are called by what tells them apart', () => {
  const point = (file: string, vantage: string | null) => ({ file, vantage }) as Point;
  const names = (points: Point[], of = withShortNames) => of(points).map(({ name }) => name);
  expect(names([point('/x/a.pcap', null), point('/y/b.pcap', null)])).toEqual(['a.pcap', 'b.pcap']);
  expect(names([point('/x/a.pcap', null), point('/y/a.pcap', null)])).toEqual(['/x/a.pcap', '/y/a.pcap']);
  expect(names([point('/x/a.pcap', 'eth0'), point('/x/a.pcap', 'eth1')])).toEqual(['eth0', 'eth1']);
  expect(names([point('/x/a.pcap', 'eth0'), point('/x/b.pcap', null)])).toEqual(['a.pcap:eth0', 'b.pcap']);
  expect(names([point('/x/a.pcap', 'eth0'), point('/x/b.pcap', null)], named)).toEqual(['/x/a.pcap:eth0', '/x/b.pcap']);
});

it('one file twice is told, its places are not', async () => {
  const [a] = await placesOf(journey.files[0], 'a');
  const [b] = await placesOf(journey.files[0], 'b');
  expect(notesOf(new Comparison(named([a, b]))).map(({ id }) => id)).toContain('same');
  expect(compareReport(new Comparison(named(await placesOf(both(), 'a')))).notes).toEqual([]);
});
