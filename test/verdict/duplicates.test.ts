/** The second sight of a packet: each figure and condition of `duplicates.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import { ACK, FIN, RST, SYN } from '../../src/model/flags.ts';
import { Option, SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';
import { Kind, type Verdict } from '../../src/model/verdict.ts';
import { stampNamesPacket } from '../../src/verdict/clocks.ts';
import { findDuplicate } from '../../src/verdict/duplicates.ts';
import type { Outbound } from '../../src/verdict/outbound.ts';
import type { RecentPackets } from '../../src/verdict/recent.ts';
import { analyseScenario, verdictText } from '../support/analyze.ts';

const US = 1e3;
const MS = 1e6;
const S = 1e9;

interface Sight {
  /** Nanoseconds since the first sight. */
  after?: number;
  /** The first sight was at another place, or with another TTL. */
  elsewhere?: boolean;
  otherTtl?: boolean;
  /** Bytes of data, and what the sender's peer has acknowledged: the segment lies from 100 on. */
  length?: number;
  sndUna?: number;
  flags?: number;
  ipId?: number;
  ack?: number;
  /** All that was sent, and the greatest ACK number, before it. */
  previousSndNxt?: number;
  lastAck?: number;
  opened?: boolean;
  /** Its timestamp, and the latest of its sender. */
  tsVal?: number;
  latest?: number;
  duplicates?: number;
  packets?: number;
  rtt?: number;
  /** The latest frame of its peer; that of the first sight is 3. */
  heard?: number;
  /** What its peer has acknowledged. */
  peerAck?: number;
  /** It is found only within the time that is asked for. */
  isBound?: boolean;
}

/** The verdict on a segment that is equal to an earlier one, and the time within which that counts. */
function sight({
  after = 0,
  elsewhere = false,
  otherTtl = false,
  length = 10,
  sndUna = 100,
  flags = ACK,
  ipId = 7,
  ack = 50,
  previousSndNxt = 1000,
  lastAck = 50,
  opened = false,
  tsVal = -1,
  latest = -1,
  duplicates = 0,
  packets = 100,
  rtt = -1,
  heard = 2,
  peerAck = -1,
  isBound = false,
}: Sight) {
  let within = Number.NaN;
  const first = { foundTime: 5 * S, foundFrame: 3, foundElsewhere: elsewhere, foundTtl: otherTtl ? 63 : 64 };
  const recent = {
    ...first,
    find(_sender: unknown, _view: unknown, _hasId: boolean, shortest: number) {
      within = shortest;
      return !isBound || after < shortest;
    },
  } as unknown as RecentPackets;
  const outbound = {
    clocks: { maxTsVal: latest, idRepeats: 0 },
    order: 10,
    acceptance: { badChecksums: 0 },
    rtt: { min: rtt },
  };
  const sender = { outbound, sndUna, lastAck, peer: { outbound: { rtt: { min: -1 } } } };
  Object.assign(sender.peer, { peer: sender });
  const t = {
    sender,
    receiver: { lastFrame: heard, lastAck: peerAck },
    connection: { duplicateFrames: duplicates, packets },
    seq: 100,
    end: 100 + length,
    ack,
    previousSndNxt,
    opened,
  } as unknown as TrackedSegment;
  const view = Object.assign(new SegmentView(), {
    ipVersion: 4,
    ipId,
    ttl: 64,
    flags,
    time: first.foundTime + after,
    options: tsVal < 0 ? 0 : Option.TIMESTAMPS,
    tsVal,
  });
  return { verdict: findDuplicate(recent, t, view), within };
}
const isDuplicate = (of: Sight) => sight(of).verdict !== null;
const verdict = (of: Sight): Verdict => sight(of).verdict!;

describe('a packet without an IP ID that was seen at another place', () => {
  const later: Sight = { ipId: 0, isBound: true, after: 20 * MS, otherTtl: true };

  it('is a copy before any timer could send it again, 180 ms', () => {
    const at = (after: number) => isDuplicate({ ...later, after });
    expect([at(180 * MS - 1), at(180 * MS)]).toEqual([true, false]);
    expect(isDuplicate({ ...later, otherTtl: false })).toBe(false);
    expect(isDuplicate({ ...later, otherTtl: false, elsewhere: true })).toBe(true);
    expect(verdict(later).byCapture).toBe(true);
  });

  it('is a copy where its peer was heard since if one packet in four came twice', () => {
    const heard = (duplicates: number, frame = 4) => isDuplicate({ ...later, heard: frame, duplicates });
    expect([heard(0, 3), heard(0, 2), heard(24), heard(25)]).toEqual([false, true, false, true]);
  });

  it('is an ACK of its own while few packets came twice, and always a SYN or RST of its own', () => {
    const ack = (duplicates: number) => isDuplicate({ ...later, length: 0, duplicates });
    expect([ack(24), ack(25)]).toEqual([false, true]);
    expect(isDuplicate({ ...later, flags: ACK | RST, duplicates: 25 })).toBe(false);
    expect(isDuplicate({ ...later, flags: ACK | SYN, duplicates: 25 })).toBe(false);
  });
});

