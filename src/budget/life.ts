import { type BudgetSpan, Doing, type TimeBudget, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind, type Verdict } from '../model/verdict.ts';
import { QUEUED } from './bottleneck.ts';
import { type Arrival, Direction, type Distances } from './direction.ts';
import { Exchanges } from './exchanges.ts';
import { Ledger, QUEUE } from './ledger.ts';
import { Opening } from './opening.ts';
import { Reason } from './reason.ts';
import { StampClock } from './stamp-clock.ts';

/** A pause as long as this (ns) is idle when nobody owes anything. */
export const IDLE = 5e9;

/** The life of one connection on one line of time. All times are nanoseconds since its first packet. */
export class Life implements DoubleFields, Distances {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;

  private readonly connection: Connection;
  private readonly ledger = new Ledger();
  private readonly opening: Opening;
  readonly exchanges = new Exchanges();
  private readonly clocks = [new StampClock(), new StampClock()] as const;
  private readonly directions: [Direction | null, Direction | null] = [null, null];
  private isConcluded = false;

  /** The latest packet. */
  declare private now: number;
  /** The latest keep-alive, and the first FIN or RST since the latest data, -1 none. */
  declare private keepAlive: number;
  declare private firstClose: number;
  private closerIndex = 0;

  constructor(connection: Connection) {
    this.connection = connection;
    this.opening = new Opening(connection);
  }

  roundTo(index: number): number {
    const measured = this.directions[1 - index]?.shortest ?? -1;
    const shaken = this.opening.roundTo(index);
    if (measured < 0) return shaken;
    return shaken < 0 || this.opening.isDoubtful ? measured : Math.min(measured, shaken);
  }

  /** One way from the point of capture to the end. */
  private wayTo(index: number): number {
    return Math.max(this.roundTo(index), 0) / 2;
  }

  segment(t: TrackedSegment, view: SegmentView, verdict: Verdict | null): void {
    const { connection } = t;
    const now = Math.max(view.time - connection.firstTime, this.now);
    this.now = now;
    const { index } = t.sender;
    const late =
      view.options & Option.TIMESTAMPS && !(view.flags & RST) ? this.clocks[index].lateness(view.tsVal, now) : 0;
    if (view.flags & SYN) {
      this.opening.syn(t, view, now);
      if (view.payloadLength === 0) return;
    } else if (!this.opening.isOver) this.opens(t, view, now);
    const received = this.directions[1 - index];
    if (view.flags & RST) {
      this.closes(index, now);
      return;
    }
    if (received !== null && view.flags & ACK) received.told(t, view, now, late);
    if (verdict !== null && (verdict.kind === Kind.KEEP_ALIVE || verdict.kind === Kind.WINDOW_PROBE)) {
      if (verdict.kind === Kind.KEEP_ALIVE) this.keepAlive = now;
    } else if (view.payloadLength > 0 && t.receiver.seen) this.data(t, view, now, late, verdict);
    if (view.flags & FIN) this.closes(index, now);
  }

  private closes(index: number, now: number): void {
    if (this.firstClose >= 0) return;
    this.firstClose = now;
    this.closerIndex = index;
  }

  /** The handshake may be complete. */
  private opens(t: TrackedSegment, view: SegmentView, now: number): void {
    const { opening, ledger } = this;
    if (!opening.segment(t, view, now)) return;
    opening.write(ledger, this.wayTo(t.connection.client.index), this.wayTo(t.connection.server.index));
  }

  private data(t: TrackedSegment, view: SegmentView, now: number, late: number, verdict: Verdict | null): void {
    const { index } = t.sender;
    const start = t.seq + (view.flags & SYN ? 1 : 0);
    const end = start + view.payloadLength;
    const direction = this.directionOf(t, start, index);
    if (start < direction.high) {
      const exchange = this.exchanges.current;
      direction.sendsAgain(start, Math.min(end, direction.high), now, Math.max(exchange, 0), verdict);
    }
    if (end <= direction.high) return;
    const from = Math.max(start, direction.high);
    const exchange = this.turn(t, direction, from, end, now, late, view.frame);
    direction.sends(start, end, view, now, late, exchange);
    this.firstClose = -1;
  }

