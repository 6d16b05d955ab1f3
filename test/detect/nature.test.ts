/** What was done to a capture, how many hosts and which numbers it has: `nature.ts`, `distinct.ts`, `hosts.ts`, `isn.ts`, `memory.ts`, with an example on either side. */

import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/detect/account.ts';
import type { Collector } from '../../src/detect/collector.ts';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { DistinctAddresses } from '../../src/detect/distinct.ts';
import { FilterSigns } from '../../src/detect/filter-signs.ts';
import { type HostAddress, HostTable, MOST_HOSTS, sameAddress } from '../../src/detect/hosts.ts';
import { InitialSequenceNumbers } from '../../src/detect/isn.ts';
import { firstFrames, note } from '../../src/detect/memory.ts';
import { CaptureNature } from '../../src/detect/nature.ts';
import type { Connection } from '../../src/model/connection.ts';
import { listOf } from '../../src/model/connection-list.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { ACK, FIN, PSH, RST, SYN } from '../../src/model/flags.ts';
import { ChecksumStatus, SegmentView } from '../../src/model/segment.ts';
import type { TrackedSegment } from '../../src/model/tracked.ts';

const S = 1e9;
const DAY = 86_400 * S;

interface Packet {
  time?: number;
  flags?: number;
  ipId?: number;
  seq?: number;
  ack?: number;
  /** The other end sends it. */
  back?: boolean;
  sum?: number;
  /** Status of the checksum of the IP header, and what stands there. */
  ipSum?: number;
  ipFound?: number;
  /** Of another connection than the first. */
  other?: boolean;
  bytes?: number;
  /** Length of the whole IP packet. */
  ipBytes?: number;
  ipVersion?: number;
  /** Length of its frame on the wire. */
  frameBytes?: number;
  /** Where its IP header begins in the frame, and the link that it came over. */
  ipAt?: number;
  linkType?: number;
  reassembled?: boolean;
  /** What its data begin with, and how many bytes of them were captured. */
  data?: readonly number[];
  captured?: number;
}

/** Where the frame begins in the memory of the reader, and where data stand there. */
const FRAME_AT = 16;
const DATA_AT = 70;

/** What is found of a capture with records at these times (ns), and of these segments. */
function nature(
  times: readonly number[],
  packets: readonly Packet[] = [],
  end: Partial<CaptureEnd> = {},
  measured: readonly Connection[] = [],
  again: readonly number[] = [],
) {
  const accounts: Account[] = [];
  const findings = { raise: (_where: unknown, account: Account) => accounts.push(account) } as unknown as Collector;
  const all = new CaptureNature(findings);
  for (const [i, time] of times.entries()) all.record({ number: i + 1, time });
  const connections = [false, true].map((isOther) => {
    const [a, b] = [0, 1].map((index) => ({
      index,
      lastFrame: 0,
      packets: 0,
      address: `10.0.${Number(isOther)}.${index}`,
    }));
    return { id: Number(isOther), a, b, firstFrame: isOther ? 2 : 1 };
  });
  for (const [i, packet] of packets.entries()) {
    const {
      time = i * 7e6 + i * i * 1e3,
      flags = ACK,
      ipId = i + 1,
      seq = 1,
      ack = 1,
      back = false,
      sum = ChecksumStatus.GOOD,
      ipSum = ChecksumStatus.GOOD,
      ipFound = 1,
      bytes = 0,
      ipBytes = 40,
      ipVersion = 4,
      frameBytes = 1000,
      ipAt = 14,
      linkType = 1,
      reassembled = false,
      data = [],
      captured = bytes,
    } = packet;
    const memory = new Uint8Array(1600);
    memory.fill(1, 0, DATA_AT).fill(1, DATA_AT + bytes);
    memory.set(data, DATA_AT);
    const connection = connections[packet.other ? 1 : 0];
    const sender = back ? connection.b : connection.a;
    const receiver = back ? connection.a : connection.b;
    const view = Object.assign(new SegmentView(), {
      frame: i + 1,
      time,
      flags,
      ipId,
      tcpChecksumStatus: sum,
      payloadLength: bytes,
      ipVersion,
      ipTotalLength: ipBytes,
      originalLength: frameBytes,
    });
    Object.assign(view, { linkType, reassembled, recordOffset: FRAME_AT, ipOffset: FRAME_AT + ipAt });
    Object.assign(view, { bytes: memory, payloadOffset: DATA_AT, payloadCaptured: captured });
    Object.assign(view, { ipChecksumStatus: ipSum, ipChecksumFound: ipFound });
    sender.packets++;
    all.segment({ connection, sender, receiver, seq, ack } as unknown as TrackedSegment, view);
    sender.lastFrame = i + 1;
  }
  for (const connection of measured) all.measure(connection);
  for (const frame of again) all.again(frame);
  all.conclude({
    connections: listOf([{ firstFrame: 1, lastFrame: 1 }] as unknown as Connection[]),
    capture: null,
    time: 0,
    ...end,
  } as CaptureEnd);
  return { ids: accounts.map(({ id }) => id), accounts, all };
}
const ids = (...given: Parameters<typeof nature>) => nature(...given).ids;
const sign = (...given: Parameters<typeof nature>) =>
  nature(...given).accounts.map(({ message }) => (message.values as { sign?: string }).sign)[0];
