import { describe, expect, it } from 'vitest';
import { limitTimes } from '../../src/congestion/report.ts';
import { congestionOf } from '../../src/congestion/stage.ts';
import { budgetOf, TIME_USES, waitsOf } from '../../src/model/budget.ts';
import { ALGORITHM_NAMES, PHASE_NAMES, TRIGGER_NAMES } from '../../src/model/congestion.ts';
import { type Simulation, simulate } from './simulate.ts';

function replay(simulation: Simulation) {
  const { truth, rows, connection } = simulate(simulation);
  const state = congestionOf(connection.client)!;
  const snapshots = rows
    .filter((row) => row.congestion[0] !== null)
    .map((row) => ({ time: row.view.time / 1e6 + 10, snapshot: row.congestion[0]! }));
  return { truth, rows, state, snapshots, name: ALGORITHM_NAMES[state.algorithm] };
}

/** Relative errors of the window after each ACK, outside of recovery and between two times (ms). */
function windowErrors({ truth, snapshots }: ReturnType<typeof replay>, from: number, to = Number.POSITIVE_INFINITY) {
  const errors: number[] = [];
  let i = 0;
  for (const { time, cwnd } of truth) {
    if (time < from || time > to) continue;
    // The state just before the next event.
    while (i + 1 < snapshots.length && snapshots[i + 1].time < time + 0.5) i++;
    const { cwndSegments, phase } = snapshots[i].snapshot;
    if (PHASE_NAMES[phase].endsWith('recovery')) continue;
    errors.push(Math.abs(cwndSegments - cwnd) / cwnd);
  }
  return errors.sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], q: number) => sorted[Math.floor(q * (sorted.length - 1))];
const LOSSES = [120, 400, 401, 404, 900];

describe('a sender is replayed from what a capture beside it shows', () => {
  it.each([
    ['reno', { algorithm: 'reno', segments: 1400, rate: 1.2, lost: LOSSES }],
    ['cubic', { algorithm: 'cubic', segments: 1400, rate: 1.2, lost: LOSSES }],
    ['newreno', { algorithm: 'reno', sack: false, segments: 1400, rate: 1.2, lost: LOSSES }],
    ['tahoe', { algorithm: 'tahoe', sack: false, segments: 1400, rate: 1.2, lost: [120, 400, 900] }],
  ] as const)('%s: its name and its window', (name, simulation) => {
    const result = replay(simulation);
    expect(result.name).toBe(name);
    const errors = windowErrors(result, 60);
    expect(errors.length).toBeGreaterThan(500);
    expect(quantile(errors, 0.5)).toBeLessThan(0.1);
    expect(quantile(errors, 0.9)).toBeLessThan(0.35);
  });

  it.each(['reno', 'cubic'] as const)('%s beside the receiver: the name with less confidence', (algorithm) => {
    const simulation = { algorithm, segments: 1400, rate: 1.2, lost: LOSSES } as const;
    const beside = replay(simulation);
    const far = replay({ ...simulation, captureAt: 'receiver' });
    expect(far.name).toBe(algorithm);
    expect(far.state.confidence).toBeLessThan(beside.state.confidence);
  });

  it('cannot tell the algorithm of a flow without losses', () => {
    expect(replay({ algorithm: 'reno', segments: 60 }).name).toBe('unknown');
  });

  it('corrects an initial window that is not the one of RFC 6928', () => {
    const small = replay({ algorithm: 'reno', segments: 700, initialWindow: 2, rate: 0.5 });
    expect(quantile(windowErrors(small, 200, 850), 0.9)).toBeLessThan(0.1);
    const large = replay({ algorithm: 'reno', segments: 200, initialWindow: 30 });
    expect(large.snapshots.find(({ snapshot }) => snapshot.cwndSegments === 30)).toBeDefined();
    expect(large.state.endpoint.violations?.map(({ id }) => id)).toEqual(['initial-window-exceeded']);
  });
});

