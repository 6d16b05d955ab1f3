/** What shows in a capture as a whole: its extent, order, clock, position, limits and copies. Of each condition an example on either side. */

import { describe, expect, it } from 'vitest';
import { CaptureExtent } from '../../src/detect/capture-extent.ts';
import { CaptureOrder } from '../../src/detect/capture-order.ts';
import { CapturePosition } from '../../src/detect/capture-position.ts';
import { ClockJumps, type JumpFacts } from '../../src/detect/clock-jump.ts';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { Duplicates } from '../../src/detect/duplicates.ts';
import { Fact } from '../../src/detect/facts.ts';
import { InitialSequenceNumbers } from '../../src/detect/isn.ts';
import { Limits } from '../../src/detect/limits.ts';
import { CaptureNature } from '../../src/detect/nature.ts';
import { Pauses } from '../../src/detect/pauses.ts';
import { addStampRates } from '../../src/detect/stamp-rates.ts';
import type { Connection } from '../../src/model/connection.ts';
import { Option, type SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Verdict } from '../../src/model/verdict.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';

const MS = 1e6;
const SECOND = 1e9;
type Ends = Parameters<typeof ends>;
const toldBy = ({ raised, added }: ReturnType<typeof listener>) =>
  [...raised, ...added.map((account) => account())].filter((account) => account !== null);
const times = <T>(count: number, one: (i: number) => T) => Array.from({ length: count }, (_, i) => one(i));
const END = {
  time: 7,
  frame: 70,
  counts: { total: 70, tcp: 70, snapped: 0, snappedTo: -1 },
  capture: null,
  left: null,
};
const endOf = (more: object = {}) => ({ ...END, ...more }) as unknown as CaptureEnd;

describe('the extent of a capture', () => {
  const told = (connections: readonly Ends[], end: object = {}, shards: Parameters<CaptureExtent['join']>[0] = []) => {
    const heard = listener();
    const extent = new CaptureExtent(heard.findings);
    for (const of of connections) extent.concludeConnection(ends(...of).connection);
    extent.join(shards);
    extent.concludeCapture(endOf(end));
    return heard.raised;
  };
  const ids = (...of: Parameters<typeof told>) => told(...of).map(({ id }) => id);
  const UNSEEN = { seen: false };
  const BUSY = { dataPackets: 1 };

  it('is one way where the seen end acknowledges data of the other, or a SYN,ACK, whichever that is', () => {
    const heard = (lastAck: number, hasIss: boolean) => ids([[{ lastAck, hasIss }, UNSEEN]]);
    expect([heard(2, false), heard(1, false), heard(1, true), heard(0, true)]).toEqual([
      ['one-way-capture'],
      [],
      ['one-way-capture'],
      [],
    ]);
    const last = (lastAck: number) => ids([[UNSEEN, { lastAck, hasIss: false }]]);
    expect([last(2), last(1), ids([[{ lastAck: 2 }, {}]])]).toEqual([['one-way-capture'], [], []]);
  });

  it('begins in the middle of a connection with data, which continues no earlier one', () => {
    const mid = { sawHandshake: false };
    expect([ids([[BUSY, {}, mid]]), ids([[{}, BUSY, mid]]), ids([[{}, {}, mid]])]).toEqual([
      ['mid-stream'],
      ['mid-stream'],
      [],
    ]);
    expect([ids([[BUSY, {}, {}]]), ids([[BUSY, {}, { ...mid, continues: 0 }]])]).toEqual([[], []]);
  });

  it('names sixteen connections and counts all', () => {
    const oneWay = (count: number) =>
      told(times(count, (i) => [{ lastAck: 2 }, UNSEEN, { firstFrame: 5 + i, firstTime: i }]))[0];
    expect(oneWay(17)).toMatchObject({ evidence: times(16, (i) => 5 + i), where: { frame: 5, time: 0 } });
    expect(valuesOf(oneWay(17))).toEqual({ connections: 17 });
    const mid = told(times(17, (i) => [BUSY, {}, { sawHandshake: false, firstFrame: 5 + i }]))[0];
    expect(mid.evidence).toEqual(times(16, (i) => 5 + i));
    expect(valuesOf(mid)).toEqual({ connections: 17 });
  });

  it('of several shards names the first', () => {
    const example = (firstFrame: number) => ({ firstFrame, firstTime: 0 });
    const shard = (first: number) => ({
      twoWays: 5,
      oneWays: 20,
      oneWay: times(10, (i) => example(first + 2 * i)),
      midStreams: 30,
      midStream: times(10, (i) => example(100 + first + 2 * i)),
    });
    const [oneWay, mid] = told([], {}, [shard(2), shard(1)]);
    expect([valuesOf(oneWay).connections, valuesOf(mid).connections]).toEqual([40, 60]);
    expect([oneWay.evidence, mid.evidence]).toEqual([times(16, (i) => 1 + i), times(16, (i) => 101 + i)]);
  });

  it('is mostly one way where more connections show that than have both ends, in all shards together', () => {
    const oneWay = (alone: number, both: number, shards: Parameters<CaptureExtent['join']>[0] = []) => {
      const extent = new CaptureExtent(listener().findings);
      for (let i = 0; i < alone; i++) extent.concludeConnection(ends({ lastAck: 2 }, UNSEEN).connection);
      for (let i = 0; i < both; i++) extent.concludeConnection(ends({}, {}).connection);
      extent.join(shards);
      return extent.isOneWay;
    };
    expect([oneWay(1, 0), oneWay(9, 1), oneWay(10, 1), oneWay(0, 0)]).toEqual([true, false, true, false]);
    const none = { oneWay: [], midStreams: 0, midStream: [] };
    const joined = (oneWays: number, twoWays: number) => oneWay(1, 1, [{ ...none, oneWays, twoWays }]);
    expect([joined(9, 0), joined(8, 0), joined(9, 1)]).toEqual([true, false, false]);
  });

  it('is less than the packets were, where they were cut', () => {
    const cut = (snapped: number, snappedTo: number) => told([], { counts: { total: 9, tcp: 8, snapped, snappedTo } });
    expect(cut(0, -1)).toEqual([]);
    const values = (snappedTo: number) => valuesOf(cut(1, snappedTo)[0]);
    expect([values(96), values(0).length, values(-1).length]).toEqual([{ cut: 1, total: 9, length: 96 }, 0, null]);
    expect(cut(1, 96)[0].where).toMatchObject({ frame: 1, time: 0 });
  });

  it('lacks what its interfaces say that they dropped', () => {
    const drops = (...dropped: (number | null)[]) =>
      told([], {
        capture: {
          interfaces: dropped.map((count, i) => ({ name: i === 0 ? 'eth0' : null, received: 5, dropped: count })),
        },
      }).map((account) => [valuesOf(account).name, valuesOf(account).dropped, account.where.frame]);
    expect([drops(null), drops(0), drops(1)]).toEqual([[], [], [['eth0', 1, 70]]]);
    expect(drops(null, 3)).toEqual([['interface 1', 3, 70]]);
  });
});

