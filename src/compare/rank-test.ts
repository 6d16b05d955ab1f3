/** Two samples, compared by the ranks of their values: nothing is assumed of how these are distributed. */
export interface RankTest {
  /** Two-sided probability of ranks so unequal if both samples came of the same distribution. */
  p: number;
  /** The least that `p` can be with so many values: where it is above the level, nothing can be told. */
  leastP: number;
  /**
   * Cliff's delta: how much more often a value of the second sample is larger than one of the first than the other way round,
   * from -1 to 1.
   */
  effect: number;
  /** Hodges and Lehmann's shift: the median of all differences, a value of the second sample minus one of the first. */
  shift: number;
}

/** Up to so many values in both samples together, and without ties, the distribution is counted out. */
const EXACT = 40;
/** Values of a sample that the shift is told from: more are thinned out evenly. */
const MAX_PAIRED = 1000;

/** The test of Mann and Whitney (1947): exact for small samples without ties, else by the normal approximation with ties. */
export function rankTest(first: readonly number[], second: readonly number[]): RankTest {
  const n = first.length;
  const m = second.length;
  if (n === 0 || m === 0) return { p: 1, leastP: 1, effect: 0, shift: 0 };
  const all = [...first.map((value) => ({ value, own: 0 })), ...second.map((value) => ({ value, own: 1 }))];
  all.sort((x, y) => x.value - y.value);
  let ranks = 0;
  let ties = 0;
  for (let i = 0; i < all.length; ) {
    let end = i + 1;
    while (end < all.length && all[end].value === all[i].value) end++;
    const rank = (i + 1 + end) / 2;
    for (let j = i; j < end; j++) if (all[j].own === 1) ranks += rank;
    ties += (end - i) ** 3 - (end - i);
    i = end;
  }
  // How many pairs have the larger value in the second sample; ties count by half.
  const u = ranks - (m * (m + 1)) / 2;
  const isExact = ties === 0 && n + m <= EXACT;
  return {
    p: isExact ? exactP(n, m, u) : normalP(n, m, u, ties),
    leastP: Math.min(1, 2 / binomial(n + m, n)),
    effect: (2 * u) / (n * m) - 1,
    shift: shiftOf(first, second),
  };
}

/** Counts the ways in which ranks can fall: `ways[u]` of them lead to u. */
function exactP(n: number, m: number, u: number): number {
  let ways: number[][] = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i++) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= m; j++) {
      // The largest value is of the first sample (it adds nothing), or of the second (it is larger than all i of the first).
      const counts = new Array<number>(i * j + 1).fill(0);
      ways[j].forEach((count, k) => {
        counts[k] += count;
      });
      next[j - 1].forEach((count, k) => {
        counts[k + i] += count;
      });
      next.push(counts);
    }
    ways = next;
  }
  const counts = ways[m];
  const total = counts.reduce((sum, count) => sum + count, 0);
  const tail = Math.min(u, n * m - u);
  let sum = 0;
  for (let k = 0; k <= tail; k++) sum += counts[k];
  return Math.min(1, (2 * sum) / total);
}

function normalP(n: number, m: number, u: number, ties: number): number {
  const all = n + m;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  if (!(variance > 0)) return 1;
  // Half a step towards the mean: U is a whole number, the normal distribution is not.
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt(variance);
  return z === 0 ? 1 : upperTail(z);
}

/** Probability that a normal value is farther from its mean than z deviations (Abramowitz and Stegun 7.1.26, error below 2e-7). */
function upperTail(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return series * Math.exp(-x * x);
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) value *= (n - i + 1) / i;
  return value;
}

function shiftOf(first: readonly number[], second: readonly number[]): number {
  const a = thinned(first);
  const b = thinned(second);
  const differences = new Float64Array(a.length * b.length);
  let at = 0;
  for (const x of a) for (const y of b) differences[at++] = y - x;
  differences.sort();
  const middle = differences.length >> 1;
  return differences.length % 2 === 1 ? differences[middle] : (differences[middle - 1] + differences[middle]) / 2;
}

function thinned(values: readonly number[]): readonly number[] {
  if (values.length <= MAX_PAIRED) return values;
  const sorted = [...values].sort((x, y) => x - y);
  return Array.from({ length: MAX_PAIRED }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / MAX_PAIRED)]);
}

/** Holm's adjustment (1979): the probabilities of several tests, so that one of them being chance is as unlikely as for one. */
export function adjusted(probabilities: readonly number[]): number[] {
  const order = probabilities.map((_, i) => i).sort((x, y) => probabilities[x] - probabilities[y]);
  const result = new Array<number>(probabilities.length).fill(1);
  let most = 0;
  order.forEach((i, rank) => {
    most = Math.max(most, Math.min(1, probabilities[i] * (probabilities.length - rank)));
    result[i] = most;
  });
  return result;
}
