import { describe, expect, it } from 'vitest';
import { type Controller, Told, Usage } from '../../src/congestion/controller.ts';
import { CubicController } from '../../src/congestion/cubic.ts';
import { NewRenoController } from '../../src/congestion/newreno.ts';
import { ProportionalRate } from '../../src/congestion/prr.ts';
import { RenoController } from '../../src/congestion/reno.ts';
import { TahoeController } from '../../src/congestion/tahoe.ts';

const MS = 1e6;

/** A sender that always has data: what it is told, in rounds of one RTT. */
class Script {
  private readonly told = new Told();
  private readonly usage = new Usage();
  now = 0;
  private sndNxt = 0;
  readonly controller: Controller;
  readonly rtt: number;

  constructor(controller: Controller, rtt = 100 * MS) {
    this.controller = controller;
    this.rtt = rtt;
    this.told.rtt = rtt;
    this.told.una = 0;
    this.usage.rto = 1e9;
  }

  /** All of one window is acknowledged, segment by segment; before each ACK the window is full (or holds `inFlight`). */
  round(inFlight = Number.POSITIVE_INFINITY): number {
    const { controller, told, usage } = this;
    const window = Math.min(Math.floor(controller.cwnd), inFlight);
    this.now += this.rtt;
    for (let i = 0; i < window; i++) {
      usage.now = told.now = this.now;
      usage.inFlight = usage.outstanding = Math.min(Math.floor(controller.cwnd), inFlight);
      usage.una = told.una;
      usage.sndNxt = told.sndNxt = this.sndNxt += 1;
      controller.used(usage);
      told.delivered = 1;
      told.una++;
      controller.acknowledged(told);
    }
    return controller.cwnd;
  }

  rounds(count: number): number[] {
    return Array.from({ length: count }, () => this.round());
  }

  fill(pipe: number): Told {
    this.told.now = this.now;
    this.told.pipe = pipe;
    this.told.delivered = 1;
    return this.told;
  }
}

describe('the figure of the seed: cwnd from 1, ssthresh 16', () => {
  // 1, 2, 4, 8, 16 in slow start, then one more each round to 24, where the timer expires.
  const climb = [2, 4, 8, 16, 17, 18, 19, 20, 21, 22, 23, 24];

  it.each([
    ['Tahoe', () => new TahoeController(1, 16)],
    ['Reno', () => new RenoController(1, 16)],
    ['NewReno', () => new NewRenoController(1, 16)],
  ])('%s: 24 at the timeout, ssthresh 12, and slow start from 1 to 12', (_, make) => {
    const script = new Script(make());
    expect(script.rounds(12)).toEqual(climb);
    script.controller.timedOut(script.fill(0), false);
    expect(script.controller).toMatchObject({ cwnd: 1, ssthresh: 12 });
    expect(script.rounds(6)).toEqual([2, 4, 8, 12, 13, 14]);
  });

  it('Tahoe begins with 1 again at three duplicate ACKs too', () => {
    const script = new Script(new TahoeController(1, 16));
    script.rounds(12);
    script.controller.lossDetected(script.fill(23));
    expect(script.controller).toMatchObject({ cwnd: 1, ssthresh: 12 });
  });

  it('Reno goes on from the halved window with congestion avoidance', () => {
    const script = new Script(new RenoController(1, 16));
    script.rounds(12);
    script.controller.lossDetected(script.fill(23));
    script.controller.recovered(script.fill(0));
    expect(script.controller).toMatchObject({ cwnd: 12, ssthresh: 12 });
    expect(script.rounds(3)).toEqual([13, 14, 15]);
  });
});

describe('RFC 5681', () => {
  it('equation 4: ssthresh is half the flight, but two segments at the least', () => {
    for (const [cwnd, ssthresh] of [
      [20, 10],
      [5, 2],
      [3, 2],
      [1, 2],
    ]) {
      const script = new Script(new NewRenoController(cwnd));
      script.controller.timedOut(script.fill(0), false);
      expect(script.controller.ssthresh).toBe(ssthresh);
    }
  });

  it('leaves ssthresh alone when the same segment times out again (section 3.1)', () => {
    const script = new Script(new NewRenoController(20));
    script.controller.timedOut(script.fill(0), false);
    script.controller.timedOut(script.fill(0), true);
    expect(script.controller).toMatchObject({ cwnd: 1, ssthresh: 10 });
  });

  it('Reno halves the window again for a second loss of the same window, NewReno does not (RFC 6582)', () => {
    const cwndAfterTwoLosses = (controller: Controller) => {
      const script = new Script(controller);
      controller.lossDetected(script.fill(19));
      controller.acknowledgedInRecovery(script.fill(10), true);
      controller.lossRepeated(script.fill(9));
      controller.recovered(script.fill(0));
      return controller.cwnd;
    };
    expect(cwndAfterTwoLosses(new RenoController(20))).toBe(5);
    expect(cwndAfterTwoLosses(new NewRenoController(20))).toBe(10);
  });
});

