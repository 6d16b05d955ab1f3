/** What a segment that takes sequence space is: each condition of `departures.ts` with an example on either side. */

import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/model/connection.ts';
import { ACK, SYN } from '../../src/model/flags.ts';
import { Ca } from '../../src/model/outbound.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Question } from '../../src/model/row.ts';
import type { SegmentView } from '../../src/model/segment.ts';
import { TrackedSegment } from '../../src/model/tracked.ts';
import {
  CAUSE_NAMES,
  type Contradiction,
  FATE_NAMES,
  KIND_NAMES,
  type Verdict,
  verdictOf,
} from '../../src/model/verdict.ts';
import { Departures } from '../../src/verdict/departures.ts';
import { Outbound } from '../../src/verdict/outbound.ts';
import type { RecentPackets } from '../../src/verdict/recent.ts';
import { TransmissionPool } from '../../src/verdict/transmission.ts';
import { stamped, view } from '../support/segments.ts';

const MS = 1e6;
const ROW = new Question();

/** One sender, from the middle of its connection; each segment has a frame of its own. Times are milliseconds. */
class Sending {
  readonly connection = new Connection(0, view({ srcPort: 40000, dstPort: 80 }), null);
  readonly sender = this.connection.a;
  readonly receiver = this.connection.b;
  readonly outbound: Outbound;
  contradiction: Contradiction | null = null;
  /** The latest segment. */
  readonly t = new TrackedSegment();
  private readonly departures: Departures;
  private next = 1;
  private frame = 0;

  constructor() {
    const pool = new TransmissionPool();
    this.outbound = new Outbound(pool);
    this.sender.outbound = this.outbound;
    this.receiver.outbound = new Outbound(pool);
    this.sender.packets = 2;
    this.sender.sndUna = 1;
    const recent = { contradiction: () => this.contradiction } as unknown as RecentPackets;
    this.departures = new Departures(pool, recent);
  }

  /** The receiver answers after `there`, seen from the capture, and the sender after `back`. */
  rounds(there: number, back: number): this {
    this.outbound.rtt.take(there * MS, false);
    (this.receiver.outbound as Outbound).rtt.take(back * MS, false);
    return this;
  }

  /** The next number is `next`: what lies below was not captured, or left long ago. */
  stands(next: number): this {
    this.next = next;
    return this;
  }

  private track(seq: number, end: number, segment: SegmentView, ms: number): SegmentView {
    const { t } = this;
    t.begin();
    Object.assign(t, { connection: this.connection, sender: this.sender, receiver: this.receiver });
    Object.assign(t, { seq, end, previousSndNxt: this.next });
    segment.time = ms * MS;
    segment.frame = ++this.frame;
    if (segment.flags === 0) segment.flags = ACK;
    segment.payloadLength = end - seq - (segment.flags & SYN ? 1 : 0);
    return segment;
  }

  send(seq: number, end: number, ms: number, segment = view({ ipVersion: 6 })): Verdict {
    this.track(seq, end, segment, ms);
    const verdict = this.departures.sends(this.t, segment, ROW, this.outbound);
    this.outbound.order++;
    this.outbound.clocks.note(segment);
    this.outbound.lastSentTime = segment.time;
    this.next = Math.max(this.next, end);
    return verdict!;
  }

  admit(seq: number, end: number, ms: number): Verdict {
    const verdict = verdictOf(0);
    const segment = this.track(seq, end, view({ ipVersion: 6 }), ms);
    this.departures.admits(this.t, segment, ROW, this.outbound, verdict);
    this.next = Math.max(this.next, end);
    return verdict;
  }
}

const kind = ({ kind }: Verdict) => KIND_NAMES[kind];
const fate = ({ fate }: Verdict) => FATE_NAMES[fate];
const causeOf = ({ cause }: Verdict) => CAUSE_NAMES[cause];
const at = (tsVal: number, fields: Partial<SegmentView> = {}) => stamped(tsVal, { ipVersion: 6, ...fields });

