import { Doing, type TimeBudget, type TimeKeeper, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, PSH, RST, SYN } from '../model/flags.ts';
import { Ca } from '../model/outbound.ts';
import { DOUBLE_ZERO, NEVER } from '../model/packed.ts';
import type { Question } from '../model/row.ts';
import type { Lendable } from '../model/second-chance.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind } from '../model/verdict.ts';
import { Departure } from './arrival.ts';
import { conclusionOf, totalsOf, totalsSoFar } from './conclusion.ts';
import { Direction, USUAL_MSS } from './direction.ts';
import { Distances } from './distances.ts';
import { IDLE } from './exchanges.ts';
import { ANEW, QUEUE } from './ledger.ts';
import { giveOpening, type Opening, takeOpening } from './opening.ts';
import { SentIds } from './sent-ids.ts';
import { type Meanings, Spending } from './spending.ts';
import { StampClock } from './stamp-clock.ts';
import { readSteady, type Steady, steadyOf, writeSteady } from './steady.ts';
import type { Tape } from './tape.ts';

/** Bytes of a TCP header without options, and with timestamps alone. */
const PLAIN = 20;
const STAMPED = 32;

const departure = new Departure();

/** What a life writes down of itself, as bits of one number. */
const IS_OVER = 1;
const HAS_MORE = 2;
const SLOW_A = 4;
const SLOW_B = 8;
const OPENS = 16;
const DATA_OF_A = 32;
const DATA_OF_B = 64;
const PROVEN_A = 128;
const PROVEN_B = 256;

/** A life with more rows under way, spans or exchanges than this does not rest. */
const MOST_ROWS = 64;
const MOST_NUMBERS = 1024;

/**
 * The life of one connection on one line of time. All times are nanoseconds since its first packet. One that is over is told
 * by numbers, and so is one that was not heard lately (`Lives`); the object takes the next connection.
 */
export class Life implements TimeKeeper, Meanings, Lendable {
  connection!: Connection;
  place = -1;
  wasUsed = true;
  private readonly distances = new Distances();
  readonly spending = new Spending(this.distances, this);
  private readonly clockOfA = new StampClock();
  private readonly clockOfB = new StampClock();
  private readonly idsOfA = new SentIds();
  private readonly idsOfB = new SentIds();
  /** Null until the end sends data. */
  private fromA: Direction | null = null;
  private fromB: Direction | null = null;
  /** Null when the handshake is complete, or was not seen. */
  private opening: Opening | null = null;
  /** Those of the connection before, made when they were first needed. */
  private spareFromA: Direction | null = null;
  private spareFromB: Direction | null = null;

  /** Both ends have closed, or the input has ended: no packet changes anything. */
  isOver = false;
  /**
   * Then: the data of the two ends met a bottleneck; the ways to them are proven; from the end that closed first to the point of capture
   * (ns), and between the two ends and back; the sender that something else than its congestion window held.
   */
  private isSlowFromA = false;
  private isSlowFromB = false;
  private isProvenA = false;
  private isProvenB = false;
  private closingWay = DOUBLE_ZERO;
  private closingRound = DOUBLE_ZERO;
  private steadyAtEnd: Steady | null = null;

  /** The latest packet. */
  private now = DOUBLE_ZERO;
  /** The first FIN or RST since the latest data (ns); and who sent it. */
  private firstClose: number = NEVER;
  private closer = 0;
  private isConcluded = false;
  /** Something else than a SYN or RST was seen. */
  private hasMore = false;
  /** The TTL of the SYN,ACK until the server sends something else; -1 then, and where there was none. */
  private synAckTtl = -1;

  /** Takes `connection`, of which the present segment is the first that is not the first SYN or SYN,ACK. */
  begin(connection: Connection): void {
    this.forget(connection);
    this.distances.begin();
    this.clockOfA.begin();
    this.clockOfB.begin();
    this.idsOfA.begin();
    this.idsOfB.begin();
    if (connection.sawHandshake) {
      this.opening = takeOpening();
      this.opening.begin(connection, this.distances);
    }
    const { server } = connection;
    this.synAckTtl = server.hasIss ? server.ttl : -1;
    // SYN,ACKs of two TTLs were seen at two places, or come from two hosts.
    if (server.hasIss && server.ttl < 0) this.distances.forget(server.index);
    this.readFirstStamp(connection.a);
    this.readFirstStamp(connection.b);
  }

