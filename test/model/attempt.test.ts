/** Which connections are attempts that came to nothing: each condition with an example on either side. */
import { describe, expect, it } from 'vitest';
import { FirstSyn, isAttempt } from '../../src/model/attempt.ts';
import { analyseScenario } from '../support/analyze.ts';
import { view } from '../support/segments.ts';

const came = (text: string) => {
  const { connections } = analyseScenario(text).analyzer;
  expect(connections).toHaveLength(1);
  return !isAttempt(connections[0]);
};

const SYN = '0.00 > S seq 0';
const ANSWERED = `${SYN}\n 0.02 < S. seq 0 ack 1`;
const COMPLETE = `${ANSWERED}\n 0.021 > . ack 1`;

describe('a connection that began with a SYN', () => {
  it('is an attempt until its handshake is complete', () => {
    expect([SYN, `${SYN}\n 1 > S seq 0\n 3 > S seq 0`, ANSWERED, COMPLETE].map(came)).toEqual([
      ...[false, false, false, true],
    ]);
    expect(came(`${SYN}\n 0.02 < R. seq 0 ack 1`)).toBe(false);
    expect(came(`${ANSWERED}\n 0.021 > R seq 1`)).toBe(false);
  });

  it('is none where the client has acknowledged the SYN,ACK, though that is not in the capture', () => {
    expect(came(`${SYN}\n 0.02 < S. seq 0 ack 1 missed\n 0.021 > . seq 1 ack 1`)).toBe(true);
    expect(came(`${SYN}\n 0.021 > R seq 1`)).toBe(false);
  });

  it('is none with data of either end, on the SYN as well', () => {
    expect(came('0.00 > S 0:1(1)')).toBe(true);
    expect(came(`${SYN}\n 0.02 < S. 0:1(1) ack 1`)).toBe(true);
  });

  it('is none with a FIN of either end', () => {
    expect(came(`${ANSWERED}\n 0.5 < F. seq 1 ack 1`)).toBe(true);
    expect(came(`${SYN}\n 0.5 > F seq 1`)).toBe(true);
  });
});

describe('packets without a SYN', () => {
  it('are one where they have no ACK and nobody answers: two of them at the most', () => {
    const fins = (n: number) => Array.from({ length: n }, (_, i) => `${i} > F seq 100`).join('\n');
    expect([1, 2, 3].map((n) => came(fins(n)))).toEqual([false, false, true]);
  });

  it('are one where a reset answers them, twice at the most, or where they are resets', () => {
    const probes = (n: number) =>
      Array.from({ length: n }, (_, i) => `${i} > . seq 100 ack 5\n ${i}.01 < R seq 5`).join('\n');
    expect([1, 2, 3].map((n) => came(probes(n)))).toEqual([false, false, true]);
    expect(came('0 < R seq 5')).toBe(false);
    expect(came('0 > R. seq 5 ack 7')).toBe(false);
  });

  it('are none where an ACK has no answer: its connection may go on', () => {
    expect(came('0 > . seq 100 ack 5')).toBe(true);
    expect(came('0 > F seq 100\n 0.01 < . seq 5 ack 101')).toBe(true);
  });
});

it('a first SYN has what its packet tells of both ends, whichever was taken before', () => {
  const syn = new FirstSyn();
  const addresses = { src0: 0x20010db8, src1: 1, src2: 2, src3: 3, dst0: 0x20010db8, dst1: 4, dst2: 5, dst3: 6 };
  syn.take(view({ ipVersion: 6, frame: 8, time: 9, srcPort: 40000, dstPort: 443, ...addresses }));
  expect([syn.client.name, syn.server.name, syn.firstFrame, syn.firstTime, syn.icmpError]).toEqual([
    '[2001:db8:0:1:0:2:0:3]:40000',
    '[2001:db8:0:4:0:5:0:6]:443',
    ...[8, 9, false],
  ]);
  syn.take(view({ ipVersion: 4, frame: 10, time: 11, srcPort: 1, dstPort: 2, src3: 0x0a000001, dst3: 0x0a000002 }));
  expect([syn.client.name, syn.server.name, syn.client.connection.ipVersion]).toEqual(['10.0.0.1:1', '10.0.0.2:2', 4]);
  // Its sender has sent one SYN that waits for its answer; nothing was seen of the other end.
  const told = [syn.client, syn.server].map((end) => [end.seen, end.hasIss, end.unansweredKind, end.unansweredCopies]);
  expect(told).toEqual([
    [true, true, 2, 1],
    [false, false, 0, 0],
  ]);
});
