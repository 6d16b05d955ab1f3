import { Doing, durationOf, type Exchange, TimeUse } from '../model/budget.ts';
import { didYouMean } from '../model/suggest.ts';
import type { CaptureState } from './facts/capture-state.ts';
import type { FlowFacts } from './facts/flow-facts.ts';
import { doubtOf as doubtOfGroup } from './facts/group-doubts.ts';
import { shortRoundTrips } from './facts/place.ts';
import {
  BYTES,
  type Dimension,
  isSame,
  PLAIN,
  parseQuantity,
  quantity,
  quantityText,
  RATE,
  TIME,
} from './language/dimension.ts';
import { nearestRank } from './language/series.ts';
import { type AssertionResult, type Case, resultOf } from './outcome.ts';
import { type Problem, RulesError } from './rules/error.ts';

/** A figure that is compared from run to run. Null where the capture does not tell it. */
interface Metric {
  readonly about: string;
  readonly dimension: Dimension;
  /** Less is better; else more is. */
  readonly wantsLess: boolean;
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
  return { about, dimension: TIME, wantsLess: true, of };
}

function number(about: string, of: Metric['of']): Metric {
  return { about, dimension: PLAIN, wantsLess: true, of };
}

function retransmissionsOf({ a, b }: FlowFacts): number {
  return a.retransmissions.length + b.retransmissions.length;
}

function dataPacketsOf({ connection: { a, b } }: FlowFacts): number {
  return a.dataPackets + b.dataPackets;
}

function zeroWindowOf({ a, b }: FlowFacts): number {
  return [...a.zeroWindows, ...b.zeroWindows].reduce((total, { start, end }) => total + end - start, 0);
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
  return (flows: readonly FlowFacts[]) =>
    sum(flows, ({ anomalies }) => anomalies.filter((anomaly) => anomaly.severity === severity).length);
}

export const METRICS: Readonly<Record<string, Metric>> = {
  connections: { about: 'connections', dimension: PLAIN, wantsLess: true, of: (flows) => flows.length },
  packets: number('packets', (flows) => sum(flows, ({ connection }) => connection.packets)),
  payload_bytes: {
    about: 'bytes of data, repeats included',
    dimension: BYTES,
    wantsLess: true,
    of: (flows) => sum(flows, ({ connection: { a, b } }) => a.payloadBytes + b.payloadBytes),
  },
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
  'retransmissions.count': number('retransmissions', (flows) => sum(flows, retransmissionsOf)),
  'retransmissions.ratio': number('retransmissions per packet with data', (flows) => {
    const packets = sum(flows, dataPacketsOf);
    return packets === 0 ? null : sum(flows, retransmissionsOf) / packets;
  }),
  'retransmissions.rto.count': number('timeouts', (flows) =>
    sum(
      flows,
      ({ a, b }) => [...a.retransmissions, ...b.retransmissions].filter(({ cause }) => cause === 'rto').length,
    ),
  ),
  'undelivered.count': number('packets that did not arrive', (flows) =>
    sum(flows, ({ a, b }) => a.undelivered.length + b.undelivered.length),
  ),
  'lost.count': number('packets that passed the point of capture and did not arrive', (flows) =>
    sum(flows, ({ a, b }) => a.lost.length + b.lost.length),
  ),
  'zero_window.total_time': time('how long windows were closed', (flows) => sum(flows, zeroWindowOf)),
  'exchanges.count': number('requests with their answers', (flows) =>
    sum(flows, ({ budget }) => (budget === null ? 0 : budget.exchanges.length + budget.moreExchanges)),
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
  'budget.network': time('time that the path took', (flows) => sum(flows, timeOf(TimeUse.HANDSHAKE, TimeUse.RECOVERY))),
  'budget.server': time('time that the server took', (flows) =>
    sum(flows, timeOf(TimeUse.SERVER, TimeUse.SERVER + Doing.DELAYED_ACK)),
  ),
  'anomalies.warning': number('findings of severity warning', anomaliesOf('warning')),
  'anomalies.error': number('findings of severity error', anomaliesOf('error')),
  goodput: {
    about: 'data of both ends by sequence numbers, divided by the durations of the connections together',
    dimension: RATE,
    wantsLess: false,
    of: (flows) => {
      const duration = sum(flows, (flow) => flow.duration);
      const bytes = sum(flows, ({ connection: { a, b } }) => a.streamBytes + b.streamBytes);
      return duration === 0 ? null : bytes / duration;
    },
  },
};

type Figures = Readonly<Record<string, number | null>>;

/** Figures to compare with: times in nanoseconds, rates in bytes per nanosecond. */
export interface Baseline {
  readonly all: Figures;
  /** By server, `address:port`: what stays the same from run to run. */
  readonly servers: Readonly<Record<string, Figures>>;
}

/** Servers that a baseline keeps. */
const MAX_SERVERS = 200;

export function baselineOf({ flows }: CaptureState): Baseline {
  const groups = new Map<string, FlowFacts[]>();
  for (const flow of flows) {
    const { name } = flow.connection.server;
    const group = groups.get(name);
    if (group !== undefined) group.push(flow);
    else if (groups.size < MAX_SERVERS) groups.set(name, [flow]);
  }
  const servers = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, group]) => [name, figuresOf(group)]);
  return { all: figuresOf(flows), servers: Object.fromEntries(servers) };
}