  /** Nothing is known of the line of time of `connection`. */
  private forget(connection: Connection): void {
    if (this.opening !== null) giveOpening(this.opening);
    this.connection = connection;
    this.spending.begin(connection);
    this.fromA = this.fromB = this.opening = null;
    this.isProvenA = this.isProvenB = false;
    this.isOver = this.isSlowFromA = this.isSlowFromB = this.isConcluded = this.hasMore = false;
    this.closingWay = this.closingRound = this.now = DOUBLE_ZERO;
    this.firstClose = NEVER;
    this.closer = 0;
    this.synAckTtl = -1;
    this.steadyAtEnd = null;
  }

  private readFirstStamp({ index, outbound, connection }: Endpoint): void {
    if (outbound === null || outbound.clocks.firstTsVal < 0) return;
    const { firstTsVal, firstTsTime } = outbound.clocks;
    this.clock(index).lateness(firstTsVal, firstTsTime - connection.firstTime);
  }

  private clock(index: number): StampClock {
    return index === 0 ? this.clockOfA : this.clockOfB;
  }

  /** How many packets of the sender did not pass just before this one (`SentIds`). */
  missedBefore(view: SegmentView, sender: Endpoint, receiver: Endpoint): number {
    const ids = sender.index === 0 ? this.idsOfA : this.idsOfB;
    return ids.missedBefore(view, receiver.mss > 0 ? receiver.mss : USUAL_MSS);
  }

  private direction(index: number): Direction | null {
    return index === 0 ? this.fromA : this.fromB;
  }

  segment(t: TrackedSegment, view: SegmentView, packet: Question | null): void {
    const { connection } = this;
    const { verdict } = t;
    if (this.isOver) return;
    this.wasUsed = true;
    const now = Math.max(view.time - connection.firstTime, this.now);
    const { index } = t.sender;
    const hasStamps = (view.options & Option.TIMESTAMPS) !== 0;
    this.now = now;
    const missed = this.missedBefore(view, t.sender, t.receiver);
    if (view.flags & RST) {
      this.closes(index);
      if (connection.isOver) this.release();
      return;
    }
    const late = hasStamps ? this.lateness(index, view.tsVal, now) : 0;
    if (view.flags & SYN) {
      if (t.unacceptableSyn) return;
      this.opening?.syn(t.sender.isClient, view, now);
      if (view.flags & ACK && !t.sender.isClient && t.ack > 1) this.askedInSyn(t, view, now, late);
      // Whether the server takes data with the SYN shows its SYN,ACK.
      if (view.payloadLength === 0 || !(view.flags & ACK)) return;
    }
    this.hasMore = true;
    if (this.opening?.isUnanswered && !t.sender.isClient && t.ack > 1) this.askedInSyn(t, view, now, late);
    if (this.synAckTtl >= 0 && !t.sender.isClient && !(view.flags & SYN)) this.checkAnswerer(t.sender, view);
    if (this.opening !== null && !(view.flags & SYN)) this.opens(t, view, now, packet);
    if (view.flags & ACK) this.direction(1 - index)?.told(t, view, now, late, missed);
    if (verdict !== null && (verdict.kind === Kind.KEEP_ALIVE || verdict.kind === Kind.WINDOW_PROBE)) {
      if (verdict.kind === Kind.KEEP_ALIVE) this.spending.keepAlive = now;
      else this.spending.probed(t.sender, now);
      this.direction(index)?.probes(now);
    } else if (view.payloadLength > 0 && this.isFollowed(t)) {
      departure.start = t.seq + (view.flags & SYN ? 1 : 0);
      departure.end = departure.start + view.payloadLength;
      departure.now = now;
      departure.late = late;
      departure.echo = hasStamps ? view.tsEcr : -1;
      departure.missed = missed;
      departure.isPushed = (view.flags & PSH) !== 0;
      departure.options = Math.max(view.headerLength - (hasStamps ? STAMPED : PLAIN), 0);
      departure.verdict = verdict;
      departure.packet = packet;
      this.data(t, view.frame);
    }
    if (view.flags & FIN) this.closes(index);
    if (this.firstClose !== NEVER && connection.isOver) this.release();
  }

  /** Whoever has another TTL stands elsewhere: the SYN,ACK of a proxy tells nothing of the way to the server. */
  private checkAnswerer(server: Endpoint, { ttl }: SegmentView): void {
    if (ttl !== this.synAckTtl) this.distances.forget(server.index);
    this.synAckTtl = -1;
  }

  private opens(t: TrackedSegment, view: SegmentView, now: number, packet: Question | null): void {
    const { opening, spending } = this;
    spending.packet = packet;
    if (!opening!.goesOn(t, view.payloadLength > 0, now, spending.ledger)) return;
    giveOpening(opening!);
    this.opening = null;
  }

