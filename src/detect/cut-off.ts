import type { Ttl } from '../messages/en/findings/close.ts';
import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Account } from './account.ts';
import { LONGEST_ALERT } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { askingFrame, isStateless } from './stateless-resets.ts';
import { foreignTtl } from './ttl.ts';

/*
 * What a reset cuts off: what one end had sent and the other had not taken. What was so when it came is noted, and what it cost is told
 * when more is known of what was under way.
 */

/** A reset after the FIN of its sender: what was so when it came. */
interface Closed {
  readonly sender: Endpoint;
  readonly receiver: Endpoint;
  readonly frame: number;
  /** The latest frame of the other end, and what its sender had acknowledged. */
  readonly lastFrame: number;
  readonly lastAck: number;
  readonly since: number;
}

export function closed({ sender, receiver, frame, t }: Inspection): Closed {
  const { lastFrame } = receiver;
  return { sender, receiver, frame, lastFrame, lastAck: sender.lastAck, since: t.sincePrevious };
}

/**
 * `alertFrom`: where the TLS close_notify of the other end begins; infinite without. `heardAt`: where its data stood when it heard of the
 * FIN; 0 where nothing of it was under way then, or it had closed itself.
 */
export function afterFin(
  { sender, receiver, frame, lastFrame, lastAck, since }: Closed,
  alertFrom: number,
  heardAt: number,
): Account {
  const taken = Math.max(lastAck, 1);
  // With what the other end sends until it hears of the reset. A RST that acknowledges data tells that they came, not that they were read.
  const lost = unacknowledged(receiver, taken);
  const isAlert = lost > 0 && taken >= alertFrom;
  // Who asks and closes does not want the answer any more, and who closes after its last words awaits none: only a question that
  // meets a closed end is missed. Who closes only when it hears of the FIN had asked, unless a few bytes were a word of its protocol.
  const goesOn = receiver.finEnd < 0 || heardAt - taken > LONGEST_ALERT;
  const isQuestion = lost > 0 && sender === sender.connection.server && goesOn && receiver.rstFrame === 0;
  return {
    id: 'reset-after-fin',
    severity: isQuestion && !isAlert ? 'warning' : 'info',
    restsOn: lost > 0 ? ['order', 'absence'] : ['order'],
    evidence: [frame, lastFrame],
    confidence: 0.9,
    message:
      lost > 0
        ? say(isAlert ? 'reset-after-fin.alert' : 'reset-after-fin.lost', { sender, receiver, bytes: lost })
        : say('reset-after-fin', { sender, since }),
  };
}

/** Bytes of `owner` from `from` on that it sent, without its FIN. */
function unacknowledged(owner: Endpoint, from: number): number {
  return Math.max(endOfData(owner) - from, 0);
}

/** Where the data of an end stop, as far as it has sent, without its FIN. */
function endOfData({ sndNxt, finEnd }: Endpoint): number {
  return finEnd >= 0 ? finEnd - 1 : sndNxt;
}

/** What a reset cut off: what was so when it came. */
interface CutOff {
  readonly sender: Endpoint;
  readonly receiver: Endpoint;
  readonly frame: number;
  /** Where the data of its sender ended; 1 where acknowledgments of it are not in the capture. */
  readonly end: number;
  /** What its sender had acknowledged of the other end. */
  readonly taken: number;
  readonly hadData: boolean;
  readonly ttl: Ttl | null;
  /** The frame that it answers as a host without this connection, 0 none. */
  readonly answered: number;
}

export function cutOff(segment: Inspection): CutOff {
  const { sender, receiver, frame, t, view } = segment;
  // What it has acknowledged beyond all that was seen of the other end came with acknowledgments that are not in the capture.
  const isHeard = receiver.seen && Math.max(t.ack, sender.lastAck) <= receiver.sndNxt;
  return {
    sender,
    receiver,
    frame,
    end: isHeard ? endOfData(sender) : 1,
    taken: Math.max(t.ack, sender.lastAck, 1),
    hadData: receiver.dataPackets > 0 && receiver.lastAck <= sender.sndNxt && receiver.finEnd < 0,
    ttl: foreignTtl(sender, view),
    // Who aborts uses its own next number.
    answered: isStateless(segment) && t.seq < sender.sndNxt ? askingFrame(segment) : 0,
  };
}

/**
 * `alertFrom`: where the TLS close_notify of the end that aborts begins; infinite without. `byReset`: what the other end has acknowledged
 * with a reset of its own.
 */
export function aborted(cut: CutOff, alertFrom: number, byReset = 0): Account {
  const { sender, receiver, frame, end, taken, hadData, ttl, answered } = cut;
  // With what the other end had sent before it heard of the reset: acknowledgments, and data that nobody reads.
  const acknowledged = Math.max(receiver.lastAck, byReset, 1);
  const others = unacknowledged(receiver, taken);
  const own = Math.max(end - acknowledged, 0);
  // A close_notify is no loss; nor is anything before it for an end that had closed itself.
  const saidAll = acknowledged >= alertFrom || (alertFrom < Number.POSITIVE_INFINITY && receiver.finEnd >= 0);
  const isLoss = others > 0 || (own > 0 && !saidAll);
  const account: Pick<Account, 'id' | 'severity' | 'restsOn'> = {
    id: 'connection-aborted',
    // Many applications end their connections so when everything has been said.
    severity: isLoss ? 'warning' : 'info',
    restsOn: isLoss ? ['order', 'absence'] : ['order'],
  };
  const values = { sender, receiver, own, others, hadData, ttl };
  // Who ended the connection there, its application or a reset in the name of the other end, is not in the capture.
  return answered > 0
    ? {
        ...account,
        who: 'receiver',
        evidence: [frame, answered],
        confidence: 0.7,
        message: say('connection-aborted.gone', { ...values, frame: answered }),
      }
    : { ...account, evidence: [frame], confidence: 0.9, message: say('connection-aborted', values) };
}
