import { Doing, type TimeBudget, type TimeKeeper, TimeUse } from '../model/budget.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { DOUBLE_NONE, DOUBLE_ZERO } from '../model/packed.ts';
import type { PacketRow } from '../model/row.ts';
import type { Lendable } from '../model/second-chance.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind } from '../model/verdict.ts';
import { type Arrival, type ArrivalSink, Departure, type Sending } from './arrival.ts';
import { QUEUED } from './bottleneck.ts';
import { conclusionOf, totalsOf, totalsSoFar } from './conclusion.ts';
import { Direction } from './direction.ts';
import { Distances } from './distances.ts';
import { Exchanges } from './exchanges.ts';
import { Ledger, QUEUE } from './ledger.ts';
import { giveOpening, type Opening, takeOpening } from './opening.ts';
import { Reason } from './reason.ts';
import { StampClock } from './stamp-clock.ts';
import type { Tape } from './tape.ts';

/** A pause as long as this (ns) is idle when nobody owes anything. */
const IDLE = 5e9;

const departure = new Departure();

/** What a life writes down of itself, as bits of one number. */
const IS_OVER = 1;
const HAS_MORE = 2;
const SLOW_A = 4;
const SLOW_B = 8;
const OPENS = 16;
const DATA_OF_A = 32;
const DATA_OF_B = 64;

/** A life with more rows under way, spans or exchanges than this does not rest. */
const MOST_ROWS = 64;
const MOST_NUMBERS = 1024;

/**
 * The life of one connection on one line of time. All times are nanoseconds since its first packet. One that is over is told
 * by numbers, and so is one that was not heard lately (`Lives`); the object takes the next connection.
 */
export class Life implements TimeKeeper, ArrivalSink, Lendable {
  connection!: Connection;
  place = -1;
  wasUsed = true;
  readonly ledger = new Ledger();
  readonly exchanges = new Exchanges();
  private readonly distances = new Distances();
  private readonly clockOfA = new StampClock();
  private readonly clockOfB = new StampClock();
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
  /** Then: the data of the two ends met a bottleneck; and from the end that closed first to the point of capture (ns). */
  private isSlowFromA = false;
  private isSlowFromB = false;
  private closingWay = DOUBLE_ZERO;

  /** The latest packet. */
  private now = DOUBLE_ZERO;
  /** The latest keep-alive, and the first FIN or RST since the latest data, -1 none; and who sent that. */
  private keepAlive = DOUBLE_NONE;
  private firstClose = DOUBLE_NONE;
  private closer = 0;
  private isConcluded = false;
  /** Something else than a SYN or RST was seen. */
  private hasMore = false;
  /** The packet whose arrival is written, where rows are kept. */
  private packet: PacketRow | null = null;

  /** Takes `connection`, of which the present segment is the first that is not the first SYN or SYN,ACK. */
  begin(connection: Connection): void {
    this.forget(connection);
    this.distances.begin();
    this.clockOfA.begin();
    this.clockOfB.begin();
    if (connection.sawHandshake) {
      this.opening = takeOpening();
      this.opening.begin(connection, this.distances);
    }
    this.readFirstStamp(connection.a);
    this.readFirstStamp(connection.b);
  }

  /** Nothing is known of the line of time of `connection`. */
  private forget(connection: Connection): void {
    if (this.opening !== null) giveOpening(this.opening);
    this.connection = connection;
    this.ledger.begin();
    this.exchanges.begin();
    this.fromA = this.fromB = this.opening = null;
    this.isOver = this.isSlowFromA = this.isSlowFromB = this.isConcluded = this.hasMore = false;
    this.closingWay = this.now = DOUBLE_ZERO;
    this.keepAlive = this.firstClose = -1;
    this.closer = 0;
    this.packet = null;
  }

  private readFirstStamp({ index, outbound, connection }: Endpoint): void {
    if (outbound === null || outbound.clocks.firstTsVal < 0) return;
    const { firstTsVal, firstTsTime } = outbound.clocks;
    this.clock(index).lateness(firstTsVal, firstTsTime - connection.firstTime);
  }

  private clock(index: number): StampClock {
    return index === 0 ? this.clockOfA : this.clockOfB;
  }

  private direction(index: number): Direction | null {
    return index === 0 ? this.fromA : this.fromB;
  }