describe('the place of a capture', () => {
  const rtt = (min: number) => ({ outbound: { rtt: { min } } });
  /** The capture was made at the client: it answers at once. */
  const AT_CLIENT: Ends = [
    { ...rtt(40 * MS), w3: 1 },
    { ...rtt(MS / 10), w3: 2 },
  ];
  const AT_SERVER: Ends = [
    { ...rtt(MS / 10), w3: 1 },
    { ...rtt(40 * MS), w3: 2 },
  ];
  const BETWEEN: Ends = [
    { ...rtt(40 * MS), w3: 1 },
    { ...rtt(40 * MS), w3: 2 },
  ];
  const UNKNOWN: Ends = [rtt(-1), rtt(40 * MS)];
  const told = (connections: readonly Ends[], shards: Parameters<CapturePosition['join']>[0] = []) => {
    const heard = listener();
    const position = new CapturePosition(heard.findings);
    for (const of of connections) position.concludeConnection(ends(...of).connection);
    const gathered = position.gathered();
    position.join(shards);
    position.concludeCapture();
    return { gathered, told: heard.raised };
  };
  const values = (...of: Parameters<typeof told>) => valuesOf(told(...of).told[0]);
  const many = (count: number, of: Ends) => times(count, () => of);

  it('is where three quarters of the connections say', () => {
    expect(values(many(1, AT_CLIENT))).toMatchObject({ place: 'client', address: '10.0.0.1', agreed: 1, asked: 1 });
    expect(values(many(1, AT_SERVER))).toMatchObject({ place: 'server', address: '10.0.0.2' });
    expect(values(many(1, BETWEEN))).toMatchObject({ place: 'middle', address: '10.0.0.1' });
    const split = (there: number) => told([...many(there, AT_SERVER), ...many(4, BETWEEN)]).told[0];
    expect([split(11), split(12)?.confidence]).toEqual([undefined, 0.75]);
    expect(valuesOf(split(12))).toMatchObject({ agreed: 12, asked: 16 });
    expect(told(many(4, BETWEEN)).told[0].confidence).toBe(0.9);
    expect(values([...many(1, BETWEEN), ...many(9, AT_CLIENT)])).toMatchObject({ place: 'client' });
  });

  it('is not asked of connections that do not tell, and of 2,000 at the most', () => {
    expect([told(many(3, UNKNOWN)).told, values([...many(3, UNKNOWN), ...many(1, BETWEEN)])]).toMatchObject([
      [],
      { asked: 1 },
    ]);
    expect([values(many(2000, BETWEEN)).asked, values(many(2001, BETWEEN)).asked]).toEqual([2000, 2000]);
  });

  it('is not told where an end answers as soon as its host can (100 µs), and the other not much later', () => {
    const near = (client: number, server: number) =>
      told([
        [
          { ...rtt(server), w3: 1 },
          { ...rtt(client), w3: 2 },
        ],
      ]).told.map((account) => valuesOf(account).place);
    expect([near(MS / 10, MS / 10), near(MS / 10 - 1, MS / 10), near(MS / 10, MS / 10 - 1)]).toEqual([
      ['middle'],
      [],
      [],
    ]);
    expect([near(MS / 20, MS / 5), near(MS / 20, MS / 5 + 1)]).toEqual([[], ['client']]);
  });

  it('is put together from the votes of shards', () => {
    const { gathered } = told([...many(3, AT_CLIENT), ...many(1, BETWEEN)]);
    expect(values([], [gathered, gathered])).toMatchObject({ place: 'client', agreed: 6, asked: 8 });
    expect(values(many(2, AT_CLIENT), [gathered])).toMatchObject({ agreed: 5, asked: 6 });
  });
});

describe('limits', () => {
  const told = (
    forgotten: readonly [number, number][],
    end: object = {},
    shards: Parameters<Limits['join']>[0] = [],
  ) => {
    const heard = listener();
    const limits = new Limits(heard.findings);
    for (const [id, [a, b]] of forgotten.entries())
      limits.concludeConnection(
        ends(
          { outbound: { scoreboard: { forgotten: a } } },
          { outbound: { scoreboard: { forgotten: b } } },
          { id: 5 + id },
        ).connection,
      );
    const gathered = limits.gathered();
    limits.join(shards);
    limits.concludeCapture(endOf({ isCutShort: false, connections: [], ...end }));
    return { gathered, told: heard.raised };
  };

  it('of questions name the end that had most', () => {
    expect(told([[0, 0]]).told).toEqual([]);
    const [account] = told([
      [1, 0],
      [2, 4],
      [4, 0],
    ]).told;
    expect(account).toMatchObject({ id: 'questions-limit', where: { frame: 70 } });
    expect(valuesOf(account)).toMatchObject({ questions: 11, worst: { forgotten: 4, role: 'server' }, stream: 6 });
    const heard = listener();
    const limits = new Limits(heard.findings);
    limits.concludeConnection(ends({ outbound: null }, { outbound: null }).connection);
    limits.concludeCapture(endOf());
    expect(heard.raised).toEqual([]);
  });

  it('of questions are put together from shards', () => {
    const shard = (forgotten: number, stream: number) => ({
      forgotten: forgotten + 2,
      worst: { forgotten, stream, name: 'x', role: 'client' as const },
    });
    const values = (...forgotten: number[]) =>
      valuesOf(
        told([[3, 0]], {}, [...forgotten.map((count, i) => shard(count, 20 + i)), { forgotten: 0, worst: null }])
          .told[0],
      );
    expect(values(3)).toMatchObject({ questions: 8, stream: 5 });
    expect(values(4)).toMatchObject({ questions: 9, stream: 20 });
    expect(values(4, 4, 5)).toMatchObject({ questions: 22, stream: 22 });
    expect(valuesOf(told([], {}, [shard(1, 20)]).told[0])).toMatchObject({ questions: 3, stream: 20 });
  });

  it('of memory are told with what was read', () => {
    const left = { connections: 4, packets: 9, by: {}, heardAgain: 1, forMemory: 0 };
    const cut = (of: object) =>
      told([], { isCutShort: true, connections: [1, 2], ...of }).told.map((account) => [account.id, valuesOf(account)]);
    expect(cut({})).toEqual([['memory-limit', { packets: 70, connections: 2 }]]);
    expect(cut({ left }).at(-1)).toEqual(['memory-limit', { packets: 70, connections: 6 }]);
  });

  it('of connections are information where all that left were attempts that are told otherwise', () => {
    const severity = (connections: number, attempt: number, heardAgain = 0) =>
      told([], { left: { connections, packets: 9, by: { attempt }, heardAgain, forMemory: 0 } }).told[0]?.severity;
    expect([severity(0, 0), severity(1, 1), severity(2, 1), severity(1, 1, 1)]).toEqual([
      undefined,
      'info',
      'warning',
      'warning',
    ]);
  });
});

