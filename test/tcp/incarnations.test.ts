/** Which connection a segment belongs to, and what is taken of its numbers: each comparison of `tracker.ts` with an example on either side. */
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/model/connection.ts';
import { ROLE_REASON_NAMES } from '../../src/model/connection.ts';
import { ACK, PSH, RST, SYN } from '../../src/model/flags.ts';
import { SegmentView } from '../../src/model/segment.ts';
import { advance, noteLatest, Tracker } from '../../src/tcp/tracker.ts';
import { analyse, analyseScenario } from '../support/analyze.ts';
import { type ScenarioOptions, scenario } from '../support/scenario.ts';

const ZERO = { clientIsn: 0, serverIsn: 0 };
/** Two end points whose initial numbers are 0: relative numbers are those on the wire. */
const streams = (text: string, options: ScenarioOptions = ZERO) =>
  analyseScenario(text, options).rows.map((row) => row.connection.id);
const lastStream = (text: string, options?: ScenarioOptions) => streams(text, options).at(-1);
const only = (text: string, options: ScenarioOptions = ZERO): Connection => {
  const { connections } = analyseScenario(text, options).analyzer;
  expect(connections).toHaveLength(1);
  return connections[0];
};

const open = (serverWindow = 65535) => `
  0.000 > S  seq 0 win 65535
  0.010 < S. seq 0 ack 1 win ${serverWindow}
  0.020 > .  ack 1 win 65535`;
const OPEN = open();
const CLOSED = `${OPEN}
  0.1 > F. seq 1 ack 1
  0.11 < F. seq 1 ack 2
  0.12 > . seq 2 ack 2`;

describe('a SYN with a wrong checksum', () => {
  it('begins nothing where four packets of its sender for each wrong one were right: it was no SYN when it left', () => {
    const more = (count: number) =>
      Array.from({ length: count }, (_, i) => `\n 0.1${i} > P. ${1 + i}:${2 + i}(1) ack 1`).join('');
    const damaged = (count: number) => lastStream(`${OPEN}${more(count)}\n 0.2 > S seq 9000000 win 65535 badcksum`);
    // Two packets are those of the handshake.
    expect([damaged(2), damaged(1)]).toEqual([0, 1]);
    expect(lastStream(`${OPEN}${more(2)}\n 0.2 > S seq 9000000 win 65535`)).toBe(1);
    const twice = (count: number) =>
      lastStream(`${OPEN}\n 0.03 > P. 1:2(1) ack 1 badcksum${more(count)}\n 0.2 > S seq 9000000 win 65535 badcksum`);
    expect([twice(5), twice(4)]).toEqual([0, 1]);
  });
});

describe('a SYN on the sockets of a live connection (RFC 5961 section 4)', () => {
  const syn = (seq: number, before = OPEN) => lastStream(`${before}\n 0.2 > S seq ${seq} win 65535`);

  it('belongs to it from RCV.NXT to the end of the window, and begins another elsewhere', () => {
    expect([1, 2, 65535, 65536].map((seq) => syn(seq))).toEqual([0, 0, 0, 1]);
    expect(syn(0xffffffff)).toBe(1);
    expect([1, 2, 101, 102].map((seq) => syn(seq, open(101)))).toEqual([0, 0, 0, 1]);
  });

  it('where the window is closed, 65,535 bytes count for one', () => {
    expect([65535, 65536].map((seq) => syn(seq, open(0)))).toEqual([0, 1]);
    expect([1, 2].map((seq) => syn(seq, open(1)))).toEqual([0, 1]);
  });

  it('where the other end has acknowledged nothing, the window begins at what was sent', () => {
    const unacknowledged = '0.0 > . 1:101(100) ack 1\n 0.1 < P 1:2(1)';
    expect([100, 101].map((seq) => syn(seq, unacknowledged))).toEqual([1, 0]);
    // An end that was never seen has no window.
    expect(syn(101, '0.0 > . 1:101(100) ack 1')).toBe(1);
  });

  it('after a reset begins another, though the reset closed one end alone', () => {
    // What was sent again twice without an answer takes the way on which the reset was lost.
    const half = `${OPEN}\n 0.1 > P. 1:11(10) ack 1\n 1 > P. 1:11(10) ack 1\n 2 > P. 1:11(10) ack 1\n 3 > R. seq 11 ack 1`;
    expect(lastStream(`${half}\n 4 > S seq 300`)).toBe(1);
    expect(lastStream(`${half}\n 4 < S seq 300`)).toBe(1);
    expect(lastStream(`${half}\n 4 > P. 11:21(10) ack 1`)).toBe(0);
  });

  it('of an end that was not seen before is one that was captured late', () => {
    expect(syn(5_000_000, '0.0 < S. seq 0 ack 1')).toBe(0);
    expect(syn(5_000_000, '0.0 < P 1:2(1)')).toBe(0);
    // A reset does not tell its numbers.
    expect(syn(5_000_000, '0.0 > R seq 77')).toBe(0);
  });
});

