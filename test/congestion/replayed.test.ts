/** What one sender's segments and the ACKs that it hears begin: each condition of `sender.ts` with one unit on either side. */
import { describe, expect, it, vi } from 'vitest';
import { SenderReplay } from '../../src/congestion/sender.ts';
import { CongestionStage } from '../../src/congestion/stage.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { ACK, ECE } from '../../src/model/flags.ts';
import { Ca } from '../../src/model/outbound.ts';
import { SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Cause, Kind, type Verdict } from '../../src/model/verdict.ts';

const MS = 1e6;

interface Given {
  mss?: number;
  sack?: boolean;
  peerSack?: boolean;
  /** The way from the capture to the sender and back (ms), of 90 more. */
  back?: number;
}

/** A sender with segments of 100 bytes and an initial window of ten, in a capture beside it. */
class One {
  readonly scoreboard = { outstanding: 0, highSacked: 0 };
  readonly peer = {
    mss: 100,
    sackPermitted: true,
    timestamps: false,
    seen: true,
    windowEdge: 100_000,
    outbound: { rtt: { min: 0 } },
  };
  readonly endpoint;
  readonly sender: SenderReplay;
  private now = 1000 * MS;
  next = 1;

  constructor({ mss = 100, sack = true, peerSack = true, back = 0 }: Given = {}) {
    Object.assign(this.peer, { mss, sackPermitted: peerSack });
    this.peer.outbound.rtt.min = back * MS;
    this.endpoint = {
      ...{ mss: 0, sackPermitted: sack, timestamps: false, sndUna: 1, sndNxt: 1, dataPackets: 10, peer: this.peer },
      outbound: { rtt: { min: 90 * MS, srtt: 90 * MS, rto: 300 * MS }, scoreboard: this.scoreboard, timeouts: 0 },
      connection: { sawHandshake: true, firstTime: 0 },
      violations: null,
    };
    Object.assign(this.peer, { peer: this.endpoint });
    this.sender = new SenderReplay(this.endpoint as unknown as Endpoint, this.view());
  }

  private view(fields: Partial<SegmentView> = {}): SegmentView {
    return Object.assign(new SegmentView(), { flags: ACK, time: this.now, frame: 1, ...fields });
  }

  /** One segment of `length` bytes leaves. */
  sends(length = 100, verdict: Partial<Verdict> | null = null, seq = this.next): this {
    const end = seq + length;
    if (end > this.next) this.scoreboard.outstanding += end - this.next;
    this.next = Math.max(this.next, end);
    const view = this.view({ payloadLength: length });
    this.sender.departs({ seq, end } as TrackedSegment, view, verdict as Verdict | null);
    return this;
  }

  times(count: number, length = 100): this {
    for (let i = 0; i < count; i++) this.sends(length);
    return this;
  }

  /** An ACK of all below `ack`, `ms` later. */
  hears(ack: number, effect: object = {}, flags = ACK, ms = 100): this {
    this.now += ms * MS;
    const una = this.sender.view.una;
    const advanced = Math.max(ack - una, 0);
    this.scoreboard.outstanding = Math.max(this.scoreboard.outstanding - advanced, 0);
    const none = { newlySacked: 0, duplicate: false, dsack: false, dsackEnd: 0, frame: 0, time: 0 };
    const t = { ack, effect: { ...none, advanced, ...effect } } as unknown as TrackedSegment;
    this.sender.hears(t, this.view({ flags }));
    return this;
  }

  get inside() {
    return this.sender as unknown as {
      replay: SenderReplay['awake'] | null;
      identity: object | null;
      reductions: { isRepairing: boolean; sends(isNew: boolean): void };
      isConcluded: boolean;
    };
  }
}

const RETRANSMISSION = { kind: Kind.RETRANSMISSION, cause: Cause.FAST };

