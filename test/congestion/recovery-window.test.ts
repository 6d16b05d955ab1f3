import { describe, expect, it } from 'vitest';
import { RecoveryWindow } from '../../src/congestion/recovery-window.ts';

const MS = 1e6;

/** A recovery that begins with `flight` segments: each ACK delivers a segment, `answers` says how many leave for each. */
class Recovery {
  readonly window = new RecoveryWindow();
  flight: number;
  now = 0;

  constructor(flight: number) {
    this.flight = flight;
    this.window.begin();
    this.ack(0);
  }

  /** `apart`: since the ACK before (ns); `lost`: more segments that it shows to be lost. */
  ack(sent: number, { apart = MS, isFree = true, lost = 0 } = {}): this {
    this.now += apart;
    this.window.hears(this.now, isFree);
    this.flight -= 1 + lost;
    this.window.settles(1, this.flight);
    for (let i = 0; i < sent; i++) this.window.sends(++this.flight);
    return this;
  }

  acks(count: number, sent: number, options = {}): this {
    for (let i = 0; i < count; i++) this.ack(sent, options);
    return this;
  }

  get bounds(): number[] {
    return [this.window.least, this.window.most];
  }
}

describe('the window while losses are repaired', () => {
  it('is where a sender that was silent answers every ACK again (RFC 6675)', () => {
    // 100 go down to 60, then every ACK lets one segment go.
    const recovery = new Recovery(101).acks(40, 0).acks(17, 1);
    expect(recovery.bounds).toEqual([60, 60]);
  });

  it('needs 16 segments that are answered in a row', () => {
    // The answer to the last ACK is seen when the next one comes.
    expect(new Recovery(101).acks(40, 0).acks(16, 1).window.isKnown).toBe(false);
    expect(new Recovery(101).acks(40, 0).acks(17, 1).window.isKnown).toBe(true);
    // Of a window that goes down in proportion every sixteenth is left out at the least (RFC 6937).
    const proportional = new Recovery(200);
    for (let i = 0; i < 8; i++) proportional.acks(15, 1).ack(0);
    expect(proportional.window.isKnown).toBe(false);
  });

  it('is where the flight no longer goes down in proportion (RFC 6937)', () => {
    const recovery = new Recovery(101);
    for (let i = 0; i < 30; i++) recovery.ack(0).ack(1);
    // The last ACK that is not answered leaves 70, and the next one is.
    expect(recovery.flight).toBe(70);
    expect(recovery.acks(17, 1).bounds).toEqual([70, 70]);
  });

  it('lies between the last flight that was too large and the first that was not', () => {
    expect(new Recovery(101).acks(40, 0).ack(1, { lost: 3 }).acks(16, 1).bounds).toEqual([57, 60]);
    // Fewer and fewer are in flight, because every ACK shows another loss: that tells no more.
    expect(new Recovery(101).acks(40, 0).acks(17, 1, { lost: 1 }).bounds).toEqual([59, 60]);
  });

  it('is passed in a leap when a tenth of the flight is lost at once', () => {
    expect(new Recovery(101).acks(40, 0).ack(1, { lost: 5 }).acks(16, 1).bounds).toEqual([55, 60]);
    expect(new Recovery(101).acks(40, 0).ack(1, { lost: 6 }).acks(16, 1).window.isKnown).toBe(false);
  });

  it('is not what a sender had that was silent for another reason, and then sends more', () => {
    const recovery = new Recovery(101).acks(40, 0).ack(3);
    expect(recovery.flight).toBe(62);
    expect(recovery.acks(17, 1).window.isKnown).toBe(false);
    // One more is a matter of rounding.
    expect(new Recovery(101).acks(40, 0).ack(2).acks(16, 1).window.isKnown).toBe(true);
  });

  it("is not known where the peer's window was in the way", () => {
    expect(new Recovery(101).acks(39, 0).ack(0).ack(1, { isFree: false }).acks(20, 1).window.isKnown).toBe(false);
    expect(new Recovery(101).acks(40, 0).acks(8, 1).ack(1, { isFree: false }).acks(20, 1).window.isKnown).toBe(false);
  });

  it('takes ACKs within 200 us together, as long as nothing is sent', () => {
    const bunch = (apart: number) => {
      const recovery = new Recovery(101).acks(40, 0);
      // Five ACKs at a time, and five segments after the last of them.
      for (let i = 0; i < 4; i++) recovery.ack(0).acks(3, 0, { apart }).ack(5, { apart });
      return recovery.ack(0);
    };
    expect(bunch(0.2 * MS - 1).bounds).toEqual([56, 60]);
    expect(bunch(0.2 * MS).window.isKnown).toBe(false);
  });

  it('is another one in the next recovery', () => {
    const recovery = new Recovery(101).acks(40, 0).acks(17, 1);
    recovery.window.begin();
    expect(recovery.window.isKnown).toBe(false);
    recovery.flight = 50;
    expect(recovery.acks(26, 0).acks(17, 1).bounds).toEqual([24, 24]);
  });
});
