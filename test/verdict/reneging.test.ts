import { describe, expect, it } from 'vitest';
import { analyseScenario, analyseWithoutRows, fateText, verdictText } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

/*
 * A receiver may throw away what it has reported by SACK (RFC 2018 section 8). An ACK that stops at such a byte shows that it did: with the
 * byte in its queue it would have acknowledged more.
 */

/** The client answers at once, so that the capture is beside it; the server is 40 ms away. Three segments, the first of which was late. */
const BESIDE = `0.000 > S  seq 0 <mss 1000,sackOK>
  0.040 < S. seq 0 ack 1 <mss 1000,sackOK>
  0.0401 > .  ack 1
  0.050 > P. 1:101(100) ack 1
  0.090 < .  1:1001(1000) ack 101
  0.0901 < . 1001:2001(1000) ack 101
  0.0902 < . 2001:3001(1000) ack 101`;

/** What is said of the frames from `first` on that hold data. */
function said(text: string, first: number): string[] {
  const { rows } = analyseScenario(text);
  return rows
    .filter(({ view }) => view.frame >= first && view.payloadLength > 0)
    .map((row) => `${verdictText(row)} / ${fateText(row)}`);
}

describe('bytes that were selectively acknowledged', () => {
  const beside = (stop: number, more = '') =>
    said(
      `${BESIDE}
  0.0903 > . ack 1 <nop,nop,sack 1001:3001>
  0.2000 > . ack ${stop}${more}
  0.6000 < . 1001:2001(1000) ack 101
  0.6001 < . 2001:3001(1000) ack 101
  0.6002 > . ack 3001`,
      6,
    );

  it('were thrown away where an ACK stops at the first of them, or among them: repeats are needed', () => {
    const needed = [
      'new / delivered',
      'new / delivered',
      'retransmission rto / delivered',
      'retransmission rto-recovery / delivered',
    ];
    expect(beside(1001)).toEqual(needed);
    expect(beside(1002)).toEqual(needed);
  });

  it('are there while an ACK stops a byte below them, or acknowledges all', () => {
    for (const stop of [1000, 3001])
      for (const repeat of beside(stop).slice(2)) expect(repeat, `ack ${stop}`).toContain('spurious');
  });

  it('are there, those that the same ACK reports again', () => {
    expect(beside(1001, ' <nop,nop,sack 2001:3001>').slice(2)).toEqual([
      'retransmission rto / delivered',
      'retransmission rto-recovery spurious / delivered',
    ]);
  });
});

describe('beside the sender', () => {
  const OPEN = `0.000 > S  seq 0 <mss 1000,sackOK>
  0.040 < S. seq 0 ack 1 <mss 1000,sackOK>
  0.0401 > .  ack 1
  0.100 > . 1:1001(1000) ack 1
  0.1001 > . 1001:2001(1000) ack 1
  0.1002 > . 2001:3001(1000) ack 1`;
  const repeats = (stop: number) =>
    said(
      `${OPEN}
  0.1403 < . ack 1 <nop,nop,sack 1001:3001>
  0.2000 < . ack ${stop}
  0.6000 > . 1001:2001(1000) ack 1
  0.6400 < . ack 2001
  0.6401 > . 2001:3001(1000) ack 1
  0.6801 < . ack 3001`,
      8,
    );

  it('the same', () => {
    expect(repeats(1001)).toEqual(['retransmission rto / delivered', 'retransmission rto-recovery / delivered']);
    expect(repeats(1000)[0]).toContain('spurious');
  });

  it('what was acknowledged after all without having been sent again shows no round trip', () => {
    const samples = (stop: number) =>
      analyseScenario(`${OPEN}
  0.1403 < . ack 1 <nop,nop,sack 1001:3001>
  0.2000 < . ack ${stop}
  0.9000 < . ack 3001`).analyzer.connections[0].a.outbound!.rtt.srtt;
    // Of the SYN 40 ms and of the SACK 40.2 ms; the first segment was answered after 100 ms.
    expect(samples(1001)).toBe(samples(3001));
  });

  it('with and without rows the same is left outstanding', () => {
    const text = `${OPEN}
  0.1403 < . ack 1 <nop,nop,sack 1001:3001>
  0.2000 < . ack 500
  0.2001 < . ack 1001`;
    const { pcap } = scenario({}, text);
    const withRows = analyseScenario(text).analyzer.connections[0].a.outbound!.scoreboard;
    const without = analyseWithoutRows(pcap).connections[0].a.outbound!.scoreboard;
    expect([withRows.outstanding, withRows.highSacked]).toEqual([2000, 1001]);
    expect([without.outstanding, without.highSacked]).toEqual([2000, 1001]);
  });
});