/** Times that no clock would give twice. */
const odd = (count: number) => Array.from({ length: count }, (_, i) => i * 7e6 + i * i * 1e3);
const of = (count: number, packet: Packet | ((i: number) => Packet)) =>
  Array.from({ length: count }, (_, i) => (typeof packet === 'function' ? packet(i) : packet));

describe('times that no clock gave', () => {
  it('are all equal, from two on', () => {
    expect([sign([5, 5]), sign([5]), sign([5, 6]), sign([5, 5, 6])]).toEqual([
      'equal',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are even from five on, to a nanosecond', () => {
    const even = (count: number, late = 0) =>
      sign(Array.from({ length: count }, (_, i) => 1000 * i + (i === 3 ? late : 0)));
    expect([even(4), even(5), even(5, 1), even(5, 2), even(5, -1)]).toEqual([
      undefined,
      'even',
      'even',
      undefined,
      'even',
    ]);
  });

  it('are whole seconds from five on', () => {
    const whole = (count: number, more = 0) =>
      sign(Array.from({ length: count }, (_, i) => i * i * S + (i === 2 ? more : 0)));
    expect([whole(4), whole(5), whole(5, 1)]).toEqual([undefined, 'whole-seconds', undefined]);
  });

  it('show answers within a microsecond, more than seven tenths of twenty or more', () => {
    const instant = (count: number, slow: number, gap = 1000) => {
      let time = 0;
      // The first is no answer.
      const packets = of(count + 1, (i) => {
        time += i === 0 || i > count - slow ? 5e6 + i * 1e3 : gap;
        return { back: i % 2 === 1, time };
      });
      return sign(odd(30), packets);
    };
    expect([instant(19, 0), instant(20, 0)]).toEqual([undefined, 'instant']);
    expect([instant(20, 5), instant(20, 6)]).toEqual(['instant', undefined]);
    expect(instant(20, 0, 1001)).toBeUndefined();
  });

  it('lie before 1990, when nobody captured TCP', () => {
    const early = (first: bigint) => {
      const { accounts } = nature(odd(5), [], {
        capture: { firstTimestamp: first, interfaces: [] },
      } as unknown as CaptureEnd);
      return accounts.map(({ message, confidence }) => [(message.values as { sign?: string }).sign, confidence])[0];
    };
    expect([early(631_152_000_000_000_000n), early(631_151_999_999_999_999n)]).toEqual([undefined, ['early', 0.7]]);
    expect([early(1n), early(0n)]).toEqual([['early', 0.7], undefined]);
  });
});

describe('a capture that was joined', () => {
  it('has a pause of more than thirty days, unless a connection goes on across it', () => {
    const pause = (more: number, spanned: Partial<Connection> = { firstFrame: 3, lastFrame: 9 }) =>
      ids([0, 7, 30 * DAY + 7 + more], [], { connections: listOf([spanned] as Connection[]) }).includes(
        'capture-joined',
      );
    expect([pause(0), pause(1)]).toEqual([false, true]);
    expect([pause(1, { firstFrame: 2, lastFrame: 3 }), pause(1, { firstFrame: 2, lastFrame: 2 })]).toEqual([
      false,
      true,
    ]);
    const twice = ids([0, 31 * DAY, 70 * DAY], [], {
      connections: listOf([{ firstFrame: 1, lastFrame: 9 }] as Connection[]),
    });
    expect(twice).toContain('capture-joined');
  });

  it('has connections that begin again, sixteen of which are named', () => {
    const found = nature(odd(5), [], {}, [], [7, 9]);
    expect(found.accounts).toMatchObject([{ id: 'capture-joined', evidence: [7, 9] }]);
    expect(found.all.lacks('order')).toBe(true);
    const many = Array.from({ length: 20 }, (_, i) => 1 + i);
    expect(nature(odd(5), [], {}, [], many).accounts[0].evidence).toHaveLength(16);
  });

  it('names sixteen seams at the most', () => {
    const { accounts } = nature(Array.from({ length: 20 }, (_, i) => i * 31 * DAY + i * i));
    expect(accounts.find(({ id }) => id === 'capture-joined')?.evidence).toHaveLength(16);
  });
});

describe('a capture that a program wrote or changed', () => {
  const edited = (packets: readonly Packet[], end: Partial<CaptureEnd> = {}) => sign(odd(30), packets, end);

  it('has one IP ID in five segments of two senders, which is not 0', () => {
    const same = (count: number, ipId = 9, other = true) =>
      edited(of(count, (i) => ({ ipId, back: other && i % 2 === 1 })));
    expect([same(4), same(5), same(5, 0), same(5, -1), same(5, 9, false)]).toEqual([
      undefined,
      'same-ip-id',
      undefined,
      undefined,
      undefined,
    ]);
    expect(edited(of(5, (i) => ({ ipId: i === 4 ? 8 : 9, back: i % 2 === 1 })))).toBeUndefined();
    // Another connection has another sender.
    expect(edited(of(5, (i) => ({ ipId: 9, other: i > 2 })))).toBe('same-ip-id');
  });

  it('has one IP ID for all packets of each end: both repeat it, five times together', () => {
    const own = (a: number, b: number, odd?: Packet) =>
      edited([...of(a, { ipId: 7 }), ...of(b, { ipId: 9, back: true }), ...(odd ? [odd] : [])]);
    // The first of each end repeats nothing.
    expect([own(4, 3), own(3, 3), own(7, 1), own(6, 2)]).toEqual(['own-ip-ids', undefined, undefined, 'own-ip-ids']);
    expect(own(4, 3, { ipId: 8 })).toBeUndefined();
    expect(own(4, 3, { ipId: 8, other: true })).toBe('own-ip-ids');
    expect([own(4, 3, { ipId: 0 }), own(4, 3, { ipId: 0, other: true })]).toEqual([undefined, undefined]);
  });

  it('has three wrong IP header checksums of ends that send right ones as well', () => {
    const wrong = { ipSum: ChecksumStatus.BAD };
    const own = (right: number, bad: number, more: Packet = {}) =>
      edited([...of(right, {}), ...of(bad, { ...wrong, ...more })]);
    expect([own(3, 3), own(3, 2), own(0, 9)]).toEqual(['damaged', undefined, undefined]);
    // Where most are wrong the addresses were replaced.
    expect([own(2, 3), own(4, 4), own(3, 4)]).toEqual([undefined, 'damaged', undefined]);
    // A card that is to fill them in leaves them zero, or those of all packets of its host alone.
    expect([own(3, 3, { ipFound: 0 }), own(9, 9, { back: true })]).toEqual([undefined, undefined]);
    const both = [{}, {}, wrong, { back: true }, { ...wrong, back: true }, wrong];
    expect(edited(both)).toBe('damaged');
  });

  it('has no padding in the shortest Ethernet frames, three of which are filled with data that nobody pushes', () => {
    const padding = { ipBytes: 46, bytes: 6, frameBytes: 60 };
    const among = (count: number, one: Packet = {}, more: readonly Packet[] = []) =>
      edited([...of(count, { ...padding, ...one }), ...of(3, { bytes: 460, back: true }), ...more]);
    expect([among(3), among(2)]).toEqual(['padding', undefined]);
    expect([among(3, { ipBytes: 47 }), among(3, { frameBytes: 61 }), among(3, { frameBytes: 59 })]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
    expect([among(3, { flags: ACK | PSH }), among(3, { bytes: 0 })]).toEqual([undefined, undefined]);
    const padded = (ipBytes: number, more: Packet = {}) => among(3, {}, [{ ipBytes, frameBytes: 60, ...more }]);
    expect([padded(45), padded(46), padded(45, { ipVersion: 6 }), padded(40, { frameBytes: 54 })]).toEqual([
      ...[undefined, 'padding', 'padding', 'padding'],
    ]);
    // All of it was captured, and is zero: others wrote their data.
    const hello = [...'hello\n'].map((letter) => letter.charCodeAt(0));
    expect([among(3, { data: hello }), among(3, { data: [1] }), among(3, { data: [0, 0, 0, 0, 0, 1] })]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
    expect([among(3, { captured: 6 }), among(3, { captured: 5 })]).toEqual(['padding', undefined]);
    // What the other end acknowledges, or its sender goes on after, was data: here one of three.
    const after = (next: Packet) => edited([...of(3, padding), next]);
    expect([6, 7, 8].map((seq) => after({ seq }))).toEqual(['padding', undefined, 'padding']);
    expect([6, 7, 8].map((ack) => after({ ack, back: true }))).toEqual(['padding', undefined, 'padding']);
    expect([after({ ack: 7 }), after({ seq: 7, back: true }), after({ seq: 7, other: true })]).toEqual([
      ...['padding', 'padding', 'padding'],
    ]);
    expect(edited([...of(4, padding), { seq: 7 }, { seq: 7 }])).toBe('padding');
    expect(edited(of(20, (i) => ({ ...padding, seq: 1 + 6 * i })))).toBeUndefined();
    // Or whatever lay in a buffer: other bytes each time, where the number of its sender stays.
    const junk = (count: number, one: (i: number) => Packet = () => ({})) =>
      edited(of(count, (i) => ({ ...padding, captured: 6, data: [0, 0, 7, i], ...one(i) })));
    expect([junk(4), junk(3)]).toEqual(['padding', undefined]);
    expect([junk(9, () => ({ data: [7] })), junk(9, (i) => ({ seq: 1 + 6 * i }))]).toEqual([undefined, undefined]);
    // Each sender for itself, whatever others send between its frames: so several threads see it.
    for (const turns of [(i: number) => ({ back: i % 2 > 0 }), (i: number) => ({ other: i % 2 > 0 })])
      expect([junk(5, turns), junk(4, turns)]).toEqual(['padding', undefined]);
    const zeros = of(3, (i) => ({ ...padding, other: i > 1 }));
    expect([edited([...zeros, { seq: 8 }]), edited([...zeros, { seq: 7 }])]).toEqual(['padding', undefined]);
    expect([junk(9, () => ({ captured: 5 })), junk(9, () => ({ flags: ACK | PSH }))]).toEqual([undefined, undefined]);
    // The shortest frame is one of Ethernet, with nothing between its header and the packet.
    const elsewhere = [{ ipAt: 18 }, { ipAt: 13 }, { linkType: 113 }, { reassembled: true }];
    expect(elsewhere.map((place) => among(3, place))).toEqual(elsewhere.map(() => undefined));
    expect(elsewhere.map((place) => padded(45, place))).toEqual(elsewhere.map(() => 'padding'));
    // The same where frames hold their checksums.
    const checked = { frameBytes: 64, ipBytes: 50, bytes: 10, data: [0, 0, 0, 0, 0, 0, 9, 9, 9, 9] };
    expect([among(3, checked), among(2, checked), among(3, { frameBytes: 64 })]).toEqual([
      ...['padding', undefined, undefined],
    ]);
    expect([among(3, { ...checked, bytes: 5, data: [0, 9, 9, 9, 9] }), among(3, { ...checked, bytes: 4 })]).toEqual([
      ...['padding', undefined],
    ]);
    expect([among(3, { ...checked, data: [0, 0, 0, 0, 0, 9] }), among(3, { ...checked, captured: 6 })]).toEqual([
      ...[undefined, 'padding'],
    ]);
    expect([padded(49, { frameBytes: 64 }), padded(50, { frameBytes: 64 }), padded(49, { frameBytes: 63 })]).toEqual([
      ...[undefined, 'padding', 'padding'],
    ]);
  });

  it('has wrong IP header checksums of three hosts', () => {
    const wrong = { ipSum: ChecksumStatus.BAD };
    const hosts = [wrong, { ...wrong, back: true }, { ...wrong, other: true }];
    const right = of(3, { other: true, back: true });
    expect([edited([...hosts, ...right]), edited([...hosts.slice(1), ...right])]).toEqual(['damaged', undefined]);
    expect(edited([...hosts.slice(1), hosts[1], ...right])).toBeUndefined();
  });

  it('has wrong checksums of both ends: two each, and more than four times as many as right ones', () => {
    const wrong = (bad: number, good: number, both = true) =>
      edited(
        [false, true].flatMap((back) => [
          ...of(both || back ? bad : 0, { back, sum: ChecksumStatus.BAD }),
          ...of(good, { back, sum: ChecksumStatus.GOOD }),
        ]),
      );
    expect([wrong(2, 0), wrong(1, 0), wrong(2, 0, false)]).toEqual(['checksums', undefined, undefined]);
    expect([wrong(5, 1), wrong(4, 1)]).toEqual(['checksums', undefined]);
    expect(
      edited(
        of(4, (i) => ({ back: i % 2 === 1, sum: ChecksumStatus.BAD })),
        { connections: listOf([]) },
      ),
    ).toBeUndefined();
  });
});

describe('a capture of control segments alone', () => {
  it('was filtered where four or more are all that there is, and a FIN or RST shows that data was sent', () => {
    const control = (count: number, last: Packet) =>
      ids(odd(30), [...of(count - 1, { flags: SYN }), last]).includes('capture-filtered');
    expect([
      control(4, { flags: FIN, seq: 2 }),
      control(3, { flags: FIN, seq: 2 }),
      control(4, { flags: RST, seq: 2 }),
    ]).toEqual([true, false, true]);
    expect([
      control(5, { flags: FIN, seq: 1 }),
      control(5, { flags: SYN, seq: 2 }),
      control(5, { flags: ACK, seq: 2 }),
    ]).toEqual([false, false, false]);
  });

  it('or where no packet only acknowledges, though an end sent 20 with data and the other, which is there, a quarter', () => {
    const found = (
      [sent, answered]: readonly [number, number],
      { seen = true, last = {} }: { seen?: boolean; last?: Packet } = {},
    ) => {
      const outbound = null;
      const a = { dataPackets: sent, outbound };
      const b = { dataPackets: answered, seen, peer: a, outbound };
      Object.assign(a, { peer: b, seen: true });
      const { all, accounts } = nature(odd(30), [...of(5, { flags: ACK, bytes: 1 }), { flags: SYN }, last], {}, [
        { a, b, client: a, server: b } as unknown as Connection,
      ]);
      return accounts.some(({ id }) => id === 'capture-filtered') && all.lacks('absence') && all.lacksAcks;
    };
    const data = { last: { bytes: 1 } };
    expect([found([20, 5], data), found([19, 4], data), found([20, 6], data)]).toEqual([true, false, false]);
    expect([found([5, 20], data), found([20, 0], { ...data, seen: false })]).toEqual([true, false]);
    expect([found([20, 5]), found([20, 5], { last: { flags: FIN | ACK } })]).toEqual([false, true]);
  });

  it('or where every packet has data, and in two connections a byte after all data was acknowledged', () => {
    const found = (count: number, { client = {}, server = {}, last = {} as Packet } = {}) => {
      const end = { dataPackets: 1, outbound: null, seen: true, finEnd: -1, sndNxt: 9, lastAck: 9 };
      const a = { ...end, ...client };
      const b = { ...end, lastAck: 10, peer: a, ...server };
      Object.assign(a, { peer: b });
      const connections = Array.from(
        { length: count },
        () => ({ a, b, client: a, server: b }) as unknown as Connection,
      );
      const { accounts, all } = nature(odd(30), [...of(5, { bytes: 1 }), { bytes: 1, ...last }], {}, connections);
      const key = accounts.find(({ id }) => id === 'capture-filtered')?.message.key;
      return key === 'capture-filtered.empty' && all.lacks('absence');
    };
    expect([found(2), found(1), found(2, { last: { bytes: 0 } })]).toEqual([true, false, false]);
    expect([8, 9, 10, 11].map((lastAck) => found(2, { server: { lastAck } }))).toEqual([false, false, true, false]);
    // Either end; one that sent nothing here, or whose FIN is there, lacks none.
    expect(found(2, { client: { lastAck: 10 }, server: { lastAck: 9 } })).toBe(true);
    expect([found(2, { client: { dataPackets: 0 } }), found(2, { client: { finEnd: 9 } })]).toEqual([false, false]);
    // A first SYN that nothing follows has no data.
    const ends = { dataPackets: 1, outbound: null, seen: true, finEnd: -1, sndNxt: 9, lastAck: 10 };
    const alone = (isOpened: boolean) => {
      const filter = new FilterSigns();
      const a = { ...ends, peer: ends };
      for (let i = 0; i < 2; i++) filter.measure({ a, b: a, client: a, server: a } as unknown as Connection);
      if (isOpened) filter.opens();
      return filter.sign(6)?.left;
    };
    expect([alone(false), alone(true)]).toEqual(['empty', undefined]);
  });

  it('or in two connections that a handshake opened, with data of their clients, which both ends closed', () => {
    const found = (count: number, { client = {}, server = {}, last = { bytes: 1 } as Packet } = {}) => {
      const end = { dataPackets: 1, hasIss: true, outbound: null, seen: true, finEnd: 9, rstFrame: 0 };
      const a = { ...end, ...client };
      const b = { ...end, peer: a, ...server };
      Object.assign(a, { peer: b });
      const connections = Array.from(
        { length: count },
        () => ({ a, b, client: a, server: b }) as unknown as Connection,
      );
      const { accounts } = nature(odd(30), [...of(5, { flags: ACK, bytes: 1 }), last], {}, connections);
      const message = accounts.find(({ id }) => id === 'capture-filtered')?.message;
      return (message?.values as { askedBy?: string } | undefined)?.askedBy;
    };
    const asked = 'connections';
    expect([found(2), found(1), found(2, { last: { flags: ACK } })]).toEqual([asked, undefined, undefined]);
    expect([
      found(2, { client: { dataPackets: 0 } }),
      found(2, { client: { hasIss: false } }),
      found(2, { server: { hasIss: false } }),
    ]).toEqual([undefined, undefined, undefined]);
    // Not closed by both: the ACK of the handshake alone may have waited for data.
    const open = { finEnd: -1 };
    const reset = { rstFrame: 7 };
    expect([
      ...[
        found(2, { client: open }),
        found(2, { server: open }),
        found(2, { client: reset }),
        found(2, { server: reset }),
      ],
      found(2, { client: { finEnd: 0 } }),
    ]).toEqual([undefined, undefined, undefined, undefined, asked]);
    // But with five segments of data, of both ends together.
    const data = (sent: number, answered: number) =>
      found(2, { client: { ...reset, dataPackets: sent }, server: { dataPackets: answered } });
    expect([data(2, 2), data(2, 3), data(5, 0), data(0, 5)]).toEqual([undefined, asked, asked, undefined]);
    expect([found(2, { client: { dataPackets: 20 } }), found(1, { client: { dataPackets: 20 } })]).toEqual([
      'both',
      'data',
    ]);
    expect(found(1, { client: { dataPackets: 19 } })).toBeUndefined();
  });

  it('lacks what is absent, and one with drops too', () => {
    const lacks = ({ all }: ReturnType<typeof nature>) =>
      (['times', 'order', 'absence'] as const).map((basis) => all.lacks(basis));
    const drops = (dropped: number | null) =>
      lacks(
        nature(odd(5), [], { capture: { firstTimestamp: null, interfaces: [{ dropped }] } } as unknown as CaptureEnd),
      );
    expect([drops(null), drops(0), drops(1)]).toEqual([
      [false, false, false],
      [false, false, false],
      [false, false, true],
    ]);
    expect(lacks(nature(odd(30), [...of(4, { flags: SYN }), { flags: FIN, seq: 2 }]))).toEqual([false, false, true]);
    expect(lacks(nature([5, 5]))).toEqual([true, false, false]);
    expect(lacks(nature([0, 31 * DAY, 70 * DAY]))).toEqual([true, true, true]);
    expect(
      lacks(
        nature(
          odd(30),
          of(5, (i) => ({ ipId: 9, back: i % 2 === 1 })),
        ),
      ),
    ).toEqual([true, true, true]);
  });
});

describe('different addresses', () => {
  const address = (i: number) => ({ address: `a${i}`, w0: 0, w1: 0, w2: 0, w3: i });
  const counted = (count: number) => {
    const all = new DistinctAddresses();
    for (let round = 0; round < 2; round++) for (let i = 0; i < count; i++) all.add(address(i));
    return all;
  };

  it('are counted exactly to 4096, and estimated to a thousandth beyond', () => {
    expect([counted(4096).count, counted(4096).isEstimate, counted(4097).isEstimate]).toEqual([4096, false, true]);
    expect(Math.abs(counted(4097).count / 4097 - 1)).toBeLessThan(0.005);
    expect(Math.abs(counted(40_000).count / 40_000 - 1)).toBeLessThan(0.005);
  });

  it('are the same in parts', () => {
    const parts = [counted(5000), counted(100)];
    const joined = new DistinctAddresses();
    for (const part of parts) joined.join(part.gathered);
    expect(joined.count).toBe(parts[0].count);
    const exact = new DistinctAddresses();
    exact.join(parts[1].gathered);
    expect([exact.count, exact.isEstimate]).toEqual([100, false]);
    exact.join(parts[0].gathered);
    expect(exact.count).toBe(parts[0].count);
  });
});

describe('hosts', () => {
  const host = (w0: number, w1: number, w2: number, w3: number, ipVersion = 6): HostAddress => ({
    w0,
    w1,
    w2,
    w3,
    connection: { ipVersion },
  });

  it('are found again by all four words', () => {
    let made = 0;
    const table = new HostTable<number, HostAddress>(() => made++);
    for (let i = 0; i < 500; i++) table.of(host(i, 2 * i, 3 * i, -i));
    for (let i = 0; i < 500; i++) expect(table.of(host(i, 2 * i, 3 * i, -i))).toBe(i);
    expect(table.values).toHaveLength(500);
  });

  it('are 65,536 at the most', () => {
    const table = new HostTable<object, HostAddress>(() => ({}));
    for (let i = 0; i < 1 << 16; i++) table.of(host(0, 0, 0, i, 4));
    expect([MOST_HOSTS, table.values.length, table.of(host(0, 0, 0, 1 << 16, 4))]).toEqual([1 << 16, 1 << 16, null]);
    expect(table.of(host(0, 0, 0, 5, 4))).toBe(table.values[5]);
  });

  it('have the same address where all words are the same', () => {
    const one = host(1, 2, 3, 4) as unknown as Endpoint;
    const same = (...words: [number, number, number, number]) =>
      sameAddress(one, host(...words) as unknown as Endpoint);
    expect([same(1, 2, 3, 4), same(0, 2, 3, 4), same(1, 0, 3, 4), same(1, 2, 0, 4), same(1, 2, 3, 0)]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('frames of evidence', () => {
  it('are noted once each, sixteen at the most', () => {
    const frames: number[] = [];
    for (let i = 1; i <= 16; i++) for (let round = 0; round < 2; round++) note(frames, i);
    expect(frames).toHaveLength(16);
    note(frames, 17);
    expect(frames).toHaveLength(16);
  });

  it('of several lists are the first in order', () => {
    expect(firstFrames([[9, 4], [7]])).toEqual([4, 7, 9]);
    expect(firstFrames([Array.from({ length: 20 }, (_, i) => 20 - i)])).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
  });
});

describe('initial sequence numbers', () => {
  const judged = (isns: readonly number[], gap: (i: number) => number = () => S) => {
    const accounts: Account[] = [];
    const all = new InitialSequenceNumbers({
      raise: (_: unknown, account: Account) => accounts.push(account),
    } as unknown as Collector);
    let time = 0;
    const facts = isns.map((isn, i) => {
      time += gap(i);
      return { address: [4, 0, 0, 0, 7] as const, isns: [isn], times: [time], frames: [i + 1] };
    });
    all.join([facts]);
    all.concludeCapture();
    const [choice] = all.choices;
    return choice === undefined
      ? null
      : [choice.choice, choice.step ?? choice.perSecond, accounts[0]?.confidence ?? null];
  };
  /** `count` numbers with these steps between them, `step` where nothing else is said. */
  const steps = (count: number, step: number, others: readonly number[] = []) => {
    const isns = [1000];
    for (let i = 0; i + 1 < count; i++) isns.push((isns[i] + (others[i] ?? step)) >>> 0);
    return isns;
  };

  it('are judged from eight connections on', () => {
    expect([judged(steps(7, 0)), judged(steps(8, 0))]).toEqual([null, ['constant', null, 0.95]]);
  });

  it('are alike where nine tenths are', () => {
    const wild = [0x7654_3210, 0x1765_4321];
    expect(judged(steps(11, 0, wild.slice(0, 1)))?.[0]).toBe('constant');
    expect(judged(steps(11, 0, wild))?.[0]).not.toBe('constant');
    expect(judged(steps(11, 64000, wild.slice(0, 1)))).toEqual(['step', 64000, 0.95]);
    expect(judged(steps(11, 64000, wild))?.[0]).not.toBe('step');
  });

  it('follow a clock of less than 20 million a second, to two hundredths', () => {
    const gap = (i: number) => S * (1 + (i % 3) / 10);
    const clock = (perSecond: number, off = 0) => {
      const rates = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => perSecond * (i % 2 ? 1 + off : 1));
      return judged(
        steps(
          9,
          0,
          rates.map((rate, i) => Math.round((rate * gap(i + 1)) / S)),
        ),
        gap,
      );
    };
    expect(clock(250_000)).toEqual(['time', 250_000, 0.9]);
    expect([clock(250_000, 0.015)?.[0], clock(250_000, 0.03)?.[0]]).toEqual(['time', 'rising']);
    expect([clock(19_900_000)?.[0], clock(20_100_000)?.[0]]).toEqual(['time', 'rising']);
  });

  it('rise in steps of less than 2^25, nine tenths of them', () => {
    const rising = (largest: number, falls = 0) =>
      judged(
        steps(
          11,
          0,
          [1, 5, 9, 100, 3000, 77, 123_456, 2, 31, largest].map((step, i) => (i < falls ? -step : step)),
        ),
      )?.[0];
    expect([rising(12), rising(2 ** 25 - 1), rising(12, 1), rising(12, 2)]).toEqual([
      'rising',
      'rising',
      'rising',
      'random',
    ]);
    expect([rising(2 ** 25 - 1, 1), rising(2 ** 25, 1)]).toEqual(['rising', 'random']);
  });
});