describe('one byte into a closed window (RFC 9293 section 3.8.6.1)', () => {
  const probing = (end: number, zeroWindow = true, seq = 101) => {
    const one = new Sending();
    one.send(1, 101, 0);
    one.outbound.feedback.zeroWindow = zeroWindow;
    return [one, one.send(seq, end, 500)] as const;
  };

  it('is a probe at SND.NXT, and no more than one byte, elsewhere, or in an open window', () => {
    expect(kind(probing(102)[1])).toBe('window-probe');
    expect(kind(probing(103)[1])).toBe('new');
    expect(kind(probing(102, false)[1])).toBe('new');
    expect(kind(probing(101, true, 100)[1])).toBe('retransmission');
    expect(kind(probing(103, true, 102)[1])).toBe('new');
  });

  it('is one again, and the first of new data when the window has opened', () => {
    const again = probing(102)[0];
    expect(kind(again.send(101, 102, 900))).toBe('window-probe');
    expect(again.outbound.scoreboard.firstIn(101, 102)?.copies).toHaveLength(1);
    again.outbound.feedback.zeroWindow = false;
    expect(kind(again.send(101, 102, 1900))).toBe('retransmission');
    const opened = probing(102)[0];
    opened.outbound.feedback.zeroWindow = false;
    expect(kind(opened.send(101, 103, 900))).toBe('new');
    expect(kind(opened.send(101, 103, 1900))).toBe('retransmission');
  });
});

describe('SYNs', () => {
  it('a SYN,ACK that repeats the number of the SYN is new (RFC 9293 Figure 7), and sent again it is not', () => {
    const one = new Sending().stands(0);
    const synAck = () => view({ ipVersion: 6, flags: SYN | ACK });
    expect(kind(one.send(0, 1, 0, view({ ipVersion: 6, flags: SYN })))).toBe('new');
    expect([kind(one.send(0, 1, 10, synAck())), kind(one.send(0, 1, 1500, synAck()))]).toEqual([
      'new',
      'retransmission',
    ]);
  });

  it('that was captured after its answer is late while its timer cannot have expired', () => {
    const late = (ms: number) => {
      const one = new Sending().stands(1);
      one.connection.synAckTime = 1000 * MS;
      const syn = () => view({ ipVersion: 6, flags: SYN });
      const first = one.send(0, 1, 1000 + ms, syn());
      return [kind(first), first.depth, first.lateness / MS, kind(one.send(0, 1, 1000 + ms, syn()))];
    };
    expect(late(99)).toEqual(['reordered', 1, 99, 'retransmission']);
    expect(late(100)[0]).toBe('retransmission');
  });
});

