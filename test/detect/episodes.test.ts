/** What the repair of a stretch turns out to be, and who is stopped by a closed window: `episode-kind.ts`, `episode-account.ts`, `zero-window.ts`, `port-reuse.ts`, `unfilled.ts`, with an example on either side. */
import { describe, expect, it } from 'vitest';
import { Episode } from '../../src/detect/episode.ts';
import { accountOf } from '../../src/detect/episode-account.ts';
import { kindOf } from '../../src/detect/episode-kind.ts';
import type { Inspection } from '../../src/detect/inspection.ts';
import { ENGLISH } from '../../src/messages/en/index.ts';
import { causeOf, textOf } from '../../src/messages/message.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Finding } from '../../src/model/finding.ts';
import { State } from '../../src/model/state.ts';
import { Cause, Kind, Verdict } from '../../src/model/verdict.ts';
import { analyseScenario } from '../support/analyze.ts';
import { findingsIn } from '../support/findings.ts';
import type { ScenarioOptions } from '../support/scenario.ts';
import { PLAIN } from './cases.ts';

const MS = 1e6;
const at = (seconds: number) => seconds.toFixed(6);
const OTHER: ScenarioOptions = {
  clientIsn: 0,
  serverIsn: 0,
  connections: { B: { client: '10.0.0.9:50000', server: '10.0.0.8:80' } },
};
const endsAt = (seconds: number) => `\n ${at(seconds)} > S seq 0 win 8192 <mss 1460> conn B`;

function found(text: string, id: string): Finding[] {
  return findingsIn(text, OTHER).filter((finding) => finding.id === id);
}
const has = (text: string, id: string) => found(text, id).length > 0;

interface Sent {
  cause: number;
  verdict?: Partial<Verdict>;
  bytes?: number;
  frame?: number;
  time?: number;
  /** The latest frame of the other end when it is sent. */
  heard?: number;
  /** Its wait shows that the one before it was a timeout. */
  shows?: boolean;
}

interface Ends {
  sender?: object;
  peer?: object;
  connection?: object;
}

/** An episode of these retransmissions: 100 bytes each, frame 10 and following, after a wait of 300 ms. */
function episode(sent: readonly Sent[], ends: Ends = {}, over: { unfinished?: boolean; repaired?: number } = {}) {
  const connection = {
    synTime: 0,
    synAckTime: 10 * MS,
    handshakeTime: Number.NaN,
    icmpError: null,
    views: null,
    ...ends.connection,
  };
  const sender = {
    isClient: true,
    role: 'client',
    lastFrame: 9,
    lastAck: 1,
    sndNxt: 1000,
    sndUna: 2,
    finEnd: -1,
    outbound: null,
    connection,
  };
  const peer = {
    seen: true,
    hasIss: true,
    lastFrame: 5,
    finEnd: -1,
    rstFrame: 0,
    outbound: null,
    connection,
    role: 'server',
  };
  Object.assign(peer, { peer: sender }, ends.peer);
  Object.assign(sender, { peer }, ends.sender);
  Object.assign(connection, { client: sender, server: peer });
  const all = new Episode(sender as unknown as Endpoint, 1000 * MS);
  let before = new Verdict();
  for (const [i, one] of sent.entries()) {
    const { cause, bytes = 100, frame = 10 + i, time = (1000 + 300 * i) * MS, heard = 5, shows = false } = one;
    const usual = { cause, waited: 300 * MS, original: 4, confidence: 0.9 };
    const verdict = Object.assign(new Verdict(), usual, one.verdict);
    if (shows) before.cause = Cause.RTO;
    before = verdict;
    all.take({
      verdict,
      sender,
      receiver: { ...peer, lastFrame: heard },
      view: { payloadLength: bytes },
      t: { seq: 2, end: 2 + bytes },
      frame,
      time,
    } as unknown as Inspection);
  }
  Object.assign(all, over);
  return all;
}
const times = (count: number, one: Sent): Sent[] => Array.from({ length: count }, () => one);
const UNFINISHED = { unfinished: true };
/** How soon its peer answers, as seen from where the capture was made: at once. */
const KNOWN = { outbound: { rtt: { min: 0 } } };
const of = (cause: number, verdict: Partial<Verdict> = {}): Sent => ({ cause, verdict });

describe('a SYN that was sent twice', () => {
  // Filtered to SYN, FIN and RST: the number of the RST is not the next one that was seen.
  const story = (last: string) =>
    found(
      `0.000 > S seq 0
      0.001 < S. seq 0 ack 1
      1.000 > S seq 0
      1.001 < S. seq 0 ack 1
      ${last}`,
      'syn-retransmission',
    )[0].text;

  it('was answered where its sender goes on to anything else, be it a RST', () => {
    expect(story('')).toContain('nothing shows that an answer arrived');
    expect(story('1.5 > R. seq 51 ack 51 win 0')).not.toContain('nothing shows');
    expect(story('1.5 > R. seq 1 ack 1 win 0')).not.toContain('nothing shows');
  });
});

describe('a SYN that is answered by an ACK of an earlier connection', () => {
  const told = (between: string, first = '0.020 < . seq 5000 ack 4225130507\n0.040 > R seq 4225130507') =>
    found(
      `0.000 > S seq 0
      ${first}
      0.050 > S seq 0
      ${between}
      1.050 > S seq 0
      1.070 < S. seq 0 ack 1
      1.090 > . ack 1`,
      'syn-retransmission',
    )[0];

  it('is sent again for that, each time', () => {
    const { severity, text } = told('0.070 < . seq 6000 ack 4125130507\n0.090 > R seq 4125130507');
    expect(severity).toBe('info');
    expect(text).toMatch(/ 3 times, .* answered with an ACK of an earlier connection; the answer came/);
  });

  it('or is lost, where once nothing came', () => {
    expect([told('').severity, told('', '').severity]).toEqual(['warning', 'warning']);
    expect(told('').text).not.toContain('earlier connection');
  });
});

