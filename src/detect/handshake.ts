import type { Connection, Endpoint } from '../model/connection.ts';
import { ACK, SYN } from '../model/flags.ts';
import { State } from '../model/state.ts';
import type { Account, Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';
import { duration, nameOf, plural } from './words.ts';

/** What may still be answered when the capture ends (ns). */
const PATIENCE = 1e9;

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
  ] as const;
  readonly when = Fact.SYN;
  private readonly findings: Collector;
  private readonly fastOpens = new Memory<Endpoint, FastOpen>(() => ({ first: 0, latest: 0, frame: 0 }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    if (segment.facts & Fact.UNACCEPTABLE) return;
    if (segment.view.flags & ACK) this.answersSyn(segment);
    else this.sendsSyn(segment);
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
    if (segment.facts & Fact.RETRANSMISSION || t.opened || !receiver.hasIss || receiver.state > State.ESTABLISHED)
      return;
    if (sender.lastAck >= 1) {
      this.findings.raise(segment, {
        id: 'split-handshake',
        cause: 'ACK and SYN in two segments',
        evidence: [segment.frame, sender.lastFrame],
        confidence: 0.9,
        text: `${nameOf(sender)} acknowledged the SYN in packet ${sender.lastFrame} and sent a SYN of its own without ACK: a split handshake.`,
      });
      return;
    }
    if (receiver.flight?.synAckSent || sender.flight?.synAckSent) return;
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
      const taken = t.ack - 1;
      this.findings.raise(segment, {
        id: 'tfo-accepted',
        cause: 'a valid cookie',
        evidence,
        text: `${nameOf(segment.sender)} accepted ${plural(taken, 'byte')} of data that came on the SYN (TCP Fast Open).`,
      });
      return;
    }
    const dropped = open.latest === 0;
    this.findings.raise(segment, {
      id: 'tfo-ignored',
      cause: dropped ? 'the SYN with data was lost or dropped' : 'the server did not take the data',
      who: dropped ? 'network' : 'receiver',
      evidence,
      text: dropped
        ? `The SYN of ${nameOf(receiver)} with ${plural(open.first, 'byte')} of data was not answered; it was sent again without data.`
        : `${nameOf(segment.sender)} acknowledged the SYN but not the ${plural(open.first, 'byte')} of data on it (TCP Fast Open).`,
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
    const unanswered = (endpoint: Endpoint, kind: number) =>
      endpoint.unansweredKind === kind &&
      endpoint.unansweredCopies === 1 &&
      end.time - endpoint.unansweredTime >= PATIENCE;
    if (unanswered(client, SYN) && !server.seen && client.lastAck < 1 && !connection.icmpError) {
      this.findings.raise(where(client), {
        id: 'syn-unanswered',
        cause: 'no answer at all',
        evidence: [client.unansweredFrame],
        confidence: 0.8,
        text: `Nobody answered the SYN of ${nameOf(client)} to ${server.name} until the capture ended ${duration(end.time - client.unansweredTime)} later.`,
      });
    } else if (unanswered(server, SYN | ACK) && server.state !== State.LISTEN && server.sndNxt <= 1) {
      this.findings.raise(where(server), {
        id: 'half-open',
        cause: 'the SYN,ACK was never acknowledged',
        evidence: [server.unansweredFrame],
        confidence: 0.8,
        text: `${nameOf(client)} never acknowledged the SYN,ACK of ${nameOf(server)}: the connection stayed half-open for ${duration(end.time - server.unansweredTime)}.`,
      });
    }
  }
}

/** Ends whose SYNs crossed both send a SYN,ACK; one that answers with a bare ACK had got the SYN before it sent its own. */
function crossing(sender: Endpoint, receiver: Endpoint, evidence: number[]): Account {
  if (sender.lastAck >= 1 && !sender.flight?.synAckSent) {
    return {
      id: 'split-handshake',
      cause: 'a SYN answered by a SYN alone',
      evidence,
      confidence: 0.8,
      text: `${nameOf(sender)} answered the SYN of ${nameOf(receiver)} with a SYN of its own without ACK: a split handshake.`,
    };
  }
  return {
    id: 'simultaneous-open',
    cause: 'both ends sent a SYN',
    evidence,
    confidence: 0.9,
    text: `The SYNs of ${nameOf(sender)} and ${nameOf(receiver)} crossed: both opened the connection at the same time.`,
  };
}