describe('the order of the records of a capture', () => {
  /** Time (ns) of each record, and its interface. */
  const story = (records: readonly (number | readonly [time: number, interfaceId: number])[], isJoined = false) => {
    const heard = listener();
    const begun: number[][] = [];
    const seams: number[] = [];
    const order = new CaptureOrder(
      heard.findings,
      { begin: (...of: number[]) => begun.push(of) } as unknown as ClockJumps,
      new Pauses(),
      {
        times: { seam: (frame: number) => seams.push(frame) },
        hasSegments: true,
        isJoined,
      } as unknown as CaptureNature,
    );
    for (const [i, record] of records.entries()) {
      const [time, id] = typeof record === 'number' ? [record, 0] : record;
      order.see({ number: i + 1, time, interfaceId: id, hasImpossibleTime: false });
    }
    order.conclude();
    return { told: toldBy(heard), begun, seams, order };
  };
  const ids = (...of: Parameters<typeof story>) => story(...of).told.map(({ id }) => id);

  it('goes back by a second: the clock was set', () => {
    expect([ids([5e9, 4e9, 4.1e9]), ids([5e9, 4e9 + 1, 4.1e9])]).toEqual([['clock-step'], ['capture-misordered']]);
    const { told, seams } = story([5e9, 4e9, 4.1e9]);
    expect(told[0]).toMatchObject({ evidence: [2], confidence: 0.8 });
    expect(valuesOf(told[0])).toMatchObject({ back: 1e9, frame: 2 });
    expect(seams).toEqual([2]);
    expect([ids([5e9, 4e9, 4.1e9], true), ids([5, 5])]).toEqual([[], []]);
  });

  it('unless the next packet comes at the old time again: one stood in the wrong place', () => {
    expect([ids([5e9, 4e9, 5e9]), ids([5e9, 4e9, 5e9 - 1])]).toEqual([['capture-misordered'], ['clock-step']]);
    const { told, seams, begun } = story([5e9, 4e9, 5e9, 5.5e9]);
    expect([seams, begun]).toEqual([[], []]);
    expect(valuesOf(told[0])).toMatchObject({ packets: 1, furthest: 1e9, frame: 2 });
    // That of another interface tells nothing.
    expect(ids([5e9, 4e9, [5e9, 1], 4.1e9])).toEqual(['clock-step']);
    expect(ids([5e9, 4e9, [4e9, 1], 5e9])).toEqual(['capture-misordered']);
    // After the last packet nobody can tell.
    expect(ids([5e9, 4e9])).toEqual(['capture-misordered']);
    const { order } = story([5e9, 5.1e9, 4e9]);
    order.conclude();
    order.conclude();
    expect(order.gathered).toMatchObject({ steps: [], swaps: { count: 1, furthest: 1.1e9, frames: [3] } });
    // By a day and more it is not in the wrong place: its time is of another clock.
    const last = (back: number) => {
      const { order } = story([90_000e9, 90_000e9 - back]);
      order.conclude();
      return [order.gathered.steps.map(({ isLast }) => isLast), order.gathered.swaps?.count];
    };
    expect([last(86_400e9), last(86_399.9e9)]).toEqual([
      [[true], undefined],
      [[], 1],
    ]);
    const far = story([90_000e9, 0, 1]);
    expect(far.told[0]).toMatchObject({ id: 'clock-step', confidence: 0.8 });
    expect(far.told[0].severity).toBeUndefined();
    far.order.conclude();
    expect(far.order.gathered.steps).toHaveLength(1);
    // The time goes on from the old one: 4.9 s are out of place again.
    expect(valuesOf(story([5e9, 4e9, 5e9, 4.9e9]).told[0])).toMatchObject({ packets: 2, frame: 2 });
  });

  it('goes back by 10 ms, and eight packets follow one another from there: the clock was set', () => {
    const run = (back: number, count: number, apart = MS) => {
      const before = times(5, (i) => 100 * MS + i * MS);
      return story([...before, ...times(count, (i) => 104 * MS - back + i * apart)]);
    };
    const found = (...of: Parameters<typeof run>) => run(...of).told.map(({ id }) => id);
    expect([found(10e6, 8), found(10e6 - 1, 8), found(10e6, 7)]).toEqual([
      ['clock-step'],
      ['capture-misordered'],
      ['capture-misordered'],
    ]);
    expect(valuesOf(run(10e6, 8).told[0])).toMatchObject({ back: 10e6, frame: 6 });
    // Those that come back to the old time at once stand in the wrong place: the gap is more than half of the way.
    const comesBack = (gap: number) => {
      const after = times(8, (i) => 4 * MS + i * MS);
      return ids([...times(5, (i) => 100 * MS + i * MS), ...after, 11 * MS + gap, 11 * MS + 2 * gap]);
    };
    expect([comesBack(50 * MS), comesBack(50 * MS + 1)]).toEqual([['clock-step'], ['capture-misordered']]);
    expect(valuesOf(run(100e6, 2).told[0])).toMatchObject({ packets: 2, furthest: 100e6, frame: 6 });
  });

  it('goes back again and again: buffers that were filled at the same time stand one after the other', () => {
    const buffers = times(6, (block) => times(2, (queue) => times(20, (i) => 20 * MS * block + i * MS + queue * 500)));
    const { told } = story(buffers.flat(2));
    expect(told.map(({ id }) => id)).toEqual(['capture-misordered']);
    expect(valuesOf(told[0])).toMatchObject({ packets: 6 * 19, frame: 21 });
    // Each goes back by 20 ms. Four times as long after the first one it was the clock, unless it goes back once more within a minute.
    const twice = (until: number, id = 0, from = until - 20) => [
      ...times(5, (i) => 100 * MS + i * MS),
      ...times(until - 83, (i) => 84 * MS + i * MS),
      ...times(21, (i): [number, number] => [(from + i) * MS, id]),
    ];
    // What ends before has not shown it.
    const severity = (end: number) => {
      const { told } = story([...twice(105).slice(0, 26), end]);
      return [told[0].id, told[0].severity];
    };
    expect([severity(184 * MS), severity(184 * MS + 1)]).toEqual([
      ['clock-step', 'info'],
      ['clock-step', undefined],
    ]);
    expect([ids(twice(184)), ids(twice(185)), ids(twice(130, 1))]).toEqual([
      ['capture-misordered'],
      ['capture-misordered'],
      ['clock-step'],
    ]);
    const later = (apart: number) => {
      const [first, second] = [0, apart].map((at) => [
        ...times(5, (i) => at + 100 * MS + i * MS),
        ...times(100, (i) => at + 84 * MS + i * MS),
      ]);
      return ids([...first, ...second]);
    };
    expect([later(60e9), later(60e9 - 1)]).toEqual([['clock-step', 'clock-step'], ['capture-misordered']]);
    // Where batches are out of order by 20 ms, a step by 80 ms is one of them; one by more is none.
    const beside = (back: number) => {
      const clock = times(8, (i) => 10e9 + i * MS);
      return ids([...buffers.flat(2), ...clock, ...times(500, (i) => 10e9 + 7 * MS - back + i * MS)]);
    };
    const furthest = valuesOf(told[0]).furthest as number;
    expect([beside(4 * furthest), beside(4 * furthest + 1)]).toEqual([
      ['capture-misordered'],
      ['capture-misordered', 'clock-step'],
    ]);
    // A single packet in the wrong place says nothing of the clock, nor does a step by a second.
    expect(ids([...twice(130).slice(0, 40), 110 * MS, 124 * MS])).toEqual(['capture-misordered', 'clock-step']);
    expect(ids([...twice(130).slice(0, 40), 118 * MS - 1e9, 119 * MS - 1e9])).toEqual(['clock-step', 'clock-step']);
  });

  it('goes back to the packets before one with too late a time: that one stands in the wrong place', () => {
    const late = (gap: number) => {
      const last = 104 * MS + gap;
      return ids([...times(5, (i) => 100 * MS + i * MS), last, ...times(9, (i) => last - 20 * MS + i * MS)]);
    };
    expect([late(10 * MS), late(10 * MS + 1)]).toEqual([['clock-step'], ['capture-misordered']]);
  });

  it('goes forward by a second: who knows whether the clock was set', () => {
    expect([story([5, 5 + 1e9]).begun, story([5, 4 + 1e9]).begun, story([5e9]).begun]).toEqual([
      [[2, 5, 5 + 1e9]],
      [],
      [],
    ]);
    expect(
      story([
        [5, 0],
        [5 + 1e9, 1],
      ]).begun,
    ).toEqual([[2, 5, 5 + 1e9]]);
    // From the time that was gone back to.
    expect(story([9e9, 1e9, 3e9]).begun).toEqual([[3, 1e9, 3e9]]);
  });

  it('is that of each interface for itself, of 1,024', () => {
    const of = (interfaceId: number) => ids([5e6, [4e6, interfaceId]]);
    expect([of(0), of(1), of(1023), of(512), of(1024)]).toEqual([
      ['capture-misordered'],
      [],
      [],
      [],
      ['capture-misordered'],
    ]);
  });

  it('is worth a warning where two and a hundredth of the packets stand 50 µs or more behind', () => {
    const swapped = (count: number, records: number, back: number) => {
      const all = times(records - 2 * count, (i) => i * MS);
      for (let i = 0; i < count; i++) all.push((1000 + i) * MS, (1000 + i) * MS - back);
      return story(all).told[0].severity;
    };
    expect([swapped(2, 200, 50e3), swapped(2, 200, 50e3 - 1), swapped(1, 20, 50e3), swapped(2, 201, 50e3)]).toEqual([
      'warning',
      'info',
      'info',
      'info',
    ]);
    const isShuffled = (count: number, records: number) => {
      const all = times(records - 2 * count, (i) => i * MS);
      for (let i = 0; i < count; i++) all.push((1000 + i) * MS, (1000 + i) * MS - 50e3);
      return story(all).order.isShuffled;
    };
    expect([isShuffled(2, 20), isShuffled(2, 21), isShuffled(1, 2)]).toEqual([true, false, false]);
    expect(story([1, 2]).order.isShuffled).toBe(false);
  });

  it('hands on a thousand steps to whoever joins parts', () => {
    const steps = (count: number) => story(times(count + 1, (i) => -2e9 * i)).order.gathered.steps;
    // The last packet of them has none after it that shows where the time stays.
    expect([steps(1000).length, steps(1001).length, steps(1002).length]).toEqual([999, 1000, 1000]);
    expect(steps(1002)[999]).toMatchObject({ frame: 1001, back: 2e9 });
    const { order } = story(times(1004, (i) => -2e9 * i));
    expect(order.gathered.moreSteps).toBe(2);
    const heard = listener();
    new CaptureOrder(heard.findings, {} as ClockJumps, new Pauses(), {} as CaptureNature).joinRecords(
      order.gathered,
      (_, raise) => raise(),
    );
    const told = toldBy(heard).filter(({ id }) => id === 'clock-step');
    expect([told.length, heard.further]).toEqual([1000, [['clock-step', 2]]]);
  });

  it('of shards is taken up, each thing in its turn', () => {
    const { order } = story([9e9, 1e9, 1.5e9, 1.4e9]);
    const heard = listener();
    const joined = new CaptureOrder(heard.findings, {} as ClockJumps, new Pauses(), {
      isJoined: false,
    } as CaptureNature);
    const turns: number[] = [];
    joined.joinRecords(order.gathered, (frame, raise) => {
      turns.push(frame);
      raise();
    });
    // When each was told: the step at the packet after it, and the swap at its own.
    expect(turns).toEqual([3, 4]);
    expect(toldBy(heard).map(({ id, evidence }) => [id, evidence])).toEqual([
      ['clock-step', [2]],
      ['capture-misordered', [4]],
    ]);
    joined.joinRecords(story([1, 2]).order.gathered, (frame) => turns.push(frame));
    expect(turns).toEqual([3, 4]);
  });
});

