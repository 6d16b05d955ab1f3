import type { Ttl } from '../messages/en/findings/close.ts';
import { say } from '../messages/message.ts';
import { answerTime, soonestAnswer } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, SYN } from '../model/flags.ts';
import { Option } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { State } from '../model/state.ts';
import { LARGEST_WINDOW } from '../model/tcp-constants.ts';
import { Reset } from '../model/transition.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';
import type { Pauses } from './pauses.ts';
import { rfc } from './rfc.ts';
import { foreignTtl, ttlOf } from './ttl.ts';

/** A reset after a silence of this length (ns) is the work of an idle timer: see `Closing`. */
export const IDLE = 30e9;
/** No host restarts within this time (ns). */
const ALIVE = 1e9;
/** Repeats without an answer after which a reset means that its sender gave up. */
const GAVE_UP = 2;

/** Resets, by what they end and what provoked them. */
export class Resets implements Detector {
  readonly ids = [
    'connection-refused',
    'handshake-reset',
    'connection-aborted',
    'peer-forgot',
    'reset-after-fin',
    'time-wait-assassination',
    'forged-reset',
    'blind-reset',
    'idle-close',
  ] as const;
  readonly when = [Fact.RST, Fact.SYN, Fact.TLS_ALERT, Fact.FAST_CLOSE];
  private readonly findings: Collector;
  /**
   * Sides of which a reset was told, with the frame of the latest that is their own: further ones are only repeats. And whether the
   * other end has sent one since, and how far such a one acknowledged.
   */
  private readonly told = new Memory<Endpoint, ToldReset>(() => ({ frame: 0, answered: false, acknowledged: 0 }));
  /** Ends that sent a SYN after a reset. */
  private readonly attempts = new Memory<Endpoint, { frame: number }>(() => ({ frame: 0 }));
  /** Ends that ended a connection of MPTCP. */
  private readonly fastCloses = new Memory<Endpoint, { frame: number }>(() => ({ frame: 0 }));
  /** Ends whose latest words in TLS were an alert. */
  private readonly alerts = new Memory<Endpoint, { from: number }>(() => ({ from: 0 }));

  private readonly pauses: Pauses;

  constructor(findings: Collector, pauses: Pauses) {
    this.findings = findings;
    this.pauses = pauses;
  }

  inspect(segment: Inspection): void {
    const { sender, receiver } = segment;
    if (segment.has(Fact.UNACCEPTABLE)) return;
    if (segment.view.flags & SYN && this.told.find(receiver) !== undefined)
      this.attempts.of(sender).frame = segment.frame;
    if (segment.has(Fact.TLS_ALERT)) this.alerts.of(sender).from = segment.t.seq;
    if (segment.has(Fact.FAST_CLOSE)) this.fastCloses.of(sender).frame = segment.frame;
    if (!segment.has(Fact.RST)) return;
    const reset = this.told.find(receiver);
    if (reset !== undefined) {
      reset.answered = true;
      reset.acknowledged = Math.max(reset.acknowledged, segment.t.ack);
    }
    const ttl = foreignTtl(sender, segment.view);
    const told = this.told.find(sender);
    // One with a foreign TTL is no word of this end: a middlebox often resets more than once.
    if (told !== undefined && (ttl === null || sender.lastFrame === told.frame)) told.frame = segment.frame;
    if (segment.transition.resetOutcome === Reset.OLD) return;
    if (segment.transition.resetOutcome !== Reset.ACCEPTED) this.unfit(segment);
    else if (told === undefined) {
      const account = this.accepted(segment);
      if (account === null) return;
      const { frame } = segment;
      const latest = this.told.of(sender);
      latest.frame = frame;
      const end = closed(segment);
      const abort = cutOff(segment);
      // Whether its sender knows of it shows later.
      this.findings.add(segment, 'reset', () => {
        if (account.id === 'reset-after-fin') return afterFin(end, this.alertOf(receiver));
        // Some clients ask again at once, and that attempt may be accepted.
        const asksAgain = this.attempts.find(receiver) !== undefined;
        if (account.id === 'connection-refused' && asksAgain) return account;
        // An end that goes on to accept the connection did not refuse it.
        const accepts = account.id === 'connection-refused' && receiver.dataPackets > 0;
        // An end that reset again, and then sent nothing, has ended: what it sent in between was on its way.
        const goesOn = sender.lastFrame > latest.frame;
        // A later one is disowned only where this one was, too, or had ended another attempt.
        const isDisowned = sender.resetDisowned === frame || (sender.resetDisowned > frame && !asksAgain);
        if ((isDisowned && goesOn) || accepts) return forged(sender, receiver, frame, latest.answered, ttl);
        return account.message.key === 'connection-aborted' || account.message.key === 'connection-aborted.gone'
          ? aborted(abort, this.alertOf(sender), latest.acknowledged)
          : account;
      });
    }
  }

