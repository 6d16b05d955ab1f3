import { OVERLAP_POLICIES, type OverlapPolicy } from '../model/stream.ts';

/** The place of a segment's bytes: `[start, end)`. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * Does `later` take the place of `earlier` where both hold bytes that wait for a hole to be filled? By the extents of the
 * two segments as they came; Novak and Sturges, "Target-Based TCP Stream Reassembly" (2007), as Suricata applies it.
 */
export function laterWins(policy: OverlapPolicy, later: Extent, earlier: Extent): boolean {
  switch (policy) {
    case 'first':
      return false;
    case 'last':
      return true;
    case 'bsd':
    case 'windows':
      return later.start < earlier.start;
    case 'linux':
      // Covering from the same start on is enough; an exact copy is not.
      return later.start < earlier.start || (later.start === earlier.start && later.end > earlier.end);
    case 'solaris':
      return later.end > earlier.end || (later.end === earlier.end && later.start <= earlier.start);
  }
}

/** Whose bytes each policy takes. */
export function picks(later: Extent, earlier: Extent): Record<OverlapPolicy, 'earlier' | 'later'> {
  const result = {} as Record<OverlapPolicy, 'earlier' | 'later'>;
  for (const policy of OVERLAP_POLICIES) result[policy] = laterWins(policy, later, earlier) ? 'later' : 'earlier';
  return result;
}
