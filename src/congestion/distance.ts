import type { Growth, Range, Reduction, Signature } from './signatures.ts';

/** The uncertainty of a window on the wire: this many segments, and this share of it. */
const ROUNDING = 0.75;
const BLUR = 0.02;
/** The same of a growth. */
const GROWTH_ROUNDING = 1;
const GROWTH_BLUR = 0.1;
/** Fewer rounds, or segments, of growth tell nothing. */
const LEAST_ROUNDS = 3;
const LEAST_GROWTH = 3;
/** A window that is known less exactly than to this share tells nothing of what it is reduced to. */
export const VAGUE = 0.25;
/** Largest squared distance that one observation counts: three times the uncertainty, squared. */
const WORST = 9;
/** A flight that comes up to this share of what was predicted, and not beyond it, agrees although it did not show the window. */
const REACHED = 0.9;

/** How far the window is from what was predicted, in units of the uncertainty; infinite where nothing was. */
export function nearest(reduction: Reduction, signature: Signature): number {
  const { beforeHigh, afterLow, afterHigh } = reduction;
  const unit = ROUNDING + BLUR * beforeHigh;
  let distance = Number.POSITIVE_INFINITY;
  for (const range of signature.reduced(reduction))
    distance = Math.min(distance, gap(afterLow, afterHigh, range) / unit);
  return distance;
}

/** The same squared; NaN where it tells nothing: what would fit anything is no evidence. */
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