describe('episodes', () => {
  it('begin with the first retransmission and end when all that was outstanding is acknowledged', () => {
    const { state, rows, truth } = replay({ algorithm: 'reno', segments: 900, rate: 1.2, lost: [300] });
    expect(state.episodes).toHaveLength(1);
    const [episode] = state.episodes;
    const first = rows.find((row) => row.seq === 1 + 300 * 1448 && row.verdict?.cause === 3)!;
    expect(episode).toMatchObject({ startFrame: first.view.frame, retransmissions: 1, timeouts: 0, undone: false });
    expect(TRIGGER_NAMES[episode.trigger]).toBe('fast-retransmit');
    const before = truth.findLast(({ time }) => time < episode.startTime / 1e6 + 10 - 1)!;
    expect(Math.abs(episode.cwndBefore - before.cwnd)).toBeLessThanOrEqual(1);
    expect(Math.abs(episode.ssthreshAfter - before.cwnd / 2)).toBeLessThanOrEqual(1);
    // One round trip with its queue, which leaves at 1.2 segments in a millisecond.
    const roundTrip = (before.cwnd / 1.2 + 60) * 1e6;
    expect(episode.endTime - episode.startTime).toBeLessThan(roundTrip);
    expect(episode.endTime - episode.startTime).toBeGreaterThan(40e6);
  });

  it('of a timeout go back to one segment', () => {
    // The last segments are lost: nothing tells the sender but its timer.
    const { state, rows } = replay({ algorithm: 'reno', segments: 130, lost: [127, 128, 129] });
    const timeouts = state.episodes.filter(({ timeouts }) => timeouts > 0);
    expect(timeouts).toHaveLength(1);
    expect(TRIGGER_NAMES[timeouts[0].trigger]).toBe('timeout');
    const { snapshot } = { snapshot: rows.find((row) => row.view.frame === timeouts[0].startFrame)!.congestion[0]! };
    expect(snapshot).toMatchObject({ cwndSegments: 1 });
    expect(PHASE_NAMES[snapshot.phase]).toBe('loss-recovery');
  });

  it('of a congestion mark halve the window once', () => {
    const { state } = replay({ algorithm: 'reno', segments: 900, rate: 1.2, marked: 300 });
    expect(state.episodes.map(({ trigger }) => TRIGGER_NAMES[trigger])).toEqual(['ecn']);
    const [{ cwndBefore, ssthreshAfter }] = state.episodes;
    expect(ssthreshAfter).toBe(Math.floor(cwndBefore / 2));
  });

  it('of a loss in a window that was reduced for a mark say nothing of the algorithm (RFC 3168 section 6.1.2)', () => {
    const { state } = replay({ algorithm: 'cubic', segments: 1400, rate: 1.2, marked: 300, lost: [320, 321, 322] });
    expect(state.episodes.map(({ trigger }) => TRIGGER_NAMES[trigger])).toEqual(['ecn', 'fast-retransmit']);
    expect(ALGORITHM_NAMES[state.algorithm]).toBe('cubic');
  });
});

describe('what limited the sender', () => {
  const HELD_UP = { algorithm: 'reno', rtt: 10, slots: 40, captureAt: 'receiver' } as const;
  const main = (simulation: Simulation) => {
    const [{ use }] = limitTimes(waitsOf(replay(simulation).state.endpoint));
    return `${TIME_USES[use].owner} ${TIME_USES[use].cause}`;
  };

  it.each([
    ['network path-rate', { algorithm: 'reno', segments: 900, rate: 1.2, lost: [300] }],
    ['network congestion-window', { algorithm: 'reno', segments: 300, lost: [100] }],
    ['server receive-window', { algorithm: 'reno', segments: 600, window: 16 }],
    ['client sending', { algorithm: 'reno', segments: 300, writes: { segments: 4, every: 25 } }],
    ['client sending', { algorithm: 'reno', segments: 60, writes: { segments: 10, every: 2000 } }],
    // Away from the sender the ACKs are seen before a link that holds them up.
    ['network congestion-window', { ...HELD_UP, segments: 900, rate: 2 }],
    // All of a flight are acknowledged within a tick of the timestamps: no echo tells when the first of these ACKs came.
    ['unknown unknown', { ...HELD_UP, segments: 300 }],
    ['client sending', { ...HELD_UP, segments: 300, writes: { segments: 7, every: 90 } }],
  ] as const)('%s', (limit, simulation) => {
    expect(main(simulation)).toBe(limit);
  });

  it('is what the time budget says of the time when its message was on its way', () => {
    const { state } = replay({ algorithm: 'reno', segments: 900, rate: 1.2, lost: [300] });
    const waits = waitsOf(state.endpoint);
    for (let i = 1; i < waits.length; i++) expect(waits[i].start).toBe(waits[i - 1].end);
    const [{ requestStart, requestEnd }] = budgetOf(state.endpoint.connection)!.exchanges;
    expect([waits[0].start, waits.at(-1)!.end]).toEqual([requestStart, requestEnd]);
    expect(waitsOf(state.endpoint.peer)).toEqual([]);
  });

  it('finds the rate of the bottleneck and the window that fills the path', () => {
    const { state } = replay({ algorithm: 'reno', segments: 900, rate: 1.2, rtt: 50 });
    // 1.2 segments of 1448 bytes in a millisecond, and 50 ms of them (one more to serialise).
    expect(state.bottleneckRate / (1.2e3 * 1448)).toBeCloseTo(1, 1);
    expect(state.bdp / 1448 / 61).toBeCloseTo(1, 1);
  });
});

describe('one direction only', () => {
  it('tells of no window, no recovery and no limit: what the sender heard is not there', () => {
    const { rows, state } = replay({ algorithm: 'reno', segments: 300, rate: 1.2, lost: [120], captured: 'there' });
    expect(state).toMatchObject({ cwnd: Number.NaN, episodes: [], stalls: [] });
    expect(waitsOf(state.endpoint)).toEqual([]);
    expect(ALGORITHM_NAMES[state.algorithm]).toBe('unknown');
    expect(PHASE_NAMES[rows[rows.length - 1].congestion[0]!.phase]).toBe('unknown');
  });
});
