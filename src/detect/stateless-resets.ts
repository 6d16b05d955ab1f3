import { say } from '../messages/message.ts';
import { answerTime, soonestAnswer } from '../model/capture-position.ts';
import { ACK } from '../model/flags.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import type { Account } from './account.ts';
import type { Inspection } from './inspection.ts';
import { foreignTtl } from './ttl.ts';

/*
 * Resets as a host sends them that does not have the connection: what they answer, and whether a host at the other end can have heard it.
 */

/** No host restarts within this time (ns). */
const ALIVE = 1e9;

/** With the number of the latest ACK, as a host answers that does not have the connection (RFC 9293 section 3.10.7.1). */
export function isStateless({ receiver, t, view }: Inspection): boolean {
  return !(view.flags & ACK) && t.seq === receiver.lastAck;
}

/** What it sent a moment ago is still under way: its application has closed the socket, and nothing was forgotten. */
export function wasSending({ sender, time }: Inspection): boolean {
  const { oldestTime } = sender.outbound!.scoreboard;
  return time - oldestTime < ALIVE;
}

/** How long ago (ns) the oldest passed that it can answer: what is not acknowledged, or else the segment before it. */
function sinceAsked({ receiver, time, t }: Inspection): number {
  const { isEmpty, oldestTime } = receiver.outbound!.scoreboard;
  return isEmpty ? t.sincePrevious : time - oldestTime;
}

/**
 * The packet that it answers: of data that was sent once the first, since that was there before the others; or else the one before it.
 */
export function askingFrame({ receiver }: Inspection): number {
  const { oldestFrame } = receiver.outbound!.scoreboard;
  return oldestFrame > 0 && receiver.repeatsUnheard === 0 ? oldestFrame : receiver.lastFrame;
}

/** No host at the other end has heard by then what it would answer. */
export function isTooSoon(segment: Inspection): boolean {
  return sinceAsked(segment) < soonestAnswer(segment.sender);
}

export function answersNothing(segment: Inspection): Account {
  const { sender, receiver, frame, view } = segment;
  return {
    id: 'connection-aborted',
    who: 'network',
    restsOn: ['order', 'absence'],
    evidence: [frame, receiver.lastFrame],
    confidence: 0.7,
    message: say('connection-aborted.too-soon', {
      sender,
      receiver,
      frame: receiver.lastFrame,
      elapsed: segment.t.sincePrevious,
      soonest: answerTime(sender),
      ttl: foreignTtl(sender, view),
    }),
  };
}

export function forgot(segment: Inspection): Account {
  const { sender, receiver, frame, view } = segment;
  // Of a connection nothing was seen but an ACK: who looks for hosts and filters sends it without one.
  const isKnown = sender.lastFrame > 0 || receiver.packets > 1 || receiver.dataPackets > 0;
  // It has agreed to the connection, and acknowledged nothing since: it never took the ACK of its SYN,ACK.
  const isNew = sender.hasIss && sender.dataPackets === 0 && sender.lastAck === FIRST_BYTE;
  const asking = askingFrame(segment);
  const values = { sender, receiver, frame: asking, ttl: foreignTtl(sender, view) };
  return {
    id: 'peer-forgot',
    severity: isKnown ? 'warning' : 'info',
    // By its TTL it came another way than the packets of that host: the host need not have had a part in it.
    ...(values.ttl === null ? {} : { who: 'network' as const }),
    evidence: [frame, asking],
    confidence: 0.7,
    message: isNew ? say('peer-forgot.not-taken', values) : say('peer-forgot', values),
  };
}
