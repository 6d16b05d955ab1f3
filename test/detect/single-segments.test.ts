/** What one segment, or two, show: strays, challenges, handshakes, options. Of each condition an example on either side. */
import { describe, expect, it } from 'vitest';
import { ChallengeAck } from '../../src/detect/challenge.ts';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { Ecn } from '../../src/detect/ecn.ts';
import { Fact } from '../../src/detect/facts.ts';
import { Handshake } from '../../src/detect/handshake.ts';
import { HeaderFields } from '../../src/detect/header.ts';
import { IcmpErrors } from '../../src/detect/icmp.ts';
import { Injection } from '../../src/detect/injection.ts';
import { Pauses } from '../../src/detect/pauses.ts';
import { PayloadConflict } from '../../src/detect/payload-conflict.ts';
import { Reordering } from '../../src/detect/reordering.ts';
import { SackBlocks } from '../../src/detect/sack.ts';
import { Timestamps } from '../../src/detect/timestamps.ts';
import { ACK, CWR, ECE, FIN, PSH, RESERVED, RST, SYN, URG } from '../../src/model/flags.ts';
import { ChecksumStatus, Option, type SegmentView } from '../../src/model/segment.ts';
import { State } from '../../src/model/state.ts';
import { Reset } from '../../src/model/transition.ts';
import { Fate, Kind, Verdict } from '../../src/model/verdict.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';

const MS = 1e6;
const SECOND = 1e9;
type Shown = Parameters<typeof shown>[1];

/** All that was said, whatever came of it. */
const toldBy = ({ raised, added }: ReturnType<typeof listener>) =>
  [...raised, ...added.map((account) => account())].filter((account) => account !== null);

