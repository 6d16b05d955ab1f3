import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ca } from '../../src/model/outbound.ts';
import { CaState } from '../../src/verdict/ca-state.ts';
import { RttEstimator } from '../../src/verdict/rtt-estimator.ts';
import { SackedRuns } from '../../src/verdict/sacked-runs.ts';
import { Scoreboard } from '../../src/verdict/scoreboard.ts';
import { SortedRanges } from '../../src/verdict/sorted-ranges.ts';
import { TransmissionPool } from '../../src/verdict/transmission.ts';
import { analyseScenario, verdictText } from '../support/analyze.ts';

const ms = 1e6;

describe('RttEstimator: RFC 6298 section 2', () => {
  it('(2.2) the first measurement: SRTT is R, RTTVAR half of it', () => {
    const rtt = new RttEstimator();
    expect([rtt.srtt, rtt.rto, rtt.min, rtt.samples]).toEqual([-1, 1000 * ms, -1, 0]);
    rtt.take(100 * ms, false);
    expect([rtt.srtt, rtt.rttvar, rtt.rto]).toEqual([100 * ms, 50 * ms, 300 * ms]);
  });

  it('(2.3) each further one: beta 1/4 of the old difference first, then alpha 1/8', () => {
    const rtt = new RttEstimator();
    rtt.take(100 * ms, false);
    rtt.take(180 * ms, false);
    // 50 + (80 - 50) / 4, 100 + 80 / 8, 110 + 4 * 57.5
    expect([rtt.rttvar, rtt.srtt, rtt.rto]).toEqual([57.5 * ms, 110 * ms, 340 * ms]);
    expect([rtt.sample, rtt.samples, rtt.min]).toEqual([180 * ms, 2, 100 * ms]);
  });

  it('the variance adds at least 200 ms, as common stacks have it, and the whole is at most 120 s', () => {
    const steady = new RttEstimator();
    for (let i = 0; i < 100; i++) steady.take(40 * ms, false);
    expect(steady.rto).toBeCloseTo(240 * ms, 0);
    const slow = new RttEstimator();
    slow.take(39e9, false);
    expect(slow.rto).toBe(117e9);
    slow.take(41e9, false);
    const slower = new RttEstimator();
    slower.take(41e9, false);
    expect(slower.rto).toBe(120e9);
  });

  it('a sample of 0 is one, as clocks of a millisecond show it', () => {
    const rtt = new RttEstimator();
    rtt.take(0, true);
    expect([rtt.min, rtt.srtt, rtt.samples, rtt.roundTrips!.count]).toEqual([0, 0, 1, 1]);
  });

  it('an answer to a repeat moves the shortest one only, and only where there is one', () => {
    const rtt = new RttEstimator();
    rtt.noteAnswer(10 * ms);
    expect(rtt.min).toBe(-1);
    rtt.take(40 * ms, false);
    rtt.noteAnswer(41 * ms);
    expect(rtt.min).toBe(40 * ms);
    rtt.noteAnswer(39 * ms);
    expect([rtt.min, rtt.srtt, rtt.samples]).toEqual([39 * ms, 40 * ms, 1]);
  });
});

describe('SackedRuns', () => {
  const runs = (...blocks: [number, number][]) => {
    const all = new SackedRuns();
    for (const [start, end] of blocks) all.add(start, end);
    return all;
  };

  it('RFC 6675 section 4, IsLost: three runs above, not two', () => {
    expect(runs([10, 11], [20, 21]).isLost(5, 1000)).toBe(false);
    expect(runs([10, 11], [20, 21], [30, 31]).isLost(5, 1000)).toBe(true);
    expect(runs([10, 11], [20, 21], [30, 31]).isLost(15, 1000)).toBe(false);
  });

  it('or more than two segments of bytes above, not exactly two', () => {
    expect(runs([1000, 3000]).isLost(0, 1000)).toBe(false);
    expect(runs([1000, 3001]).isLost(0, 1000)).toBe(true);
  });

  it('a run that touches another continues it', () => {
    const all = runs([10, 20], [30, 40]);
    all.add(20, 30);
    expect(all.gaps).toEqual([20, 30]);
    expect([all.mergedStart, all.mergedEnd]).toEqual([10, 40]);
    all.add(41, 50);
    expect([all.mergedStart, all.mergedEnd]).toEqual([41, 50]);
    expect([all.holds(10, 40), all.holds(10, 41), all.holds(39, 42)]).toEqual([true, false, false]);
  });

  it('says of every block what is new of it, as a set of bytes would', () => {
    const block = fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(fc.array(block, { maxLength: 60 }), (blocks) => {
        const all = new SackedRuns();
        const bytes = new Set<number>();
        for (const [start, length] of blocks) {
          all.add(start, start + length);
          const fresh: number[] = [];
          for (let i = start; i < start + length; i++) {
            if (!bytes.has(i)) fresh.push(i);
            bytes.add(i);
          }
          const told: number[] = [];
          for (let g = 0; g < all.gaps.length; g += 2) {
            for (let i = all.gaps[g]; i < all.gaps[g + 1]; i++) told.push(i);
          }
          expect(told).toEqual(fresh);
          expect(all.holds(start, start + length)).toBe(true);
          expect([bytes.has(all.mergedStart - 1), bytes.has(all.mergedEnd)]).toEqual([false, false]);
        }
      }),
    );
  });
});

