import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/compare/comparison.ts';
import { KIND_NAMES } from '../../src/model/verdict.ts';
import { concat, Pcapng, text } from '../capture/build.ts';
import { analyse } from '../support/analyze.ts';
import { type Journey, type Plan, type TrueFrame, type TruePacket, travel } from './journey.ts';
import { compared } from './support.ts';

/** One file with an interface for each point, the frames in the order of time. */
function single(frames: readonly (readonly TrueFrame[])[]): { file: Uint8Array; order: TrueFrame[] } {
  const order = frames.flat().sort((a, b) => a.time - b.time);
  const b = new Pcapng();
  const interfaces = frames.map((_, point) => b.interface(1, 0, [{ code: 2, value: text(`p${point}`) }]));
  const packets = order.map(({ time, bytes, point }) => b.enhanced(BigInt(time), bytes, { id: point }));
  return { file: concat(b.section(), ...interfaces, ...packets), order };
}

interface Measured {
  frames: number;
  /** Not in the right connection, or not at the right vantage. */
  misplaced: string[];
  /** Second sights that do not name a frame of the chosen view with the same bytes. */
  unlinked: string[];
  placed: number;
  unplaced: string[];
  madeUp: string[];
  /** Another view of a packet that was sent once, told as sent again. */
  falseRepeats: string[];
  /** Frames that are several of another point. */
  wholes: number;
}

/** A bare ACK that is like others, or that a capture may have missed, may be any. */
const isBare = ({ length, counts }: TruePacket) => length === 0 && !counts;

/** Near the end of a capture nobody knows whether a packet was still on its way (microseconds). */
const END = 20e3;

/** What `packets --view all` says of every frame, held against what became of its packets. */
function measure(plan: Plan, journey: Journey): Measured {
  const { file, order } = single(journey.frames);
  const { rows } = analyse(file, { everyView: true });
  const result: Measured = {
    frames: order.length,
    misplaced: [],
    unlinked: [],
    placed: 0,
    unplaced: [],
    madeUp: [],
    falseRepeats: [],
    wholes: 0,
  };
  const rowOf = new Map(rows.map((row) => [row.view.frame, row]));
  const numberOf = new Map(order.map((frame, i) => [frame, i + 1]));
  const frameAt = (packet: TruePacket, point: number) => {
    const number = packet.frames[point];
    return number === null ? null : numberOf.get(journey.frames[point][number - 1])!;
  };
  const hasEqualAcks = plan.ipIds === false || plan.missed !== undefined;
  const end = order.at(-1)!.time - END;
  const connOf = new Map<number, number>();
  order.forEach(({ point, packets, time }, i) => {
    const row = rowOf.get(i + 1)!;
    const [{ conn, direction, seq }] = packets;
    const stream = row.connection.id;
    if (!connOf.has(stream)) connOf.set(stream, conn);
    const { sight } = row.view;
    const where = `#${i + 1} p${point} ${direction} conn ${conn} seq ${seq} (${packets.length} packets)`;
    if (connOf.get(stream) !== conn || sight?.vantage.name !== `p${point}`) result.misplaced.push(where);
    const kind = KIND_NAMES[row.verdict!.kind];
    if (!sight?.isChosen && kind === 'retransmission' && !packets.some(({ isAgain }) => isAgain))
      result.falseRepeats.push(where);
    if (journey.frames.some((_, v) => new Set(packets.map((packet) => packet.frames[v])).size > 1)) result.wholes++;
    if (packets.some((packet) => hasEqualAcks && isBare(packet)) || time > end) return;
    const base = Number(sight?.seen.base?.name.slice(1));
    const chosen = packets.flatMap((packet) => frameAt(packet, base) ?? []);
    if (base !== point && chosen.length > 0) {
      const isTold = kind === 'duplicate' && row.verdict!.byCapture;
      if (!isTold || !chosen.includes(row.verdict!.original)) result.unlinked.push(`${where}: ${kind}`);
    }
    const next = direction === 'c2s' ? point + 1 : point - 1;
    const isLost = packets.some(({ lost }) => lost !== null && lost[0] === point && lost[1] === next);
    const said = sight?.lostBetween ?? null;
    const isRight = said !== null && said.from.name === `p${point}` && said.to.name === `p${next}`;
    if (isLost && isRight) result.placed++;
    else {
      if (isLost) result.unplaced.push(where);
      if (said !== null) result.madeUp.push(`${where}: ${said.from.name} ${said.to.name}`);
    }
  });
  return result;
}

