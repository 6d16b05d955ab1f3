import type { Exchange } from '../model/budget.ts';
import { NEVER } from '../model/packed.ts';
import type { Tape } from './tape.ts';

/** Exchanges of one connection that are kept. */
export const MAX_EXCHANGES = 4096;

/** A pause as long as this (ns) is idle when nobody owes anything. */
export const IDLE = 5e9;

/** Memory for so many numbers waits for the next conversation. */
const KEPT = 1024;

/** Numbers of one exchange, by the names of `Exchange`. */
const REQUEST_BYTES = 0;
const ANSWER_BYTES = 1;
const REQUEST_START = 2;
const REQUEST_END = 3;
const ANSWER_START = 4;
const ANSWER_FIRST = 5;
const ANSWER_END = 6;
const CLIENT_THINKING = 7;
const SERVER_THINKING = 8;
const LOSSES = 9;
const FRAME = 10;
const UNFINISHED = 11;
const WIDTH = 12;

/** What `UNFINISHED` says. */
const PARTS = [null, 'request', 'answer'] as const;

/** The turns of one conversation, told by the direction of the data. */
export class Exchanges {
  /** Rows of those that are kept. */
  private rows: number[] = [];
  /** How many of their numbers count. */
  private used = 0;
  /** How many there were. */
  private count = 0;
  /** Where in the server's stream the present answer began, -1 it has not. */
  private answerStart = -1;

  /** There was none. */
  begin(): void {
    if (this.rows.length > KEPT) this.rows = [];
    this.used = this.count = 0;
    this.answerStart = -1;
  }

  /** Index of the present exchange, -1 before the first. */
  get current(): number {
    return this.count - 1;
  }

  get more(): number {
    return this.count - this.used / WIDTH;
  }

  get isAnswered(): boolean {
    return this.answerStart >= 0;
  }

  /** The latest request has arrived, and nothing of an answer was sent. */
  get isUnanswered(): boolean {
    const at = this.current * WIDTH;
    if (this.answerStart >= 0 || at < 0 || at >= this.used) return false;
    return this.rows[at + REQUEST_BYTES] > 0 && this.rows[at + UNFINISHED] === 0;
  }

  /** The client sends so many new bytes and acknowledges the server's up to `ack`. True when a new request begins. */
  request(bytes: number, ack: number, frame: number): boolean {
    const begins = this.count === 0 || (this.answerStart >= 0 && ack > this.answerStart);
    if (begins) this.open(frame);
    this.add(this.current, REQUEST_BYTES, bytes);
    return begins;
  }

  /** The server sends so many new bytes from `start` on. True when an answer begins. */
  answer(bytes: number, start: number, frame: number, isAfterPause: boolean): boolean {
    const begins = this.count === 0 || this.answerStart < 0 || isAfterPause;
    if (this.count === 0 || isAfterPause) this.open(frame);
    if (begins) this.answerStart = start;
    this.add(this.current, ANSWER_BYTES, bytes);
    return begins;
  }

  private open(frame: number): void {
    this.answerStart = -1;
    if (this.count++ >= MAX_EXCHANGES) return;
    const { rows, used } = this;
    for (let what = 0; what < WIDTH; what++) rows[used + what] = Number.NaN;
    rows[used + REQUEST_BYTES] = rows[used + ANSWER_BYTES] = rows[used + LOSSES] = rows[used + UNFINISHED] = 0;
    rows[used + FRAME] = frame;
    this.used += WIDTH;
  }

  private add(index: number, what: number, amount: number): void {
    const at = index * WIDTH + what;
    if (at >= 0 && at < this.used) this.rows[at] += amount;
  }

  private set(index: number, what: number, value: number): void {
    const at = index * WIDTH + what;
    if (at >= 0 && at < this.used) this.rows[at] = value;
  }

  /** Nothing was asked. */
  isUnasked(index: number): boolean {
    const at = index * WIDTH + REQUEST_BYTES;
    return at >= 0 && at < this.used && this.rows[at] === 0;
  }

  /**
   * Somebody is seen to have waited for the end of what the server sent in this one: it brought the next request about, or the close, which
   * came at `close` (ns, or `NEVER`). Where nothing follows these may be news as they come. Of those that are not kept nothing tells, so
   * they are taken for answers.
   */
  isAwaited(index: number, close: number): boolean {
    const { rows, used } = this;
    const at = index * WIDTH;
    if (at < 0 || at >= used) return true;
    const next = at + WIDTH;
    if (next < used) return rows[next + REQUEST_BYTES] > 0 && !Number.isNaN(rows[next + CLIENT_THINKING]);
    return index < this.current || (close !== NEVER && close - rows[at + ANSWER_END] < IDLE);
  }

  /** The same of most of those that are kept. */
  areAwaited(close: number): boolean {
    let more = 0;
    for (let index = 0; index * WIDTH < this.used; index++) more += this.isAwaited(index, close) ? 1 : -1;
    return more >= 0;
  }

  clientThought(index: number, time: number): void {
    this.set(index, CLIENT_THINKING, time);
  }

  serverThought(index: number, time: number): void {
    this.set(index, SERVER_THINKING, time);
  }

  began(index: number, time: number): void {
    this.set(index, REQUEST_START, time);
  }

  answered(index: number, left: number, arrived: number): void {
    this.set(index, ANSWER_START, left);
    this.set(index, ANSWER_FIRST, arrived);
  }

  /** A segment of it has arrived by `time`. */
  arrived(index: number, isAnswer: boolean, time: number, isRetransmission: boolean): void {
    this.set(index, isAnswer ? ANSWER_END : REQUEST_END, time);
    if (isRetransmission) this.add(index, LOSSES, 1);
  }

  /** A part of it never arrived. Where both messages lack one, the answer's counts. */
  remains(index: number, isAnswer: boolean): void {
    const at = index * WIDTH + UNFINISHED;
    if (at >= 0 && at < this.used && this.rows[at] < 2) this.rows[at] = isAnswer ? 2 : 1;
  }

  /** Numbers of exchanges that are kept. */
  get size(): number {
    return this.used;
  }

  write(tape: Tape): void {
    const { rows, used } = this;
    tape.put(this.count);
    tape.put(this.answerStart);
    tape.put(used);
    for (let i = 0; i < used; i++) tape.put(rows[i]);
  }

  read(tape: Tape): void {
    this.begin();
    this.count = tape.next();
    this.answerStart = tape.next();
    this.used = tape.next();
    for (let i = 0; i < this.used; i++) this.rows[i] = tape.next();
  }

  /** Those that are kept; what most of their time was spent on is not told here. */
  list(): Exchange[] {
    const { rows } = this;
    return Array.from({ length: this.used / WIDTH }, (_, index) => {
      const of = (what: number) => rows[index * WIDTH + what];
      return {
        index,
        requestBytes: of(REQUEST_BYTES),
        answerBytes: of(ANSWER_BYTES),
        requestStart: of(REQUEST_START),
        requestEnd: of(REQUEST_END),
        answerStart: of(ANSWER_START),
        answerFirst: of(ANSWER_FIRST),
        answerEnd: of(ANSWER_END),
        clientThinking: of(CLIENT_THINKING),
        serverThinking: of(SERVER_THINKING),
        losses: of(LOSSES),
        limit: -1,
        frame: of(FRAME),
        unfinished: PARTS[of(UNFINISHED)],
        isPartial: false,
      };
    });
  }
}
