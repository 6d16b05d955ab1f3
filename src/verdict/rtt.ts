import type { Flight } from '../model/flight.ts';

/** RFC 6298 section 2 with the constants of common stacks: K = 4, alpha = 1/8, beta = 1/4, no clock granularity term. */
const MIN_RTO = 200e6;
const MAX_RTO = 120e9;

/** Takes one RTT sample (nanoseconds) into SRTT, RTTVAR and RTO. */
export function takeRttSample(flight: Flight, sample: number): void {
  flight.sample = sample;
  flight.samples++;
  if (flight.minRtt < 0 || sample < flight.minRtt) flight.minRtt = sample;
  if (flight.srtt < 0) {
    flight.srtt = sample;
    flight.rttvar = sample / 2;
  } else {
    flight.rttvar += (Math.abs(flight.srtt - sample) - flight.rttvar) / 4;
    flight.srtt += (sample - flight.srtt) / 8;
  }
  // RFC 6298 (2.4) wants at least 1 s; every common stack uses less, and the figure is to predict what the sender does.
  flight.rto = Math.min(Math.max(flight.srtt + Math.max(4 * flight.rttvar, MIN_RTO), MIN_RTO), MAX_RTO);
}
