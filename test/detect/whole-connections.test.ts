/** What shows when a connection is over: `options.ts`, `flow.ts`, `acks.ts`, `closing.ts`, `discards.ts`, with an example on either side of each condition. */
import { describe, expect, it } from 'vitest';
import { Acknowledgments } from '../../src/detect/acks.ts';
import { Closing } from '../../src/detect/closing.ts';
import type { CaptureEnd, Detector } from '../../src/detect/detector.ts';
import { Discards } from '../../src/detect/discards.ts';
import { Fact } from '../../src/detect/facts.ts';
import { FlowShape } from '../../src/detect/flow.ts';
import { Options } from '../../src/detect/options.ts';
import { Pauses } from '../../src/detect/pauses.ts';
import { FIN, SYN } from '../../src/model/flags.ts';
import { ChecksumStatus, Option } from '../../src/model/segment.ts';
import { State } from '../../src/model/state.ts';
import { Verdict } from '../../src/model/verdict.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';

const MS = 1e6;
const SECOND = 1e9;

type Ends = Parameters<typeof ends>;

/** What a detector says of a connection that is over; `time` is when the input ends. */
function concluded(make: (findings: ReturnType<typeof listener>['findings']) => Detector, of: Ends, time = 0) {
  const { findings, raised } = listener();
  make(findings).concludeConnection!(ends(...of).connection, { time } as CaptureEnd);
  return raised;
}

