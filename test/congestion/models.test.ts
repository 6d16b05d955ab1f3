/** The models side by side, what the wire tells of them, and when ACKs arrive: figures of `models.ts`, `evidence.ts`, `arrivals.ts`, `episodes.ts`. */
import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../src/congestion/arrivals.ts';
import { Told, Usage } from '../../src/congestion/controller.ts';
import { Episodes, MAX_EPISODES } from '../../src/congestion/episodes.ts';
import { Evidence } from '../../src/congestion/evidence.ts';
import { Models, NOTHING_GIVEN } from '../../src/congestion/models.ts';
import { MAX_STALLS, Pauses, type Pausing } from '../../src/congestion/pauses.ts';
import { Round } from '../../src/congestion/round.ts';
import { SIGNATURES } from '../../src/congestion/signatures.ts';
import { ALGORITHM_NAMES, Algorithm, type CongestionState, Trigger, Vantage } from '../../src/model/congestion.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { ACK, ECE } from '../../src/model/flags.ts';
import { Ca } from '../../src/model/outbound.ts';
import { Option, SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Cause } from '../../src/model/verdict.ts';

const MS = 1e6;

/** All models with these windows, parted. */
function models(windows: readonly number[], sack = true, given: number = Algorithm.UNKNOWN): Models {
  const all = new Models(10, sack, { ...NOTHING_GIVEN, algorithm: given });
  all.part();
  for (const [i, cwnd] of windows.entries()) all.all[i].cwnd = cwnd;
  return all;
}
const windows = ({ all }: Models) => all.map(({ cwnd }) => cwnd);

