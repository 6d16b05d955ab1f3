import { describe, expect, it, vi } from 'vitest';
import type { Connection } from '../../src/model/connection.ts';
import type { Left } from '../../src/model/left.ts';
import { SegmentView } from '../../src/model/segment.ts';
import {
  type EvictionRules,
  type Flows,
  KEEP_ALL,
  Leavers,
  type Leaving,
  leaveForMemory,
  STANDINGS as STANDING_NAMES,
  standing,
} from '../../src/tcp/eviction.ts';
import { HalfOpen } from '../../src/tcp/half-open.ts';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

/** A connection of each standing, the last packet of each a second after that of the one before. */
const STANDINGS = `
  0.0 > S seq 0 conn Attempt
  1.0 > S seq 0 conn Closed
  1.1 < S. seq 0 ack 1 conn Closed
  1.2 > . ack 1 conn Closed
  1.3 > R. seq 1 ack 1 conn Closed
  2.0 > S seq 0 conn Half
  2.1 < S. seq 0 ack 1 conn Half
  2.2 > . ack 1 conn Half
  2.3 > F. seq 1 ack 1 conn Half
  3.0 > S seq 0 conn Open
  3.1 < S. seq 0 ack 1 conn Open
  3.2 > . ack 1 conn Open
  3.3 > P. 1:101(100) ack 1 conn Open`;
const CONNECTIONS = Object.fromEntries(
  ['Attempt', 'Closed', 'Half', 'Open'].map((name, i) => [
    name,
    { client: `10.0.0.1:${40000 + i}`, server: '192.0.2.1:80' },
  ]),
);
const standings = () => analyse(scenario({ connections: CONNECTIONS }, STANDINGS).pcap).analyzer.connections;
const rules = (changed: Partial<EvictionRules>) => ({ ...KEEP_ALL, ...changed });
const idOf = (entry: Connection | number) => (typeof entry === 'number' ? entry : entry.id);
const ids = (leaving: Leaving) => leaving.connections.map(idOf);
/** None rests. */
const flowsOf = (objects: readonly Connection[], opened = objects.length, waiting = new HalfOpen()): Flows => ({
  size: objects.length + waiting.length,
  opened,
  objects,
  waiting,
  resting: [],
  idOf: () => 0,
  standingOf: () => 0,
  latestOf: () => 0,
});
/** All of them rest; each is known by its number as its place. */
const restingOf = (connections: readonly Connection[]): Flows => ({
  ...flowsOf([], connections.length),
  size: connections.length,
  resting: connections.map(({ id }) => id),
  idOf: (place) => place,
  standingOf: (place) => STANDING_NAMES.indexOf(standing(connections[place])),
  latestOf: (place) => connections[place].latestTime,
});
/** First SYNs that wait, one for each stream number, that many seconds after the start. */
function waitingOf(...syns: [id: number, seconds: number][]): HalfOpen {
  const waiting = new HalfOpen();
  for (const [id, seconds] of syns) waiting.add(Object.assign(new SegmentView(), { time: seconds * 1e9 }), id, id);
  return waiting;
}
/** Those who leave, by their stream numbers: connections, then SYNs that wait. */
const both = ({ connections, waiting }: Leaving, syns: HalfOpen) => [
  connections.map(idOf),
  waiting.map((row) => syns.idOf(row)),
];

