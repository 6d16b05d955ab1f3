import { type CongestionOverstep, Overstep } from '../model/congestion.ts';

const CITES = {
  [Overstep.INITIAL_WINDOW]: 'RFC 6928 2',
  [Overstep.ABOVE_WINDOW]: 'RFC 5681 3.1',
  [Overstep.GROWTH]: 'RFC 5681 3.1',
  [Overstep.NO_REDUCTION]: 'RFC 5681 3.2',
} as const;

/** The section that forbids it. */
export function overstepCite(rule: number): string {
  return CITES[rule as keyof typeof CITES];
}

/** One sentence about a violation, with its figures. */
export function overstepText({ rule, inFlight, allowed }: CongestionOverstep): string {
  const segments = (count: number) => `${Math.round(count)} segments`;
  switch (rule) {
    case Overstep.INITIAL_WINDOW:
      return `${segments(inFlight)} were sent before the first acknowledgement, where ${segments(allowed)} are allowed`;
    case Overstep.GROWTH:
      return `the flight grew to ${segments(inFlight)}, where slow start allows ${segments(allowed)}`;
    case Overstep.NO_REDUCTION:
      return `${segments(inFlight)} were in flight again within a round trip behind a loss, where ${segments(allowed)} are allowed`;
    default:
      return `${segments(inFlight)} were in flight, where a congestion window of ${segments(allowed)} explains the rest`;
  }
}