/** The same of `compare` with a file for each point. */
async function measureFiles(plan: Plan, journey: Journey): Promise<Measured> {
  return measureComparison(plan, journey, await compared(...journey.files), (_, number) => number);
}

/** The same of `compare` with one file of all points: the frames have other numbers. */
async function measurePlaces(plan: Plan, journey: Journey): Promise<Measured> {
  const { file, order } = single(journey.frames);
  const comparison = await compared(file);
  expect(comparison.points.map(({ name }) => name)).toEqual(journey.frames.map((_, point) => `p${point}`));
  return measureComparison(plan, journey, comparison, (p, number) => journey.frames[p].indexOf(order[number - 1]) + 1);
}

/** Each packet is in one row with its frames, and each loss is placed. `numberAt`: the number of a frame among those of its point. */
function measureComparison(
  plan: Plan,
  journey: Journey,
  comparison: Comparison,
  numberAt: (p: number, number: number) => number,
): Measured {
  const { packets: table, points, order, path } = comparison;
  const result: Measured = {
    frames: journey.frames.flat().length,
    misplaced: [],
    unlinked: [],
    placed: 0,
    unplaced: [],
    madeUp: [],
    falseRepeats: [],
    wholes: 0,
  };
  const hasEqualAcks = plan.ipIds === false || plan.missed !== undefined;
  expect(path).toEqual(journey.files.map((_, point) => point));
  const rowsOf = new Map<string, number[]>();
  for (const row of order)
    points.forEach(({ sightings }, p) => {
      const i = table.at[p][row];
      if (i < 0) return;
      const key = `${p} ${numberAt(p, sightings.frame[i])}`;
      rowsOf.set(key, [...(rowsOf.get(key) ?? []), row]);
    });
  const last = Math.max(...journey.packets.flatMap(({ times }) => times.map((time) => time ?? 0)));
  for (const own of journey.frames.flat()) if (own.packets.length > 1) result.wholes++;
  for (const packet of journey.packets) {
    const seen = packet.frames.flatMap((number, p) => (number === null ? [] : [p]));
    if (seen.length === 0 || (hasEqualAcks && isBare(packet))) continue;
    if (Math.max(...packet.times.map((time) => time ?? 0)) > last - END / 1000) continue;
    const where = `conn ${packet.conn} ${packet.direction} seq ${packet.seq}+${packet.length} ${packet.frames.join('/')}`;
    const rows = (rowsOf.get(`${seen[0]} ${packet.frames[seen[0]]}`) ?? []).filter((row) => {
      const flow = points[seen[0]].sightings;
      const first = table.partLength[row] < 0 ? flow.seq[table.at[seen[0]][row]] : table.partSeq[row];
      const length = table.partLength[row] < 0 ? flow.payload[table.at[seen[0]][row]] : table.partLength[row];
      const shift =
        seen[0] === 0
          ? 0
          : plan.gaps
              .slice(0, seen[0])
              .reduce((sum, { shift: by }) => sum + (by?.[packet.direction === 'c2s' ? 0 : 1] ?? 0), 0);
      const own = table.partLength[row] < 0 ? (packet.seq + shift) | 0 : packet.seq | 0;
      return packet.length === 0 || (((own - first) | 0) >= 0 && ((own - first) | 0) < length);
    });
    const [row] = rows;
    if (rows.length !== 1) result.misplaced.push(`${where}: in ${rows.length} rows`);
    else {
      const said = points.map(({ sightings }, p) => {
        const i = table.at[p][row];
        return i < 0 ? null : numberAt(p, sightings.frame[i]);
      });
      if (said.some((number, p) => number !== packet.frames[p]))
        result.misplaced.push(`${where}: said ${said.join('/')}`);
      const lost = table.lostFrom[row] < 0 ? null : `${table.lostFrom[row]} ${table.lostTo[row]}`;
      const is = packet.lost === null ? null : packet.lost.join(' ');
      if (is !== null && is === lost) result.placed++;
      else {
        if (is !== null) result.unplaced.push(`${where}: said ${lost}`);
        if (lost !== null) result.madeUp.push(`${where}: said ${lost}`);
      }
    }
  }
  return result;
}

const path: Plan = {
  seed: 1,
  mss: 1448,
  segments: 60,
  connections: 4,
  burst: 30,
  gaps: [{ forward: 3, backward: 3, jitter: 0.3 }],
  offload: [64000, 0],
};

