import { Doing, type TimeBudget, type TimeKeeper, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import type { PacketRow } from '../model/row.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind } from '../model/verdict.ts';
import { QUEUED } from './bottleneck.ts';
import { conclusionOf, totalsOf } from './conclusion.ts';
import { type Arrival, type ArrivalSink, Departure, Direction } from './direction.ts';
import { Distances } from './distances.ts';
import { Exchanges } from './exchanges.ts';
import { Ledger, QUEUE } from './ledger.ts';
import { Opening } from './opening.ts';
import { Reason } from './reason.ts';
import { StampClock } from './stamp-clock.ts';

/** A pause as long as this (ns) is idle when nobody owes anything. */
export const IDLE = 5e9;

const departure = new Departure();

/** The life of one connection on one line of time. All times are nanoseconds since its first packet. */
export class Life implements TimeKeeper, ArrivalSink {
  readonly connection: Connection;
  readonly ledger = new Ledger();
  readonly exchanges = new Exchanges();
  private readonly distances = new Distances();
  private clocks: readonly StampClock[] = [new StampClock(), new StampClock()];
  private directions: (Direction | null)[] = [null, null];
  /** By the index of the sender: its data met a bottleneck. */
  private bottlenecks: readonly boolean[] | null = null;
  /** Null when it is over, or was not seen. */
  private opening: Opening | null = null;

  /** The latest packet. */
  private now = DOUBLE_ZERO;
  /** The latest keep-alive, and the first FIN or RST since the latest data, -1 none; and who sent that. */
  private keepAlive = -1;
  private firstClose = -1;
  private closer = 0;
  private isConcluded = false;
  /** Something else than a SYN or RST was seen. */
  private hasMore = false;
  /** The packet whose arrival is written, where rows are kept. */
  private packet: PacketRow | null = null;

  /** `t` is the first segment that is not the first SYN or SYN,ACK. */
  constructor({ connection }: TrackedSegment) {
    this.connection = connection;
    if (connection.sawHandshake) this.opening = new Opening(connection, this.distances);
    for (const { index, outbound } of [connection.a, connection.b]) {
      if (outbound !== null && outbound.clocks.firstTsVal >= 0) {
        this.clocks[index].lateness(outbound.clocks.firstTsVal, outbound.clocks.firstTsTime - connection.firstTime);
      }
    }
  }

  segment(t: TrackedSegment, view: SegmentView, packet: PacketRow | null): void {
    const { connection } = this;
    const { verdict } = t;
    if (this.bottlenecks !== null) return;
    const now = Math.max(view.time - connection.firstTime, this.now);
    const { index } = t.sender;
    const hasStamps = (view.options & Option.TIMESTAMPS) !== 0;
    this.now = now;
    if (view.flags & RST) {
      this.closes(index, now);
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
      this.opening = null;
    }
    if (view.flags & ACK) this.directions[1 - index]?.told(t, view, now, late);
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
    if (view.flags & FIN) this.closes(index, now);
    if (this.firstClose >= 0 && connection.isOver) this.release();
  }

  /** Nothing more will be sent: of what tells why, nothing is needed. */
  private release(): void {
    if (this.bottlenecks !== null) return;
    for (const direction of this.directions) direction?.conclude(this.now);
    this.bottlenecks = this.directions.map((direction) => direction?.bottleneck.isSeen ?? false);
    this.directions = [];
    this.clocks = [];
  }

  /** How late a segment is by its sender's clock: where the capture was made at the sender, nothing is. */
  private lateness(index: number, stamp: number, now: number): number {
    const late = this.clocks[index].lateness(stamp, now);
    return this.distances.isNear(index) ? 0 : late;
  }

  private closes(index: number, now: number): void {
    if (this.firstClose >= 0) return;
    this.firstClose = now;
    this.closer = index;
  }

  private data(t: TrackedSegment, frame: number): void {
    const { start, end } = departure;
    let direction = this.directions[t.sender.index];
    if (direction === null) {
      direction = new Direction(t, start, this.distances, this.clocks[t.sender.index], this);
      this.directions[t.sender.index] = direction;
    }
    if (start < direction.high) {
      departure.exchange = Math.max(this.exchanges.current, 0);
      direction.sendsAgain(departure);
    }
    if (end <= direction.high) return;
    this.turn(t, direction, frame);
    direction.sends(departure);
    this.firstClose = -1;
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
    const close = this.firstClose < 0 ? end : this.firstClose - this.distances.wayTo(this.closer);
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

  /** What a use of the ledger means in the end: waiting in a queue is the path's only where there is a bottleneck. */
  meaning(use: number, before: number): number {
    if (use < QUEUE) return use;
    if (this.bottlenecks?.[use - QUEUE] ?? this.directions[use - QUEUE]?.bottleneck.isSeen) return TimeUse.PATH_RATE;
    return before < QUEUE ? before : TimeUse.CONGESTION_WINDOW;
  }
}
