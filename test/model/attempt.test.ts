/** Which connections are attempts that came to nothing: each condition with an example on either side. */
import { describe, expect, it } from 'vitest';
import { isAttempt } from '../../src/model/attempt.ts';
import { analyseScenario } from '../support/analyze.ts';

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
