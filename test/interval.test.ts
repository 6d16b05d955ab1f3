import { describe, expect, it } from 'vitest';
import { Analyzer } from '../src/analyze.ts';
import { CaptureReader } from '../src/capture/reader.ts';
import { EXAMPLES, type IntervalReport } from '../src/interval/interval.ts';
import { type IntervalOptions, Intervals, WAITING } from '../src/interval/intervals.ts';
import type { EvictionRules } from '../src/tcp/eviction.ts';
import { KEEP_ALL } from '../src/tcp/eviction.ts';
import { scenario } from './support/scenario.ts';

const SECOND = 1e9;

interface Cut extends Partial<Omit<IntervalOptions, 'length'>> {
  /** Seconds. */
  length?: number;
  /** Unix time of the first packet, nanoseconds. */
  origin?: () => bigint;
  eviction?: EvictionRules;
  connections?: Record<string, { client: string; server: string }>;
}

/** The intervals of a scenario, and how many were told when its last packet was analysed. */
function cut(text: string, { length = 10, eviction = KEEP_ALL, connections, ...changed }: Cut = {}) {
  const told: IntervalReport[] = [];
  let intervals: Intervals | null = null;
  const analyzer: Analyzer = new Analyzer({
    eviction,
    onRow: (row) => intervals!.row(row),
    onLeave: (connection) => intervals!.leaves(connection),
  });
  intervals = new Intervals(analyzer, {
    length: length * SECOND,
    origin: () => 0n,
    wantsConnection: () => true,
    wantsSeverity: () => true,
    onInterval: (report) => told.push(report),
    ...changed,
  });
  const its = intervals;
  const reader = new CaptureReader({
    record: (record) => {
      its.before(record.time);
      analyzer.record(record);
    },
  });
  reader.open('test');
  reader.write(scenario(connections === undefined ? {} : { connections }, text).pcap);
  reader.end();
  const before = told.length;
  analyzer.end();
  its.finish();
  return { told, before };
}

/** Segments of a connection at these seconds. */
const at = (...times: string[]) =>
  times.map((time, i) => `${time} > . ${1 + 10 * i}:${11 + 10 * i}(10) ack 1`).join('\n');
const totals = (told: readonly IntervalReport[]) => told.map(({ packets }) => packets.total);
const ends = (told: readonly IntervalReport[]) => told.map(({ end }) => end);