describe('a segment below SND.NXT that was seen', () => {
  /** A repeat of it was seen first: with this TSval. */
  const afterRepeat = (there = 10, back = 10) => {
    const one = new Sending().rounds(there, back).stands(101);
    one.send(1, 101, 0, at(100));
    one.send(101, 201, 1, at(100));
    return one;
  };

  it('is late where it was sent before what was seen, and sent again where it was not', () => {
    expect(kind(afterRepeat().send(101, 201, 2, at(99)))).toBe('reordered');
    expect(kind(afterRepeat().send(101, 201, 2, at(101)))).toBe('retransmission');
  });

  it('is a repeat that was overtaken where it answers what told of the hole', () => {
    const told = (tsEcr: number, from: number, to: number, toldTsVal = 50) => {
      const one = afterRepeat();
      Object.assign(one.outbound.feedback, { toldTsVal, toldFrom: from, toldTo: to });
      return one.send(101, 201, 2, at(99, { tsEcr }));
    };
    expect([told(49, 101, 201), told(50, 101, 201), told(51, 101, 201)].map(kind)).toEqual([
      ...['reordered', 'retransmission', 'retransmission'],
    ]);
    expect([told(50, 102, 201), told(50, 101, 200), told(50, 100, 202)].map(kind)).toEqual([
      ...['reordered', 'reordered', 'retransmission'],
    ]);
    expect([told(0, 101, 201, 0), told(0, 101, 201, -1)].map(kind)).toEqual(['retransmission', 'reordered']);
    expect(told(50, 101, 201)).toMatchObject({ confidence: 0.8, original: 2, spurious: false });
    expect(causeOf(told(50, 101, 201))).toBe('fast');
  });

  it('beside the receiver such a repeat is needless, and it arrived', () => {
    const one = afterRepeat(2, 9);
    Object.assign(one.outbound.feedback, { toldTsVal: 50, toldFrom: 101, toldTo: 201 });
    const verdict = one.send(101, 201, 2, at(99, { tsEcr: 50 }));
    expect([verdict.spurious, fate(verdict)]).toEqual([true, 'delivered']);
  });

  it('holds other bytes where the sums of the same range differ', () => {
    const differs = (first: number, second: number, start = 1) => {
      const one = new Sending();
      one.send(1, 101, 0, view({ ipVersion: 6, payloadSum: first }));
      return one.send(start, 101, 500, view({ ipVersion: 6, payloadSum: second })).differs;
    };
    expect([differs(5, 5), differs(5, 6), differs(0, 6), differs(6, 0)]).toEqual([false, true, true, true]);
    expect([differs(-1, 6), differs(6, -1), differs(5, 6, 2)]).toEqual([false, false, false]);
  });

  it('has no cause where an earlier packet held other bytes', () => {
    const one = new Sending().rounds(10, 1);
    one.send(1, 101, 0);
    one.contradiction = { frame: 1 } as Contradiction;
    const verdict = one.send(1, 101, 500);
    expect([kind(verdict), causeOf(verdict), verdict.differs]).toEqual(['retransmission', 'unknown', true]);
    one.contradiction = null;
    expect(causeOf(one.send(1, 101, 1500))).toBe('rto');
  });
});

describe('a late original', () => {
  const late = (there: number, repeated: boolean, awaiting: [number, number][] = []) => {
    const one = new Sending().rounds(there, 9).stands(101);
    // Bytes 101 to 201 were not captured when they were sent first.
    one.send(201, 301, 0, at(100));
    const filled = one.send(101, 201, 50, repeated ? at(150) : at(99));
    const waits = awaiting.map(([start, end], i) => {
      const sendings = [verdictOf(0), verdictOf(0)].map((verdict, j) => ({
        frame: 70 + 2 * i + j,
        time: (5 + j) * MS,
        tsVal: -1,
        verdict,
        row: null,
      }));
      one.outbound.dsackWaits.add(start, end, 0, sendings, false);
      return sendings;
    });
    const verdict = one.send(101, 201, 60, at(98));
    return { verdict, filled, waits };
  };

  it('makes what was sent again before it needless, beside the receiver', () => {
    const { verdict, filled } = late(2, true);
    expect([kind(filled), kind(verdict), fate(verdict)]).toEqual(['retransmission', 'reordered', 'delivered']);
    expect(verdict).toMatchObject({ original: 2, lateness: 10 * MS });
    expect([filled.spurious, late(9, true).filled.spurious]).toEqual([true, false]);
  });

  it('says nothing of what was late itself', () => {
    const { verdict, filled } = late(2, false);
    expect([kind(filled), verdict.original, filled.spurious]).toEqual(['reordered', 0, false]);
  });

  it('makes the latest of what waits for a D-SACK needless, where it holds a byte of it', () => {
    const marked = (start: number, end: number) => {
      const { verdict, waits } = late(2, false, [[start, end]]);
      return [verdict.original, verdict.lateness / MS, ...waits[0].map(({ verdict }) => verdict.spurious)];
    };
    expect(marked(101, 201)).toEqual([71, 54, false, true]);
    expect([marked(200, 300)[0], marked(201, 300)[0], marked(50, 101)[0], marked(50, 102)[0]]).toEqual([71, 0, 0, 71]);
    expect(
      late(2, false, [
        [101, 150],
        [150, 201],
      ]).waits.map(([, last]) => last.verdict.spurious),
    ).toEqual([true, true]);
  });
});

