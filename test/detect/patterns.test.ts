/** What many losses, probes or wrong checksums have in common, and what a reset ends: `rates.ts`, `keep-alive.ts`, `offload.ts`, `resets.ts`, with an example on either side. */

import { describe, expect, it } from 'vitest';
import type { CaptureEnd } from '../../src/detect/detector.ts';
import { Fact } from '../../src/detect/facts.ts';
import type { Inspection } from '../../src/detect/inspection.ts';
import { KeepAlive } from '../../src/detect/keep-alive.ts';
import { Offload, type OffloadHost } from '../../src/detect/offload.ts';
import { LossPatterns } from '../../src/detect/rates.ts';
import type { Connection } from '../../src/model/connection.ts';
import type { Finding } from '../../src/model/finding.ts';
import { Ca } from '../../src/model/outbound.ts';
import { NEVER } from '../../src/model/packed.ts';
import { ChecksumStatus } from '../../src/model/segment.ts';
import { Cause, Kind, Verdict } from '../../src/model/verdict.ts';
import { analyseScenario } from '../support/analyze.ts';
import { listener } from '../support/detector.ts';
import { PLAIN } from './cases.ts';

const MS = 1e6;

describe('losses and timeouts of one sender', () => {
  interface Of {
    timeouts?: Partial<Verdict>[];
    /** All timeouts repeat the same bytes. */
    isStuck?: boolean;
    /** Time (ms), bytes acknowledged by then, round trip as a multiple of the shortest; and what it is where it is no new loss. */
    losses?: { time: number; una: number; srtt?: number; caState?: number; episodeStart?: number }[];
    ownAnswers?: number;
    /** Bytes of each repeat that were not acknowledged when it came. */
    lacking?: number;
    /** Bytes of its segments. */
    segment?: number;
  }
  const judged = ({ timeouts = [], isStuck = false, losses = [], ownAnswers = 0, lacking = 0, segment = 1000 }: Of) => {
    const { findings, raised } = listener();
    const all = new LossPatterns(findings);
    const isRepeat = (fact: number) => fact === Fact.RETRANSMISSION;
    const outbound = { rtt: { min: 20 * MS, srtt: 20 * MS }, caState: Ca.OPEN as number, episodeStart: NEVER };
    const sender = { outbound, sndUna: 0, connection: {}, payloadBytes: segment, dataPackets: 1 };
    const peer = { outbound: { rtt: { min: ownAnswers * MS } }, peer: sender, mss: -1 };
    Object.assign(sender, { peer });
    for (const [i, verdict] of timeouts.entries())
      all.inspect({
        sender,
        receiver: Object.assign(peer, { lastAck: i + 1 - lacking }),
        t: { seq: isStuck ? 0 : i, end: i + 1 },
        frame: i + 1,
        time: i,
        verdict: Object.assign(new Verdict(), { cause: Cause.RTO, waited: 300 * MS }, verdict),
        has: isRepeat,
      } as unknown as Inspection);
    for (const [i, { time, una, srtt = 1, caState = Ca.OPEN, episodeStart = NEVER }] of losses.entries()) {
      Object.assign(outbound, { caState, episodeStart });
      outbound.rtt.srtt = srtt * 20 * MS;
      sender.sndUna = una;
      const verdict = Object.assign(new Verdict(), { cause: Cause.FAST });
      all.inspect({ sender, frame: i + 1, time: time * MS, verdict, has: isRepeat } as unknown as Inspection);
    }
    all.concludeConnection({ a: sender, b: peer, lastTime: 0 } as unknown as Connection);
    return raised;
  };
  const has = (of: Of, id: string) => judged(of).some((account) => account.id === id);
  const needless = { spurious: true };
  const times = (count: number, verdict: Partial<Verdict>) => Array.from({ length: count }, () => verdict);

  it('show a timer that is too short: three needless ones, and half of all', () => {
    const short = (bad: number, good: number) =>
      has({ timeouts: [...times(bad, needless), ...times(good, {})] }, 'timeout-too-short');
    expect([short(2, 0), short(3, 0), short(3, 3), short(3, 4)]).toEqual([false, true, true, false]);
  });

  it('show no timer that is too short where the receiver, beside which they are seen, had not answered yet', () => {
    const short = (ownAnswers: number, lacking: number) =>
      has({ timeouts: times(3, needless), ownAnswers, lacking }, 'timeout-too-short');
    expect([short(81, 0), short(81, 1), short(80, 1)]).toEqual([true, false, true]);
  });

  it('show no timer that is too short where the ACK that tells of the copy is the first: the one before was lost', () => {
    const raised = (advanced: number) => {
      const { findings, raised: told } = listener();
      const all = new LossPatterns(findings);
      const sender = { outbound: { rtt: { min: 20 * MS } } };
      const receiver = { outbound: { rtt: { min: -1 } }, peer: sender, lastAck: 0 };
      Object.assign(sender, { peer: receiver });
      for (const seq of [0, 10, 20]) {
        const verdict = Object.assign(new Verdict(), { cause: Cause.RTO, ...needless });
        const t = { seq, end: seq + 10 };
        const has = (fact: number) => fact === Fact.RETRANSMISSION;
        all.inspect({ sender, receiver, t, frame: 1 + seq, verdict, has } as unknown as Inspection);
        all.inspect({
          sender: receiver,
          receiver: sender,
          t: { ack: seq + 10 },
          effect: { advanced },
          has: (fact: number) => fact === Fact.DSACK,
        } as unknown as Inspection);
      }
      all.concludeConnection({ a: sender, b: receiver, lastTime: 0 } as unknown as Connection);
      return told.length;
    };
    expect([raised(0), raised(9), raised(10)]).toEqual([1, 1, 0]);
  });

  it('of a timer count the first of each outage, 64 at the most', () => {
    expect(has({ timeouts: times(3, { ...needless, backoff: 1 }) }, 'timeout-too-short')).toBe(false);
    expect(has({ timeouts: times(3, needless), isStuck: true }, 'timeout-too-short')).toBe(false);
    expect(has({ timeouts: [...times(64, {}), ...times(70, needless)] }, 'timeout-too-short')).toBe(false);
    const { values } = judged({ timeouts: times(70, needless) })[0].message as { values: { timeouts: number } };
    expect(values.timeouts).toBe(64);
  });

  it('say how short the timer was', () => {
    const waits = [320, 280, 300].map((waited) => ({ ...needless, waited: waited * MS }));
    expect(judged({ timeouts: [...waits, { waited: 10 * MS }] })[0].message.values).toMatchObject({
      shortest: 280 * MS,
      needless: 3,
    });
  });

  /** A loss every 100 ms, with so many bytes between; `others` change some of them. */
  const steady = (count: number, others: Record<number, object> = {}, bytes: (i: number) => number = () => 1000) => {
    let una = 0;
    return Array.from({ length: count }, (_, i) => {
      una += bytes(i);
      return { time: 100 * (i + 1), una, ...others[i] };
    });
  };
  const policed = (losses: NonNullable<Of['losses']>, ownAnswers = 0) => has({ losses, ownAnswers }, 'rate-policed');

  it('show a rate from eight losses on', () => {
    expect([policed(steady(7)), policed(steady(8))]).toEqual([false, true]);
    const { values } = judged({ losses: steady(8) })[0].message as { values: { bitsPerSecond: number } };
    // 1000 bytes in 100 ms.
    expect(values.bitsPerSecond).toBeCloseTo(80_000, 6);
  });

  it('which varies by 0.15 of its mean at the most', () => {
    // Rates of 1 + d and 1 - d in turn: their standard deviation is d.
    const varies = (d: number) => policed(steady(9, {}, (i) => 1000 * (i % 2 ? 1 + d : 1 - d)));
    expect([varies(0.149), varies(0.151)]).toEqual([true, false]);
  });

  it('without a queue: at a fifth of the losses at the most the round trip was above 1.25 times the shortest', () => {
    const queued = (count: number, srtt = 1.26) =>
      policed(steady(10, Object.fromEntries(Array.from({ length: count }, (_, i) => [i, { srtt }]))));
    expect([queued(2), queued(3), queued(3, 1.25)]).toEqual([true, false, true]);
  });

  it('nor by as much as four segments take at that rate, or 2 ms', () => {
    // 1000 bytes in 100 ms: four segments of 10 bytes take 4 ms, of 4 bytes 1.6 ms.
    const waited = (ms: number, segment: number) => {
      const losses = steady(10, Object.fromEntries([0, 1, 2].map((i) => [i, { srtt: 1 + ms / 20 }])));
      return has({ losses, segment }, 'rate-policed');
    };
    expect([waited(3.99, 10), waited(4.01, 10)]).toEqual([true, false]);
    expect([waited(1.99, 4), waited(2.01, 4)]).toEqual([true, false]);
  });

  it('named by the first sixteen, of 256 that are followed', () => {
    const account = (count: number) => judged({ losses: steady(count) })[0];
    expect([account(16).evidence.length, account(17).evidence.length]).toEqual([16, 16]);
    expect(account(8)).toMatchObject({ evidence: [1, 2, 3, 4, 5, 6, 7, 8], where: { frame: 1, time: 100 * MS } });
    const losses = (count: number) => (account(count).message.values as { losses: number }).losses;
    expect([losses(256), losses(257)]).toEqual([256, 256]);
  });

  it('of losses at the same time there is none, and none that does not rise', () => {
    const twice = steady(9, { 4: { time: 400, una: 4000 } });
    const { values } = judged({ losses: twice })[0]?.message ?? { values: {} };
    // Seven intervals of 100 ms and 1,000 bytes, and one of 200 ms and 2,000 bytes.
    expect(values).toMatchObject({ losses: 9, bitsPerSecond: expect.closeTo(80_000, 6) });
    expect(policed(steady(9, {}, (i) => (i === 0 ? 1000 : 0)))).toBe(false);
  });

  it('beside the sender only', () => {
    expect([policed(steady(8), 4), policed(steady(8), 5), policed(steady(8), 6)]).toEqual([true, false, false]);
  });

  it('and each episode is one', () => {
    const repeated = Object.fromEntries([7].map((i) => [i, { caState: Ca.RECOVERY, episodeStart: 5 }]));
    expect(policed(steady(8, repeated))).toBe(false);
    const first = Object.fromEntries([7].map((i) => [i, { caState: Ca.RECOVERY, episodeStart: 800 * MS }]));
    expect(policed(steady(8, first))).toBe(true);
    expect(policed(steady(8).map((loss) => ({ ...loss, una: 0 })))).toBe(false);
  });
});

