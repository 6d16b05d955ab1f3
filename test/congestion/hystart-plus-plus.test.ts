import { describe, expect, it } from 'vitest';
import { Told } from '../../src/congestion/controller.ts';
import { CubicController } from '../../src/congestion/cubic.ts';

const MS = 1e6;

/** A sender whose window is always full, and whose ACKs come one for each segment; a round has the RTT that is given. */
class Sender {
  readonly cubic: CubicController;
  private readonly told = new Told();
  private now = 0;
  private una = 0;
  private sndNxt: number;

  constructor(followsRfc9406: boolean) {
    this.cubic = new CubicController(10, undefined, followsRfc9406);
    this.sndNxt = 10;
  }

  /** The window after a round of this RTT (ms). */
  round(rtt: number): number {
    const { cubic, told } = this;
    const end = this.sndNxt;
    this.now += rtt * MS;
    while (this.una < end) {
      cubic.used({
        now: this.now,
        outstanding: cubic.cwnd,
        inFlight: cubic.cwnd,
        una: this.una,
        sndNxt: this.sndNxt,
        rto: 1e9,
        isFree: true,
      });
      this.una++;
      // Spread over the round, so that no train of ACKs ends Linux' slow start.
      told.now = this.now;
      told.rtt = rtt * MS;
      told.delivered = 1;
      told.una = this.una;
      told.sndNxt = this.sndNxt;
      cubic.acknowledged(told);
      this.sndNxt = this.una + Math.floor(cubic.cwnd);
    }
    return cubic.cwnd;
  }

  timeOut(): void {
    this.told.pipe = 0;
    this.cubic.timedOut(this.told, false);
    this.sndNxt = this.una + this.cubic.cwnd;
  }

  rounds(...rtts: number[]): number[] {
    return rtts.map((rtt) => this.round(rtt));
  }
}

// RFC 9406 section 4.2. At 40 ms the threshold is 40 / 8 = 5 ms; it counts with the eighth sample of the round.
describe('HyStart++ (RFC 9406)', () => {
  it('doubles the window while the round trip stays below the threshold', () => {
    expect(new Sender(true).rounds(40, 40, 44.9)).toEqual([20, 40, 80]);
  });

  it('opens the window a quarter as fast when it has risen by an eighth, and ends slow start after five such rounds', () => {
    const sender = new Sender(true);
    sender.rounds(40, 40);
    // Of 40 ACKs seven come as before; the eighth and the 32 after it bring 33 / 4 segments.
    expect(sender.round(45)).toBe(40 + 7 + 8);
    // A quarter of the window a round, with the quarters that are left over: (55 + 1) / 4, 69 / 4, (86 + 1) / 4, (107 + 3) / 4.
    const windows = sender.rounds(45, 45, 45, 45);
    expect(windows).toEqual([69, 86, 107, 134]);
    expect(sender.cubic.ssthresh).toBe(Number.POSITIVE_INFINITY);
    // The first of the five rounds was the one in which it began.
    sender.round(45);
    expect(sender.cubic.ssthresh).toBe(134);
  });

  it('takes up slow start again when a round is faster than the one that began it', () => {
    const sender = new Sender(true);
    sender.rounds(40, 40, 45);
    const before = sender.cubic.cwnd;
    const after = sender.round(41);
    // Seven ACKs at a quarter, all others open it by a segment each.
    expect(after).toBeGreaterThan(before + (before - 7));
    expect(sender.round(41)).toBe(2 * after);
    expect(sender.cubic.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });

  it('never counts less than 4 ms or more than 16 ms as a rise', () => {
    const short = new Sender(true);
    expect(short.rounds(4, 4, 7.9)).toEqual([20, 40, 80]);
    expect(short.rounds(12)[0]).toBeLessThan(160);
    const long = new Sender(true);
    expect(long.rounds(400, 400, 415.9)).toEqual([20, 40, 80]);
    expect(long.rounds(432)[0]).toBeLessThan(160);
  });

  it('modifies the first slow start only', () => {
    const sender = new Sender(true);
    sender.rounds(40, 40);
    sender.timeOut();
    expect(sender.cubic.ssthresh).toBeLessThan(40);
    expect(sender.rounds(40)).toEqual([2]);
    expect(sender.rounds(60)).toEqual([4]);
  });

  it('is followed only when it is asked for: Linux ends slow start at once', () => {
    const sender = new Sender(false);
    sender.rounds(40, 40);
    sender.round(46);
    expect(sender.cubic.ssthresh).toBeLessThan(60);
  });
});