describe('a duplicate', () => {
  it('names the packet that it repeats', () => {
    expect(verdict({})).toMatchObject({ kind: Kind.DUPLICATE, original: 3 });
  });

  it('brings nothing: neither bytes nor an ACK that were not seen before', () => {
    expect([isDuplicate({ previousSndNxt: 110 }), isDuplicate({ previousSndNxt: 109 })]).toEqual([true, false]);
    expect([isDuplicate({ lastAck: 50 }), isDuplicate({ lastAck: 49 })]).toEqual([true, false]);
    expect([isDuplicate({ lastAck: -1, ack: -1 }), isDuplicate({ lastAck: -1, ack: 0 })]).toEqual([true, false]);
    expect(isDuplicate({ opened: true })).toBe(false);
  });

  it('comes within the longest life of a packet, 120 s (RFC 9293 section 3.4.3)', () => {
    const late = { sndUna: 110 };
    expect([isDuplicate({ ...late, after: 120 * S }), isDuplicate({ ...late, after: 120 * S + 1 })]).toEqual([
      true,
      false,
    ]);
  });

  it('with an IP ID that was acknowledged may come late; else a host may send it again after 180 ms', () => {
    const at = (after: number, of: Sight = {}) => isDuplicate({ after, ...of });
    expect([at(180 * MS - 1), at(180 * MS)]).toEqual([true, false]);
    expect([at(180 * MS, { sndUna: 110 }), at(180 * MS, { sndUna: 109 })]).toEqual([true, false]);
    // Bytes that take no place are not sent again, and a timestamp would be another.
    expect(at(180 * MS, { length: 0, sndUna: 50 })).toBe(true);
    expect(at(180 * MS, { tsVal: 9, latest: 9 })).toBe(true);
  });

  it('with an old timestamp can only be a late packet or a copy', () => {
    const within = (tsVal: number, latest: number) => sight({ ipId: 0, tsVal, latest }).within;
    expect([within(8, 9), within(9, 9)]).toEqual([Number.POSITIVE_INFINITY, 100 * US]);
    // Around 2^32 (RFC 7323 section 5.2), and of a sender that has sent none before.
    expect([within(0xffffffff, 0), within(0, 0xffffffff)]).toEqual([Number.POSITIVE_INFINITY, 100 * US]);
    expect([within(5, 0), within(0xffffffff, -1)]).toEqual([100 * US, 100 * US]);
    // Longer ago than half a round trip, in which another one would have been answered.
    const late: Sight = { ipId: 0, after: S, rtt: S, heard: 4 };
    expect(isDuplicate({ ...late, tsVal: 8, latest: 9 })).toBe(true);
    expect(isDuplicate({ ...late, tsVal: 9, latest: 9 })).toBe(false);
  });

  it('with an old timestamp may be another ACK of the same tick, unless one packet in four comes twice', () => {
    const old: Sight = { length: 0, tsVal: 8, latest: 9, packets: 100 };
    expect(isDuplicate({ ...old, ipId: 0, duplicates: 24 })).toBe(false);
    expect(isDuplicate({ ...old, ipId: 0, duplicates: 25 })).toBe(true);
    expect(isDuplicate({ ...old, ipId: 0, elsewhere: true })).toBe(true);
    expect(isDuplicate(old)).toBe(true);
  });

  it('without an IP ID is an ACK only where the connection shows other copies, or it was seen at another interface', () => {
    const ackOnly: Sight = { ipId: 0, length: 0 };
    expect(isDuplicate(ackOnly)).toBe(false);
    expect(isDuplicate({ ...ackOnly, duplicates: 1 })).toBe(true);
    expect(isDuplicate({ ...ackOnly, elsewhere: true })).toBe(true);
    expect(isDuplicate({ ...ackOnly, otherTtl: true })).toBe(false);
    expect(isDuplicate({ ...ackOnly, otherTtl: true, duplicates: 1 })).toBe(true);
    expect(isDuplicate({ ipId: 0, length: 1 })).toBe(true);
  });

  it('may be a reset that acknowledges more than its sender had: nothing of it is kept', () => {
    const more: Sight = { ack: 51, lastAck: 50 };
    expect([isDuplicate({ ...more, flags: ACK | RST }), isDuplicate({ ...more, flags: ACK })]).toEqual([true, false]);
    // Two resets that answer two segments have an IP ID each.
    const text = `0.000 > S seq 0 win 8192
      0.010 < S. seq 0 ack 1 win 8192
      0.011 > . ack 1
      0.020 > P. 1:101(100) ack 1
      0.030 < P. 1:101(100) ack 101
      0.031 > R. seq 101 ack 101 id 90`;
    const verdictOf = (line: string) => verdictText(analyseScenario(`${text}\n${line}`).rows.at(-1)!);
    expect(verdictOf('0.0311 > R. seq 101 ack 101 id 90 ttl 63')).toBe('duplicate');
    expect(verdictOf('0.0311 > R. seq 101 ack 101 id 91')).not.toBe('duplicate');
  });

  it('without an IP ID is a reset only at another place: each stray segment is answered by one (RFC 9293 section 3.10.7.1)', () => {
    const reset: Sight = { ipId: 0, length: 0, flags: RST, duplicates: 5 };
    expect([
      isDuplicate(reset),
      isDuplicate({ ...reset, elsewhere: true }),
      isDuplicate({ ...reset, otherTtl: true }),
      isDuplicate({ ...reset, otherTtl: true, duplicates: 0 }),
    ]).toEqual([false, true, true, false]);
    expect(isDuplicate({ ...reset, flags: FIN })).toBe(true);
  });
});