describe('keep-alives', () => {
  interface Event {
    time: number;
    /** The latest frame of the other end. */
    heard?: number;
    reset?: boolean;
    kind?: number;
    explained?: boolean;
  }
  const told = (events: readonly Event[], hasLeft = false, heardInTheEnd = 0) => {
    const { findings, added } = listener();
    const all = new KeepAlive(findings);
    const prober = { peer: { lastFrame: 0, seen: true } };
    for (const [i, { time, heard = 0, reset = false, kind = Kind.KEEP_ALIVE, explained = false }] of events.entries()) {
      prober.peer.lastFrame = heard;
      all.inspect({
        sender: prober,
        receiver: prober.peer,
        has: (fact: number) => fact === (reset ? Fact.RST : Fact.PROBE),
        verdict: { kind },
        explained,
        time: time * MS,
        frame: 10 + i,
      } as unknown as Inspection);
    }
    prober.peer.lastFrame = heardInTheEnd;
    all.concludeConnection({ a: prober, b: prober.peer, hasLeft } as unknown as Connection);
    return added.map((account) => account()!);
  };

  it('are one finding, with how many there were and how far apart', () => {
    const [account, ...others] = told([{ time: 0 }, { time: 500, heard: 10 }, { time: 1200, heard: 11 }], false, 99);
    expect(others).toHaveLength(0);
    expect(account).toMatchObject({ id: 'keep-alive', evidence: [10, 11, 12] });
    expect(account.message.values).toMatchObject({ probes: 3, interval: 700 * MS });
  });

  it('fail where two in a row have no answer when the capture ends, or the prober resets', () => {
    const id = (...given: Parameters<typeof told>) => told(...given)[0].id;
    const two = [{ time: 0 }, { time: 500 }];
    expect([id(two), id([{ time: 0 }]), id(two, true), id(two, false, 10)]).toEqual([
      'keep-alive-failure',
      'keep-alive',
      'keep-alive',
      'keep-alive',
    ]);
    // Those that come sooner are ACKs in another order.
    const apart = (ms: number) => id([{ time: 0 }, { time: 1 }, { time: 2 * ms }]);
    expect([apart(200), apart(199.9)]).toEqual(['keep-alive-failure', 'keep-alive']);
    expect(id([...two, { time: 900, reset: true }], true)).toBe('keep-alive-failure');
    expect(id([...two, { time: 900, reset: true, heard: 10 }], true)).toBe('keep-alive');
    expect(told([...two, { time: 900, reset: true }])[0]).toMatchObject({ confidence: 0.95, evidence: [10, 11, 12] });
    expect(told(two)[0]).toMatchObject({ confidence: 0.8, evidence: [10, 11] });
  });

  it('begin anew when the other end was heard after the first', () => {
    // Between the frames 10 and 11.
    const answered = [{ time: 0 }, { time: 500, heard: 10.5 }, { time: 900, heard: 10.5 }];
    const [before, failure] = told(answered, false, 10.5);
    expect(failure).toMatchObject({ id: 'keep-alive-failure', evidence: [11, 12] });
    expect(before).toMatchObject({ id: 'keep-alive', evidence: [10] });
    expect(before.message.values).toMatchObject({ probes: 1 });
  });

  it('are no window probes, and none that is explained otherwise', () => {
    expect(told([{ time: 0, kind: Kind.WINDOW_PROBE }])).toHaveLength(0);
    expect(told([{ time: 0, explained: true }])).toHaveLength(0);
  });
});