describe('the same SYN again (RFC 9293 section 3.6.1)', () => {
  const again = (before: string) => lastStream(`${before}\n 90 > S seq 0 win 65535`);

  it('is a repeat while the connection lives, and when it had got nowhere', () => {
    expect(again(OPEN)).toBe(0);
    expect(again('0 > S seq 0\n 0.1 < R. seq 0 ack 1')).toBe(0);
    expect(again(`${OPEN}\n 0.1 < R. seq 1 ack 1`)).toBe(0);
  });

  it('begins another once data or a FIN was sent and it is over, or its own end had reset it', () => {
    expect(again(CLOSED)).toBe(1);
    expect(again(`${OPEN}\n 0.1 > P. 1:2(1) ack 1\n 0.2 < R. seq 1 ack 2`)).toBe(1);
    expect(again(`${OPEN}\n 0.1 < P. 1:2(1) ack 1\n 0.2 < R. seq 2 ack 1`)).toBe(1);
    expect(again('0 > S seq 0\n 0.1 > R seq 1')).toBe(1);
  });

  it('with another number it begins another after a reset of either end', () => {
    const anew = (before: string) => lastStream(`${before}\n 90 > S seq 300 win 65535`);
    expect([OPEN, `${OPEN}\n 0.1 < R. seq 1 ack 1`, `${OPEN}\n 0.1 > R. seq 1 ack 1`].map(anew)).toEqual([0, 1, 1]);
  });
});

describe('after twice the longest life of a packet (RFC 9293 section 3.6.1)', () => {
  const BEFORE = `${OPEN}
  1 > P. 1:2001(2000) ack 1
  2 < P. 1:3001(3000) ack 2001
  3 > . seq 2001 ack 3001`;
  const later = (line: string, time = 243) => lastStream(`${BEFORE}\n ${time} ${line}`);

  it('a host that had got further does not send its SYN again', () => {
    expect([later('> S seq 0 win 65535'), later('> S seq 0 win 65535', 242.999999)]).toEqual([1, 0]);
    expect(lastStream('0 > S seq 0\n 240 > S seq 0')).toBe(0);
  });

  it('nobody takes back what he has acknowledged', () => {
    expect([later('> P. 1:101(100) ack 3000'), later('> P. 1:101(100) ack 3001')]).toEqual([1, 0]);
    expect(later('> P. 1:101(100) ack 3000', 242.999999)).toBe(0);
    // Of what was not acknowledged nothing is old.
    expect([later('> P. 1901:2001(100) ack 3000'), later('> P. 1901:2002(101) ack 3000')]).toEqual([1, 0]);
    // A reset may have any number, and one without an ACK acknowledges nothing.
    expect([later('> R. seq 1 ack 3000'), later('> P 1:101(100)')]).toEqual([0, 0]);
  });

  it('both numbers are not far from what they were: a megabyte back, or more ahead than any window', () => {
    const at = (seq: number, ack: number) => later(`> . seq ${seq >>> 0} ack ${ack >>> 0}`);
    const [back, ackBack] = [2001 - 2 ** 20, 3001 - 2 ** 20];
    const [ahead, ackAhead] = [2001 + 2 ** 30, 3001 + 2 ** 30];
    expect([at(ahead + 1, ackAhead + 1), at(ahead, ackAhead + 1), at(ahead + 1, ackAhead)]).toEqual([1, 0, 0]);
    expect([at(back - 1, ackAhead + 1), at(back, ackAhead + 1)]).toEqual([1, 0]);
    expect([at(ahead + 1, ackBack - 1), at(ahead + 1, ackBack)]).toEqual([1, 0]);
  });

  it('what follows goes to the newer one', () => {
    const text = `${BEFORE}\n 300 > P. 1:101(100) ack 1\n 300.1 < . seq 1 ack 101`;
    expect(streams(text).slice(-2)).toEqual([1, 1]);
    // Without the other direction nobody knows what that acknowledged.
    expect(lastStream('0 > P. 1:2001(2000) ack 1\n 300 > P. 1:101(100) ack 1')).toBe(0);
  });
});

