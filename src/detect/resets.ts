import type { Ttl } from '../messages/en/findings/close.ts';
import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { SYN } from '../model/flags.ts';
import { Option } from '../model/segment.ts';
import { State } from '../model/state.ts';
import { Reset } from '../model/transition.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import { aborted, afterFin, closed, cutOff } from './cut-off.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';
import type { Pauses } from './pauses.ts';
import { rfc } from './rfc.ts';
import { answersNothing, forgot, isStateless, isTooSoon, wasSending } from './stateless-resets.ts';
import { foreignTtl } from './ttl.ts';
import { tellUnfit } from './unfit-resets.ts';

/** A reset after a silence of this length (ns) is the work of an idle timer: see `Closing`. */
export const IDLE = 30e9;
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
  readonly when = [Fact.RST, Fact.SYN, Fact.TLS_ALERT, Fact.FAST_CLOSE, Fact.CROSSED];
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

  /** Ends that heard of the FIN of the other one when they had sent data up to here, which it had not acknowledged. */
  private readonly crossings = new Memory<Endpoint, { end: number }>(() => ({ end: 0 }));

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
    if (segment.has(Fact.CROSSED)) this.crossings.of(sender).end = segment.t.seq;
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
    if (segment.transition.resetOutcome !== Reset.ACCEPTED) tellUnfit(segment, this.findings);
    else if (told === undefined) this.tell(segment, ttl);
  }

  private tell(segment: Inspection, ttl: Ttl | null): void {
    const account = this.accepted(segment);
    if (account === null) return;
    const { sender, receiver, frame } = segment;
    const latest = this.told.of(sender);
    latest.frame = frame;
    const end = closed(segment);
    const abort = cutOff(segment);
    // Whether its sender knows of it shows later.
    this.findings.add(segment, 'reset', () => {
      if (account.id === 'reset-after-fin') return afterFin(end, this.alertOf(receiver), this.crossedBy(receiver));
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

  private alertOf(endpoint: Endpoint): number {
    return this.alerts.find(endpoint)?.from ?? Number.POSITIVE_INFINITY;
  }

  private crossedBy(endpoint: Endpoint): number {
    return this.crossings.find(endpoint)?.end ?? 0;
  }

  /** Null where another finding says it all. */
  private accepted(segment: Inspection): Account | null {
    const { sender, receiver, frame } = segment;
    const before = receiver.timeline.stateAt(frame - 1);
    const own = sender.timeline.stateAt(frame - 1);
    const fastClose = this.fastCloses.find(receiver);
    if (fastClose !== undefined) return fastClosed(segment, fastClose.frame);
    if (before === State.SYN_SENT && !sender.hasIss) return refused(segment);
    if (before === State.SYN_SENT || before === State.SYN_RECEIVED) return handshakeReset(segment);
    if (before === State.TIME_WAIT) return assassination(sender, receiver, frame);
    const provoked = receiver.lastFrame > sender.lastFrame;
    const answers = provoked && isStateless(segment);
    // Of what it does not take it cannot have heard.
    if (answers && isTooSoon(segment) && !receiver.outbound!.scoreboard.isEmpty) return answersNothing(segment);
    if (sender.finEnd >= 0) return afterFin(closed(segment), this.alertOf(receiver), this.crossedBy(receiver));
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

function refused({ sender, receiver, frame, view }: Inspection): Account {
  const { ttl, ipId } = view;
  return {
    id: 'connection-refused',
    evidence: [frame, receiver.unansweredFrame || receiver.lastFrame],
    confidence: 0.95,
    message: say('connection-refused', { sender, receiver, ttl, ipId, usual: null, accepted: null }),
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

/** A reset that was told. */
interface ToldReset {
  frame: number;
  answered: boolean;
  acknowledged: number;
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