describe('SortedRanges', () => {
  it('does as a sorted array does', () => {
    const step = fc.tuple(fc.constantFrom('insert', 'remove', 'shift', 'seek', 'walk'), fc.nat(2000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const ranges = new SortedRanges<{ start: number; end: number }>();
        const plain: { start: number; end: number }[] = [];
        for (const [what, n] of steps) {
          const found = plain.findIndex(({ end }) => end > n);
          if (what === 'insert') {
            // Each takes three of four numbers, so that they never overlap.
            const range = { start: 4 * n, end: 4 * n + 3 };
            if (plain.some(({ start }) => start === range.start)) continue;
            ranges.insert(range);
            expect(ranges.here).toBe(range);
            plain.push(range);
            plain.sort((x, y) => x.start - y.start);
          } else if (what === 'shift') {
            if (plain.length > 0) ranges.shift();
            plain.shift();
          } else {
            expect(ranges.seek(n)).toBe(plain[found] ?? null);
            if (found < 0) continue;
            if (what === 'remove') {
              plain.splice(found, 1);
              expect(ranges.removeHere()).toBe(plain[found] ?? null);
            } else if (what === 'walk') {
              expect(ranges.next()).toBe(plain[found + 1] ?? null);
              if (plain[found + 1] !== undefined) expect(ranges.previous()).toBe(plain[found]);
            }
          }
          expect([ranges.length, ranges.first, ranges.last]).toEqual([
            plain.length,
            plain[0] ?? null,
            plain.at(-1) ?? null,
          ]);
        }
      }),
    );
  });
});

describe('Scoreboard', () => {
  const sent = (board: Scoreboard, pool: TransmissionPool, start: number, end: number) => {
    const o = pool.take();
    o.start = start;
    o.end = end;
    board.add(o);
    return o;
  };

  it('an acknowledgment within a segment leaves the rest of it outstanding', () => {
    const pool = new TransmissionPool();
    const board = new Scoreboard(pool);
    sent(board, pool, 1, 11);
    expect(board.outstanding).toBe(10);
    board.advance(4);
    expect([board.outstanding, board.oldest!.start, board.oldest!.end]).toEqual([7, 4, 11]);
    board.drop(board.oldest!);
    expect([board.outstanding, board.isEmpty]).toEqual([0, true]);
  });

  it('SACK counts whole segments once, also when two blocks hold the halves of one', () => {
    const pool = new TransmissionPool();
    const board = new Scoreboard(pool);
    for (let i = 0; i < 4; i++) sent(board, pool, 1 + 10 * i, 11 + 10 * i);
    const seen: number[] = [];
    const sink = { sacks: (o: { start: number }) => seen.push(o.start) };
    expect(board.sack(11, 15, 5, sink)).toBe(0);
    expect(board.sack(15, 31, 6, sink)).toBe(20);
    expect(board.sack(11, 31, 7, sink)).toBe(0);
    expect([seen, board.outstanding, board.highSacked]).toEqual([[11, 21], 20, 31]);
  });
});

