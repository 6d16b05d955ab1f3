import type { Endpoint } from '../model/endpoint.ts';
import { FIN, SYN } from '../model/flags.ts';
import { DOUBLE_ZERO, NEVER } from '../model/packed.ts';
import { type SegmentView, tsValOf } from '../model/segment.ts';
import { widen } from '../model/seq.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind } from '../model/verdict.ts';
import { Arrival, type ArrivalSink, type Departure, type Sending, Telling } from './arrival.ts';
import { Bottleneck } from './bottleneck.ts';
import {
  Delivered,
  END,
  EXCHANGE,
  FIRST,
  isByTimer,
  LATE,
  LATEST,
  NOTES,
  REASON,
  SACKED,
  START,
  TIMER,
  TOLD,
} from './copies.ts';
import type { Distances } from './distances.ts';
import { Excess, Holds } from './excess.ts';
import { Heard, PROMPT, SHUT, UNKNOWN_EDGE } from './heard.ts';
import { isProgram, Pace, Reason } from './reason.ts';
import { Spacing } from './spacing.ts';
import type { StampClock } from './stamp-clock.ts';
import type { Tape } from './tape.ts';
import { add, firstAfter, isSentAgain, makeUnderWay, repeat, toldEnd } from './under-way.ts';

/** A tail loss probe waits for two round trips (RFC 8985 section 7.2): what comes sooner is none. */
const PROBE_WAIT = 1.8;
/** A sender that was held back goes on within this share of a round trip after it may: the path is not always the same. */
const PATIENCE = 1 / 4;

const telling = new Telling();
const arrival = new Arrival();
const delivered = new Delivered();

/** The data that one end sends: what is under way, why it left when it did, and when it arrives as the ACKs tell. */
export class Direction implements Sending {
  /** Index of the sender. */
  readonly index: number;
  readonly bottleneck = new Bottleneck();
  /** Of a sender without timestamps, far away. */
  private spacing: Spacing | null = null;
  private readonly distances: Distances;
  private readonly clock: StampClock;
  private readonly sink: ArrivalSink;
  private readonly heard = new Heard();
  private readonly pace = new Pace();
  private readonly underWay = makeUnderWay();
  private readonly excess: Excess;

  /** Highest end of its data, and up to where it is known to have arrived in order. */
  declare high: number;
  declare private una: number;
  /** Highest right edge of its window, or `UNKNOWN_EDGE`, `SHUT`. */
  declare private edge: number;
  /** Something beyond `una` has arrived up to here; -1 nothing has. */
  declare private beyond: number;
  /** When the window opened last, and when its sender showed last that it had not heard of what passed here long before (ns). */
  declare private edgeTime: number;
  declare private unheardAt: number;

  declare messageStart: number;
  declare messageLate: number;
  declare messageMayRepeat: boolean;
  declare messageExchange: number;

  /** Of the end `index`; every arrival goes to `sink`. */
  constructor(index: number, distances: Distances, clock: StampClock, sink: ArrivalSink) {
    this.index = index;
    this.distances = distances;
    this.clock = clock;
    this.sink = sink;
    this.excess = new Excess(distances, 1 - index);
  }

  /** The first data that `sender` is seen to send begins at `start`. */
  begin(sender: Endpoint, receiver: Endpoint, start: number): void {
    this.high = this.una = sender.hasIss ? 1 : start;
    this.edge = receiver.windowEdge;
    this.beyond = -1;
    this.edgeTime = this.unheardAt = NEVER;
    this.excess.begin();
    this.messageStart = Number.NaN;
    this.messageLate = DOUBLE_ZERO;
    this.messageMayRepeat = false;
    this.messageExchange = -1;
    this.heard.begin(this.una, this.edge);
    const stamped = sender.timestamps && receiver.timestamps;
    this.pace.begin(receiver.mss > 0 ? receiver.mss - (stamped ? STAMPS : 0) : USUAL_MSS);
    this.bottleneck.begin();
    this.spacing?.begin();
    this.underWay.clear();
  }

  /** Rows that are kept of what is under way, both ways; -1 where packets are kept with them. */
  get size(): number {
    return this.underWay.isPlain ? this.underWay.length + this.heard.size : -1;
  }

  write(tape: Tape): void {
    tape.put(this.high);
    tape.put(this.una);
    tape.put(this.edge);
    tape.put(this.beyond);
    tape.put(this.edgeTime);
    tape.put(this.unheardAt);
    this.excess.write(tape);
    tape.put(this.messageStart);
    tape.put(this.messageLate);
    tape.put(Number(this.messageMayRepeat));
    tape.put(this.messageExchange);
    this.heard.write(tape);
    this.pace.write(tape);
    this.bottleneck.write(tape);
    this.underWay.write(tape);
    tape.put(Number(this.spacing !== null));
    this.spacing?.write(tape);
  }