describe('options', () => {
  const judged = (...of: Ends) => concluded((findings) => new Options(findings), of);
  const ids = (...of: Ends) => judged(...of).map(({ id }) => id);
  /** The first window without scaling is full: 65,535 bytes and the SYN. */
  const MUCH = { sndNxt: 65536 };

  it('are judged where both SYNs were seen', () => {
    const bare = { mss: -1 };
    const busy = { dataPackets: 2 };
    expect(ids(bare, busy)).toEqual(['mss-missing']);
    expect(ids({ ...bare, hasIss: false }, busy)).toEqual([]);
    expect(ids(bare, { ...busy, hasIss: false })).toEqual([]);
  });

  it('lack an MSS where none was told, to somebody who sent two segments; what a cut SYN had is not known', () => {
    const lacks = (one: object, dataPackets = 2) => ids(one, { dataPackets }).includes('mss-missing');
    expect([lacks({ mss: -1 }), lacks({ mss: 0 }), lacks({ mss: 1 })]).toEqual([true, false, false]);
    expect(lacks({ mss: -1 }, 1)).toBe(false);
    expect(lacks({ mss: -1, synOptions: Option.CUT })).toBe(false);
  });

  it('of IPv4 stand for an MSS of 536, of IPv6 for one of 1220 (RFC 9293 section 3.7.1)', () => {
    const assumed = (ipVersion: number) => valuesOf(judged({ mss: -1 }, { dataPackets: 2 }, { ipVersion })[0]).assumed;
    expect([assumed(4), assumed(6)]).toEqual([536, 1220]);
  });

  it.each<[string, object]>([
    ['no-window-scaling', { offeredShift: -1 }],
    ['no-sack', { sackPermitted: false }],
    ['no-timestamps', { timestamps: false }],
  ])('%s names the ends that lack it, where either end sent 64 KiB', (id, without) => {
    expect(ids(MUCH, {})).toEqual([]);
    expect(ids({ ...without, ...MUCH }, {})).toEqual([id]);
    expect(ids(without, MUCH)).toEqual([id]);
    expect(ids({ ...without, sndNxt: 65535 }, { sndNxt: 65535 })).toEqual([]);
    expect(ids({ ...without, ...MUCH, synOptions: Option.CUT }, {})).toEqual([]);
    const named = (one: object, other: object) =>
      (valuesOf(judged({ ...one, ...MUCH }, other)[0]).ends as { name: string }[]).map(({ name }) => name);
    expect([named(without, {}), named({}, without), named(without, without)]).toEqual([
      ['client'],
      ['server'],
      ['client', 'server'],
    ]);
  });

  it('limit the window by the round trip, where both ways are known', () => {
    const round = (there: number, back: number) => {
      const rtt = (min: number) => ({ outbound: { rtt: { min } } });
      return valuesOf(judged({ ...MUCH, offeredShift: -1, ...rtt(there) }, rtt(back))[0]).round;
    };
    expect([round(20, 5), round(20, 0), round(0, 5), round(-1, 5), round(20, -1)]).toEqual([25, 20, 5, null, null]);
  });

  it('shift a window on a SYN only, by 14 at the most (RFC 7323 section 2.3)', () => {
    const told = (wscale: number, facts: readonly number[] = [Fact.SYN], options: number = Option.WSCALE) => {
      const { findings, raised } = listener();
      new Options(findings).inspect(shown(ends().client, { facts, view: { wscale, options } }));
      return raised.map(({ id }) => id);
    };
    expect([told(15), told(14)]).toEqual([['window-scale-too-large'], []]);
    expect(told(15, [Fact.ODD_HEADER])).toEqual([]);
    expect(told(15, [Fact.SYN], 0)).toEqual([]);
    expect(told(15, [Fact.ODD_HEADER], Option.WSCALE | Option.MALFORMED)).toEqual(['malformed-options']);
  });

  it('that came with a wrong checksum are half as sure', () => {
    const { findings, raised } = listener();
    const view = { options: Option.MALFORMED };
    const segment = (tcpChecksumStatus: number) => shown(ends().client, { view: { ...view, tcpChecksumStatus } });
    new Options(findings).inspect(segment(ChecksumStatus.BAD));
    new Options(findings).inspect(segment(ChecksumStatus.UNVERIFIED));
    expect(raised.map(({ severity, confidence }) => [severity, confidence])).toEqual([
      ['info', 0.5],
      [undefined, undefined],
    ]);
  });

  it('accuse nobody where the packet was damaged', () => {
    const weight = (of: object, options: number = Option.WSCALE) => {
      const { findings, raised } = listener();
      new Options(findings).inspect(shown(ends().client, { facts: [Fact.SYN], view: { wscale: 15, options, ...of } }));
      return raised[0].severity ?? 'as usual';
    };
    expect([ChecksumStatus.BAD, ChecksumStatus.GOOD].map((tcpChecksumStatus) => weight({ tcpChecksumStatus }))).toEqual(
      ['info', 'as usual'],
    );
    // So does a wrong checksum of the IP header, unless a card is to fill it in or the segment is as it was sent.
    const header = (tcpChecksumStatus: number, ipChecksumFound: number) =>
      weight({ ipChecksumStatus: ChecksumStatus.BAD, tcpChecksumStatus, ipChecksumFound }, Option.MALFORMED);
    expect([
      header(ChecksumStatus.UNVERIFIED, 1),
      header(ChecksumStatus.UNVERIFIED, 0),
      header(ChecksumStatus.GOOD, 1),
    ]).toEqual(['info', 'as usual', 'as usual']);
    // An IP length of a byte more than the frame held: what would show in the checksum is not there.
    expect([1, 0].map((ipMissing) => weight({ ipMissing }, Option.MALFORMED))).toEqual(['info', 'as usual']);
  });
});

describe('the flow of a connection', () => {
  const ids = (...of: Ends) => concluded((findings) => new FlowShape(findings), of).map(({ id }) => id);

  it('is of small segments: fifty, of 75 bytes on average, four for each of the other end', () => {
    const small = (dataPackets: number, payloadBytes: number, server: object = {}) =>
      ids({ dataPackets, payloadBytes }, server).length > 0;
    expect([small(50, 3750), small(49, 49), small(50, 3751)]).toEqual([true, false, false]);
    expect([small(52, 52, { dataPackets: 13 }), small(51, 51, { dataPackets: 13 })]).toEqual([true, false]);
    expect(small(50, 50, { seen: false })).toBe(false);
  });

  /** 256 KiB in segments of 500 bytes; the round trip rose from 20 ms to 70. */
  const load = (more: { dataPackets?: number; payloadBytes?: number; rtt?: object } = {}, near = 5 * MS) => {
    const { rtt, ...sent } = more;
    const outbound = { rtt: { min: 20 * MS + 1, srtt: 100 * MS, samples: 20, ...rtt } };
    return ids({ dataPackets: 500, payloadBytes: 262_144, outbound, ...sent }, { outbound: { rtt: { min: near } } });
  };

  it('fills a queue: 256 KiB, in segments of 500 bytes on average', () => {
    expect(load()).toEqual(['standing-queue']);
    expect(load({ payloadBytes: 262_143 })).toEqual([]);
    expect([
      load({ dataPackets: 600, payloadBytes: 300_000 }),
      load({ dataPackets: 600, payloadBytes: 299_999 }),
    ]).toEqual([['standing-queue'], []]);
  });

  it('where the round trip rises to three times the shortest, and by 50 ms, in twenty samples', () => {
    const rtt = (min: number, srtt: number, samples = 20) =>
      load({ rtt: { min: min * MS, srtt: srtt * MS, samples } }, 1);
    expect([rtt(30, 90), rtt(30, 89.999)]).toEqual([['standing-queue'], []]);
    expect([rtt(10, 60), rtt(10, 59.999)]).toEqual([['standing-queue'], []]);
    expect(rtt(30, 90, 19)).toEqual([]);
  });

  it('seen beside the sender: it answers in less than a quarter of the time of the other end', () => {
    expect([load({}, 5 * MS), load({}, 5 * MS + 1)]).toEqual([['standing-queue'], []]);
  });

  it('of an end of which nothing was sent has none', () => {
    expect(ids({ outbound: null, dataPackets: 500, payloadBytes: 262_144 })).toEqual([]);
  });
});

