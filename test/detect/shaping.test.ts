/** How a shaper is looked for in the acknowledgments of a long flow; what the samples show: `token-bucket.test.ts`. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fact } from '../../src/detect/facts.ts';
import { Shaping } from '../../src/detect/shaping.ts';
import { NEVER } from '../../src/model/packed.ts';
import { analyse } from '../support/analyze.ts';
import { ends, listener, shown, valuesOf } from '../support/detector.ts';
import { FIXTURES } from '../support/make-fixtures.ts';
import { run, toolVersion } from '../support/tools.ts';

const MS = 1e6;
const SEGMENT = 1000;

interface Given {
  /** Bytes under way at the first ACK. */
  flight?: number;
  /** Shortest round trips (ms) to the receiver and to the sender. */
  away?: number;
  near?: number;
  /** How long segments wait in the queue, as ACKs tell, and as the sender's clock tells (ms). */
  waits?: number;
  late?: number;
  /** Bytes of the burst that a SACK block had told of before. */
  sacked?: number;
  /** Segments of the burst that its last ACK acknowledges, and when the oldest had passed that was not acknowledged before (ms). */
  last?: number;
  oldest?: number;
  payloadBytes?: number;
  handshakeTime?: number;
  /** The first ACK that is noted; one before it tells of the state of the path. */
  from?: number;
  /** Bytes that it had sent when it sent a FIN, after its burst or after all. */
  finAfterBurst?: number;
  finAtEnd?: number;
}

/** What is said of a client whose burst of 30 segments and 14 times 40 segments are acknowledged. */
function judged({ flight = 16384, away = 20, near = 0.1, waits = 10, late = 0, sacked = 0, from = 0, ...more }: Given) {
  const { payloadBytes = 590 * SEGMENT, handshakeTime = Number.NaN, last = 30, oldest } = more;
  const { findings, raised } = listener();
  const shaping = new Shaping(findings);
  const scoreboard = {
    outstanding: flight,
    oldestTime: oldest === undefined ? NEVER : oldest * MS,
    highSacked: sacked,
  };
  const clocks = { firstTsVal: 0, firstTsTime: 0, maxTsVal: 0 };
  const { server, client, connection } = ends(
    { outbound: { scoreboard, rtt: { min: away * MS }, clocks }, payloadBytes, dataPackets: payloadBytes / SEGMENT },
    { outbound: { rtt: { min: near * MS } } },
    { handshakeTime },
  );
  let delivered = from * SEGMENT;
  const acknowledge = (ms: number, segments: number, span: number, waited: number, stamp: number) => {
    delivered += segments * SEGMENT;
    clocks.maxTsVal = stamp;
    Object.assign(client, { sndNxt: delivered + scoreboard.outstanding });
    const passed = (ms - away - waited) * MS;
    const advanced = Math.min(segments, segments === 30 ? last : segments) * SEGMENT;
    const effect = { advanced, frame: 1, time: passed, since: passed - span * MS };
    shaping.inspect(shown(server, { facts: [Fact.DELIVERY], time: ms * MS, t: { ack: delivered }, effect, frame: ms }));
    scoreboard.outstanding = 40 * SEGMENT;
  };
  const start = 1000;
  if (from === 0) acknowledge(start, 0, 0, 0, start);
  acknowledge(start + 1, 30, 0, 0, start + 1);
  const closes = (bytes: number | undefined) => {
    if (bytes === undefined) return;
    Object.assign(client, { payloadBytes: bytes, dataPackets: bytes / SEGMENT, finEnd: 1e6 });
    shaping.inspect(shown(client, { facts: [Fact.FIN] }));
  };
  closes(more.finAfterBurst);
  for (let i = 1; i <= 14; i++) acknowledge(start + 1 + 40 * i, 40, 40, waits, start + 1 + 40 * i - late);
  closes(more.finAtEnd);
  Object.assign(client, { payloadBytes, dataPackets: payloadBytes / SEGMENT });
  shaping.concludeConnection(connection);
  return raised;
}

const isTold = (given: Given) => judged(given).length > 0;