describe('the models', () => {
  it('are one until they part, then two; four without SACK, or where one of the old ones is given', () => {
    expect(new Models(10, true, NOTHING_GIVEN).all).toHaveLength(1);
    expect(
      [models([]), models([], false), models([], true, Algorithm.RENO), models([], true, Algorithm.TAHOE)].map(
        ({ all }) => all.length,
      ),
    ).toEqual([2, 4, 4, 4]);
    expect(models([], true, Algorithm.CUBIC).all).toHaveLength(2);
    const parted = models([]);
    parted.part();
    expect(parted.all).toHaveLength(2);
  });

  it('are two, and Reno is its name, as soon as a SACK block has come', () => {
    const all = models([], false);
    all.all.forEach((model, i) => {
      model.cwnd = 20 + i;
    });
    all.lower(10, false);
    expect([all.all.length, all.fit!.cost.length]).toEqual([4, 4]);
    all.learnsSack();
    expect(all.all.map(({ algorithm }) => algorithm)).toEqual([Algorithm.CUBIC, Algorithm.NEWRENO]);
    expect([all.fit!.cost.length, all.fit!.renoName]).toEqual([2, Algorithm.RENO]);
    const later = new Models(10, false, NOTHING_GIVEN);
    later.learnsSack();
    later.part();
    expect(later.all).toHaveLength(2);
    for (const given of [Algorithm.RENO, Algorithm.TAHOE]) {
      const old = models([], false, given);
      old.learnsSack();
      expect(old.all).toHaveLength(4);
    }
  });

  it('that explained the sender best may have left with that: the best of the others follows it', () => {
    const all = models([20, 20, 10, 20], false);
    all.lower(9, false);
    expect(all.best.algorithm).toBe(Algorithm.RENO);
    all.learnsSack();
    expect(all.best.algorithm).toBe(Algorithm.CUBIC);
  });

  it('part where HyStart ends slow start, which goes on for the others with the same ACK', () => {
    const all = new Models(20, true, NOTHING_GIVEN);
    let [now, una] = [0, 0];
    const round = (rtt: number) => {
      const sndNxt = una + 20;
      while (all.fit === null && una < sndNxt) {
        const { cwnd } = all.best;
        now += 2.5 * MS;
        all.used(Object.assign(new Usage(), { now, inFlight: cwnd, outstanding: cwnd, una, sndNxt, rto: 1e9 }));
        all.grow(Object.assign(new Told(), { now, rtt: rtt * MS, delivered: 1, una: ++una, sndNxt }));
      }
      return all.all.map(({ cwnd, ssthresh }) => [cwnd, Number.isFinite(ssthresh)]);
    };
    expect(round(80)).toEqual([[40, false]]);
    // The ninth sample of a round that is longer by a quarter.
    const [cubic, newreno] = round(100);
    expect([cubic[1], newreno]).toEqual([true, [40 + una - 20, false]]);
  });

  it('part where they stand', () => {
    const all = new Models(10, true, NOTHING_GIVEN);
    Object.assign(all.all[0], { cwnd: 33, ssthresh: 20 });
    all.part();
    expect(all.all.map(({ cwnd, ssthresh }) => [cwnd, ssthresh])).toEqual([
      [33, 20],
      [33, 20],
    ]);
  });

  it('are raised to what is in flight, at their cost', () => {
    const all = models([20, 30]);
    all.raise(20);
    expect([windows(all), all.least, all.fit!.cost[0]]).toEqual([[20, 30], 20, 0]);
    all.raise(21);
    expect([windows(all), all.least]).toEqual([[21, 30], 21]);
    expect(all.fit!.cost[0]).toBeCloseTo(Math.log(21 / 20), 10);
    all.raise(40);
    expect([windows(all), all.least]).toEqual([[40, 40], 40]);
    // It may grow on as in slow start.
    all.all[0].ssthresh = 100;
    all.raise(60);
    expect(all.all[0].ssthresh).toBe(100);
    const least = models([30, 20]);
    least.noteLeast();
    expect(least.least).toBe(20);
  });

  it('are raised in recovery by 1.3 times their window and three segments at the least', () => {
    const all = models([20, 40]);
    for (const model of all.all) model.ssthresh = 15;
    all.raiseInRecovery(29);
    expect(windows(all)).toEqual([20, 40]);
    all.raiseInRecovery(30);
    expect(windows(all)).toEqual([30, 40]);
    all.raiseInRecovery(56);
    expect(windows(all)).toEqual([56, 56]);
  });

  it('leave the loss with the window that the repair shows, give or take three segments, at their cost', () => {
    const left = (ssthreshes: readonly number[], least: number, most: number) => {
      const all = models([100, 100]);
      for (const [i, ssthresh] of ssthreshes.entries()) all.all[i].ssthresh = ssthresh;
      const { cost } = all.fit!;
      const before = [...cost];
      all.reduceTo(least, most);
      return { ssthresh: all.all.map(({ ssthresh }) => ssthresh), cost: cost.map((now, i) => now - before[i]) };
    };
    expect(left([53, 47], 50, 50)).toEqual({ ssthresh: [53, 47], cost: [0, 0] });
    const far = left([54, 46], 50, 50);
    expect(far.ssthresh).toEqual([50, 50]);
    expect(far.cost[0]).toBeCloseTo(Math.log(54 / 50), 10);
    expect(far.cost[1]).toBeCloseTo(Math.log(50 / 46), 10);
    // Between the bounds they are as good as any.
    expect(left([60, 40], 44, 55).ssthresh).toEqual([55, 44]);
    expect(left([50, 48], 44, 55).ssthresh).toEqual([50, 48]);
  });

  it('may have the new window from the start of recovery (RFC 6675)', () => {
    const all = models([5, 5]);
    all.all[0].ssthresh = 20;
    all.all[1].ssthresh = 40;
    all.raiseInRecovery(29);
    expect(windows(all)).toEqual([5, 5]);
    all.raiseInRecovery(30);
    expect(windows(all)).toEqual([30, 5]);
    expect(all.fit!.cost[1]).toBeCloseTo(0.05, 10);
  });

  it('are lowered where they are more than a segment above what the window allowed', () => {
    const all = models([21, 22]);
    all.lower(20, false);
    expect(windows(all)).toEqual([21, 20]);
    all.lower(19, false);
    expect(windows(all)).toEqual([19, 20]);
  });

  it('are corrected without cost before they part', () => {
    const all = new Models(10, true, NOTHING_GIVEN);
    all.raise(25);
    expect([all.best.cwnd, all.least, all.fit]).toEqual([25, 25, null]);
  });

  it('are all told how much of the window was used', () => {
    const all = models([20, 20, 20, 20], false);
    const usage = Object.assign(new Usage(), { inFlight: 30, outstanding: 30, sndNxt: 100, now: 0, rto: 1e9 });
    all.used(usage);
    for (const model of all.all) Object.assign(model, { ssthresh: 10, credit: 0 });
    expect(all.all.every((model) => (model as unknown as { limited: boolean }).limited)).toBe(true);
  });
});