describe('a SYN,ACK begins a connection', () => {
  const answer = (before: string, seq = 7_000_000) => lastStream(`${before}\n 9 < S. seq ${seq} ack 1`);

  it('only where the one before is over, with another number, and its end had sent a SYN', () => {
    expect([CLOSED, OPEN].map((before) => answer(before))).toEqual([1, 0]);
    expect(answer(CLOSED, 0)).toBe(0);
    expect(answer('0 > F. seq 1 ack 1\n 0.1 < F. seq 1 ack 2\n 0.2 > . seq 2 ack 2')).toBe(0);
  });

  it('where only its own direction was captured, and it answers another SYN', () => {
    const oneWay = '0 < S. seq 0 ack 1\n 0.1 < P. 1:101(100) ack 1\n 0.2 < F. seq 101 ack 1';
    const another = (ack: number, before = oneWay, seq = 70_000) =>
      lastStream(`${before}\n 9 < S. seq ${seq} ack ${ack}`);
    expect([2, 1, 0].map((ack) => another(ack))).toEqual([1, 0, 1]);
    // The same number again is the same SYN,ACK, and a SYN of the other end would have been captured.
    expect([another(2, oneWay, 0), another(2, OPEN)]).toEqual([0, 0]);
    // What continues it is of the new one, though it is not far from where the old one ended.
    const then = (seq: number) => lastStream(`${oneWay}\n 9 < S. seq 70000 ack 500\n 9.1 < . seq ${seq} ack 500`);
    expect([70_000, 70_001, 70_002].map(then)).toEqual([0, 1, 0]);
  });
});

describe('a first SYN,ACK', () => {
  /** The streams of an answer to that number, and of what follows. */
  const answered = (ack: number, then = '', syn = '> S seq 0') =>
    streams(`0 ${syn}\n 0.1 < S. seq 300 ack ${ack}${then}`).slice(1);

  it('answers the SYN that it acknowledges; of another one it begins a connection', () => {
    expect([0, 1, 2, 900].map((ack) => answered(ack))).toEqual([[1], [0], [1], [1]]);
    // With data in the SYN, or with Fast Open, it may acknowledge more; and a damaged one tells nothing.
    expect(answered(3, '', '> S 0:5(5)')).toEqual([0]);
    expect(answered(3, '', '> S seq 0 <tfo cookie 0102030405060708>')).toEqual([0]);
    expect(streams('0 > S seq 0\n 0.1 < S. seq 300 ack 3 badcksum')).toEqual([0, 0]);
  });

  it('to an old duplicate, seen at the client (RFC 9293 Figure 8): the SYN waits on, and is answered', () => {
    const stale = '\n 0.11 > R seq 91';
    expect(answered(91, stale)).toEqual([1, 1]);
    const opened =
      '\n 0.2 < S. seq 400 ack 1\n 0.21 > . seq 1 ack 401\n 0.3 > P. 1:11(10) ack 401\n 0.4 < . seq 401 ack 11';
    expect(answered(91, `${stale}${opened}`)).toEqual([1, 1, 0, 0, 0, 0]);
    // Nor need the RST be in the capture.
    expect(answered(91, opened)).toEqual([1, 0, 0, 0, 0]);
    // A SYN of that number is the same again, one of another number begins a connection.
    expect(answered(91, `${stale}\n 1 > S seq 0${opened.replaceAll('\n 0.', '\n 1.')}`)).toEqual([1, 1, 0, 0, 0, 0, 0]);
    expect(answered(91, `${stale}\n 1 > S seq 1`)).toEqual([1, 1, 2]);
    expect(answered(91, `${stale}\n 0.2 < S. seq 400 ack 2`)).toEqual([1, 1, 2]);
  });

  it('to eight other SYNs is looked past, one after the other, and not to nine', () => {
    const stale = (count: number, rst = '') =>
      Array.from(
        { length: count },
        (_, i) => `\n 0.1${i} < S. seq ${500 + i} ack ${91 + i}${rst.replace('N', String(91 + i))}`,
      ).join('');
    const opened = '\n 0.2 < S. seq 400 ack 1\n 0.21 > . seq 1 ack 401\n 0.3 > P. 1:11(10) ack 401';
    const after = (count: number, rst?: string) => streams(`0 > S seq 0${stale(count, rst)}${opened}`).slice(-3);
    expect(after(2)).toEqual([0, 0, 0]);
    expect(after(8)).toEqual([0, 0, 0]);
    expect(after(9)).toEqual([10, 10, 10]);
    // Each may have been answered with a RST.
    expect(after(8, '\n 0.18 > R seq N')).toEqual([0, 0, 0]);
  });

  it('to a SYN that is not in the capture: what goes on with its numbers is of that connection', () => {
    const data = (seq: number) => `\n 0.2 > . seq ${seq} ack 301\n 0.3 > P. ${seq}:${seq + 10}(10) ack 301`;
    expect(answered(91, data(91))).toEqual([1, 1, 1]);
    expect(answered(91, data(1))).toEqual([1, 0, 0]);
  });
});