describe('the repair of a SYN', () => {
  it('takes until the SYN,ACK is acknowledged, wherever the capture was made', () => {
    // Captured at the server: its first SYN,ACK was lost, and the next answer of the client was delayed.
    const repaired = (ack: string) =>
      found(
        `0.000 > S seq 0
        0.001 < S. seq 0 ack 1
        1.000 > S seq 0
        1.001 < S. seq 0 ack 1
        ${ack} > . ack 1
        1.100 > P. 1:11(10) ack 1
        1.101 < P. 1:11(10) ack 11
        1.166 > . ack 11`,
        'syn-retransmission',
      )[0].text;
    expect(repaired('1.041')).toMatch(/; the answer came 1\.04 s after the first\./);
    expect(repaired('1.062')).toMatch(/; the answer came 1\.06 s after the first\./);
  });
});

describe('what a timer sends again in vain', () => {
  interface Vain {
    arrived?: number;
    size?: number;
    times?: number;
    handshake?: string;
    last?: string;
    options?: ScenarioOptions;
  }
  /** `arrived` bytes were acknowledged, then a segment of `size` is sent and sent again so many times. */
  const story = ({
    arrived = 100,
    size = 1400,
    times: count = 3,
    handshake = PLAIN,
    last = '',
    options = OTHER,
  }: Vain) => {
    const [from, to] = [1 + arrived, 1 + arrived + size];
    const before = arrived > 0 ? `\n 0.050 > P. 1:${from}(${arrived}) ack 1\n 0.070 < . ack ${from}` : '';
    const copies = Array.from(
      { length: count + 1 },
      (_, i) => `\n ${at(i === 0 ? 0.1 : 0.1 + 0.3 * (2 ** i - 1))} > . ${from}:${to}(${size}) ack 1`,
    );
    const findings = findingsIn(`${handshake}${before}${copies.join('')}${last}${endsAt(60)}`, options);
    const [told] = findings.filter(({ id }) => id === 'peer-unresponsive' || id === 'retransmission-timeout');
    return told;
  };
  const tellsSize = (vain: Vain) => /the path may drop larger? ones/.test(story(vain).text);

  it('may be too large for the path where it is larger than all that arrived, and than 536 bytes', () => {
    expect(story({}).text).toMatch(
      /\. No segment of more than 100 bytes of it has arrived on this connection: the path may drop larger ones \(MTU\)\.$/,
    );
    expect([tellsSize({ size: 537 }), tellsSize({ size: 536 })]).toEqual([true, false]);
    expect([tellsSize({ arrived: 999, size: 1000 }), tellsSize({ arrived: 1000, size: 1000 })]).toEqual([true, false]);
    expect([tellsSize({ times: 3 }), tellsSize({ times: 2 })]).toEqual([true, false]);
  });

  it('is no larger than what every path of IPv6 takes where it has 1,220 bytes (RFC 8200 section 5)', () => {
    const options = { ...OTHER, client: '[2001:db8::1]:40000', server: '[2001:db8::2]:80' };
    expect([tellsSize({ options, size: 1221 }), tellsSize({ options, size: 1220 })]).toEqual([true, false]);
  });

  it('may be that too where the other end goes on, and where none of its data arrived', () => {
    const { id, text } = story({ arrived: 0, last: '\n 9 < F. seq 1 ack 1' });
    expect(id).toBe('retransmission-timeout');
    expect(text).toContain('None of its data has arrived on this connection, only packets without');
    // It arrived after all.
    expect(tellsSize({ last: '\n 9 < . ack 1501' })).toBe(false);
  });

  it('was lost, or its acknowledgment was, where nothing tells copies apart', () => {
    const isMute = (client: object, server: object, sawHandshake = true) => {
      const both = { sender: { sndUna: 900, ...client }, peer: server, connection: { sawHandshake } };
      return accountOf(episode([of(Cause.RTO)], both, { repaired: 2000 * MS })).message.values;
    };
    const sack = { sackPermitted: true };
    const stamps = { timestamps: true };
    expect(story({ times: 1, last: '\n 0.42 < . ack 1501' }).cause).toContain('the data or its acknowledgment');
    expect(isMute({}, {})).toMatchObject({ isMute: true });
    expect(isMute(sack, stamps)).toMatchObject({ isMute: true });
    expect(isMute(sack, sack)).toMatchObject({ isMute: false });
    expect(isMute(stamps, stamps)).toMatchObject({ isMute: false });
    expect(isMute({}, {}, false)).toMatchObject({ isMute: false });
  });
});

describe('a first copy that comes long after its repeat', () => {
  const stamps = (client: number, server: number) => `<nop,nop,TS val ${client} ecr ${server}>`;
  const sacks = (left: number, right: number) => `<nop,nop,TS val 9500 ecr 1041,nop,nop,sack ${left}:${right}>`;
  /** Captured at the server, which is told nothing of bytes 1001 to 2001 for a round trip. They are sent again, and what then comes is `last`. */
  const text = (last: string) =>
    `0.000 > S seq 0 <mss 1000,sackOK,TS val 1000 ecr 0>
      0.001 < S. seq 0 ack 1 <mss 1000,sackOK,TS val 9000 ecr 1000>
      0.041 > . ack 1 ${stamps(1041, 9000)}
      0.042 > . 1:1001(1000) ack 1 ${stamps(1041, 9000)}
      0.043 > . 2001:3001(1000) ack 1 ${stamps(1043, 9000)}
      0.0431 < . ack 1001 ${sacks(2001, 3001)}
      0.044 > . 3001:4001(1000) ack 1 ${stamps(1044, 9000)}
      0.0441 < . ack 1001 ${sacks(2001, 4001)}
      0.045 > . 4001:5001(1000) ack 1 ${stamps(1045, 9000)}
      0.0451 < . ack 1001 ${sacks(2001, 5001)}
      0.085 > . 1001:2001(1000) ack 1 ${stamps(1085, 9043)}
      0.0851 < . ack 5001 <nop,nop,TS val 9085 ecr 1085>
      0.500 > . 5001:6001(1000) ack 1 ${stamps(1500, 9085)}
      0.5001 < . ack 6001 <nop,nop,TS val 9500 ecr 1500>
      ${last}`;
  const story = (last: string) => findingsIn(text(last)).map(({ id }) => id);
  const late = (stamp: number) => `0.900 > . 1001:2001(1000) ack 1 ${stamps(stamp, 9000)}
      0.9001 < . ack 6001 <nop,nop,TS val 9900 ecr 1500,nop,nop,sack 1001:2001>`;
  it('was not lost', () => {
    expect(story('')).toContain('packet-loss');
    // Sent a tick before the latest segment, or with the latest: then it is one more repeat.
    expect(story(late(1042))).not.toContain('packet-loss');
    expect(story(late(1042))).toContain('spurious-retransmission');
    expect(story(late(1500))).toContain('packet-loss');
  });

  it('is late by the time since its repeat, which was not needed', () => {
    const { rows } = analyseScenario(text(late(1042)));
    const [repeat, first] = [rows[10], rows[14]].map((row) => row.verdict!);
    expect([repeat.kind, repeat.spurious]).toEqual([Kind.RETRANSMISSION, true]);
    expect([first.kind, first.original, Math.round(first.lateness / 1e6)]).toEqual([Kind.REORDERED, 11, 815]);
  });
});