describe('checksums that a card completes', () => {
  const host = (address: string, fields: Partial<OffloadHost>): OffloadHost => ({
    address,
    partial: 0,
    wrong: 0,
    wrongIp: 0,
    checksumFrames: [3],
    oversize: 0,
    largest: 0,
    oversizeFrames: [],
    ...fields,
  });
  const told = (...shards: OffloadHost[][]) => {
    const { findings, raised } = listener();
    const all = new Offload(findings);
    all.join(shards);
    all.concludeCapture({ time: 0 } as CaptureEnd);
    return raised;
  };

  it('are one partial sum, or three wrong ones of one host, IP headers among them', () => {
    const ids = (fields: Partial<OffloadHost>) => told([host('a', fields)]).map(({ id }) => id);
    expect([ids({ partial: 1 }), ids({ wrong: 2 }), ids({ wrong: 3 }), ids({ wrong: 2, wrongIp: 1 })]).toEqual([
      ['checksum-offload'],
      [],
      ['checksum-offload'],
      ['checksum-offload'],
    ]);
    expect(told([host('a', { wrong: 2 }), host('b', { wrong: 2 })])).toHaveLength(0);
    // Of one host in two parts.
    expect(told([host('a', { wrong: 2 })], [host('a', { wrong: 1 })])).toHaveLength(1);
  });

  it('are sure where at least as many are partial as wrong', () => {
    const confidence = (partial: number, wrong: number) => told([host('a', { partial, wrong })])[0].confidence;
    expect([confidence(3, 3), confidence(3, 4)]).toEqual([0.95, 0.7]);
  });

  it('go with segments that no wire carries', () => {
    const [account] = told(
      [host('a', { oversize: 2, largest: 3000, checksumFrames: [], oversizeFrames: [4, 9] })],
      [host('a', { oversize: 1, largest: 9000, checksumFrames: [], oversizeFrames: [2] }), host('b', { partial: 0 })],
    );
    expect(account).toMatchObject({ id: 'offload-segments', evidence: [2, 4, 9] });
    expect(account.message.values).toMatchObject({ segments: 3, largest: 9000, addresses: ['a'] });
  });

  it('are of 4,096 hosts at the most; the rest are told together', () => {
    const hosts = Array.from({ length: 4098 }, (_, i) => host(`h${i}`, { wrong: 2 }));
    const [account] = told(hosts);
    expect((account.message.values as { addresses: string[] }).addresses).toEqual(['others']);
    expect(told(hosts.slice(0, 4097))).toHaveLength(0);
  });

  it('count by what is wrong, where they were made and not where they arrive', () => {
    /** The server answers after 0.1 ms, the client after 20: the capture was made at the server. */
    const end = (w3: number, role: string, min: number) => ({
      w0: 0,
      w1: 0,
      w2: 0,
      w3,
      role,
      address: 'a',
      outbound: { rtt: { min } },
    });
    const client = end(1, 'client', 0.1 * MS);
    const server = end(2, 'server', 20 * MS);
    Object.assign(client, { peer: server });
    Object.assign(server, { peer: client });
    const counted = (sender: object, receiver: object) => {
      const all = new Offload(listener().findings);
      for (const [tcpChecksumStatus, ipChecksumStatus] of [
        [ChecksumStatus.OFFLOAD, ChecksumStatus.GOOD],
        [ChecksumStatus.BAD, ChecksumStatus.GOOD],
        [ChecksumStatus.GOOD, ChecksumStatus.BAD],
      ])
        all.inspect({
          has: (fact: number) => fact === Fact.CHECKSUM,
          t: { sender },
          receiver,
          connection: { client, server },
          frame: 1,
          view: { tcpChecksumStatus, ipChecksumStatus },
        } as unknown as Inspection);
      return all.gathered();
    };
    expect(counted(server, client)).toMatchObject([{ partial: 1, wrong: 1, wrongIp: 1, checksumFrames: [1] }]);
    expect(counted(client, server)).toMatchObject([{ partial: 1, wrong: 0, wrongIp: 1 }]);
  });
});

