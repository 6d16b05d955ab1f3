/** What a round is made of, what ends it, and windows at their limits: comparisons with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Told, Usage } from '../../src/congestion/controller.ts';
import { CubicController } from '../../src/congestion/cubic.ts';
import { Heard, HeardQueue } from '../../src/congestion/heard.ts';
import { HyStart } from '../../src/congestion/hystart.ts';
import { NewRenoController } from '../../src/congestion/newreno.ts';
import { ProportionalRate } from '../../src/congestion/prr.ts';
import { SenderView } from '../../src/congestion/sender-view.ts';
import { Silences } from '../../src/congestion/silences.ts';
import { Undo } from '../../src/congestion/undo.ts';
import type { WindowController } from '../../src/congestion/window.ts';
import { WindowObserver } from '../../src/congestion/window-observer.ts';
import type { CongestionState } from '../../src/model/congestion.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { Ca } from '../../src/model/outbound.ts';

const US = 1e3;
const MS = 1e6;
const S = 1e9;
const told = (fields: Partial<Told> = {}) => Object.assign(new Told(), { now: 0, srtt: 100 * MS, ...fields });
const usage = (fields: Partial<Usage> = {}) => Object.assign(new Usage(), { now: 0, rto: S, isFree: true, ...fields });
const heard = (fields: Partial<Heard>) => Object.assign(new Heard(), fields);

/** An observer of a round that begins at 0 and does not end before 1000 is acknowledged. */
function observing() {
  const observer = new WindowObserver();
  observer.next({ now: 0, sndNxt: 1000 });
  return {
    observer,
    round: observer.round,
    sends(us: number, isFull = true) {
      observer.sends({ time: us * US }, isFull);
      return this;
    },
    hears(us: number, fields: Partial<Usage> = {}) {
      observer.hears(usage({ now: us * US, inFlight: 10, una: 0, sndNxt: 2000, ...fields }));
      return this;
    },
  };
}

