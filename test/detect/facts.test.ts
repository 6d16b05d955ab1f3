/** What of a segment is out of the ordinary: each condition of `factsOf` with an example on either side. */

import { describe, expect, it } from 'vitest';
import { Fact, FactSet, factsOf } from '../../src/detect/facts.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../src/model/flags.ts';
import { NEVER } from '../../src/model/packed.ts';
import { ChecksumStatus, Option, SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Kind, Verdict } from '../../src/model/verdict.ts';

const MS = 1e6;
const NAMES = new Map(Object.entries(Fact).map(([name, fact]) => [fact as number, name]));

/** Both ends have an MSS of 100; the sender has heard up to 500 and allowed up to 5000, the receiver up to 3000. */
const SENDER = {
  rawWindow: 10,
  windowEdge: 5000,
  lastAck: 500,
  mss: 100,
  questionedTo: -1,
  watched: false,
  sndNxt: 1000,
  finEnd: -1,
  outbound: { scoreboard: { outstanding: 0, isEmpty: true }, clocks: { maxTsVal: 70 }, rtt: { min: 20 * MS } },
};
const RECEIVER = {
  windowFullSince: NEVER,
  repairEnd: -1,
  dataPackets: 1,
  mss: 100,
  watched: false,
  windowEdge: 3000,
  finEnd: -1,
  outbound: { scoreboard: { outstanding: 0, isEmpty: false }, rtt: { min: 20 * MS } },
};
const EFFECT = { unseen: false, shownHoles: [], advanced: 0, duplicate: false, dsack: false, frame: 0, time: 0 };

interface Given {
  view?: Partial<SegmentView>;
  sender?: object;
  receiver?: object;
  effect?: object;
  t?: object;
}

/** Names of the facts of a segment: an ACK of 100 new bytes, unless something else is given. */
function facts({ view = {}, sender = {}, receiver = {}, effect = {}, t = {} }: Given = {}): string[] {
  const segment = {
    sender: { ...SENDER, ...sender },
    receiver: { ...RECEIVER, ...receiver },
    effect: { ...EFFECT, advanced: 100, ...effect },
    verdict: null,
    transition: { illegalEvent: -1 },
    unacceptable: false,
    unacceptableSyn: false,
    opened: false,
    seq: 1000,
    end: 1000,
    ack: 600,
    window: 4500,
    ...t,
  } as unknown as TrackedSegment;
  const set = new FactSet();
  const whole = { flags: ACK, rawWindow: 10, tcpChecksumStatus: ChecksumStatus.GOOD, ...view };
  factsOf(segment, Object.assign(new SegmentView(), whole), set);
  return [...NAMES].filter(([fact]) => set.has(fact)).map(([, name]) => name);
}

it('a plain ACK has none', () => {
  expect(facts()).toEqual([]);
  expect(facts({ view: { flags: ACK | PSH, payloadLength: 10 }, t: { end: 1010 } })).toEqual([]);
});