  private unfit(segment: Inspection): void {
    const { sender, receiver, t, view } = segment;
    // An end that is gone answers everything with a reset.
    if (sender.rstFrame > 0 || sender.state === State.CLOSED || receiver.state === State.CLOSED) return;
    // So does one that has closed, with the number that an older segment acknowledged (RFC 9293 section 3.5.2).
    if (sender.finEnd >= 0 && t.seq <= sender.sndNxt) return;
    // A number of its own stream is known to it: a late answer to an older segment, or its own reset before what was lost has come again.
    if (t.seq >= 1 && t.seq <= sender.sndNxt && sender.dataPackets > 0) return;
    // What it acknowledges is not in the capture, and what it follows need not be there either.
    if (t.ack > receiver.sndNxt && receiver.state !== State.SYN_SENT) return;
    // So does the end of an earlier connection of these two.
    if (t.seq < 0 && segment.connection.previous !== null) return;
    const ttl = ttlOf(sender, view);
    if (receiver.state === State.SYN_SENT) {
      // Nothing of the client was captured.
      if (!receiver.seen) return;
      // After its own SYN,ACK a number that follows, or what it acknowledges, shows that more had passed than the capture holds.
      const ahead = t.seq - sender.sndNxt;
      const goesOn = ahead === 0 || (ahead > 0 && ahead <= LARGEST_WINDOW && t.ack < 0);
      if (sender.hasIss && (goesOn || t.ack > receiver.sndNxt)) return;
      this.findings.raise(segment, {
        id: 'blind-reset',
        evidence: [segment.frame],
        confidence: 0.85,
        cite: rfc(9293, '3.10.7.3'),
        message: say('blind-reset.syn-sent', { sender, receiver, ttl }),
      });
      return;
    }
    // Its own ACKs are not in the capture, and what it sent after them need not be there either.
    if (t.seq > sender.sndNxt && sender.lastAck < 1) return;
    const inWindow = segment.transition.resetOutcome === Reset.CHALLENGED;
    const values = { sender, receiver, off: t.seq - Math.max(receiver.lastAck, 0), ttl };
    // After all that was seen of its sender, and by its TTL not somebody else's: the segments before it may have been lost.
    const isAhead = inWindow && t.seq > sender.sndNxt && foreignTtl(sender, view) === null;
    const { frame } = segment;
    const { dataPackets } = sender;
    const acknowledged = Math.max(sender.lastAck, t.ack);
    this.findings.add(segment, 'blind-reset', () => {
      // An end that goes on did not reset.
      const goesOn = sender.dataPackets > dataPackets || sender.lastAck > acknowledged;
      return unacceptable(frame, values, inWindow, isAhead && !goesOn);
    });
  }

  private alertOf(endpoint: Endpoint): number {
    return this.alerts.find(endpoint)?.from ?? Number.POSITIVE_INFINITY;
  }

  /** Null where another finding says it all. */
  private accepted(segment: Inspection): Account | null {
    const { sender, receiver, frame } = segment;
    const before = receiver.timeline.stateAt(frame - 1);
    const own = sender.timeline.stateAt(frame - 1);
    const fastClose = this.fastCloses.find(receiver);
    if (fastClose !== undefined) return fastClosed(segment, fastClose.frame);
    if (before === State.SYN_SENT && !sender.hasIss) return refused(sender, receiver, frame);
    if (before === State.SYN_SENT || before === State.SYN_RECEIVED) return handshakeReset(segment);
    if (before === State.TIME_WAIT) return assassination(sender, receiver, frame);
    const provoked = receiver.lastFrame > sender.lastFrame;
    const answers = provoked && isStateless(segment);
    // Of what it does not take it cannot have heard.
    if (answers && isTooSoon(segment) && !receiver.outbound!.scoreboard.isEmpty) return answersNothing(segment);
    if (sender.finEnd >= 0) return afterFin(closed(segment), this.alertOf(receiver));
    const { sincePrevious } = segment.t;
    // While the capture was paused anything may have happened to the connection.
    if (this.pauses.heardUntil(segment.time - sincePrevious, segment.time) < segment.time) return null;
    if (sincePrevious >= IDLE) return idle(segment);
    // A closed end answers whatever still comes.
    if (own === State.CLOSED) return null;
    // Without data outstanding they were keep-alives, which have a finding of their own.
    // Of one direction nobody knows what was answered.
    if (receiver.seen && sender.repeatsUnheard >= GAVE_UP)
      return sender.outbound!.scoreboard.isEmpty ? null : gaveUp(segment);
    if (answers && !wasSending(segment)) return isTooSoon(segment) ? answersNothing(segment) : forgot(segment);
    if (!receiver.seen && sender.synOptions & Option.MPTCP) return unheardFastClose(segment);
    return aborted(cutOff(segment), this.alertOf(sender));
  }
}