  /**
   * The server takes data with the SYN (RFC 7413): that is the first request. The SYN,ACK shows that it has arrived, or what follows
   * where the capture lacks that.
   */
  private askedInSyn(t: TrackedSegment, view: SegmentView, now: number, late: number): void {
    const { sender: server, receiver: client, ack, connection } = t;
    if (this.direction(client.index) !== null || Number.isNaN(connection.synTime) || client.sndNxt <= 1) return;
    const direction = client.index === 0 ? this.directionOfA() : this.directionOfB();
    direction.begin(client, server, 1);
    departure.start = 1;
    // It can have taken no more than there was.
    departure.end = Math.min(ack, client.sndNxt);
    departure.now = connection.synTime - connection.firstTime;
    departure.late = 0;
    departure.echo = -1;
    departure.missed = 0;
    departure.isPushed = true;
    departure.options = 0;
    departure.verdict = departure.packet = null;
    this.turn(client, direction, 0, connection.firstFrame);
    direction.sends(departure);
    direction.told(t, view, now, late, 0);
  }

  /**
   * Of one direction alone nobody knows what was asked and answered. But the other end may only not have been heard yet: before
   * that, a sender has no more than its initial window to send (RFC 6928).
   */
  private isFollowed({ sender, receiver }: TrackedSegment): boolean {
    if (receiver.seen || sender.dataPackets <= INITIAL_WINDOW) return true;
    this.forgetUnheard();
    return false;
  }

  /** What one end sent that never heard the other says nothing. */
  private forgetUnheard(): void {
    this.fromA = this.fromB = null;
    this.spending.exchanges.begin();
  }

  private get isHeard(): boolean {
    return this.connection.a.seen && this.connection.b.seen;
  }

  /** Nothing more will be sent: of what tells why, nothing is needed. */
  private release(): void {
    if (this.isOver) return;
    if (!this.isHeard) this.forgetUnheard();
    this.fromA?.conclude(this.now);
    this.fromB?.conclude(this.now);
    this.isSlowFromA = this.fromA?.bottleneck.isSeen ?? false;
    this.isSlowFromB = this.fromB?.bottleneck.isSeen ?? false;
    this.closingWay = this.distances.wayTo(this.closer);
    this.closingRound = this.distances.round;
    this.steadyAtEnd = this.steady;
    this.isProvenA = this.distances.isProven(0);
    this.isProvenB = this.distances.isProven(1);
    this.isOver = true;
    this.spending.packet = null;
  }

  /** Little enough is under way to write it down, and no packet is kept with it. */
  get canRest(): boolean {
    if (this.spending.packet !== null || this.spending.ledger.size + this.spending.exchanges.size > MOST_NUMBERS)
      return false;
    return canRest(this.fromA) && canRest(this.fromB);
  }

  /** Writes down what `read` needs to go on, which is less when it is over. */
  write(tape: Tape): void {
    const { opening, isOver } = this;
    const fromA = isOver ? null : this.fromA;
    const fromB = isOver ? null : this.fromB;
    let notes = isOver ? IS_OVER : 0;
    if (this.hasMore) notes |= HAS_MORE;
    if (this.isProvenA) notes |= PROVEN_A;
    if (this.isProvenB) notes |= PROVEN_B;
    if (this.isSlowFromA) notes |= SLOW_A;
    if (this.isSlowFromB) notes |= SLOW_B;
    if (opening !== null) notes |= OPENS;
    if (fromA !== null) notes |= DATA_OF_A;
    if (fromB !== null) notes |= DATA_OF_B;
    tape.put(notes);
    tape.put(this.spending.keepAlive);
    tape.put(this.spending.probe);
    tape.put(this.spending.pauseFrom);
    tape.put(this.spending.pauseTo);
    tape.put(this.spending.prober);
    tape.put(this.firstClose);
    tape.put(this.closer);
    if (isOver) {
      tape.put(this.closingWay);
      tape.put(this.closingRound);
      writeSteady(this.steadyAtEnd, tape);
    }
    this.spending.ledger.write(tape);
    this.spending.exchanges.write(tape);
    if (!isOver || opening !== null) {
      tape.put(this.synAckTtl);
      tape.put(this.now);
      this.distances.write(tape);
    }
    opening?.write(tape);
    if (isOver) return;
    this.clockOfA.write(tape);
    this.clockOfB.write(tape);
    this.idsOfA.write(tape);
    this.idsOfB.write(tape);
    fromA?.write(tape);
    fromB?.write(tape);
  }