describe('a probe in a capture that is cut short', () => {
  /** Ethernet, IPv4 and TCP with timestamps take 66 bytes, a D-SACK twelve more. */
  const cut = (snaplen: number) => {
    const stamps = '<nop,nop,TS val 9 ecr 9>';
    const findings = findingsIn(
      `0.000000 > S seq 0 <mss 1000,sackOK,TS val 9 ecr 0>
      0.040000 < S. seq 0 ack 1 <mss 1000,sackOK,TS val 9 ecr 9>
      0.040100 > . ack 1 ${stamps}
      0.100000 > P. 1:1001(1000) ack 1 ${stamps}
      0.200000 > P. 1:1001(1000) ack 1 ${stamps}
      0.240000 < . ack 1001 ${stamps}`,
      { snaplen },
    );
    return findings.filter((f) => f.id === 'tail-loss' || f.id === 'retransmission').map((f) => [f.id, f.severity]);
  };

  it('shows a loss only where a D-SACK could be read', () => {
    expect(cut(78)).toEqual([['tail-loss', 'warning']]);
    expect(cut(77)).toEqual([['retransmission', 'info']]);
  });
});

describe('an episode of repair', () => {
  const id = (...given: Parameters<typeof episode>) => kindOf(episode(...given));

  it.each<[string, number, string]>([
    ['a timeout', Cause.RTO, 'retransmission-timeout'],
    ['a fast retransmission', Cause.FAST, 'packet-loss'],
    ['a probe', Cause.TLP, 'tail-loss'],
    ['what follows a timeout', Cause.RTO_RECOVERY, 'retransmission-timeout'],
    ['a packet that was too big', Cause.PMTU, 'path-mtu-retransmission'],
    ['an unknown cause', Cause.UNKNOWN, 'retransmission'],
    ['a SYN', Cause.SYN, 'syn-retransmission'],
    ['a SYN,ACK', Cause.SYN_ACK, 'syn-ack-retransmission'],
  ])('with %s', (_, cause, expected) => {
    expect(id([of(cause)])).toBe(expected);
  });

  it('has the gravest of several causes', () => {
    expect(id([of(Cause.FAST), of(Cause.RTO)])).toBe('retransmission-timeout');
    expect(id([of(Cause.TLP), of(Cause.FAST)])).toBe('packet-loss');
    expect(id([of(Cause.PMTU), of(Cause.RTO)])).toBe('path-mtu-retransmission');
    expect(id([of(Cause.RTO_RECOVERY), of(Cause.TLP)])).toBe('tail-loss');
  });

  it('of a FIN alone is no loss that anybody was told of', () => {
    const fin = { cause: Cause.FAST, bytes: 0 };
    expect([id([fin]), id([{ ...fin, bytes: 1 }])]).toEqual(['retransmission', 'packet-loss']);
  });

  it('is needless where every segment was', () => {
    const needless = of(Cause.FAST, { spurious: true });
    expect([id([needless, needless]), id([needless, of(Cause.FAST)])]).toEqual([
      'spurious-retransmission',
      'packet-loss',
    ]);
    const settled = episode([needless, needless]);
    settled.settle();
    expect([settled.countNeedless(), kindOf(settled)]).toEqual([2, 'spurious-retransmission']);
  });

  it('is unresponsive after three timeouts, with nothing heard since the first, when the input ends', () => {
    const silent = (timeouts: number, peer: object = {}, over: object = UNFINISHED) =>
      id(times(timeouts, of(Cause.RTO)), { peer }, over);
    expect([silent(2), silent(3)]).toEqual(['retransmission-timeout', 'peer-unresponsive']);
    expect([silent(3, { lastFrame: 9 }), silent(3, { lastFrame: 10 })]).toEqual([
      'peer-unresponsive',
      'retransmission-timeout',
    ]);
    expect(silent(3, {}, {})).toBe('retransmission-timeout');
    expect(silent(3, {}, { unfinished: true, repaired: 0 })).toBe('retransmission-timeout');
    expect(silent(3, { seen: false })).toBe('retransmission');
  });

  it('of a SYN is unanswered where nothing of the other end is known', () => {
    const syn = (ends: Ends, over: object = UNFINISHED) => id([of(Cause.SYN)], ends, over);
    const unseen = { peer: { seen: false }, sender: { lastAck: 0 } };
    expect(syn(unseen)).toBe('syn-unanswered');
    expect(syn(unseen, {})).toBe('syn-retransmission');
    expect(syn({ ...unseen, peer: { seen: true } })).toBe('syn-retransmission');
    expect(syn({ ...unseen, sender: { lastAck: 1 } })).toBe('syn-retransmission');
    expect(syn({ ...unseen, connection: { icmpError: {} } })).toBe('syn-retransmission');
  });

  it('of a SYN,ACK is half open while nothing was sent after it', () => {
    const synAck = (sndNxt: number, over: object = UNFINISHED) => id([of(Cause.SYN_ACK)], { sender: { sndNxt } }, over);
    expect([synAck(1), synAck(2), synAck(1, {})]).toEqual([
      'half-open',
      'syn-ack-retransmission',
      'syn-ack-retransmission',
    ]);
  });
});

