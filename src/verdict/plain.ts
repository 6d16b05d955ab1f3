import type { Endpoint } from '../model/endpoint.ts';
import { ACK, PSH } from '../model/flags.ts';
import { ChecksumStatus, Option, type SegmentView } from '../model/segment.ts';
import { Basis, State } from '../model/state.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Outbound } from './outbound.ts';
import { SHORTEST_RTO } from './timer.ts';

/*
 * Which segments are plain. All rules hold for them as for others, but most rules have nothing to say of them: every stage may leave
 * out what it would look for in vain. Which stage that is, and what it leaves out, stands beside its general way.
 */

/**
 * The next segment of a sender on a connection where nothing is in question. It begins at SND.NXT. Its ACK is not below an earlier one,
 * and acknowledges nothing that was not seen (SND.UNA =< SEG.ACK =< SND.NXT, RFC 9293 section 3.10.7.4). It brings data or acknowledges
 * some. Its header has no control bit but ACK and PSH, no option but a timestamp that is not older than the latest (RFC 7323 section 5),
 * no wrong checksum, and an open window. Its time does not go back, nor does its data follow a silence as long as a timeout.
 */
export function isPlain(t: TrackedSegment, view: SegmentView): boolean {
  const { sender, receiver } = t;
  if ((view.flags & ~PSH) !== ACK || (view.options & ~Option.TIMESTAMPS) !== 0) return false;
  if (t.seq !== t.previousSndNxt || t.ack < sender.lastAck || t.ack > receiver.sndNxt) return false;
  if ((view.payloadLength === 0 && t.ack === sender.lastAck) || sender.rawWindow <= 0) return false;
  if (view.rawWindow === 0 || view.urgentPointer !== 0 || view.tcpChecksumStatus === ChecksumStatus.BAD) return false;
  const { outbound } = sender;
  const { outbound: heard } = receiver;
  if (!(outbound instanceof Outbound) || !(heard instanceof Outbound)) return false;
  if (!(outbound.isCalm || becomesCalm(outbound, sender)) || !(heard.isCalm || becomesCalm(heard, receiver)))
    return false;
  if (view.time < outbound.lastSentTime || view.time < heard.lastSentTime) return false;
  return isInTime(view, outbound) && (view.payloadLength === 0 || view.time - outbound.lastDataTime <= SHORTEST_RTO);
}

/** It has a timestamp that does not go back, or none and its sender never had one. */
function isInTime(view: SegmentView, { clocks, acceptance }: Outbound): boolean {
  if (!(view.options & Option.TIMESTAMPS)) return acceptance.stamped === 0;
  const latest = clocks.maxTsVal;
  return latest >= 0 && ((view.tsVal - latest) | 0) >= 0;
}

/**
 * Nothing is in question of what `endpoint` sent: it is ESTABLISHED, and no loss is being repaired, no hole of the capture known, no
 * window closed, no segment put aside. Plain segments leave that as it is, so it is asked again only after another one.
 */
function becomesCalm(outbound: Outbound, endpoint: Endpoint): boolean {
  outbound.isCalm = isCalm(outbound, endpoint);
  return outbound.isCalm;
}

export function isCalm(outbound: Outbound, endpoint: Endpoint): boolean {
  const { feedback } = outbound;
  return (
    endpoint.state === State.ESTABLISHED &&
    endpoint.unansweredKind === 0 &&
    (endpoint.basis === Basis.CONFIRMED || endpoint.changeCount === 0) &&
    endpoint.rstFrame === 0 &&
    endpoint.finEnd < 0 &&
    endpoint.sndUna >= 0 &&
    !outbound.isRecovering &&
    !outbound.hasHoles &&
    outbound.lone === null &&
    outbound.aside === null &&
    // An ACK may stop at what was reported (RFC 2018 section 8).
    outbound.scoreboard.highSacked <= endpoint.sndUna &&
    outbound.probeByte < 0 &&
    outbound.acceptance.unstamped === 0 &&
    !feedback.zeroWindow &&
    feedback.dupAcks === 0 &&
    feedback.reportTsVal < 0 &&
    (feedback.toldTo !== Number.POSITIVE_INFINITY || outbound.clocks.maxTsVal < 0)
  );
}
