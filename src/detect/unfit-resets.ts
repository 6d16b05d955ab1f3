import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { State } from '../model/state.ts';
import { LARGEST_WINDOW } from '../model/tcp-constants.ts';
import { Reset } from '../model/transition.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Inspection } from './inspection.ts';
import { rfc } from './rfc.ts';
import { foreignTtl, ttlOf } from './ttl.ts';

/*
 * Resets that their receiver does not take, by their numbers (RFC 9293 section 3.10.7.3, RFC 5961 section 3.2): somebody guesses them, or
 * their sender is at another place than the capture shows.
 */

/** Tells of a reset that was not accepted, unless its sender may have sent it. */
export function tellUnfit(segment: Inspection, findings: Collector): void {
  if (mayBeOwn(segment)) return;
  if (segment.receiver.state === State.SYN_SENT) tellOfAttempt(segment, findings);
  else tellOfConnection(segment, findings);
}

function mayBeOwn({ connection, sender, receiver, t }: Inspection): boolean {
  // An end that is gone answers everything with a reset.
  if (sender.rstFrame > 0 || sender.state === State.CLOSED || receiver.state === State.CLOSED) return true;
  // So does one that has closed, with the number that an older segment acknowledged (RFC 9293 section 3.5.2).
  if (sender.finEnd >= 0 && t.seq <= sender.sndNxt) return true;
  // A number of its own stream is known to it: a late answer to an older segment, or its own reset before what was lost has come again.
  if (t.seq >= 1 && t.seq <= sender.sndNxt && sender.dataPackets > 0) return true;
  // What it acknowledges is not in the capture, and what it follows need not be there either.
  if (t.ack > receiver.sndNxt && receiver.state !== State.SYN_SENT) return true;
  // So does the end of an earlier connection of these two.
  return t.seq < 0 && connection.previous !== null;
}

/** In SYN-SENT a reset has to acknowledge the SYN. */
function tellOfAttempt(segment: Inspection, findings: Collector): void {
  const { sender, receiver, t, view } = segment;
  // Nothing of the client was captured.
  if (!receiver.seen) return;
  // After its own SYN,ACK a number that follows, or what it acknowledges, shows that more had passed than the capture holds.
  const ahead = t.seq - sender.sndNxt;
  const goesOn = ahead === 0 || (ahead > 0 && ahead <= LARGEST_WINDOW && t.ack < 0);
  if (sender.hasIss && (goesOn || t.ack > receiver.sndNxt)) return;
  findings.raise(segment, {
    id: 'blind-reset',
    evidence: [segment.frame],
    confidence: 0.85,
    cite: rfc(9293, '3.10.7.3'),
    message: say('blind-reset.syn-sent', { sender, receiver, ttl: ttlOf(sender, view) }),
  });
}

/** In the other states it has to have the next number that is expected. */
function tellOfConnection(segment: Inspection, findings: Collector): void {
  const { sender, receiver, t, view, frame } = segment;
  // Its own ACKs are not in the capture, and what it sent after them need not be there either.
  if (t.seq > sender.sndNxt && sender.lastAck < 1) return;
  const inWindow = segment.transition.resetOutcome === Reset.CHALLENGED;
  const values = { sender, receiver, off: t.seq - Math.max(receiver.lastAck, 0), ttl: ttlOf(sender, view) };
  // After all that was seen of its sender, and by its TTL not somebody else's: the segments before it may have been lost.
  const isAhead = inWindow && t.seq > sender.sndNxt && foreignTtl(sender, view) === null;
  const { dataPackets } = sender;
  const acknowledged = Math.max(sender.lastAck, t.ack);
  findings.add(segment, 'blind-reset', () => {
    // An end that goes on did not reset.
    const goesOn = sender.dataPackets > dataPackets || sender.lastAck > acknowledged;
    return unacceptable(frame, values, inWindow, isAhead && !goesOn);
  });
}

interface Unfit {
  readonly sender: Endpoint;
  readonly receiver: Endpoint;
  /** How far its number is after the next one that the receiver expects. */
  readonly off: number;
  readonly ttl: ReturnType<typeof ttlOf>;
}

/** A reset that its receiver does not take. `isAfterGap`: it may follow segments of its sender that were lost, or not captured. */
function unacceptable(frame: number, values: Unfit, inWindow: boolean, isAfterGap: boolean): Account {
  const account = { id: 'blind-reset', evidence: [frame] } as const;
  if (isAfterGap) return { ...account, severity: 'info', confidence: 0.5, message: say('blind-reset.gap', values) };
  return inWindow
    ? { ...account, confidence: 0.7, message: say('blind-reset.in-window', values) }
    : { ...account, confidence: 0.85, message: say('blind-reset.outside', values) };
}