describe('ACKs of a connection', () => {
  it('stretch where twenty and more than half of all without data do', () => {
    const told = (stretched: number, packets: number, dataPackets = 0) => {
      const { findings, raised } = listener();
      const acks = new Acknowledgments(findings);
      const { client, connection } = ends({ packets, dataPackets });
      for (let i = 0; i < stretched; i++) acks.inspect(shown(client, { facts: [Fact.STRETCH_ACK] }));
      acks.concludeConnection(connection, { time: 0 } as CaptureEnd);
      return raised[0] === undefined ? null : valuesOf(raised[0]);
    };
    expect([told(19, 20), told(20, 20)?.acks]).toEqual([null, 20]);
    expect([told(20, 40), told(20, 39)?.acks]).toEqual([null, 20]);
    // Data segments are no ACKs of their own.
    expect(told(20, 49, 10)?.share).toBeCloseTo(20 / 39, 9);
    // Some came with data: there are not more than all.
    expect(told(20, 20, 10)?.share).toBe(1);
  });

  it('were held back alike: the five of one end, each between 35 and 500 ms', () => {
    const told = (delays: readonly number[]) => {
      const { findings, added } = listener();
      const acks = new Acknowledgments(findings);
      // The shortest answer takes 20 ms.
      const { client } = ends({}, { outbound: { rtt: { min: 20 * MS } } });
      for (const [i, delay] of delays.entries()) {
        const effect = { frame: 5, time: 0, advanced: 1460 };
        const facts = [Fact.DELAYED_ACK];
        const segment = shown(client, { facts, frame: 10 + i, view: { time: (20 + delay) * MS }, t: { effect } });
        acks.inspect(segment);
      }
      return added.map((account) => account());
    };
    expect(told([40, 40, 40, 40])).toHaveLength(0);
    expect(told([40, 40, 40, 40, 40])).toHaveLength(1);
    expect([told([40, 40, 40, 40, 60]).length, told([40, 40, 40, 40, 60.001]).length]).toEqual([1, 0]);
    expect([told([400, 400, 400, 400, 500]).length, told([400, 400, 400, 400, 500.001]).length]).toEqual([1, 0]);
    expect(told([40, 60.001, 60.001, 60.001, 60.001])).toHaveLength(0);
    const [account] = told([40, 50, 45, 45, 45, 45]);
    expect(valuesOf(account)).toMatchObject({ acks: 6, mean: 45 * MS, total: 270 * MS });
    // The one that it is attached to comes first, and each once.
    expect(account!.evidence).toEqual([14, 10, 11, 12, 13, 15]);
  });

  it('that repeat make a burst at the third (RFC 5681 section 3.2); the longest is remembered', () => {
    const { findings, added } = listener();
    const acks = new Acknowledgments(findings);
    const { client, server } = ends();
    for (const [i, dupAcks] of [1, 2, 3, 4, 5, 3].entries()) {
      server.outbound!.dupAcks = dupAcks;
      acks.inspect(shown(client, { facts: [Fact.DUPLICATE_ACK], frame: 10 + i }));
      expect(added).toHaveLength(i < 2 ? 0 : 1);
    }
    expect(added[0]()!.evidence).toEqual([12, 15]);
    expect(valuesOf(added[0]())).toMatchObject({ bursts: 2, longest: 5 });
  });
});

