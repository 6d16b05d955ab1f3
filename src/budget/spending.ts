import { Doing, TimeUse } from '../model/budget.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { DOUBLE_NONE } from '../model/packed.ts';
import type { Question } from '../model/row.ts';
import type { Arrival, ArrivalSink, Sending } from './arrival.ts';
import { QUEUED } from './bottleneck.ts';
import type { Distances } from './distances.ts';
import { Exchanges, IDLE } from './exchanges.ts';
import { ANEW, Ledger, QUEUE } from './ledger.ts';
import { isProgram, Reason } from './reason.ts';

/** A client that asked waits so long (ns) at the most, as a rule: 30 s and a minute are the usual limits. Who stays longer may only have delivered. */
const LONGEST_WAIT = 120e9;

/** Who knows what a use of the ledger means in the end. */
export interface Meanings {
  meaning(use: number, before: number): number;
}

/**
 * Says of each arrival what the time since the one before it was spent on, and writes that on the line of time and with the
 * exchanges. Times are nanoseconds since the first packet of the connection.
 */
export class Spending implements ArrivalSink {
  readonly ledger = new Ledger();
  readonly exchanges = new Exchanges();
  private readonly distances: Distances;
  private readonly meanings: Meanings;
  private connection!: Connection;
  /** The latest keep-alive, -1 none. */
  keepAlive = DOUBLE_NONE;
  /** The latest probe of a closed window, -1 none, and the index of its sender. */
  probe = DOUBLE_NONE;
  prober = 0;
  /** The latest pause that seemed to be the sender's own, from when to when (ns). */
  pauseFrom = DOUBLE_NONE;
  pauseTo = DOUBLE_NONE;
  /** The packet whose arrival is written, where rows are kept. */
  packet: Question | null = null;

  constructor(distances: Distances, meanings: Meanings) {
    this.distances = distances;
    this.meanings = meanings;
  }

  /** Nothing is known of the time of `connection`. */
  begin(connection: Connection): void {
    this.connection = connection;
    this.ledger.begin();
    this.exchanges.begin();
    this.keepAlive = this.probe = this.pauseFrom = this.pauseTo = -1;
    this.prober = 0;
    this.packet = null;
  }

  arrived(arrival: Arrival): void {
    const { direction, exchange, isRetransmission } = arrival;
    const isAnswer = direction.index === this.connection.server.index;
    this.packet = arrival.packet;
    if (!Number.isNaN(direction.messageStart) && exchange >= direction.messageExchange) this.begins(arrival, isAnswer);
    else if (arrival.afterUnseen) this.spend(arrival.time, TimeUse.UNKNOWN, exchange);
    else this.goesOn(arrival, isAnswer);
    this.exchanges.arrived(exchange, isAnswer, this.ledger.now, isRetransmission);
  }

  remains(direction: Sending, exchange: number): void {
    this.exchanges.remains(exchange, direction.index === this.connection.server.index);
  }

  inVain(direction: Sending, time: number, byTimer: boolean, exchange: number): void {
    const isAnswer = direction.index === this.connection.server.index;
    if (!Number.isNaN(direction.messageStart) && exchange >= direction.messageExchange) {
      const start = this.leaves(direction, exchange, isAnswer);
      if (isAnswer) this.exchanges.answered(exchange, start, Number.NaN);
    }
    this.spend(time, byTimer ? TimeUse.TIMEOUT : TimeUse.RECOVERY, exchange);
  }

  /** The first segment of a message arrives. */
  private begins(arrival: Arrival, isAnswer: boolean): void {
    const { direction, exchange } = arrival;
    const start = this.leaves(direction, exchange, isAnswer);
    if (arrival.byTimer) this.spend(arrival.left, TimeUse.TIMEOUT, exchange);
    this.spend(arrival.time, TimeUse.ROUND_TRIP, exchange);
    if (isAnswer) this.exchanges.answered(exchange, start, arrival.time);
  }

  /** What the time before a message was spent on, and when its first byte left (ns). */
  private leaves(direction: Sending, exchange: number, isAnswer: boolean): number {
    const { exchanges } = this;
    const start = direction.messageStart - direction.messageLate - this.distances.wayTo(direction.index);
    const pause = start - this.ledger.now;
    const mayRepeat = direction.messageMayRepeat && pause > this.distances.round && !(this.isIdle(start) && !isAnswer);
    direction.messageStart = Number.NaN;
    if (exchange === 0 && !this.connection.sawHandshake && this.ledger.now === 0) {
      this.spend(start, TimeUse.UNKNOWN, -1);
    } else if (mayRepeat) this.spend(start, TimeUse.UNKNOWN, isAnswer ? exchange : -1);
    else if (!isAnswer) this.clientPaused(start, exchange);
    else if (!exchanges.isUnasked(exchange)) this.serverThought(start, exchange);
    else if (exchange === 0) this.serverGreets(start);
    else this.spend(start, TimeUse.IDLE, -1);
    if (!isAnswer) exchanges.began(exchange, start);
    return start;
  }

