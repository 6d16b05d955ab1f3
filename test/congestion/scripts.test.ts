import { describe, expect, it } from 'vitest';
import type { Identity } from '../../src/congestion/identity.ts';
import { congestionOf } from '../../src/congestion/stage.ts';
import { TimeUse, waitsOf } from '../../src/model/budget.ts';
import { ALGORITHM_NAMES, Algorithm, PHASE_NAMES, TRIGGER_NAMES, VANTAGE_NAMES } from '../../src/model/congestion.ts';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

/**
 * Scripts in the manner of packetdrill: what a sender (the client, SMSS 1000, round trip 40 ms) sends and hears, and after a
 * hash what the RFC makes of it, in segments: `cwnd 12 ssthresh 6 flight 10 fast-recovery`.
 */
interface Script {
  sack?: boolean;
  stamps?: boolean;
  algorithm?: number;
}

const MSS = 1000;
const byte = (segment: number) => 1 + segment * MSS;
const seconds = (ms: number) => (ms / 1000).toFixed(6);

/** `count` segments from `first` on at `ms`, the timestamp (if there are any) in milliseconds. */
function send(ms: number, first: number, count = 1, note = ''): string[] {
  return Array.from({ length: count }, (_, i) => {
    const start = byte(first + i);
    const after = i === count - 1 ? note : '';
    return `${seconds(ms + i / 100)} > . ${start}:${start + MSS}(${MSS}) ack 1 STAMP(${Math.floor(ms)}) # ${after}`;
  });
}

/** All below segment `ack` is acknowledged at `ms`; `echo` is the timestamp that it answers. */
function ack(
  ms: number,
  upTo: number,
  note = '',
  more: { sack?: [number, number][]; ece?: boolean; echo?: number } = {},
) {
  const blocks = (more.sack ?? []).map(([from, to]) => `${byte(from)}:${byte(to)}`).join(' ');
  const flags = more.ece ? '.E' : '.';
  return `${seconds(ms)} < ${flags} ack ${byte(upTo)} STAMP(${Math.floor(ms)},${more.echo ?? Math.floor(ms - 40)})SACK(${blocks}) # ${note}`;
}

function run({ sack = false, stamps = false, algorithm }: Script, ...lines: (string | string[])[]) {
  const options = `<mss ${stamps ? MSS + 12 : MSS}${sack ? ',sackOK' : ''}${stamps ? ',TS val 1 ecr 0' : ''}>`;
  const handshake = [
    `0.000000 > S seq 0 win 60000 ${options}`,
    `0.040000 < S. seq 0 ack 1 win 60000 ${options.replace('ecr 0', 'ecr 1')}`,
    '0.040010 > . ack 1 STAMP(40)',
  ];
  const text = [...handshake, ...lines.flat()].map((line) => withOptions(line, stamps)).join('\n');
  const capture = scenario({}, text);
  const { analyzer, rows } = analyse(capture.pcap, algorithm === undefined ? {} : { congestion: { algorithm } });
  const [connection] = analyzer.connections;
  for (const { frame, note, text } of capture.lines) if (note !== '') holds(frame, note, text);
  return congestionOf(connection.client)!;

  function holds(frame: number, note: string, text: string): void {
    const snapshot = rows[frame - 1].congestion[0];
    expect(snapshot, text).not.toBeNull();
    const { cwndSegments, ssthresh, phase, flightSize } = snapshot!;
    const words = note.split(' ');
    const is: string[] = [];
    for (let i = 0; i < words.length; i++) {
      if (words[i] === 'cwnd') is.push('cwnd', String(cwndSegments), '');
      else if (words[i] === 'ssthresh') is.push('ssthresh', Number.isFinite(ssthresh) ? String(ssthresh / MSS) : '-');
      else if (words[i] === 'flight') is.push('flight', String(flightSize / MSS));
      else if (PHASE_NAMES.some((name) => name === words[i])) is.push(PHASE_NAMES[phase]);
    }
    expect(is.filter((word) => word !== '').join(' '), text).toBe(note);
  }
}