describe('after a SYN that nobody answered (forged, or a stray)', () => {
  /** `seq` of the client goes on with the connection that was there before. */
  const after = (line: string, more = '') =>
    lastStream(`${OPEN}\n 0.1 > P. 1:101(100) ack 1\n 1 > S seq 9000000 ${more}\n 2 ${line}`);

  it('segments less than a megabyte from SND.NXT belong to the connection before', () => {
    expect(after('> P. 101:102(1) ack 1')).toBe(0);
    const far = 101 + (1 << 20);
    expect([far - 1, far].map((seq) => after(`> P. ${seq}:${seq + 1}(1) ack 1`))).toEqual([0, 1]);
    const below = 101 - (1 << 20) + 2 ** 32;
    expect([below + 1, below].map((seq) => after(`> P. ${seq}:${seq + 1}(1) ack 1`))).toEqual([0, 1]);
  });

  it('a reset at its SND.NXT does (RFC 9293 Figure 9), and no other', () => {
    expect([100, 101, 102].map((seq) => after(`> R seq ${seq}`))).toEqual([1, 0, 1]);
  });

  it('none does once the SYN is answered, or data follows it', () => {
    expect(after('> P. 101:102(1) ack 1', '\n 1.1 < S. seq 8000000 ack 9000001')).toBe(1);
    expect(after('> P. 101:102(1) ack 1', '\n 1.1 > P. 9000001:9000002(1) ack 1')).toBe(1);
  });

  it('none does of an end whose numbers the connection before does not know', () => {
    expect(lastStream('0 > P 1:2(1)\n 1 > S seq 9000000\n 2 < . seq 100 ack 9000001')).toBe(1);
  });

  it('none does where the connection before is over', () => {
    expect(lastStream(`${CLOSED}\n 1 > S seq 9000000\n 2 > P. 2:3(1) ack 2`)).toBe(1);
  });
});

describe('the origin of a stream', () => {
  const server = (text: string) => only(text).server;

  it('moves with a SYN,ACK of another number while no data was sent (SYN cookies)', () => {
    const syn = '0 > S seq 0\n 0.1 < S. seq 0 ack 1';
    expect(server(`${syn}\n 0.2 < S. seq 500 ack 1`)).toMatchObject({ base: 500, sndNxt: 1 });
    expect(server(`${syn}\n 0.15 < P. 1:2(1) ack 1\n 0.2 < S. seq 500 ack 1`)).toMatchObject({ base: 0, sndNxt: 2 });
    expect(server(`${syn}\n 0.15 > . ack 1\n 0.16 < . ack 1\n 0.2 < S. seq 500 ack 1`).base).toBe(0);
  });

  it('moves with the answer to a SYN, whatever of its sender was seen before', () => {
    const stray = '0 < P. 900:1000(100) ack 5000';
    const answered = (syn: string, ack: string) => `${stray}\n 0.1 ${syn}\n 0.2 < S. seq 70 ${ack}`;
    const ends = { ...ZERO, client: '10.0.0.1:40000', server: '10.0.0.2:80' };
    const baseOf = (text: string) => {
      const { connections } = analyseScenario(text, ends).analyzer;
      return connections.at(-1)!.server.base;
    };
    expect(baseOf(answered('> S seq 4999', 'ack 5000'))).toBe(70);
    expect(baseOf(answered('> S seq 4999', 'ack 5001'))).toBe(899);
    // Nor where something came after the SYN.
    expect(baseOf(answered('> S seq 4999\n 0.15 > P 5000:5001(1)', 'ack 5000'))).toBe(899);
  });

  it('of an end that was met by a reset is not known by it', () => {
    const { client } = only('0 > R seq 1000\n 0.1 > . 5000:5001(1) ack 1');
    expect([client.hasBase, client.base]).toEqual([true, 4999]);
  });

  it('of an end that was not seen is what the other acknowledges', () => {
    const { a, b } = only('0 > . 11:12(1) ack 501');
    expect([a.base, b.base, b.sndNxt, b.hasBase]).toEqual([10, 500, 1, true]);
  });
});