describe('a reset', () => {
  const found = (text: string): Finding[] => {
    const { analyzer } = analyseScenario(text);
    return analyzer.connections.flatMap(({ findings }) => findings);
  };
  const ids = (text: string) => found(text).map(({ id }) => id);
  const one = (text: string, id: string) => found(text).find((finding) => finding.id === id);

  it('of an end that has closed loses what the other end sent meanwhile: a warning for a server that was asked', () => {
    const severity = (more: string) =>
      one(`${PLAIN}\n 0.1 < F. seq 1 ack 1\n ${more}\n 0.3 < R seq 2`, 'reset-after-fin')?.severity;
    expect([severity(''), severity('0.2 > P. 1:2(1) ack 2')]).toEqual(['info', 'warning']);
    expect(severity('0.2 > FP. 1:2(1) ack 2')).toBe('info');
    expect(
      one(`${PLAIN}\n 0.1 > F. seq 1 ack 1\n 0.2 < P. 1:2(1) ack 2\n 0.3 > R seq 2`, 'reset-after-fin')?.severity,
    ).toBe('info');
  });

  it('names no packet of an end that was not heard', () => {
    const evidence = (...lines: string[]) => one(lines.join('\n '), 'reset-after-fin')?.evidence;
    const closed = ['0.0 < P. 1:2(1) ack 1', '0.1 < F. seq 2 ack 1', '0.3 < R seq 3'];
    expect(evidence(...closed)).toEqual([3]);
    expect(evidence(closed[0], closed[1], '0.2 > . ack 3', closed[2])).toEqual([4, 3]);
  });

  it('that loses something deserves a warning', () => {
    const severity = (before: string, seq: number) =>
      one(`${PLAIN}\n ${before}\n 0.3 > R. seq ${seq} ack 1`, 'connection-aborted')?.severity;
    expect([severity('', 1), severity('0.1 > P. 1:2(1) ack 1', 2), severity('0.1 < P. 1:2(1) ack 1', 1)]).toEqual([
      'info',
      'warning',
      'warning',
    ]);
    expect(severity('0.1 > P. 1:2(1) ack 1\n 0.2 < . ack 2', 2)).toBe('info');
  });

  it('after two repeats without an answer shows that its sender gave up', () => {
    const text = (repeats: number) =>
      `${PLAIN}\n 0.1 > P. 1:11(10) ack 1\n ${Array.from({ length: repeats }, (_, i) => `${i + 1} > P. 1:11(10) ack 1`).join('\n')}\n 9 > R. seq 11 ack 1`;
    expect([1, 2].map((repeats) => one(text(repeats), 'connection-aborted')?.who === 'network')).toEqual([false, true]);
  });

  it('that nothing can have asked for is blind: in the window, outside of it, or in SYN-SENT', () => {
    const goesOn = '0.2 < P. 1:11(10) ack 1';
    const blind = (seq: number) => one(`${PLAIN}\n 0.1 < R seq ${seq}\n ${goesOn}`, 'blind-reset')?.confidence;
    expect([blind(1), blind(2), blind(64240), blind(64241)]).toEqual([undefined, 0.7, 0.7, 0.85]);
    expect(one('0 > S seq 0\n 0.1 < R. seq 0 ack 900', 'blind-reset')?.confidence).toBe(0.85);
  });

  it('after a gap, after which its sender is silent, may follow what was lost or not captured', () => {
    const asked = '0.03 > P. 1:101(100) ack 1';
    const account = (...after: string[]) => one([PLAIN, asked, '0.1 < R seq 2', ...after].join('\n'), 'blind-reset');
    expect(account()).toMatchObject({ severity: 'info', confidence: 0.5 });
    expect(account()?.text).toContain('segments before it were lost or are not in the capture, or the RST is forged');
    expect(account('0.2 < R seq 3')).toMatchObject({ severity: 'info' });
    expect(account('0.2 < . ack 1')).toMatchObject({ severity: 'info' });
    expect(account('0.2 < . ack 101')).toMatchObject({ severity: 'warning', confidence: 0.7 });
    expect(account('0.2 < P. 1:2(1) ack 1')).toMatchObject({ severity: 'warning', confidence: 0.7 });
  });

  it('in TIME-WAIT is an assassination (RFC 1337)', () => {
    const close = `${PLAIN}\n 0.1 > F. seq 1 ack 1\n 0.12 < F. seq 1 ack 2\n 0.13 > . seq 2 ack 2`;
    expect(ids(`${close}\n 0.2 < R seq 2`)).toContain('time-wait-assassination');
    expect(ids(`${close}\n 0.2 > R seq 2`)).not.toContain('time-wait-assassination');
  });

  it('whose sender goes on was forged', () => {
    const forged = `${PLAIN}\n 0.1 < R seq 1\n`;
    expect([
      ids(forged).includes('forged-reset'),
      ids(`${forged} 0.2 < P. 1:11(10) ack 1`).includes('forged-reset'),
    ]).toEqual([false, true]);
  });

  it('of a SYN is a refusal', () => {
    expect(one('0 > S seq 0\n 0.1 < R. seq 0 ack 1', 'connection-refused')).toMatchObject({ confidence: 0.95 });
    expect(ids('0 > S seq 0\n 0.1 < S. seq 0 ack 1\n 0.2 < R. seq 1 ack 1')).not.toContain('connection-refused');
  });

  it('in a handshake is surer where nobody asked for it', () => {
    expect(one('0 > S seq 0\n 0.1 < S. seq 0 ack 1\n 0.2 > R seq 1', 'handshake-reset')?.confidence).toBe(0.8);
  });
});
