/** What the acknowledgments that a segment carries tell: each condition of `acks.ts` with an example on either side. */

import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/model/connection.ts';
import { ACK, FIN, RST, SYN } from '../../src/model/flags.ts';
import { NEVER } from '../../src/model/packed.ts';
import { Option, type SegmentView } from '../../src/model/segment.ts';
import { TrackedSegment } from '../../src/model/tracked.ts';
import { Fate, Kind, type Verdict, verdictOf } from '../../src/model/verdict.ts';
import { AckReader } from '../../src/verdict/acks.ts';
import { holeBefore } from '../../src/verdict/holes.ts';
import { Outbound } from '../../src/verdict/outbound.ts';
import { type Transmission, TransmissionPool } from '../../src/verdict/transmission.ts';
import { analyseScenario, fateText, verdictText } from '../support/analyze.ts';
import { view } from '../support/segments.ts';

const MS = 1e6;
/** RFC 7323 section 2.3. */
const LARGEST_WINDOW = 2 ** 30;

/** An end that has sent, and its peer, which acknowledges. Times are milliseconds. */
class Answered {
  readonly connection = new Connection(0, view({ srcPort: 40000, dstPort: 80 }), null);
  readonly receiver = this.connection.a;
  readonly sender = this.connection.b;
  readonly pool = new TransmissionPool();
  readonly outbound = new Outbound(this.pool);
  readonly t = new TrackedSegment();
  private readonly reader: AckReader;
  private frame = 0;

  constructor(keepsRoundTrips = false) {
    this.reader = new AckReader(keepsRoundTrips);
    this.receiver.outbound = this.outbound;
    this.sender.outbound = new Outbound(this.pool);
    Object.assign(this.receiver, { base: 5000, sndUna: 1, sndNxt: 1 });
    this.sender.rawWindow = 1000;
  }

  /** A first sending, with a verdict. */
  sent(start: number, end: number, ms: number, fields: Partial<Transmission> = {}): Transmission {
    const o = Object.assign(this.pool.take(), {
      start,
      end,
      time: ms * MS,
      frame: ++this.frame,
      verdict: verdictOf(Kind.NEW),
    });
    Object.assign(o, fields);
    this.outbound.scoreboard.add(o);
    this.receiver.sndNxt = Math.max(this.receiver.sndNxt, end);
    return o;
  }

  /** A copy of it. */
  again(start: number, end: number, ms: number): Verdict {
    const verdict = verdictOf(Kind.RETRANSMISSION);
    const copy = Object.assign(this.pool.take(), {
      start,
      end,
      time: ms * MS,
      frame: ++this.frame,
      isRetransmission: true,
      verdict,
    });
    this.outbound.scoreboard.addCopy(copy);
    return verdict;
  }

  /** The peer acknowledges, with these SACK blocks. */
  ack(
    ack: number,
    ms: number,
    blocks: [number, number][] = [],
    fields: Partial<SegmentView> = {},
  ): this['t']['effect'] {
    const { t } = this;
    t.begin();
    Object.assign(t, { connection: this.connection, sender: this.sender, receiver: this.receiver, ack });
    const segment = view({ flags: ACK, time: ms * MS, frame: ++this.frame, rawWindow: 1000, ...fields });
    if (blocks.length > 0) segment.options |= Option.SACK;
    segment.sackCount = blocks.length;
    for (const [i, [left, right]] of blocks.entries()) segment.sack.set([5000 + left, 5000 + right], 2 * i);
    this.reader.read(this.outbound, t, segment);
    if (ack > this.receiver.sndUna) this.receiver.sndUna = Math.min(ack, this.receiver.sndNxt);
    this.sender.rawWindow = segment.rawWindow;
    return t.effect;
  }

  get rtt() {
    const { sample, samples } = this.outbound.rtt;
    return samples === 0 ? null : sample / MS;
  }
}

const two = () => {
  const one = new Answered();
  one.sent(1, 101, 0);
  one.sent(101, 201, 5);
  return one;
};

