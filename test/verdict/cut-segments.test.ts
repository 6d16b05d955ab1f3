/** A capture of two places: before a network card cuts a large segment, and behind it. */
import { describe, expect, it } from 'vitest';
import { analyseScenario, verdictText } from '../support/analyze.ts';

interface Sight {
  /** Offset and length of its data. */
  from?: number;
  bytes?: number;
  id?: number;
  ttl?: number;
  stamp?: number;
  ack?: number;
  at?: number;
}

/** What is said of `second`, which comes after `first`. The MSS is 1460, of which timestamps take 12 bytes. */
function second(first: Sight, then: Sight): string {
  const line = ({ from = 1, bytes = 2896, id = 100, ttl = 64, stamp = 1020, ack = 1, at = 0.03 }: Sight) =>
    `${at.toFixed(6)} > . ${from}:${from + bytes}(${bytes}) ack ${ack} id ${id} ttl ${ttl} <nop,nop,TS val ${stamp} ecr 7000>`;
  const { rows } = analyseScenario(`
    0.000 > S seq 0 <mss 1460,sackOK,TS val 990 ecr 0>
    0.020 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 7000 ecr 990>
    0.0201 > . ack 1 <nop,nop,TS val 1010 ecr 7000>
    0.025 < . 1:11(10) ack 1 <nop,nop,TS val 7001 ecr 1010>
    ${line(first)}
    ${line({ bytes: 1448, ttl: 63, at: 0.0301, ...then })}`);
  return verdictText(rows[5]);
}

describe('a part of a large segment', () => {
  const later = { from: 1449, id: 101 };

  it('is that segment at another place, where its IP ID counts the parts', () => {
    expect([second({}, {}), second({}, later)]).toEqual(['duplicate', 'duplicate']);
    expect(second({}, { ...later, id: 100 })).toMatch(/^retransmission/);
    expect(second({}, { ...later, id: 102 })).toMatch(/^retransmission/);
    expect(second({}, { ...later, id: 99 })).toMatch(/^retransmission/);
    expect(second({}, { id: 101 })).toMatch(/^retransmission/);
    // 1,461 bytes in each part before it would be more than the MSS.
    const whole = { bytes: 4380 };
    // Two of 730 bytes before it, and it is as long, or longer.
    expect(second(whole, { from: 1461, id: 102, bytes: 730 })).toBe('duplicate');
    expect(second(whole, { from: 1461, id: 102, bytes: 731 })).toMatch(/^retransmission/);
    expect(second(whole, { from: 1461, id: 101 })).toBe('duplicate');
    expect(second(whole, { from: 1462, id: 101 })).toMatch(/^retransmission/);
  });

  it('is sent again where its timestamp or its ACK is another, or nothing shows another place', () => {
    expect(second({}, { ...later, stamp: 1021 })).toMatch(/^retransmission/);
    expect(second({}, { ...later, ttl: 64 })).toMatch(/^retransmission/);
    expect(second({ ack: 11 }, later)).toMatch(/^retransmission/);
  });

  it('is sent again after the shortest timeout, 180 ms, or where the segment was no larger than the MSS', () => {
    const after = (ms: number) => second({}, { ...later, at: 0.03 + ms / 1000 });
    expect(after(179.999)).toBe('duplicate');
    expect(after(180)).toMatch(/^retransmission/);
    expect(second({ bytes: 1461 }, { bytes: 730 })).toBe('duplicate');
    expect(second({ bytes: 1460 }, { bytes: 730 })).toMatch(/^retransmission/);
  });
});

describe('a large segment whose parts were seen', () => {
  it('is these at another place', () => {
    const story = (id: number) => {
      const sight = (from: number, bytes: number, ipId: number, ttl: number, time: string) =>
        `${time} > . ${from}:${from + bytes}(${bytes}) ack 1 id ${ipId} ttl ${ttl} <nop,nop,TS val 1020 ecr 7000>`;
      const { rows } = analyseScenario(`
        0.000 > S seq 0 <mss 1460,sackOK,TS val 990 ecr 0>
        0.020 < S. seq 0 ack 1 <mss 1460,sackOK,TS val 7000 ecr 990>
        0.0201 > . ack 1 <nop,nop,TS val 1010 ecr 7000>
        ${sight(1, 1448, 100, 63, '0.030')}
        ${sight(1449, 1448, 101, 63, '0.0301')}
        ${sight(1, 2896, id, 64, '0.0302')}`);
      return verdictText(rows[5]);
    };
    expect(story(100)).toBe('duplicate');
    expect(story(99)).toMatch(/^retransmission/);
  });
});