/** What `tcpscope baseline save` writes; `schema/baseline.schema.json` describes it. */
export interface BaselineDocument {
  readonly kind: 'tcpscope baseline';
  readonly schemaVersion: 2;
  /** Of each figure; empty for counts and shares. */
  readonly units: Readonly<Record<string, string>>;
  readonly all: Figures;
  readonly servers: Readonly<Record<string, Figures>>;
}

/** The unit in which figures of a dimension are kept. */
function unitOf(dimension: Dimension): string {
  if (isSame(dimension, TIME)) return 'ms';
  if (isSame(dimension, RATE)) return 'bit/s';
  return isSame(dimension, BYTES) ? 'B' : '';
}

/** What one of that unit is in a baseline that was read. */
function factorOf(metric: string): number {
  return quantity(1, unitOf(METRICS[metric].dimension))?.value ?? 1;
}

/** `figures`, each by its own factor. Metrics that are not known here are left out. */
function scaled(figures: Figures, factor: (metric: string) => number): Figures {
  const known = Object.entries(figures).filter(([metric]) => Object.hasOwn(METRICS, metric));
  return Object.fromEntries(
    known.map(([metric, value]) => [metric, value === null ? null : Number((value * factor(metric)).toPrecision(12))]),
  );
}

function eachScaled({ all, servers }: Baseline, factor: (metric: string) => number): Baseline {
  const entries = Object.entries(servers).map(([name, figures]) => [name, scaled(figures, factor)]);
  return { all: scaled(all, factor), servers: Object.fromEntries(entries) };
}

/** The figures of a capture as a document. */
export function baselineDocument(state: CaptureState): BaselineDocument {
  const units = Object.entries(METRICS).map(([metric, { dimension }]) => [metric, unitOf(dimension)]);
  return {
    kind: 'tcpscope baseline',
    schemaVersion: 2,
    units: Object.fromEntries(units),
    ...eachScaled(baselineOf(state), (metric) => 1 / factorOf(metric)),
  };
}

function figuresOf(flows: readonly FlowFacts[]): Figures {
  return Object.fromEntries(Object.entries(METRICS).map(([name, { of }]) => [name, of(flows)]));
}

/** Longer texts are refused: characters, or bytes of a file. */
export const MAX_BASELINE_FILE = 4 << 20;