describe('a sender', () => {
  it('has SACK where both ends permitted it, or a block has come', () => {
    const of = (given: Given) => new One(given).sender.sack;
    expect([of({}), of({ sack: false }), of({ peerSack: false })]).toEqual([true, false, false]);
    const told = (effect: object) => new One({ sack: false }).times(10).hears(1, effect).sender.sack;
    expect([told({ duplicate: true }), told({ newlySacked: 1 })]).toEqual([false, true]);
    const learned = new One({ sack: false }).times(10).hears(1, { newlySacked: 100, duplicate: true });
    learned.sends(100, RETRANSMISSION, 1);
    expect(learned.sender.awake.models.all).toHaveLength(2);
  });

  it('without an MSS option has the largest segment that was seen', () => {
    const smss = (mss: number) => new One({ mss }).sends(1000).sender.smss;
    expect([smss(0), smss(1), smss(100)]).toEqual([1000, 64, 100]);
  });

  it('is not settled, and waits while a byte is outstanding', () => {
    const one = new One();
    expect([one.sender.isSettled, one.sender.isWaiting]).toEqual([false, false]);
    expect(one.sends(1).sender.isWaiting).toBe(true);
  });

  it('times out after its RTO, and the way from the capture to it and back', () => {
    expect([new One().sender.timeout, new One({ back: 40 }).sender.timeout]).toEqual([300 * MS, 340 * MS]);
  });
});

describe('the replay begins', () => {
  const begun = (one: One) => one.inside.replay !== null;

  it('when more than half the initial window is in flight', () => {
    expect([begun(new One().times(5)), begun(new One().times(6))]).toEqual([false, true]);
  });

  it('with an ACK that tells more than what has arrived in order', () => {
    const one = () => new One().times(2);
    expect(begun(one().hears(101))).toBe(false);
    expect(begun(one().hears(1))).toBe(false);
    expect(begun(one().hears(1, { duplicate: true }))).toBe(true);
    expect(begun(one().hears(1, { newlySacked: 1 }))).toBe(true);
    expect(begun(one().hears(101, { dsack: true }))).toBe(true);
    expect(begun(one().hears(101, {}, ACK | ECE))).toBe(true);
    // It may answer a tail loss probe.
    const probed = one().sends(100, { kind: Kind.RETRANSMISSION, cause: Cause.TLP }, 101);
    expect(begun(probed.hears(101))).toBe(true);
  });

  it('not at the end, where nothing was lost', () => {
    const one = new One().times(2).hears(201);
    one.sender.conclude(5000 * MS);
    expect(begun(one)).toBe(false);
  });
});

describe('a segment that takes sequence space', () => {
  const staged = (verdict: Partial<Verdict> | null, dataPackets = 6) => {
    const { endpoint, peer } = new One();
    const sender = Object.assign(endpoint, { congestion: null, dataPackets, unansweredCopies: 0 });
    const t = { sender, receiver: Object.assign(peer, { congestion: null }), verdict, ack: -1, seq: 1, end: 2 };
    new CongestionStage().segment(t as unknown as TrackedSegment, new SegmentView());
    return sender.congestion !== null;
  };

  it('begins it, the sixth or one that is sent again; a probe does not', () => {
    expect([staged(null), staged(null, 5), staged({ kind: Kind.RETRANSMISSION }, 5)]).toEqual([true, false, true]);
    expect([staged({ kind: Kind.KEEP_ALIVE }), staged({ kind: Kind.WINDOW_PROBE })]).toEqual([false, false]);
  });
});

describe('what is sent', () => {
  it('is a retransmission below SND.NXT only: what the capture has missed is new', () => {
    const episodes = (seq: number) => new One().times(10).sends(100, RETRANSMISSION, seq).sender.episodes.length;
    expect([episodes(1), episodes(901), episodes(1001)]).toEqual([1, 1, 0]);
    // New data with some old bytes is none.
    const both = new One().times(10).sends(200, null, 901);
    expect([both.sender.episodes.length, both.sender.view.sndNxt]).toEqual([0, 1101]);
  });

  it('is full from nine tenths of a segment on', () => {
    const full = (length: number) => {
      const one = new One().times(10);
      const sends = vi.spyOn(one.sender.awake.observer, 'sends');
      one.sends(length);
      return sends.mock.calls[0][1];
    };
    expect([full(90), full(89)]).toEqual([true, false]);
  });

  it('goes to the repair that lasts, new or not, but not after a timeout', () => {
    const told = (ca: number, seq?: number) => {
      const one = new One().times(10);
      one.sender.losses.ca = ca;
      const calls: boolean[] = [];
      one.inside.reductions.sends = (isNew) => void calls.push(isNew);
      one.sends(100, null, seq);
      return calls;
    };
    expect([told(Ca.RECOVERY), told(Ca.RECOVERY, 901), told(Ca.CWR)]).toEqual([[true], [false], [true]]);
    expect([told(Ca.LOSS), told(Ca.OPEN)]).toEqual([[], []]);
  });
});