describe('a silence of the capture', () => {
  /** An end whose clock began at 0, with 1,000, before a silence of ten seconds, from 1 s to 11 s. */
  const end = (address = 'a', clocks: object = {}) => ({
    address,
    connection: {},
    outbound: { clocks: { firstTsVal: 1000, firstTsTime: 0, ...clocks } },
  });
  type Said = { by?: object; at: number; ticks: number; frame?: number; options?: number };
  const made = (said: readonly Said[], jumps = new ClockJumps(listener().findings)) => {
    for (const [i, { by, at, ticks, frame = 20 + i, options = Option.TIMESTAMPS }] of said.entries())
      jumps.inspect(
        { sender: by } as unknown as TrackedSegment,
        {
          frame,
          time: at * SECOND,
          tsVal: (1000 + ticks) >>> 0,
          options,
        } as SegmentView,
      );
    return jumps;
  };
  const story = (said: readonly Said[]) => {
    const heard = listener();
    const jumps = new ClockJumps(heard.findings);
    jumps.begin(20, 1 * SECOND, 11 * SECOND);
    const one = end();
    made(
      said.map((segment) => ({ by: one, ...segment })),
      jumps,
    );
    jumps.conclude();
    return heard.raised;
  };
  /** So many ticks by 11 s, and 1,000 in the second after that. */
  const clock = (ticks: number, more: Partial<Said> = {}): Said[] => [
    { at: 11, ticks, ...more },
    { at: 12, ticks: ticks + 1000, ...more },
  ];
  const isTold = (...said: Said[]) => story(said).length > 0;

  it('was none where a clock missed four fifths of it for certain', () => {
    // A tick of 1,000 takes 2 s/999 at the most: 11 s less 1,498 of them are 8.001 s.
    expect([isTold(...clock(1498)), isTold(...clock(1499))]).toEqual([true, false]);
    const [account] = story(clock(0));
    expect(account).toMatchObject({
      id: 'clock-step',
      confidence: 0.75,
      evidence: [20],
      where: { frame: 20, time: 11 * SECOND },
    });
    expect(valuesOf(account)).toEqual({ gap: 10 * SECOND, frame: 20, address: 'a' });
  });

  it('was one where another clock saw it, and that of an end that is not sure does not count', () => {
    const other = (ticks: number) => isTold(...clock(0), ...clock(ticks, { by: end('b') }));
    // A tick takes 1 s/1001 at the least: 11 s less 3,003 of them are 8 s.
    expect([other(3003), other(3004)]).toEqual([true, false]);
    const both = story([...clock(0), ...clock(0, { by: end('b') })])[0];
    expect([both.confidence, valuesOf(both).address]).toEqual([0.9, null]);
  });

  it('nobody missed more of it than there was, with a second for packets that were late', () => {
    // It began 100 s before: less 44,455 ticks that makes 11.0006 s.
    const early = (ticks: number) => isTold(...clock(ticks, { by: end('a', { firstTsTime: -89 * SECOND }) }));
    expect([early(44_455), early(44_456)]).toEqual([false, true]);
  });

  it('is judged by clocks that ticked ten times in 10 ms, and were heard before it', () => {
    const rate = (ticks: number, ms: number) => isTold({ at: 11, ticks: 0 }, { at: 11 + ms / 1000, ticks });
    expect([rate(10, 10), rate(9, 10), rate(10, 9.999)]).toEqual([true, false, false]);
    const heardAt = (firstTsTime: number) => isTold(...clock(0, { by: end('a', { firstTsTime }) }));
    expect([heardAt(1 * SECOND), heardAt(1 * SECOND + 1)]).toEqual([true, false]);
    expect(isTold(...clock(0, { options: 0 }))).toBe(false);
    const first = (firstTsVal: number, ticks: number) => isTold(...clock(ticks, { by: end('a', { firstTsVal }) }));
    expect([first(-1, -1000), first(0, -1000)]).toEqual([false, true]);
    // The clock passes 2^32.
    expect(first(2 ** 32 - 5, -1001)).toBe(true);
    expect(
      isTold(
        { at: 11, ticks: -1000 - 5, by: end('a', { firstTsVal: 2 ** 32 - 10 }) },
        { at: 12, ticks: 0 - 5, by: end('a', { firstTsVal: 2 ** 32 - 10 }) },
      ),
    ).toBe(false);
  });

  it('is judged once by each end, by its first words after it', () => {
    const one = end();
    const said = [
      { at: 11, ticks: 0 },
      { at: 12, ticks: 1000 },
      { at: 13, ticks: 2000 },
    ].map((segment) => ({ by: one, ...segment }));
    expect(valuesOf(story(said)[0]).address).toBe('a');
    expect(isTold({ at: 11, ticks: 0 })).toBe(false);
  });

  it('is told when the next begins, or the input ends', () => {
    const heard = listener();
    const jumps = new ClockJumps(heard.findings);
    jumps.begin(20, 1 * SECOND, 11 * SECOND);
    made(
      clock(0).map((said) => ({ by: end(), ...said })),
      jumps,
    );
    const one = end();
    made(
      clock(0).map((said) => ({ by: one, ...said })),
      jumps,
    );
    expect(heard.raised).toEqual([]);
    jumps.begin(30, 40 * SECOND, 50 * SECOND);
    expect(heard.raised).toHaveLength(1);
    jumps.conclude();
    expect(heard.raised).toHaveLength(1);
  });

  it('is asked about for 1,000 packets, whoever sends them', () => {
    const after = (packets: number) => {
      const heard = listener();
      const jumps = new ClockJumps(heard.findings);
      jumps.begin(20, 1 * SECOND, 11 * SECOND);
      for (let i = 0; i < packets; i++) jumps.pass(20 + i);
      const one = end();
      made(
        clock(0).map((said) => ({ by: one, ...said, frame: 5000 })),
        jumps,
      );
      jumps.conclude();
      return heard.raised.length;
    };
    expect([after(998), after(999), after(1000)]).toEqual([1, 0, 0]);
    const jumps = new ClockJumps(listener().findings);
    expect(jumps.asks(1)).toBe(false);
    jumps.begin(20, 1, 11 * SECOND);
    for (let i = 0; i < 999; i++) jumps.pass(i);
    expect(jumps.asks(5000)).toBe(true);
    jumps.pass(5000);
    expect(jumps.asks(5001)).toBe(false);
  });

  it('is asked about to sixteen ends', () => {
    const of = (ends: number) =>
      story([...times(ends, (i) => clock(0, { by: end(`e${i}`) })).flat(), ...clock(10_000, { by: end('saw') })])
        .length;
    // The seventeenth saw the time go by.
    expect([of(15), of(16)]).toEqual([0, 1]);
  });

  describe('of several shards', () => {
    const facts = (frame: number, heard: JumpFacts['heard'], until = 0): JumpFacts => ({
      frame,
      from: 1 * SECOND,
      time: 11 * SECOND,
      until,
      heard,
    });
    const missed = (frame: number) => ({ frame, missedBy: `m${frame}` });
    const saw = (frame: number) => ({ frame, missedBy: null });
    const joined = (...shards: JumpFacts[][]) => {
      const heard = listener();
      const jumps = new ClockJumps(heard.findings);
      const turns: number[] = [];
      jumps.join(shards, (frame, raise) => {
        turns.push(frame);
        raise();
      });
      const before = heard.raised.map(({ where }) => where.frame);
      jumps.conclude();
      return [turns, before, heard.raised.map(({ where }) => where.frame)];
    };

    it('is judged by the ends of all, in its turn', () => {
      expect(
        joined([facts(20, [missed(21)]), facts(40, [])], [facts(20, [missed(25)]), facts(40, [missed(41)])]),
      ).toEqual([[40], [20], [20, 40]]);
      expect(joined([facts(20, [missed(21)])], [facts(20, [saw(25)])])).toEqual([[], [], []]);
      expect(joined([facts(40, [missed(41)])], [facts(20, [missed(25)])])).toEqual([[40], [20], [20, 40]]);
      expect(joined([])).toEqual([[], [], []]);
    });

    it('by the first sixteen', () => {
      const shard = (count: number) => [
        facts(
          20,
          times(count, (i) => missed(100 - i)),
        ),
      ];
      expect([joined(shard(15), [facts(20, [saw(200)])])[2], joined(shard(16), [facts(20, [saw(200)])])[2]]).toEqual([
        [],
        [20],
      ]);
    });

    it('is kept, with what its own ends said', () => {
      const jumps = new ClockJumps(listener().findings);
      jumps.keep();
      jumps.begin(20, 1 * SECOND, 11 * SECOND);
      const one = end();
      made(
        clock(0).map((said) => ({ by: one, ...said })),
        jumps,
      );
      expect(jumps.gathered()).toEqual([facts(20, [{ frame: 21, missedBy: 'a' }])]);
      expect(new ClockJumps(listener().findings).gathered()).toEqual([]);
    });

    it('is known beforehand, where the packets between are not seen, and so is the last that is asked', () => {
      const asked = (until: number) => {
        const jumps = new ClockJumps(listener().findings);
        jumps.keep([facts(20, [], until), facts(40, [], until), facts(60, [], until)]);
        return [19, 20, 45, 50, 51, 60].map((frame) => jumps.asks(frame));
      };
      expect(asked(0)).toEqual([false, true, true, true, true, true]);
      expect(asked(50)).toEqual([false, true, true, true, false, false]);
      const jumps = new ClockJumps(listener().findings);
      jumps.keep([facts(20, []), facts(40, []), facts(60, [])]);
      jumps.asks(45);
      jumps.asks(70);
      expect(jumps.gathered().map(({ frame }) => frame)).toEqual([40, 60]);
    });
  });
});