  segment(t: TrackedSegment, view: SegmentView, packet: PacketRow | null): void {
    const { connection } = this;
    const { verdict } = t;
    if (this.isOver) return;
    this.wasUsed = true;
    const now = Math.max(view.time - connection.firstTime, this.now);
    const { index } = t.sender;
    const hasStamps = (view.options & Option.TIMESTAMPS) !== 0;
    this.now = now;
    if (view.flags & RST) {
      this.closes(index);
      if (connection.isOver) this.release();
      return;
    }
    const late = hasStamps ? this.lateness(index, view.tsVal, now) : 0;
    if (view.flags & SYN) {
      if (t.unacceptableSyn) return;
      this.opening?.syn(view, now);
      if (view.payloadLength === 0) return;
    }
    this.hasMore = true;
    if (!(view.flags & SYN) && this.opening?.isAnswered && t.sender.isClient && t.ack >= 1) {
      this.packet = packet;
      this.opening.complete(now, view.payloadLength > 0, this.ledger);
      giveOpening(this.opening);
      this.opening = null;
    }
    if (view.flags & ACK) this.direction(1 - index)?.told(t, view, now, late);
    if (verdict !== null && (verdict.kind === Kind.KEEP_ALIVE || verdict.kind === Kind.WINDOW_PROBE)) {
      if (verdict.kind === Kind.KEEP_ALIVE) this.keepAlive = now;
    } else if (view.payloadLength > 0 && t.receiver.seen) {
      departure.start = t.seq + (view.flags & SYN ? 1 : 0);
      departure.end = departure.start + view.payloadLength;
      departure.now = now;
      departure.late = late;
      departure.echo = hasStamps ? view.tsEcr : -1;
      departure.verdict = verdict;
      departure.packet = packet;
      this.data(t, view.frame);
    }
    if (view.flags & FIN) this.closes(index);
    if (this.firstClose >= 0 && connection.isOver) this.release();
  }

  /** Nothing more will be sent: of what tells why, nothing is needed. */
  private release(): void {
    if (this.isOver) return;
    this.fromA?.conclude(this.now);
    this.fromB?.conclude(this.now);
    this.isSlowFromA = this.fromA?.bottleneck.isSeen ?? false;
    this.isSlowFromB = this.fromB?.bottleneck.isSeen ?? false;
    this.closingWay = this.distances.wayTo(this.closer);
    this.isOver = true;
    this.packet = null;
  }

  /** Little enough is under way to write it down, and no packet is kept with it. */
  get canRest(): boolean {
    if (this.packet !== null || this.ledger.size + this.exchanges.size > MOST_NUMBERS) return false;
    return canRest(this.fromA) && canRest(this.fromB);
  }

  /** Writes down what `read` needs to go on, which is less when it is over. */
  write(tape: Tape): void {
    const { opening, isOver } = this;
    const fromA = isOver ? null : this.fromA;
    const fromB = isOver ? null : this.fromB;
    let notes = isOver ? IS_OVER : 0;
    if (this.hasMore) notes |= HAS_MORE;
    if (this.isSlowFromA) notes |= SLOW_A;
    if (this.isSlowFromB) notes |= SLOW_B;
    if (opening !== null) notes |= OPENS;
    if (fromA !== null) notes |= DATA_OF_A;
    if (fromB !== null) notes |= DATA_OF_B;
    tape.put(notes);
    tape.put(this.keepAlive);
    tape.put(this.firstClose);
    tape.put(isOver ? this.closingWay : this.closer);
    this.ledger.write(tape);
    this.exchanges.write(tape);
    if (!isOver || opening !== null) {
      tape.put(this.now);
      this.distances.write(tape);
    }
    opening?.write(tape);
    if (isOver) return;
    this.clockOfA.write(tape);
    this.clockOfB.write(tape);
    fromA?.write(tape);
    fromB?.write(tape);
  }