describe('who leaves', () => {
  it.each([
    ['attempt', 0, 0],
    ['closed', 1, 1.3],
    ['halfClosed', 2, 2.3],
    ['open', 3, 3.3],
  ] as const)('%s: only when its time is over', (rule, id, last) => {
    const connections = standings();
    const now = (last + 5) * 1e9;
    for (const flows of [flowsOf(connections), restingOf(connections)]) {
      const at = (limit: number) => ids(new Leavers(rules({ [rule]: limit })).at(now, flows));
      expect(at(5e9 - 1)).toContain(id);
      expect(at(1e18)).toEqual([]);
      expect(at(now - connections[id].latestTime)).not.toContain(id);
    }
  });

  it('is nobody by default, while there are few attempts', () => {
    expect(ids(new Leavers(KEEP_ALL).at(1e18, flowsOf(standings())))).toEqual([]);
  });

  it('looks through the connections once there can be too many attempts, and not before', () => {
    const [attempt, closed] = standings();
    const leavers = new Leavers(rules({ attempts: 4 }));
    const there = Array.from({ length: 10 }, () => closed);
    const left: number[] = [];
    for (let opened = 11; opened <= 20; opened++) {
      there.push(attempt);
      const leaving = leavers.at(0, flowsOf(there, opened)).connections;
      expect(new Set(leaving)).toEqual(new Set(leaving.length === 0 ? [] : [attempt]));
      there.splice(10, leaving.length);
      left.push(leaving.length);
    }
    // Of five attempts three leave: two are left, and with three more there are five again.
    expect(left).toEqual([0, 0, 0, 0, 3, 0, 0, 3, 0, 0]);
    const look = vi.spyOn(there, Symbol.iterator);
    leavers.at(0, flowsOf(there, 20));
    expect(look).not.toHaveBeenCalled();
    leavers.at(0, flowsOf(there, 21));
    expect(look).toHaveBeenCalled();
  });

  it('of SYNs that wait as of attempts: only when their time is over', () => {
    const syns = waitingOf([7, 1], [8, 2], [9, 3]);
    const at = (limit: number) => both(new Leavers(rules({ attempt: limit })).at(5e9, flowsOf([], 10, syns)), syns)[1];
    expect([at(4e9), at(4e9 - 1), at(3e9 - 1), at(1e9)]).toEqual([[], [7], [7, 8], [7, 8, 9]]);
  });

  it('of too many attempts the oldest, whether they wait or not, until half as many are left as may be', () => {
    const attempt = (id: number) => Object.assign(Object.create(standings()[0]), { id });
    const syns = waitingOf([2, 0], [3, 0], [6, 0], [9, 0]);
    const connections = [1, 4, 5, 7].map(attempt);
    const left = (attempts: number, timed = false) =>
      both(new Leavers(rules({ attempts, open: timed ? 1e18 : Infinity })).at(0, flowsOf(connections, 10, syns)), syns);
    // Of eight: none where eight may be, and down to 3 (of 7), 2 (of 5), 0 (of 1) or none.
    expect([left(8), left(7), left(5), left(1), left(0)]).toEqual([
      [[], []],
      [
        [1, 4, 5],
        [2, 3],
      ],
      [
        [1, 4, 5],
        [2, 3, 6],
      ],
      [
        [1, 4, 5, 7],
        [2, 3, 6, 9],
      ],
      [
        [1, 4, 5, 7],
        [2, 3, 6, 9],
      ],
    ]);
    expect(left(7, true)).toEqual(left(7));
  });

  it.each<[Left, string]>([
    ['attempt', '0 > S seq 0\n 0.1 < S. seq 0 ack 1'],
    // Packets that belong to no connection: no host sends the first, and a reset ended the others.
    ['attempt', '0 > F seq 5\n 1 > F seq 5'],
    ['idle', '0 > F seq 5\n 1 > F seq 5\n 2 > F seq 5'],
    ['idle', '0 > F seq 5\n 1 < . seq 1 ack 6'],
    ['attempt', '0 > . seq 5 ack 9\n 0.1 < R seq 9'],
    ['closed', '0 > . seq 5 ack 9\n 0.1 < R seq 9\n 1 < R seq 9\n 2 < R seq 9'],
    ['idle', '0 > . seq 5 ack 9'],
    ['attempt', '0 > R seq 5'],
    ['attempt', '0 > R seq 5\n 1 > R seq 5'],
    ['idle', '0 > R seq 5\n 1 > R seq 5\n 2 > R seq 5'],
    ['idle', '0 > S seq 0\n 0.1 < S. seq 0 ack 1\n 0.2 > . ack 1\n 0.3 > . 1:2(1) ack 1'],
    ['half-closed', '0 > . 1:2(1) ack 1\n 0.1 > F. seq 2 ack 1'],
    ['half-closed', '0 > . 1:2(1) ack 1\n 0.1 < F. seq 1 ack 2'],
    ['closed', '0 > . 1:2(1) ack 1\n 0.1 > R. seq 2 ack 1'],
    ['closed', '0 > . 1:2(1) ack 1\n 0.1 < R. seq 1 ack 2'],
    ['closed', '0 > . 1:2(1) ack 1\n 0.1 > F. seq 2 ack 1\n 0.2 < F. seq 1 ack 3\n 0.3 > . seq 3 ack 2'],
    // Nobody heard of the reset where nothing is answered any more.
    ['closed', '0 > . 1:2(1) ack 1\n 1 > . 1:2(1) ack 1\n 2 > . 1:2(1) ack 1\n 3 > R. seq 2 ack 1'],
    ['closed', '0 < . 1:2(1) ack 1\n 1 < . 1:2(1) ack 1\n 2 < . 1:2(1) ack 1\n 3 < R. seq 2 ack 1'],
  ])('is asked of a connection that is %s', (left, text) => {
    expect(standing(analyse(scenario({}, text).pcap).analyzer.connections[0])).toBe(left);
  });

  it('for memory: two of five, rounded up', () => {
    const syns = (count: number) => waitingOf(...Array.from({ length: count }, (_, i): [number, number] => [i, i]));
    const counts = [0, 1, 2, 3, 5, 6].map((count) => leaveForMemory(flowsOf([], 0, syns(count))).waiting.length);
    expect(counts).toEqual([0, 1, 1, 2, 2, 3]);
    // One that is closed leaves before those that are idle for longer.
    const waiting = waitingOf([10, 0], [11, 1], [12, 5], [13, 6]);
    expect(both(leaveForMemory(flowsOf(standings(), 14, waiting)), waiting)).toEqual([
      [1, 0],
      [10, 11],
    ]);
  });

  it('for memory: the closed first, then those that are idle for longest', () => {
    expect(ids(leaveForMemory(flowsOf(standings())))).toEqual([1, 0]);
    expect(ids(leaveForMemory(flowsOf([...standings()].reverse())))).toEqual([1, 0]);
    expect(ids(leaveForMemory(restingOf(standings())))).toEqual([1, 0]);
  });
});
