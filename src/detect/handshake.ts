import { say } from '../messages/message.ts';
import { answerTime } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, RST, SYN } from '../model/flags.ts';
import { State } from '../model/state.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';
import { MAY_STILL_COME, type Pauses } from './pauses.ts';

/** What comes in less than this share of the time in which an end answers answers something else. */
const SOONER = 0.5;

/** Data that a client put on its SYN. */
interface FastOpen {
  /** Bytes on its first SYN and on its latest one. */
  first: number;
  latest: number;
  frame: number;
}

/** The forms that a handshake takes, and handshakes that nobody completes. */
export class Handshake implements Detector {
  readonly ids = [
    'syn-unanswered',
    'half-open',
    'simultaneous-open',
    'split-handshake',
    'tfo-accepted',
    'tfo-ignored',
    'syn-answered-by-ack',
  ] as const;
  readonly when = [Fact.SYN, Fact.RST, Fact.UNACCEPTABLE];
  private readonly findings: Collector;
  private readonly pauses: Pauses;
  private readonly fastOpens = new Memory<Endpoint, FastOpen>(() => ({ first: 0, latest: 0, frame: 0 }));

  /** Ends that sent a reset before the other one got further than its SYN,ACK: an answer, or the end of what is not there whole. */
  private readonly resets = new Memory<Endpoint, true>(() => true);

  constructor(findings: Collector, pauses: Pauses) {
    this.findings = findings;
    this.pauses = pauses;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.UNACCEPTABLE)) {
      if (answersWithAck(segment)) this.oldConnection(segment);
      return;
    }
    if (segment.view.flags & RST) {
      if (segment.receiver.sndNxt <= 1) this.resets.of(segment.sender);
      return;
    }
    if (segment.view.flags & ACK) this.answersSyn(segment);
    else this.sendsSyn(segment);
  }

  /** RFC 9293 section 3.5.1, Figure 9: the other end still has an earlier connection between these sockets. */
  private oldConnection(segment: Inspection): void {
    const { sender, receiver, frame } = segment;
    if (leftBeforeSyn(segment)) return;
    this.findings.raise(segment, {
      id: 'syn-answered-by-ack',
      evidence: [frame, receiver.lastFrame],
      confidence: 0.85,
      message: say('syn-answered-by-ack', { server: sender, client: receiver, frame }),
    });
  }

  private sendsSyn(segment: Inspection): void {
    const { sender, receiver, view, t } = segment;
    if (view.payloadLength > 0 || this.fastOpens.find(sender) !== undefined) {
      const open = this.fastOpens.of(sender);
      if (open.frame === 0) {
        open.first = view.payloadLength;
        open.frame = segment.frame;
      }
      open.latest = view.payloadLength;
    }
    if (segment.has(Fact.RETRANSMISSION) || t.opened || !receiver.hasIss || receiver.state > State.ESTABLISHED) return;
    // It had sent it before: a late copy.
    if (t.seq === 0 && t.previousSndNxt >= 1) return;
    if (sender.lastAck >= 1) {
      this.findings.raise(segment, {
        id: 'split-handshake',
        evidence: [segment.frame, sender.lastFrame],
        confidence: 0.9,
        message: say('split-handshake.ack', { end: sender, frame: sender.lastFrame }),
      });
      return;
    }
    if (receiver.outbound?.synAckSent || sender.outbound?.synAckSent) return;
    const evidence = [segment.frame, segment.connection.firstFrame];
    this.findings.add(segment, 'simultaneous-open', () => crossing(sender, receiver, evidence));
  }

  private answersSyn(segment: Inspection): void {
    const { receiver, t } = segment;
    const open = this.fastOpens.find(receiver);
    if (open === undefined || open.first === 0) return;
    this.fastOpens.forget(receiver);
    const evidence = [segment.frame, open.frame];
    if (t.ack > 1) {
      this.findings.raise(segment, {
        id: 'tfo-accepted',
        message: say('tfo-accepted', { server: segment.sender, bytes: t.ack - 1 }),
        evidence,
      });
      return;
    }
    const dropped = open.latest === 0;
    this.findings.raise(segment, {
      id: 'tfo-ignored',
      message: dropped
        ? say('tfo-ignored.lost', { client: receiver, bytes: open.first })
        : say('tfo-ignored.refused', { server: segment.sender, bytes: open.first }),
      who: dropped ? 'network' : 'receiver',
      evidence,
    });
  }

  /** Repeated SYNs and SYN,ACKs that nobody answers are episodes of `Recovery`. */
  concludeConnection(connection: Connection, end: CaptureEnd): void {
    const { client, server } = connection;
    const where = (endpoint: Endpoint) => ({
      connection,
      row: null,
      frame: endpoint.unansweredFrame,
      time: endpoint.unansweredTime,
    });
    const waited = ({ unansweredTime: since }: Endpoint) => this.pauses.heardUntil(since, end.time) - since;
    const unanswered = (endpoint: Endpoint, kind: number) =>
      endpoint.unansweredKind === kind && endpoint.unansweredCopies === 1 && waited(endpoint) >= MAY_STILL_COME;
    if (unanswered(client, SYN) && !server.seen && client.lastAck < 1 && !connection.icmpError) {
      this.findings.raise(where(client), {
        id: 'syn-unanswered',
        // A client would have repeated it: this rests on one packet, and on others that did not come.
        severity: 'info',
        message: say('syn-unanswered', {
          client,
          server: server.name,
          waited: waited(client),
        }),
        evidence: [client.unansweredFrame],
        confidence: 0.8,
      });
    } else if (
      unanswered(server, SYN | ACK) &&
      server.state !== State.LISTEN &&
      server.sndNxt <= 1 &&
      this.resets.find(client) === undefined
    ) {
      this.findings.raise(where(server), {
        id: 'half-open',
        // A server that keeps it would have repeated its SYN,ACK: this rests on one packet, and on others that did not come.
        severity: 'info',
        message: say('half-open', {
          client,
          server,
          waited: waited(server),
        }),
        evidence: [server.unansweredFrame],
        confidence: 0.8,
      });
    }
  }
}

/** A SYN is waiting, and this acknowledges something else. */
export function answersWithAck({ receiver, t, view }: Inspection): boolean {
  return receiver.state === State.SYN_SENT && !t.unacceptableSyn && (view.flags & (SYN | ACK)) === ACK;
}

/** Sooner after the SYN than its end answers, as the earlier connection shows: it was on its way already. */
function leftBeforeSyn({ connection: { previous }, sender, receiver, time }: Inspection): boolean {
  if (previous === null) return false;
  const before = [previous.a, previous.b].find(({ name }) => name === sender.name);
  return before !== undefined && time - receiver.unansweredTime < SOONER * answerTime(before);
}

/** Ends whose SYNs crossed both send a SYN,ACK; one that answers with a bare ACK had got the SYN before it sent its own. */
function crossing(sender: Endpoint, receiver: Endpoint, evidence: number[]): Account {
  if (sender.lastAck >= 1 && !sender.outbound?.synAckSent) {
    return {
      id: 'split-handshake',
      message: say('split-handshake.syn', { end: sender, other: receiver }),
      evidence,
      confidence: 0.8,
    };
  }
  return {
    id: 'simultaneous-open',
    message: say('simultaneous-open', { one: sender, other: receiver }),
    evidence,
    confidence: 0.9,
  };
}