/** Reads what `tcpscope baseline save` wrote. Throws RulesError. */
export function parseBaseline(text: string, file: string): Baseline {
  const fail = (message: string) => new RulesError([{ location: { file, line: 1, column: 1 }, message }]);
  if (text.length > MAX_BASELINE_FILE) throw fail('the file is longer than 4 MiB');
  let value: Partial<BaselineDocument> | null;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('not JSON');
  }
  if (value?.kind !== 'tcpscope baseline' || typeof value.all !== 'object' || typeof value.servers !== 'object') {
    throw fail('not a baseline: tcpscope baseline save CAPTURE -o FILE writes one');
  }
  if (value.schemaVersion !== 2) {
    throw fail(`a baseline of version ${value.schemaVersion}, expected 2: save it again with tcpscope baseline save`);
  }
  return eachScaled(value as BaselineDocument, factorOf);
}

/** How much worse a metric may become: a share of the baseline, or an amount in the metric's own unit. */
export interface Allowance {
  readonly metric: string;
  readonly text: string;
  readonly share: number;
  readonly amount: number;
  /** Of the amount as it is written; empty for a share. */
  readonly unit: string;
}

/** `rtt.p95=20%`, `retransmissions.count=2`, `handshake.max=5ms`. Throws RulesError. */
export function parseAllowances(texts: readonly string[]): Allowance[] {
  const problems: Problem[] = [];
  const allowances = texts.map((text) => parseAllowance(text, problems));
  if (problems.length > 0) throw new RulesError(problems);
  return allowances.filter((allowance) => allowance !== null);
}

function parseAllowance(text: string, problems: Problem[]): Allowance | null {
  const report = (column: number, message: string) => {
    problems.push({ location: { file: null, line: 1, column }, message });
    return null;
  };
  const equals = text.indexOf('=');
  if (equals < 0) return report(1, `${text}: a regression is METRIC=AMOUNT, such as rtt.p95=20%`);
  const metric = text.slice(0, equals);
  if (!Object.hasOwn(METRICS, metric)) {
    const known = Object.keys(METRICS);
    return report(1, `unknown metric ${metric}${didYouMean(metric, known) || `; metrics are ${known.join(', ')}`}`);
  }
  const value = text.slice(equals + 1).replace(/^\+/, '');
  const found = parseQuantity(value);
  const { dimension } = METRICS[metric];
  const isShare = value.endsWith('%');
  if (found === null || found.value < 0 || (!isShare && !isSame(found.dimension, dimension))) {
    return report(
      equals + 2,
      `${metric}=${value}: expected a share such as 20%, or an amount such as ${quantityText(exampleAmount(dimension), dimension).replace(' ', '')}`,
    );
  }
  return {
    metric,
    text,
    share: isShare ? found.value : 0,
    amount: isShare ? 0 : found.value,
    unit: isShare ? '' : found.unit,
  };
}

function exampleAmount(dimension: Dimension): number {
  return isSame(dimension, TIME) ? 5e6 : isSame(dimension, RATE) ? 1e-3 : 5;
}

/** Compares a capture with a baseline: one result for each allowance, a case for each group that became worse. */
export function compareWithBaseline(
  state: CaptureState,
  baseline: Baseline,
  allowances: readonly Allowance[],
  file: string,
): AssertionResult[] {
  const now = baselineOf(state);
  return allowances.map((allowance) => {
    const groups: [name: string | null, before: Figures, after: Figures][] = [[null, baseline.all, now.all]];
    for (const [name, before] of Object.entries(baseline.servers)) {
      if (Object.hasOwn(now.servers, name)) groups.push([name, before, now.servers[name]]);
    }
    const cases = groups
      .map(([name, before, after]) => compare(allowance, name, before, after, state))
      .filter((item) => item !== null);
    const head = {
      rule: 'baseline',
      assertion: `max regression ${allowance.text}`,
      location: { file, line: 1, column: 1 },
    };
    return resultOf(head, groups.length, cases);
  });
}

/** How much there was to do, which says nothing about how well it went. */
const AMOUNTS = ['connections', 'packets', 'payload_bytes', 'exchanges.count'];

/** A figure as it was and as it is. */
export interface Change {
  readonly metric: string;
  readonly was: string;
  readonly is: string;
  /** The difference as a share of what it was; null where that is nothing, or is not known. */
  readonly share: number | null;
  /** Of what was asked for there is no better and no worse: `other`. */
  readonly judgement: 'better' | 'worse' | 'same' | 'other' | 'unknown';
}

