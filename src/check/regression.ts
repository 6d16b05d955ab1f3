import { didYouMean } from '../model/suggest.ts';
import { type Baseline, baselineOf, type Figures, isTimed } from './baseline.ts';
import type { CaptureState } from './facts/capture-state.ts';
import { doubtOf as doubtOfGroup } from './facts/group-doubts.ts';
import { shortRoundTrips } from './facts/place.ts';
import { type Dimension, isSame, parseQuantity, quantityText, RATE, TIME } from './language/dimension.ts';
import { METRICS } from './metrics.ts';
import { type AssertionResult, type Case, Cases, resultOf } from './outcome.ts';
import { type Problem, RulesError } from './rules/error.ts';

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
    return resultOf(head, groups.length, Cases.of(cases));
  });
}

function compare(
  { metric, share, amount, unit }: Allowance,
  server: string | null,
  before: Figures,
  after: Figures,
  state: CaptureState,
): Case | null {
  const { dimension, wantsLess, addsUp } = METRICS[metric];
  const [was, is] = [before[metric] ?? null, after[metric] ?? null];
  const place = { stream: null, flow: server };
  const text = (value: number | null) => (value === null ? 'none' : quantityText(value, dimension, unit));
  const name = server === null ? metric : `${metric} of ${server}`;
  const room = amount + share * Math.abs(was ?? 0);
  const limit = was === null ? null : wantsLess ? was + room : was - room;
  const wanted = limit === null ? null : `${wantsLess ? '<=' : '>='} ${text(limit)}`;
  const found = [{ text: name, value: `${text(is)}, it was ${text(was)}`, wanted, examples: [], packets: [] }];
  const inconclusive = (reason: string): Case => ({ ...place, outcome: 'inconclusive', reason, found, packets: [] });
  const { unkept, noClock } = state;
  // Only a sum is no less for those that left.
  if (unkept !== null && !addsUp) return inconclusive(unkept);
  if (noClock !== null && isTimed(dimension)) return inconclusive(noClock);
  if (is === null || limit === null) return was === is ? null : inconclusive(`${metric} is not known on both sides`);
  const isWorse = wantsLess ? is > limit : is < limit;
  if (isWorse) return { ...place, outcome: 'fail', reason: null, found, packets: [] };
  const reason = state.missing ?? unkept ?? doubtOf(metric, server, state);
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