describe('a FIN', () => {
  const sent = { unansweredKind: FIN, unansweredFrame: 7, unansweredTime: SECOND, unansweredCopies: 1, finEnd: 50 };
  const judged = (client: object = {}, server: object = {}, time = 2 * SECOND) =>
    concluded((findings) => new Closing(findings, new Pauses()), [{ ...sent, ...client }, server], time);
  const count = (...of: Parameters<typeof judged>) => judged(...of).length;

  it('is unanswered a second later', () => {
    expect(judged()[0]).toMatchObject({ id: 'fin-unanswered', evidence: [7], where: { frame: 7, time: SECOND } });
    expect(valuesOf(judged()[0])).toMatchObject({ waited: SECOND });
    expect([count({}, {}, 2 * SECOND - 1), count({ unansweredKind: SYN })]).toEqual([0, 0]);
  });

  it('but not where it was acknowledged, nobody was seen who could, or a reset ended everything', () => {
    expect([count({}, { lastAck: 49 }), count({}, { lastAck: 50 })]).toEqual([1, 0]);
    expect(count({}, { seen: false })).toBe(0);
    expect([count({}, { rstFrame: 1 }), count({ rstFrame: 1 }), count({ state: State.CLOSED })]).toEqual([0, 0, 0]);
  });

  it('is worth a warning when it was sent three times to an end that has not closed', () => {
    const weight = (unansweredCopies: number, finEnd = -1) => {
      const [{ severity, confidence }] = judged({ unansweredCopies }, { finEnd });
      return [severity, confidence];
    };
    expect([weight(1), weight(2), weight(3), weight(3, 0)]).toEqual([
      ['info', 0.7],
      ['info', 0.9],
      ['warning', 0.9],
      ['info', 0.9],
    ]);
  });

  it('that is not answered by another leaves its peer in CLOSE-WAIT: stuck after a minute of silence', () => {
    const stuck = (time: number, state: number = State.CLOSE_WAIT, lastTime = 0) => {
      const timeline = { state, time: 3 * SECOND, frame: 8 };
      const { findings, raised } = listener();
      const { connection } = ends({ timeline }, {}, { lastTime });
      new Closing(findings, new Pauses()).concludeConnection(connection, { time } as CaptureEnd);
      return raised;
    };
    expect(stuck(63 * SECOND)[0]).toMatchObject({ id: 'close-wait-stuck', evidence: [8] });
    expect(stuck(63 * SECOND - 1)).toEqual([]);
    expect(stuck(63 * SECOND, State.FIN_WAIT_2)).toEqual([]);
    expect([
      stuck(63 * SECOND, State.CLOSE_WAIT, 3 * SECOND + 1).length,
      stuck(70 * SECOND, State.CLOSE_WAIT, 10 * SECOND).length,
    ]).toEqual([0, 1]);
  });
});

