import type { Growth, Range, Reduction, Signature } from './signatures.ts';

/** The uncertainty of a window on the wire: this many segments, and this share of it. */
const ROUNDING = 0.75;
const BLUR = 0.02;
/** The uncertainty of the growth of a window: this many segments, and this share of the growth. */
const GROWTH_ROUNDING = 1;
const GROWTH_BLUR = 0.1;
/** Fewer rounds, or segments, of growth tell nothing. */
const LEAST_ROUNDS = 3;
const LEAST_GROWTH = 3;
/** A window is known too vaguely to tell by how much it was reduced, when its bounds are further apart than this share of it. */
export const VAGUE = 0.25;
/** The most that one observation counts, as a squared distance: three times the uncertainty. */
const WORST = 9;
/** A flight that does not show the window still agrees with a prediction, when it reaches this share of it and does not exceed it. */
const REACHED = 0.9;

/** How far the window is from the nearest prediction, in units of the uncertainty. Infinite where the signature predicts nothing. */
export function nearest(reduction: Reduction, signature: Signature): number {
  const { beforeHigh, afterLow, afterHigh } = reduction;
  const unit = ROUNDING + BLUR * beforeHigh;
  let distance = Number.POSITIVE_INFINITY;
  for (const range of signature.reduced(reduction))
    distance = Math.min(distance, gap(afterLow, afterHigh, range) / unit);
  return distance;
}

/** The square of `nearest`. NaN where it tells nothing: nothing was predicted, or the window is so vague that it fits any prediction. */
export function reductionDistance(reduction: Reduction, signature: Signature): number {
  const distance = nearest(reduction, signature);
  if (distance === Number.POSITIVE_INFINITY || (distance === 0 && !wouldTell(reduction, signature))) return Number.NaN;
  return Math.min(distance ** 2, WORST);
}

function wouldTell(reduction: Reduction, signature: Signature): boolean {
  const { beforeLow, beforeHigh, afterLow, afterHigh } = reduction;
  const most = VAGUE * beforeHigh;
  if (beforeHigh - beforeLow > most) return false;
  if (afterHigh < Number.POSITIVE_INFINITY) return afterHigh - afterLow <= most;
  return signature.reduced(reduction).some(({ least }) => afterLow >= REACHED * least);
}

/** Squared distance of the growth from what was predicted, in units of the uncertainty; NaN where it tells nothing. */
export function growthDistance(growth: Growth, signature: Signature): number {
  const grown = growth.to - growth.from;
  if (growth.rounds < LEAST_ROUNDS || Math.max(growth.bySegments, grown) < LEAST_GROWTH) return Number.NaN;
  const range = signature.grown(growth);
  if (range === null) return Number.NaN;
  const unit = GROWTH_ROUNDING + GROWTH_BLUR * Math.abs(grown < range.least ? range.least : range.most);
  return Math.min((gap(grown, grown, range) / unit) ** 2, WORST);
}

/** How far what was seen, between `low` and `high`, is from what was predicted; 0 when they meet. */
function gap(low: number, high: number, { least, most }: Range): number {
  return Math.max(least - high, low - most, 0);
}