describe('CaState', () => {
  it('the episode ends with the ACK of its recovery point, not one byte before', () => {
    const ca = new CaState();
    ca.enter(Ca.RECOVERY, 1000, 5);
    ca.acknowledged(999, 6);
    expect(ca.isRecovering).toBe(true);
    ca.acknowledged(1000, 7);
    expect([ca.isRecovering, ca.endedState, ca.episodeEnd]).toEqual([false, Ca.RECOVERY, 7]);
  });

  it('the slowest repair counts, until the episode has ended', () => {
    const ca = new CaState();
    expect(ca.slowestRepair).toBe(0);
    ca.enter(Ca.RECOVERY, 1000, 5);
    const after = [-1, 8, 7, 9].map((age) => {
      ca.repaired(age);
      return ca.slowestRepair;
    });
    expect(after).toEqual([0, 8, 8, 9]);
    ca.acknowledged(999, 6);
    expect(ca.slowestRepair).toBe(9);
    ca.acknowledged(1000, 7);
    expect(ca.slowestRepair).toBe(0);
  });

  it('undo: D-SACKs for all that the timeout sent again, its left edge among them (RFC 3708)', () => {
    const timeout = () => {
      const ca = new CaState();
      ca.enter(Ca.LOSS, 1000, 5);
      ca.timeoutStart = 100;
      ca.undoRetrans = 2;
      return ca;
    };
    const one = timeout();
    one.repeatReported(100, 200, 6);
    expect(one.isRecovering).toBe(true);
    one.repeatReported(100, 200, 7);
    expect(one.isRecovering).toBe(false);
    const other = timeout();
    other.repeatReported(101, 200, 6);
    other.repeatReported(101, 200, 7);
    expect(other.isRecovering).toBe(true);
  });

  it('Eifel undoes a timeout, not a fast recovery', () => {
    const loss = new CaState();
    loss.enter(Ca.LOSS, 1000, 5);
    loss.originalArrived(6);
    const fast = new CaState();
    fast.enter(Ca.RECOVERY, 1000, 5);
    fast.originalArrived(6);
    expect([loss.isRecovering, fast.isRecovering]).toEqual([false, true]);
  });
});

describe('a timer that expires in the middle of a SACK recovery (RFC 6298 section 5.3)', () => {
  /** The head is sent again at 141 ms, SACKs go on, and it is sent once more at `again` (ms). */
  const cause = (again: string) => {
    const { rows } = analyseScenario(`0.000 > S  seq 0 <mss 1000,sackOK>
  0.040 < S. seq 0 ack 1 <mss 1000,sackOK>
  0.040 > .  ack 1
  0.100 > .  1:1001(1000) ack 1
  0.100 > .  1001:2001(1000) ack 1
  0.100 > .  2001:3001(1000) ack 1
  0.100 > .  3001:4001(1000) ack 1
  0.140 < .  ack 1 <nop,nop,sack 1001:2001>
  0.140 < .  ack 1 <nop,nop,sack 1001:3001>
  0.140 < .  ack 1 <nop,nop,sack 1001:4001>
  0.141 > .  1:1001(1000) ack 1
  0.181 > .  4001:5001(1000) ack 1
  0.221 < .  ack 1 <nop,nop,sack 1001:5001>
  0.260 > .  5001:6001(1000) ack 1
  0.300 < .  ack 1 <nop,nop,sack 1001:6001>
  ${again} > .  1:1001(1000) ack 1
  0.400 < .  ack 6001`);
    return rows.filter(({ seq, end }) => seq === 1 && end === 1001).map(verdictText);
  };

  it('is told by the time since the head was last sent, not since the last SACK', () => {
    expect(cause('0.320')).toEqual(['new', 'retransmission fast', 'retransmission fast']);
    expect(cause('0.322')).toEqual(['new', 'retransmission fast', 'retransmission rto']);
  });
});

describe('begun in the middle', () => {
  /** The verdict on 5001:6001, which the capture has not seen before, after an ACK of `ack`. */
  const repeat = (ack: number) => {
    const { rows } = analyseScenario(`0.100 > .  10001:11001(1000) ack 1
  0.110 < .  ack ${ack}
  0.120 > .  5001:6001(1000) ack 1
  0.160 < .  ack 11001`);
    return verdictText(rows[2]);
  };

  it('bytes below the first ones seen are needed until they are acknowledged', () => {
    expect(repeat(5001)).toMatch(/^retransmission \S+$/);
    expect(repeat(5999)).toMatch(/^retransmission \S+$/);
    expect(repeat(6001)).toMatch(/^retransmission \S+ spurious$/);
  });
});

describe('the same IP ID once more', () => {
  const repeat = (time: string, options = '') => {
    const { rows } = analyseScenario(`0.000 > S  seq 0 id 1 <mss 1460${options === '' ? '' : ',nop,nop,TS val 1 ecr 0'}>
  0.040 < S. seq 0 ack 1 id 1 <mss 1460${options === '' ? '' : ',nop,nop,TS val 1 ecr 1'}>
  0.040 > .  ack 1 id 2${options}
  0.100 > P. 1:1001(1000) ack 1 id 3${options}
  ${time} > P. 1:1001(1000) ack 1 id 3${options}`);
    return verdictText(rows[4]);
  };

  it('is a second sight of the packet while no timer can have expired, and after that only with the same timestamp', () => {
    expect(repeat('0.279')).toBe('duplicate');
    expect(repeat('0.281')).toMatch(/^retransmission/);
    expect(repeat('0.281', ' <nop,nop,TS val 5 ecr 1>')).toBe('duplicate');
  });
});