describe('an episode that nobody has to do something about', () => {
  const severity = (...given: Parameters<typeof episode>) => accountOf(episode(...given)).severity;
  const needless = (cause: number) => of(cause, { spurious: true });
  const REPAIRED = { repaired: 2000 * MS };

  it('is one or two needless segments, or any number of probes; not after a timeout', () => {
    expect([2, 3].map((count) => severity(times(count, needless(Cause.FAST))))).toEqual(['info', undefined]);
    expect(severity(times(5, needless(Cause.TLP)))).toBe('info');
    expect(severity([needless(Cause.TLP), needless(Cause.RTO)])).toBeUndefined();
    expect(severity([needless(Cause.RTO)])).toBeUndefined();
  });

  it('is a probe that nobody acknowledged, and a loss of which nobody told', () => {
    expect([severity([of(Cause.TLP)]), severity([of(Cause.TLP)], {}, REPAIRED)]).toEqual(['info', undefined]);
    expect(severity([of(Cause.TLP)], {}, { repaired: 0 })).toBeUndefined();
    expect([severity([of(Cause.FAST)]), severity([of(Cause.FAST)], {}, REPAIRED)]).toEqual(['info', undefined]);
    expect(severity([of(Cause.FAST, { evidence: [3] })])).toBeUndefined();
  });

  it('is a SYN whose answer was on its way: the handshake took at most 1.5 of the shortest round trips', () => {
    const ofHandshake = (took: number, cause: number) => {
      const rtt = { rtt: { min: 10 * MS } };
      const one = accountOf(
        episode(
          [of(cause, { spurious: true })],
          { connection: { handshakeTime: took }, sender: { outbound: rtt }, peer: { outbound: rtt } },
          { repaired: 1100 * MS },
        ),
      );
      return [one.severity, (one.message as { values: { needless: number } }).values.needless];
    };
    expect([ofHandshake(30 * MS, Cause.SYN), ofHandshake(30 * MS + 1, Cause.SYN)]).toEqual([
      ['info', 1],
      [undefined, 0],
    ]);
    expect([ofHandshake(30 * MS, Cause.SYN_ACK)[0], ofHandshake(30 * MS + 1, Cause.SYN_ACK)[0]]).toEqual([
      'info',
      undefined,
    ]);
  });

  it('is a SYN,ACK for each repeated SYN', () => {
    const answer = (heard: number) => ({ cause: Cause.SYN_ACK, heard });
    expect([severity([answer(10)]), severity([answer(9)]), severity([answer(10), answer(9)])]).toEqual([
      'info',
      undefined,
      undefined,
    ]);
  });

  it('is a SYN,ACK that is repeated sooner than any timer runs, 100 ms: it answers a SYN that the capture has not', () => {
    const answer = (time: number) =>
      severity([{ cause: Cause.SYN_ACK, time: time * MS }], {
        sender: { isClient: false },
        connection: { synAckTime: 10 * MS },
      });
    expect([answer(109.999), answer(110)]).toEqual(['info', undefined]);
  });

  it('is a SYN that no timer repeats: none comes 100 ms after the one before', () => {
    const syns = (...at: number[]) => severity(at.map((time) => ({ cause: Cause.SYN, time: time * MS, bytes: 0 })));
    expect([syns(99.999), syns(100), syns(50, 140), syns(50, 150), syns(150, 60)]).toEqual([
      'info',
      undefined,
      'info',
      undefined,
      undefined,
    ]);
    // When the first was sent is not known.
    const unknown = { connection: { synTime: Number.NaN } };
    expect(severity([{ cause: Cause.SYN, time: 50 * MS }], unknown)).toBeUndefined();
  });

  it('is no loss where it was repaired at once', () => {
    expect(severity([of(Cause.FAST)], {}, { repaired: 0 })).toBeUndefined();
  });

  it('is the silence of an end that had closed: at most 64 bytes with each FIN', () => {
    const closing = (bytes: number, finEnd = 50, own = 60) =>
      accountOf(
        episode(times(3, { cause: Cause.RTO, bytes }), { peer: { finEnd }, sender: { finEnd: own } }, UNFINISHED),
      );
    expect([closing(64).severity, closing(65).severity]).toEqual(['info', undefined]);
    expect([closing(64, -1).severity, closing(64, 50, -1).severity, closing(64, 0, 0).severity]).toEqual([
      undefined,
      undefined,
      'info',
    ]);
    expect([closing(64).message.key, closing(65).message.key]).toEqual([
      'peer-unresponsive.closing',
      'peer-unresponsive',
    ]);
  });

  it('is no FIN alone that nobody answers where the other end had sent data, and has not closed', () => {
    const fins = (count: number, peer: object) =>
      severity(
        times(count, { cause: Cause.RTO, bytes: 0 }),
        { peer: { finEnd: -1, dataPackets: 1, ...peer }, sender: { finEnd: 50 } },
        UNFINISHED,
      );
    expect([fins(3, {}), fins(2, {})]).toEqual([undefined, 'info']);
    expect([fins(3, { finEnd: 9 }), fins(3, { dataPackets: 0 }), fins(3, { seen: false })]).toEqual([
      ...['info', 'info', 'info'],
    ]);
  });

  it('of a SYN ends when its sender goes on, though no answer is in the capture', () => {
    const oneWay = (more: string) => `
  0.000 > S seq 0 win 8192 <mss 1460>
  1.000 > S seq 0 win 8192 <mss 1460>
  ${more}
  9.000 > . 5001:5101(100) ack 1`;
    const frames = (text: string) => found(text, 'syn-retransmission').map(({ evidence }) => evidence);
    const data = `1.040 > . ack 1
  1.041 > P. 1:101(100) ack 1
  1.441 > P. 1:101(100) ack 1`;
    expect(frames(oneWay(data))).toEqual([[2]]);
    expect(found(oneWay(data), 'retransmission').map(({ evidence }) => evidence)).toEqual([[5]]);
    expect(frames(oneWay('3.000 > S seq 0 win 8192 <mss 1460>'))).toEqual([[2, 3]]);
  });

  it('is a FIN alone, and what is seen in one direction, but for SYNs', () => {
    expect([severity([{ cause: Cause.RTO, bytes: 0 }]), severity([{ cause: Cause.RTO, bytes: 1 }])]).toEqual([
      'info',
      undefined,
    ]);
    const unseen = { peer: { seen: false }, sender: { lastAck: 0 } };
    expect(severity([of(Cause.RTO)], unseen)).toBe('info');
    expect(severity([of(Cause.SYN)], unseen)).toBeUndefined();
    expect(severity([of(Cause.SYN)], unseen, UNFINISHED)).toBeUndefined();
  });

  it('is what was repaired without a report where nothing had been acknowledged: the answers are not in the capture', () => {
    const repaired = (sndUna: number, evidence: number[] = [], cause: number = Cause.FAST) => {
      const { id, confidence, severity } = accountOf(
        episode([{ cause, verdict: { evidence } }], {
          sender: { sndUna },
        }),
      );
      return [id, confidence, severity];
    };
    expect(repaired(1)).toEqual(['retransmission', 0.5, 'info']);
    expect(repaired(2)[0]).toBe('packet-loss');
    expect(repaired(1, [7])[0]).toBe('packet-loss');
    expect(repaired(1, [], Cause.RTO)).toEqual(['retransmission-timeout', 0.9, undefined]);
  });

  it('is less sure without the other direction', () => {
    const unseen = { peer: { seen: false }, sender: { lastAck: 0 } };
    const confidence = (...given: Parameters<typeof episode>) => accountOf(episode(...given)).confidence;
    expect([confidence([of(Cause.RTO)]), confidence([of(Cause.RTO)], unseen)]).toEqual([0.9, 0.5]);
    expect(confidence([of(Cause.SYN)], unseen, UNFINISHED)).toBe(0.9);
  });
});