describe('RFC 6928', () => {
  it('begins with ten segments and doubles', () => {
    expect(new Script(new NewRenoController()).rounds(3)).toEqual([20, 40, 80]);
  });
});

describe('a window that is not used', () => {
  it('does not grow in congestion avoidance, and in slow start to twice what was used (RFC 7661 section 4.4)', () => {
    const avoiding = new Script(new NewRenoController(30, 30));
    for (let i = 0; i < 5; i++) expect(avoiding.round(20)).toBe(30);
    const starting = new Script(new NewRenoController(10));
    starting.round(4);
    expect(starting.controller.cwnd).toBe(10);
    for (let i = 0; i < 5; i++) starting.round(8);
    expect(starting.controller.cwnd).toBe(16);
  });

  it('is halved for every RTO of idle time, down to the initial window (RFC 2861 section 3.2)', () => {
    const idle = (seconds: number) => {
      const controller = new NewRenoController(10, 40);
      controller.cwnd = 80;
      controller.resumed(seconds * 1e9, 1e9);
      return controller;
    };
    expect(idle(0.9)).toMatchObject({ cwnd: 80, ssthresh: 40 });
    // Three quarters of the window are remembered as ssthresh.
    expect(idle(1.5)).toMatchObject({ cwnd: 40, ssthresh: 60 });
    expect(idle(2.5)).toMatchObject({ cwnd: 20, ssthresh: 60 });
    expect(idle(60)).toMatchObject({ cwnd: 10, ssthresh: 60 });
  });
});

describe('undo (RFC 4015)', () => {
  it('restores the window, and at least three quarters of it as ssthresh', () => {
    const script = new Script(new NewRenoController(40));
    script.controller.timedOut(script.fill(0), false);
    script.controller.undone();
    expect(script.controller).toMatchObject({ cwnd: 40, ssthresh: Number.POSITIVE_INFINITY });
    const later = new Script(new NewRenoController(40, 20));
    later.controller.lossDetected(later.fill(39));
    later.controller.undone();
    expect(later.controller).toMatchObject({ cwnd: 40, ssthresh: 30 });
  });
});

describe('ProportionalRate, the examples of RFC 6937 section 3.1', () => {
  it('sends on every other ACK after a single loss', () => {
    // RecoverFS 20, ssthresh 10; the table of PRR: R at the third ACK, then N at 5, 7, 9, 11, 13 and 15.
    const rate = new ProportionalRate();
    rate.begin(20);
    let pipe = 18;
    const sent: number[] = [];
    for (let ack = 3; ack <= 15; ack++) {
      if (ack > 3) pipe--;
      const count = rate.acknowledged(1, pipe, 10);
      rate.sent(count);
      pipe += count;
      if (count > 0) sent.push(ack);
    }
    expect(sent).toEqual([3, 5, 7, 9, 11, 13, 15]);
  });

  it('sends one segment more than was delivered on each ACK when the flight has collapsed', () => {
    // Fifteen of 20 are lost: pipe falls to 4, below ssthresh 10, and the slow start reduction bound gives two for one.
    const rate = new ProportionalRate();
    rate.begin(20);
    let pipe = 4;
    const sent: number[] = [];
    for (let ack = 17; ack <= 19; ack++) {
      if (ack > 17) pipe--;
      const count = rate.acknowledged(1, pipe, 10);
      rate.sent(count);
      pipe += count;
      sent.push(count);
    }
    expect(sent).toEqual([2, 2, 2]);
  });
});