/** The timestamps and SACK blocks of a line as options, if there are any. */
function withOptions(line: string, stamps: boolean): string {
  return line
    .replace(/STAMP\((\d+)(?:,(\d+))?\)(?:SACK\(([^)]*)\))?/, (_, val, ecr, blocks) => {
      const all: string[] = [];
      if (stamps) all.push(`nop,nop,TS val ${val} ecr ${ecr ?? Math.max(Number(val) - 40, 1)}`);
      if (blocks) all.push(`nop,nop,sack ${blocks}`);
      return all.length === 0 ? '' : `<${all.join(',')}>`;
    })
    .replace(/ # $/, '');
}

/** Duplicate ACKs for what lies above `upTo`: `count` of them, a tenth of a millisecond apart. */
const duplicates = (ms: number, upTo: number, count: number) =>
  Array.from({ length: count }, (_, i) => ack(ms + i / 10, upTo));

/** The same with SACK: segment after segment from `from` on arrives above the hole at `upTo`. */
const selective = (ms: number, upTo: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ack(ms + i / 10, upTo, '', { sack: [[from, from + i + 1]] }));

describe('RFC 6928 and RFC 3465: ten segments, and as many more as were acknowledged', () => {
  it('however many ACKs it takes', () => {
    run(
      {},
      send(50, 0, 10, 'cwnd 10 ssthresh - flight 10 slow-start'),
      ack(90, 1, 'cwnd 11'),
      send(90.1, 10, 2),
      ack(91, 4, 'cwnd 14'),
      send(91.1, 12, 6),
      ack(92, 10, 'cwnd 20 flight 8'),
      send(92.1, 18, 12, 'cwnd 20 flight 20'),
      ack(132, 30, 'cwnd 40'),
    );
  });
});

describe('RFC 5681', () => {
  it('section 3.1: after a timeout one segment, slow start to half of what was in flight, and one more a round after it', () => {
    const state = run(
      { algorithm: Algorithm.RENO },
      send(50, 0, 10),
      // Nothing comes back. Section 3.1 equation 4: half of ten.
      send(1100, 0, 1, 'cwnd 1 ssthresh 5 loss-recovery'),
      ack(1140, 1, 'cwnd 2'),
      send(1140.1, 1, 2),
      ack(1180, 3, 'cwnd 4'),
      send(1180.1, 3, 4),
      // One more to ssthresh; after it four ACKs' worth are less than a window of five.
      ack(1220, 7, 'cwnd 5 ssthresh 5'),
      send(1220.1, 7, 3),
      ack(1260, 10, 'cwnd 6 ssthresh 5 congestion-avoidance'),
    );
    expect(state.episodes).toMatchObject([{ timeouts: 1, retransmissions: 10, undone: false, ssthreshAfter: 5 }]);
    expect(TRIGGER_NAMES[state.episodes[0].trigger]).toBe('timeout');
  });

  it('section 3.2: three duplicate ACKs halve the window; Reno leaves fast recovery at the first ACK of new data', () => {
    run(
      { algorithm: Algorithm.RENO },
      send(50, 0, 10),
      ...duplicates(91, 0, 3),
      send(92, 0, 1, 'ssthresh 5 fast-recovery'),
      ...duplicates(93, 0, 5),
      // Segment 4 is lost as well: that is another loss, of a window of five.
      ack(132, 4, 'cwnd 5 ssthresh 5'),
      send(132.1, 10, 3),
      ...duplicates(172.5, 4, 3),
      send(173, 4, 1, 'ssthresh 2 fast-recovery'),
    );
  });

  it('Tahoe goes back to one segment instead', () => {
    run(
      { algorithm: Algorithm.TAHOE },
      send(50, 0, 10),
      ...duplicates(91, 0, 3),
      send(92, 0, 1, 'cwnd 1 ssthresh 5'),
      ...duplicates(93, 0, 6),
      ack(133, 10, 'cwnd 2 ssthresh 5 slow-start'),
      send(133.1, 10, 2),
      ack(174, 12, 'cwnd 3 ssthresh 5 slow-start'),
    );
  });
});

describe('RFC 6582', () => {
  it('section 3.2: a partial ACK does not end the recovery, and the window is halved once', () => {
    const state = run(
      { algorithm: Algorithm.NEWRENO },
      send(50, 0, 10),
      // Segments 0 and 4 are lost.
      ...duplicates(91, 0, 3),
      send(92, 0, 1, 'ssthresh 5 fast-recovery'),
      ...duplicates(93, 0, 5),
      ack(132, 4, 'ssthresh 5 fast-recovery'),
      send(132.1, 4, 1, 'ssthresh 5 fast-recovery'),
      // Without SACK the ACK of all that was outstanding is not enough: new data has to follow (section 6).
      send(132.2, 10, 1),
      ack(172, 11, 'cwnd 5 ssthresh 5 congestion-avoidance'),
    );
    expect(state.episodes).toMatchObject([{ retransmissions: 2, timeouts: 0, ssthreshAfter: 5 }]);
  });
});