  /** Takes up the life of `connection` where `write` wrote it down. */
  read(connection: Connection, tape: Tape): void {
    this.forget(connection);
    const notes = tape.next();
    this.isOver = (notes & IS_OVER) !== 0;
    this.hasMore = (notes & HAS_MORE) !== 0;
    this.isProvenA = (notes & PROVEN_A) !== 0;
    this.isProvenB = (notes & PROVEN_B) !== 0;
    this.isSlowFromA = (notes & SLOW_A) !== 0;
    this.isSlowFromB = (notes & SLOW_B) !== 0;
    this.spending.keepAlive = tape.next();
    this.spending.probe = tape.next();
    this.spending.pauseFrom = tape.next();
    this.spending.pauseTo = tape.next();
    this.spending.prober = tape.next();
    this.firstClose = tape.next();
    this.closer = tape.next();
    if (this.isOver) {
      this.closingWay = tape.next();
      this.closingRound = tape.next();
      this.steadyAtEnd = readSteady(tape);
    }
    this.spending.ledger.read(tape);
    this.spending.exchanges.read(tape);
    if (!this.isOver || notes & OPENS) {
      this.synAckTtl = tape.next();
      this.now = tape.next();
      this.distances.read(tape);
    }
    if (notes & OPENS) {
      this.opening = takeOpening();
      this.opening.read(connection, this.distances, tape);
    }
    if (this.isOver) return;
    this.clockOfA.read(tape);
    this.clockOfB.read(tape);
    this.idsOfA.read(tape);
    this.idsOfB.read(tape);
    if (notes & DATA_OF_A) this.directionOfA().read(tape);
    if (notes & DATA_OF_B) this.directionOfB().read(tape);
  }

  private directionOfA(): Direction {
    this.spareFromA ??= new Direction(0, this.distances, this.clockOfA, this.spending);
    this.fromA = this.spareFromA;
    return this.fromA;
  }

  private directionOfB(): Direction {
    this.spareFromB ??= new Direction(1, this.distances, this.clockOfB, this.spending);
    this.fromB = this.spareFromB;
    return this.fromB;
  }

  /** How late a segment is by its sender's clock: where the capture was made at the sender, nothing is. */
  private lateness(index: number, stamp: number, now: number): number {
    const late = this.clock(index).lateness(stamp, now);
    return this.distances.isNear(index) ? 0 : late;
  }

  private closes(index: number): void {
    if (this.firstClose !== NEVER) return;
    this.firstClose = this.now;
    this.closer = index;
  }

  private data(t: TrackedSegment, frame: number): void {
    const { start, end } = departure;
    const direction = this.direction(t.sender.index) ?? this.firstData(t, start);
    if (start < direction.high) {
      departure.exchange = Math.max(this.spending.exchanges.current, 0);
      direction.sendsAgain(departure);
    }
    if (end <= direction.high) return;
    // A hole opens while the verdict is that a timer expired: it did before the segment in front of the hole (`unseen-timeout.ts`).
    if (start > direction.high && t.sender.outbound?.caState === Ca.LOSS) this.spending.wasTimeout();
    this.turn(t.sender, direction, t.ack, frame);
    direction.sends(departure);
    this.firstClose = NEVER;
  }

  private firstData(t: TrackedSegment, start: number): Direction {
    const direction = t.sender.index === 0 ? this.directionOfA() : this.directionOfB();
    direction.begin(t.sender, t.receiver, start);
    return direction;
  }

  /** New data of `sender` leaves, which has received up to `ack`: whose turn is it? */
  private turn(sender: Endpoint, direction: Direction, ack: number, frame: number): void {
    const { exchanges, ledger } = this.spending;
    const { start, end, now, late } = departure;
    const bytes = end - direction.high;
    let begins = false;
    if (sender.isClient) begins = exchanges.request(bytes, ack, frame);
    else {
      const pause = now - late - this.distances.wayTo(direction.index) - ledger.now;
      const isOver = direction.isEmpty && exchanges.isAnswered && !direction.isMidMessage;
      const isUnasked = pause >= IDLE && isOver && !this.spending.hasProbed(direction.index);
      begins = exchanges.answer(bytes, Math.max(start, direction.high), frame, isUnasked);
    }
    departure.exchange = exchanges.current;
    if (!begins) return;
    direction.messageStart = now;
    direction.messageLate = late;
    direction.messageMayRepeat = direction.mayRepeat(departure);
    direction.messageExchange = exchanges.current;
  }

