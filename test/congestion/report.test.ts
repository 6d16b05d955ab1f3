import { describe, expect, it } from 'vitest';
import { congestionReport, limitShares, senderReport } from '../../src/congestion/report.ts';
import { TimeUse } from '../../src/model/budget.ts';
import { type CongestionEpisode, CongestionState, StallCause, Trigger } from '../../src/model/congestion.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { analyseScenario } from '../support/analyze.ts';

const MS = 1e6;

class State extends CongestionState {
  refresh(): void {}
  get isSettled(): boolean {
    return true;
  }
}

/** A client that sends 100 bytes, waits 20 ms for their ACK, and again. */
const { client } = analyseScenario(`
  5.000 > S   seq 0 win 9000
  5.020 < S.  seq 0 ack 1 win 9000
  5.020 > .   ack 1 win 9000
  5.030 > P.  1:101(100) ack 1 win 9000
  5.050 < .   ack 101 win 9000`).analyzer.connections[0];

function state(fields: Partial<CongestionState>, endpoint: Endpoint = client): CongestionState {
  return Object.assign(new State(endpoint), { smss: 1000, confidence: 1 }, fields);
}

const EPISODE: CongestionEpisode = {
  trigger: Trigger.FAST,
  startFrame: 5,
  startTime: client.connection.firstTime + 100 * MS,
  endFrame: 9,
  endTime: client.connection.firstTime + 140.5 * MS,
  retransmissions: 3,
  timeouts: 1,
  needless: 1,
  cwndBefore: 20,
  ssthreshBefore: Number.POSITIVE_INFINITY,
  ssthreshAfter: 10.5,
  undone: false,
};

describe('the report of a sender', () => {
  it('has windows in bytes, and null for what was never set or is not known', () => {
    const report = congestionReport(state({ cwnd: 10.4, ssthresh: 7, flightSize: 12, confidence: 0.126 }));
    expect(report).toMatchObject({ smss: 1000, cwnd: 10400, ssthresh: 7000, flightSize: 12, confidence: 0.13 });
    const unknown = congestionReport(state({ cwnd: Number.NaN, flightSize: Number.NaN }));
    expect(unknown).toMatchObject({ cwnd: null, ssthresh: null, flightSize: null });
  });

  it('has the path in ms, bits per second and bytes', () => {
    // 125,000 bytes in a second are a megabit; 40 ms of them 5000 bytes.
    const { path } = congestionReport(state({ minRtt: 40 * MS, bottleneckRate: 125_000 }));
    expect(path).toEqual({ minRttMs: 40, bottleneckBitsPerSecond: 1_000_000, bdp: 5000 });
    expect(congestionReport(state({})).path).toEqual({ minRttMs: null, bottleneckBitsPerSecond: null, bdp: null });
  });

  it('has episodes with times since the first packet of the connection', () => {
    const [episode] = congestionReport(state({ episodes: [EPISODE] })).episodes;
    expect(episode).toEqual({
      trigger: 'fast-retransmit',
      startPacket: 5,
      startMs: 100,
      endPacket: 9,
      endMs: 140.5,
      durationMs: 40.5,
      losses: 2,
      retransmissions: 3,
      timeouts: 1,
      cwndBefore: 20_000,
      ssthreshBefore: null,
      ssthreshAfter: 10_500,
      undone: false,
    });
  });

  it('has no end for an episode that lasts, and no duration across a step back of the clock', () => {
    const of = (fields: Partial<CongestionEpisode>) =>
      congestionReport(state({ episodes: [{ ...EPISODE, ...fields }] })).episodes[0];
    expect(of({ endFrame: 0 })).toMatchObject({ endPacket: null, endMs: null, durationMs: null });
    expect(of({ endFrame: 1 })).toMatchObject({ endPacket: 1, durationMs: 40.5 });
    expect(of({ endTime: EPISODE.startTime }).durationMs).toBe(0);
    expect(of({ endTime: EPISODE.startTime - 1 })).toMatchObject({ endPacket: 9, durationMs: null });
  });

  it('has stalls with their causes', () => {
    const start = client.connection.firstTime + 10 * MS;
    const stall = { startFrame: 3, start, endFrame: 4, end: start + 50 * MS, cause: StallCause.TIMEOUT };
    expect(congestionReport(state({ stalls: [stall] })).stalls).toEqual([
      { startPacket: 3, startMs: 10, endPacket: 4, endMs: 60, durationMs: 50, cause: 'retransmission timeout' },
    ]);
  });

  it('has the shares of what its messages waited for: together 100 percent', () => {
    const { shares, spans } = congestionReport(state({})).limits;
    const total = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
    expect(total).toBeGreaterThan(0);
    for (const { owner, cause, percent } of shares) {
      const own = spans.filter((span) => span.owner === owner && span.cause === cause);
      const time = own.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
      expect(percent).toBeCloseTo((100 * time) / total, 1);
    }
    expect(shares.reduce((sum, { percent }) => sum + percent, 0)).toBeCloseTo(100, 6);
  });

  it('has no more than 100 percent where a clock that was set leaves years between the times', () => {
    const [before, after] = [
      { start: 0, end: 127 },
      { start: 2 ** 60, end: 2 ** 60 + 51_200 },
    ];
    const spans = [before, after].map((span) => ({ ...span, use: TimeUse.ROUND_TRIP, exchange: 0 }));
    expect(limitShares(spans)).toEqual([{ use: TimeUse.ROUND_TRIP, percent: 100 }]);
  });

  it('says whom it is about', () => {
    expect(senderReport(state({}))).toMatchObject({ stream: 0, sender: 'client', address: client.address });
  });
});
