import { trusted } from '../model/capture-position.ts';
import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import type { RttView } from '../model/outbound.ts';
import { RoundTrips } from '../model/round-trips.ts';

/** RFC 6298 section 2: K = 4, alpha = 1/8, beta = 1/4, no clock granularity term; bounds of common stacks (ns). */
const MIN_RTO = 200e6;
const MAX_RTO = 120e9;

/** The round-trip time of one sender's segments as RFC 6298 estimates it. Which samples count (Karn) is the caller's to say. */
export class RttEstimator implements RttView, DoubleFields {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;
  declare sample: number;
  declare srtt: number;
  declare rttvar: number;
  declare rto: number;
  declare min: number;
  samples = 0;
  /** Packets before this frame give no sample: the clock of the capture was set back there. */
  soundFrom = 0;
  roundTrips: RoundTrips | null = null;

  /** See `trusted`. */
  get trusted(): number {
    return trusted(this);
  }

  /** Something was answered after `time` (ns), which is no sample: it was sent more than once. */
  noteAnswer(time: number): void {
    if (this.min >= 0 && time < this.min) this.min = time;
  }

  /** Takes one sample (ns); `isKept` for the distribution. */
  take(sample: number, isKept: boolean): void {
    if (isKept) {
      this.roundTrips ??= new RoundTrips();
      this.roundTrips.add(sample);
    }
    this.sample = sample;
    this.samples++;
    if (this.min < 0 || sample < this.min) this.min = sample;
    if (this.srtt < 0) {
      this.srtt = sample;
      this.rttvar = sample / 2;
    } else {
      this.rttvar += (Math.abs(this.srtt - sample) - this.rttvar) / 4;
      this.srtt += (sample - this.srtt) / 8;
    }
    // RFC 6298 (2.4) wants at least 1 s; every common stack uses less, and the figure is to predict what the sender does.
    this.rto = Math.min(this.srtt + Math.max(4 * this.rttvar, MIN_RTO), MAX_RTO);
  }
}

const DOUBLES = defineDoubles(
  RttEstimator.prototype,
  { sample: -1, srtt: -1, rttvar: -1, rto: 1e9, min: -1 },
  (place) => ({
    get(): number {
      return this.slab[this.row + place];
    },
    set(value: number): void {
      this.slab[this.row + place] = value;
    },
  }),
);