describe('a window', () => {
  it('is closed, and opened again', () => {
    expect(facts({ view: { rawWindow: 0 }, t: { window: 4500 } })).toEqual(['ZERO_WINDOW']);
    expect(facts({ sender: { rawWindow: 0 } })).toEqual(['REOPENED']);
    expect(facts({ view: { rawWindow: 0 }, sender: { rawWindow: 0 } })).toEqual(['ZERO_WINDOW']);
  });

  it('shrinks where its edge moves to the left with an ACK that is not older', () => {
    expect(facts({ t: { window: 4400 } })).toEqual([]);
    expect(facts({ t: { window: 4399 } })).toEqual(['SHRUNK']);
    expect(facts({ t: { ack: 500, window: 4499 }, effect: { advanced: 1 } })).toEqual(['SHRUNK']);
    expect(facts({ t: { ack: 499, window: 4499 }, effect: { advanced: 1 } })).toEqual([]);
    expect(facts({ t: { window: -1 } })).toEqual([]);
    expect(facts({ t: { window: 0 } })).toEqual(['SHRUNK']);
    expect(facts({ t: { ack: 0 }, sender: { lastAck: -1 } })).toEqual(['SHRUNK']);
    expect(facts({ t: { ack: -1 }, sender: { lastAck: -1 } })).toEqual([]);
  });

  it('gives room where it was full', () => {
    const full = { windowFullSince: 0 };
    expect(facts({ t: { window: 4401 }, receiver: full })).toEqual(['ROOM']);
    expect(facts({ t: { window: 4400 }, receiver: full })).toEqual([]);
    expect(facts({ t: { window: 4401 } })).toEqual([]);
  });

  it('is small below a segment', () => {
    const old = { windowEdge: 0 };
    expect(facts({ t: { window: 99 }, sender: old })).toEqual(['SMALL_WINDOW']);
    expect(facts({ t: { window: 100 }, sender: old })).toEqual([]);
    expect(facts({ t: { window: 1 }, sender: old })).toEqual(['SMALL_WINDOW']);
    expect(facts({ t: { window: 0 }, sender: old })).toEqual([]);
  });
});

describe('an ACK', () => {
  it('of what was not seen, and of what lies beyond a hole', () => {
    expect(facts({ effect: { unseen: true } })).toEqual(['UNSEEN']);
    expect(facts({ effect: { shownHoles: [{}] } })).toEqual(['HOLES']);
  });

  it('of all that was repaired', () => {
    expect(facts({ receiver: { repairEnd: 600 } })).toEqual(['REPAIRED']);
    expect(facts({ receiver: { repairEnd: 601 } })).toEqual([]);
    expect(facts({ receiver: { repairEnd: 0 } })).toEqual(['REPAIRED']);
  });

  it('of more than two full segments (RFC 5681 section 4.2)', () => {
    const more = (ack: number, sender: object = {}, receiver: object = {}) =>
      facts({ t: { ack }, sender: { windowEdge: 0, ...sender }, receiver });
    expect([more(700), more(701)]).toEqual([[], ['STRETCH_ACK']]);
    expect([more(701, { mss: -1 }), more(701, { mss: 0 }), more(701, { mss: 1 })]).toEqual([[], [], ['STRETCH_ACK']]);
    expect([more(200, { lastAck: 0 }), more(201, { lastAck: 0 })]).toEqual([[], ['STRETCH_ACK']]);
    expect(more(701, { lastAck: -1 })).toEqual([]);
    expect(more(701, {}, { dataPackets: 0 })).toEqual([]);
  });

  it('is delayed by 35 ms or more beyond the shortest round trip, where nothing else is outstanding', () => {
    const alone = { outbound: { ...RECEIVER.outbound, scoreboard: { outstanding: 0, isEmpty: true } } };
    const after = (time: number, of: Given = {}) =>
      facts({
        ...of,
        view: { time },
        receiver: { ...alone, ...of.receiver },
        effect: { frame: 5, time: 0, ...of.effect },
      });
    expect([after(55 * MS - 1), after(55 * MS)]).toEqual([[], ['DELAYED_ACK']]);
    const atOnce = { outbound: { ...alone.outbound, rtt: { min: 0 } } };
    const unknown = { outbound: { ...alone.outbound, rtt: { min: -1 } } };
    expect([after(35 * MS, { receiver: atOnce }), after(55 * MS, { receiver: unknown })]).toEqual([
      ['DELAYED_ACK'],
      [],
    ]);
    expect(after(60 * MS - 1, { effect: { time: 5 * MS } })).toEqual([]);
    expect(after(55 * MS, { effect: { advanced: 101 } })).toEqual([]);
    expect(after(55 * MS, { effect: { frame: 0 } })).toEqual([]);
    expect(after(55 * MS, { t: { end: 1001 } })).toEqual([]);
    expect(after(55 * MS, { receiver: RECEIVER })).toEqual([]);
  });

  it('enters another part of a long flow: sixteen of each doubling, from 32 KiB on', () => {
    const part = (ack: number, advanced = 1) => {
      const sender = { lastAck: ack - advanced };
      return facts({ t: { ack }, sender, receiver: { sndNxt: ack }, effect: { advanced } }).includes('DELIVERY');
    };
    expect([part(2 ** 15 - 1, 2000), part(2 ** 15)]).toEqual([false, true]);
    // A sixteenth of 32 KiB is 2048 bytes; of 64 KiB 4096.
    expect([part(2 ** 15 + 2047), part(2 ** 15 + 2048), part(2 ** 15 + 2049)]).toEqual([false, true, false]);
    expect([part(2 ** 16 + 2048), part(2 ** 16 + 4096)]).toEqual([false, true]);
    expect([part(2 ** 15 + 3000, 952), part(2 ** 15 + 3000, 953)]).toEqual([false, true]);
    // Offsets beyond 31 bits are not looked at.
    expect([part(2 ** 31 - 2 ** 27), part(2 ** 31)]).toEqual([true, false]);
  });

  it('repeats the one before, which a duplicate ACK does and a window update does not', () => {
    const same = { t: { ack: 500 }, effect: { advanced: 0 } };
    expect(facts(same)).toEqual(['REPEATED_ACK']);
    expect(facts({ ...same, effect: { advanced: 0, duplicate: true } })).toEqual(['DUPLICATE_ACK', 'REPEATED_ACK']);
    expect(facts({ ...same, view: { rawWindow: 11 } })).toEqual([]);
    expect(facts({ ...same, t: { ack: 500, end: 1001 } })).toEqual([]);
    expect(facts({ t: { ack: 501 }, effect: { advanced: 0, duplicate: true } })).toEqual(['DUPLICATE_ACK']);
  });

  it('carries SACK, or D-SACK', () => {
    expect(facts({ view: { options: Option.SACK } })).toEqual(['SACK']);
    expect(facts({ view: { options: Option.SACK }, effect: { dsack: true } })).toEqual(['DSACK', 'SACK']);
  });
});