  private directionOf({ sender, receiver }: TrackedSegment, start: number, index: number): Direction {
    const known = this.directions[index];
    if (known !== null) return known;
    const direction = new Direction(index, this.clocks[index], this);
    direction.high = direction.una = sender.hasIss ? 1 : start;
    direction.edge = receiver.windowEdge;
    direction.heard.una = direction.una;
    direction.heard.edge = receiver.windowEdge;
    if (receiver.mss > 0) direction.mss = receiver.mss - (sender.timestamps && receiver.timestamps ? 12 : 0);
    else direction.mss = 1448;
    this.directions[index] = direction;
    return direction;
  }

  /** New data leaves: whose turn is it? Returns the exchange that it belongs to. */
  private turn(
    t: TrackedSegment,
    direction: Direction,
    from: number,
    end: number,
    now: number,
    late: number,
    frame: number,
  ): number {
    const { exchanges } = this;
    const bytes = end - direction.high;
    let begins = false;
    if (t.sender.isClient) begins = exchanges.request(bytes, t.ack, frame);
    else {
      const isAfterPause =
        direction.isEmpty && now - late - this.wayTo(direction.index) - this.ledger.now >= IDLE && exchanges.isAnswered;
      begins = exchanges.answer(bytes, from, frame, isAfterPause);
    }
    if (begins) {
      direction.messageStart = now;
      direction.messageLate = late;
      direction.messageExchange = exchanges.current;
    }
    return exchanges.current;
  }

  arrived(arrival: Arrival): void {
    const { direction, exchange } = arrival;
    if (!Number.isNaN(direction.messageStart) && exchange >= direction.messageExchange) this.begins(arrival);
    else if (arrival.afterUnseen) this.spend(arrival.time, TimeUse.UNKNOWN, exchange);
    else this.goesOn(arrival);
    const isAnswer = direction.index === this.connection.server.index;
    this.exchanges.arrived(exchange, isAnswer, this.ledger.now, arrival.isRepeat);
  }

  /** The first segment of a message that arrives. */
  private begins(arrival: Arrival): void {
    const { direction, exchange } = arrival;
    const { client, server } = this.connection;
    const { exchanges, ledger } = this;
    const start = direction.messageStart - direction.messageLate - this.wayTo(direction.index);
    const isAnswer = direction.index === server.index;
    direction.messageStart = Number.NaN;
    if (!isAnswer) {
      const isFirst = exchange === 0 && !this.connection.sawHandshake;
      const pause = start - ledger.now;
      const isIdle = pause >= IDLE || (this.keepAlive > ledger.now && this.keepAlive < start);
      if (isFirst) this.spend(start, TimeUse.UNKNOWN, -1);
      else if (isIdle) this.spend(start, TimeUse.IDLE, -1);
      else {
        exchanges.clientThought(exchange, Math.max(pause, 0));
        this.spend(start, TimeUse.CLIENT + Doing.THINKING, exchange);
      }
    } else if (exchanges.isGreeting(exchange)) {
      if (!this.connection.sawHandshake) this.spend(start, TimeUse.UNKNOWN, -1);
      else if (exchange === 0) {
        const begin = ledger.now;
        this.spend(begin + this.wayTo(client.index) + this.wayTo(server.index), TimeUse.ROUND_TRIP, exchange);
        exchanges.serverThought(exchange, Math.max(start - ledger.now, 0));
        exchanges.began(exchange, begin);
        this.spend(start, TimeUse.SERVER + Doing.THINKING, exchange);
      } else this.spend(start, TimeUse.IDLE, -1);
    } else {
      exchanges.serverThought(exchange, Math.max(start - ledger.now, 0));
      this.spend(start, TimeUse.SERVER + Doing.THINKING, exchange);
    }
    if (!isAnswer) exchanges.began(exchange, start);
    if (arrival.byTimer) this.spend(arrival.left, TimeUse.TIMEOUT, exchange);
    this.spend(arrival.time, TimeUse.ROUND_TRIP, exchange);
    if (isAnswer) exchanges.answered(exchange, start, arrival.time);
  }

  /** A further segment of a message arrives: why not sooner? */
  private goesOn(arrival: Arrival): void {
    const { exchange, time } = arrival;
    if (arrival.intoHole) this.spend(time, arrival.byTimer ? TimeUse.TIMEOUT : TimeUse.RECOVERY, exchange);
    else if (arrival.isRepeat) {
      if (arrival.nominal < time) this.waits(arrival, arrival.nominal, 0);
      this.spend(time, arrival.byTimer ? TimeUse.TIMEOUT : TimeUse.RECOVERY, exchange);
    } else this.waits(arrival, time, arrival.late);
  }