describe('a segment beyond SND.NXT', () => {
  it('leaves a hole, but for the first of an end that was met in its middle', () => {
    const holes = (packets: number, sawHandshake: boolean) => {
      const one = new Sending();
      one.sender.packets = packets;
      one.connection.sawHandshake = sawHandshake;
      one.send(101, 201, 0);
      return one.outbound.hasHoles;
    };
    expect([holes(1, false), holes(2, false), holes(1, true)]).toEqual([false, true, true]);
  });

  it('leaves what was acknowledged before it was found, from SND.NXT on, apart from the rest', () => {
    const acked = (lastAck: number) => {
      const one = new Sending();
      one.receiver.lastAck = lastAck;
      one.send(101, 201, 0);
      const { holes } = one.outbound;
      return [holes.in(1, 2), holes.in(100, 101)].map((hole) => [hole?.start, hole?.end, hole?.isAcked]);
    };
    const none = [1, 101, false];
    expect(acked(1)).toEqual([none, none]);
    expect(acked(2)).toEqual([
      [1, 2, true],
      [2, 101, false],
    ]);
    expect([acked(101), acked(250)]).toEqual([
      [
        [1, 101, true],
        [1, 101, true],
      ],
      [
        [1, 101, true],
        [1, 101, true],
      ],
    ]);
  });

  it('shows how far its sender had come when it heard of a hole, once', () => {
    const one = new Sending();
    one.outbound.feedback.reports(at(50), 1, -1);
    one.send(1, 101, 0, at(1, { tsEcr: 49 }));
    expect(one.outbound.feedback.toldTo).toBe(Number.POSITIVE_INFINITY);
    one.send(101, 201, 1, at(1, { tsEcr: 50 }));
    one.send(201, 301, 2, at(1, { tsEcr: 51 }));
    expect(one.outbound.feedback.toldTo).toBe(101);
  });

  it('after a lone one shows a timeout, half a round trip later at the least', () => {
    const lone = (ms: number, between = false) => {
      const one = new Sending().rounds(10, 2);
      one.send(1, 101, 0);
      const alone = one.send(101, 201, 1000);
      if (between) one.send(201, 301, 1001);
      one.outbound.ca.timeouts = 3;
      one.send(901, 1001, 1000 + ms);
      const { state, recoveryPoint, timeouts } = one.outbound.ca;
      return [kind(alone), causeOf(alone), alone.confidence, state, recoveryPoint, timeouts];
    };
    expect(lone(6)).toEqual(['retransmission', 'rto', 0.8, Ca.LOSS, 901, 0]);
    expect(lone(5.9)[0]).toBe('new');
    expect(lone(100, true)[0]).toBe('new');
  });
});