  /** Takes up the life of `connection` where `write` wrote it down. */
  read(connection: Connection, tape: Tape): void {
    this.forget(connection);
    const notes = tape.next();
    this.isOver = (notes & IS_OVER) !== 0;
    this.hasMore = (notes & HAS_MORE) !== 0;
    this.isSlowFromA = (notes & SLOW_A) !== 0;
    this.isSlowFromB = (notes & SLOW_B) !== 0;
    this.keepAlive = tape.next();
    this.firstClose = tape.next();
    if (this.isOver) this.closingWay = tape.next();
    else this.closer = tape.next();
    this.ledger.read(tape);
    this.exchanges.read(tape);
    if (!this.isOver || notes & OPENS) {
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
    if (notes & DATA_OF_A) this.directionOfA().read(tape);
    if (notes & DATA_OF_B) this.directionOfB().read(tape);
  }

  private directionOfA(): Direction {
    this.spareFromA ??= new Direction(0, this.distances, this.clockOfA, this);
    this.fromA = this.spareFromA;
    return this.fromA;
  }

  private directionOfB(): Direction {
    this.spareFromB ??= new Direction(1, this.distances, this.clockOfB, this);
    this.fromB = this.spareFromB;
    return this.fromB;
  }

  /** How late a segment is by its sender's clock: where the capture was made at the sender, nothing is. */
  private lateness(index: number, stamp: number, now: number): number {
    const late = this.clock(index).lateness(stamp, now);
    return this.distances.isNear(index) ? 0 : late;
  }

  private closes(index: number): void {
    if (this.firstClose >= 0) return;
    this.firstClose = this.now;
    this.closer = index;
  }

  private data(t: TrackedSegment, frame: number): void {
    const { start, end } = departure;
    const direction = this.direction(t.sender.index) ?? this.firstData(t, start);
    if (start < direction.high) {
      departure.exchange = Math.max(this.exchanges.current, 0);
      direction.sendsAgain(departure);
    }
    if (end <= direction.high) return;
    this.turn(t, direction, frame);
    direction.sends(departure);
    this.firstClose = -1;
  }

  private firstData(t: TrackedSegment, start: number): Direction {
    const direction = t.sender.index === 0 ? this.directionOfA() : this.directionOfB();
    direction.begin(t, start);
    return direction;
  }

  /** New data leaves: whose turn is it? */
  private turn(t: TrackedSegment, direction: Direction, frame: number): void {
    const { exchanges } = this;
    const { start, end, now, late } = departure;
    const bytes = end - direction.high;
    let begins = false;
    if (t.sender.isClient) begins = exchanges.request(bytes, t.ack, frame);
    else {
      const pause = now - late - this.distances.wayTo(direction.index) - this.ledger.now;
      const isUnasked = pause >= IDLE && direction.isEmpty && exchanges.isAnswered;
      begins = exchanges.answer(bytes, Math.max(start, direction.high), frame, isUnasked);
    }
    departure.exchange = exchanges.current;
    if (!begins) return;
    direction.messageStart = now;
    direction.messageLate = late;
    direction.messageExchange = exchanges.current;
  }

  arrived(arrival: Arrival): void {
    const { direction, exchange, isRepeat } = arrival;
    const isAnswer = direction.index === this.connection.server.index;
    this.packet = arrival.packet;
    if (direction.messageStart >= 0 && exchange >= direction.messageExchange) this.begins(arrival, isAnswer);
    else if (arrival.afterUnseen) this.spend(arrival.time, TimeUse.UNKNOWN, exchange);
    else this.goesOn(arrival, isAnswer);
    this.exchanges.arrived(exchange, isAnswer, this.ledger.now, isRepeat);
  }

  remains(direction: Sending, exchange: number): void {
    this.exchanges.remains(exchange, direction.index === this.connection.server.index);
  }

  inVain(time: number, byTimer: boolean, exchange: number): void {
    this.spend(time, byTimer ? TimeUse.TIMEOUT : TimeUse.RECOVERY, exchange);
  }

  /** The first segment of a message arrives. */
  private begins(arrival: Arrival, isAnswer: boolean): void {
    const { direction, exchange } = arrival;
    const { exchanges } = this;
    const start = direction.messageStart - direction.messageLate - this.distances.wayTo(direction.index);
    direction.messageStart = Number.NaN;
    if (exchange === 0 && !this.connection.sawHandshake && this.ledger.now === 0) {
      this.spend(start, TimeUse.UNKNOWN, -1);
    } else if (!isAnswer) this.clientPaused(start, exchange);
    else if (!exchanges.isUnasked(exchange)) this.serverThought(start, exchange);
    else if (exchange === 0) this.serverGreets(start);
    else this.spend(start, TimeUse.IDLE, -1);
    if (!isAnswer) exchanges.began(exchange, start);
    if (arrival.byTimer) this.spend(arrival.left, TimeUse.TIMEOUT, exchange);
    this.spend(arrival.time, TimeUse.ROUND_TRIP, exchange);
    if (isAnswer) exchanges.answered(exchange, start, arrival.time);
  }

  private clientPaused(start: number, exchange: number): void {
    const pause = start - this.ledger.now;
    if (this.isIdle(start)) this.spend(start, TimeUse.IDLE, -1);
    else {
      this.exchanges.clientThought(exchange, Math.max(pause, 0));
      this.spend(start, TimeUse.CLIENT + Doing.THINKING, exchange);
    }
  }

  private serverThought(start: number, exchange: number): void {
    this.exchanges.serverThought(exchange, Math.max(start - this.ledger.now, 0));
    this.spend(start, TimeUse.SERVER + Doing.THINKING, exchange);
  }

  /** The server speaks first: it thinks from the arrival of the handshake's ACK on. */
  private serverGreets(start: number): void {
    const begin = this.ledger.now;
    this.exchanges.began(0, begin);
    this.spend(Math.min(begin + this.distances.round / 2, start), TimeUse.ROUND_TRIP, 0);
    this.serverThought(start, 0);
  }

  /** Nobody owes anything up to `end`, and it takes long, or somebody asks whether the other is still there. */
  private isIdle(end: number): boolean {
    const { now } = this.ledger;
    return end - now >= IDLE || (this.keepAlive > now && this.keepAlive < end);
  }

  /** A further segment of a message arrives: why not sooner? */
  private goesOn(arrival: Arrival, isAnswer: boolean): void {
    const { exchange, time, nominal } = arrival;
    const isOverdue = arrival.intoHole || arrival.isRepeat;
    if (!isOverdue) this.waits(arrival, time, arrival.late, isAnswer);
    else {
      if (!arrival.intoHole && nominal < time) this.waits(arrival, nominal, 0, isAnswer);
      this.spend(time, arrival.byTimer ? TimeUse.TIMEOUT : TimeUse.RECOVERY, exchange);
    }
  }

  /** Up to `time`, when the first copy came or would have come, `late` by the bottleneck: what its sender waited for. */
  private waits({ direction, exchange, reason }: Arrival, time: number, late: number, isAnswer: boolean): void {
    const own = isAnswer ? TimeUse.SERVER : TimeUse.CLIENT;
    const other = isAnswer ? TimeUse.CLIENT : TimeUse.SERVER;
    let use = this.ledger.lastUse;
    if (reason === Reason.RECEIVE_WINDOW || reason === Reason.DELAYED_ACK) {
      use = reason === Reason.DELAYED_ACK ? own + Doing.DELAYED_ACK : other + Doing.RECEIVE_WINDOW;
      this.spend(time, use, exchange);
      return;
    }
    if (reason === Reason.CONGESTION_WINDOW) use = TimeUse.CONGESTION_WINDOW;
    else if (reason === Reason.SENDING) use = own + Doing.SENDING;
    if (late > QUEUED) {
      this.spend(time - late, use, exchange);
      use = QUEUE + direction.index;
    }
    this.spend(time, use, exchange);
  }

  private spend(until: number, use: number, exchange: number): void {
    const { lastUse } = this.ledger;
    const time = this.ledger.until(until, use, exchange);
    if (time > 0 && this.packet !== null) this.packet.waits.push({ use: this.meaning(use, lastUse), time, exchange });
  }

  /** The input has ended. */
  conclude(): void {
    if (this.isConcluded) return;
    this.isConcluded = true;
    const { ledger, connection, opening } = this;
    const end = connection.latestTime - connection.firstTime;
    const isHeard = (connection.a.seen && connection.b.seen) || !this.hasMore;
    if (isHeard) opening?.abandon(this.now, ledger);
    this.release();
    const close = this.firstClose < 0 ? end : this.firstClose - this.closingWay;
    if (!isHeard || (ledger.now === 0 && !connection.sawHandshake)) ledger.until(end, TimeUse.UNKNOWN, -1);
    else if (this.isIdle(close)) ledger.until(close, TimeUse.IDLE, -1);
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

  /** What a use of the ledger means in the end: waiting in a queue is the path's only where there is a bottleneck. */
  meaning(use: number, before: number): number {
    if (use < QUEUE) return use;
    const isOfA = use === QUEUE;
    const isSlow = isOfA ? this.isSlowFromA : this.isSlowFromB;
    if (isSlow || (!this.isOver && this.direction(isOfA ? 0 : 1)?.bottleneck.isSeen)) return TimeUse.PATH_RATE;
    return before < QUEUE ? before : TimeUse.CONGESTION_WINDOW;
  }
}

function canRest(direction: Direction | null): boolean {
  return direction === null || (direction.size >= 0 && direction.size <= MOST_ROWS);
}