describe('a SYN,ACK without an IP ID', () => {
  it('answers the SYN that its peer has sent since it was first seen, but for the one that another interface saw', () => {
    const synAck: Sight = { ipId: 0, length: 1, flags: SYN | ACK };
    expect([3, 4].map((heard) => isDuplicate({ ...synAck, heard }))).toEqual([true, false]);
    expect(isDuplicate({ ...synAck, heard: 4, elsewhere: true })).toBe(true);
    expect([0, 1].map((peerAck) => isDuplicate({ ...synAck, heard: 4, peerAck }))).toEqual([false, true]);
    expect(isDuplicate({ ...synAck, ipId: 7, heard: 4 })).toBe(true);
  });
});

describe('the time within which a host has no reason to send a packet again', () => {
  const within = (of: Sight) => sight({ ipId: 0, ...of }).within;

  it('is 100 us for an ACK, and 100 ms for a SYN', () => {
    expect(within({ length: 0, rtt: 40 * MS })).toBe(100 * US);
    expect(within({ length: 1, flags: SYN, rtt: 40 * MS })).toBe(100 * MS);
    // What is sent again in less than the second that all stacks wait bears another timestamp.
    expect(within({ length: 1, flags: SYN, tsVal: 9 })).toBe(900 * MS);
    expect(within({ length: 1, flags: SYN | ACK, tsVal: 9 })).toBe(900 * MS);
    expect(within({ length: 1, flags: SYN | ACK })).toBe(100 * US);
  });

  it('is half a round trip for data, 100 us at the least', () => {
    expect(within({ rtt: 40 * MS })).toBe(20 * MS);
    expect([within({ rtt: 200 * US }), within({ rtt: 202 * US }), within({ rtt: -1 })]).toEqual([
      100 * US,
      101 * US,
      100 * US,
    ]);
  });
});

describe('the capture made the copy', () => {
  const byCapture = (of: Sight) => verdict({ after: MS, packets: 1000, ...of }).byCapture;
  const confidence = (of: Sight) => verdict({ after: MS, packets: 1000, ...of }).confidence;

  it('where it was seen elsewhere, or with another TTL', () => {
    expect([byCapture({}), byCapture({ elsewhere: true }), byCapture({ otherTtl: true })]).toEqual([false, true, true]);
  });

  it('within 100 us, where more than a third of the packets are copies', () => {
    const third = { duplicates: 33, packets: 101 };
    expect([byCapture({ ...third, after: 100 * US - 1 }), byCapture({ ...third, after: 100 * US })]).toEqual([
      true,
      false,
    ]);
    expect([102, 101].map((packets) => byCapture({ duplicates: 33, packets, after: 0 }))).toEqual([false, true]);
  });

  it('at any time, where eight copies or more are more than two fifths of the packets', () => {
    // This copy is one more.
    expect([6, 7].map((duplicates) => byCapture({ duplicates, packets: 17 }))).toEqual([false, true]);
    expect([20, 19].map((packets) => byCapture({ duplicates: 7, packets }))).toEqual([false, true]);
  });

  it('is less sure where only time or number tells', () => {
    expect(confidence({ elsewhere: true, after: 0 })).toBe(1);
    expect(confidence({ otherTtl: true, duplicates: 7, packets: 19 })).toBe(1);
    expect([confidence({ after: 100 * US - 1 }), confidence({ after: 100 * US })]).toEqual([0.7, 1]);
    expect(confidence({ duplicates: 7, packets: 19 })).toBe(0.7);
  });
});