describe('second copies of packets', () => {
  interface Copy {
    byCapture?: boolean;
    confidence?: number;
    bytes?: number;
    seen?: boolean;
    answered?: boolean;
    /** Nanoseconds after the first copy. */
    lateness?: number;
    ipId?: number;
    options?: number;
    original?: number;
  }
  const story = (copies: readonly Copy[], packets = 100, seams: readonly number[] = [], lacksAcks = false) => {
    const heard = listener();
    const nature = new CaptureNature(listener().findings);
    for (const frame of seams) nature.times.seam(frame);
    Object.defineProperty(nature, 'lacksAcks', { value: lacksAcks });
    const duplicates = new Duplicates(heard.findings, nature);
    for (const [
      i,
      {
        byCapture = false,
        confidence = 1,
        bytes = 100,
        seen = true,
        answered = false,
        lateness = 1e6,
        ipId = 7,
        options = 0,
        original = 3,
      },
    ] of copies.entries()) {
      const { client, server } = ends({}, { seen });
      const verdict = Object.assign(new Verdict(), { byCapture, confidence, original, lateness });
      duplicates.inspect(
        shown(client, {
          facts: [Fact.DUPLICATE],
          frame: 20 + i,
          time: i,
          verdict,
          view: { payloadLength: bytes, ipId, options },
        }),
      );
      if (answered) for (let k = 0; k < 2; k++) duplicates.inspect(shown(server, { facts: [Fact.REPEATED_ACK] }));
    }
    duplicates.concludeCapture(endOf({ counts: { tcp: packets } }));
    return { told: toldBy(heard), duplicates };
  };
  const ids = (...of: Parameters<typeof story>) => story(...of).told.map(({ id }) => id);
  const copies = (count: number, copy: Copy = { answered: true }) => times(count, () => copy);

  it('are of the capture where they differ as those of two places do, or are a fifth of all packets', () => {
    expect(ids(copies(1, { byCapture: true }))).toEqual(['capture-duplicate']);
    expect(ids(copies(1, { byCapture: true, confidence: 0.9 }))).toEqual(['network-duplicate']);
    expect([ids(copies(19)), ids(copies(20))]).toEqual([['network-duplicate'], ['capture-duplicate']]);
    expect(ids([{ byCapture: true }, { answered: true }])).toEqual(['capture-duplicate', 'network-duplicate']);
    expect(story(copies(2, { byCapture: true })).told[0]).toMatchObject({ evidence: [20, 21] });
    expect(valuesOf(story(copies(2, { byCapture: true })).told[0])).toMatchObject({
      copies: 2,
      share: 0.02,
      frame: 20,
      original: 3,
    });
  });

  it('or where less than half of three with data were answered', () => {
    const unanswered = (count: number, more: Copy = {}) => ids(copies(count, more))[0];
    expect([unanswered(2), unanswered(3)]).toEqual(['network-duplicate', 'capture-duplicate']);
    expect([unanswered(3, { bytes: 0 }), unanswered(3, { bytes: 1 }), unanswered(3, { seen: false })]).toEqual([
      'network-duplicate',
      'capture-duplicate',
      'network-duplicate',
    ]);
    expect(ids([{ answered: true }, { answered: true }, {}])).toEqual(['network-duplicate']);
    expect(ids([{ answered: true }, { answered: true }, {}, {}])).toEqual(['network-duplicate']);
    expect(ids([{ answered: true }, {}, {}])).toEqual(['capture-duplicate']);
    // Where no packet only acknowledges, the answers were filtered out.
    expect(ids(copies(3, {}), 100, [], true)).toEqual(['network-duplicate']);
  });

  it('or where answers do not tell and most have the time of what they repeat', () => {
    const acks = (...lateness: number[]) => ids(lateness.map((late) => ({ bytes: 0, lateness: late })));
    expect([acks(999), acks(1000)]).toEqual([['capture-duplicate'], ['network-duplicate']]);
    expect([acks(0, 0, 1000), acks(0, 1000)]).toEqual([['capture-duplicate'], ['network-duplicate']]);
  });

  it('or where the time goes back between them', () => {
    const across = (frame: number) => ids(copies(1), 100, [frame]);
    // The first is frame 3, its copy frame 20.
    expect([across(3), across(4), across(20), across(21)]).toEqual([
      ['network-duplicate'],
      ['capture-duplicate'],
      ['capture-duplicate'],
      ['network-duplicate'],
    ]);
  });

  it('of which most lie across such places: of the capture; else of the network', () => {
    // Frame 3 stands before the seam at frame 20, and so does the original of each copy that has none of its own.
    const mixed = (...originals: number[]) =>
      ids(
        originals.map((original) => ({ answered: true, original })),
        1000,
        [20],
      );
    expect([mixed(3, 3, 20), mixed(3, 20), mixed(20, 3, 3)]).toEqual([
      ['capture-duplicate'],
      ['network-duplicate'],
      ['capture-duplicate'],
    ]);
  });

  it('are judged by an even sample of a bounded size, that of each shard by how many it stands for', () => {
    const of = (count: number, original = 3) =>
      story(times(count, () => ({ answered: true, original }))).duplicates.gathered();
    const sampleOf = (count: number) => of(count).here!.samples[0];
    expect(sampleOf(64)).toMatchObject({ every: 1, pairs: { length: 64 } });
    expect(sampleOf(65)).toMatchObject({ every: 2, pairs: { length: 33 } });
    expect(sampleOf(66).pairs).toEqual(sampleOf(65).pairs);
    expect(sampleOf(1000)).toMatchObject({ every: 16, pairs: { length: 63 } });
    expect(sampleOf(1000).pairs.map(([, copy]) => copy)).toEqual(Array.from({ length: 63 }, (_, i) => 20 + 16 * i));
    const together = (across: number, others: number) => {
      const heard = listener();
      const nature = new CaptureNature(listener().findings);
      nature.times.seam(20);
      const joined = new Duplicates(heard.findings, nature);
      joined.join([of(across), of(others, 20)], (_, raise) => raise());
      joined.concludeCapture(endOf({ counts: { tcp: 10000 } }));
      return toldBy(heard)[0].id;
    };
    // 33 of two against 64 of one, and against 66: 33 of two.
    expect([together(65, 64), together(65, 65)]).toEqual(['capture-duplicate', 'network-duplicate']);
  });

  it('by the network deserve a warning from three and a hundredth of the packets on', () => {
    const severity = (count: number, packets: number) => story(copies(count), packets).told[0].severity;
    expect([severity(3, 300), severity(2, 100), severity(3, 301)]).toEqual(['warning', 'info', 'info']);
  });

  it("are nobody's where data has neither an IP ID nor a timestamp: it may have been sent again", () => {
    const nameless = { answered: true, ipId: 0 };
    expect([ids([nameless]), ids([{ ...nameless, ipId: -1 }]), ids([{ ...nameless, ipId: 1 }])]).toEqual([
      [],
      [],
      ['network-duplicate'],
    ]);
    expect([ids([{ ...nameless, bytes: 0 }]), ids([{ ...nameless, options: Option.TIMESTAMPS }])]).toEqual([
      ['network-duplicate'],
      ['network-duplicate'],
    ]);
  });

  it('at the time of what they repeat are of the capture, whatever is answered', () => {
    const atOnce = (count: number, late: number) =>
      ids([...times(count, () => ({ answered: true, lateness: 999 })), ...times(late, () => ({ answered: true }))]);
    expect([atOnce(3, 2), atOnce(3, 3)]).toEqual([['capture-duplicate'], ['network-duplicate']]);
  });

  it('are answered once each', () => {
    expect(story([{ answered: true }, {}]).duplicates.gathered()).toMatchObject({ copiesOfData: 2, answers: 1 });
  });

  it('of several shards are told together, in the turn of the first', () => {
    const facts = story([{ byCapture: true }, { answered: true }, {}]).duplicates.gathered();
    const heard = listener();
    const joined = new Duplicates(heard.findings, new CaptureNature(listener().findings));
    const later = { ...facts, here: { ...facts.here!, frames: [10, 30], original: 8 }, elsewhere: null };
    const turns: number[] = [];
    joined.join([facts, later], (frame, raise) => {
      turns.push(frame);
      raise();
    });
    joined.concludeCapture(endOf({ counts: { tcp: 100 } }));
    expect(turns).toEqual([20, 10]);
    const told = toldBy(heard);
    expect(told.map(({ id, evidence }) => [id, evidence])).toEqual([
      ['capture-duplicate', [20]],
      ['network-duplicate', [10, 21, 22, 30]],
    ]);
    expect(valuesOf(told[1])).toMatchObject({ copies: 4, frame: 10, original: 8 });
  });
});