describe('a round', () => {
  it('has the longest pause between two segments, from its beginning on', () => {
    const pause = (...times: number[]) => times.reduce((one, us) => one.sends(us), observing()).round.pause / US;
    expect([pause(5000), pause(5000, 7000), pause(5000, 12_000), pause(5000, 12_000, 12_001)]).toEqual([
      ...[5000, 5000, 7000, 7000],
    ]);
    const { observer, round } = observing().sends(5000);
    observer.next({ now: 20_000 * US, sndNxt: 1000 });
    observer.sends({ time: 26_000 * US }, true);
    expect(round.pause).toBe(6000 * US);
  });

  it('has bursts of segments that are 100 us apart at the most, and knows which no ACK let go', () => {
    const bursts = (gap: number) =>
      observing()
        .sends(1000)
        .sends(1000 + gap).round.bursts;
    expect([bursts(0), bursts(100), bursts(100.1)]).toEqual([1, 1, 2]);
    const unprompted = (us: number) =>
      observing()
        .hears(1000)
        .sends(1000 + us).round.unprompted;
    expect([unprompted(300), unprompted(300.1)]).toEqual([0, 1]);
    expect(observing().sends(1000).round.unprompted).toBe(0);
    // One of a burst is let go with its first.
    expect(observing().hears(1000).sends(1300).sends(1301).round.unprompted).toBe(0);
  });

  it('has batches of ACKs that are less than 200 us apart with nothing sent between them', () => {
    const batches = (gap: number, isSent = false) => {
      const one = observing().hears(1000);
      if (isSent) one.sends(1001);
      return one.hears(1000 + gap).round.batches;
    };
    expect([batches(199.9), batches(200), batches(199.9, true)]).toEqual([1, 2, 2]);
  });

  it('begins with what was in flight at its first ACK, and counts batches that found more than two less than its peak', () => {
    const flights = (...inFlight: number[]) => {
      const { round } = inFlight.reduce(
        (one, flight, i) => one.hears(1000 * (i + 1), { inFlight: flight }),
        observing(),
      );
      return [round.first, round.peak, round.sagged];
    };
    expect(flights(7, 9, 8)).toEqual([7, 9, 0]);
    expect([flights(9, 7)[2], flights(9, 6)[2], flights(9, 6, 6)[2]]).toEqual([0, 1, 2]);
  });

  it('counts batches that were answered within 300 us by a full segment first, and by one last', () => {
    const counted = (delay: number, ...full: boolean[]) => {
      const one = observing().hears(1000);
      for (const isFull of full) one.sends(1000 + delay, isFull);
      const { round } = one.hears(5000);
      return [round.full, round.endedFull];
    };
    expect([counted(300, true), counted(300.1, true), counted(0)]).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
    expect([counted(1, true, false), counted(1, false, true), counted(1, false)]).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect([observing().sends(1).observer.hasSent, observing().sends(1).hears(2).observer.hasSent]).toEqual([
      true,
      false,
    ]);
  });

  it('ends with the ACK of what had been sent when it began, and says how long it was', () => {
    const ends = (una: number) => {
      const { observer, round } = observing().hears(7000, { una });
      return [observer.isRoundOver, round.duration];
    };
    expect([ends(999), ends(1000)]).toEqual([
      [false, 0],
      [true, 7000 * US],
    ]);
    expect(observing().hears(7000, { una: 1000 }).hears(9000, { una: 999 }).observer.isRoundOver).toBe(false);
  });

  it('knows by how much the window grew since the round before, where both show it', () => {
    const one = observing();
    const gains: number[] = [];
    for (const [i, inFlight] of [10, 12, 15].entries()) {
      const start = 100_000 * i;
      for (let ack = 1; ack <= 4; ack++) {
        one.hears(start + 1000 * ack, { inFlight, una: ack === 4 ? 1000 : 0 });
        one.sends(start + 1000 * ack + 1);
      }
      gains.push(one.observer.gain);
      one.observer.next({ now: (start + 5000) * US, sndNxt: 1000 });
      one.sends(start + 5001);
    }
    // The first batch of all answers nothing: three of four were answered, and count.
    expect(gains.slice(1)).toEqual([2, 3]);
    expect(gains[0]).toBeNaN();
  });

  it('shows a window at once where nine batches find the same flight filled up again', () => {
    const shown = (count: number, flight: (i: number) => number, fields: Partial<Usage> = {}) => {
      const one = observing();
      let at = 0;
      for (let i = 0; i < count; i++) {
        // The first one answers nothing.
        one.sends(1000 * i + 1).hears(1000 * (i + 1), { inFlight: flight(i), ...fields });
        at = one.observer.shown;
      }
      return [at, one.observer.isLevel];
    };
    // The first sets the level, and eight more leave it as it is.
    expect([shown(8, () => 10)[0], shown(9, () => 10), shown(10, () => 10)[0]]).toEqual([0, [10, true], 0]);
    expect([shown(9, (i) => 10 + (i % 2))[0], shown(9, (i) => 10 - (i % 2))[0]]).toEqual([10, 10]);
    expect(shown(20, (i) => 10 + (i % 2) * 2)[0]).toBe(0);
    expect(shown(20, () => 10, { isFree: false })[0]).toBe(0);
  });
});

