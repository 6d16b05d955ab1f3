import { say } from '../messages/message.ts';
import { longestSwap, SWAP } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Option } from '../model/segment.ts';
import { LARGEST_WINDOW } from '../model/tcp-constants.ts';
import type { Where } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { HandshakeOrder } from './handshake-order.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { type Acknowledgment, type Gap, MissingBytes } from './missing-bytes.ts';

/** An acknowledgment that runs ahead of what the capture has seen. */
interface Question {
  /** Offsets: SND.NXT as far as seen, and what was acknowledged. */
  from: number;
  to: number;
  frame: number;
  time: number;
  row: Where['row'];
  /** The timestamp that it echoes, -1 without. */
  echo: number;
  /** How often the same was acknowledged again. */
  repeats: number;
  /** More than the window allowed, as far as the capture shows the window. */
  isBeyond: boolean;
}

/** Bytes of one sender that came damaged and in one piece. */
interface Damaged {
  from: number;
  to: number;
}

interface Swaps {
  count: number;
  longest: number;
  frames: number[];
}

/**
 * Bytes that were acknowledged and never seen. Three answers: the capture missed them, it wrote the ACK before its data, or
 * they were never sent. What their sender does next tells.
 */
export class MissingPackets implements Detector {
  readonly ids = ['missing-in-capture', 'ack-before-data', 'ack-of-unsent-data'] as const;
  readonly when = [Fact.UNSEEN, Fact.QUESTIONED, Fact.HOLES, Fact.CHECKSUM, Fact.REORDERED, Fact.RETRANSMISSION];
  private readonly findings: Collector;
  private readonly missing = new Memory<Endpoint, MissingBytes>(() => new MissingBytes());
  private readonly questions = new Memory<Endpoint, Question>(() => ({
    from: 0,
    to: 0,
    frame: 0,
    time: 0,
    row: null,
    echo: -1,
    repeats: 0,
    isBeyond: false,
  }));
  private readonly damaged = new Memory<Endpoint, Damaged>(() => ({ from: 0, to: 0 }));
  /** Streams of which packets are missing. */
  private readonly streams = new Set<number>();
  /** The packet that was last found after its ACK. */
  private latestSwapped = 0;
  private readonly swaps = new Memory<Endpoint, Swaps>(() => ({ count: 0, longest: 0, frames: [] }));

  private readonly handshakes: HandshakeOrder;

  constructor(findings: Collector, handshakes: HandshakeOrder) {
    this.findings = findings;
    this.handshakes = handshakes;
  }

  /** Are packets of this stream missing in the capture? */
  has(stream: number): boolean {
    return this.streams.has(stream);
  }

  /** Does this packet stand after its ACK? Then the capture moved it, and nothing on the way did. */
  isSwapped({ frame }: Inspection): boolean {
    return frame === this.latestSwapped;
  }