  /** The latest request has arrived, and nothing of an answer was sent. */
  get isUnanswered(): boolean {
    return this.exchanges.isUnanswered;
  }

  /**
   * All that the client sent had no answer up to `end`. Where it asked in one segment and `gaveUp`, it may have waited for one; who sends
   * more may only deliver it, and the last message of a dialogue may need no answer. `round`: between the two ends and back (ns).
   */
  awaited(end: number, gaveUp: boolean, round: number): void {
    if (this.exchanges.current > 0) return;
    const { dataPackets, outbound } = this.connection.client;
    const isRequest = gaveUp && dataPackets - (outbound?.tally?.retransmittedPackets ?? 0) === 1;
    if (isRequest && this.isLeftUnanswered(end, round)) this.spend(end, TimeUse.SERVER + Doing.THINKING, -1);
    else if (isRequest || this.isIdle(end)) this.spend(end, TimeUse.UNKNOWN, -1);
  }

  /**
   * The capture shows that the request arrived, that nothing came back in the time that an answer needs, and that nobody had nothing to
   * say: neither is an answer missing in the capture, nor is it the end of an older dialogue.
   */
  private isLeftUnanswered(end: number, round: number): boolean {
    const { connection, ledger } = this;
    const { client, server } = connection;
    const isAsked = connection.sawHandshake && client.streamBytes > 0 && client.sndUna > client.streamBytes;
    const isSilent = server.streamBytes === 0;
    const pause = end - ledger.now;
    return isAsked && isSilent && pause > round / 2 && pause <= LONGEST_WAIT;
  }

  /** `sender` probes the window of the other end at `now`. */
  probed(sender: Endpoint, now: number): void {
    this.probe = now;
    this.prober = sender.index;
  }

  /** That end has asked for room since the latest arrival: it had more to send. */
  hasProbed(index: number): boolean {
    return this.probe > this.ledger.now && this.prober === index;
  }

  /** Data that a closed window held up was never sent: what is present lacks it, or it would have begun the next exchange. */
  heldUpToTheEnd(end: number): void {
    const { exchanges, prober, connection } = this;
    const isAnswer = prober === connection.server.index;
    const goesOn = isAnswer || !exchanges.isAnswered;
    if (this.heldUp(end, goesOn ? exchanges.current : -1) && goesOn) exchanges.remains(exchanges.current, isAnswer);
  }

  /**
   * Who probes a window has data for it: up to `end`, or to the last probe where there is room again, the reader is waited for. False:
   * nobody was.
   */
  private heldUp(end: number, exchange: number): boolean {
    const { probe, connection } = this;
    if (probe <= this.ledger.now || probe > end) return false;
    const reader = this.prober === connection.a.index ? connection.b : connection.a;
    const use = (reader.isClient ? TimeUse.CLIENT : TimeUse.SERVER) + Doing.RECEIVE_WINDOW;
    this.spend(reader.rawWindow === 0 ? end : probe, use, exchange);
    return true;
  }

  /** The latest segment was sent by a timer, for others that never passed the capture: its sender had not paused before it. */
  wasTimeout(): void {
    if (this.pauseTo === this.ledger.now) this.ledger.retell(this.pauseFrom, TimeUse.TIMEOUT);
  }

  private clientPaused(start: number, exchange: number): void {
    this.heldUp(start, -1);
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
  isIdle(end: number): boolean {
    const { now } = this.ledger;
    return end - now >= IDLE || (this.keepAlive > now && this.keepAlive < end);
  }

  /** A further segment of a message arrives: why not sooner? */
  private goesOn(arrival: Arrival, isAnswer: boolean): void {
    const { exchange, time, nominal } = arrival;
    const isOverdue = arrival.intoHole || arrival.isRetransmission;
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
    else if (reason === Reason.UNHEARD) use = TimeUse.TIMEOUT;
    else if (reason === Reason.UNKNOWN || isProgram(reason)) {
      // From afar a sender that pauses looks like a path that is narrow.
      if (reason === Reason.UNKNOWN || !this.distances.isKnown(direction.index)) use = TimeUse.UNKNOWN;
      else use = isAnswer && reason === Reason.ANEW ? ANEW : own + Doing.SENDING;
      this.pauseFrom = this.ledger.now;
      this.pauseTo = time;
    }
    if (late > QUEUED) {
      this.spend(time - late, use, exchange);
      use = QUEUE + direction.index;
    }
    this.spend(time, use, exchange);
  }

  private spend(until: number, use: number, exchange: number): void {
    const { lastUse } = this.ledger;
    const time = this.ledger.until(until, use, exchange);
    if (time > 0 && this.packet !== null)
      this.packet.noteWait({ use: this.meanings.meaning(use, lastUse), time, exchange });
  }
}