  read(tape: Tape): void {
    this.high = tape.next();
    this.una = tape.next();
    this.edge = tape.next();
    this.beyond = tape.next();
    this.edgeTime = tape.next();
    this.unheardAt = tape.next();
    this.excess.read(tape);
    this.messageStart = tape.next();
    this.messageLate = tape.next();
    this.messageMayRepeat = tape.next() !== 0;
    this.messageExchange = tape.next();
    this.heard.read(tape);
    this.pace.read(tape);
    this.bottleneck.read(tape);
    this.underWay.read(tape);
    if (tape.next() === 0) this.spacing?.begin();
    else {
      this.spacing ??= new Spacing();
      this.spacing.read(tape);
    }
  }

  get isEmpty(): boolean {
    return this.underWay.length === 0;
  }

  /** The latest data filled its segment: there is more of the message. */
  get isMidMessage(): boolean {
    return this.pace.smallEnd !== this.pace.lastEnd;
  }

  /** New data leaves: what of it lies beyond `high`. */
  sends(departure: Departure): void {
    const { start, end, now, late: stamped, echo, isPushed, options, exchange, packet } = departure;
    const { underWay, heard, pace, distances, clock } = this;
    const { mss } = pace;
    const from = Math.max(start, this.high);
    const late = echo < 0 && !distances.isNear(this.index) ? this.spaced(now, end - from) : stamped;
    const left = now - late;
    const back = distances.roundTo(this.index);
    const blur = (late > 0 ? clock.tick : 0) + distances.blurOf(this.index, clock.jitter);
    heard.upTo(left, blur, back, echo, from + Math.min(end - from, mss));
    if (heard.round > 0) distances.bounded(this.index, heard.round);
    const wait = left - Math.max(pace.lastTime, heard.time + back);
    const { round } = distances;
    const pause = left - pace.lastTime;
    const isUnheard = this.unheardAt > pace.lastTime;
    pace.measure(left, end - from, options);
    const isNear = distances.isNear(this.index);
    const patience = Math.max(PROMPT + blur, round * PATIENCE);
    let notes: number = pace.reason(left, from, end, heard, patience, round, isNear ? 0 : PUSH_DOUBT * round);
    if (isPushed) pace.pushed(end);
    if (isUnheard && isProgram(notes)) notes = Reason.UNHEARD;
    // Who sends again waits for a round trip at least.
    if (pause > round && isProgram(notes) && this.mayRepeat(departure)) notes = Reason.UNKNOWN;
    // What was sent before it has not come, so that no ACK can have brought it about: it asks what is missing.
    const isProbe = start > this.high && isProgram(notes) && wait > PROBE_WAIT * round;
    // Without PSH more is there to be sent (RFC 9293 section 3.9.1.2), and ACKs may have been held up on their way.
    if (notes === Reason.SENDING && !isNear) notes = Reason.UNKNOWN;
    if (isProbe) notes |= TIMER;
    if (underWay.isFull) {
      telling.now = now;
      telling.excess = 0;
      this.settle(0, true);
      underWay.shift();
    }
    const at = add(underWay, from, end, now, exchange);
    underWay.memory[at + LATE] = late;
    underWay.memory[at + NOTES] = notes;
    if (packet !== null) underWay.setLabel(at, { first: packet, latest: null, verdict: null });
    this.high = end;
  }

  /**
   * New data may be a copy of what was lost before the capture: its verdict says so, or packets are missing before data that leaves no hole.
   * They were copies of it, data after it, and ACKs.
   */
  mayRepeat({ start, missed, verdict }: Departure): boolean {
    if (verdict?.kind === Kind.RETRANSMISSION) return true;
    return missed > 0 && missed <= MOST_COPIES && start <= this.high;
  }

  /** How late it is, where no clock of the sender tells. */
  private spaced(now: number, length: number): number {
    this.spacing ??= new Spacing();
    return this.spacing.waited(now, length, this.distances.round);
  }

  /** The sender asks for room, at `now` (ns). It has not heard of room that there was a round trip ago. */
  probes(now: number): void {
    if (this.edge > this.high && now - this.edgeTime > this.distances.round) this.unheardAt = now;
  }

