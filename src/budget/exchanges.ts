import { type Exchange, TimeUse } from '../model/budget.ts';
import { QUEUE } from './ledger.ts';

/** Exchanges of one connection that are kept. */
export const MAX_EXCHANGES = 4096;

const USES = QUEUE + 2;

/** The turns of one conversation, told by the direction of the data. */
export class Exchanges {
  /** Those that are kept, and how many there were beyond. */
  readonly list: Exchange[] = [];
  private count = 0;
  /** Where in the server's stream the present answer began, -1 it has not. */
  private answerStart = -1;
  /** What the present exchange spent its time on, by `TimeUse`; and which that is. */
  private readonly sums: number[] = [];
  private summed = -1;

  /** Index of the present exchange, -1 before the first. */
  get current(): number {
    return this.count - 1;
  }

  get more(): number {
    return this.count - this.list.length;
  }

  get isAnswered(): boolean {
    return this.answerStart >= 0;
  }

  /** The client sends so many new bytes and acknowledges the server's up to `ack`. True when a new request begins. */
  request(bytes: number, ack: number, frame: number): boolean {
    const begins = this.count === 0 || (this.answerStart >= 0 && ack > this.answerStart);
    if (begins) this.open(frame);
    const exchange = this.at(this.current);
    if (exchange !== null) exchange.requestBytes += bytes;
    return begins;
  }

  /** The server sends so many new bytes from `start` on. True when an answer begins. */
  answer(bytes: number, start: number, frame: number, isAfterPause: boolean): boolean {
    const begins = this.count === 0 || this.answerStart < 0 || isAfterPause;
    if (this.count === 0 || isAfterPause) this.open(frame);
    if (begins) this.answerStart = start;
    const exchange = this.at(this.current);
    if (exchange !== null) exchange.answerBytes += bytes;
    return begins;
  }

  private open(frame: number): void {
    this.answerStart = -1;
    if (this.list.length < MAX_EXCHANGES) {
      this.list.push({
        index: this.count,
        requestBytes: 0,
        answerBytes: 0,
        requestStart: Number.NaN,
        requestEnd: Number.NaN,
        answerStart: Number.NaN,
        answerFirst: Number.NaN,
        answerEnd: Number.NaN,
        clientThinking: Number.NaN,
        serverThinking: Number.NaN,
        losses: 0,
        limit: -1,
        frame,
        beganBefore: false,
      });
    }
    this.count++;
  }

  private at(index: number): Exchange | null {
    return index >= 0 && index < this.list.length ? this.list[index] : null;
  }

  /** Nothing was asked. */
  isGreeting(index: number): boolean {
    return this.at(index)?.requestBytes === 0;
  }

  clientThought(index: number, time: number): void {
    const exchange = this.at(index);
    if (exchange !== null) exchange.clientThinking = time;
  }

  serverThought(index: number, time: number): void {
    const exchange = this.at(index);
    if (exchange !== null) exchange.serverThinking = time;
  }

  began(index: number, time: number): void {
    const exchange = this.at(index);
    if (exchange !== null) exchange.requestStart = time;
  }

  answered(index: number, left: number, arrived: number): void {
    const exchange = this.at(index);
    if (exchange === null) return;
    exchange.answerStart = left;
    exchange.answerFirst = arrived;
  }

  /** A segment of it has arrived by `time`. */
  arrived(index: number, isAnswer: boolean, time: number, isRepeat: boolean): void {
    const exchange = this.at(index);
    if (exchange === null) return;
    if (isAnswer) exchange.answerEnd = time;
    else exchange.requestEnd = time;
    if (isRepeat) exchange.losses++;
  }

  spent(index: number, use: number, time: number): void {
    const { sums } = this;
    if (index !== this.summed) {
      this.conclude();
      this.summed = index;
    }
    while (sums.length < USES) sums.push(0);
    sums[use] += time;
  }

  /** Writes down what most of the latest exchange's time was spent on. */
  conclude(): void {
    const { sums } = this;
    const exchange = this.at(this.summed);
    let most = 0;
    for (let use = 0; use < sums.length; use++) {
      if (sums[use] > most && exchange !== null) {
        most = sums[use];
        exchange.limit = Math.min(use, QUEUE) === QUEUE ? TimeUse.PATH_RATE : use;
      }
      sums[use] = 0;
    }
  }
}