describe('data after a FIN', () => {
  const said = (client: object, server: object, shownAs: Parameters<typeof shown>[1]) => {
    const { findings, raised, added } = listener();
    const both = ends(client, server);
    new Closing(findings, new Pauses()).inspect(shown(both.client, { facts: [Fact.AFTER_FIN], ...shownAs }));
    return { both, told: [...raised, ...added.map((account) => account())].filter((account) => account !== null) };
  };
  const ids = (...of: Parameters<typeof said>) => said(...of).told.map(({ id }) => id);

  it('of their own sender are an error of it, as far as they go beyond', () => {
    const after = (end: number, facts: readonly number[] = [Fact.AFTER_FIN], finEnd = 50) =>
      ids({ finEnd }, {}, { facts, t: { seq: 40, end } });
    expect([after(50), after(51), after(51, [Fact.AFTER_FIN, Fact.FIN])]).toEqual([[], ['data-after-fin'], []]);
    expect(after(51, [Fact.AFTER_FIN], -1)).toEqual([]);
    expect(ids({ finEnd: 0 }, { lastAck: 0 }, { t: { end: 51 } })).toEqual(['data-after-fin']);
    const { told } = said({ finEnd: 50 }, {}, { t: { seq: 40, end: 57 } });
    expect(valuesOf(told[0])).toMatchObject({ bytes: 7 });
  });

  it('show that the FIN was not the end, where their receiver takes them', () => {
    expect(ids({ finEnd: 50 }, { lastAck: 50 }, { t: { end: 51 } })).toEqual(['data-after-fin']);
    expect(ids({ finEnd: 50 }, { lastAck: 51 }, { t: { end: 51 } })).toEqual([]);
  });

  it('of the other end are a half close, where their sender has acknowledged it and nothing was reset', () => {
    const half = (client: object, server: object = {}, t: object = {}) =>
      ids({ lastAck: 50, ...client }, { finEnd: 50, ...server }, { t: { end: 101, previousSndNxt: 1, ...t } });
    expect([half({}), half({ lastAck: 49 }), half({}, { rstFrame: 3 })]).toEqual([['half-close'], [], []]);
    expect([half({}, { finEnd: -1 }), half({}, { finEnd: 0 })]).toEqual([[], ['half-close']]);
    expect([half({}, {}, { previousSndNxt: 100 }), half({}, {}, { previousSndNxt: 101 })]).toEqual([
      ['half-close'],
      [],
    ]);
    expect(ids({ lastAck: 50 }, { finEnd: 50 }, { facts: [], t: { end: 101 } })).toEqual([]);
    expect(
      ids({ lastAck: 50 }, { finEnd: 50 }, { facts: [Fact.AFTER_FIN, Fact.UNACCEPTABLE], t: { end: 101 } }),
    ).toEqual([]);
  });

  it('are counted, and told once', () => {
    const { findings, added } = listener();
    const closing = new Closing(findings, new Pauses());
    const { client } = ends({ lastAck: 50 }, { finEnd: 50 });
    for (const [i, payloadLength] of [100, 30].entries())
      closing.inspect(
        shown(client, { facts: [Fact.AFTER_FIN], frame: 20 + i, view: { payloadLength }, t: { end: 200 } }),
      );
    expect(added).toHaveLength(1);
    expect(added[0]()!.evidence).toEqual([20, 21]);
    expect(valuesOf(added[0]())).toMatchObject({ bytes: 130, segments: 2 });
  });

  it('a FIN after a silence of half a minute is of an idle timer, unless it is a repeat', () => {
    const idle = (sincePrevious: number, facts: readonly number[] = [Fact.FIN]) =>
      ids({}, {}, { facts, t: { sincePrevious } });
    expect([idle(30 * SECOND), idle(30 * SECOND - 1)]).toEqual([['idle-close'], []]);
    expect([idle(30 * SECOND, [Fact.FIN, Fact.RETRANSMISSION]), idle(30 * SECOND, [])]).toEqual([[], []]);
  });

  it('a silence in which the capture was paused tells of no idle timer', () => {
    const said = (pausedAt: number) => {
      const { findings, raised } = listener();
      const pauses = new Pauses();
      pauses.see(1001, pausedAt * SECOND, (pausedAt + 60) * SECOND);
      const { client } = ends();
      const fin = shown(client, { facts: [Fact.FIN], time: 100 * SECOND, t: { sincePrevious: 90 * SECOND } });
      new Closing(findings, pauses).inspect(fin);
      return raised.map(({ id }) => id);
    };
    // It was heard last after 10 seconds.
    expect([said(9), said(10), said(40)]).toEqual([['idle-close'], [], []]);
  });
});