describe('what an episode says', () => {
  const values = (...given: Parameters<typeof episode>) =>
    accountOf(episode(...given)).message.values as Record<string, unknown>;

  it('counts segments, bytes and causes', () => {
    expect(
      values([of(Cause.RTO), of(Cause.RTO_RECOVERY), of(Cause.TLP), of(Cause.FAST, { spurious: true })]),
    ).toMatchObject({
      segments: 4,
      bytes: 400,
      needless: 1,
      timeouts: 1,
      afterTimeout: 1,
      probes: 1,
      fast: 0,
      told: 1,
    });
    expect(values([of(Cause.FAST, { evidence: [3] }), of(Cause.FAST)])).toMatchObject({ fast: 2, told: 2 });
  });

  it('tells of what was sent again beside its timeouts', () => {
    const text = (...causes: number[]) => textOf(accountOf(episode(causes.map((cause) => of(cause)))).message, ENGLISH);
    expect(text(Cause.RTO, Cause.FAST, Cause.FAST, Cause.RTO_RECOVERY)).toMatch(
      / 1 further segment was sent again after that\. 2 segments were sent again without a timeout\./,
    );
    expect(text(Cause.RTO, Cause.FAST)).toMatch(/ 1 segment was sent again without a timeout\./);
    expect(text(Cause.RTO, Cause.RTO_RECOVERY)).not.toMatch(/without a timeout/);
    expect(text(Cause.TLP, Cause.FAST)).toMatch(/sent again by fast retransmission and tail loss probe/);
    expect(text(Cause.TLP, Cause.TLP)).not.toMatch(/fast retransmission/);
  });

  it('names waits of more than 4 ms, sixteen at the most', () => {
    const waits = (...sent: Sent[]) => values(sent).waits as number[];
    expect(waits(of(Cause.RTO, { waited: 4 * MS }), of(Cause.RTO, { waited: 4 * MS + 1 }))).toEqual([4 * MS + 1]);
    expect([16, 17].map((count) => waits(...times(count, of(Cause.RTO))).length)).toEqual([16, 16]);
    expect(waits(of(Cause.FAST), of(Cause.RTO_RECOVERY))).toEqual([]);
  });

  it('of SYNs the time since the one before', () => {
    const syn = (time: number): Sent => ({ cause: Cause.SYN, time: time * MS });
    expect(values([syn(1000), syn(3000)]).waits).toEqual([1000 * MS, 2000 * MS]);
    expect(values([{ ...syn(1010), cause: Cause.SYN_ACK }], { sender: { isClient: false } }).waits).toEqual([
      1000 * MS,
    ]);
  });

  it('of a SYN leaves out what was sent again before anything was acknowledged', () => {
    const sent = [{ cause: Cause.SYN, time: 1000 * MS }, of(Cause.RTO)];
    expect(values(sent)).toMatchObject({ waits: [1000 * MS], segments: 1 });
    expect(
      values([{ ...sent[0], cause: Cause.SYN_ACK }, of(Cause.RTO)], { sender: { isClient: false } }),
    ).toMatchObject({
      waits: [990 * MS],
      segments: 1,
    });
    expect(values([of(Cause.RTO)])).toMatchObject({ waits: [300 * MS], segments: 1 });
  });

  it('has a key of its own for repeated SYNs and SYN,ACKs without an answer', () => {
    const key = (...given: Parameters<typeof episode>) => accountOf(episode(...given)).message.key;
    const unseen = { peer: { seen: false }, sender: { lastAck: 0 } };
    expect([key([of(Cause.SYN)], unseen, UNFINISHED), key([of(Cause.SYN)])]).toEqual([
      'syn-unanswered.repeated',
      'syn-retransmission',
    ]);
    expect(key([of(Cause.SYN_ACK)], { sender: { sndNxt: 1 } }, UNFINISHED)).toBe('half-open.repeated');
  });

  it('says of SYN,ACKs that all answer SYNs which came again that no timer sent them', () => {
    const synAck = (...heard: number[]) =>
      accountOf(
        episode(
          heard.map((frame) => ({ ...of(Cause.SYN_ACK), heard: frame })),
          { sender: { isClient: false } },
        ),
      );
    // The latest frame of its sender is 9.
    const keys = [synAck(10), synAck(9), synAck(10, 10), synAck(10, 9)].map(({ message }) => message.key);
    const [timer, answers] = ['syn-ack-retransmission', 'syn-ack-retransmission.answers'];
    expect(keys).toEqual([answers, timer, answers, timer]);
    expect(textOf(synAck(10).message)).toMatch(/sent its SYN,ACK twice: the second answers a SYN that came again/);
    expect(textOf(synAck(10, 10).message)).toMatch(/sent its SYN,ACK 3 times: each further one answers a SYN/);
  });

  it('cites D-SACK where one shows that it was not needed', () => {
    const told = (dsackFrames: number[]) => {
      const all = episode([of(Cause.FAST, { spurious: true })]);
      all.dsackFrames.push(...dsackFrames);
      const { cite, evidence, message } = accountOf(all);
      const { dsackFrame, dsacks } = message.values as { dsackFrame: number; dsacks: number };
      return [cite?.rfc, evidence, dsackFrame, dsacks];
    };
    expect([told([]), told([30]), told([30, 31])]).toEqual([
      [undefined, [10], 0, 0],
      [2883, [10, 30], 30, 1],
      [2883, [10, 30, 31], 30, 2],
    ]);
  });

  const REPAIRED = { repaired: 1042 * MS };
  const textIn = (...given: Parameters<typeof episode>) => textOf(accountOf(episode(...given)).message);

  it('names what triggers needless repeats where that is known of all of them, and each D-SACK', () => {
    const needless = (cause: number) => of(cause, { spurious: true, waited: 300 * MS });
    const told = (causes: readonly number[], dsackFrames: number[] = []) => {
      const all = episode(causes.map(needless));
      all.dsackFrames.push(...dsackFrames);
      return textOf(accountOf(all).message);
    };
    expect(told([Cause.RTO, Cause.RTO])).toContain('by timeout');
    expect(told([Cause.RTO, Cause.UNKNOWN])).not.toContain('timeout');
    expect(told([Cause.RTO], [30])).toContain(', as its D-SACK in packet 30 says.');
    expect(told([Cause.RTO, Cause.RTO], [30])).toContain(', as its D-SACK in packet 30 and its ACKs say.');
    expect(told([Cause.RTO, Cause.RTO], [30, 31])).toContain(', as its D-SACKs from packet 30 on say.');
  });

  it('has a reason of needless repeats where what sent them is known', () => {
    const reason = (cause: number, evidence: number[] = []) => {
      const { message } = accountOf(episode([of(cause, { spurious: true, evidence })]));
      return causeOf(message);
    };
    expect(reason(Cause.RTO)).toMatch(/^a timeout/);
    expect(reason(Cause.FAST, [7])).toMatch(/^reordering/);
    expect(reason(Cause.TLP)).toMatch(/^a probe/);
    // Nothing told of the loss that its sender takes it for.
    expect([reason(Cause.FAST), reason(Cause.UNKNOWN)].map((text) => text.slice(0, 17))).toEqual(
      Array(2).fill('cause not visible'),
    );
  });

  it('does not say that the data was lost where some of a repair after a timeout was not needed: an ACK may have been', () => {
    const reason = (spurious: boolean) =>
      causeOf(accountOf(episode([of(Cause.RTO), of(Cause.RTO, { spurious })], {}, REPAIRED)).message);
    expect([reason(false), reason(true)].map((text) => text.includes('or its acknowledgment'))).toEqual([false, true]);
  });

  it('does not count the bytes of a repeat that joins segments as lost', () => {
    const lost = (parts: number) => textIn([of(Cause.FAST, { parts })]);
    expect([lost(1), lost(2)].map((text) => text.includes('(100 bytes)'))).toEqual([true, false]);
  });

  it('has a time of repair where the ACKs that tell of it are there, and what it begins with was lacking', () => {
    const time = (sndUna: number, fast: Partial<Verdict>, dupAcks: number) =>
      textIn(
        [of(Cause.FAST, fast)],
        { sender: { sndUna, outbound: { dupAcks, rtt: { min: -1 } } }, peer: KNOWN },
        REPAIRED,
      ).includes('repaired after');
    // It ends at 102.
    expect([time(101, { evidence: [7] }, 0), time(102, { evidence: [7] }, 0)]).toEqual([true, false]);
    // Nothing in the capture tells of the loss; one duplicate ACK does.
    expect([time(2, {}, 0), time(2, {}, 1)]).toEqual([false, true]);
  });

  it('says where the capture was made away from the sender, and how much longer the repair took for it', () => {
    /** Shortest answers of the two ends, in ms: the near one is that beside which the capture was made. */
    const repaired = (
      ofSender: number,
      ofPeer: number,
      more: { isClient?: boolean; sameHost?: boolean; echoAge?: number } = {},
    ) => {
      const { isClient = true, sameHost = false, echoAge = -1 } = more;
      const rtt = (min: number) => ({ outbound: { rtt: { min: min * MS } } });
      const words = (w3: number) => ({ w0: 0, w1: 0, w2: 0, w3 });
      const told = values(
        [of(Cause.RTO, { echoAge: echoAge * MS })],
        { sender: { ...words(1), ...rtt(ofPeer), isClient }, peer: { ...words(sameHost ? 1 : 2), ...rtt(ofSender) } },
        { repaired: 1042 * MS },
      );
      return [told.mayMiss, told.repaired === -1 ? null : (told.repaired as number) / MS];
    };
    // At the sender, at the receiver, on the way, in one host, unknown.
    expect(repaired(0.1, 20)).toEqual([false, 42]);
    expect(repaired(20, 0.1)).toEqual([true, 62]);
    expect(repaired(20, 20)).toEqual([true, 62]);
    expect(repaired(20, 20, { sameHost: true })).toEqual([false, 62]);
    expect(repaired(-1, 20)).toEqual([false, null]);
    // What the sender echoes had passed 30 ms before, or more: a path that takes 20 ms held it.
    expect(repaired(20, 0.1, { echoAge: 30 })).toEqual([true, 62]);
    expect(repaired(20, 0.1, { echoAge: 31 })).toEqual([true, 73]);
    expect(repaired(0.1, 20, { echoAge: 31 })).toEqual([false, 42]);
    expect(repaired(-1, 20, { echoAge: 0.5 })).toEqual([false, 42.5]);
  });

  /** The capture is as far (ms) from the one end as from the other. */
  const between = (ofSender: number, ofPeer: number) => {
    const words = (w3: number, min: number) => ({ w0: 0, w1: 0, w2: 0, w3, outbound: { rtt: { min: min * MS } } });
    return { sender: { ...words(1, ofPeer) }, peer: words(2, ofSender) };
  };

  it('tells the part of the repair that is estimated apart', () => {
    const text = (ofSender: number, ofPeer: number) => textIn([of(Cause.RTO)], between(ofSender, ofPeer), REPAIRED);
    expect(text(20, 0.1)).toMatch(/; repaired after about 62\.0 ms \(20\.0 ms of it estimated\)\./);
    expect(text(0.1, 20)).toMatch(/; repaired after 42\.0 ms\./);
    expect(text(-1, 20)).not.toContain('repaired');
  });

  it('is no more than an upper bound a delayed ACK (200 ms) and a round trip after the latest repeat: an earlier ACK is missing', () => {
    const bound = (ms: number, cause: number = Cause.RTO) =>
      values([of(cause), of(cause)], between(0.1, 20), { repaired: ms * MS }).isUpperBound;
    // The latest passed after 1300 ms.
    expect([bound(1520.1), bound(1520.2)]).toEqual([false, true]);
    expect(bound(1520.2, Cause.SYN)).toBe(false);
    expect(textIn([of(Cause.RTO)], between(0.1, 20), { repaired: 1300 * MS })).toContain(
      'repaired after at most 300 ms.',
    );
    expect(textIn([of(Cause.RTO)], between(20, 0.1), { repaired: 1300 * MS })).toContain(
      'repaired after at most 320 ms (20.0 ms of it estimated).',
    );
  });

  it('names the places between which packets of its sender were lost', () => {
    const [near, middle, far] = ['near', 'middle', 'far'].map((name) => ({ name }));
    const elsewhere = { name: 'elsewhere' };
    const losses = [
      { from: near, to: middle, packets: 3 },
      { from: far, to: near, packets: 4 },
      { from: elsewhere, to: far, packets: 5 },
      { from: near, to: elsewhere, packets: 6 },
    ];
    const views = { path: () => [near, middle, far], losses };
    const places = (isClient: boolean) =>
      values([of(Cause.RTO)], { sender: { isClient }, connection: { views } }).places;
    expect(places(true)).toEqual([{ from: 'near', to: 'middle', packets: 3 }]);
    expect(places(false)).toEqual([{ from: 'far', to: 'near', packets: 4 }]);
    expect(values([of(Cause.RTO)]).places).toEqual([]);
  });

  it('of probes apart, and of none whose first copy was not seen', () => {
    expect(values([of(Cause.TLP)])).toMatchObject({ probeWaits: [300 * MS], waits: [] });
    expect(values([of(Cause.TLP, { original: 0 })])).toMatchObject({ probeWaits: [], waits: [] });
    expect(values([of(Cause.RTO, { original: 0 })])).toMatchObject({ waits: [] });
  });

  it('a probe that a later timeout shows to have been one, by its wait, is the first of them', () => {
    const probe = (original = 4) => of(Cause.TLP, { waited: 200 * MS, original });
    const second = { ...of(Cause.RTO, { backoff: 1, waited: 400 * MS }), shows: true };
    const both = { probes: 0, timeouts: 2, probeWaits: [] };
    expect(values([probe(), second])).toMatchObject({ ...both, waits: [200 * MS, 400 * MS] });
    expect(values([probe(), of(Cause.RTO)])).toMatchObject({ probes: 1, timeouts: 1 });
    // How long it waited before the first is not known where its first copy was not seen.
    expect(values([probe(0), second])).toMatchObject({ ...both, waits: [400 * MS] });
    expect([episode([probe(), second]).passed, episode([probe(0), second]).passed]).toEqual([2, 1]);
  });

  it('without a cause is a loss where its receiver had lacked all of it', () => {
    const again = (...lacked: boolean[]) => episode(lacked.map((wasLacked) => of(Cause.UNKNOWN, { wasLacked })));
    const idOf = (...lacked: boolean[]) => kindOf(again(...lacked));
    expect([idOf(true), idOf(false), idOf(true, true)]).toEqual(['packet-loss', 'retransmission', 'packet-loss']);
    expect(idOf(true, false)).toBe('retransmission');
    const settled = again(true, true);
    settled.settle();
    expect(kindOf(settled)).toBe('packet-loss');
  });

  it('a probe is a sure one where it cannot have been a timeout, and an earlier sure one counts', () => {
    const sure = (...open: boolean[]) =>
      values(open.map((mayBeTimeout) => of(Cause.TLP, { mayBeTimeout }))).isSureProbe;
    expect([sure(false), sure(true), sure(false, true), sure(true, true)]).toEqual([true, false, true, false]);
    expect(values([of(Cause.RTO, { confidence: 0.9 })]).isSureProbe).toBe(false);
  });

  it('is open where the input ended without an answer: a reset is one', () => {
    const isOpen = (peer: object, over: object = UNFINISHED) => values([of(Cause.RTO)], { peer }, over).isOpen;
    expect([isOpen({}), isOpen({}, {}), isOpen({ seen: false })]).toEqual([true, false, false]);
    const reset = (lastFrame: number, rstFrame = 11) => isOpen({ lastFrame, rstFrame });
    expect([reset(11), reset(10), reset(11, 0)]).toEqual([false, true, true]);
  });

  it('of silence names what was waited each time, and says so where that is not known of all', () => {
    const silent = (waits: readonly number[]) => {
      const sent = waits.map((ms) => of(Cause.RTO, { waited: ms * MS }));
      return textOf(accountOf(episode(sent, { peer: { lastFrame: 5 } }, UNFINISHED)).message);
    };
    expect(silent([300, 600, 1200])).toMatch(/sent 3 segments again, after 300 ms, 600 ms and 1\.20 s; no answer/);
    expect(silent([300, 600, 1])).toMatch(/sent 3 segments again, some of them after 300 ms and 600 ms of silence; no/);
    expect(silent([1, 1, 1])).toMatch(/sent 3 segments again; no answer/);
  });

  it('says how much of what was sent again is acknowledged', () => {
    const acknowledged = (sndUna: number) =>
      values([of(Cause.RTO), of(Cause.RTO)], { sender: { sndUna } }, UNFINISHED).acknowledged;
    expect([acknowledged(2), acknowledged(3), acknowledged(101), acknowledged(102)]).toEqual([
      'none',
      'part',
      'part',
      'all',
    ]);
  });

  it('of a SYN to which there was no way is no open question: its end is closed', () => {
    const isOpen = (state: number, lastFrame = 11) =>
      values([of(Cause.SYN)], { sender: { state }, peer: { lastFrame } }, UNFINISHED).isOpen;
    expect([isOpen(State.SYN_SENT), isOpen(State.CLOSED), isOpen(State.CLOSED, 10)]).toEqual([true, false, true]);
    expect(isOpen(State.LISTEN)).toBe(false);
  });

  it('says for how long it lasted', () => {
    expect(values([of(Cause.RTO)], { peer: KNOWN }, { repaired: 1042 * MS }).repaired).toBe(42 * MS);
    expect(values([of(Cause.RTO)]).repaired).toBe(-1);
  });
});