  /** Up to `time`, when the first copy came or would have come, `late` by the bottleneck: what its sender waited for. */
  private waits({ direction, exchange, reason }: Arrival, time: number, late: number): void {
    const isServer = direction.index === this.connection.server.index;
    const own = isServer ? TimeUse.SERVER : TimeUse.CLIENT;
    const other = isServer ? TimeUse.CLIENT : TimeUse.SERVER;
    let use: number;
    switch (reason) {
      case Reason.RECEIVE_WINDOW:
        this.spend(time, other + Doing.RECEIVE_WINDOW, exchange);
        return;
      case Reason.DELAYED_ACK:
        this.spend(time, own + Doing.DELAYED_ACK, exchange);
        return;
      case Reason.CONGESTION_WINDOW:
        use = TimeUse.CONGESTION_WINDOW;
        break;
      case Reason.SENDING:
        use = own + Doing.SENDING;
        break;
      default:
        use = this.ledger.lastUse;
    }
    if (late > QUEUED) {
      this.spend(time - late, use, exchange);
      this.spend(time, QUEUE + direction.index, exchange);
    } else this.spend(time, use, exchange);
  }

  private spend(until: number, use: number, exchange: number): void {
    const taken = this.ledger.until(until, use, exchange);
    if (taken > 0) this.exchanges.spent(exchange, use, taken);
  }

  /** The input has ended. */
  conclude(): void {
    if (this.isConcluded) return;
    this.isConcluded = true;
    const { opening, ledger, connection } = this;
    if (!opening.isOver) {
      opening.conclude(ledger, this.wayTo(connection.client.index), this.wayTo(connection.server.index), this.now);
    }
    for (const direction of this.directions) direction?.conclude(this.now);
    const end = connection.latestTime - connection.firstTime;
    const close = this.firstClose < 0 ? end : this.firstClose - this.wayTo(this.closerIndex);
    if (this.isUnheard) ledger.until(end, TimeUse.UNKNOWN, -1);
    else if (close - ledger.now >= IDLE || (this.keepAlive > ledger.now && this.keepAlive < close)) {
      ledger.until(close, TimeUse.IDLE, -1);
    }
    ledger.until(end, TimeUse.CLOSING, -1);
    this.exchanges.conclude();
  }

  /** Only one direction was captured: it does not show who waited for whom. */
  private get isUnheard(): boolean {
    const { a, b } = this.connection;
    return !(a.seen && b.seen) && this.connection.sawHandshake === false;
  }

  /** Waiting in a queue is the path's only where there is a bottleneck; else it belongs to what was before. */
  private meaning(use: number, before: number): number {
    if (use < QUEUE) return use;
    return this.directions[use - QUEUE]?.bottleneck.isSeen ? TimeUse.PATH_RATE : before;
  }

  /** What is known when the input has ended. */
  get budget(): TimeBudget {
    this.conclude();
    const { ledger, exchanges, connection } = this;
    const before = connection.firstTime - connection.earliestTime;
    const spans: BudgetSpan[] = [];
    const duration = connection.latestTime - connection.earliestTime;
    const totals = [...ledger.totals];
    const added = totals.splice(QUEUE);
    added.forEach((time, index) => {
      totals[this.meaning(QUEUE + index, TimeUse.CONGESTION_WINDOW)] += time;
    });
    let start = 0;
    // What was estimated for the other end may lie beyond the last packet.
    const add = (end: number, use: number, exchange: number) => {
      if (end > duration) totals[use] -= end - Math.max(start, duration);
      if (start < duration) {
        const last = spans.at(-1);
        const cut = Math.min(end, duration);
        if (last?.use === use && last.exchange === exchange) last.end = cut;
        else spans.push({ start, end: cut, use, exchange });
      }
      start = end;
    };
    if (before > 0) {
      totals[TimeUse.UNKNOWN] += before;
      add(before, TimeUse.UNKNOWN, -1);
    }
    for (let i = 0; i < ledger.length; i++) {
      const use = this.meaning(ledger.useOf(i), spans.at(-1)?.use ?? TimeUse.UNKNOWN);
      add(before + ledger.endOf(i), use, ledger.exchangeOf(i));
    }
    return {
      spans,
      totals,
      exchanges: exchanges.list,
      moreExchanges: exchanges.more,
      isCoarse: ledger.isCoarse,
    };
  }
}

const DOUBLES = defineDoubles(Life.prototype, { now: 0, keepAlive: -1, firstClose: -1 });