describe('what the wire shows after a loss', () => {
  const RTT = 40 * MS;
  const roundOf = (peak: number, fields: Partial<Round> = {}) => {
    const round = Object.assign(new Round(), { peak, first: peak, sent: peak, duration: RTT });
    for (let i = 0; i < peak; i++) round.hears(1, true, false, RTT);
    return Object.assign(round, fields);
  };
  /** A window of 100 segments that a loss finds in full use, but for what `loss` says. */
  const lost = (loss: [number, number, number] = [99, 100, 99], { sack = true, isLevel = true } = {}) => {
    const evidence = new Evidence(SIGNATURES, sack);
    evidence.round(roundOf(100), true, isLevel, RTT);
    evidence.loses(...loss, 100);
    evidence.recovers(2 * RTT, 0);
    return evidence;
  };
  const tally = (evidence: Evidence, name: string) =>
    evidence.tallies.find(({ signature }) => ALGORITHM_NAMES[signature.algorithm] === name)!;
  const show = (evidence: Evidence, peak: number, shows: boolean, fields: Partial<Round> = {}) =>
    evidence.round(roundOf(peak, fields), shows, true, 3 * RTT);

  it('is judged after two rounds where the window did not show: by what was in flight, less a segment a round', () => {
    const evidence = lost();
    show(evidence, 80, false);
    expect(tally(evidence, 'cubic').reductions).toBe(0);
    show(evidence, 80, false);
    expect(tally(evidence, 'cubic').reductions).toBe(1);
    expect(tally(evidence, 'cubic').deviation).toBeCloseTo(((78 - 70) / 2.75) ** 2, 5);
  });

  it('counts for who foretold it where nine tenths of that were in flight', () => {
    const reductions = (peak: number) => {
      const evidence = lost();
      show(evidence, peak, false);
      show(evidence, peak, false);
      return tally(evidence, 'cubic').reductions;
    };
    expect([reductions(66), reductions(64)]).toEqual([1, 0]);
  });

  it('is the larger of two rounds', () => {
    const evidence = lost();
    show(evidence, 80, false);
    show(evidence, 40, false);
    expect(tally(evidence, 'cubic').deviation).toBeCloseTo(((78 - 70) / 2.75) ** 2, 5);
  });

  it('says nothing without SACK, nor where the loss was none', () => {
    const plain = lost([99, 100, 99], { sack: false });
    const excused = lost();
    excused.excuses(2 * RTT);
    for (const evidence of [plain, excused]) {
      show(evidence, 80, false);
      show(evidence, 80, false);
      expect(tally(evidence, 'cubic').reductions).toBe(0);
    }
  });

  it('is not judged in a round that something else stopped', () => {
    const evidence = lost();
    show(evidence, 80, false, { free: false });
    show(evidence, 80, false);
    expect(tally(evidence, 'cubic').reductions).toBe(0);
    show(evidence, 80, false);
    expect(tally(evidence, 'cubic').reductions).toBe(1);
  });

  it('of an excused loss is taken back where nine tenths are in flight again', () => {
    const after = (peak: number) => {
      const evidence = lost();
      evidence.excuses(2 * RTT);
      show(evidence, peak, true);
      return tally(evidence, 'cubic').reductions;
    };
    expect([after(90), after(89)]).toEqual([0, 1]);
  });

  it('of a window that is known to less than a quarter tells only who is wrong', () => {
    const reno = (low: number) => {
      const evidence = lost([low, 100, low], { isLevel: false });
      show(evidence, 45, true);
      return tally(evidence, 'reno').reductions;
    };
    expect([reno(75), reno(74)]).toEqual([1, 0]);
  });

  it('tells a rare one from the common where it fits within 1, and they do not within 1.5', () => {
    // BIC leaves 80 of 100; CUBIC 70, and 2.75 segments are uncertain.
    const telling = (peak: number) => {
      const evidence = lost();
      show(evidence, peak, true);
      return tally(evidence, 'bic').telling;
    };
    expect([telling(74), telling(75), telling(82), telling(83)]).toEqual([0, 0, 1, 0]);
    expect([telling(77), telling(78)]).toEqual([0, 1]);
  });

  it('counts a smaller flight than before for something else', () => {
    const evidence = lost();
    show(evidence, 60, false);
    show(evidence, 58, true);
    expect(tally(evidence, 'reno').deviation).toBe(9);
    const shown = lost();
    show(shown, 51, false);
    show(shown, 50, true);
    expect([tally(shown, 'reno').reductions, tally(shown, 'reno').deviation]).toEqual([1, 0]);
  });
});