describe('SND.NXT before a segment', () => {
  /** Of each segment, as its sender was seen until then. */
  const before = (text: string) => {
    const nexts: number[] = [];
    analyse(scenario(ZERO, text).pcap, { onSegment: (t) => nexts.push(t.previousSndNxt) });
    return nexts;
  };

  it('is 0 before a SYN, and 1 before the first segment of an end that was met later', () => {
    expect(before(OPEN)).toEqual([0, 0, 1]);
    expect(before('0 > . 500:510(10) ack 70\n 0.1 < . seq 70 ack 510')).toEqual([1, 1]);
    expect(before('0 > R seq 500\n 0.1 > R seq 500')).toEqual([1, 1]);
    expect(before('0 > S seq 0\n 0.1 < S. seq 0 ack 1\n 0.2 < S. seq 500 ack 1')).toEqual([0, 0, 0]);
  });

  it('is one more where the first of an end was a keep-alive (RFC 9293 section 3.8.4), as the answer to it tells', () => {
    const next = (ack: number, first = '500:500(0)') =>
      before(`0 > . ${first} ack 70\n 0.1 < . seq 70 ack ${ack}\n 0.2 > . 501:511(10) ack 70`)[2];
    expect([500, 501, 502].map((ack) => next(ack))).toEqual([2, 2, 2]);
    const after = (line: string, first: string) => before(`${first}\n 0.1 < . seq 70 ack 501\n 0.2 > ${line}`).at(-1);
    const alone = '0 > . seq 500 ack 70';
    expect(after('. 500:510(10) ack 70', '0 > . 500:501(1) ack 70')).toBe(2);
    expect(after('. 502:512(10) ack 70', alone)).toBe(2);
    expect(before(`${alone}\n 0.1 < . seq 70 ack 500\n 0.2 > . 502:512(10) ack 70`)).toEqual([1, 1, 1]);
    expect(before(`${alone}\n 0.1 < . seq 70 ack 502\n 0.2 > . 502:512(10) ack 70`)).toEqual([1, 1, 1]);
  });

  it('or as its own next segment tells', () => {
    const second = (seq: number) => before(`0 > . seq 500 ack 70\n 0.1 > . ${seq}:${seq + 1}(1) ack 70`)[1];
    expect([500, 501, 502, 503].map(second)).toEqual([1, 2, 1, 1]);
    // Its SYN told its number, and so did its data: a byte is missing.
    expect(before('0 > S seq 0\n 0.1 > P 2:3(1)')).toEqual([0, 1]);
    expect(before('0 > S seq 0\n 0.1 < S. seq 0 ack 1\n 0.2 < . seq 1 ack 2\n 0.3 > P 3:4(1)')).toEqual([0, 0, 1, 1]);
  });
});

describe('roles', () => {
  const roles = (client: number, server: number) => {
    const text = '0 > . 1:2(1) ack 1';
    const connection = only(text, { ...ZERO, client: `10.0.0.1:${client}`, server: `10.0.0.2:${server}` });
    return [connection.client.port, ROLE_REASON_NAMES[connection.roleReason]];
  };

  it('are guessed by the ports: the lower one is the server', () => {
    expect([roles(4000, 80), roles(80, 4000), roles(80, 81)]).toEqual([
      [4000, 'ports'],
      [4000, 'ports'],
      [81, 'ports'],
    ]);
    expect(roles(80, 80)).toEqual([80, 'first sender']);
  });

  it('of NFS are not: its clients have ports from 512 to 1023, which only root may bind', () => {
    const client = (one: number, other: number) => [roles(one, other)[0], roles(other, one)[0]];
    const isClient = (port: number) => client(port, 2049).map((found) => found === port);
    expect([511, 516, 1023, 1024].map(isClient)).toEqual([
      [false, false],
      [true, true],
      [true, true],
      [false, false],
    ]);
    // Servers listen at some of them as well: 2049 is then the port of a client.
    expect([513, 636, 853, 993, 995].flatMap(isClient)).toEqual(new Array(10).fill(false));
    expect([635, 637, 852, 991, 996].flatMap(isClient)).toEqual(new Array(10).fill(true));
    expect([client(700, 2048), client(700, 2050)]).toEqual([
      [2048, 2048],
      [2050, 2050],
    ]);
  });
});