function refused(sender: Endpoint, receiver: Endpoint, frame: number): Account {
  return {
    id: 'connection-refused',
    evidence: [frame, receiver.unansweredFrame || receiver.lastFrame],
    confidence: 0.95,
    message: say('connection-refused', { sender, receiver }),
  };
}

function handshakeReset({ sender, receiver, frame }: Inspection): Account {
  const asked = sender.seen && sender.hasIss;
  return {
    id: 'handshake-reset',
    evidence: [frame, receiver.lastFrame],
    confidence: asked ? 0.8 : 0.9,
    message: say(asked ? 'handshake-reset.asked' : 'handshake-reset.unasked', { sender, receiver }),
  };
}

function assassination(sender: Endpoint, receiver: Endpoint, frame: number): Account {
  return {
    id: 'time-wait-assassination',
    evidence: [frame, receiver.lastFrame],
    confidence: 0.8,
    message: say('time-wait-assassination', { sender, receiver }),
  };
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

function closed({ sender, receiver, frame, t }: Inspection): Closed {
  const { lastFrame } = receiver;
  return { sender, receiver, frame, lastFrame, lastAck: sender.lastAck, since: t.sincePrevious };
}

/** `alertFrom`: where the TLS close_notify of the other end begins; infinite without. */
function afterFin({ sender, receiver, frame, lastFrame, lastAck, since }: Closed, alertFrom: number): Account {
  // With what the other end sends until it hears of the reset. A RST that acknowledges data tells that they came, not that they were read.
  const lost = unacknowledged(receiver, Math.max(lastAck, 1));
  const isAlert = lost > 0 && Math.max(lastAck, 1) >= alertFrom;
  // Who asks and closes does not want the answer any more, and who closes after its last words awaits none: only a question that
  // meets a closed end is missed.
  const isQuestion = lost > 0 && sender === sender.connection.server && receiver.finEnd < 0 && receiver.rstFrame === 0;
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

function idle({ sender, frame, t }: Inspection): Account {
  return {
    id: 'idle-close',
    evidence: [frame],
    confidence: 0.8,
    message: say('idle-close.reset', { sender, idle: t.sincePrevious }),
  };
}

function gaveUp({ sender, receiver, frame }: Inspection): Account {
  return {
    id: 'connection-aborted',
    who: 'network',
    evidence: [frame],
    confidence: 0.9,
    message: say('connection-aborted.gave-up', { sender, receiver, repeats: sender.repeatsUnheard }),
  };
}

/** With the number of the latest ACK, as a host answers that does not have the connection (RFC 9293 section 3.10.7.1). */
function isStateless({ receiver, t, view }: Inspection): boolean {
  return !(view.flags & ACK) && t.seq === receiver.lastAck;
}

/** What it sent a moment ago is still under way: its application has closed the socket, and nothing was forgotten. */
function wasSending({ sender, time }: Inspection): boolean {
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
function askingFrame({ receiver }: Inspection): number {
  const { oldestFrame } = receiver.outbound!.scoreboard;
  return oldestFrame > 0 && receiver.repeatsUnheard === 0 ? oldestFrame : receiver.lastFrame;
}

/** No host at the other end has heard by then what it would answer. */
function isTooSoon(segment: Inspection): boolean {
  return sinceAsked(segment) < soonestAnswer(segment.sender);
}

function answersNothing(segment: Inspection): Account {
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

function forgot(segment: Inspection): Account {
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
    evidence: [frame, asking],
    confidence: 0.7,
    message: isNew ? say('peer-forgot.not-taken', values) : say('peer-forgot', values),
  };
}

/** A reset that was told. */
interface ToldReset {
  frame: number;
  answered: boolean;
  acknowledged: number;
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

function cutOff(segment: Inspection): CutOff {
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
function aborted(cut: CutOff, alertFrom: number, byReset = 0): Account {
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

/** The RST is the answer that the other end asked for. */
function fastClosed({ sender, receiver, frame }: Inspection, askedBy: number): Account {
  return {
    id: 'connection-aborted',
    severity: 'info',
    cite: rfc(8684, '3.5'),
    evidence: [frame, askedBy],
    confidence: 0.9,
    message: say('connection-aborted.fast-close', { sender, receiver, frame: askedBy }),
  };
}

/** Whatever asked for it is not in the capture. */
function unheardFastClose({ sender, receiver, frame }: Inspection): Account {
  return {
    id: 'connection-aborted',
    severity: 'info',
    cite: rfc(8684, '3.5'),
    restsOn: ['order', 'absence'],
    evidence: [frame],
    confidence: 0.6,
    message: say('connection-aborted.unheard', { sender, receiver }),
  };
}

function forged(sender: Endpoint, receiver: Endpoint, frame: number, answered: boolean, ttl: Ttl | null): Account {
  return {
    id: 'forged-reset',
    evidence: [frame],
    confidence: 0.85,
    message: say('forged-reset', { sender, receiver, frame, answered, ttl }),
  };
}