describe('where the capture was made', () => {
  interface Path {
    min?: number;
    back?: number;
    srtt?: number;
  }
  const arrivals = ({ min = 90 * MS, back = 10 * MS, srtt = min }: Path = {}) => {
    const scoreboard = { outstanding: 1000 };
    const endpoint = {
      outbound: { rtt: { min, srtt }, scoreboard },
      peer: { windowEdge: 5000, outbound: { rtt: { min: back } } },
    } as unknown as Endpoint;
    const sender = { vantage: Vantage.UNKNOWN } as CongestionState;
    return { all: new Arrivals(sender, endpoint), sender, scoreboard };
  };
  const vantage = (path: Path) => arrivals(path).sender.vantage;
  const view = (fields: Partial<SegmentView> = {}) =>
    Object.assign(new SegmentView(), { flags: ACK, time: 500 * MS, ...fields });
  const effect = { newlySacked: 0, advanced: 0, duplicate: false, dsack: false, dsackEnd: 0, frame: 0, time: 0 };
  const segment = (fields: object = {}, ack = 300) =>
    ({ ack, effect: { ...effect, ...fields } }) as unknown as TrackedSegment;

  it('is at an end that takes a tenth of the round trip or less', () => {
    expect(vantage({ min: 90 * MS, back: 10 * MS })).toBe(Vantage.SENDER);
    expect(vantage({ min: 89 * MS, back: 11 * MS })).toBe(Vantage.PATH);
    expect(vantage({ min: 10 * MS, back: 90 * MS })).toBe(Vantage.RECEIVER);
    expect(vantage({ min: 11 * MS, back: 89 * MS })).toBe(Vantage.PATH);
    expect([vantage({ min: -1 }), vantage({ back: -1 }), vantage({ back: 0 })]).toEqual([
      Vantage.UNKNOWN,
      Vantage.UNKNOWN,
      Vantage.SENDER,
    ]);
  });

  it('is at the sender when that echoes five timestamps within a tenth of the round trip, while nothing else tells', () => {
    const echoed = (path: Path, after: number, options: number = Option.TIMESTAMPS) => {
      const { all, sender } = arrivals(path);
      for (let i = 1; i <= 5; i++) {
        all.hears(segment(), view({ options, tsVal: i, time: i * 500 * MS }));
        all.passes(view({ options, tsEcr: i, time: i * 500 * MS + after }));
      }
      return sender.vantage;
    };
    // 10 of 100 ms are the echo, and 90 the way from the sender to the receiver and back.
    expect(echoed({ back: -1 }, 10 * MS)).toBe(Vantage.SENDER);
    expect(echoed({ back: -1 }, 10 * MS + 1)).toBe(Vantage.UNKNOWN);
    expect(echoed({ back: -1 }, 10 * MS, 0)).toBe(Vantage.UNKNOWN);
    expect(echoed({ back: -1, min: -1 }, 0)).toBe(Vantage.UNKNOWN);
    expect(echoed({ back: 45 * MS }, 0)).toBe(Vantage.PATH);
  });

  it('at the sender an ACK arrives at once, elsewhere after the way to it', () => {
    const near = arrivals();
    expect(near.all.hears(segment(), view())).toMatchObject({ time: 500 * MS, arrival: 500 * MS, ack: 300 });
    expect([near.all.isWaiting, near.all.delay, near.all.srtt]).toEqual([false, 0, 90 * MS]);
    const far = arrivals({ min: 60 * MS, back: 40 * MS });
    expect([far.all.hears(segment(), view()), far.all.isWaiting]).toEqual([null, true]);
    expect([far.all.delay, far.all.srtt]).toEqual([40 * MS, 100 * MS]);
    expect(arrivals({ min: -1, srtt: -1 }).all.srtt).toBe(0);
    // 0 is a round trip too: of times that are rounded.
    const rounded = arrivals({ min: 60 * MS, back: 40 * MS, srtt: 0 });
    rounded.all.hears(segment(), view());
    expect(rounded.all.srtt).toBe(40 * MS);
  });

  it('tells what an ACK changes', () => {
    const { all, scoreboard } = arrivals();
    scoreboard.outstanding = 400;
    const first = {
      newlySacked: 100,
      advanced: 1,
      duplicate: true,
      dsack: true,
      dsackEnd: 77,
      frame: 3,
      time: 450 * MS,
    };
    const options = { options: Option.TIMESTAMPS, tsVal: 7, tsEcr: 8, flags: ACK | ECE, frame: 12 };
    expect(all.hears(segment(first), view(options))).toMatchObject({
      delivered: 600,
      newlySacked: 100,
      advances: true,
      duplicate: true,
      dsackEnd: 77,
      ece: true,
      tsVal: 7,
      tsEcr: 8,
      rtt: 50 * MS,
      edge: 5000,
      frame: 12,
    });
    scoreboard.outstanding = 500;
    expect(all.hears(segment(), view())).toMatchObject({
      delivered: 0,
      advances: false,
      ece: false,
      tsVal: -1,
      tsEcr: -1,
      rtt: Number.NaN,
    });
    // What was sent meanwhile was not outstanding before.
    scoreboard.outstanding = 900;
    all.passes(view());
    scoreboard.outstanding = 850;
    expect(all.hears(segment({ frame: 1, time: 500 * MS }), view())).toMatchObject({ delivered: 50, rtt: 0 });
  });

  describe('an ACK that passes 40 ms from the sender', () => {
    const waiting = (fields: Partial<SegmentView> = {}, ack = 300) => {
      const { all } = arrivals({ min: 60 * MS, back: 40 * MS });
      all.hears(segment({}, ack), view({ time: 0, ...fields }));
      return all;
    };
    const stamped = (tsVal: number, tsEcr: number) => ({ options: Option.TIMESTAMPS, tsVal, tsEcr });

    it('has arrived when so much time has passed', () => {
      const due = (time: number) => waiting().due(view({ time }), 1000, 0)?.arrival;
      expect([due(40 * MS - 1), due(40 * MS)]).toEqual([undefined, 40 * MS]);
      expect(waiting().due(view({ time: 90 * MS }), 1000, 70 * MS)?.arrival).toBe(70 * MS);
    });

    it('has arrived when it is echoed, and is answered at once unless it acknowledged everything', () => {
      const due = (tsEcr: number, sndNxt = 1000, time = 20 * MS) =>
        waiting(stamped(500, 1)).due(view({ time, ...stamped(9, tsEcr) }), sndNxt, 0)?.arrival;
      expect([due(499), due(500), due(501)]).toEqual([undefined, 20 * MS, 20 * MS]);
      expect([due(500, 301), due(500, 300)]).toEqual([20 * MS, 40 * MS]);
      // 0 is a timestamp.
      const zero = waiting(stamped(0, 1)).due(view({ time: 20 * MS, ...stamped(9, 0) }), 1000, 0);
      expect(zero?.arrival).toBe(20 * MS);
    });

    it('that nothing has echoed for 200 ms and two ways has arrived by the time', () => {
      const due = (time: number) => waiting(stamped(500, 1)).due(view({ time, ...stamped(9, 499) }), 1000, 0)?.arrival;
      expect([due(280 * MS), due(280 * MS + 1)]).toEqual([undefined, 40 * MS]);
    });

    it('without a stamp of its own is not echoed', () => {
      expect(waiting().due(view({ time: 20 * MS, ...stamped(9, 500) }), 1000, 0)).toBeNull();
      expect(waiting(stamped(500, 1)).due(view({ time: 50 * MS, tsEcr: 1 }), 1000, 0)?.arrival).toBe(40 * MS);
    });

    it('arrives in the end', () => {
      expect(waiting().remaining(0)?.arrival).toBe(40 * MS);
      expect(waiting().remaining(50 * MS)?.arrival).toBe(50 * MS);
      expect(arrivals().all.remaining(0)).toBeNull();
      const all = waiting();
      all.drop();
      expect([all.isWaiting, all.due(view(), 1000, 0), all.remaining(0)]).toEqual([false, null, null]);
    });
  });
});