  /** Data leaves of which something lies below `high`. A timer sends again what was acknowledged: the sender has not heard of that. */
  sendsAgain(departure: Departure): void {
    if (departure.end <= this.una && isByTimer(departure.verdict)) this.unheardAt = departure.now;
    repeat(this.underWay, departure, this.high, this.una);
    if (isSentAgain(departure)) this.pace.reduced();
  }

  /** The sender's largest flight (bytes), and for how long it did not grow (ns). */
  get steadyFlight(): number {
    return this.pace.proven;
  }
  get steadyTime(): number {
    return this.pace.steadyTime;
  }

  /** The receiver of the data acknowledges, in a segment that is `late` by its own clock. */
  told(t: TrackedSegment, view: SegmentView, now: number, late: number, missed: number): void {
    const { ack } = t;
    const edge = t.window >= 0 ? ack + t.window : view.rawWindow === 0 ? SHUT : UNKNOWN_EDGE;
    const hasSack = view.sackCount > 0;
    const isPure = view.payloadLength === 0;
    // RFC 5681 section 2.
    const isDuplicateAck =
      isPure && !(view.flags & (SYN | FIN)) && ack === this.una && edge === this.edge && !this.isEmpty;
    telling.now = now;
    telling.late = late;
    telling.missed = missed;
    telling.ack = ack;
    telling.edge = edge;
    // What lies beyond the latest ACK of its receiver is not echoed (RFC 7323 section 4.3).
    telling.stamp = t.seq <= t.sender.sndUna ? tsValOf(view) : -1;
    const isShut = edge === SHUT;
    if (ack > this.una || edge > this.edge || isShut || hasSack || isDuplicateAck) this.heard.told(telling);
    // Where the receiver does not read, and its window closes, it leaves its ACK for later.
    const isClosing = edge - this.edge < ack - this.una;
    if (edge > this.edge || isShut) {
      this.edge = edge;
      this.edgeTime = now;
    }
    if (ack > this.una) this.acknowledged(isPure, hasSack, isClosing);
    if (hasSack) this.readSack(t, view);
    // With SACK, one without a block tells of nothing that has arrived.
    else if (isDuplicateAck && this.beyond < 0 && !(t.sender.sackPermitted && t.receiver.sackPermitted))
      this.readDuplicateAck();
  }

  private acknowledged(isPure: boolean, hasSack: boolean, isClosing: boolean): void {
    const { underWay } = this;
    const { ack, now } = telling;
    const isMany = ack - this.una >= 2 * this.pace.mss;
    // Every second segment is acknowledged at once (RFC 5681 section 4.2), and what fills a hole.
    const isSure = hasSack || this.beyond >= 0 || (isMany && !isClosing);
    const latest = firstAfter(underWay, ack) - 1;
    const sample = this.sampleOf(latest, now);
    if (sample >= 0 && isPure) this.distances.proves(1 - this.index);
    // The first measure holds for what it was taken with, too.
    if (sample >= 0 && !this.distances.isKnown(1 - this.index)) this.distances.measured(1 - this.index, sample);
    const holds = isSure ? Holds.NOT : isClosing ? Holds.READER : isPure ? Holds.TIMER : Holds.ANSWER;
    this.excess.measure(telling, underWay, latest, holds);
    for (let i = 0; i <= latest; i++) {
      const end = underWay.memory[underWay.at(0) + END];
      this.settle(0, true);
      this.una = end;
      underWay.shift();
    }
    if (sample >= 0) this.distances.measured(1 - this.index, sample);
    this.una = ack;
    if (this.beyond >= 0 && ack >= this.beyond) this.beyond = -1;
  }

  /** From row `i`, the last that an ACK tells of, to that ACK, which passes at `now` (ns); -1 where its copies leave it open. */
  private sampleOf(i: number, now: number): number {
    if (i < 0) return -1;
    const { memory } = this.underWay;
    const at = this.underWay.at(i);
    const isPlain = Number.isNaN(memory[at + LATEST]) && !(memory[at + NOTES] & SACKED);
    return isPlain ? now - memory[at + FIRST] : -1;
  }

  /** Segments beyond a hole have arrived (RFC 2018 section 3). What is new in a block lies at its ends. */
  private readSack(t: TrackedSegment, view: SegmentView): void {
    const { receiver } = t;
    const { underWay } = this;
    for (let b = 0; b < view.sackCount; b++) {
      const left = widen(view.sack[2 * b], receiver.base, receiver.sndNxt);
      const right = widen(view.sack[2 * b + 1], receiver.base, receiver.sndNxt);
      if (left >= right || left < this.una || right > this.high + 1) continue;
      let i = firstAfter(underWay, left);
      for (; i < underWay.length && this.cover(i, right, TOLD); i++);
      let j = firstAfter(underWay, right) - 1;
      for (; j > i && this.cover(j, right, TOLD); j--);
      if (right > this.beyond) this.beyond = right;
    }
  }