describe('a segment that is not acceptable', () => {
  /** It comes in the name of the client, which has sent up to 101; the window of the server ends at 1001. */
  const judged = (segment: Shown = {}, { client = {}, server = {} }: { client?: object; server?: object } = {}) => {
    const heard = listener();
    const both = ends({ sndNxt: 101, timestamps: false, ...client }, { sndNxt: 201, windowEdge: 1001, ...server });
    const { t, ...more } = segment as { t?: object };
    const place = { seq: 101, end: 111, ack: 201, previousSndNxt: 101, ...t };
    const view = { payloadLength: 10, ...(more as { view?: object }).view };
    new Injection(heard.findings).inspect(shown(both.client, { facts: [Fact.UNACCEPTABLE], ...more, view, t: place }));
    return toldBy(heard);
  };
  const signs = (...of: Parameters<typeof judged>) =>
    judged(...of).flatMap((account) => valuesOf(account).signs as { sign: string }[]);
  const names = (...of: Parameters<typeof judged>) => signs(...of).map(({ sign }) => sign);

  it('is not talked of where nothing sets it apart', () => {
    expect(judged()).toEqual([]);
  });

  it('is set apart by a place beyond the window', () => {
    expect(names({ t: { end: 1001 } })).toEqual([]);
    expect(signs({ t: { end: 1002 } })).toEqual([{ sign: 'beyond-window', bytes: 1 }]);
    expect(names({ t: { end: 1002 }, view: { payloadLength: 0 } })).toEqual([]);
    expect(names({ t: { end: 1002 }, view: { payloadLength: 1 } })).toEqual(['beyond-window']);
    expect(names({ t: { end: 1002 } }, { server: { windowEdge: -1 } })).toEqual([]);
    expect(names({ t: { end: 1002 } }, { server: { windowShift: -1 } })).toEqual([]);
    expect(names({ t: { end: 111 } }, { server: { windowEdge: 0 } })).toEqual(['beyond-window']);
  });

  it('or by one that is not the next, where it has data', () => {
    expect(signs({ t: { seq: 102, end: 103 } })).toEqual([{ sign: 'place', stands: 101 }]);
    expect(names({ t: { seq: 99, end: 99 }, view: { payloadLength: 0 } })).toEqual([]);
    expect(names({ t: { seq: 100, end: 101 }, view: { payloadLength: 2 } })).toEqual(['place']);
    // RFC 9293 section 3.8.4: a keep-alive begins one number below the next, with one octet at the most.
    expect(names({ t: { seq: 100, end: 101 }, view: { payloadLength: 1 } })).toEqual([]);
    expect(names({ t: { seq: 99, end: 100 }, view: { payloadLength: 1 } })).toEqual(['place']);
  });

  it('by an ACK of what was never sent', () => {
    expect(names({ t: { ack: 201 } })).toEqual([]);
    expect(signs({ t: { ack: 204 } })).toEqual([{ sign: 'acks-unsent', bytes: 3 }]);
  });

  it('by a TTL unlike the usual one', () => {
    const ttl = (usual: number, own: number) => names({ view: { ttl: own } }, { client: { ttl: usual } });
    expect([ttl(64, 64), ttl(64, 63), ttl(-1, 63), ttl(0, 1)]).toEqual([[], ['ttl'], [], ['ttl']]);
  });

  it('by an IP ID more than 1024 from those that its sender counts', () => {
    const id = (ipId: number, clocks: object = {}, ipVersion = 4) => {
      const counted = { maxIpId: 5000, idBreaks: 0, idRises: 1, ...clocks };
      return names({ view: { ipId, ipVersion } }, { client: { outbound: { clocks: counted } } });
    };
    expect([id(6024), id(6025), id(3976), id(3975)]).toEqual([[], ['ip-id'], [], ['ip-id']]);
    expect([id(6025, { idBreaks: 1 }), id(6025, { idRises: 0 }), id(6025, {}, 6), id(6025, { maxIpId: -1 })]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    // 16 bits: 65535 and 0 are neighbours, 1024 after 65000 is 488.
    expect([id(488, { maxIpId: 65000 }), id(489, { maxIpId: 65000 })]).toEqual([[], ['ip-id']]);
    expect(id(2000, { maxIpId: 0 })).toEqual(['ip-id']);
  });

  it('is surer to be injected with two signs', () => {
    const confidence = (ttl: number) =>
      judged({ view: { ttl }, t: { ack: 300 } }, { client: { ttl: 64 } })[0].confidence!;
    expect([confidence(64), confidence(63)]).toEqual([0.75, 0.9]);
  });

  it('is not judged where its checksum is wrong, nor a reset or a SYN,ACK, nor an ACK that answers a SYN', () => {
    const odd = { ack: 300 };
    expect(judged({ t: odd, view: { tcpChecksumStatus: ChecksumStatus.BAD } })).toEqual([]);
    expect(judged({ t: odd, view: { flags: RST | ACK } })).toEqual([]);
    expect(judged({ t: odd, view: { flags: SYN | ACK } })).toEqual([]);
    expect(judged({ t: odd }, { server: { state: State.SYN_SENT } })).toEqual([]);
    expect(judged({ t: odd })).toHaveLength(1);
  });

  it('is a blind SYN without an ACK (RFC 5961 section 4)', () => {
    const syn = (flags: number) => judged({ view: { flags }, t: { unacceptableSyn: true } }).map(({ id }) => id);
    expect([syn(SYN), syn(SYN | ACK)]).toEqual([['blind-syn'], []]);
  });

  describe('without the timestamps that both ends agreed on (RFC 7323 section 3.2)', () => {
    const agreed = { client: { timestamps: true } };

    it('lacks them, and nothing else is known', () => {
      const ids = (options: number, client: object = {}, server: object = {}) =>
        judged({ view: { options } }, { client: { timestamps: true, ...client }, server }).map(({ id }) => id);
      expect([ids(0), ids(Option.TIMESTAMPS), ids(Option.CUT)]).toEqual([['timestamps-missing'], [], []]);
      expect([ids(0, { timestamps: false }), ids(0, {}, { timestamps: false })]).toEqual([[], []]);
      expect(ids(0, { outbound: { sendsUnstamped: true } })).toEqual([]);
    });

    it('is information of a keep-alive: one byte at the most, one number below the next', () => {
      const severity = (seq: number, payloadLength: number) =>
        judged({ t: { seq }, view: { payloadLength } }, agreed)[0]?.severity;
      expect([severity(100, 0), severity(101, 0)]).toEqual(['info', 'warning']);
      expect(severity(100, 1)).toBe('info');
      const ids = (seq: number, payloadLength: number) =>
        judged({ t: { seq }, view: { payloadLength } }, agreed).map(({ id }) => id);
      expect([ids(100, 1), ids(100, 2), ids(99, 1)]).toEqual([
        ['timestamps-missing'],
        ['injected-segment'],
        ['injected-segment'],
      ]);
    });

    it('which is one sign more beside another', () => {
      expect(names({ t: { ack: 300 } }, agreed)).toEqual(['unstamped', 'acks-unsent']);
      expect(judged({ t: { ack: 300 } }, { client: { timestamps: true, outbound: { sendsUnstamped: true } } })).toEqual(
        [],
      );
      expect(names({ t: { ack: 300 } }, { client: { outbound: { sendsUnstamped: true } } })).toEqual(['acks-unsent']);
    });
  });

  it('was its sender’s where the receiver takes it', () => {
    const fate = (value: number) =>
      judged({ t: { ack: 300 }, verdict: Object.assign(new Verdict(), { fate: value }) }).length;
    expect([fate(Fate.DELIVERED), fate(Fate.UNKNOWN), fate(Fate.LOST)]).toEqual([0, 1, 1]);
  });
});

describe('an ACK that repeats the one before', () => {
  const REPEATED = [Fact.REPEATED_ACK];
  /** The server answers something of the client with it. */
  const answered = (provocation: Shown, late = 0, answer: Shown = {}) => {
    const heard = listener();
    const challenge = new ChallengeAck(heard.findings);
    const { client, server } = ends();
    challenge.inspect(shown(client, { frame: 5, ...provocation }));
    challenge.inspect(shown(server, { facts: REPEATED, frame: 6, time: late, t: { sincePrevious: 0 }, ...answer }));
    return heard.raised;
  };
  const what = (...of: Parameters<typeof answered>) => valuesOf(answered(...of)[0])?.provocation;
  const UNFIT = { facts: [Fact.UNACCEPTABLE] };

  it('answers what may be forged (RFC 5961)', () => {
    expect(what(UNFIT)).toBe('unfit');
    expect(what({ ...UNFIT, t: { unacceptableSyn: true } })).toBe('syn');
    expect(what({ facts: [Fact.RST], transition: { resetOutcome: Reset.CHALLENGED } })).toBe('rst');
    expect(what({ facts: [Fact.UNSEEN], t: { ack: 301 } })).toBe('unsent');
    expect(answered(UNFIT)[0]).toMatchObject({ evidence: [6, 5], confidence: 0.9 });
  });

  it('but not what is damaged, a reset that was taken, or nothing', () => {
    expect(answered({ facts: [Fact.UNACCEPTABLE, Fact.CHECKSUM] })).toEqual([]);
    expect(answered({ facts: [Fact.RST], transition: { resetOutcome: Reset.ACCEPTED } })).toEqual([]);
    expect(answered({ facts: [] })).toEqual([]);
  });

  it('within a second', () => {
    expect(valuesOf(answered(UNFIT, 30)[0]).late).toBe(30);
    expect(valuesOf(answered({ ...UNFIT, time: 7 }, 30)[0]).late).toBe(23);
    expect([what(UNFIT, SECOND), what(UNFIT, SECOND + 1)]).toEqual(['unfit', undefined]);
  });

  it('does not answer an ACK of data that were sent, as its own number shows, though the capture lacks them', () => {
    const after = (seq: number) => what({ facts: [Fact.UNSEEN], t: { ack: 301 } }, 0, { t: { seq, sincePrevious: 0 } });
    expect([after(300), after(301)]).toEqual(['unsent', undefined]);
  });

  it('is no answer with a FIN, or when it is not acceptable itself', () => {
    expect(answered(UNFIT, 0, { facts: [...REPEATED, Fact.FIN] })).toEqual([]);
    expect(answered(UNFIT, 0, { facts: [...REPEATED, Fact.UNACCEPTABLE] })).toEqual([]);
    expect(answered(UNFIT, 0, { facts: [] })).toEqual([]);
  });

  it('answers each but once', () => {
    const { findings, raised } = listener();
    const challenge = new ChallengeAck(findings);
    const { client, server } = ends();
    challenge.inspect(shown(client, UNFIT));
    for (let i = 0; i < 2; i++) challenge.inspect(shown(server, { facts: REPEATED }));
    expect(raised).toHaveLength(1);
  });

  /** What the client says again after a silence, of which nothing tells why. Shortest answers: 40 ms and 20 ms. */
  const unprovoked = (of: { client?: object; server?: object; segment?: Shown; times?: number } = {}) => {
    const heard = listener();
    const challenge = new ChallengeAck(heard.findings);
    const { client } = ends(
      { lastFrame: 9, lastAck: 2, outbound: { rtt: { min: 40 * MS } }, ...of.client },
      { lastFrame: 8, outbound: { rtt: { min: 20 * MS } }, ...of.server },
    );
    for (let i = 0; i < (of.times ?? 1); i++)
      challenge.inspect(
        shown(client, { facts: REPEATED, frame: 20 + i, t: { sincePrevious: 90 * MS }, ...of.segment }),
      );
    return toldBy(heard);
  };
  const isTold = (...of: Parameters<typeof unprovoked>) => unprovoked(...of).length > 0;

  it('may answer something that the capture has not, after one and a half round trips of silence', () => {
    expect(unprovoked({ times: 2 })).toMatchObject([{ id: 'challenge-ack', confidence: 0.5, evidence: [20, 21] }]);
    expect(isTold({ segment: { t: { sincePrevious: 90 * MS - 1 } } })).toBe(false);
  });

  it('or after 20 ms, where the round trip is not known', () => {
    const unknown = { outbound: { rtt: { min: -1 } } };
    const after = (sincePrevious: number) =>
      isTold({ client: unknown, server: unknown, segment: { t: { sincePrevious } } });
    expect([after(20 * MS), after(20 * MS - 1)]).toEqual([true, false]);
  });

  it('of an end that spoke last, to one of which nothing is outstanding, after data', () => {
    expect([isTold({ server: { lastFrame: 9 } }), isTold({ client: { lastAck: 1 } })]).toEqual([false, false]);
    const waiting = { scoreboard: { isEmpty: false }, rtt: { min: 20 * MS } };
    expect([isTold({ server: { outbound: waiting } }), isTold({ server: { outbound: null } })]).toEqual([false, true]);
  });

  it('and not when one of the ends closes', () => {
    expect([isTold({ client: { finEnd: 0 } }), isTold({ server: { finEnd: 0 } })]).toEqual([false, false]);
  });

  it.each<[string, Parameters<typeof unprovoked>[0]]>([
    [
      'MPTCP, which has ACKs of its own',
      { segment: { t: { sincePrevious: 90 * MS }, view: { options: Option.MPTCP } } },
    ],
    ['a D-SACK', { segment: { facts: [...REPEATED, Fact.DSACK], t: { sincePrevious: 90 * MS } } }],
    ['a duplicate ACK', { segment: { facts: [...REPEATED, Fact.DUPLICATE_ACK], t: { sincePrevious: 90 * MS } } }],
    ['a probe', { segment: { facts: [...REPEATED, Fact.PROBE], t: { sincePrevious: 90 * MS } } }],
    ['an end whose SYN or FIN waits', { client: { unansweredKind: SYN } }],
  ])('nor of %s', (_, of) => {
    expect(isTold(of)).toBe(false);
  });
});

describe('a handshake', () => {
  const told = (
    segments: (both: ReturnType<typeof ends>) => readonly ReturnType<typeof shown>[],
    ...of: Parameters<typeof ends>
  ) => {
    const heard = listener();
    const handshake = new Handshake(heard.findings, new Pauses());
    const both = ends(...of);
    for (const segment of segments(both)) handshake.inspect(segment);
    return toldBy(heard);
  };
  const syn = (payloadLength: number, frame: number) => ({
    facts: [Fact.SYN],
    view: { flags: SYN, payloadLength },
    t: { opened: true },
    frame,
  });
  const synAck = (ack: number) => ({ facts: [Fact.SYN], view: { flags: SYN | ACK }, t: { ack }, frame: 9 });

  it('takes data on the SYN, or does not (RFC 7413 section 3)', () => {
    const fast = (first: number, again: number | null, ack: number) =>
      told(({ client, server }) => [
        shown(client, syn(first, 1)),
        ...(again === null ? [] : [shown(client, syn(again, 2))]),
        shown(server, synAck(ack)),
        shown(server, synAck(ack)),
      ]).map((account) => [account.message.key, account.who, valuesOf(account).bytes, account.evidence]);
    expect(fast(5, null, 6)).toEqual([['tfo-accepted', undefined, 5, [9, 1]]]);
    expect(fast(5, null, 2)).toEqual([['tfo-accepted', undefined, 1, [9, 1]]]);
    expect(fast(5, null, 1)).toEqual([['tfo-ignored.refused', 'receiver', 5, [9, 1]]]);
    expect(fast(5, 0, 1)).toEqual([['tfo-ignored.lost', 'network', 5, [9, 1]]]);
    expect(fast(5, 3, 1)).toEqual([['tfo-ignored.refused', 'receiver', 5, [9, 1]]]);
    expect(fast(0, 5, 6)).toEqual([['tfo-accepted', undefined, 5, [9, 2]]]);
    expect(fast(0, null, 1)).toEqual([]);
    expect(fast(1, null, 1)).toEqual([['tfo-ignored.refused', 'receiver', 1, [9, 1]]]);
  });

  it('meets an earlier connection: an ACK in SYN-SENT that is not acceptable (RFC 9293 section 3.5.1)', () => {
    const old = (state: number, flags: number, unacceptableSyn = false) =>
      told(({ server }) => [shown(server, { facts: [Fact.UNACCEPTABLE], view: { flags }, t: { unacceptableSyn } })], {
        state,
        lastFrame: 4,
      });
    expect(old(State.SYN_SENT, ACK)).toMatchObject([{ id: 'syn-answered-by-ack', evidence: [10, 4] }]);
    expect([
      old(State.ESTABLISHED, ACK),
      old(State.SYN_SENT, SYN | ACK),
      old(State.SYN_SENT, 0),
      old(State.SYN_SENT, ACK, true),
    ]).toEqual([[], [], [], []]);
  });

  /** A SYN of the server, whose client had sent one. */
  const second = (client: object = {}, server: object = {}, segment: Shown = {}) =>
    told(
      (both) => [shown(both.server, { facts: [Fact.SYN], view: { flags: SYN }, frame: 3, ...segment })],
      { state: State.SYN_SENT, ...client },
      {
        state: State.SYN_RECEIVED,
        lastAck: 0,
        lastFrame: 2,
        ...server,
      },
    ).map((account) => [account.message.key, account.confidence, account.evidence]);

  it('is simultaneous where SYNs cross (RFC 9293 section 3.5, Figure 7)', () => {
    expect(second()).toEqual([['simultaneous-open', 0.9, [3, 1]]]);
    expect(second({ state: State.ESTABLISHED })).toHaveLength(1);
    expect(second({ state: State.ESTABLISHED + 1 })).toEqual([]);
    expect(second({ hasIss: false })).toEqual([]);
    expect(second({}, {}, { t: { opened: true } })).toEqual([]);
    expect(second({}, {}, { facts: [Fact.SYN, Fact.RETRANSMISSION] })).toEqual([]);
    const answered = { outbound: { synAckSent: true } };
    expect([second(answered), second({}, answered), second({ outbound: null }, { outbound: null })]).toEqual([
      [],
      [],
      [['simultaneous-open', 0.9, [3, 1]]],
    ]);
  });

  it('is split where the SYN is acknowledged first, and the other SYN comes by itself', () => {
    expect(second({}, { lastAck: 1 })).toEqual([['split-handshake.ack', 0.9, [3, 2]]]);
    // It is acknowledged afterwards, with no SYN,ACK.
    const later = (synAckSent: boolean, lastAck: number) => {
      const heard = listener();
      const { client, server } = ends({ state: State.SYN_SENT }, { state: State.SYN_RECEIVED, lastAck: 0 });
      new Handshake(heard.findings, new Pauses()).inspect(shown(server, { facts: [Fact.SYN], view: { flags: SYN } }));
      server.lastAck = lastAck;
      server.outbound!.synAckSent = synAckSent;
      expect(client.lastAck).toBe(1);
      return toldBy(heard).map((account) => [account.message.key, account.confidence]);
    };
    expect([later(false, 0), later(false, 1), later(true, 1)]).toEqual([
      [['simultaneous-open', 0.9]],
      [['split-handshake.syn', 0.8]],
      [['simultaneous-open', 0.9]],
    ]);
  });

  describe('that nobody completes', () => {
    const concluded = (client: object, server: object, connection: object = {}, time = 3 * SECOND) => {
      const { findings, raised } = listener();
      new Handshake(findings, new Pauses()).concludeConnection(ends(client, server, connection).connection, {
        time,
      } as CaptureEnd);
      for (const account of raised) expect(valuesOf(account).waited).toBe(time - 2 * SECOND);
      return raised.map(({ id, severity, evidence }) => [id, severity, evidence]);
    };
    const WAITS = { unansweredFrame: 7, unansweredTime: 2 * SECOND, unansweredCopies: 1 };
    const asked = { ...WAITS, unansweredKind: SYN, lastAck: 0, state: State.SYN_SENT };
    const unseen = { seen: false };

    it('lacks an answer to the only SYN', () => {
      expect(concluded(asked, unseen)).toEqual([['syn-unanswered', 'info', [7]]]);
      expect(concluded(asked, unseen, {}, 3 * SECOND - 1)).toEqual([]);
      expect(concluded({ ...asked, unansweredCopies: 2 }, unseen)).toEqual([]);
      expect(concluded(asked, {})).toEqual([]);
      expect(concluded({ ...asked, lastAck: 1 }, unseen)).toEqual([]);
      expect(concluded(asked, unseen, { icmpError: true })).toEqual([]);
    });

    it('lacks an answer to the only SYN,ACK', () => {
      const answered = { ...WAITS, unansweredKind: SYN | ACK, state: State.SYN_RECEIVED };
      expect(concluded({}, answered)).toEqual([['half-open', 'info', [7]]]);
      expect(concluded({}, answered, {}, 3 * SECOND - 1)).toEqual([]);
      expect(concluded({}, { ...answered, unansweredCopies: 2 })).toEqual([]);
      expect(concluded({}, { ...answered, state: State.LISTEN })).toEqual([]);
      expect(concluded({}, { ...answered, sndNxt: 2 })).toEqual([]);
      expect(concluded({}, { ...answered, unansweredKind: SYN })).toEqual([]);
    });
  });
});

describe('ECN', () => {
  const FIRST = SYN | ECE | CWR;
  /** Flags of SYNs of the client, then what the server answers. */
  const asked = (syns: readonly number[], answer: number | null = SYN | ACK) => {
    const heard = listener();
    const ecn = new Ecn(heard.findings);
    const { client, server } = ends();
    for (const [i, flags] of syns.entries())
      ecn.inspect(
        shown(client, { facts: i === 0 ? [Fact.SYN] : [Fact.SYN, Fact.RETRANSMISSION], view: { flags }, frame: 1 + i }),
      );
    if (answer !== null)
      for (let i = 0; i < 2; i++) ecn.inspect(shown(server, { facts: [Fact.SYN], view: { flags: answer }, frame: 9 }));
    return heard.raised.map(({ evidence }) => evidence);
  };

  it('is refused where the SYN that asks for it has no answer and the same without it has one', () => {
    expect(asked([FIRST, SYN])).toEqual([[9, 2, 1]]);
    expect(asked([FIRST, SYN, SYN])).toEqual([[9, 2, 1]]);
    expect(asked([FIRST, FIRST, SYN])).toEqual([[9, 3, 1]]);
    expect([asked([FIRST, SYN], null), asked([FIRST, FIRST]), asked([SYN, SYN]), asked([SYN | ECE, SYN])]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('is not refused by a SYN of another connection', () => {
    const { findings, raised } = listener();
    const ecn = new Ecn(findings);
    const { client, server } = ends();
    ecn.inspect(shown(client, { facts: [Fact.SYN], view: { flags: FIRST } }));
    ecn.inspect(shown(client, { facts: [Fact.SYN], view: { flags: SYN } }));
    ecn.inspect(shown(server, { facts: [Fact.SYN], view: { flags: SYN | ACK } }));
    expect(raised).toEqual([]);
  });

  /** Flags of the SYN,ACK; then of segments: true the client's, false the server's. */
  const marked = (
    answer: number,
    segments: readonly [isClient: boolean, flags: number][],
    facts: readonly number[] = [Fact.ECN],
  ) => {
    const heard = listener();
    const ecn = new Ecn(heard.findings);
    const { client, server } = ends();
    ecn.inspect(shown(server, { facts: [Fact.SYN], view: { flags: answer } }));
    for (const [i, [isClient, flags]] of segments.entries())
      ecn.inspect(shown(isClient ? client : server, { facts, view: { flags }, frame: 20 + i }));
    return heard.added.map((account) => {
      const { evidence, ...rest } = account()!;
      const { acks, reductions } = valuesOf({ evidence, ...rest }) as { acks: number; reductions: number };
      return [acks, reductions, evidence];
    });
  };
  const AGREED = SYN | ACK | ECE;
  const ECHO = ACK | ECE;
  const REDUCED = ACK | CWR;

  it('echoes marks until they are answered, where both ends agreed on it (RFC 3168 section 6.1)', () => {
    expect(
      marked(AGREED, [
        [false, ECHO],
        [false, ECHO],
        [true, REDUCED],
      ]),
    ).toEqual([[2, 1, [20, 21]]]);
    expect(marked(AGREED, [[true, REDUCED]])).toEqual([]);
    expect(
      marked(AGREED, [
        [false, ECHO],
        [false, REDUCED],
      ]),
    ).toEqual([[1, 0, [20]]]);
    expect([marked(SYN | ACK, [[false, ECHO]]), marked(AGREED | CWR, [[false, ECHO]])]).toEqual([[], []]);
    expect(marked(AGREED, [[false, ECHO]], [Fact.ECN, Fact.UNACCEPTABLE])).toEqual([]);
  });
});

describe('an older timestamp', () => {
  type Again = readonly [seq: number, end: number, spurious?: boolean];
  const told = (segment: Shown = {}, { server = {}, again = [] }: { server?: object; again?: Again[] } = {}) => {
    const heard = listener();
    const timestamps = new Timestamps(heard.findings);
    const both = ends({ outbound: { clocks: { maxTsVal: 1030 } } }, server);
    const { t, view, ...more } = segment as { t?: object; view?: object };
    const place = { seq: 101, end: 111, previousSndNxt: 101, ...t };
    timestamps.inspect(
      shown(both.client, {
        facts: [Fact.OLD_TIMESTAMP],
        ...more,
        view: { tsVal: 1000, payloadLength: 10, ...view },
        t: place,
      }),
    );
    for (const [seq, end, spurious = false] of again) {
      const verdict = Object.assign(new Verdict(), { kind: Kind.RETRANSMISSION, spurious });
      timestamps.inspect(shown(both.client, { facts: [Fact.RETRANSMISSION], verdict, t: { seq, end } }));
    }
    return toldBy(heard);
  };

  it('is one of new data', () => {
    expect(valuesOf(told()[0])).toMatchObject({ ticks: 30 });
    expect(told({ t: { seq: 100 } })).toEqual([]);
    expect(told({ view: { payloadLength: 0 } })).toEqual([]);
    const kind = (value: number) => told({ verdict: Object.assign(new Verdict(), { kind: value }) }).length;
    expect([kind(Kind.NEW), kind(Kind.REORDERED)]).toEqual([1, 0]);
  });

  it('whose segment is dropped (RFC 7323 section 5.3): it was not where it is acknowledged without a repeat', () => {
    const acked = (lastAck: number, ...again: Again[]) => told({}, { server: { lastAck }, again }).length;
    expect([acked(110), acked(111)]).toEqual([1, 0]);
    expect([acked(111, [110, 120]), acked(111, [111, 121])]).toEqual([1, 0]);
    expect([acked(111, [91, 102]), acked(111, [91, 101])]).toEqual([1, 0]);
    // A repeat that was not needed shows that it had been taken; what comes after that does not count.
    expect([acked(111, [101, 111, true]), acked(110, [101, 111, true])]).toEqual([0, 1]);
    expect([acked(111, [101, 111, true], [101, 111]), acked(111, [101, 111], [101, 111, true])]).toEqual([0, 1]);
  });
});

describe('a SACK block (RFC 2018)', () => {
  /** Blocks by offsets in the other end's stream; the window of this one ends at 1001, or by this segment at 1101. */
  const fault = (
    blocks: readonly (readonly [number, number])[],
    { ack = 101, edge = 1001, window = 1000, shift = 0 } = {},
  ) => {
    const heard = listener();
    const { client } = ends({ windowEdge: edge, windowShift: shift }, { base: 0, sndNxt: 500 });
    const segment = shown(client, { view: { sackCount: blocks.length, sack: blocks.flat() }, t: { ack, window } });
    new SackBlocks(heard.findings).inspect(segment);
    return toldBy(heard).map((account) => {
      const values = valuesOf(account);
      return [values.fault, values.left, values.right];
    });
  };

  it('ends after it begins', () => {
    expect([fault([[201, 202]]), fault([[201, 201]]), fault([[202, 201]])]).toEqual([
      [],
      [['reversed', 201, 201]],
      [['reversed', 202, 201]],
    ]);
  });

  it('lies in what the window ever offered', () => {
    expect([fault([[201, 1101]]), fault([[201, 1102]])]).toEqual([[], [['beyond-window', 201, 1102]]]);
    expect([fault([[201, 1001]], { window: 0 }), fault([[201, 1002]], { window: 0 })]).toEqual([
      [],
      [['beyond-window', 201, 1002]],
    ]);
    expect(fault([[201, 5001]], { edge: -1 })).toEqual([]);
    // Its scale is not known.
    expect(fault([[201, 1102]], { shift: -1 })).toEqual([]);
    expect(fault([[201, 1102]], { edge: 0 })).toHaveLength(1);
  });

  it('lies above the ACK, unless it is the first: a D-SACK (RFC 2883 section 4)', () => {
    const first = [201, 301] as const;
    expect([fault([[1, 101]]), fault([first, [1, 102]]), fault([first, [1, 101]])]).toEqual([
      [],
      [],
      [['below-ack', 1, 101]],
    ]);
  });
});

it('SACK blocks that no receiver can mean are told once for each end', () => {
  const { findings, added } = listener();
  const blocks = new SackBlocks(findings);
  const { client } = ends({ windowEdge: 1001 }, { base: 0, sndNxt: 500 });
  for (const frame of [20, 21])
    blocks.inspect(shown(client, { frame, view: { sackCount: 1, sack: [202, 201] }, t: { ack: 101 } }));
  expect(added.map((account) => account()!.evidence)).toEqual([[20, 21]]);
});

describe('segments that others overtook', () => {
  const told = (segments: readonly { lateness?: number; depth?: number; dsack?: boolean }[], rtt = 0) => {
    const heard = listener();
    const reordering = new Reordering(heard.findings, () => false);
    const { client, server } = ends({ outbound: { rtt: { min: rtt } } }, {});
    for (const [i, { lateness = 5, depth = 1, dsack = false }] of segments.entries()) {
      if (dsack) reordering.inspect(shown(server, { facts: [Fact.DSACK] }));
      else
        reordering.inspect(
          shown(client, {
            facts: [Fact.REORDERED],
            frame: 20 + i,
            verdict: Object.assign(new Verdict(), { lateness, depth }),
          }),
        );
    }
    return toldBy(heard);
  };

  it('are one finding of their sender, with the most of each', () => {
    const all = told([
      { depth: 1, lateness: 7 },
      { depth: 4, lateness: 3 },
    ]);
    expect(all).toMatchObject([{ evidence: [20, 21] }]);
    expect(valuesOf(all[0])).toMatchObject({ segments: 2, deepest: 4, latest: 7 });
  });

  it('come within a round trip, or within 200 ms', () => {
    const late = (lateness: number, rtt = 0) => told([{ lateness }], rtt).length;
    expect([late(200 * MS), late(200 * MS + 1)]).toEqual([1, 0]);
    expect([late(300 * MS, 300 * MS), late(300 * MS + 1, 300 * MS)]).toEqual([1, 0]);
    expect([late(0), late(-1)]).toEqual([1, 0]);
  });

  it('harm where three overtook (RFC 5681 section 3.2) and the sender sent again what had arrived', () => {
    const severity = (depth: number, dsack: boolean) => told([{ depth }, ...(dsack ? [{ dsack }] : [])])[0].severity;
    expect([severity(3, true), severity(2, true), severity(3, false)]).toEqual(['warning', 'info', 'info']);
    expect(told([{ dsack: true }])).toEqual([]);
  });
});

describe('a header', () => {
  const told = (flags: number, urgentPointer = 0, facts: readonly number[] = [Fact.ODD_HEADER], times = 1) => {
    const heard = listener();
    const header = new HeaderFields(heard.findings);
    const { client } = ends();
    for (let i = 0; i < times; i++)
      header.inspect(shown(client, { facts, frame: 10 + i, view: { flags, urgentPointer } }));
    return toldBy(heard);
  };
  const fault = (flags: number) => told(flags).map((account) => valuesOf(account).fault);

  it('has flags that no segment has together, or none that one must have', () => {
    expect([fault(SYN | FIN), fault(SYN | RST), fault(RST | FIN), fault(SYN | RST | FIN)]).toEqual([
      ['syn-fin'],
      ['syn-rst'],
      ['rst-fin'],
      ['syn-fin'],
    ]);
    expect([fault(0), fault(PSH | FIN)]).toEqual([['none'], ['none']]);
    expect([fault(ACK), fault(SYN), fault(RST), fault(FIN | ACK)]).toEqual([[], [], [], []]);
    expect(told(SYN | FIN, 0, [])).toEqual([]);
  });

  it('has reserved bits', () => {
    const bits = (flags: number) => told(flags).map((account) => valuesOf(account).bits);
    expect([bits(ACK | RESERVED), bits(ACK | (1 << 9)), bits(ACK)]).toEqual([[RESERVED >>> 9], [1], []]);
  });

  it('points to urgent data with URG, and to nothing without it', () => {
    const urgent = (flags: number, pointer: number) => told(flags, pointer, [Fact.URGENT]).map(({ id }) => id);
    expect([urgent(ACK | URG, 1), urgent(ACK | URG, 0), urgent(ACK, 1)]).toEqual([
      ['urgent-data'],
      ['urgent-pointer-zero'],
      ['urgent-pointer-unused'],
    ]);
    expect(told(ACK | URG, 1, [])).toEqual([]);
  });

  it.each([URG, 0])('is counted for each sender', (flag) => {
    const all = told(ACK | flag, 5, [Fact.URGENT], 3);
    expect(all.map(({ evidence }) => evidence)).toEqual([[10, 11, 12]]);
    expect(valuesOf(all[0]).segments).toBe(3);
  });
});

describe('ICMP errors', () => {
  /** They quote the byte 101 of the client, of which up to 201 is outstanding. */
  const story = (errors: readonly object[]) => {
    const heard = listener();
    const icmp = new IcmpErrors(heard.findings);
    const { client, connection } = ends({ hasBase: true, base: 0, sndUna: 101, sndNxt: 201 });
    for (const [i, error] of errors.entries()) {
      const source = { icmpSrc0: 0, icmpSrc1: 0, icmpSrc2: 0, icmpSrc3: 0x0a090909 };
      const view = {
        ipVersion: 4,
        icmpType: 3,
        icmpCode: 1,
        icmpMtu: 0,
        seq: 101,
        frame: 10 + i,
        time: 0,
        ...source,
        ...error,
      };
      icmp.see(view as unknown as SegmentView, connection, client as never, null);
    }
    return { told: toldBy(heard), connection };
  };

  it.each([
    [4, 3, 1, 'icmp-unreachable', { version: 4, code: 1 }],
    [4, 3, 4, 'icmp-too-big', undefined],
    [4, 11, 0, 'icmp-other', { version: 4, type: 11 }],
    [4, 1, 0, 'icmp-other', { version: 4, type: 1 }],
    [6, 1, 4, 'icmp-unreachable', { version: 6, code: 4 }],
    [6, 2, 0, 'icmp-too-big', undefined],
    [6, 3, 0, 'icmp-other', { version: 6, type: 3 }],
  ])('of IPv%i, type %i and code %i are %s (RFC 792, RFC 4443)', (ipVersion, icmpType, icmpCode, id, reason) => {
    const { told, connection } = story([{ ipVersion, icmpType, icmpCode, icmpMtu: 1400 }]);
    expect(told.map((account) => account.id)).toEqual([id]);
    expect(valuesOf(told[0]).reason).toEqual(reason);
    // That a packet was too big is no reason why nobody answers.
    expect(connection.icmpError).toBe(id === 'icmp-too-big' ? null : true);
  });

  it('alike are counted together: by router, type, code, MTU, and whether they quote what is outstanding', () => {
    const counts = (...errors: object[]) => story(errors).told.map((account) => valuesOf(account).messages);
    expect([counts({}, {}, {}), counts({}, { icmpCode: 2 }, {}), counts({}, { icmpSrc3: 1 })]).toEqual([
      [3],
      [2, 1],
      [1, 1],
    ]);
    expect([counts({}, { icmpMtu: 1400 }), counts({}, { icmpType: 11 }), counts({}, { seq: 5 })]).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(story([{}, {}]).told[0].evidence).toEqual([10, 11]);
    expect(story([{}, { seq: 5 }]).told.map(({ confidence }) => confidence)).toEqual([0.95, 0.5]);
  });

  it('of one sender are told apart up to thirty-two; of others each is told by itself', () => {
    const routers = (count: number) => Array.from({ length: count }, (_, i) => ({ icmpSrc3: i }));
    const messages = (count: number) => story([...routers(count), { icmpSrc3: count - 1 }]).told.length;
    expect([messages(32), messages(33)]).toEqual([32, 34]);
  });
});

describe('one place with two contents', () => {
  it('is one sender’s by equal TTLs and IP IDs that are at most 16 apart', () => {
    const isOne = (ipId: number, earlier: number, ttl = 64) => {
      const { findings, raised } = listener();
      const contradiction = { earlier: 'a', later: 'b', offset: 2, frame: 4, ttl: 64, ipId: earlier };
      const verdict = { differs: true, contradiction, original: 4 };
      new PayloadConflict(findings).inspect(shown(ends().client, { verdict, view: { ttl, ipId }, t: { seq: 100 } }));
      expect(raised[0].evidence).toEqual([10, 4]);
      expect(valuesOf(raised[0]).start).toBe(102);
      return valuesOf(raised[0]).isOneSender;
    };
    expect([isOne(101, 100), isOne(116, 100), isOne(117, 100), isOne(100, 100), isOne(99, 100)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(isOne(101 + 32768, 100)).toBe(false);
    expect([isOne(15, 65535), isOne(16, 65535)]).toEqual([true, false]);
    expect(isOne(101, 100, 63)).toBe(false);
    expect([isOne(-1, -2), isOne(-1, 65530), isOne(3, -1), isOne(1, 0), isOne(0, 65535)]).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('is one packet that was rewritten where IP ID and TTL are the same: nobody sent two', () => {
    const told = (ipId: number, earlier: number, ttl = 64) => {
      const { findings, raised } = listener();
      const contradiction = { earlier: 'a', later: 'b', offset: 2, frame: 4, ttl: 64, ipId: earlier };
      const verdict = { differs: true, contradiction, original: 4 };
      new PayloadConflict(findings).inspect(shown(ends().client, { verdict, view: { ttl, ipId }, t: { seq: 100 } }));
      return [valuesOf(raised[0]).isOnePacket, raised[0].severity, raised[0].confidence];
    };
    expect(told(100, 100)).toEqual([true, 'info', 0.6]);
    for (const other of [told(101, 100), told(100, 100, 63), told(0, 0), told(-1, -1)])
      expect(other).toEqual([false, undefined, 0.95]);
  });

  it('is known by its sums where the contents are not kept', () => {
    const told = (differs: boolean) => {
      const { findings, raised } = listener();
      new PayloadConflict(findings).inspect(
        shown(ends().client, { verdict: { differs, contradiction: null, original: 4 } }),
      );
      return raised.map(({ message, evidence }) => [message.key, evidence]);
    };
    expect([told(true), told(false)]).toEqual([[['payload-conflict.sums', [10, 4]]], []]);
  });
});