describe('a round', () => {
  it('of four segments may show who the sender is', () => {
    const known = (count: number) => {
      const one = new One().times(6).hears(101);
      // It is over when what had been sent at its beginning is acknowledged.
      one.times(count).hears(601).hears(601, { duplicate: true });
      return one.inside.identity !== null;
    };
    expect([known(4), known(3)]).toEqual([true, false]);
  });

  it('is free while nothing is repaired and the peer has room for two segments more', () => {
    const free = (edge: number, ca: number = Ca.OPEN) => {
      const one = new One().times(10);
      // The edge before an ACK counts for it.
      one.peer.windowEdge = edge;
      one.sender.awake.observer.next({ now: 0, sndNxt: 5000 });
      Object.assign(one.sender.losses, { ca, recover: 5000 });
      return one.hears(101).sender.awake.observer.round.free;
    };
    expect([free(1201), free(1200), free(1201, Ca.CWR)]).toEqual([true, false, false]);
  });

  it('lowers the models to what it shows, be it one segment', () => {
    const one = new One().times(10);
    const { observer, models } = one.sender.awake;
    const lower = vi.spyOn(models, 'lower');
    const shows = (shown: number) => {
      vi.spyOn(observer, 'hears').mockImplementation(() => void Object.assign(observer, { shown }));
      one.hears(1, { duplicate: true });
      return lower.mock.calls.splice(0).map(([inFlight]) => inFlight);
    };
    expect([shows(0), shows(1)]).toEqual([[], [1]]);
  });

  it('of a repair is what its window is told by', () => {
    const settled = (ca: number) => {
      const one = new One().times(10).sends(100, RETRANSMISSION, 1);
      one.sender.losses.ca = ca;
      const settles = vi.spyOn(one.sender.awake.recovery, 'settles');
      one.hears(1, { newlySacked: 100 });
      return settles.mock.calls.length;
    };
    expect([settled(Ca.RECOVERY), settled(Ca.OPEN)]).toEqual([1, 0]);
  });
});

describe('what holds it back', () => {
  const held = (inFlight: number, change: (one: One) => void = () => {}) => {
    const one = new One().times(10);
    one.sender.awake.models.best.cwnd = 100;
    one.sender.view.inFlight = inFlight;
    one.sender.view.edge = 5000;
    change(one);
    return [one.sender.isHeldByApplication, one.sender.isHeldByReceiver];
  };
  const isAtEdge = (one: One) => void Object.assign(one.sender.view, { edge: one.next + 199 });
  const isRepairing = (one: One) => void Object.assign(one.sender.losses, { ca: Ca.RECOVERY });

  it('is the application below 85 of 100 segments, but for one', () => {
    expect([held(83), held(84)]).toEqual([
      [true, false],
      [false, false],
    ]);
  });

  it('is the receiver where it has no room for two segments, and nobody while something is repaired', () => {
    expect(held(10, isAtEdge)).toEqual([false, true]);
    expect(held(10, isRepairing)).toEqual([false, false]);
    const both = (one: One) => [isAtEdge, isRepairing].forEach((change) => void change(one));
    expect(held(10, both)).toEqual([false, false]);
  });

  it('is not the application of a sender that paces a stream', () => {
    const paces = (one: One) => void Object.assign(one.sender, { identity: { rateBased: { paces: true } } });
    expect(held(10, paces)).toEqual([false, false]);
  });

  it('is the application of one that never had half of its window under way', () => {
    expect(new One().sends().sender.isHeldByApplication).toBe(true);
  });
});

describe('the end', () => {
  const concluded = (ack: number, ms: number) => {
    const one = new One().times(10).hears(ack);
    const { now } = one.sender;
    one.sender.conclude(now + ms * MS);
    return (one.sender.now - now) / MS;
  };

  it('lets time pass for a sender that waits', () => {
    expect([concluded(1000, 500), concluded(1001, 500)]).toEqual([500, 0]);
    expect(concluded(901, -1)).toBe(0);
  });

  it('comes once', () => {
    const one = new One().times(10);
    const refresh = vi.spyOn(one.sender, 'refresh');
    one.sender.conclude(5000 * MS);
    one.sender.conclude(6000 * MS);
    expect([refresh.mock.calls.length, one.sender.now]).toEqual([1, 5000 * MS]);
  });
});