describe('data', () => {
  const data = (payloadLength: number, end: number, of: Given = {}) =>
    facts({ ...of, view: { payloadLength, ...of.view }, t: { end, ...of.t } });

  it('fills the window where another segment like it would go beyond', () => {
    expect(data(50, 2950)).toEqual([]);
    expect(data(51, 2950)).toEqual(['WINDOW_FULL']);
    expect(data(51, 2950, { receiver: { windowEdge: -1 } })).toEqual([]);
    expect(data(1, 1001, { receiver: { windowEdge: 0 } })).toEqual(['WINDOW_FULL']);
    expect(data(0, 3001)).toEqual([]);
  });

  it('is larger than the MSS of the receiver', () => {
    expect(data(100, 1100)).toEqual([]);
    expect(data(101, 1101)).toEqual(['OVERSIZE']);
    expect([0, 1].map((mss) => data(2, 1002, { receiver: { mss } }))).toEqual([[], ['OVERSIZE']]);
    expect(data(101, 1101, { receiver: { mss: -1 } })).toEqual([]);
  });

  it('has a timestamp older than the newest (RFC 7323 section 5)', () => {
    const stamp = (tsVal: number, options: number = Option.TIMESTAMPS) => data(10, 1010, { view: { options, tsVal } });
    expect([stamp(69), stamp(70), stamp(71), stamp(69, 0)]).toEqual([['OLD_TIMESTAMP'], [], [], []]);
  });

  it('acknowledges a FIN that met data on the way', () => {
    const crossed = ({ sender = {}, receiver = {}, t = {} }: Given) =>
      facts({
        sender: { lastAck: 599, finEnd: -1, ...sender },
        receiver: { finEnd: 600, lastAck: 999, ...receiver },
        t: { previousSndNxt: 1000, ...t },
      }).includes('CROSSED');
    expect(crossed({})).toBe(true);
    // All data was acknowledged; the FIN had been acknowledged; it is not acknowledged.
    expect(crossed({ receiver: { lastAck: 1000 } })).toBe(false);
    expect(crossed({ sender: { lastAck: 600 } })).toBe(false);
    expect(crossed({ receiver: { finEnd: 601 } })).toBe(false);
    // It closes with this segment; it had closed before.
    expect([1001, 1000].map((finEnd) => crossed({ sender: { finEnd } }))).toEqual([true, false]);
    // The first byte of data has number 1.
    const first = (seq: number) => crossed({ receiver: { lastAck: -1 }, t: { seq, previousSndNxt: seq } });
    expect([first(1), first(2)]).toEqual([false, true]);
  });

  it('comes after the FIN of its sender, or of its receiver', () => {
    expect(data(10, 1010, { sender: { finEnd: 1010 } })).toEqual([]);
    expect(data(10, 1010, { sender: { finEnd: 1009 } })).toEqual(['AFTER_FIN']);
    expect(data(10, 1010, { receiver: { finEnd: 0 } })).toEqual(['AFTER_FIN']);
    expect(data(10, 1010, { sender: { finEnd: 0 } })).toEqual(['AFTER_FIN']);
    expect(data(0, 1010, { receiver: { finEnd: 0 } })).toEqual([]);
    expect(data(1, 1001, { receiver: { finEnd: 0 } })).toEqual(['AFTER_FIN']);
  });

  it('is more than slow start allows: the initial window and as much more as was acknowledged (RFC 5681 section 3.1)', () => {
    // Ten segments of 100, and 1010 bytes sent: with 1005 outstanding, 5 were acknowledged.
    const under = (outstanding: number, receiver: object = {}) =>
      data(10, 1010, { sender: { outbound: { ...SENDER.outbound, scoreboard: { outstanding } } }, receiver });
    expect([under(1005), under(1006)]).toEqual([[], ['CONGESTION']]);
    expect(under(1006, { mss: 0 })).toEqual([]);
    expect(data(10, 1010, { sender: { watched: true } })).toEqual(['CONGESTION']);
    expect(facts({ sender: { watched: true } })).toEqual([]);
    expect(facts({ receiver: { watched: true } })).toEqual(['CONGESTION']);
  });

  it('is a TLS alert: of 85 bytes at the most, in the clear or as long as TLS 1.3 encrypts one', () => {
    const record = (bytes: number[], payloadLength = 85) =>
      data(payloadLength, 1085, {
        view: { bytes: Uint8Array.from(bytes), payloadOffset: 0, payloadCaptured: bytes.length },
      });
    expect(record([21, 3, 3, 0, 2])).toEqual(['TLS_ALERT']);
    expect(record([21, 3, 3, 0, 2], 86)).toEqual([]);
    expect(record([21, 3, 3, 0])).toEqual([]);
    expect(record([21, 2, 3, 0, 2])).toEqual([]);
    // Before a version is agreed on.
    expect([record([21, 0, 0, 0, 2]), record([21, 0, 0, 0, 3]), record([22, 0, 0, 0, 2])]).toEqual([
      ['TLS_ALERT'],
      [],
      [],
    ]);
    expect(record([22, 3, 3, 0, 2])).toEqual([]);
    expect(record([23, 3, 3, 0, 19])).toEqual(['TLS_ALERT']);
    expect(record([23, 3, 3, 0, 20])).toEqual([]);
    expect(record([23, 3, 3, 1, 19])).toEqual([]);
  });
});

