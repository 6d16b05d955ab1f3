import { type Baseline, baselineOf, type Figures } from './baseline.ts';
import type { CaptureState } from './facts/capture-state.ts';
import { quantityText } from './language/dimension.ts';
import { METRICS } from './metrics.ts';

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
interface ChangesOf {
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
