import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';

/** Ticks that both ends' clocks have to show before their rate says anything. */
const ENOUGH_TICKS = 1000;
/** A tick of TCP timestamps takes a millisecond or more (RFC 7323 section 5.4): four times as many in a second (1/s) come of no host. */
const TOO_FAST = 4000;
/** Kernels that count microseconds show so many (1/s), and fewer where their last words have none. */
const MICROSECONDS: readonly [number, number] = [100_000, 1_200_000];

/** Connections whose timestamps measure the clock of the capture, and those of them that find it too slow, as plain data. */
export interface StampRates {
  measured: number;
  tooFast: number;
}

/** Adds what this connection shows. */
export function addStampRates(rates: StampRates, { a, b, latestTime }: Connection): void {
  const one = ticksPerSecond(a, latestTime);
  const other = ticksPerSecond(b, latestTime);
  if (one === null || other === null) return;
  rates.measured++;
  if (isTooFast(one) && isTooFast(other)) rates.tooFast++;
}

/** At the least, up to `latest` (ns); null where too little was seen. A reset needs no timestamps, however late it comes. */
function ticksPerSecond({ outbound, rstFrame }: Endpoint, latest: number): number | null {
  if (outbound === null || rstFrame > 0) return null;
  const { firstTsVal, maxTsVal, firstTsTime } = outbound.clocks;
  const ticks = (maxTsVal - firstTsVal) | 0;
  if (maxTsVal < 0 || firstTsVal < 0 || ticks < ENOUGH_TICKS || latest <= firstTsTime) return null;
  return (ticks * 1e9) / (latest - firstTsTime);
}

function isTooFast(rate: number): boolean {
  const [low, high] = MICROSECONDS;
  return rate > TOO_FAST && (rate < low || rate > high);
}