describe('a round trip (RFC 6298 section 3)', () => {
  const after = (one: Answered, ack: number, ms: number, blocks: [number, number][] = []) => {
    one.ack(ack, ms, blocks);
    return one.rtt;
  };

  it('is that of the oldest segment that is newly acknowledged and was sent once', () => {
    expect([after(two(), 101, 20), after(two(), 201, 20), after(two(), 100, 20), after(two(), 1, 20)]).toEqual([
      20,
      20,
      null,
      null,
    ]);
    expect(after(two(), 101, 0)).toBe(0);
    const copied = two();
    copied.again(1, 101, 10);
    expect(after(copied, 201, 20)).toBe(15);
    const repeat = new Answered();
    repeat.sent(1, 101, 0, { isRetransmission: true });
    repeat.sent(101, 201, 5);
    expect(after(repeat, 201, 20)).toBe(15);
    const sacked = new Answered();
    sacked.sent(1, 101, 0, { sackedAt: 0 });
    sacked.sent(101, 201, 5);
    expect(after(sacked, 201, 20)).toBe(15);
  });

  it('is shown by SACK blocks, where the ACK itself shows none', () => {
    expect(after(two(), 1, 20, [[101, 201]])).toBe(15);
    expect(after(two(), 101, 20, [[101, 201]])).toBe(20);
    const copied = two();
    copied.again(101, 201, 10);
    expect(after(copied, 1, 20, [[101, 201]])).toBeNull();
    const blocks = new Answered();
    for (const i of [0, 1, 2, 3]) blocks.sent(1 + 100 * i, 101 + 100 * i, i);
    // The first block tells of the latest.
    expect(
      after(blocks, 1, 20, [
        [301, 401],
        [101, 201],
      ]),
    ).toBe(17);
    const one = new Answered();
    for (const i of [0, 1, 2]) one.sent(1 + 100 * i, 101 + 100 * i, i);
    expect(after(one, 1, 20, [[101, 301]])).toBe(19);
    const first = new Answered();
    first.sent(1, 101, 0);
    first.sent(101, 201, 0);
    expect(after(first, 1, 0, [[101, 201]])).toBe(0);
  });

  it('is kept where all are asked for', () => {
    for (const keeps of [true, false]) {
      const one = new Answered(keeps);
      one.sent(1, 101, 0);
      one.ack(101, 20);
      expect(one.outbound.rtt.roundTrips?.count ?? 0).toBe(keeps ? 1 : 0);
    }
  });
});

describe('the cumulative acknowledgment', () => {
  it('says how much is new, and whether the capture has seen it', () => {
    const told = (ack: number) => {
      const { advanced, unseen } = two().ack(ack, 20);
      return [advanced, unseen];
    };
    expect([told(1), told(51), told(201), told(202)]).toEqual([
      [0, false],
      [50, false],
      [200, false],
      [201, true],
    ]);
  });

  it('of what was sent before the capture began moves the edge up only', () => {
    const one = new Answered();
    one.receiver.sndUna = -1;
    const edge = (ack: number) => {
      const { advanced } = one.ack(ack, 20);
      return [one.outbound.earlyUna, advanced];
    };
    expect([edge(-50), edge(-60), edge(-50), edge(-49), edge(1)]).toEqual([
      [-50, 0],
      [-50, 0],
      [-50, 0],
      [-49, 1],
      [-49, 50],
    ]);
  });

  it('delivers what it covers, and names the packet whose arrival completed that', () => {
    const one = two();
    const [first, second] = [1, 101].map((start) => one.outbound.scoreboard.firstIn(start, start + 1)!.verdict!);
    expect(one.ack(101, 20)).toMatchObject({ frame: 1, time: 0 });
    expect([first.fate, second.fate]).toEqual([Fate.DELIVERED, Fate.UNKNOWN]);
    expect(one.ack(201, 21)).toMatchObject({ frame: 2, time: 5 * MS });
    // What was selectively acknowledged had arrived before.
    const sacked = two();
    sacked.ack(1, 20, [[101, 201]]);
    expect(sacked.ack(201, 21)).toMatchObject({ frame: 1 });
  });

  it('of a range with copies names the one that arrived', () => {
    const one = two();
    one.again(1, 101, 500);
    expect(one.ack(201, 520)).toMatchObject({ frame: 3, time: 500 * MS });
    const waiting = two();
    waiting.outbound.dsackWaits.add(
      0,
      1,
      900 * MS,
      [{ frame: 9, time: 1, tsVal: -1, verdict: Object.assign(verdictOf(0), { fate: Fate.DELIVERED }), row: null }],
      false,
    );
    expect(waiting.ack(201, 20)).toMatchObject({ frame: 2 });
  });

  it('shows that a hole of the capture below it has arrived', () => {
    const shown = (ack: number, blocks: [number, number][] = []) => {
      const one = new Answered();
      one.sent(201, 301, 0);
      one.outbound.holes.open(holeBefore(1, 201, view({}), 0, 0, false));
      return one.ack(ack, 20, blocks).shownHoles.length;
    };
    expect([shown(200), shown(201), shown(1, [[1, 301]]), shown(1, [[201, 301]])]).toEqual([0, 1, 1, 0]);
  });

  it('of the SYN alone leaves its data to be sent again (RFC 7413 section 4.2.2)', () => {
    const answered = (ack: number, flags: number, copied = false, start = 0) => {
      const one = new Answered();
      one.receiver.sndUna = start;
      const syn = one.sent(start, 11, 0);
      const verdict = syn.verdict!;
      if (copied) one.again(start, 11, 5);
      one.ack(ack, 20, [], { flags });
      return [
        syn.refusedBy > 0,
        one.outbound.scoreboard.oldest?.start ?? null,
        verdict.fate === Fate.DELIVERED,
        one.rtt,
      ];
    };
    expect(answered(1, SYN | ACK)).toEqual([true, 1, true, 20]);
    expect(answered(1, ACK)).toEqual([false, 1, false, null]);
    expect(answered(2, SYN | ACK)).toEqual([false, 2, false, null]);
    expect(answered(1, SYN | ACK, true)[0]).toBe(false);
    expect(answered(11, SYN | ACK)).toEqual([false, null, true, 20]);
  });
});