describe('intervals of a capture', () => {
  it('hold packets from their beginning on, and none of their end', () => {
    const { told } = cut(at('0', '9.999999', '10', '19.999999', '20'));
    expect(totals(told)).toEqual([2, 2, 1]);
    expect(told.map(({ from, to, first, last }) => [from, to, first, last].map(Number))).toEqual([
      [0, 10, 0, 9.999999],
      [10, 20, 10, 19.999999],
      [20, 30, 20, 20],
    ]);
    expect(ends(told)).toEqual(['time', 'time', 'end of input']);
    expect(told.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('begin at multiples of their length since 1970', () => {
    // The first packet 3 s after a multiple of 10 s.
    const { told } = cut(at('0', '6.999999', '7'), { origin: () => 1_700_000_003_000_000_000n });
    expect(totals(told)).toEqual([2, 1]);
    expect(told.map(({ from }) => from)).toEqual(['1700000000.000000000', '1700000010.000000000']);
  });

  it('without packets are counted, and not told', () => {
    const { told } = cut(at('0', '10', '30', '61'));
    expect(told.map(({ from, idleBefore }) => [Number(from), idleBefore])).toEqual([
      [0, 0],
      [10, 0],
      [30, 1],
      [60, 2],
    ]);
  });

  it('take a packet that is dated up to their length before them; earlier, the clock was set back', () => {
    const late = cut(at('0', '20', '10', '21'));
    expect(late.told.map(({ packets: { total, late } }) => [total, late])).toEqual([
      [1, 0],
      [3, 1],
    ]);
    expect(Number(late.told[1].first)).toBe(10);
    const back = cut(at('0', '20', '9.999999', '21'));
    expect(totals(back.told)).toEqual([1, 1, 1, 1]);
    expect(ends(back.told)).toEqual(['time', 'clock', 'time', 'end of input']);
    // What lies between says nothing about idle time.
    expect(back.told.map(({ idleBefore }) => idleBefore)).toEqual([0, 1, 0, 1]);
  });

  it('say what the packets were, each in its own interval, when that is settled', () => {
    const { told, before } = cut(
      `0.0 > S seq 0
       0.1 < S. seq 0 ack 1
       0.2 > . ack 1
       9.0 > P. 1:101(100) ack 1
       10.5 > P. 1:101(100) ack 1
       10.6 < . ack 101
       50.0 > P. 101:201(100) ack 1`,
    );
    const { told: none } = cut('');
    expect(none).toEqual([]);
    expect(told.map(({ verdicts }) => [verdicts.new, verdicts.ack, verdicts.retransmission])).toEqual([
      [3, 1, 0],
      [0, 1, 1],
      [1, 0, 0],
    ]);
    expect(told[1].retransmissions).toMatchObject({ rto: 1, fast: 0 });
    expect(told.map(({ findings }) => findings.some(({ id }) => id === 'retransmission-timeout'))).toEqual([
      false,
      true,
      false,
    ]);
    // The last one may still be answered.
    expect(before).toBe(2);
  });

  it('count connections that begin, leave and go on', () => {
    const connections = `
      0.0 > S seq 0
      0.1 < S. seq 0 ack 1
      0.2 > . ack 1
      1.0 > F. seq 1 ack 1
      1.1 < F. seq 1 ack 2
      1.2 > . ack 2`;
    const { told } = cut(connections);
    expect(told[0].connections).toEqual({
      opened: 1,
      heardAgain: 0,
      left: { attempts: 0, closed: 0, halfClosed: 0, idle: 0 },
      goOn: 0,
    });
    expect(cut(at('0', '10')).told.map(({ connections: { opened, goOn } }) => [opened, goOn])).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  it('tell those that leave, and where their time went', () => {
    const many = Array.from({ length: 4200 }, (_, i) => `${(20 + i / 1000).toFixed(3)} > . ${1 + i}:${2 + i}(1) ack 1`);
    const closed = ['0.0 > S seq 0', '0.5 < R. seq 0 ack 1'].map((line) => `${line} conn Early`);
    const connections = {
      Early: { client: '10.0.0.1:40000', server: '192.0.2.1:80' },
      Late: { client: '10.0.0.2:40000', server: '192.0.2.1:80' },
    };
    const { told } = cut([...closed, ...many.map((line) => `${line} conn Late`)].join('\n'), {
      connections,
      eviction: { ...KEEP_ALL, closed: 5e9, attempt: 5e9 },
      wantsSeverity: (severity) => severity === 'warning',
    });
    expect(told.map(({ connections: { left } }) => left)).toEqual([
      { attempts: 0, closed: 0, halfClosed: 0, idle: 0 },
      { attempts: 1, closed: 0, halfClosed: 0, idle: 0 },
    ]);
    // The other one is there when the input ends.
    expect(told.map(({ time: { connections: count, ms } }) => [count, Math.round(ms)])).toEqual([
      [0, 0],
      [2, 4699],
    ]);
    // Seen with its packet, and not once more when the connection left.
    expect(told.map(({ findings }) => findings.map(({ id, times }) => [id, times]))).toEqual([
      [['connection-refused', 1]],
      [],
    ]);
  });

  it('show some findings of a sort, and count all', () => {
    const refused = (count: number) => {
      const connections = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`C${i}`, { client: `10.0.0.1:${40000 + i}`, server: '192.0.2.1:80' }]),
      );
      const lines = Array.from(
        { length: count },
        (_, i) => `0.${i}0 > S seq 0 conn C${i}\n0.${i}1 < R. seq 0 ack 1 conn C${i}`,
      );
      const { told } = cut(lines.join('\n'), { connections });
      const [found] = told[0].findings.filter(({ id }) => id === 'connection-refused');
      return [found.times, found.examples.length];
    };
    expect(refused(EXAMPLES)).toEqual([EXAMPLES, EXAMPLES]);
    expect(refused(EXAMPLES + 1)).toEqual([EXAMPLES + 1, EXAMPLES]);
  });

  it('wait in bounded number for what their packets were', () => {
    // The clock jumps by an hour, back and forth: each packet is an interval, and none has an answer.
    const jumps = (count: number) => at(...Array.from({ length: count }, (_, i) => String(i % 2 === 0 ? 7200 : 3600)));
    expect(cut(jumps(WAITING + 1)).before).toBe(0);
    expect(cut(jumps(WAITING + 2)).before).toBe(1);
  });

  it('do not look through all connections so often that it takes more work than the packets', () => {
    const goOn = (free: number) =>
      cut(at('0', '10', '20'), { looked: { free, perPacket: 0 } }).told.map(({ connections }) => connections.goOn);
    expect(goOn(3)).toEqual([1, 1, 1]);
    expect(goOn(2)).toEqual([1, 1, null]);
  });
});