describe('the options of the SYNs', () => {
  const shifts = (text: string) => {
    const { client, server } = only(text);
    return [client.windowShift, server.windowShift];
  };

  it('scale windows where both have the option (RFC 7323 section 2.2)', () => {
    const both = (c: string, s: string) => shifts(`0 > S seq 0 <mss 1460${c}>\n 0.1 < S. seq 0 ack 1 <mss 1460${s}>`);
    expect(both(',wscale 7', ',wscale 3')).toEqual([7, 3]);
    expect(both(',wscale 0', ',wscale 3')).toEqual([0, 3]);
    expect(both(',wscale 7', ',wscale 0')).toEqual([7, 0]);
    expect(both('', ',wscale 3')).toEqual([0, 0]);
    expect(both(',wscale 7', '')).toEqual([0, 0]);
  });

  it('are known of each end by its own SYN', () => {
    const permitted = (options: string) => {
      const { client, server, sawHandshake } = only(
        `0 > S seq 0 <mss 1460${options}>\n 0.1 < S. seq 0 ack 1 <mss 1460>`,
      );
      return [sawHandshake, client.sackPermitted, client.timestamps, server.sackPermitted, server.timestamps];
    };
    expect(permitted('')).toEqual([true, false, false, false, false]);
    expect(permitted(',sackOK')).toEqual([true, true, false, false, false]);
    expect(permitted(',TS val 1 ecr 0')).toEqual([true, false, true, false, false]);
    expect(only('0 > . seq 1 ack 1').sawHandshake).toBe(false);
  });

  it('are known as far as the capture holds them', () => {
    // 14 bytes of Ethernet, 20 of IP, 20 of TCP, 4 of MSS and 4 with the window scale: the timestamps are cut off.
    const cut = (options: string) => shifts(`0 < S. seq 0 ack 1 <mss 1460,${options},TS val 1 ecr 2> snap 62`);
    expect([cut('nop,wscale 0'), cut('nop,wscale 1'), cut('nop,nop,sackOK')]).toEqual([
      [-1, 0],
      [-1, 1],
      [-1, -1],
    ]);
  });

  it('of a SYN,ACK that is there whole show that the SYN, which was cut, had offered it', () => {
    // The scale of the client is the last of its options: 54 bytes of headers, and 6 of 8 of options.
    const answered = (options: string, snap = 60) =>
      shifts(`0 > S seq 0 <mss 1460,nop,wscale 7> snap ${snap}\n 0.1 < S. seq 0 ack 1 <${options}>`);
    expect(answered('mss 1460,nop,wscale 3')).toEqual([-1, 3]);
    expect(answered('mss 1460,nop,wscale 3', 62)).toEqual([7, 3]);
    expect(answered('mss 1460')).toEqual([0, 0]);
    // Cut after the scale, which is 0: that is one, too.
    const cutLater = '0 > S seq 0 <mss 1460,nop,wscale 0,TS val 1 ecr 0> snap 62';
    expect(shifts(`${cutLater}\n 0.1 < S. seq 0 ack 1 <mss 1460,nop,wscale 3>`)).toEqual([0, 3]);
    // The other way round nothing shows whether the answer had it.
    const asked = '0 > S seq 0 <mss 1460,nop,wscale 7>\n 0.1 < S. seq 0 ack 1 <mss 1460,nop,wscale 3> snap 60';
    expect(shifts(asked)).toEqual([-1, -1]);
    // The file has the answer first.
    const swapped = '0 < S. seq 0 ack 1 <mss 1460,nop,wscale 3> snap 60\n 0.1 > S seq 0 <mss 1460,nop,wscale 7>';
    expect(shifts(swapped)).toEqual([-1, -1]);
  });

  it('of a SYN,ACK alone show that the SYN had offered it', () => {
    expect(shifts('0 < S. seq 0 ack 1 <mss 1460,wscale 3>')).toEqual([-1, 3]);
    expect(shifts('0 > S seq 0 <mss 1460,wscale 3>')).toEqual([-1, -1]);
  });
});