const PLANS: Record<string, Plan> = {
  'the sender splits': path,
  'the receiver merges': { ...path, seed: 2, offload: [0, 64000] },
  'both have sizes of their own': { ...path, seed: 3, offload: [64000, 20000] },
  'with losses': { ...path, seed: 4, gaps: [{ forward: 3, backward: 4, jitter: 0.3, loss: 0.03 }] },
  'both sizes, with losses': {
    ...path,
    seed: 5,
    offload: [64000, 20000],
    gaps: [{ forward: 3, backward: 4, loss: 0.03 }],
  },
  'without timestamps': {
    ...path,
    seed: 6,
    timestamps: false,
    offload: [64000, 9000],
    gaps: [{ forward: 3, backward: 4, loss: 0.03 }],
  },
  'without IP IDs': {
    ...path,
    seed: 7,
    ipIds: false,
    offload: [64000, 9000],
    gaps: [{ forward: 3, backward: 4, loss: 0.03 }],
  },
  'with copies and another order': {
    ...path,
    seed: 8,
    offload: [64000, 9000],
    gaps: [{ forward: 3, backward: 4, jitter: 2, loss: 0.03, doubled: 0.01 }],
  },
  'three points': {
    ...path,
    seed: 9,
    offload: [64000, 0, 20000],
    gaps: [
      { forward: 3, backward: 3, loss: 0.02 },
      { forward: 8, backward: 8, jitter: 0.5, loss: 0.02 },
    ],
  },
  'three points, small in the middle and behind': {
    ...path,
    seed: 10,
    offload: [64000, 5000, 0],
    gaps: [
      { forward: 0.02, backward: 0.02, loss: 0.02 },
      { forward: 8, backward: 8, jitter: 0.5, loss: 0.02 },
    ],
  },
  'behind address translation': {
    ...path,
    seed: 11,
    offload: [64000, 9000],
    gaps: [{ forward: 3, backward: 4, loss: 0.03, nat: '10.9.0.1', routes: true }],
  },
  'shifted numbers': {
    ...path,
    seed: 12,
    offload: [64000, 9000],
    gaps: [{ forward: 3, backward: 4, loss: 0.03, shift: [1234567, 987654] }],
  },
  'a capture that missed frames': {
    ...path,
    seed: 13,
    offload: [64000, 9000],
    gaps: [{ forward: 3, backward: 4 }],
    missed: [0, 0.02],
  },
};

/** Captures of each kind: their sum is held against the bars. */
const SEEDS = 2;

describe.each(Object.entries(PLANS))('segments that offload merged or split between two points: %s', (_name, plan) => {
  let journeys: Journey[] = [];
  beforeAll(() => {
    journeys = Array.from({ length: SEEDS }, (_, i) => travel({ ...plan, seed: plan.seed + 100 * i }));
  });
  afterAll(() => {
    journeys = [];
  });

  it.each([
    ['one file', async (own: Plan, journey: Journey) => measure(own, journey)],
    ['a file for each point', measureFiles],
    ['one file, compared', measurePlaces],
  ])('%s', async (_, measured) => {
    const sum = { frames: 0, misplaced: 0, unlinked: 0, placed: 0, unplaced: 0, madeUp: 0, falseRepeats: 0, wholes: 0 };
    const fails: string[] = [];
    for (let i = 0; i < SEEDS; i++) {
      const m = await measured(plan, journeys[i]);
      sum.frames += m.frames;
      sum.placed += m.placed;
      sum.wholes += m.wholes;
      for (const key of ['misplaced', 'unlinked', 'unplaced', 'madeUp', 'falseRepeats'] as const) {
        sum[key] += m[key].length;
        fails.push(...m[key].map((where) => `${key}: seed ${plan.seed + 100 * i} ${where}`));
      }
    }
    expect(sum.wholes).toBeGreaterThan(100);
    expect((sum.misplaced + sum.unlinked) / sum.frames, fails.join('\n')).toBeLessThanOrEqual(0.005);
    expect(sum.madeUp, fails.join('\n')).toBeLessThanOrEqual(0.01 * (sum.placed + sum.madeUp));
    expect(sum.unplaced, fails.join('\n')).toBeLessThanOrEqual(0.01 * (sum.placed + sum.unplaced));
    expect(sum.falseRepeats, fails.join('\n')).toBe(0);
  });
});
