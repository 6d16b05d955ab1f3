/** A timeout that was not needed, by the ACKs that follow it (F-RTO, RFC 5682 section 2.1), without SACK and without timestamps. */
import { describe, expect, it } from 'vitest';
import { analyseScenario, fateText, verdictText } from '../support/analyze.ts';

/**
 * Captured at the sender, round trip 40 ms. Three segments of 1000 bytes leave in frames 6 to 8, the first of them once more in frame 9,
 * and are answered by `acks`.
 */
const repeat = (acks: string, { options = '', stamps = '', from = 0 } = {}) => {
  const text = `
    0.000 > S  seq 0 win 64240 <mss 1000${options}>
    0.040 < S. seq 0 ack 1 win 65160 <mss 1000${options}>
    0.040 > .  ack 1
    0.500 > P. 1:1001(1000) ack 1
    0.540 < .  ack 1001
    0.600 > .  1001:2001(1000) ack 1
    0.600 > .  2001:3001(1000) ack 1
    0.600 > P. 3001:4001(1000) ack 1
    0.900 > .  1001:2001(1000) ack 1
    ${acks}`;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const stamped = lines.map((line) => (line.includes('<mss') ? line : line + stamps));
  const { rows } = analyseScenario(stamped.slice(from).join('\n'));
  const again = rows.findIndex((row) => row.verdict?.cause === 4);
  return [rows[5 - from], rows[again]].map((row) => `${verdictText(row)} / ${fateText(row)}`);
};
const LOST = ['new / lost', 'retransmission rto / delivered'];
const LATE = ['new / delivered', 'retransmission rto spurious / unknown'];

describe('a timeout after which the ACKs go on step by step', () => {
  it('was not needed: what was never sent again is acknowledged by a second ACK', () => {
    expect(repeat('0.941 < . ack 2001')).toEqual(LOST);
    expect(repeat('0.941 < . ack 2001\n 0.942 < . ack 3001')).toEqual(LATE);
    expect(repeat('0.941 < . ack 3001\n 0.942 < . ack 4001')).toEqual(LATE);
  });

  it('was needed where the first ACK covers all, or the second not one more segment', () => {
    expect(repeat('0.941 < . ack 4001')).toEqual(LOST);
    expect(repeat('0.941 < . ack 2001\n 0.942 < . ack 3000')).toEqual(LOST);
  });

  it('was needed where the rest is sent again as well before it is acknowledged', () => {
    expect(repeat('0.941 < . ack 2001\n 0.941 > . 2001:3001(1000) ack 1\n 0.982 < . ack 3001')).toEqual(LOST);
  });

  it('is not told from what is sent after it', () => {
    expect(repeat('0.941 < . ack 4001\n 0.942 > . 4001:5001(1000) ack 1\n 0.983 < . ack 5001')).toEqual(LOST);
  });

  it('is left to D-SACKs where SACK was agreed', () => {
    expect(repeat('0.941 < . ack 2001\n 0.942 < . ack 3001', { options: ',sackOK' })).toEqual(LOST);
  });

  it('is left to the echoes where timestamps are in use, though one stamp stands for all', () => {
    expect(repeat('0.941 < . ack 2001\n 0.942 < . ack 3001', { stamps: ' <TS val 7 ecr 7>' })).toEqual(LOST);
  });

  it('is not told where nobody knows whether SACK was agreed', () => {
    expect(repeat('0.941 < . ack 2001\n 0.942 < . ack 3001', { from: 2 })).toEqual(LOST);
  });

  it('is not told where duplicate ACKs came after the first one', () => {
    expect(repeat('0.941 < . ack 2001\n 0.942 < . ack 2001\n 0.943 < . ack 3001')).toEqual(LOST);
  });
});