describe('a hole after a silence', () => {
  const opened = (ms: number, sent = true) => {
    const one = new Sending();
    if (sent) one.send(1, 101, 0);
    else one.stands(101).outbound.lastDataTime = 0;
    one.send(901, 1001, ms);
    return one.outbound.ca.unseenTimeoutTo;
  };

  it('as long as a timeout may hold one, where something waited for its acknowledgment', () => {
    expect([opened(180), opened(181), opened(181, false)]).toEqual([
      Number.NEGATIVE_INFINITY,
      901,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it('held none where the first copy of all that lies in it comes late', () => {
    const filled = (end: number) => {
      const one = new Sending();
      one.send(1, 101, 0);
      one.send(901, 1001, 300);
      const { kind } = one.send(101, end, 300.01);
      return [KIND_NAMES[kind], one.outbound.ca.unseenTimeoutTo];
    };
    expect(filled(901)).toEqual(['reordered', Number.NEGATIVE_INFINITY]);
    expect(filled(900)).toEqual(['reordered', 901]);
  });
});

describe('what fills a hole, with no clock to tell', () => {
  interface Case {
    /** When it comes: the hole was opened at 100 ms, after data at 90 ms. */
    ms: number;
    there?: number;
    back?: number;
    recovering?: boolean;
    ended?: number;
    highRxt?: number;
    sentBetween?: boolean;
  }
  const fills = (of: Case) => {
    const one = new Sending();
    if (of.there !== undefined) one.rounds(of.there, of.back!);
    one.send(1, 101, 0);
    one.send(101, 201, 90);
    one.send(301, 401, 100);
    const { ca } = one.outbound;
    if (of.recovering) ca.enter(Ca.RECOVERY, 401, 0);
    if (of.ended !== undefined) ca.episodeEnd = of.ended * MS;
    ca.highRxt = of.highRxt ?? 201;
    ca.highRxtOrder = one.outbound.order - (of.sentBetween ? 2 : 1);
    return kind(one.send(201, 301, of.ms));
  };
  const [late, again] = ['reordered', 'retransmission'];

  it('is late for 2.7 ms where no answer was seen', () => {
    expect([fills({ ms: 102.699 }), fills({ ms: 102.7 })]).toEqual([late, again]);
  });

  it('is late for nine tenths of the way to the sender and back, or of half the round trip', () => {
    expect([fills({ ms: 108.99, there: 2, back: 10 }), fills({ ms: 109, there: 2, back: 10 })]).toEqual([late, again]);
    expect([fills({ ms: 105.39, there: 10, back: 2 }), fills({ ms: 105.4, there: 10, back: 2 })]).toEqual([
      late,
      again,
    ]);
  });

  it('was captured late where its ACK passed no longer before it than half a round trip', () => {
    const byCapture = (sndUna: number, since: number) => {
      const one = new Sending().rounds(2, 10);
      one.send(1, 101, 0);
      one.send(201, 301, 100);
      one.sender.sndUna = sndUna;
      one.outbound.feedback.lastEffect = (107 - since) * MS;
      const verdict = one.send(101, 201, 107);
      return [kind(verdict), verdict.byCapture];
    };
    expect([byCapture(201, 6), byCapture(201, 6.001), byCapture(200, 6)]).toEqual([
      [late, true],
      [late, false],
      [late, false],
    ]);
  });

  it('goes on with a repair right before it, when nine tenths of a round trip have passed since the data before the hole', () => {
    const of = { ms: 101, there: 10, back: 2, recovering: true };
    expect(fills(of)).toBe(again);
    expect(fills({ ...of, recovering: false })).toBe(late);
    expect([fills({ ...of, highRxt: 200 }), fills({ ...of, highRxt: 202 })]).toEqual([again, late]);
    expect(fills({ ...of, sentBetween: true })).toBe(late);
    // Nine tenths of 12 ms.
    expect([fills({ ...of, ms: 100.79 }), fills({ ...of, ms: 100.8 })]).toEqual([late, again]);
  });

  it('beside the receiver the repair may just have ended: 1.2 round trips ago', () => {
    const of = { ms: 101, there: 2, back: 10 };
    expect([fills({ ...of, ended: 101 - 14.39 }), fills({ ...of, ended: 101 - 14.4 })]).toEqual([again, late]);
    expect(fills({ ...of, there: 3, ended: 100 })).toBe(late);
    expect([fills({ ...of, ended: 0 }), fills({ ms: 14, there: 2, back: 10 })]).toEqual([late, late]);
  });

  it('shows of a segment that ends where the hole does that it had been sent', () => {
    const evidence = (seq: number, end: number) => {
      const one = new Sending();
      one.send(101, 201, 7);
      one.send(seq, end, 8);
      return [one.t.firstEvidenceFrame, one.t.firstEvidenceTime];
    };
    expect([evidence(1, 101), evidence(50, 101)]).toEqual([
      [1, 7 * MS],
      [1, 7 * MS],
    ]);
    expect([evidence(1, 100)[0], evidence(1, 102)[0]]).toEqual([0, 0]);
  });

  it('has arrived where all of it was acknowledged before', () => {
    const filled = (una: number) => {
      const one = new Sending();
      one.send(101, 201, 7);
      one.sender.sndUna = una;
      return [fate(one.send(1, 101, 8)), one.outbound.scoreboard.firstIn(1, 101)?.start];
    };
    expect([filled(100), filled(101), filled(1)]).toEqual([
      ['unknown', 100],
      ['delivered', undefined],
      ['unknown', 1],
    ]);
  });
});

describe('what was sent again beside the receiver', () => {
  interface Case {
    sackedAt?: number;
    lastReport?: number;
    highSacked?: number;
    una?: number;
    end?: number;
  }
  /** Bytes 101 to 201, seen at 10 ms; the receiver answers after 2 ms. */
  const repeat = (of: Case) => {
    const one = new Sending().rounds(2, 10);
    one.send(1, 101, 0);
    one.send(101, 201, 10);
    one.sender.sndUna = of.una ?? 1;
    const { scoreboard, feedback } = one.outbound;
    scoreboard.firstIn(101, 201)!.sackedAt = of.sackedAt ?? NEVER;
    scoreboard.highSacked = of.highSacked ?? 300;
    feedback.lastReport = (of.lastReport ?? 12.1) * MS;
    const verdict = one.send(101, of.end ?? 201, 500);
    expect(fate(verdict)).toBe('delivered');
    return verdict.spurious;
  };

  it('is needed where an ACK after it reports the hole', () => {
    expect(repeat({})).toBe(false);
    expect([repeat({ lastReport: 12 }), repeat({ lastReport: NEVER })]).toEqual([true, true]);
    expect([repeat({ sackedAt: 0 }), repeat({ sackedAt: 12 * MS })]).toEqual([true, true]);
    expect([repeat({ highSacked: 101 }), repeat({ highSacked: 102 })]).toEqual([true, false]);
    // What is next is missing, whatever was reported above it.
    expect([repeat({ highSacked: 0, una: 101 }), repeat({ highSacked: 0, una: 100 })]).toEqual([false, true]);
  });

  it('is needed where it brings new bytes', () => {
    expect([repeat({ lastReport: NEVER, end: 202 }), repeat({ lastReport: NEVER, end: 201 })]).toEqual([false, true]);
  });
});

describe('what was sent again after it was acknowledged', () => {
  it('is needless, and two round trips and the grace of a D-SACK may pass until that is reported', () => {
    const one = new Sending().rounds(10, 1);
    one.send(1, 101, 0);
    one.sender.sndUna = 101;
    const { scoreboard } = one.outbound;
    scoreboard.drop(scoreboard.oldest!);
    expect(scoreboard.isEmpty).toBe(true);
    const verdict = one.send(1, 101, 500, at(77));
    expect([kind(verdict), verdict.spurious, one.outbound.dsackWaits.length]).toEqual(['retransmission', true, 1]);
    const { start, end, deadline, sendings, wasSacked } = one.outbound.dsackWaits.at(0);
    expect([start, end, deadline / MS, wasSacked]).toEqual([1, 101, 500 + 20 + 200, true]);
    expect(sendings.map((sending) => [sending.frame, sending.time / MS, sending.tsVal])).toEqual([
      [0, NEVER, -1],
      [2, 500, 77],
    ]);
    expect(fate(sendings[0].verdict)).toBe('delivered');
  });
});

describe('a segment that was put aside and is taken after all', () => {
  it('is entered where it belongs', () => {
    const one = new Sending();
    one.send(1, 101, 0);
    one.admit(101, 201, 1);
    expect([one.outbound.hasHoles, one.outbound.scoreboard.firstIn(101, 201)?.frame]).toEqual([false, 2]);
    one.admit(301, 401, 2);
    expect(one.outbound.holes.in(0, 1000)).toMatchObject({ start: 201, end: 301 });
    one.admit(201, 301, 3);
    expect([one.outbound.holes.in(0, 1000), one.outbound.scoreboard.firstIn(201, 301)?.frame]).toEqual([null, 4]);
  });

  it('does not take the time of the latest data back', () => {
    const times = (ms: number) => {
      const one = new Sending();
      one.send(1, 101, 50);
      one.admit(101, 201, ms);
      return [one.outbound.lastDataTime / MS, one.outbound.lastNewTime / MS];
    };
    expect([times(40), times(60)]).toEqual([
      [50, 50],
      [60, 60],
    ]);
  });
});