describe('initial sequence numbers', () => {
  const made = () => {
    const heard = listener();
    return { heard, isns: new InitialSequenceNumbers(heard.findings) };
  };
  /** Numbers of one host, and the seconds at which it chose them. */
  const choice = (numbers: readonly number[], seconds: readonly number[] = numbers.map((_, i) => i)) => {
    const { heard, isns } = made();
    isns.join([
      [
        {
          address: [4, 0, 0, 0, 1],
          isns: numbers.map((isn) => isn >>> 0),
          times: seconds.map((at) => at * SECOND),
          frames: numbers.map((_, i) => 5 + i),
        },
      ],
    ]);
    isns.concludeCapture();
    return { ...isns.choices[0], told: heard.raised };
  };

  it('are judged in the order in which the connections began, whichever ended first', () => {
    const { isns } = made();
    const order = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    for (const i of order)
      isns.concludeConnection(
        ends(
          { base: 64_000 * i, w0: 0, w1: 0, w2: 0, w3: 1 },
          { hasIss: false },
          { previousId: -1, handshakeTime: 5, firstFrame: i + 1, firstTime: i * SECOND },
        ).connection,
      );
    expect(isns.gathered()[0].frames).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    isns.concludeCapture();
    expect(isns.choices[0]).toMatchObject({ choice: 'step', step: 64_000 });
  });

  it('are of connections between sockets that had none before, and that are no attempts of a flood', () => {
    const count = (connection: object, client: object = {}) => {
      const { isns } = made();
      for (let i = 0; i < 8; i++)
        isns.concludeConnection(
          ends(
            { base: 5, w0: 0, w1: 0, w2: 0, w3: 1, ...client },
            { hasIss: false },
            { previousId: -1, handshakeTime: 5, ...connection },
          ).connection,
        );
      return isns.gathered()[0]?.isns.length ?? 0;
    };
    expect([count({}), count({ previousId: 0 }), count({}, { hasIss: false })]).toEqual([8, 0, 0]);
    const attempt = { handshakeTime: Number.NaN };
    const silent = { lastAck: 0 };
    expect([count(attempt, silent), count({ ...attempt, hasLeft: true }, silent), count({ hasLeft: true })]).toEqual([
      8, 0, 8,
    ]);
  });

  it('are of both ends', () => {
    const { isns } = made();
    const words = { w0: 0, w1: 0, w2: 0 };
    isns.concludeConnection(
      ends({ ...words, base: 5, w3: 1 }, { ...words, base: 6, w3: 2 }, { previousId: -1, firstTime: 9, firstFrame: 4 })
        .connection,
    );
    expect(isns.gathered()).toEqual([
      { address: [4, 0, 0, 0, 1], isns: [5], times: [9], frames: [4] },
      { address: [4, 0, 0, 0, 2], isns: [6], times: [9], frames: [4] },
    ]);
  });

  it('are kept of 4,096 connections of a host', () => {
    expect([choice(times(4096, () => 5)).connections, choice(times(4097, () => 5)).connections]).toEqual([4096, 4096]);
  });

  it('are put in the order of their packets, and told with the first eight', () => {
    const { told } = choice(times(9, () => 77));
    expect(told[0]).toMatchObject({ evidence: [5, 6, 7, 8, 9, 10, 11, 12], where: { frame: 5, time: 0 } });
    expect(valuesOf(told[0])).toMatchObject({ isn: 77, connections: 9 });
    const { heard, isns } = made();
    const shard = (frames: readonly number[]) => ({
      address: [4, 0, 0, 0, 1] as const,
      isns: frames.map((frame) => frame * 64),
      times: frames,
      frames,
    });
    isns.join([[shard([2, 4, 6, 8])], [shard([1, 3, 5, 7])]]);
    isns.concludeCapture();
    expect(isns.choices[0]).toMatchObject({ choice: 'step', step: 64 });
    expect(heard.raised[0].evidence).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('fall by a step: that is none, and numbers that fall follow no clock', () => {
    expect([choice(times(9, (i) => 100 * i)).choice, choice(times(9, (i) => 1_000_000 - 100 * i)).choice]).toEqual([
      'step',
      'random',
    ]);
    expect(choice(times(9, (i) => 1_000_000 - 100 * i)).told).toEqual([]);
    expect(choice(times(9, (i) => 1e9 - 250_000 * i - 90 * (i % 3))).choice).toBe('random');
  });

  it('follow a clock that seven differences show, each of more than a millisecond', () => {
    const clock = (seconds: readonly number[]) =>
      choice(
        seconds.map((at) => Math.round(250_000 * at)),
        seconds,
      ).choice;
    // Uneven, so that no step is alike.
    const seconds = (gaps: readonly number[]) => {
      const all = [0];
      for (const gap of gaps) all.push(all.at(-1)! + gap);
      return all;
    };
    const uneven = [1, 2, 3, 4, 5, 6, 7];
    expect([
      clock(seconds(uneven)),
      clock(seconds([...uneven, 0.001])),
      clock(seconds([1, 2, 3, 4, 5, 6, 0.002, 0.001])),
    ]).toEqual(['time', 'time', 'time']);
    expect(clock(seconds([1, 2, 3, 4, 5, 6, 0.001]))).toBe('rising');
    expect(clock(seconds([1, 2, 3, 4, 5, 6, 0.00104]))).toBe('time');
  });
});

describe('the rate of timestamps', () => {
  const rates = (clocks: object, latest = 1 * SECOND, outbound: object | null = {}) => {
    const found = { measured: 0, tooFast: 0 };
    const fast = { rstFrame: 0, outbound: { clocks: { firstTsVal: 0, maxTsVal: 5000, firstTsTime: latest - SECOND } } };
    const one = {
      rstFrame: 0,
      outbound: outbound && { clocks: { firstTsVal: 0, maxTsVal: 5000, firstTsTime: 0, ...clocks } },
    };
    addStampRates(found, { a: one, b: fast, latestTime: latest } as unknown as Connection);
    return [found.measured, found.tooFast];
  };

  it('is known of both ends that sent some', () => {
    expect([rates({}), rates({}, SECOND, null)]).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect([rates({ firstTsVal: -1 }), rates({ maxTsVal: -1, firstTsVal: -5000 })]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(rates({ firstTsVal: 2 ** 31 - 1, maxTsVal: 2 ** 31 + 4999 })).toEqual([1, 1]);
  });

  it('lasts from the first to the latest packet', () => {
    // 5,000 ticks in 1.25 s are 4,000 a second.
    expect([
      rates({ firstTsTime: 0.5 * SECOND }, 1.75 * SECOND),
      rates({ firstTsTime: 0.5 * SECOND }, 1.75 * SECOND - 1e4),
    ]).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect([rates({ firstTsTime: SECOND }), rates({ firstTsTime: SECOND - 1 })]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
});