describe('SACK blocks (RFC 2018 section 3)', () => {
  const news = (ack: number, ...blocks: [number, number][]) => {
    const one = two();
    const { newlySacked, dsack } = one.ack(ack, 20, blocks);
    return [newlySacked, dsack];
  };

  it('are read from the ACK on, and no farther ahead than a window', () => {
    expect([news(1, [101, 201]), news(101, [101, 201]), news(101, [100, 201])]).toEqual([
      [100, false],
      [100, false],
      [0, false],
    ]);
    expect([news(1, [101, 101]), news(1, [201, 101])]).toEqual([
      [0, false],
      [0, false],
    ]);
    expect([news(1, [101, 201 + LARGEST_WINDOW]), news(1, [101, 202 + LARGEST_WINDOW])]).toEqual([
      [100, false],
      [0, false],
    ]);
  });

  it('report a repeat where the first ends at the ACK or below, or lies inside the second (RFC 2883 section 4)', () => {
    expect([news(101, [50, 100]), news(101, [50, 101]), news(101, [50, 102])].map(([, dsack]) => dsack)).toEqual([
      true,
      true,
      false,
    ]);
    expect([news(101, [50, 50]), news(101, [60, 50])].map(([, dsack]) => dsack)).toEqual([false, false]);
    const inside = (first: [number, number], second: [number, number]) => news(1, first, second)[1];
    expect(inside([110, 120], [101, 201])).toBe(true);
    expect([inside([101, 201], [101, 201]), inside([100, 201], [101, 201]), inside([101, 202], [101, 201])]).toEqual([
      true,
      false,
      false,
    ]);
    expect(inside([101, 111], [111, 201])).toBe(false);
  });

  it('a second block that is not there is not read', () => {
    const one = two();
    const effect = one.ack(1, 20, [[110, 120]], { sack: Uint32Array.of(0, 0, 5101, 5201, 0, 0, 0, 0) });
    expect(effect.dsack).toBe(false);
  });

  it('one more copy of a range that is only selectively acknowledged was needless', () => {
    const repeats = (blocks: number, sacked = true) => {
      const one = two();
      const copies = [one.again(101, 201, 300), one.again(101, 201, 400)];
      if (sacked) one.ack(1, 500, [[101, 201]]);
      for (let i = 0; i < blocks; i++)
        one.ack(1, 501 + i, [
          [101, 201],
          [101, 201],
        ]);
      return copies.map(({ spurious }) => spurious);
    };
    expect([repeats(0), repeats(1), repeats(2), repeats(3)]).toEqual([
      [false, false],
      [true, false],
      [true, true],
      [true, true],
    ]);
  });

  it('the first that tells of something missing is remembered, until all that it told of is acknowledged', () => {
    const one = new Answered();
    for (let i = 0; i < 5; i++) one.sent(1 + 100 * i, 101 + 100 * i, i);
    const reported = () => [one.outbound.feedback.reportFrame, one.outbound.feedback.reportTsVal];
    const stamps = (tsVal: number) => ({ options: Option.TIMESTAMPS, tsVal });
    one.ack(1, 20, [[101, 201]], stamps(70));
    expect(reported()).toEqual([6, 70]);
    one.ack(1, 21, [[101, 301]], stamps(71));
    expect(reported()).toEqual([6, 70]);
    one.ack(100, 22, [], stamps(72));
    expect(reported()).toEqual([6, 70]);
    one.ack(301, 23, [], stamps(73));
    expect(reported()).toEqual([6, -1]);
    one.ack(301, 24, [[401, 501]], stamps(74));
    expect(reported()).toEqual([10, 74]);
  });

  it('name the latest packet that arrived', () => {
    const arrived = (...blocks: [number, number][]) => {
      const one = new Answered();
      for (let i = 0; i < 4; i++) one.sent(1 + 100 * i, 101 + 100 * i, i);
      one.outbound.ca.state = 0;
      one.ack(101, 20, blocks);
      return one.outbound.latestArrived;
    };
    expect([arrived(), arrived([201, 301]), arrived([301, 401], [201, 301])]).toEqual([1, 3, 4]);
  });
});