describe('a shaper', () => {
  it('is told by what passed faster, from when on, and by the rate', () => {
    const [account] = judged({});
    // 30 segments arrive at once; later ones one in a millisecond.
    expect(valuesOf(account)).toMatchObject({
      bitsPerSecond: expect.closeTo(8e6, 3),
      burst: expect.closeTo(30_000, 6),
    });
    expect(account).toMatchObject({ where: { frame: 1001, time: 1001 * MS }, evidence: [1001] });
  });

  it('is looked for where 16 KiB are under way when the flow becomes long, or beside the receiver', () => {
    expect([isTold({ flight: 16383 }), isTold({ flight: 16384 })]).toEqual([false, true]);
    const besideReceiver = { away: 1, late: 10 };
    expect(isTold({ ...besideReceiver, flight: 0, near: 4 })).toBe(false);
    expect(isTold({ ...besideReceiver, flight: 0, near: 4.001 })).toBe(true);
  });

  it('is not judged by less than 480 segments', () => {
    expect([isTold({ payloadBytes: 479 * SEGMENT }), isTold({ payloadBytes: 480 * SEGMENT })]).toEqual([false, true]);
  });

  it('is forgotten where the flow ends with less than 480 segments, and what is acknowledged after that is not noted', () => {
    const ended = (bytes: number) => isTold({ finAtEnd: bytes });
    expect([ended(479_999), ended(480_000)]).toEqual([false, true]);
    const noted = (bytes: number) => isTold({ finAfterBurst: bytes });
    expect([noted(479_999), noted(480_000)]).toEqual([false, true]);
  });

  it('makes data wait, as the round trip tells or, away from the sender, its clock', () => {
    expect([isTold({ waits: 0 }), isTold({ waits: 0, late: 10 })]).toEqual([false, false]);
    expect(isTold({ waits: 0, late: 10, near: 20 })).toBe(true);
  });

  it('is not seen in what fills a hole: most of that had arrived before', () => {
    // 30,000 bytes are acknowledged; a block had told of something above the first of them.
    expect([isTold({ sacked: 0 }), isTold({ sacked: 1 })]).toEqual([true, false]);
  });

  it('lets what several ACKs acknowledge pass since the first of it may have arrived', () => {
    const burst = (oldest?: number) =>
      valuesOf(judged({ last: 5, ...(oldest === undefined ? {} : { oldest }) })[0]).burst;
    // 25 segments since 1000 ms, at 1.03 times the rate, and five at 1001 ms; or all of them since 981 ms and 20 ms of the path.
    expect(burst()).toBeCloseTo(30_000 - 1030, 6);
    expect(burst(981)).toBeCloseTo(30_000, 6);
    expect(burst(980.5)).toBeCloseTo(30_000 - 515, 6);
  });

  it('lets the first segments pass after the handshake', () => {
    // Those that were acknowledged before the flow became long: sent when the handshake was complete, and 20 ms under way.
    const since = (ms: number) => valuesOf(judged({ from: 10, handshakeTime: ms * MS })[0])?.burst;
    // 10 segments (without the offset of the SYN) since 980 or 995 ms, at 1.03 times the rate, and 30 more at 1001 ms.
    expect(since(960)).toBeCloseTo(30_000, 6);
    expect(since(975)).toBeCloseTo(9999 - 6 * 1030 + 30_000, 6);
    expect(since(Number.NaN)).toBeUndefined();
  });
});

const CAPTURE = readFileSync(new URL('linux-shaper.pcap', FIXTURES));

describe('the token bucket of a kernel', () => {
  const { analyzer } = analyse(CAPTURE);
  const [finding] = analyzer.connections[0].findings.filter(({ id }) => id === 'rate-shaped');

  it('is seen at the receiver', () => {
    const burst = 1024 * Number(/about ([\d.]+) KiB passed/.exec(finding.text)![1]);
    expect(finding).toMatchObject({ severity: 'info', confidence: 0.6 });
    // Of 32 KiB of tokens 66 bytes in 1514 are headers; all but the first segments of the flow were looked at.
    const payload = (32 * 1024 * 1448) / 1514;
    expect(burst).toBeLessThanOrEqual(payload);
    expect(burst).toBeGreaterThan(payload - 14_480);
  });

  it.skipIf(toolVersion('tshark') === null)('has the rate that the graph of tshark shows', () => {
    const sum = 'SUM(tcp.len)tcp.len && tcp.dstport == 5001';
    const graph = run('tshark', ['-r', 'FILE', '-q', '-z', `io,stat,0.1,${sum}`], CAPTURE);
    const bytes = [...graph.matchAll(/^\|\s*[\d.]+ <> [\d.]+ \|\s*(\d+)/gm)].map(([, n]) => Number(n));
    // Not the first tenth of a second, which has the burst, and not the last, which are not full.
    const whole = bytes.slice(1, 10);
    const rate = (8 * whole.reduce((sum, n) => sum + n, 0)) / (whole.length / 10);
    const [, told] = /about ([\d.]+) Mbit/.exec(finding.text)!;
    expect(whole).toHaveLength(9);
    expect(Math.abs((1e6 * Number(told)) / rate - 1)).toBeLessThan(0.005);
  });
});
