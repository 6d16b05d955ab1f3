import { roundTrip } from '../model/capture-position.ts';
import { Ca } from '../model/outbound.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Kind } from '../model/verdict.ts';
import type { LoneSegment, Outbound } from './outbound.ts';

/** After the repair two segments of new data are tried (RFC 5682 section 2.1, step 2b): of these one may be lost before the other. */
const NEW_AFTER_TIMEOUT = 1;

/**
 * One segment alone after a long silence, and a round trip later bytes far beyond it: the sender had sent what lies between,
 * timed out, sent the first of it again and tried new data (F-RTO, RFC 5682 section 2.1). None of that passed the capture.
 */
export function recogniseTimeout(t: TrackedSegment, view: SegmentView, outbound: Outbound): void {
  const { lone, ca, scoreboard } = outbound;
  if (lone === null || lone.end !== t.previousSndNxt || view.time - lone.time < 0.5 * roundTrip(t.sender)) return;
  if (missedSince(lone, view, outbound) > NEW_AFTER_TIMEOUT) return;
  ca.state = Ca.LOSS;
  ca.recoveryPoint = t.seq;
  ca.timeouts = 0;
  const { verdict } = lone;
  scoreboard.tallied.repeats(lone.payload);
  if (verdict === null) return;
  verdict.kind = Kind.RETRANSMISSION;
  verdict.cause = Cause.RTO;
  verdict.confidence = 0.8;
  verdict.evidence = [view.frame];
}

/** How many packets the sender sent since that did not pass the capture, by its IP IDs; 0 where they do not count, or fall. */
function missedSince(lone: LoneSegment, view: SegmentView, { clocks, order }: Outbound): number {
  if (view.ipVersion !== 4 || clocks.idRises <= 8 * clocks.idBreaks) return 0;
  const rise = ((view.ipId - lone.ipId) << 16) >> 16;
  return rise > 0 ? rise - (order - lone.order) : 0;
}