describe('a duplicate ACK (RFC 5681 section 2)', () => {
  const duplicates = (fields: Partial<SegmentView> = {}, ack = 1, blocks: [number, number][] = []) => {
    const one = two();
    one.sent(201, 301, 6);
    const effect = one.ack(ack, 20, blocks, fields);
    expect(one.outbound.feedback.dupAcks).toBe(effect.duplicate ? 1 : 0);
    return effect.duplicate;
  };

  it('acknowledges nothing new, without data, SYN, FIN and RST, and with the window as it was', () => {
    expect(duplicates()).toBe(true);
    expect([duplicates({}, 0), duplicates({}, 2)]).toEqual([false, false]);
    expect(duplicates({ payloadLength: 1 })).toBe(false);
    expect([SYN, FIN, RST].map((flag) => duplicates({ flags: ACK | flag }))).toEqual([false, false, false]);
    expect([duplicates({ rawWindow: 999 }), duplicates({ rawWindow: 1001 })]).toEqual([false, false]);
  });

  it('needs something outstanding', () => {
    const one = two();
    one.ack(201, 20);
    expect(one.ack(201, 21).duplicate).toBe(false);
  });

  it('with SACK tells of something that arrived, whatever the window (RFC 6675 section 2)', () => {
    expect(duplicates({ rawWindow: 999 }, 1, [[101, 201]])).toBe(true);
    expect(duplicates({}, 1, [[301, 301]])).toBe(false);
    expect(
      duplicates({ rawWindow: 999 }, 1, [
        [101, 201],
        [101, 301],
      ]),
    ).toBe(true);
    // A repeat of what was acknowledged.
    expect(duplicates({ rawWindow: 999 }, 1, [[0, 1]])).toBe(true);
  });

  it('ends the row with an ACK of something new', () => {
    const one = two();
    const rows = [one.ack(1, 20), one.ack(1, 21)].map(() => one.outbound.feedback.dupAcks);
    expect(rows.at(-1)).toBe(2);
    one.ack(2, 22);
    expect(one.outbound.feedback.dupAcks).toBe(0);
  });
});