  /** They are, as another analysis found. */
  note({ id }: Connection): void {
    this.streams.add(id);
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.QUESTIONED)) this.answer(segment);
    if (segment.has(Fact.UNACCEPTABLE)) {
      if (segment.has(Fact.CHECKSUM)) this.noteDamage(segment);
      return;
    }
    if (!segment.receiver.seen) return;
    if (segment.has(Fact.REORDERED) || segment.has(Fact.RETRANSMISSION)) this.comesLate(segment);
    if (segment.has(Fact.UNSEEN)) this.ask(segment);
    if (segment.has(Fact.HOLES)) this.readHoles(segment);
  }

  private noteDamage({ sender, t }: Inspection): void {
    if (t.end === t.seq) return;
    const known = this.damaged.find(sender);
    const damaged = known ?? this.damaged.of(sender);
    const isApart = known === undefined || t.seq > damaged.to || t.end < damaged.from;
    damaged.from = isApart ? t.seq : Math.min(damaged.from, t.seq);
    damaged.to = isApart ? t.end : Math.max(damaged.to, t.end);
  }

  /** Holes in the data that the receiver shows to have. */
  private readHoles(segment: Inspection): void {
    const { receiver, effect } = segment;
    for (const { start, end, frame } of effect.shownHoles) this.miss(segment, receiver, start, end, segment, frame);
  }

  private ask(segment: Inspection): void {
    const { receiver, t } = segment;
    const { sndNxt, finEnd } = receiver;
    // Nothing follows a FIN. The ends do not agree on the connection, and no bytes are missing.
    if (finEnd >= 0 && sndNxt >= finEnd) return;
    if (receiver.questionedTo >= t.ack) {
      // The same acknowledgment again: a forged one would come once.
      if (t.ack === receiver.questionedTo) this.questions.of(receiver).repeats++;
      return;
    }
    // More bytes than the largest window cannot have been sent. More than the window that was seen can: window updates may be missing too.
    const { windowEdge } = segment.sender;
    if (t.ack - sndNxt > LARGEST_WINDOW) {
      this.neverSent(segment, segment.sender, t.ack - sndNxt, [segment.frame], 0.9);
      return;
    }
    const question = this.questions.of(receiver);
    if (receiver.questionedTo < 0) question.from = sndNxt;
    question.to = t.ack;
    question.repeats = 0;
    question.isBeyond = windowEdge >= 0 && t.ack > windowEdge + 1;
    question.frame = segment.frame;
    question.time = segment.time;
    question.row = segment.row === null ? null : { findings: segment.row.findings };
    question.echo = segment.view.options & Option.TIMESTAMPS ? segment.view.tsEcr : -1;
    receiver.questionedTo = t.ack;
  }

  /** What `sender` sends may stand in the capture so much later (ns) than its ACK. */
  private longestLag(sender: Endpoint): number {
    return Math.max(longestSwap(sender), this.handshakes.lagOf(sender));
  }

  /** It was sent after the acknowledgment, not just captured after it: its timestamp tells, or how much later it came (ns). */
  private isLater({ view, sender }: Inspection, { echo }: Question, late: number): boolean {
    if (late <= this.longestLag(sender)) return false;
    // An ACK that echoes the timestamp of this packet, or a later one, shows that it had been sent.
    return echo < 0 || !(view.options & Option.TIMESTAMPS) || ((view.tsVal - echo) | 0) > 0;
  }

  /** The end whose unseen bytes were acknowledged sends again. */
  private answer(segment: Inspection): void {
    const { sender, t } = segment;
    if (t.end === t.seq && t.seq < sender.questionedTo) return;
    const question = this.questions.of(sender);
    const late = segment.time - question.time;
    const isLate = this.isLater(segment, question, late);
    // The FIN is a retransmission of the one that was acknowledged: a FIN is not acknowledged before it is sent.
    const isFin = segment.has(Fact.FIN) && t.end - t.seq === 1 && t.seq === question.from && t.end === question.to;
    if (t.seq >= question.to || ((question.repeats > 0 || isFin) && isLate)) {
      this.miss(segment, sender, question.from, question.to, question, question.frame);
    } else if (isLate && t.seq <= question.from) {
      const { row, frame, time, isBeyond } = question;
      const where = { connection: segment.connection, row, frame, time };
      const confidence = isBeyond ? 0.9 : 0.8;
      this.neverSent(where, segment.receiver, question.to - question.from, [frame, segment.frame], confidence);
    } else {
      this.swapped(segment, question, late);
      // What lies before it may come a moment later.
      if (t.seq > question.from) this.miss(segment, sender, question.from, t.seq, question, segment.frame);
      question.from = Math.max(question.from, t.end);
      if (t.end < question.to) return;
    }
    sender.questionedTo = -1;
  }

  /** What was taken for missing stands in the capture a moment after its ACK. */
  private comesLate(segment: Inspection): void {
    const { sender, t, time } = segment;
    const missing = this.missing.find(sender);
    if (missing === undefined) return;
    // What is sent again later than that need not be what was acknowledged.
    const longest = segment.has(Fact.RETRANSMISSION) ? SWAP : this.longestLag(sender);
    let filled: Gap | null = null;
    for (let gap = missing.take(t.seq, t.end); gap !== null; gap = missing.take(t.seq, t.end)) {
      if (time - gap.ack.time > longest) continue;
      missing.fill(gap, t.seq, t.end);
      filled ??= gap;
    }
    if (filled === null) return;
    if (missing.bytes === 0 && (this.missing.find(sender.peer)?.bytes ?? 0) === 0) {
      this.streams.delete(sender.connection.id);
    }
    this.swapped(segment, filled.ack, time - filled.ack.time);
  }

  /** `ack` is the packet that acknowledges them, `frame` another that shows that they are missing. */
  private miss(where: Where, owner: Endpoint, from: number, to: number, ack: Acknowledgment, frame: number): void {
    // They are there, with a wrong checksum, and were taken as they are: the capture was changed.
    const damaged = this.damaged.find(owner);
    if (damaged !== undefined && damaged.from <= from && damaged.to >= to) return;
    const known = this.missing.find(owner);
    const missing = known ?? this.missing.of(owner);
    missing.add(owner, from, to, ack, this.longestLag(owner));
    note(missing.frames, where.frame);
    if (frame !== where.frame) note(missing.frames, frame);
    this.streams.add(owner.connection.id);
    if (known !== undefined) return;
    const first = ack.frame;
    // All of it may come a moment later.
    this.findings.defer(where, 'missing-in-capture', () => missing.account(owner, first));
  }

  /** The segment stands in the capture so much later (ns) than `ack`, which acknowledges its bytes. */
  private swapped(segment: Inspection, ack: Acknowledgment, lateness: number): void {
    const { sender, receiver } = segment;
    const known = this.swaps.find(sender);
    const swaps = known ?? this.swaps.of(sender);
    swaps.count++;
    this.latestSwapped = segment.frame;
    if (lateness > swaps.longest) swaps.longest = lateness;
    note(swaps.frames, segment.frame);
    note(swaps.frames, ack.frame);
    if (known !== undefined) return;
    this.findings.add(segment, 'ack-before-data', () => ({
      id: 'ack-before-data',
      evidence: swaps.frames,
      confidence: 0.9,
      message: say('ack-before-data', {
        owner: sender,
        acker: receiver,
        segments: swaps.count,
        longest: swaps.longest,
      }),
    }));
  }

  private neverSent(where: Where, acker: Endpoint, bytes: number, evidence: number[], confidence: number): void {
    this.findings.raise(where, {
      id: 'ack-of-unsent-data',
      evidence,
      confidence,
      message: say('ack-of-unsent-data', { acker, owner: acker.peer, frame: where.frame, bytes }),
    });
  }

  concludeConnection(connection: Connection, end: CaptureEnd): void {
    this.concludeBytes(connection, end);
    if (lacksAnswer(connection) && !this.has(connection.id)) this.missAnswer(connection);
  }

  /** Only the SYN,ACK is missing: the server went on with the connection. */
  private missAnswer(connection: Connection): void {
    const { firstFrame: frame, firstTime: time, server } = connection;
    this.findings.raise(
      { connection, row: null, frame, time },
      {
        id: 'missing-in-capture',
        evidence: [frame],
        confidence: 0.95,
        message: say('missing-in-capture.answer', { owner: server, frame }),
      },
    );
  }

  private concludeBytes(connection: Connection, end: CaptureEnd): void {
    for (const endpoint of [connection.a, connection.b]) {
      if (endpoint.questionedTo < 0 || !endpoint.seen) continue;
      const question = this.questions.of(endpoint);
      const { from, to, frame, isBeyond, repeats, row } = question;
      endpoint.questionedTo = -1;
      const where = { connection, row: null, frame, time: end.time };
      // Nothing came after it. A capture without other holes lacks nothing that no window allowed.
      if (isBeyond && repeats === 0 && !this.has(connection.id)) {
        this.neverSent({ ...where, row }, endpoint.peer, to - from, [frame], 0.6);
      } else this.miss(where, endpoint, from, to, question, frame);
    }
  }
}

/** The server sends data, and was not seen to answer the SYN. */
function lacksAnswer({ client, server }: Connection): boolean {
  return client.hasIss && !server.hasIss && server.dataPackets > 0;
}