describe('an answer', () => {
  it('follows its ACK within 300 us', () => {
    const { observer } = observing().hears(1000);
    expect([1300, 1300.1].map((us) => observer.isAnswer({ time: us * US }))).toEqual([true, false]);
    expect(observing().observer.isAnswer({ time: 0 })).toBe(false);
  });

  it('beside the sender breaks five silences of 3 ms, and no more than a fourth as many are broken by data', () => {
    const areAnswered = (answered: number, broken: number, { silence = 3 * MS, delay = 300 * US } = {}) => {
      const silences = new Silences();
      let now = 0;
      silences.sends(now);
      for (let i = 0; i < answered; i++) {
        now += silence;
        silences.hears(now);
        now += delay;
        silences.sends(now);
      }
      for (let i = 0; i < broken; i++) {
        now += 3 * MS;
        silences.sends(now);
      }
      return silences.areAnswered;
    };
    expect([areAnswered(4, 0), areAnswered(5, 0)]).toEqual([false, true]);
    expect([areAnswered(8, 2), areAnswered(8, 3), areAnswered(9, 3), areAnswered(12, 3)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([areAnswered(5, 0, { silence: 3 * MS - 1 }), areAnswered(5, 0, { delay: 300 * US + 1 })]).toEqual([
      false,
      false,
    ]);
  });
});

describe('ACKs that have not arrived yet', () => {
  it('come in their order, whatever leaves between them', () => {
    const queue = new HeardQueue();
    expect(queue.oldest).toBeNull();
    let [added, gone] = [0, 0];
    for (const [more, fewer] of [
      [1, 1],
      [3, 2],
      [4, 1],
      [9, 6],
      [20, 27],
    ]) {
      for (let i = 0; i < more; i++) queue.add().frame = ++added;
      for (let i = 0; i < fewer; i++) {
        expect(queue.oldest?.frame).toBe(++gone);
        queue.drop();
      }
    }
    expect(queue.oldest).toBeNull();
  });
});

describe('the end of slow start (HyStart)', () => {
  it('comes when a train of ACKs is longer than half the shortest round trip and half a millisecond', () => {
    const isLonger = (last: number) => {
      const hystart = new HyStart();
      hystart.begin(told({ sndNxt: 100 }));
      const ends = [2, 4, 6, 8, 10, last].map((ms) =>
        hystart.leaves(told({ now: ms * MS, una: 50, rtt: 99 * MS }), 20 * MS, 20),
      );
      expect(ends.slice(0, -1)).not.toContain(true);
      return ends.at(-1);
    };
    expect([isLonger(10.5), isLonger(10.5 + 1e-6)]).toEqual([false, true]);
  });

  it('is looked for anew in each round, which ends with an ACK of more than had been sent when it began', () => {
    const ends = (una: number) => {
      const hystart = new HyStart();
      hystart.begin(told({ sndNxt: 100 }));
      const leaves = (ms: number, edge: number) =>
        hystart.leaves(told({ now: ms * MS, una: edge, sndNxt: 200, rtt: 99 * MS }), 20 * MS, 20);
      for (const ms of [2, 4, 6, 8]) leaves(ms, 50);
      leaves(10, una);
      return leaves(11, una);
    };
    expect([ends(100), ends(101)]).toEqual([true, false]);
  });
});

describe('the window of CUBIC', () => {
  it('aims at where the cubic function is after the shortest round trip (RFC 8312 section 4.1)', () => {
    const model = new CubicController(100, 1);
    const inside = model as unknown as { perSegment: number };
    const use = () => model.used(usage({ inFlight: model.cwnd, outstanding: model.cwnd, sndNxt: 1000 }));
    use();
    model.lossDetected(told());
    model.recovered(told());
    use();
    model.acknowledged(told({ delivered: 1, now: 5 * S, rtt: 100 * MS }));
    const k = Math.cbrt(30 / 0.4);
    const target = 100 + 0.4 * (0.1 - k) ** 3;
    // Whole segments, as Linux counts them.
    expect(inside.perSegment).toBe(Math.floor(70 / (target - 70)));
  });
});

describe('the shortest round trip of CUBIC', () => {
  const shortest = (...acks: [ms: number, rtt: number][]) => {
    const model = new CubicController(100, 1);
    const use = () => model.used(usage({ inFlight: model.cwnd, outstanding: model.cwnd, sndNxt: 1000 }));
    for (const [ms, rtt] of acks) {
      use();
      model.acknowledged(told({ delivered: 1, now: ms * MS, rtt: rtt * MS }));
    }
    return (model as unknown as { delayMin: number }).delayMin / MS;
  };

  it('is that of the ACKs that tell one', () => {
    expect([shortest([5000, 50]), shortest([5000, 50], [9000, 60]), shortest([5000, 50], [9000, 40])]).toEqual([
      50, 50, 40,
    ]);
    expect([shortest([5000, 50], [9000, Number.NaN]), shortest([5000, 50], [9000, 0])]).toEqual([50, 50]);
  });

  it('is not told in the first second of growth, when a queue may have been emptied', () => {
    // Growth begins with the first ACK, at 5 s.
    expect([shortest([5000, 50], [5999, 40]), shortest([5000, 50], [6000, 40])]).toEqual([50, 40]);
  });
});

describe('the window at its limits', () => {
  const reduced = (pipe: number, delivered: number) => {
    const model = new NewRenoController(100, 1);
    model.lossDetected(told({ pipe: 99 }));
    model.acknowledgedInRecovery(told({ pipe, delivered }), false);
    return model.cwnd;
  };

  it('in recovery is what is in flight, and what may be sent (RFC 6937 section 3)', () => {
    // Half of what was delivered, above ssthresh; below it as much as was delivered and one more, up to ssthresh.
    expect([reduced(80, 10), reduced(51, 10), reduced(50, 10), reduced(45, 10), reduced(30, 10)]).toEqual([
      85, 56, 50, 50, 41,
    ]);
    expect(reduced(0, 0)).toBe(1);
  });

  it('after a timeout is one segment and what is in flight (RFC 5681 section 3.1)', () => {
    const after = (pipe: number) => {
      const model = new NewRenoController(100, 1);
      model.timedOut(told({ pipe }), false);
      return model.cwnd;
    };
    expect([after(-1), after(0), after(1)]).toEqual([1, 1, 2]);
  });

  it('proportional rate reduction counts what was sent since, and at least from one segment on', () => {
    const rate = new ProportionalRate();
    rate.begin(0);
    expect(rate.acknowledged(1, 11, 10)).toBe(10);
    rate.begin(20);
    rate.sent(3);
    // Delivered 4, sent 3: two are allowed below ssthresh, or as many as were delivered just now and one more.
    expect([rate.acknowledged(4, 5, 10), rate.acknowledged(1, 5, 10)]).toEqual([5, 3]);
  });

  it('that is known to be another one ends slow start where it does not grow, or where it is over', () => {
    const corrected = (ssthresh: number, level: boolean) => {
      const model = new NewRenoController(20, ssthresh);
      model.corrected(15, level);
      return [model.cwnd, model.ssthresh];
    };
    expect([corrected(30, false), corrected(30, true), corrected(20, false), corrected(10, false)]).toEqual([
      [15, 30],
      [15, 15],
      [15, 15],
      [15, 10],
    ]);
  });

  it('that was not used for an RTO counts from the latest use on', () => {
    const after = (...times: number[]) => {
      const model = new NewRenoController(10, 5);
      (model as WindowController).cwnd = 40;
      const all = [0, ...times];
      for (const [i, now] of all.entries())
        model.used(usage({ now, inFlight: 4, outstanding: 4, una: i * 10, sndNxt: i * 10 + 10 }));
      return model.cwnd;
    };
    // Halfway to the initial window, twice.
    expect([after(S - 1), after(S), after(S, 2 * S - 1), after(S, 2 * S)]).toEqual([40, 25, 25, 17]);
  });
});

describe('the signs of a needless reduction', () => {
  it('a timestamp of 0 is one: the first retransmission has it', () => {
    const undo = new Undo();
    undo.begin(100, 0);
    undo.repeats(100, 200, 0);
    undo.repeats(200, 300, 5);
    expect(undo.isNeedless(heard({ advances: true, ack: 150, tsEcr: 3 }), true, true, 300, 0)).toBe(false);
    expect(undo.isNeedless(heard({ advances: true, ack: 150, tsEcr: 0 }), true, true, 300, 0)).toBe(false);
    const other = new Undo();
    other.begin(100, 0);
    other.repeats(100, 200, 5);
    expect(other.isNeedless(heard({ advances: true, ack: 150, tsEcr: 0 }), true, true, 300, 0)).toBe(true);
  });

  it('stamps of retransmissions that are under way count on', () => {
    const echo = (una: number) => {
      const undo = new Undo();
      undo.begin(100, 0);
      undo.repeats(100, 200, 50);
      undo.begin(una, 0);
      undo.repeats(una, una + 100, 60);
      return undo.isNeedless(heard({ advances: true, ack: una + 50, tsEcr: 55 }), true, false, 900, 0);
    };
    // All of the first one is acknowledged: the stamps are those of the second.
    expect([echo(199), echo(200)]).toEqual([false, true]);
  });
});

describe('what a sender knows of its flight', () => {
  const viewOf = (fields: Partial<SenderView>, highSacked = 0) => {
    const endpoint = { sndUna: 0, sndNxt: 1000, outbound: { scoreboard: { highSacked } } } as unknown as Endpoint;
    return Object.assign(new SenderView({ smss: 100 } as CongestionState, endpoint), fields);
  };

  it('is nothing where more was delivered than was outstanding', () => {
    const sender = viewOf({ outstanding: 100 });
    sender.settles(heard({ ack: 0, delivered: 300 }));
    expect(sender.outstanding).toBe(0);
    sender.countFlight();
    expect(sender.inFlight).toBe(0);
  });

  it('begins with what was seen of its numbers', () => {
    const begun = (sndUna: number) => {
      const endpoint = { sndUna, sndNxt: 1000, outbound: { scoreboard: { highSacked: 0 } } } as unknown as Endpoint;
      const { una, outstanding } = new SenderView({ smss: 100 } as CongestionState, endpoint);
      return [una, outstanding];
    };
    expect([begun(-1), begun(0), begun(1)]).toEqual([
      [0, 1000],
      [0, 1000],
      [1, 999],
    ]);
  });

  it('remembers the flight and the pipe of the first ACK that told of a loss', () => {
    const sender = viewOf({ una: 0, outstanding: 799, inFlight: 8 }, 600);
    sender.noteLoss();
    expect([sender.flightOfLoss, sender.pipeOfLoss]).toEqual([8, 4]);
    Object.assign(sender, { outstanding: 500, inFlight: 5 });
    sender.noteLoss();
    expect([sender.flightOfLoss, sender.pipeOfLoss]).toEqual([8, 4]);
    sender.outstanding = 800;
    sender.noteLoss();
    expect([sender.flightOfLoss, sender.pipeOfLoss]).toEqual([5, 4]);
  });

  it('takes what is missing below all that arrived for lost', () => {
    const pipe = (fields: Partial<SenderView>, highSacked: number) =>
      viewOf({ inFlight: 8, ...fields }, highSacked).pipeOfLoss + 0;
    expect([pipe({}, 0), pipe({ una: 600 }, 600), pipe({ una: 599 }, 600), pipe({}, 100), pipe({}, 1100)]).toEqual([
      8, 8, 4, 8, 0,
    ]);
  });

  it('sends more again than is taken for lost, by a byte', () => {
    // 400 bytes lie above all that arrived: of 700 that are outstanding 300 are taken for lost.
    const more = (retransOut: number) => viewOf({ outstanding: 700, retransOut }, 600).repeatsUnlost();
    expect([more(300), more(301)]).toEqual([false, true]);
  });

  it('is what was sent since the timeout, and what was sent again (RFC 6675 section 4)', () => {
    const pipe = (recover: number, retransOut: number, outstanding = 500) =>
      viewOf({ outstanding, retransOut }).pipe(Ca.LOSS, recover);
    expect([pipe(1000, 0), pipe(900, 0), pipe(1100, 0), pipe(900, 200), pipe(900, 600)]).toEqual([0, 100, 0, 300, 600]);
  });
});