describe('a closed window', () => {
  /** The client closes its window at 0.1 s; then `after`. */
  const closed = (after: string) => `${PLAIN}\n 0.100 > . ack 1 win 0\n ${after}`;
  const severity = (after: string) => found(closed(after), 'zero-window').map((finding) => finding.severity);

  it('is worth a warning from 100 ms on, or with a probe', () => {
    expect([severity('0.199999 > . ack 1 win 100'), severity('0.2 > . ack 1 win 100')]).toEqual([
      ['info'],
      ['warning'],
    ]);
    expect(severity('0.11 < . seq 0 ack 1\n 0.15 > . ack 1 win 100')).toEqual(['warning']);
  });

  it('is none after a FIN of either end', () => {
    expect(severity('')).toHaveLength(1);
    expect(has(`${PLAIN}\n 0.100 > F. seq 1 ack 1 win 0`, 'zero-window')).toBe(false);
    expect(has(`${PLAIN}\n 0.090 < F. seq 1 ack 1\n 0.100 > . ack 2 win 0`, 'zero-window')).toBe(false);
  });

  it('is one until it opens, and another after that', () => {
    const frames = (after: string) => found(closed(after), 'zero-window').length;
    expect([frames('0.2 > . ack 1 win 0'), frames('0.2 > . ack 1 win 9\n 0.3 > . ack 1 win 0')]).toEqual([1, 2]);
  });

  it('lasts to the end of the capture where it does not open', () => {
    expect(severity(endsAt(0.199999))).toEqual(['info']);
    expect(severity(endsAt(0.2))).toEqual(['warning']);
  });

  it('an update was lost where a round trip after it the sender still probes', () => {
    // The round trip of the handshake is 20 ms.
    const probe = (seconds: number) =>
      has(closed(`0.300 > . ack 1 win 1000\n ${at(0.3 + seconds)} < . seq 0 ack 1`), 'window-update-lost');
    expect([probe(0.5), probe(0.01)]).toEqual([true, false]);
  });

  it('or where it opens just when the answer to a probe is due: not before the shortest round trip', () => {
    const opens = (after: number) =>
      has(
        `0.000000 > S seq 0 win 64240 <mss 1460>
        0.020000 < S. seq 0 ack 1 win 1000 <mss 1460>
        0.020010 > . ack 1 win 64240
        0.030000 > P. 1:1001(1000) ack 1
        0.050000 < . ack 1001 win 0
        1.300000 > . seq 1000 ack 1
        ${at(1.3 + after)} < . ack 1001 win 8000`,
        'window-update-lost',
      );
    expect([opens(0.019999), opens(0.02), opens(0.024), opens(0.024001)]).toEqual([false, true, true, false]);
  });
});