describe('the times of the handshake', () => {
  const times = (text: string) => {
    const { synTime, synAckTime, handshakeTime, firstTime } = only(text);
    return [synTime, synAckTime, handshakeTime].map((time) => (time - firstTime) / 1e6);
  };

  it('are those of the first SYN, the first SYN,ACK and the first ACK of the client', () => {
    expect(times(OPEN)).toEqual([0, 10, 20]);
    const twice =
      '0 > S seq 0\n 1 > S seq 0\n 1.01 < S. seq 0 ack 1\n 2 < S. seq 0 ack 1\n 2.1 > . ack 1\n 2.2 > . ack 1';
    expect(times(twice)).toEqual([0, 1010, 2100]);
  });

  it('a SYN that was captured after its answer, or with it, does not show when it was sent', () => {
    expect(times('0 < S. seq 0 ack 1\n 0 > S seq 0')[0]).toBeNaN();
    expect(times('0 < S. seq 0 ack 1\n 0.001 > S seq 0')[0]).toBeNaN();
  });

  it('the handshake is complete by an ACK of the client alone: of its SYN, and no reset', () => {
    const begin = '0 > S seq 0\n 0.01 < S. seq 0 ack 1';
    expect(times(`${begin}\n 0.02 < . ack 1`)[2]).toBeNaN();
    expect(times(`${begin}\n 0.02 > . ack 0`)[2]).toBeNaN();
    expect(times(`${begin}\n 0.02 > R. seq 1 ack 1`)[2]).toBeNaN();
    expect(times('0 > S seq 0\n 0.02 > . ack 1')[2]).toBeNaN();
  });

  it('a SYN,ACK in the middle of the connection answers nothing', () => {
    const missed =
      '0 > S seq 0\n 0.01 > . 1:2(1) ack 1\n 0.02 < . ack 1\n 0.03 < . 1:2(1) ack 1\n 0.04 < S. seq 200 ack 1';
    expect(times(missed)[1]).toBeNaN();
  });
});

