import type { ClocksView } from './outbound.ts';
import { Option, type SegmentView } from './segment.ts';

/*
 * A sender's IP IDs and timestamps order its packets by the time of sending, whatever order they are seen in.
 */

/** How far apart IP IDs may lie to be compared. */
const ID_RANGE = 4096;
/** By how much an IP ID rises from one packet of a connection to the next at most, where the sender counts. */
export const ID_STEP = 128;

/** Was it sent before `other` (before the latest segment, without one)? 1 yes, -1 no, 0 unknown. */
export function sentEarlier(
  view: SegmentView,
  other: { tsVal: number; ipId: number } | null,
  clocks: ClocksView,
): number {
  const ts = other === null ? clocks.maxTsVal : other.tsVal;
  // Timestamps never go back (RFC 7323 section 5.3); IP IDs are shared with other connections, and wrap.
  if (view.options & Option.TIMESTAMPS && ts >= 0) {
    const d = (view.tsVal - ts) | 0;
    if (d !== 0) return d < 0 ? 1 : -1;
  }
  const id = other === null ? clocks.maxIpId : other.ipId;
  if (view.ipVersion === 4 && id >= 0 && clocks.idRises > 8 * clocks.idBreaks) {
    const d = ((view.ipId - id) << 16) >> 16;
    // One that lies so close below is no chance, even of a sender of which little was seen.
    const isClose = d < 0 && d >= -ID_STEP;
    if (d !== 0 && Math.abs(d) < ID_RANGE && (isClose || clocks.idRises >= 3)) return d < 0 ? 1 : -1;
  }
  return other === null ? -1 : 0;
}