describe('a connection between sockets that had one before', () => {
  const closed = `${PLAIN}
    1.000 > F. seq 1 ack 1
    1.020 < F. seq 1 ack 2
    1.021 > . seq 2 ack 2`;
  const anew = (seconds: number, seq: number, before = closed, options = '') =>
    ['port-reused', 'port-reused-early'].filter((id) =>
      has(`${before}\n ${at(seconds)} > S seq ${seq} win 8192 ${options}`, id),
    );

  it('is early within 240 s of TIME-WAIT, unless its number is later (RFC 9293 section 3.6.1)', () => {
    const low = 0xf0000000;
    expect([anew(241.02, low), anew(241.021, low)]).toEqual([['port-reused-early'], ['port-reused']]);
    expect(anew(2, 5000)).toEqual(['port-reused']);
    // Later than all that was sent: two numbers, of the SYN and the FIN.
    expect([anew(2, 3), anew(2, 2), anew(2, 1)]).toEqual([
      ['port-reused'],
      ['port-reused-early'],
      ['port-reused-early'],
    ]);
  });

  it('is early where the one before was still open, but only a hint then', () => {
    const finding = found(`${PLAIN}\n 5 > S seq 900000000 win 8192`, 'port-reused-early')[0];
    expect([finding.severity, finding.confidence]).toEqual(['info', 0.7]);
    expect(found(`${closed}\n 2 > S seq ${0xf0000000} win 8192`, 'port-reused-early')[0].severity).toBe('warning');
    expect(anew(5, 900_000_000, `${PLAIN}\n 1 > R. seq 1 ack 1`)).toEqual(['port-reused']);
    expect(anew(5, 900_000_000, `${PLAIN}\n 1 < R. seq 1 ack 1`)).toEqual(['port-reused']);
  });

  it('is not early after a SYN that nobody answered: there may have been no connection', () => {
    expect(anew(5, 900_000_000, '0 > S seq 0 win 8192')).toEqual(['port-reused']);
  });
});