describe('flags', () => {
  const flags = (value: number, view: Partial<SegmentView> = {}) => facts({ view: { flags: value, ...view } });

  it('are told one by one, and are odd where no segment has them together', () => {
    expect(flags(SYN | ACK)).toEqual(['SYN']);
    expect(flags(FIN | ACK)).toEqual(['FIN']);
    expect(flags(RST | ACK)).toEqual(['RST']);
    expect(facts({ view: { flags: RST | ACK }, effect: { unseen: true } })).toEqual(['RST']);
    expect(flags(SYN | FIN)).toEqual(['SYN', 'FIN', 'ODD_HEADER']);
    expect(flags(RST | FIN)).toEqual(['FIN', 'RST', 'ODD_HEADER']);
    expect(flags(PSH)).toEqual(['ODD_HEADER']);
    expect(flags(0)).toEqual(['ODD_HEADER']);
  });

  it('ask for attention by URG, or by a pointer without it', () => {
    expect(flags(ACK | URG)).toEqual(['URGENT']);
    expect(flags(ACK, { urgentPointer: 1 })).toEqual(['URGENT']);
    expect(flags(SYN | ACK, { urgentPointer: 1 })).toEqual(['SYN', 'URGENT']);
  });

  it('echo congestion marks, but on a SYN, where they ask for ECN (RFC 3168 section 6.1.1)', () => {
    expect(flags(ACK | ECE)).toEqual(['ECN']);
    expect(flags(ACK | CWR)).toEqual(['ECN']);
    expect(flags(SYN | ECE | CWR)).toEqual(['SYN']);
  });
});