describe('what a sender was told, and when', () => {
  const told = (ack: number, fields: Partial<SegmentView> = {}, blocks: [number, number][] = []) => {
    const one = two();
    one.ack(1, 10, [], { payloadLength: 1 });
    one.ack(ack, 20, blocks, fields);
    const { lastHeard, lastEffect, lastReport, lastEcho, emptyReportTo, zeroWindow } = one.outbound.feedback;
    return {
      times: [lastHeard, lastEffect, lastReport].map((time) => (time === NEVER ? -1 : time / MS)),
      lastEcho,
      emptyReportTo,
      zeroWindow,
    };
  };

  it('is heard of every ACK, has an effect by progress and duplicates, and reports by what is not progress', () => {
    expect(told(101).times).toEqual([20, 20, -1]);
    expect(told(1).times).toEqual([20, 20, 20]);
    expect(told(1, { payloadLength: 1 }).times).toEqual([20, -1, -1]);
    expect(told(1, { rawWindow: 5 }).times).toEqual([20, -1, -1]);
    expect(told(101, {}, [[101, 201]]).times).toEqual([20, 20, 20]);
  });

  it('an ACK with the SACK option that says nothing at all is an answer to anything that was sent', () => {
    expect(told(1, {}, [[301, 301]]).emptyReportTo).toBe(201);
    expect(told(1, {}, [[101, 201]]).emptyReportTo).toBe(0);
    expect(told(1, {}, [[0, 1]]).emptyReportTo).toBe(0);
    expect(told(1).emptyReportTo).toBe(0);
    for (const fields of [{ payloadLength: 1 }, { flags: ACK | FIN }, { rawWindow: 999 }])
      expect(told(1, fields, [[301, 301]]).emptyReportTo).toBe(0);
    expect([told(0, {}, [[301, 301]]).emptyReportTo, told(2, {}, [[301, 301]]).emptyReportTo]).toEqual([0, 0]);
  });

  it('its echo is known with timestamps', () => {
    expect([told(1, { tsEcr: 7 }).lastEcho, told(1, { tsEcr: 7, options: Option.TIMESTAMPS }).lastEcho]).toEqual([
      -1, 7,
    ]);
  });

  it('its window is closed by 0, but not by that of a SYN', () => {
    expect([told(1, { rawWindow: 0 }).zeroWindow, told(1, { rawWindow: 1 }).zeroWindow]).toEqual([true, false]);
    expect(told(1, { rawWindow: 0, flags: ACK | SYN }).zeroWindow).toBe(false);
  });
});

describe('a duplicate ACK that nothing in flight explains', () => {
  interface Case {
    range?: [number, number];
    copies?: number;
    repeats?: number;
    options?: number;
    sawDsack?: boolean;
    closed?: boolean;
    finEnd?: number;
    /** The oldest segment that is outstanding, sent so many ms ago. */
    oldest?: [start: number, ago: number, fields?: Partial<Transmission>];
    copied?: boolean;
    fields?: Partial<SegmentView>;
    /** The range was acknowledged so many ms ago, and its copies were sent so far apart. */
    settled?: number;
    apart?: number;
  }
  /** A range that was sent twice is acknowledged; now its copy is answered. The shortest round trip was 10 ms. */
  const isExplained = (of: Case) => {
    const one = new Answered();
    one.receiver.sndUna = 201;
    one.receiver.sndNxt = 201;
    one.outbound.rtt.take(10 * MS, false);
    one.outbound.feedback.sawDsack = of.sawDsack ?? false;
    (one.sender.outbound as Outbound).feedback.zeroWindow = of.closed ?? false;
    one.sender.finEnd = of.finEnd ?? -1;
    const sendings = Array.from({ length: 1 + (of.copies ?? 1) }, (_, i) => ({
      frame: 50 + i,
      time: i * (of.apart ?? 0) * MS,
      tsVal: -1,
      verdict: verdictOf(Kind.RETRANSMISSION),
      row: null,
    }));
    const [start, end] = of.range ?? [101, 201];
    one.outbound.dsackWaits.add(start, end, 2000 * MS, sendings, false, (2000 - (of.settled ?? 1000)) * MS);
    one.outbound.dsackWaits.latest!.repeats = of.repeats ?? 0;
    if (of.oldest !== undefined) {
      const [at, ago, fields] = of.oldest;
      one.sent(at, at + 100, 2000 - ago, fields);
      if (of.copied) one.again(at, at + 100, 1999);
    }
    one.ack(201, 2000, [], { options: of.options ?? 0, ...of.fields });
    return sendings.some(({ verdict }) => verdict.spurious);
  };

  it('answers a copy that was not needed', () => {
    expect(isExplained({})).toBe(true);
  });

  it('answers none where it follows the other answer sooner than half of what lay between the copies', () => {
    const apart = (settled: number) => isExplained({ settled, apart: 300 });
    expect([apart(150), apart(149.999), apart(0)]).toEqual([true, false, false]);
    // The shortest round trip is 10 ms: what came 8.5 ms after the copy may have answered that.
    const soon = (ago: number) => isExplained({ settled: 1, apart: 1990.5 + ago });
    expect([soon(0), soon(0.001)]).toEqual([false, true]);
  });

  it.each<[string, Case]>([
    ['the receiver reports repeats', { sawDsack: true }],
    ['it may report something', { options: Option.SACK }],
    ['it may have reported something that was cut off', { options: Option.CUT }],
    ['it answers a probe of a closed window', { closed: true }],
    ['the range was sent once', { copies: 0 }],
    ['a copy of the range was reported', { repeats: 1, copies: 2 }],
    ['the range is not all acknowledged', { range: [101, 202] }],
    ['the range is a SYN', { range: [0, 1] }],
    ['it comes after a FIN', { finEnd: 0 }],
    ['it brings data', { fields: { payloadLength: 1 } }],
    ['it opens the window', { fields: { rawWindow: 1001 } }],
  ])('says nothing where %s', (_, of) => {
    expect(isExplained(of)).toBe(false);
  });

  it('answers what is in flight where that was sent long enough ago: 0.85 of the shortest round trip', () => {
    expect([isExplained({ oldest: [201, 8.49] }), isExplained({ oldest: [201, 8.5] })]).toEqual([true, false]);
  });

  it.each<[string, Case]>([
    ['bytes before it are missing', { oldest: [202, 1] }],
    ['it was sent before', { oldest: [201, 1, { isRetransmission: true }] }],
    ['it was sent again', { oldest: [201, 1], copied: true }],
  ])('may answer what is in flight where %s', (_, of) => {
    expect(isExplained(of)).toBe(false);
  });
});