describe('bytes that a receiver shows to lack', () => {
  const gap = (seconds: number, more = '') => `${PLAIN}
    1.000 > . 1:1001(1000) ack 1
    1.000 > . 1001:2001(1000) ack 1
    1.020 < . ack 1 <nop,nop,sack 1001:2001>
    ${more}${endsAt(1.02 + seconds)}`;

  it('are a finding after a second', () => {
    expect([has(gap(1), 'gap-not-filled'), has(gap(0.999999), 'gap-not-filled')]).toEqual([true, false]);
    expect(has(gap(5, '2.000 < . ack 2001'), 'gap-not-filled')).toBe(false);
  });

  it('are told with more confidence where they were sent again', () => {
    const confidence = (more: string) => found(gap(5, more), 'gap-not-filled')[0].confidence;
    expect([
      confidence(''),
      confidence('1.300 > . 1:1001(1000) ack 1'),
      confidence('1.300 > . 1001:2001(1000) ack 1'),
    ]).toEqual([0.7, 0.9, 0.7]);
  });

  it('show a black hole where a segment larger than all that arrived is sent three times in vain', () => {
    const repeats = (count: number, size: number) => `${PLAIN}
      1.000 > . 1:1401(1400) ack 1
      1.000 > . 1401:1901(500) ack 1
      1.020 < . ack 1 <nop,nop,sack 1401:1901>
      ${Array.from({ length: count }, (_, i) => `${2 + i} > . 1:${1 + size}(${size}) ack 1`).join('\n')}${endsAt(30)}`;
    expect([2, 3].map((count) => has(repeats(count, 1400), 'path-mtu-black-hole'))).toEqual([false, true]);
    expect([500, 501].map((size) => has(repeats(3, size), 'path-mtu-black-hole'))).toEqual([false, true]);
  });
});