describe('RFC 6675 and RFC 6937', () => {
  it('counts what is in flight without what has arrived and what is lost, and comes down to ssthresh over the recovery', () => {
    const state = run(
      { sack: true, algorithm: Algorithm.NEWRENO },
      send(50, 0, 20, 'flight 20'),
      // Segment 0 is lost; segments 1 to 4 are known to have arrived.
      ...selective(91, 0, 1, 5),
      // Sixteen are left, of which segment 0 is lost and now under way again.
      send(91.5, 0, 1, 'ssthresh 10 flight 16 fast-recovery'),
      ...selective(92, 0, 5, 20).map((line, i) =>
        line.replace(`${byte(5)}:${byte(6 + i)}`, `${byte(1)}:${byte(6 + i)}`),
      ),
      ack(132, 20, 'cwnd 10 ssthresh 10 flight 0 congestion-avoidance'),
    );
    expect(state.episodes).toMatchObject([{ retransmissions: 1, cwndBefore: 20, ssthreshAfter: 10 }]);
  });

  it('section 5: a second loss of the same window is the same episode', () => {
    const state = run(
      { sack: true, algorithm: Algorithm.NEWRENO },
      send(50, 0, 10),
      ack(91, 0, '', { sack: [[1, 4]] }),
      send(91.2, 0, 1, 'ssthresh 5 fast-recovery'),
      ack(92, 0, '', {
        sack: [
          [5, 10],
          [1, 4],
        ],
      }),
      send(92.2, 4, 1, 'ssthresh 5 fast-recovery'),
      ack(132, 4, 'ssthresh 5 fast-recovery', { sack: [[5, 10]] }),
      ack(133, 10, 'cwnd 5 ssthresh 5 congestion-avoidance'),
    );
    expect(state.episodes).toMatchObject([{ retransmissions: 2 }]);
  });
});

describe('RFC 9438', () => {
  it('section 4.6: CUBIC goes on from 0.7 of the window', () => {
    run(
      { sack: true, algorithm: Algorithm.CUBIC },
      send(50, 0, 20),
      ack(91, 0, '', { sack: [[1, 20]] }),
      // 0.7 * 20, rounded down by Linux's 717/1024 and its whole segments.
      send(91.2, 0, 1, 'ssthresh 14 fast-recovery'),
      ack(132, 20, 'cwnd 14 ssthresh 14 congestion-avoidance'),
    );
  });
});

describe('a reduction that was needless is taken back', () => {
  const afterTimeout = 'cwnd 1 ssthresh 5 loss-recovery';

  it('RFC 5682: after a timeout new data goes out, and what was not sent again is acknowledged', () => {
    const state = run(
      { algorithm: Algorithm.RENO },
      send(50, 0, 10),
      send(1100, 0, 1, afterTimeout),
      // The ACKs had been late. Section 2.1 step 2: an ACK that advances, and new data; step 3: another one.
      ack(1110, 1),
      send(1110.1, 10, 2),
      // As if nothing had been: nine more are acknowledged in slow start.
      ack(1111, 10, 'cwnd 19 ssthresh - slow-start'),
    );
    expect(state.episodes).toMatchObject([{ undone: true, timeouts: 1 }]);
  });

  it('RFC 3522: the ACK echoes a segment older than the retransmission', () => {
    const state = run(
      { stamps: true, algorithm: Algorithm.RENO },
      send(50, 0, 10),
      send(1100, 0, 1, afterTimeout),
      ack(1110, 1, 'cwnd 11 ssthresh - slow-start', { echo: 50 }),
    );
    expect(state.episodes).toMatchObject([{ undone: true }]);
  });

  it('and not when it echoes the retransmission', () => {
    const state = run(
      { stamps: true, algorithm: Algorithm.RENO },
      send(50, 0, 10),
      send(1100, 0, 1, afterTimeout),
      ack(1140, 1, 'cwnd 2 ssthresh 5 loss-recovery', { echo: 1100 }),
    );
    expect(state.episodes).toMatchObject([{ undone: false }]);
  });

  it('RFC 3708: a D-SACK names all that was sent again', () => {
    const state = run(
      { sack: true, algorithm: Algorithm.RENO },
      send(50, 0, 10),
      ack(91, 0, '', { sack: [[1, 4]] }),
      send(91.2, 0, 1, 'ssthresh 5 fast-recovery'),
      // Segment 0 was only late.
      ack(93, 10, 'cwnd 5 ssthresh 5 congestion-avoidance'),
      ack(131.3, 10, 'cwnd 10 ssthresh - slow-start', { sack: [[0, 1]] }),
    );
    expect(state.episodes).toMatchObject([{ undone: true }]);
  });
});