describe('a receiver that keeps nothing out of order', () => {
  interface Again {
    seq: number;
    end: number;
    una?: number;
    spurious?: boolean;
  }
  const piece = (from: number, size = 100): Again => ({ seq: from, end: from + size });
  /** A flight of 500 bytes, of which these pieces are sent again, and all is acknowledged in the end. */
  const told = (pieces: readonly Again[], { dupAcks = 3, una = 1, acknowledged = 501, sndNxt = 501 } = {}) => {
    const { findings, raised } = listener();
    const discards = new Discards(findings);
    const { client, connection } = ends({ outbound: { dupAcks }, sndNxt, sndUna: una });
    for (const [i, { seq, end, spurious = false, ...more }] of pieces.entries()) {
      client.sndUna = more.una ?? una;
      const verdict = Object.assign(new Verdict(), { spurious });
      discards.inspect(
        shown(client, { facts: [Fact.RETRANSMISSION], frame: 20 + i, time: i, verdict, t: { seq, end } }),
      );
    }
    client.sndUna = acknowledged;
    discards.concludeConnection(connection);
    return raised;
  };
  const whole = [1, 101, 201, 301, 401].map((from) => piece(from));
  const of = (...given: Parameters<typeof told>) => told(...given).length;

  it('has to get a whole flight again', () => {
    const [account] = told(whole);
    expect(account).toMatchObject({
      id: 'out-of-order-discarded',
      confidence: 0.6,
      evidence: [20],
      where: { frame: 20, time: 0 },
    });
    expect(valuesOf(account)).toMatchObject({ flights: 1, bytes: 500, acks: 3 });
    expect(of(whole.slice(0, 4))).toBe(0);
    expect(of([...whole.slice(0, 4), piece(401, 99)])).toBe(0);
    expect(of(whole, { acknowledged: 500 })).toBe(0);
  });

  it('which had arrived: three duplicate ACKs, and four segments and more', () => {
    expect([of(whole, { dupAcks: 2 }), of(whole, { dupAcks: 3 })]).toEqual([0, 1]);
    expect([of([piece(1, 200), piece(201, 200), piece(401)]), of([piece(1, 200), ...whole.slice(2)])]).toEqual([0, 1]);
  });

  it('of which none was needless', () => {
    expect(of([...whole.slice(0, 4), { ...piece(401), spurious: true }])).toBe(0);
  });

  it('without a gap, and each byte counts once', () => {
    expect(of(whole.filter((_, i) => i !== 2))).toBe(0);
    expect(of([whole[0], whole[0], whole[0], piece(101, 400)])).toBe(0);
    // Each goes one byte further, or none.
    expect([
      of([whole[0], piece(1, 101), piece(1, 102), piece(1, 500)]),
      of([whole[0], whole[0], piece(1, 102), piece(1, 500)]),
    ]).toEqual([1, 0]);
  });

  it('begins with the first byte, not with the SYN', () => {
    expect(of(whole, { una: 0 })).toBe(1);
  });

  it('is surer after two flights: the next begins when all of one is acknowledged', () => {
    const { findings, raised } = listener();
    const discards = new Discards(findings);
    const { client, connection } = ends({ outbound: { dupAcks: 3 } });
    for (const start of [1, 501]) {
      client.sndUna = start;
      client.sndNxt = start + 500;
      for (const [i, { seq, end }] of whole.entries())
        discards.inspect(
          shown(client, {
            frame: start + i,
            verdict: new Verdict(),
            t: { seq: seq + start - 1, end: end + start - 1 },
          }),
        );
    }
    client.sndUna = 1001;
    discards.concludeConnection(connection);
    expect(raised[0]).toMatchObject({ confidence: 0.8, evidence: [1, 501] });
    expect(valuesOf(raised[0])).toMatchObject({ flights: 2, bytes: 500 });
  });

  it('is shown by sixteen flights at the most', () => {
    const evidence = (flights: number) => {
      const { findings, raised } = listener();
      const discards = new Discards(findings);
      const { client, connection } = ends({ outbound: { dupAcks: 3 } });
      for (let start = 1; start <= flights * 4; start += 4) {
        Object.assign(client, { sndUna: start, sndNxt: start + 4 });
        for (let seq = start; seq < start + 4; seq++)
          discards.inspect(shown(client, { frame: seq, verdict: new Verdict(), t: { seq, end: seq + 1 } }));
      }
      client.sndUna = client.sndNxt;
      discards.concludeConnection(connection);
      return raised[0].evidence.length;
    };
    expect([evidence(16), evidence(17)]).toEqual([16, 16]);
  });

  it('is followed for 1,024 segments of a flight', () => {
    const pieces = (count: number) => Array.from({ length: count }, (_, i) => piece(1 + i, 1));
    expect([
      of(pieces(1024), { sndNxt: 1025, acknowledged: 1025 }),
      of(pieces(1025), { sndNxt: 1026, acknowledged: 1026 }),
    ]).toEqual([1, 0]);
  });
});