describe('a clock of the capture that was set back', () => {
  /** The data passes at 100 ms; then its ACK, whose time is `at` (s). A further segment and its ACK follow. */
  const samples = (at: number) => {
    const { analyzer } = analyseScenario(`
      0.000000 > S  seq 0 <mss 1000,sackOK>
      0.020000 < S. seq 0 ack 1 <mss 1000,sackOK>
      0.020000 > .  ack 1
      0.100000 > P. 1:1001(1000) ack 1
      ${at.toFixed(6)} < . ack 1001
      0.200000 > P. 1001:2001(1000) ack 1
      0.220000 < . ack 2001`);
    const { samples: count, min, soundFrom } = (analyzer.connections[0].client.outbound as Outbound).rtt;
    return [count, min / 1e6, soundFrom];
  };

  it('leaves no round trip of what was sent before', () => {
    expect(samples(0.12)).toEqual([3, 20, 0]);
    expect(samples(0.09)).toEqual([2, 20, 5]);
  });

  it('by 10 ms at the least', () => {
    const swapped = (at: string) =>
      (
        analyseScenario(`
      0.000000 > S  seq 0 <mss 1000>
      0.020000 < S. seq 0 ack 1 <mss 1000>
      0.020000 > .  ack 1
      0.100000 > P. 1:1001(1000) ack 1
      ${at} > P. 1001:2001(1000) ack 1
      0.105000 < . ack 1001
      0.120000 < . ack 2001`).analyzer.connections[0].client.outbound as Outbound
      ).rtt;
    expect(swapped('0.090000')).toMatchObject({ samples: 2, soundFrom: 5, min: 20e6 });
    expect(swapped('0.090001')).toMatchObject({ samples: 3, soundFrom: 0, min: 5e6 });
  });

  it('leaves it open which of two copies was answered, unless a later one is shown to be', () => {
    const fates = (synAck: string, at: string) =>
      analyseScenario(`
      0.000000 > S  seq 0 <mss 1000>
      ${synAck} < S. seq 0 ack 1 <mss 1000>
      ${synAck} > .  ack 1
      0.300000 > P. 1:1001(1000) ack 1
      0.640000 > P. 1:1001(1000) ack 1
      ${at} < . ack 1001`)
        .rows.slice(3, 5)
        .map((row) => `${verdictText(row)} ${fateText(row)}`);
    expect(fates('0.040000', '0.650000')).toEqual(['new delivered', 'retransmission rto spurious unknown']);
    expect(fates('0.040000', '0.629000')).toEqual(['new lost', 'retransmission rto delivered']);
  });

  it('leaves nothing with a time below zero', () => {
    const { rows } = analyseScenario(`
      0.000000 > S  seq 0 <mss 1000>
      0.040000 < S. seq 0 ack 1 <mss 1000>
      0.040000 > .  ack 1
      5.000000 > .  1:1001(1000) ack 1
      5.000000 > P. 1001:2001(1000) ack 1
      3.000000 > P. 1001:2001(1000) ack 1 id 900`);
    expect(rows.at(-1)!.verdict!.waited).toBe(0);
  });
});