  /** The row lies within a block that ends at `right`: true when no block has told so before. `told`: `TOLD`, or 0 where it is inferred. */
  private cover(i: number, right: number, told: number): boolean {
    const { underWay } = this;
    const at = underWay.at(i);
    const { memory } = underWay;
    if (memory[at + NOTES] & SACKED || memory[at + END] > right) return false;
    this.excess.measure(telling, underWay, i, Holds.NOT);
    this.settle(i, false);
    memory[at + NOTES] |= SACKED | told;
    if (this.beyond < 0) this.beyond = memory[at + END];
    return true;
  }

  /** Without SACK: something arrived beyond the segment that is missing. */
  private readDuplicateAck(): void {
    const { underWay } = this;
    const { ack } = telling;
    const i = firstAfter(underWay, ack + 1);
    if (i >= underWay.length) return;
    const at = underWay.at(i);
    const { memory } = underWay;
    const next = memory[at + START] > ack ? i : i + 1;
    if (next < underWay.length) this.cover(next, memory[underWay.at(next) + END], 0);
  }

  /** Row `i` has arrived as `telling` tells; in order, or beyond a hole. */
  private settle(i: number, inOrder: boolean): void {
    const { underWay, distances } = this;
    const { now, excess } = telling;
    const at = underWay.at(i);
    const { memory } = underWay;
    if (memory[at + NOTES] & SACKED) return;
    const there = distances.wayTo(1 - this.index);
    delivered.choose(memory, at, underWay.labelAt(at), now, 2 * there);
    const { passed, isRetransmission } = delivered;
    const late = isRetransmission ? 0 : memory[at + LATE];
    const queued = Math.min(excess, Math.max(now - passed - 2 * there, 0));
    arrival.direction = this;
    arrival.exchange = memory[at + EXCHANGE];
    arrival.left = passed - late - distances.wayTo(this.index);
    arrival.time = passed + there + queued;
    arrival.late = late + queued;
    arrival.bytes = memory[at + END] - memory[at + START];
    arrival.reason = memory[at + NOTES] & REASON;
    arrival.nominal = memory[at + FIRST] + there;
    arrival.isRetransmission = isRetransmission;
    arrival.byTimer = delivered.byTimer;
    arrival.intoHole = this.beyond >= 0;
    arrival.afterUnseen = inOrder && memory[at + START] > this.una;
    arrival.packet = delivered.packet;
    if (inOrder && !isRetransmission) this.bottleneck.arrives(arrival, distances);
    this.sink.arrived(arrival);
  }

  /**
   * The input has ended: what is under way and was not sent again is taken to have arrived, unless the receiver told that
   * something before it is missing. Of what was sent again in vain the latest copy shows until when its sender waited.
   */
  conclude(now: number): void {
    const { underWay } = this;
    let last = Number.NEGATIVE_INFINITY;
    let notes = 0;
    let exchange = -1;
    const told = toldEnd(underWay);
    telling.now = now;
    telling.excess = 0;
    for (let reached = this.una; underWay.length > 0; underWay.shift()) {
      const at = underWay.at(0);
      const { memory } = underWay;
      const wasResent = !Number.isNaN(memory[at + LATEST]);
      const isMissing = !(memory[at + NOTES] & SACKED) && (wasResent || memory[at + END] <= told);
      if (isMissing || (memory[at + START] > reached && memory[at + START] < told)) {
        this.sink.remains(this, memory[at + EXCHANGE]);
      }
      reached = memory[at + END];
      if (!isMissing) this.settle(0, true);
      else if (wasResent && memory[at + LATEST] > last) {
        last = memory[at + LATEST];
        notes = memory[at + NOTES];
        exchange = memory[at + EXCHANGE];
      }
    }
    if (exchange >= 0) this.sink.inVain(this, last - this.distances.wayTo(this.index), (notes & TIMER) !== 0, exchange);
  }
}

/** Bytes of the timestamps option in each segment (RFC 7323 appendix A), and the MSS of most paths where none is known. */
const STAMPS = 12;
/** Round trips: at the far side, the congestion window may explain as long a pause after a full segment with PSH. Linux sets PSH on bulk data, too. */
const PUSH_DOUBT = 2;
/** Of more packets that are missing before data hardly all were a flight and its copies: the IP IDs count others, too. */
const MOST_COPIES = 64;
export const USUAL_MSS = 1448;
