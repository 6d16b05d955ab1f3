/** A round trip that may be 0 beside -1 for none, and what one ACK changes. */

import { describe, expect, it } from 'vitest';
import { NEVER } from '../../src/model/packed.ts';
import { RttEstimator } from '../../src/verdict/rtt-estimator.ts';
import { analyse } from '../support/analyze.ts';
import { scenario } from '../support/scenario.ts';

describe('a round trip of 0', () => {
  it('is the first sample (RFC 6298 section 2.2), and the shortest', () => {
    const rtt = new RttEstimator();
    rtt.take(0, false);
    rtt.take(800, false);
    // 0 + 800 / 8, and 0 + (800 - 0) / 4.
    expect([rtt.srtt, rtt.rttvar, rtt.min]).toEqual([100, 200, 0]);
    rtt.noteAnswer(5);
    expect(rtt.min).toBe(0);
  });

  it('is not known before', () => {
    const rtt = new RttEstimator();
    rtt.noteAnswer(5);
    expect(rtt.min).toBe(-1);
  });
});

describe('what an ACK changes', () => {
  const OPEN = `0.000 > S seq 0 win 9000 <mss 1000,sackOK>
    0.020 < S. seq 0 ack 1 win 9000 <mss 1000,sackOK>
    0.021 > . ack 1
    1.000 > . 1:1001(1000) ack 1
    1.000 > . 1001:2001(1000) ack 1
    1.000 > . 2001:3001(1000) ack 1`;
  const effect = (...acks: string[]) => {
    let last: object = {};
    const lines = acks.map((ack, i) => `${(1.02 + i / 1000).toFixed(3)} < ${ack}`);
    const { analyzer } = analyse(scenario({}, `${OPEN}\n${lines.join('\n')}`).pcap, {
      onSegment: ({ effect: { advanced, newlySacked, duplicate, dsack, unseen, frame } }) => {
        last = { advanced, newlySacked, duplicate, dsack, unseen, frame };
      },
    });
    return { ...last, feedback: (analyzer.connections[0].client.outbound as unknown as { feedback: object }).feedback };
  };

  it('is by how far it moves the left edge, and whose arrival shows', () => {
    expect(effect('. ack 1001')).toMatchObject({
      advanced: 1000,
      newlySacked: 0,
      duplicate: false,
      unseen: false,
      frame: 4,
    });
    expect(effect('. ack 1001', '. ack 3001')).toMatchObject({ advanced: 2000, frame: 6 });
    expect(effect('. ack 1001', '. ack 1001')).toMatchObject({ advanced: 0, duplicate: true, frame: 0 });
    expect(effect('. ack 1500')).toMatchObject({ advanced: 1499 });
  });

  it('is what it newly reports, and whether it acknowledges what was not seen', () => {
    expect(effect('. ack 1 <nop,nop,sack 1001:3001>')).toMatchObject({
      advanced: 0,
      newlySacked: 2000,
      duplicate: true,
    });
    expect(effect('. ack 1 <nop,nop,sack 1001:2001>', '. ack 1 <nop,nop,sack 1001:3001>')).toMatchObject({
      newlySacked: 1000,
    });
    expect([effect('. ack 3001'), effect('. ack 3002')]).toMatchObject([{ unseen: false }, { unseen: true }]);
  });

  it('tells of something missing where it reports, repeats, or says nothing new', () => {
    const first = 1.02e9;
    const reported = (ack: string) => (effect(ack).feedback as { lastReport: number }).lastReport;
    expect(reported('P. 1:2(1) ack 1 <nop,nop,sack 1001:2001>')).toBe(first);
    expect(reported('. ack 1 win 9000')).toBe(first);
    expect([reported('. ack 1001'), reported('. ack 1 win 8000'), reported('P. 1:2(1) ack 1')]).toEqual([
      NEVER,
      NEVER,
      NEVER,
    ]);
  });

  it('has an effect where it moves or reports something, or is a duplicate', () => {
    const lastEffect = (ack: string) => (effect(ack).feedback as { lastEffect: number }).lastEffect;
    expect([lastEffect('. ack 1001'), lastEffect('. ack 1 <nop,nop,sack 1001:2001>')]).toEqual([1.02e9, 1.02e9]);
    // The latest before is the SYN,ACK.
    expect(lastEffect('. ack 1 win 8000')).toBe(0.02e9);
  });
});