describe('the variables of both ends', () => {
  const view = (fields: Partial<SegmentView>) =>
    Object.assign(new SegmentView(), { ipVersion: 4, src3: 1, dst3: 2, srcPort: 4000, dstPort: 80, ...fields });
  const back = (fields: Partial<SegmentView>) => view({ src3: 2, dst3: 1, srcPort: 80, dstPort: 4000, ...fields });

  /** Each segment through the tracker, with its frame and a millisecond after the one before unless it says otherwise. */
  const run = (...views: SegmentView[]) => {
    const tracker = new Tracker();
    for (const [i, one] of views.entries()) {
      one.frame = i + 1;
      if (!(one.time > 0)) one.time = i * 1e6;
      const t = tracker.track(one);
      noteLatest(t, one);
      advance(t, one);
    }
    return tracker.flows.connections[0];
  };
  const data = (seq: number, length: number, fields: Partial<SegmentView> = {}) =>
    view({ flags: ACK | PSH, seq, ack: 1001, payloadLength: length, rawWindow: 500, ...fields });

  it('count packets, and data where there is some', () => {
    const { a, packets } = run(
      data(1001, 1, { ipTotalLength: 41 }),
      data(1002, 0, { ipTotalLength: 40 }),
      data(1002, 2, { ipTotalLength: 42 }),
    );
    expect(packets).toBe(3);
    expect(a).toMatchObject({ packets: 3, dataPackets: 2, payloadBytes: 3, ipBytes: 123, lastFrame: 3 });
  });

  it('the TTL of most packets is the usual one, whatever a reset has', () => {
    const ttlOf = (...more: Parameters<typeof run>) => run(data(1, 1, { ttl: 64 }), ...more).a.ttl;
    expect(ttlOf(data(2, 1, { ttl: 60 }))).toBe(-1);
    expect(ttlOf(data(2, 1, { ttl: 60 }), data(3, 1, { ttl: 60 }))).toBe(60);
    expect(ttlOf(data(2, 1, { ttl: 64 }), data(3, 1, { ttl: 60 }))).toBe(64);
    expect(ttlOf(data(2, 0, { ttl: 60, flags: RST }))).toBe(64);
  });

  it('SND.NXT is moved by what was not sent before, never by a reset', () => {
    expect(run(data(1001, 10), data(1006, 5)).a.sndNxt).toBe(11);
    expect(run(data(1001, 10), data(1006, 6)).a.sndNxt).toBe(12);
    expect(run(data(1001, 10), data(1011, 6, { flags: RST | ACK })).a.sndNxt).toBe(11);
  });

  it('what is sent again is counted until the other end is heard', () => {
    const again = (...more: SegmentView[]) => run(data(1001, 10), ...more).a.repeatsUnheard;
    expect([again(), again(data(1001, 10)), again(data(1010, 1)), again(data(1011, 1))]).toEqual([0, 1, 1, 0]);
    expect(again(data(1001, 10), data(1001, 10))).toBe(2);
    expect(again(data(1001, 10, { flags: RST }))).toBe(0);
    expect(again(data(1001, 10), back({ flags: ACK, ack: 1001, seq: 1001 }))).toBe(0);
  });

  it('an old ACK takes neither the window nor the ACK back (RFC 9293 section 3.10.7.4)', () => {
    const acks = (first: number, second: number, fields: Partial<SegmentView> = {}) =>
      run(
        data(1001, 100),
        back({ flags: ACK, seq: 1001, ack: first, rawWindow: 10 }),
        back({ flags: ACK, seq: 1001, ack: second, rawWindow: 20, ...fields }),
      );
    expect(acks(1011, 1010).b).toMatchObject({ lastAck: 11, rawWindow: 10 });
    expect(acks(1011, 1011).b).toMatchObject({ lastAck: 11, rawWindow: 20 });
    expect(acks(1011, 1012).b).toMatchObject({ lastAck: 12, rawWindow: 20 });
    expect(acks(1011, 1012).a.sndUna).toBe(12);
    // No further than what was sent.
    expect(acks(1011, 1200).a.sndUna).toBe(101);
    expect(acks(1011, 1012, { flags: ACK | RST }).b).toMatchObject({ lastAck: 11, rawWindow: 10 });
  });

  it('the right edge of the window never moves back', () => {
    const edge = (...windows: number[]) =>
      run(
        view({ flags: SYN, seq: 1000 }),
        back({ flags: SYN | ACK, seq: 1000, ack: 1001, rawWindow: 50 }),
        ...windows.map((rawWindow) => back({ flags: ACK, seq: 1001, ack: 1001, rawWindow })),
      ).b.windowEdge;
    expect([edge(), edge(49), edge(50), edge(51), edge(51, 0)]).toEqual([51, 51, 51, 52, 52]);
    const closed = run(view({ flags: SYN, seq: 1000 }), back({ flags: SYN | ACK, seq: 1000, ack: 1001, rawWindow: 0 }));
    expect(closed.b.windowEdge).toBe(1);
  });

  it('times of a connection are its earliest and latest, where clocks step back too', () => {
    const at = (...times: number[]) => {
      const { earliestTime, latestTime, lastTime } = run(...times.map((time, i) => data(1001 + i, 1, { time })));
      return [earliestTime, latestTime, lastTime];
    };
    expect(at(5, 7, 6)).toEqual([5, 7, 6]);
    expect(at(5, 4, 6)).toEqual([4, 6, 6]);
    expect(at(5, 4)).toEqual([4, 5, 4]);
  });

  it('a segment tells the time since the first one and since the one before', () => {
    const tracker = new Tracker();
    const told = [5, 9, 12].map((time, i) => {
      const t = tracker.track(data(1001, 1, { time, frame: i + 1 }));
      return [t.sinceStart, t.sincePrevious, t.opened];
    });
    expect(told).toEqual([
      [0, 0, true],
      [4, 4, false],
      [7, 3, false],
    ]);
  });

  it('finds the connection of a segment that is not tracked, and opens one only where it may', () => {
    const tracker = new Tracker();
    expect(tracker.resolve(data(1, 1), false)).toBeNull();
    const opened = tracker.resolve(data(1, 1), true);
    expect(opened?.id).toBe(0);
    expect(tracker.resolve(back({ flags: ACK }), false)).toBe(opened);
    tracker.track(data(1, 1));
    const stray = () => view({ flags: SYN, seq: 900_000_000 });
    expect(tracker.resolve(stray(), false)).toBeNull();
    expect(tracker.resolve(view({ flags: SYN, seq: 0 }), false)).toBe(opened);
    expect(tracker.resolve(stray(), true)?.id).toBe(1);
  });
});