describe('without an IP ID a timestamp names the packet', () => {
  const V6 = { client: '[fd00::1]:50000', server: '[fd00::2]:80' };
  /** The client's clock has ticked 100 times in 100 ms when the last packet but one is sent. */
  const again = (seconds: string, val = 1100, sent = '0.100') =>
    verdictText(
      analyseScenario(
        `0.000 > S  seq 0 <mss 1460,sackOK,TS val 1000 ecr 0>
  0.040 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 9000 ecr 1000>
  0.040 > .  ack 1 <TS val 1040 ecr 9000>
  ${sent} > P. 1:101(100) ack 1 <TS val 1100 ecr 9000>
  ${seconds} > P. 1:101(100) ack 1 <TS val ${val} ecr 9000>`,
        V6,
      ).rows.at(-1)!,
    );

  it('two ticks of its sender later: what is sent again then bears another one', () => {
    // Beside the client half a round trip is 20 ms: sooner it is a second sight in any case.
    expect(again('0.130')).toBe('duplicate');
    expect(again('0.400')).toBe('duplicate');
    expect(again('0.400', 1400)).toMatch(/^retransmission/);
  });

  /** A receiver sends the same ACK twice in one tick of its clock, and the second comes 20 ms later; SYN and data came `copies` times more. */
  const spread = (copies: number) =>
    verdictText(
      analyseScenario(
        `0.000 > S  seq 0 <mss 1460,sackOK,TS val 1000 ecr 0>
  0.040 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 9000 ecr 1000>
  0.080 > .  ack 1 <TS val 1080 ecr 9000>
  0.081 > P. 1:101(100) ack 1 <TS val 1081 ecr 9000>
  ${'0.082 > P. 1:101(100) ack 1 <TS val 1081 ecr 9000>\n  '.repeat(copies)}0.130 < P. 1:101(100) ack 101 <TS val 9090 ecr 1081>
  0.170 > .  ack 101 <TS val 1170 ecr 9090>
  0.190 > .  ack 101 <TS val 1170 ecr 9090>`,
        V6,
      ).rows.at(-1)!,
    );

  it('but no bare ACK, of which a receiver sends several in one tick, unless one packet in four comes twice', () => {
    // Of nine packets two came twice; of ten, three.
    expect(spread(0)).not.toBe('duplicate');
    expect(spread(1)).not.toBe('duplicate');
    expect(spread(2)).not.toBe('duplicate');
    expect(spread(3)).toBe('duplicate');
  });

  it('not before the rate of its clock can be told, which takes more than 20 ms, nor where it stands still', () => {
    const clocks = (ticks: number) => ({ firstTsVal: 1000, maxTsVal: 1000 + ticks, firstTsTime: 0 });
    const view = Object.assign(new SegmentView(), { options: Option.TIMESTAMPS });
    const names = (ticks: number, seen: number, elapsed: number) =>
      stampNamesPacket(view, { clocks: clocks(ticks), lastSentTime: seen } as unknown as Outbound, elapsed);
    expect([names(20, 20 * MS, 30 * MS), names(21, 21 * MS, 30 * MS)]).toEqual([false, true]);
    expect([names(100, 100 * MS, 2 * MS - 1), names(100, 100 * MS, 2 * MS)]).toEqual([false, true]);
    expect([names(10, 1000 * MS, 200 * MS - 1), names(10, 1000 * MS, 200 * MS)]).toEqual([false, true]);
    expect(names(0, 1000 * MS, S)).toBe(false);
    view.options = 0;
    expect(names(100, 100 * MS, S)).toBe(false);
  });
});

it('a capture of both ends, put together, shows each packet of a connection over IPv6 once', () => {
  const ends = `0.000 > S  seq 0 <mss 1460,sackOK,TS val 1000 ecr 0>
  0.150 > S  seq 0 <mss 1460,sackOK,TS val 1000 ecr 0>
  0.1501 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 9000 ecr 1000>
  0.3001 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 9000 ecr 1000>
  0.3002 > .  ack 1 <TS val 1300 ecr 9000>
  0.3003 > P. 1:101(100) ack 1 <TS val 1300 ecr 9000>
  0.4502 > .  seq 1 ack 1 <TS val 1300 ecr 9000>
  0.4503 > P. 1:101(100) ack 1 <TS val 1300 ecr 9000>
  0.4504 < .  ack 101 <TS val 9300 ecr 1300>
  0.6004 < .  ack 101 <TS val 9300 ecr 1300>`;
  const { rows } = analyseScenario(ends, { client: '[fd00::1]:50000', server: '[fd00::2]:80' });
  expect(rows.map((row) => verdictText(row) === 'duplicate')).toEqual([
    ...[false, true, false, true, false, false, true, true, false, true],
  ]);
});