/** Figures of all connections (`server` null) and of each server that both sides have. */
export interface ChangesOf {
  readonly server: string | null;
  readonly changes: readonly Change[];
}

export interface Comparison {
  readonly groups: readonly ChangesOf[];
  /** Servers of one side only. */
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

/** Everything that is known on either side, without judging how much is too much. */
export function changesSince(state: CaptureState, baseline: Baseline): Comparison {
  const now = baselineOf(state);
  const names = Object.keys(baseline.servers);
  const both = names.filter((name) => Object.hasOwn(now.servers, name));
  return {
    groups: [
      { server: null, changes: changesOf(baseline.all, now.all) },
      ...both.map((server) => ({ server, changes: changesOf(baseline.servers[server], now.servers[server]) })),
    ],
    gone: names.filter((name) => !both.includes(name)),
    come: Object.keys(now.servers).filter((name) => !both.includes(name)),
  };
}

function changesOf(before: Figures, after: Figures): Change[] {
  return Object.entries(METRICS).flatMap(([metric, { dimension, wantsLess }]) => {
    const [was, is] = [before[metric] ?? null, after[metric] ?? null];
    if ((was ?? 0) === 0 && (is ?? 0) === 0) return [];
    const text = (value: number | null) => (value === null ? 'none' : quantityText(value, dimension));
    const isKnown = was !== null && is !== null;
    const isBetter = isKnown && is < was === wantsLess;
    const verdict = AMOUNTS.includes(metric) ? 'other' : isBetter ? 'better' : 'worse';
    const judgement = !isKnown ? 'unknown' : was === is ? 'same' : verdict;
    return [{ metric, was: text(was), is: text(is), share: isKnown && was !== 0 ? (is - was) / was : null, judgement }];
  });
}

function compare(
  { metric, share, amount, unit }: Allowance,
  server: string | null,
  before: Figures,
  after: Figures,
  state: CaptureState,
): Case | null {
  const { dimension, wantsLess } = METRICS[metric];
  const [was, is] = [before[metric] ?? null, after[metric] ?? null];
  const place = { stream: null, flow: server };
  const text = (value: number | null) => (value === null ? 'none' : quantityText(value, dimension, unit));
  const name = server === null ? metric : `${metric} of ${server}`;
  const room = amount + share * Math.abs(was ?? 0);
  const limit = was === null ? null : wantsLess ? was + room : was - room;
  const wanted = limit === null ? null : `${wantsLess ? '<=' : '>='} ${text(limit)}`;
  const found = [{ text: name, value: `${text(is)}, it was ${text(was)}`, wanted, examples: [], packets: [] }];
  const inconclusive = (reason: string): Case => ({ ...place, outcome: 'inconclusive', reason, found, packets: [] });
  if (is === null || limit === null) return was === is ? null : inconclusive(`${metric} is not known on both sides`);
  const isWorse = wantsLess ? is > limit : is < limit;
  if (isWorse) return { ...place, outcome: 'fail', reason: null, found, packets: [] };
  const reason = state.missing ?? doubtOf(metric, server, state);
  return reason === null ? null : inconclusive(reason);
}

/** Why a metric may be worse than the capture shows; null when it is not. */
function doubtOf(metric: string, server: string | null, { flows }: CaptureState): string | null {
  const name = metric.split('.')[0];
  for (const flow of flows) {
    if (server !== null && flow.connection.server.name !== server) continue;
    if (flow.missing !== null) return flow.missing;
    if (name === 'rtt') {
      const short = shortRoundTrips(flow);
      if (short !== null) return short.reason;
    } else if (name === 'retransmissions' || name === 'lost' || name === 'undelivered') {
      for (const side of [flow.a, flow.b]) {
        const { most, reason } = doubtOfGroup(name, side);
        if (most > 0) return reason;
      }
    }
  }
  return null;
}