  /** The input has ended. */
  conclude(): void {
    if (this.isConcluded) return;
    this.isConcluded = true;
    const { spending, connection, opening } = this;
    const { ledger } = spending;
    const end = connection.latestTime - connection.firstTime;
    const isHeard = this.isHeard || !this.hasMore;
    if (isHeard) opening?.abandon(this.now, ledger);
    this.release();
    const close = this.firstClose === NEVER ? end : this.closeLeft;
    spending.heldUpToTheEnd(close);
    const gaveUp = this.firstClose !== NEVER && this.closer === connection.client.index;
    const isUnseen = connection.a.dataPackets + connection.b.dataPackets === 0 && hasStream(connection);
    if (!isHeard || (ledger.now === 0 && !connection.sawHandshake)) ledger.until(end, TimeUse.UNKNOWN, -1);
    else if (isUnseen) ledger.until(close, TimeUse.UNKNOWN, -1);
    else {
      if (spending.isUnanswered) spending.awaited(close, gaveUp, this.closingRound);
      if (spending.isIdle(close)) ledger.until(close, TimeUse.IDLE, -1);
    }
    ledger.until(end, TimeUse.CLOSING, -1);
  }

  budgetOf(): TimeBudget {
    return conclusionOf(this);
  }

  totalsOf(): ArrayLike<number> {
    return totalsOf(this);
  }

  soFar(): ArrayLike<number> {
    return this.isOver ? totalsOf(this) : totalsSoFar(this);
  }

  /** The way to that end is known otherwise than by the work of its application (`Distances.isProven`). */
  isProven({ index }: Endpoint): boolean {
    if (!this.isOver) return this.distances.isProven(index);
    return index === 0 ? this.isProvenA : this.isProvenB;
  }

  /** What a use means when all is known: where the way to an end is not proven, nothing tells that from what the end did. */
  meaningAtEnd(use: number, before: number): number {
    const { client, server } = this.connection;
    const needsServer = use === TimeUse.ROUND_TRIP || use === TimeUse.SERVER + Doing.THINKING;
    const needsClient = use === TimeUse.ROUND_TRIP || use === TimeUse.CLIENT + Doing.THINKING;
    const isUnknown = (needsServer && !this.isProven(server)) || (needsClient && !this.isProven(client));
    return isUnknown ? TimeUse.UNKNOWN : this.meaning(use, before);
  }

  /**
   * The same of time that belongs to an exchange: of a pause of the server, where nobody is seen to have waited for its end, nothing tells
   * whose it is. The other end of a connection that it opens by speaking has asked by connecting.
   */
  meaningIn(exchange: number, use: number, before: number): number {
    const { exchanges } = this.spending;
    const isGreeting = use === TimeUse.SERVER + Doing.THINKING && exchange === 0 && exchanges.isUnasked(0);
    const isPause = isGreeting || use === ANEW;
    return isPause && !exchanges.isAwaited(exchange, this.closeLeft) ? TimeUse.UNKNOWN : this.meaningAtEnd(use, before);
  }

  /** The same of time whose exchange is not known any more. */
  meaningOfJoined(use: number): number {
    if (use === ANEW && !this.spending.exchanges.areAwaited(this.closeLeft)) return TimeUse.UNKNOWN;
    return this.meaningAtEnd(use, TimeUse.CONGESTION_WINDOW);
  }

  /** The sender that something else than its congestion window held; null without. */
  get steady(): Steady | null {
    return this.isOver ? this.steadyAtEnd : steadyOf(this.fromA, this.fromB, this.distances.round);
  }

  /** When the first FIN or RST since the latest data left (ns), `NEVER` without. */
  private get closeLeft(): number {
    return this.firstClose - this.closingWay;
  }

  /** What a use of the ledger means so far: waiting in a queue is the path's only where there is a bottleneck. */
  meaning(use: number, before: number): number {
    if (use < QUEUE) return use;
    if (use === ANEW) return TimeUse.SERVER + Doing.SENDING;
    const isOfA = use === QUEUE;
    const isSlow = isOfA ? this.isSlowFromA : this.isSlowFromB;
    if (isSlow || (!this.isOver && this.direction(isOfA ? 0 : 1)?.bottleneck.isSeen)) return TimeUse.PATH_RATE;
    if (before === ANEW) return this.meaning(before, before);
    return before < QUEUE ? before : TimeUse.CONGESTION_WINDOW;
  }
}

/** By their sequence numbers the ends have sent data. */
function hasStream({ a, b }: Connection): boolean {
  return a.streamBytes + b.streamBytes > 0;
}

function canRest(direction: Direction | null): boolean {
  return direction === null || (direction.size >= 0 && direction.size <= MOST_ROWS);
}