describe('RFC 3168', () => {
  it('section 6.1.2: ECN-Echo halves the window, at most once in a round trip', () => {
    const state = run(
      { sack: true, algorithm: Algorithm.RENO },
      send(50, 0, 10),
      ack(90, 2, 'ssthresh 5', { ece: true }),
      ack(91, 4, 'ssthresh 5', { ece: true }),
      ack(92, 10, 'ssthresh 5', { ece: true }),
      send(93, 10, 2),
      ack(133, 12, 'cwnd 5 ssthresh 5 congestion-avoidance'),
    );
    expect(state.episodes.map(({ trigger }) => TRIGGER_NAMES[trigger])).toEqual(['ecn']);
  });
});

describe('BBR', () => {
  /** What `at` ms holds, in the order of time. */
  function inOrder(events: { at: number; line: string }[]): string[] {
    return events.sort((a, b) => a.at - b.at).map(({ line }) => line);
  }

  it('is known by a clock of its own, the eight phases of its probing cycle, and losses that it goes on from', () => {
    // A segment every millisecond, in one round trip of eight a quarter more and in the next a quarter less.
    const events: { at: number; line: string }[] = [];
    const lost = 900;
    const repaired = (at: number) => at + 40 + 2;
    let at = 50;
    let repairedAt = Number.POSITIVE_INFINITY;
    for (let segment = 0; segment < 2000; segment++) {
      const phase = Math.floor((at - 50) / 40) % 8;
      at += 1 / ([1.25, 0.75][phase] ?? 1);
      events.push({ at, line: send(at, segment)[0] });
      if (segment === lost) {
        repairedAt = repaired(at);
        events.push({ at: repairedAt, line: send(repairedAt, lost)[0] });
        continue;
      }
      // The receiver has all but the lost one until that has come a second time.
      const heard = at + 40.2;
      const waits = segment > lost && heard < repairedAt + 40;
      const line = waits ? ack(heard, lost, '', { sack: [[lost + 1, segment + 1]] }) : ack(heard, segment + 1);
      events.push({ at: heard, line });
    }
    const state = run({ sack: true }, inOrder(events));
    expect(ALGORITHM_NAMES[state.algorithm]).toBe('bbr');
    // It begins at its full rate, which RFC 6928 forbids; a rate is all that it keeps to from then on.
    expect(state.endpoint.violations?.map(({ id }) => id)).toEqual(['initial-window-exceeded']);
    expect(state.episodes).toMatchObject([{ retransmissions: 1, ssthreshAfter: expect.any(Number) }]);
    // Nothing queues on this path.
    expect(state.bottleneckRate).toBeNaN();
  });
});

