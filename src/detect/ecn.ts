import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, CWR, ECE } from '../model/flags.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';

const ASKS = ECE | CWR;

/** Congestion marks that one end echoes to the other (RFC 3168 section 6.1.3). */
interface Echoes {
  acks: number;
  frames: number[];
  /** Segments with which the sender said that it had reduced its window. */
  reductions: number;
}

/** Explicit congestion notification: refused on the way, or at work. */
export class Ecn implements Detector {
  readonly ids = ['ecn-refused', 'ecn-marks'] as const;
  readonly when = [Fact.SYN, Fact.ECN];
  private readonly findings: Collector;
  /** Frame of the first SYN that asked for ECN. */
  private readonly asked = new Memory<Endpoint, { frame: number }>(() => ({ frame: 0 }));
  /** Told once this end answers. */
  private readonly pending = new Memory<Endpoint, { account: Account | null }>(() => ({ account: null }));
  private readonly agreed = new Memory<Connection, { frame: number }>(() => ({ frame: 0 }));
  /** By the end that echoes. */
  private readonly echoes = new Memory<Endpoint, Echoes>(() => ({ acks: 0, frames: [], reductions: 0 }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.UNACCEPTABLE)) return;
    if (segment.has(Fact.SYN)) this.asks(segment);
    else this.echoed(segment);
  }

  private asks(segment: Inspection): void {
    const { sender, view, frame } = segment;
    if (view.flags & ACK) {
      // RFC 3168 section 6.1.1: the answer has ECE without CWR.
      if ((view.flags & ASKS) === ECE) this.agreed.of(segment.connection).frame = frame;
      this.answers(segment);
      return;
    }
    const known = this.asked.find(sender);
    if ((view.flags & ASKS) === ASKS) {
      if (known === undefined) this.asked.of(sender).frame = frame;
      return;
    }
    if (known === undefined || known.frame === 0 || !segment.has(Fact.RETRANSMISSION)) return;
    const first = known.frame;
    known.frame = 0;
    const { receiver: server } = segment;
    const account: Account = {
      id: 'ecn-refused',
      evidence: [frame, first],
      confidence: 0.6,
      message: say('ecn-refused', { client: sender, server: server.name, first, frame }),
    };
    // Where nobody answers at all, it says nothing about ECN; told when the answer to the plain SYN has come.
    this.pending.of(server).account = account;
  }

  /** The plain SYN was answered where the one with ECN was not. */
  private answers(segment: Inspection): void {
    const pending = this.pending.find(segment.sender);
    if (!pending?.account) return;
    const { frame, row, connection, time } = segment;
    this.findings.raise(
      { connection, row, frame, time },
      { ...pending.account, evidence: [frame, ...pending.account.evidence] },
    );
    pending.account = null;
  }

  private echoed(segment: Inspection): void {
    const { sender, receiver, view, connection } = segment;
    if (this.agreed.find(connection) === undefined) return;
    if (view.flags & CWR) this.echoes.of(receiver).reductions++;
    if (!(view.flags & ECE)) return;
    const echoes = this.echoes.of(sender);
    echoes.acks++;
    note(echoes.frames, segment.frame);
    if (echoes.acks > 1) return;
    this.findings.add(segment, 'ecn-marks', () => ({
      id: 'ecn-marks',
      evidence: echoes.frames,
      message: say('ecn-marks', {
        receiver: sender,
        sender: receiver,
        acks: echoes.acks,
        reductions: echoes.reductions,
      }),
    }));
  }
}
