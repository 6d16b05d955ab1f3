import type { TimeOrigin } from '../capture/time.ts';
import { type CompiledFilter, compileFilter } from '../filter/compile.ts';
import { UsageError } from '../model/errors.ts';
import type { SegmentView } from '../model/segment.ts';
import { type MomentChoice, resolveEarly } from './moment.ts';

type Filter = (view: SegmentView) => boolean;

/** A filter in words and times, as another thread can have it. */
export interface FilterWords {
  readonly expression: string | undefined;
  readonly window: TimeWindow | undefined;
}

/** The part of a capture that `--since` and `--until` leave, both ends included. */
export interface TimeWindow {
  readonly since?: MomentChoice | undefined;
  readonly until?: MomentChoice | undefined;
}

/** A filter that can tell only when the first packet of the capture is known: `startFilter` gives the one to ask. */
interface TimedFilter extends Filter {
  readonly window: TimeWindow;
  readonly others: Filter | undefined;
}

/** The packets within the window that `others` accepts too. */
export function timedFilter(window: TimeWindow, others: Filter | undefined): Filter {
  const unstarted = () => {
    throw new TypeError('the filter was not started');
  };
  return Object.assign(unstarted, { window, others }) satisfies TimedFilter;
}

/** Whether `--since` or `--until` has a part in it. */
export function isTimed(filter: Filter | undefined): filter is TimedFilter {
  return filter !== undefined && 'window' in filter;
}

/** The filter for captures that begin at `origin`, which is known when the first packet comes. */
export function startFilter(filter: Filter | undefined, origin: TimeOrigin): Filter | undefined {
  if (!isTimed(filter)) return filter;
  const { window, others } = filter;
  let bounds: { from: number; to: number } | null = null;
  return (view) => {
    bounds ??= boundsOf(window, origin.base);
    return view.time >= bounds.from && view.time <= bounds.to && (others === undefined || others(view));
  };
}

/** What a filter of the command line asks. */
export function wordsOf(filter: Filter | undefined): FilterWords | undefined {
  if (filter === undefined) return undefined;
  const others = untimed(filter) as CompiledFilter | undefined;
  return { expression: others?.expression, window: isTimed(filter) ? filter.window : undefined };
}

/** The filter that asks that. */
export function filterOf({ expression, window }: FilterWords): Filter | undefined {
  const others = expression === undefined ? undefined : compileFilter(expression);
  return window === undefined ? others : timedFilter(window, others);
}

/** What else a filter asks than the time. */
export function untimed(filter: Filter | undefined): Filter | undefined {
  return isTimed(filter) ? filter.others : filter;
}

/** Whether a packet is within `--since` and `--until`, of captures that begin at `origin`; all are without these. */
export function startWindow(filter: Filter | undefined, origin: TimeOrigin): Filter {
  if (!isTimed(filter)) return () => true;
  return startFilter(timedFilter(filter.window, undefined), origin)!;
}

function boundsOf({ since, until }: TimeWindow, origin: bigint): { from: number; to: number } {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : resolveEarly(since, origin);
  const to = endOf(from, until, (moment) => resolveEarly(moment, origin));
  if (from > to) throw new UsageError('--since is after --until: there is nothing between them');
  return { from, to };
}

/** The end of a time window that begins at `from`; `+10s` counts from there, where it has a beginning. */
export function endOf(
  from: number,
  until: MomentChoice | undefined,
  resolve: (moment: MomentChoice) => number,
): number {
  if (until === undefined) return Number.POSITIVE_INFINITY;
  const end = resolve(until);
  return until.isAdded && Number.isFinite(from) ? from + end : end;
}
