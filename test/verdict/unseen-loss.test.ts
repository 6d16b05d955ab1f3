/** What arrives late and was never seen before: its receiver shows whether it had lacked it until then (`wasLacked` in `acks.ts`). */
import { describe, expect, it } from 'vitest';
import { explainVerdict } from '../../src/render/explain.ts';
import { analyseScenario, verdictText } from '../support/analyze.ts';

/** Captured at the client, round trip 20 ms. The duplicate ACKs were left out. Frame 8 fills the hole between frames 5 and 6. */
const story = (ack: string, { second = 200, again = '1001:2001(1000)', stamp = 220 } = {}) =>
  analyseScenario(`
    0.000000 > S  seq 0 win 64240 <mss 1000,sackOK,TS val 900 ecr 0>
    0.020000 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK,TS val 100 ecr 900>
    0.020050 > .  ack 1 <TS val 920 ecr 100>
    0.100000 < .  1:1001(1000) ack 1 <TS val 180 ecr 920>
    0.100050 > .  ack 1001 <TS val 1000 ecr 180>
    0.120000 < .  2001:3001(1000) ack 1 <TS val ${second} ecr 1000>
    0.121000 < .  3001:4001(1000) ack 1 <TS val 211 ecr 1000>
    0.140000 < .  ${again} ack 1 <TS val ${stamp} ecr 1000>
    ${ack}`);
const lacked = (...of: Parameters<typeof story>) => story(...of).rows[7].verdict!.wasLacked;
const JUMP = '0.141000 > . ack 4001 <TS val 1041 ecr 220>';

describe('a segment that fills a hole of the capture', () => {
  it('was lacked where the ACK of it and of what lies beyond echoes it (RFC 7323 section 4.3)', () => {
    expect(verdictText(story(JUMP).rows[7])).toMatch(/^retransmission/);
    expect(lacked(JUMP)).toBe(true);
    expect(lacked('0.141000 > . ack 2002 <TS val 1041 ecr 220>')).toBe(true);
    expect(explainVerdict(story(JUMP).rows[7])).toMatch(/whose first copy was not seen here and did not arrive/);
  });

  it('is not known to have been lacked without that echo, or where nothing beyond is acknowledged', () => {
    expect(lacked('0.141000 > . ack 4001 <TS val 1041 ecr 211>')).toBe(false);
    expect(lacked('0.141000 > . ack 4001 <TS val 1041 ecr 219>')).toBe(false);
    expect(lacked('0.141000 > . ack 4001')).toBe(false);
    expect(lacked('0.141000 > . ack 2001 <TS val 1041 ecr 220>')).toBe(false);
    expect(lacked('')).toBe(false);
  });

  it('nor where what lies beyond bears the same timestamp', () => {
    expect(lacked(JUMP, { second: 220 })).toBe(false);
    expect(lacked(JUMP, { second: 219 })).toBe(true);
  });

  it('nor where what lies beyond came after it: an ACK that was held back echoes the first of the two', () => {
    const { rows } = analyseScenario(`
      0.000000 > S  seq 0 win 64240 <mss 1000,sackOK,TS val 900 ecr 0>
      0.020000 < S. seq 0 ack 1 win 65160 <mss 1000,sackOK,TS val 100 ecr 900>
      0.020050 > .  ack 1 <TS val 920 ecr 100>
      0.100000 < .  1001:2001(1000) ack 1 <TS val 180 ecr 920>
      0.120000 < .  1:501(500) ack 1 <TS val 200 ecr 920>
      0.120100 < .  501:1001(500) ack 1 <TS val 201 ecr 920>
      0.120200 > .  ack 2001 <TS val 1020 ecr 200>`);
    expect(rows.slice(4, 6).map((row) => row.verdict!.wasLacked)).toEqual([false, false]);
  });

  it('nor where it does not begin at the left edge of its receiver', () => {
    expect(lacked(JUMP, { again: '1002:2001(999)' })).toBe(false);
  });
});

describe('the finding about it', () => {
  const ids = (text: ReturnType<typeof story>) =>
    text.analyzer.connections[0].findings.map(({ id, text }) => `${id}: ${text}`);

  it('tells of a loss, and of none where only that it came again is known', () => {
    expect(ids(story(JUMP)).join()).toMatch(/packet-loss: 1 segment of .* \(1,000 bytes\) was lost and sent again/);
    expect(ids(story('0.141000 > . ack 4001 <TS val 1041 ecr 219>')).join()).toMatch(
      /retransmission: .* cause not visible/,
    );
  });
});
