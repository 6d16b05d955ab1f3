import { Doing, durationOf, type Exchange, TimeUse } from '../model/budget.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { BYTES, type Dimension, PLAIN, RATE, TIME } from './language/dimension.ts';
import { nearestRank } from './language/series.ts';

/** A figure that is compared from run to run. Null where the capture does not tell it. */
export interface Metric {
  readonly about: string;
  readonly dimension: Dimension;
  /** Less is better; else more is. */
  readonly wantsLess: boolean;
  /** A sum over connections: with some left out it is no higher. */
  readonly addsUp: boolean;
  readonly of: (flows: readonly FlowFacts[]) => number | null;
}

function pooled(flows: readonly FlowFacts[]): number[] {
  return flows.flatMap(({ farSide }) => Array.from(farSide.rtt.values));
}

function percentile(values: readonly number[], rank: number): number | null {
  return values.length === 0 ? null : nearestRank(values, rank);
}

function sum(flows: readonly FlowFacts[], of: (flow: FlowFacts) => number): number {
  return flows.reduce((total, flow) => total + of(flow), 0);
}

function handshakes(flows: readonly FlowFacts[]): number[] {
  return flows.map(({ connection }) => connection.handshakeDuration).filter((duration) => !Number.isNaN(duration));
}

function time(about: string, of: Metric['of']): Metric {
  return { about, dimension: TIME, wantsLess: true, addsUp: false, of };
}

function total(about: string, dimension: Dimension, each: (flow: FlowFacts) => number): Metric {
  return { about, dimension, wantsLess: true, addsUp: true, of: (flows) => sum(flows, each) };
}

function retransmissionsOf({ a, b }: FlowFacts): number {
  return a.retransmissions.length + b.retransmissions.length;
}

function dataPacketsOf({ connection: { a, b } }: FlowFacts): number {
  return a.dataPackets + b.dataPackets;
}

function zeroWindowOf({ a, b }: FlowFacts): number {
  return [...a.zeroWindows, ...b.zeroWindows].reduce((total, { start, end }) => total + (end - start), 0);
}

function exchangesOf(flows: readonly FlowFacts[]): Exchange[] {
  return flows.flatMap(({ budget }) => budget?.exchanges ?? []);
}

function thinking(flows: readonly FlowFacts[]): number[] {
  return exchangesOf(flows)
    .map(({ serverThinking }) => serverThinking)
    .filter((value) => !Number.isNaN(value));
}

function exchangeTimes(flows: readonly FlowFacts[]): number[] {
  return exchangesOf(flows)
    .map(durationOf)
    .filter((value) => !Number.isNaN(value));
}

/** Time of a connection that went to the uses from `first` to `last`. */
function timeOf(first: number, last: number) {
  return ({ budget }: FlowFacts): number =>
    (budget?.totals ?? []).reduce((total, time, use) => (use >= first && use <= last ? total + time : total), 0);
}

function anomaliesOf(severity: string) {
  return ({ anomalies }: FlowFacts) => anomalies.filter((anomaly) => anomaly.severity === severity).length;
}

export const METRICS: Readonly<Record<string, Metric>> = {
  connections: total('connections', PLAIN, () => 1),
  packets: total('packets', PLAIN, ({ connection }) => connection.packets),
  payload_bytes: total(
    'bytes of data, repeats included',
    BYTES,
    ({ connection: { a, b } }) => a.payloadBytes + b.payloadBytes,
  ),
  'handshake.p95': time('handshakes: 95 in 100 take no longer', (flows) => percentile(handshakes(flows), 95)),
  'handshake.max': time('the longest handshake', (flows) => percentile(handshakes(flows), 100)),
  'rtt.min': time('the shortest round trip', (flows) => percentile(pooled(flows), 0)),
  'rtt.p50': time('median of the round trips', (flows) => percentile(pooled(flows), 50)),
  'rtt.p95': time('round trips: 95 in 100 take no longer', (flows) => percentile(pooled(flows), 95)),
  'rtt.p99': time('round trips: 99 in 100 take no longer', (flows) => percentile(pooled(flows), 99)),
  'rtt.max': time('the longest round trip', (flows) => percentile(pooled(flows), 100)),
  'duration.p95': time('durations of connections: 95 in 100 are no longer', (flows) =>
    percentile(
      flows.map(({ duration }) => duration),
      95,
    ),
  ),
  'retransmissions.count': total('retransmissions', PLAIN, retransmissionsOf),
  'retransmissions.ratio': {
    about: 'retransmissions per packet with data',
    dimension: PLAIN,
    wantsLess: true,
    addsUp: false,
    of: (flows) => {
      const packets = sum(flows, dataPacketsOf);
      return packets === 0 ? null : sum(flows, retransmissionsOf) / packets;
    },
  },
  'retransmissions.rto.count': total(
    'timeouts',
    PLAIN,
    ({ a, b }) => [...a.retransmissions, ...b.retransmissions].filter(({ cause }) => cause === 'rto').length,
  ),
  'undelivered.count': total(
    'packets that did not arrive',
    PLAIN,
    ({ a, b }) => a.undelivered.length + b.undelivered.length,
  ),
  'lost.count': total(
    'packets that passed the point of capture and did not arrive',
    PLAIN,
    ({ a, b }) => a.lost.length + b.lost.length,
  ),
  'zero_window.total_time': total('how long windows were closed', TIME, zeroWindowOf),
  'exchanges.count': total('requests with their answers', PLAIN, ({ budget }) =>
    budget === null ? 0 : budget.exchanges.length + budget.moreExchanges,
  ),
  'exchanges.server_thinking.p50': time('time from a whole request to the first byte of its answer: median', (flows) =>
    percentile(thinking(flows), 50),
  ),
  'exchanges.server_thinking.p95': time('the same: 95 in 100 take no longer', (flows) =>
    percentile(thinking(flows), 95),
  ),
  'exchanges.duration.p95': time('whole exchanges: 95 in 100 take no longer', (flows) =>
    percentile(exchangeTimes(flows), 95),
  ),
  'budget.network': total('time that the path took', TIME, timeOf(TimeUse.HANDSHAKE, TimeUse.RECOVERY)),
  'budget.server': total('time that the server took', TIME, timeOf(TimeUse.SERVER, TimeUse.SERVER + Doing.DELAYED_ACK)),
  'anomalies.warning': total('findings of severity warning', PLAIN, anomaliesOf('warning')),
  'anomalies.error': total('findings of severity error', PLAIN, anomaliesOf('error')),
  goodput: {
    about: 'data of both ends by sequence numbers, divided by the durations of the connections together',
    dimension: RATE,
    wantsLess: false,
    addsUp: false,
    of: (flows) => {
      const duration = sum(flows, (flow) => flow.duration);
      const bytes = sum(flows, ({ connection: { a, b } }) => a.streamBytes + b.streamBytes);
      return duration === 0 ? null : bytes / duration;
    },
  },
};