describe('pauses', () => {
  /** So many pauses of 50 ms with data under way, at a round trip of 10 ms. */
  function stallsOf(count: number) {
    const sender = {
      now: 0,
      srtt: 10e6,
      timeout: 200e6,
      isWaiting: true,
      isHeldByReceiver: false,
      isHeldByApplication: false,
      stalls: [] as readonly object[],
      unlistedStalls: 0,
    };
    const pauses = new Pauses(sender as unknown as Pausing, 1);
    for (let i = 1; i <= count; i++) {
      sender.now = i * 50e6;
      pauses.pass(i + 1, Cause.NONE);
    }
    return [sender.stalls.length, sender.unlistedStalls];
  }

  it.each([
    [MAX_STALLS, MAX_STALLS, 0],
    [MAX_STALLS + 1, MAX_STALLS, 1],
    [MAX_STALLS + 7, MAX_STALLS, 7],
  ])('%i of them: %i are listed, %i counted', (count, listed, counted) => {
    expect(stallsOf(count)).toEqual([listed, counted]);
  });
});

describe('episodes', () => {
  const begun = (ca: number, all = models([20, 30])) => {
    const sender = { episodes: [] as object[], unlistedEpisodes: 0, algorithm: Algorithm.UNKNOWN as number };
    const episodes = new Episodes(sender as unknown as CongestionState);
    episodes.begin(Trigger.FAST, ca, 500, { now: 7, frame: 3 }, all);
    return { episodes, sender, all };
  };

  it('repair in recovery and after a timeout, not for a mark', () => {
    expect([Ca.OPEN, Ca.CWR, Ca.RECOVERY, Ca.LOSS].map((ca) => begun(ca).episodes.isRepairing)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect([Ca.OPEN, Ca.LOSS].map((ca) => begun(ca).episodes.isOpen)).toEqual([true, false]);
  });

  it('are listed up to a number, and counted beyond it', () => {
    const { episodes, sender, all } = begun(Ca.RECOVERY);
    const again = () => {
      episodes.end({ now: 8, frame: 4 });
      episodes.begin(Trigger.FAST, Ca.RECOVERY, 500, { now: 9, frame: 5 }, all);
    };
    for (let i = 1; i < MAX_EPISODES; i++) again();
    expect(sender).toMatchObject({ episodes: { length: MAX_EPISODES }, unlistedEpisodes: 0 });
    expect(episodes.latest).toBe(sender.episodes.at(-1));
    again();
    expect(sender).toMatchObject({ episodes: { length: MAX_EPISODES }, unlistedEpisodes: 1 });
    // The latest goes on, is reduced and ends as any other.
    expect(episodes.latest).toBe(episodes.current);
    expect(sender.episodes).not.toContain(episodes.latest);
    episodes.noteReduction(all);
    episodes.end({ now: 10, frame: 6 });
    expect(episodes.latest).toMatchObject({ startFrame: 5, endFrame: 6 });
    expect(episodes.isOpen).toBe(true);
  });

  it('begin with nothing sent again, and end once', () => {
    const { episodes } = begun(Ca.RECOVERY);
    expect(episodes.current).toMatchObject({
      startFrame: 3,
      startTime: 7,
      endFrame: 0,
      endTime: 7,
      retransmissions: 0,
      timeouts: 0,
      needless: 0,
      undone: false,
      cwndBefore: 20,
    });
    episodes.end({ now: 9, frame: 5 });
    expect(episodes.latest).toMatchObject({ endFrame: 5, endTime: 9 });
    expect([episodes.current, episodes.isOpen]).toEqual([null, true]);
    episodes.end({ now: 10, frame: 6 });
    expect(episodes.latest!.endFrame).toBe(5);
    expect(new Episodes({ episodes: [] } as unknown as CongestionState).latest).toBeNull();
  });

  it('have in the end the windows of the model that is named, else of the one that fits best', () => {
    const { episodes, sender, all } = begun(Ca.RECOVERY);
    for (const [i, model] of all.all.entries()) model.ssthresh = 10 + i;
    episodes.noteReduction(all);
    episodes.settle(all);
    expect(episodes.latest).toMatchObject({ cwndBefore: 20, ssthreshAfter: 10 });
    all.fit!.best = 1;
    episodes.settle(all);
    expect(episodes.latest).toMatchObject({ cwndBefore: 30, ssthreshAfter: 11 });
    sender.algorithm = Algorithm.CUBIC;
    episodes.settle(all);
    expect(episodes.latest).toMatchObject({ cwndBefore: 20, ssthreshAfter: 10 });
    sender.algorithm = Algorithm.NEWRENO;
    episodes.settle(all);
    expect(episodes.latest).toMatchObject({ cwndBefore: 30, ssthreshAfter: 11 });
    sender.algorithm = Algorithm.BBR;
    episodes.settle(all);
    expect(episodes.latest).toMatchObject({
      cwndBefore: Number.NaN,
      ssthreshBefore: Number.POSITIVE_INFINITY,
      ssthreshAfter: Number.POSITIVE_INFINITY,
    });
  });
});
