import type { Endpoint } from '../model/connection.ts';
import { ACK } from '../model/flags.ts';
import { State } from '../model/state.ts';
import { Reset } from '../tcp/states.ts';
import type { Account, Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';
import { duration, nameOf, plural } from './words.ts';

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
  readonly when = Fact.RST;
  private readonly findings: Collector;
  /** Sides of which a reset was told: further ones are only repeats. */
  private readonly told = new Memory<Endpoint, { frame: number }>(() => ({ frame: 0 }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { facts, states, sender } = segment;
    if (facts & Fact.UNACCEPTABLE) return;
    if (states.reset !== Reset.ACCEPTED) this.unfit(segment);
    else if (this.told.find(sender) === undefined) {
      const account = this.accepted(segment);
      if (account === null) return;
      this.told.of(sender).frame = segment.frame;
      const { frame } = segment;
      // Whether its sender knows of it shows later.
      this.findings.add(segment, 'reset', () => (sender.resetDisowned === frame ? forged(sender, frame) : account));
    }
  }

  private unfit(segment: Inspection): void {
    const { sender, receiver, states, t } = segment;
    // An end that is gone answers everything with a reset.
    if (sender.rstFrame > 0 || sender.state === State.CLOSED || receiver.state === State.CLOSED) return;
    const inWindow = states.reset === Reset.CHALLENGED;
    const off = t.seq - Math.max(receiver.lastAck, 0);
    this.findings.raise(segment, {
      id: 'blind-reset',
      cause: inWindow ? 'in the window, but not the next number' : 'outside the window',
      evidence: [segment.frame],
      confidence: inWindow ? 0.7 : 0.85,
      text: `A RST in the name of ${nameOf(sender)} has a sequence number ${plural(Math.abs(off), 'byte')} ${off < 0 ? 'before' : 'behind'} the next one that ${nameOf(receiver)} expects: ${inWindow ? 'to be challenged' : 'to be dropped'}.`,
    });
  }

  /** Null where another finding says it all. */
  private accepted(segment: Inspection): Account | null {
    const { sender, receiver, view, frame } = segment;
    const before = receiver.timeline.stateAt(frame - 1);
    const own = sender.timeline.stateAt(frame - 1);
    if (before === State.SYN_SENT && !sender.hasIss) return refused(sender, receiver, frame);
    if (before === State.SYN_SENT || before === State.SYN_RECEIVED) return handshakeReset(segment);
    if (before === State.TIME_WAIT) return assassination(sender, receiver, frame);
    if (sender.finEnd >= 0) return afterFin(segment);
    if (segment.t.sincePrevious >= IDLE) return idle(segment);
    // A closed end answers whatever still comes.
    if (own === State.CLOSED) return null;
    // Without data outstanding they were keep-alives, which have a finding of their own.
    if (sender.repeatsUnheard >= GAVE_UP) return sender.flight!.head === null ? null : gaveUp(segment);
    const provoked = receiver.lastFrame > sender.lastFrame;
    if (!(view.flags & ACK) && provoked && segment.t.seq === receiver.lastAck) return forgot(segment);
    return aborted(segment);
  }
}

function refused(sender: Endpoint, receiver: Endpoint, frame: number): Account {
  return {
    id: 'connection-refused',
    cause: 'nothing listens there, or a firewall refuses',
    evidence: [frame, receiver.unansweredFrame || receiver.lastFrame],
    confidence: 0.95,
    get text() {
      return `${nameOf(sender)} refused the connection of ${nameOf(receiver)} with a RST.`;
    },
  };
}

function handshakeReset({ sender, receiver, frame }: Inspection): Account {
  const asked = sender.seen && sender.hasIss;
  return {
    id: 'handshake-reset',
    cause: asked ? 'the client gave up or only looked' : 'the host knows nothing of the SYN',
    evidence: [frame, receiver.lastFrame],
    confidence: asked ? 0.8 : 0.9,
    text: asked
      ? `${nameOf(sender)} reset the handshake after the SYN,ACK of ${nameOf(receiver)}: it gave up, or only looked whether the port is open.`
      : `${nameOf(sender)} answered the SYN,ACK of ${nameOf(receiver)} with a RST: it did not ask for this connection (an old duplicate SYN, or a forged address).`,
  };
}

function assassination(sender: Endpoint, receiver: Endpoint, frame: number): Account {
  return {
    id: 'time-wait-assassination',
    cause: 'a RST in TIME-WAIT',
    evidence: [frame, receiver.lastFrame],
    confidence: 0.8,
    text: `A RST of ${nameOf(sender)} reached ${nameOf(receiver)} in TIME-WAIT and may have ended it early.`,
  };
}

function afterFin({ sender, receiver, frame, t }: Inspection): Account {
  // What the other end sent that was not acknowledged, or was sent to an end that reads no more.
  const lost = Math.max(receiver.sndNxt - Math.max(sender.lastAck, 1) - (receiver.finEnd >= 0 ? 1 : 0), 0);
  return {
    id: 'reset-after-fin',
    severity: lost > 0 ? 'warning' : 'info',
    cause: lost > 0 ? 'data came for an end that reads no more' : 'closed without TIME-WAIT',
    evidence: [frame, receiver.lastFrame],
    confidence: 0.9,
    text:
      lost > 0
        ? `${nameOf(sender)} had closed and answered further data of ${nameOf(receiver)} with a RST: ${plural(lost, 'byte')} ${were(lost)} lost.`
        : `${nameOf(sender)} sent a RST after its FIN${t.sincePrevious > 0 ? ` (${duration(t.sincePrevious)} after the packet before)` : ''}; nothing was lost.`,
  };
}

function idle({ sender, frame, t }: Inspection): Account {
  return {
    id: 'idle-close',
    severity: 'warning',
    cause: 'an idle timer',
    evidence: [frame],
    confidence: 0.8,
    text: `${nameOf(sender)} reset the connection after ${duration(t.sincePrevious)} without traffic.`,
  };
}

function gaveUp({ sender, receiver, frame }: Inspection): Account {
  return {
    id: 'connection-aborted',
    cause: 'its sender gave up',
    who: 'network',
    evidence: [frame],
    confidence: 0.9,
    text: `${nameOf(sender)} gave up after ${plural(sender.repeatsUnheard, 'repeated segment')} without an answer of ${nameOf(receiver)} and reset the connection.`,
  };
}

function forgot({ sender, receiver, frame }: Inspection): Account {
  return {
    id: 'peer-forgot',
    cause: 'no such connection at that end',
    evidence: [frame, receiver.lastFrame],
    confidence: 0.7,
    text: `${nameOf(sender)} answered packet ${receiver.lastFrame} of ${nameOf(receiver)} like a host that does not know the connection: it lost its state, or somebody reset it.`,
  };
}

function aborted({ sender, receiver, frame, t }: Inspection): Account {
  const own = receiver.seen ? Math.max(sender.sndNxt - Math.max(receiver.lastAck, 1), 0) : 0;
  const others = Math.max(receiver.sndNxt - Math.max(t.ack, sender.lastAck, 1), 0);
  const hadData = receiver.dataPackets > 0 && receiver.lastAck <= sender.sndNxt;
  return {
    id: 'connection-aborted',
    cause: 'closed with data unread or by an abort',
    evidence: [frame],
    confidence: 0.9,
    // Resets are frequent: worded when it is read.
    get text() {
      const losses = [];
      if (own > 0) losses.push(`${plural(own, 'byte')} of its own ${were(own)} not acknowledged`);
      if (others > 0) losses.push(`${plural(others, 'byte')} of ${receiver.name} ${were(others)} not acknowledged`);
      if (losses.length === 0 && hadData) losses.push('what it had received may not have been read');
      const lost = losses.length === 0 ? '' : `; ${losses.join(' and ')}`;
      return `${nameOf(sender)} aborted the connection with ${nameOf(receiver)} by a RST${lost}.`;
    },
  };
}

function were(n: number): string {
  return n === 1 ? 'was' : 'were';
}

function forged(sender: Endpoint, frame: number): Account {
  return {
    id: 'forged-reset',
    cause: 'sent by somebody else',
    evidence: [frame],
    confidence: 0.85,
    text: `The RST in packet ${frame} was not sent by ${nameOf(sender)}: it goes on with the connection afterwards.`,
  };
}
