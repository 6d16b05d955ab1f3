/** What two vantages tell of which of them the client's packets pass first. */
export interface PairOrder {
  readonly a: number;
  readonly b: number;
  /**
   * Mean fall of the TTL from `a` to `b` in the client's packets, and from `b` to `a` in the server's: each router takes one.
   * NaN without packets in both.
   */
  readonly fallForward: number;
  readonly fallBackward: number;
  /** By the delays: +1 `a` first, -1 `b` first, 0 not told. */
  readonly byDelay: -1 | 0 | 1;
}

/** +1 where the client's packets pass `a` first, -1 where they pass `b` first, 0 where nothing tells. */
export function orderOf({ fallForward, fallBackward, byDelay }: PairOrder): -1 | 0 | 1 {
  // A device may set the TTL anew: it counts where the directions do not contradict each other.
  const falls = [fallForward, fallBackward].filter((fall) => !Number.isNaN(fall) && fall !== 0);
  if (falls.length > 0 && falls.every((fall) => fall > 0)) return 1;
  if (falls.length > 0 && falls.every((fall) => fall < 0)) return -1;
  return byDelay;
}

/** The vantages from the client to the server; those of which nothing is told keep the order in which they were given. */
export function pathOrder(vantages: number, pairs: readonly PairOrder[]): number[] {
  const ahead = new Array<number>(vantages).fill(0);
  for (const pair of pairs) {
    const order = orderOf(pair);
    ahead[pair.a] -= order;
    ahead[pair.b] += order;
  }
  return ahead.map((_, vantage) => vantage).sort((x, y) => ahead[x] - ahead[y] || x - y);
}