describe('what the decoder, the tracker and the verdict say', () => {
  const kind = (value: number) => facts({ t: { verdict: Object.assign(new Verdict(), { kind: value }) } });

  it('is taken over', () => {
    expect(kind(Kind.NEW)).toEqual([]);
    expect(kind(Kind.ACK)).toEqual([]);
    expect(kind(Kind.RETRANSMISSION)).toEqual(['RETRANSMISSION']);
    expect(kind(Kind.REORDERED)).toEqual(['REORDERED']);
    expect(kind(Kind.KEEP_ALIVE)).toEqual(['PROBE']);
    expect(kind(Kind.WINDOW_PROBE)).toEqual(['PROBE']);
    expect(facts({ t: { opened: true } })).toEqual(['OPENED']);
    expect(facts({ t: { transition: { illegalEvent: 0 } } })).toEqual(['ILLEGAL']);
    expect(facts({ t: { unacceptableSyn: true } })).toEqual(['UNACCEPTABLE']);
    expect(facts({ sender: { questionedTo: 0 } })).toEqual(['QUESTIONED']);
    expect(facts({ view: { options: Option.MALFORMED } })).toEqual(['ODD_HEADER']);
  });

  it('leaves nothing else of a second copy, and of a segment that is dropped its flags', () => {
    const verdict = Object.assign(new Verdict(), { kind: Kind.DUPLICATE });
    expect(facts({ t: { verdict, opened: true }, view: { rawWindow: 0 } })).toEqual(['DUPLICATE']);
    expect(facts({ t: { unacceptable: true }, view: { flags: ACK | RST, rawWindow: 0 } })).toEqual([
      'RST',
      'UNACCEPTABLE',
    ]);
  });

  it('tells of checksums that are not right as they stand', () => {
    const sum = (tcpChecksumStatus: number, ipChecksumStatus: number = ChecksumStatus.GOOD) =>
      facts({ view: { tcpChecksumStatus, ipChecksumStatus } });
    expect(sum(ChecksumStatus.BAD)).toEqual(['CHECKSUM']);
    expect(sum(ChecksumStatus.OFFLOAD)).toEqual(['CHECKSUM']);
    expect(sum(ChecksumStatus.UNVERIFIED)).toEqual([]);
    expect(sum(ChecksumStatus.GOOD, ChecksumStatus.BAD)).toEqual(['CHECKSUM']);
    expect(sum(ChecksumStatus.UNVERIFIED, ChecksumStatus.BAD)).toEqual(['CHECKSUM']);
  });

  it('knows MP_FASTCLOSE by its subtype 7 (RFC 8684 section 3.5)', () => {
    const mptcp = (subtype: number, mptcpOffset = 0) =>
      facts({ view: { options: Option.MPTCP, mptcpOffset, bytes: Uint8Array.of(30, 12, subtype << 4) } });
    expect([mptcp(7), mptcp(6), mptcp(8), mptcp(7, -1)]).toEqual([['FAST_CLOSE'], [], [], []]);
  });
});