describe('CUBIC', () => {
  it('reduces to 0.7 of the window and remembers less of it when that is shrinking (RFC 8312 sections 4.5 and 4.6)', () => {
    const script = new Script(new CubicController(100));
    script.controller.lossDetected(script.fill(99));
    script.controller.recovered(script.fill(0));
    expect(script.controller.cwnd).toBe(Math.floor((100 * 717) / 1024));
  });

  it('is back at W_max after K = cbrt(W_max (1 - beta) / C) seconds, and flat there (section 4.1)', () => {
    const script = new Script(new CubicController(1000));
    script.controller.lossDetected(script.fill(999));
    script.controller.recovered(script.fill(0));
    // K = cbrt(1000 * 0.3 / 0.4) = 9.09 s: 91 rounds of 100 ms.
    const windows = script.rounds(130);
    const at = (seconds: number) => windows[Math.round(seconds * 10) - 1];
    expect(at(9.1)).toBeGreaterThan(980);
    expect(at(9.1)).toBeLessThanOrEqual(1010);
    // Concave before: W(4.5) = 0.4 (4.5 - 9.09)^3 + 1000 = 961; convex after: W(13) = 0.4 (13 - 9.09)^3 + 1000 = 1024.
    expect(Math.abs(at(4.5) - 961)).toBeLessThan(15);
    expect(Math.abs(at(13) - 1024)).toBeLessThan(15);
  });

  it('is never slower than Reno on short paths (section 4.2)', () => {
    const cubic = new Script(new CubicController(20), 5 * MS);
    cubic.controller.lossDetected(cubic.fill(19));
    cubic.controller.recovered(cubic.fill(0));
    const from = cubic.controller.cwnd;
    cubic.rounds(20);
    // W_est grows by 3 (1 - beta) / (1 + beta) = 0.53 segments per RTT.
    expect(cubic.controller.cwnd - from).toBeGreaterThanOrEqual(9);
  });

  /** In congestion avoidance: the window after each of so many ACKs of one segment at one time. */
  const acknowledge = (controller: CubicController, count: number, now: number) => {
    const [told, usage] = [new Told(), new Usage()];
    return Array.from({ length: count }, () => {
      usage.now = told.now = now;
      usage.inFlight = usage.outstanding = controller.cwnd;
      told.delivered = 1;
      controller.used(usage);
      controller.acknowledged(told);
      return controller.cwnd;
    });
  };

  it('opens by one for each 20 segments while no maximum is known (Linux, bictcp_update)', () => {
    const windows = acknowledge(new CubicController(100, 50), 40, 0);
    expect([windows[18], windows[19], windows[38], windows[39]]).toEqual([100, 101, 101, 102]);
  });

  it('opens by one for each two segments at the most (Linux, bictcp_update)', () => {
    const cubic = new CubicController(100, 50);
    acknowledge(cubic, 1, 0);
    // After a hundred seconds W_cubic is thousands of segments away.
    const windows = acknowledge(cubic, 9, 100e9);
    expect(windows[8] - windows[0]).toBe(4);
  });

  it('forgets W_max at a timeout (section 4.7)', () => {
    const script = new Script(new CubicController(100));
    script.controller.timedOut(script.fill(0), false);
    expect(script.controller).toMatchObject({ cwnd: 1, ssthresh: 70 });
    expect(script.rounds(3)).toEqual([2, 4, 8]);
  });

  it('leaves slow start when the round trip grows by an eighth (HyStart)', () => {
    const told = new Told();
    const controller = new CubicController(20);
    const usage = new Usage();
    usage.rto = 1e9;
    let now = 0;
    const round = (rtt: number, first: number) => {
      for (let i = 0; i < 20; i++) {
        usage.now = told.now = now += 2.5 * MS;
        told.rtt = rtt;
        told.delivered = 1;
        told.una = first + i + 1;
        usage.inFlight = usage.outstanding = controller.cwnd;
        usage.una = told.una - 1;
        usage.sndNxt = told.sndNxt = first + 20;
        controller.used(usage);
        controller.acknowledged(told);
      }
    };
    round(80 * MS, 0);
    expect(controller.ssthresh).toBe(Number.POSITIVE_INFINITY);
    // 80 ms / 8 = 10 ms: 89 ms is not enough, 91 ms is, at the ninth sample of the round.
    round(89 * MS, 20);
    expect(controller.ssthresh).toBe(Number.POSITIVE_INFINITY);
    round(91 * MS, 40);
    expect(Number.isFinite(controller.ssthresh)).toBe(true);
  });
});