describe('beside the receiver', () => {
  it('a client that waits for answers is limited by its application, and nothing stalls it', () => {
    // Captured at the server: 30 ms from there to the client and back; requests of 200 bytes, answers of 500.
    const lines = [
      '0.000000 > S seq 0 win 60000 <mss 1460,sackOK,TS val 1 ecr 0>',
      '0.000050 < S. seq 0 ack 1 win 60000 <mss 1460,sackOK,TS val 1001 ecr 1>',
      '0.030050 > . ack 1 <nop,nop,TS val 31 ecr 1001>',
    ];
    for (let i = 0; i < 40; i++) {
      const ms = 100 + 80 * i;
      const [sent, answered] = [1 + 200 * i, 1 + 500 * i];
      const stamp = (own: number, other: number) => `<nop,nop,TS val ${own} ecr ${other}>`;
      const latest = i === 0 ? 1001 : 1001 + ms - 80;
      lines.push(
        `${seconds(ms)} > P. ${sent}:${sent + 200}(200) ack ${answered} ${stamp(ms, latest)}`,
        `${seconds(ms + 0.5)} < P. ${answered}:${answered + 500}(500) ack ${sent + 200} ${stamp(1001 + ms, ms)}`,
        `${seconds(ms + 30.5)} > . ack ${answered + 500} ${stamp(ms + 30, 1001 + ms)}`,
      );
    }
    const { analyzer } = analyse(scenario({}, lines.join('\n')).pcap);
    const state = congestionOf(analyzer.connections[0].client)!;
    expect(VANTAGE_NAMES[state.vantage]).toBe('receiver');
    expect(state).toMatchObject({
      cwnd: 10,
      ssthresh: Number.POSITIVE_INFINITY,
      stalls: [],
      algorithm: Algorithm.UNKNOWN,
    });
    // Each request is one segment: nothing but its flight.
    expect(waitsOf(state.endpoint).every(({ use }) => use === TimeUse.ROUND_TRIP)).toBe(true);
  });
});

describe('a window that is not used', () => {
  it('RFC 2861: does not grow, and after an RTO goes halfway to what was used, or the initial window', () => {
    // The RTO of a round trip of 40 ms that does not vary is 240 ms where 200 ms are the least.
    const windows = [16, 16, 16, 16, 13];
    const round = (cwnd: number, i: number) => [
      ...send(100 + 50 * i, 6 + 4 * i, 4),
      ack(141 + 50 * i, 10 + 4 * i, `cwnd ${cwnd}`),
    ];
    run({}, send(50, 0, 6), ack(90, 6, 'cwnd 16'), ...windows.map(round));
  });

  it('RFC 5681 section 4.1: is that of the beginning again after a long pause', () => {
    run(
      {},
      send(50, 0, 10),
      ack(90, 10, 'cwnd 20'),
      send(90.1, 10, 20),
      ack(131, 30, 'cwnd 40'),
      send(30_000, 30, 1, 'cwnd 10 ssthresh -'),
    );
  });
});

it('what was sent before the capture began, and is sent again in it, tells nothing of the window', () => {
  const episodes = (from: number) => {
    const flight = Array.from(
      { length: 8 },
      (_, i) => `0.0000${10 + i} > . ${1 + i * MSS}:${1 + (i + 1) * MSS}(${MSS}) ack 1`,
    );
    const text = `${flight.join('\n')}
      0.040000 < . ack ${1 - 4 * MSS} <nop,nop,sack ${1 + MSS}:${1 + 5 * MSS}>
      0.040100 > . ${from}:${from + MSS}(${MSS}) ack 1
      0.040200 < . ack ${1 - 4 * MSS} <nop,nop,sack ${1 + MSS}:${1 + 8 * MSS}>`;
    const { analyzer } = analyse(scenario({}, text).pcap);
    return congestionOf(analyzer.connections[0].client)!.episodes.length;
  };
  // The first byte that was captured is 1: all of it lies before, or one byte does not.
  expect(episodes(1 - MSS)).toBe(0);
  expect(episodes(2 - MSS)).toBe(1);
});

it('how much was in flight is known once something of what was seen is acknowledged, where the capture began in the middle', () => {
  const largest = (una: number, handshake = '') => {
    const flight = Array.from(
      { length: 8 },
      (_, i) => `1.0000${10 + i} > . ${1 + i * MSS}:${1 + (i + 1) * MSS}(${MSS}) ack 1`,
    );
    const text = `${handshake}${flight.join('\n')}
      1.040000 < . ack ${una} <nop,nop,sack ${una + MSS}:${una + 5 * MSS}>
      1.040100 > . ${una}:${una + MSS}(${MSS}) ack 1
      1.080200 < . ack ${1 + 8 * MSS}`;
    const { analyzer } = analyse(scenario({}, text).pcap);
    const { identity } = congestionOf(analyzer.connections[0].client) as unknown as { identity: Identity };
    return identity.evidence.largest;
  };
  const handshake = `0.000000 > S seq 0 win 60000 <mss 1000,sackOK>
    0.040000 < S. seq 0 ack 1 win 60000 <mss 1000,sackOK>
    0.040010 > . ack 1\n`;
  expect(largest(1)).toBe(0);
  expect(largest(1 + MSS)).toBe(7);
  expect(largest(1, handshake)).toBe(8);
});
