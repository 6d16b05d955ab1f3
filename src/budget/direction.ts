import { type DoubleFields, defineDoubles } from '../model/doubles.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { widen } from '../model/seq.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Fate, Kind, type Verdict } from '../model/verdict.ts';
import { Bottleneck } from './bottleneck.ts';
import { Heard, PROMPT } from './heard.ts';
import { Pace, Reason } from './reason.ts';
import { Ring } from './ring.ts';
import type { StampClock } from './stamp-clock.ts';

/** Segments under way that are remembered; beyond them the oldest is taken to have arrived. */
const MOST = 1 << 15;

/** A row: offsets, times of the first copy, of the latest and of the one before it (NaN none), lateness of the first (ns). */
const START = 0;
const END = 1;
const FIRST = 2;
const LATE = 3;
const LATEST = 4;
const BEFORE = 5;
const EXCHANGE = 6;
/** `Reason` in the lowest bits, and the flags below. */
const NOTES = 7;
const REASON = 7;
const SACKED = 8;
/** The latest copy, and the one before it, was sent by a timer. */
const TIMER = 16;
const TIMER_BEFORE = 32;

/** No common stack delays an ACK for less than this by its timer (ns), less a clock tick: Linux has the shortest, 40 ms. */
const SHORTEST_DELAY = 38e6;
/** A tail loss probe waits for two round trips (RFC 8985 section 7.2): what comes sooner is none. */
const PROBE_WAIT = 1.8;
/** A sender that was held back goes on within this share of a round trip after it may: the path is not always the same. */
const PATIENCE = 1 / 4;
/** An end is near the point of capture when it is this many times nearer than the other. */
const NEAR = 4;
/** An answer can hardly come sooner than this share of the shortest round trip. */
const SHORTEST_ANSWER = 0.85;

/** How a segment came to its receiver, for whoever writes the line of time. */
export interface Arrival {
  direction: Direction;
  exchange: number;
  /** When the copy that arrived had left and when it arrived, each at its end, and how much longer than the quickest it took (ns). */
  left: number;
  time: number;
  late: number;
  /** One of `Reason`, of the first copy; and when that would have arrived (ns), NaN where it was not seen. */
  reason: number;
  nominal: number;
  /** The copy was sent again, by a timer or not; and a hole was open at the receiver before it came. */
  isRepeat: boolean;
  byTimer: boolean;
  intoHole: boolean;
  /** Bytes before it were acknowledged although the capture never saw them. */
  afterUnseen: boolean;
}

/** Distances (ns) from the point of capture, one way. */
export interface Distances {
  /** From the point of capture to the end `index` and back, -1 unknown. */
  roundTo(index: number): number;
  arrived(arrival: Arrival): void;
}

const arrival: Arrival = {
  direction: null as unknown as Direction,
  exchange: -1,
  left: 0,
  time: 0,
  late: 0,
  reason: 0,
  nominal: 0,
  isRepeat: false,
  byTimer: false,
  intoHole: false,
  afterUnseen: false,
};

/** The data that one end sends: what is under way, why it left when it did, and when it arrives as the ACKs tell. */
export class Direction implements DoubleFields {
  readonly row = DOUBLES.take();
  readonly slab = DOUBLES.current;

  /** Index of the sender. */
  readonly index: number;
  private readonly clock: StampClock;
  readonly heard = new Heard();
  readonly pace = new Pace();
  private readonly underWay = new Ring(8, MOST);
  private readonly life: Distances;
  /** Verdicts on what was sent again, by where it begins; null without. */
  private repeats: Map<number, Verdict> | null = null;

  /** Highest end of its data, and up to where it is known to have arrived in order; -1 before any. */
  declare high: number;
  declare una: number;
  /** Highest right edge that it was told. */
  declare edge: number;
  /** Something beyond `una` has arrived up to here; -1 nothing has. */
  declare beyond: number;
  /** Latest arrival: when it left (capture time) and how late it was. */
  declare private lastLeft: number;
  declare private lastLate: number;
  /** When the first byte of the message that has not begun to arrive left (capture time), NaN none; and its lateness. */
  declare messageStart: number;
  declare messageLate: number;
  /** The exchange of that message. */
  messageExchange = -1;
  /** How late the ACK that is read came by itself (ns). */
  declare private ackLate: number;
  readonly bottleneck = new Bottleneck();
  mss = 536;
  segments = 0;

  constructor(index: number, clock: StampClock, life: Distances) {
    this.index = index;
    this.clock = clock;
    this.life = life;
  }

  /** Shortest round trip between the two ends (ns). */
  private get round(): number {
    return Math.max(this.life.roundTo(0), 0) + Math.max(this.life.roundTo(1), 0);
  }

  get isEmpty(): boolean {
    return this.underWay.length === 0;
  }

  /** New data leaves, from `start` or, where it was sent before, from `high` on. */
  sends(start: number, end: number, view: SegmentView, now: number, late: number, exchange: number): void {
    const { underWay, heard } = this;
    const echo = view.options & Option.TIMESTAMPS ? view.tsEcr : -1;
    const from = Math.max(start, this.high);
    const left = now - late;
    const back = Math.max(this.life.roundTo(this.index), 0);
    const blur = late > 0 ? this.clock.tick : 0;
    heard.upTo(left, blur, back, echo, from + Math.min(end - from, this.mss));
    const wait = left - Math.max(this.pace.lastTime, heard.time + back);
    const patience = Math.max(PROMPT + blur, this.round * PATIENCE);
    let notes = this.pace.reason(left, from, end, this.mss, heard, patience);
    // Of what was sent before it nothing has come: no ACK can have brought it about, unless it is a probe for what is missing.
    if (start > this.high && notes === Reason.SENDING && wait > PROBE_WAIT * this.round) notes |= TIMER;
    if (underWay.isFull) {
      this.settle(0, now, 0, true);
      underWay.shift();
    }
    const at = underWay.push();
    fill(underWay.memory, at, from, end, now, late, exchange, notes);
    this.high = end;
    this.segments++;
  }

  /** Data leaves that lies below `high`. */
  sendsAgain(start: number, end: number, now: number, exchange: number, verdict: Verdict | null): void {
    const { underWay } = this;
    const isRepeat = verdict === null || verdict.kind === Kind.RETRANSMISSION;
    const byTimer = isRepeat && verdict !== null && isTimer(verdict.cause);
    let i = this.firstAfter(start);
    let covered = start;
    for (; i < underWay.length; i++) {
      const at = underWay.at(i);
      const { memory } = underWay;
      if (memory[at + START] >= end) break;
      if (memory[at + START] > covered)
        this.fillGap(i++, covered, memory[at + START], now, exchange, isRepeat, byTimer);
      const row = underWay.at(i);
      const { memory: rows } = underWay;
      covered = Math.max(covered, rows[row + END]);
      if (!isRepeat) continue;
      rows[row + BEFORE] = rows[row + LATEST];
      rows[row + LATEST] = now;
      const notes = rows[row + NOTES];
      rows[row + NOTES] =
        (notes & ~(TIMER | TIMER_BEFORE)) | (notes & TIMER ? TIMER_BEFORE : 0) | (byTimer ? TIMER : 0);
      if (verdict !== null) {
        this.repeats ??= new Map();
        this.repeats.set(rows[row + START], verdict);
      }
    }
    if (covered < end && covered >= this.una) this.fillGap(i, covered, end, now, exchange, isRepeat, byTimer);
    if (isRepeat) this.pace.reduced();
  }

  /** Data whose first copy was not seen. */
  private fillGap(
    i: number,
    start: number,
    end: number,
    now: number,
    exchange: number,
    isRepeat: boolean,
    byTimer: boolean,
  ): void {
    const { underWay } = this;
    if (underWay.isFull || end <= this.una) return;
    const at = underWay.insert(i);
    fill(underWay.memory, at, start, end, now, 0, exchange, Reason.BURST);
    if (isRepeat) {
      underWay.memory[at + FIRST] = Number.NaN;
      underWay.memory[at + LATEST] = now;
      if (byTimer) underWay.memory[at + NOTES] |= TIMER;
    }
  }

  /** The first row that ends beyond `offset`. */
  private firstAfter(offset: number): number {
    const { underWay } = this;
    const { memory } = underWay;
    let low = 0;
    let high = underWay.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (memory[underWay.at(middle) + END] <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The receiver of the data acknowledges. */
  told(t: TrackedSegment, view: SegmentView, now: number, late: number): void {
    const { ack } = t;
    const edge = t.window < 0 ? -1 : ack + t.window;
    const hasSack = view.sackCount > 0;
    const isPure = view.payloadLength === 0;
    const isRepeated = isPure && ack === this.una && edge === this.edge && !this.isEmpty;
    if (ack > this.una || edge > this.edge || hasSack || isRepeated) {
      this.heard.told(now, ack, edge, view.options & Option.TIMESTAMPS ? view.tsVal : -1);
    }
    // Where the receiver does not read, and its window closes, it leaves its ACK for later.
    const isClosing = edge - this.edge < ack - this.una;
    if (edge > this.edge) this.edge = edge;
    this.ackLate = late;
    if (ack > this.una) this.acknowledged(ack, now, isPure, hasSack, isClosing);
    if (hasSack) this.readSack(t, view, now);
    else if (isRepeated && this.beyond < 0) this.isRepeated(ack, now);
  }

  private acknowledged(ack: number, now: number, isPure: boolean, hasSack: boolean, isClosing: boolean): void {
    const { underWay } = this;
    const isMany = ack - Math.max(this.una, 0) >= 2 * this.mss;
    const wasOpen = this.beyond >= 0;
    let sample = -1;
    const isSure = hasSack || wasOpen || (isMany && !isClosing);
    const excess = this.excessOf(ack, now, isSure || (isPure && !isClosing), !isSure);
    while (underWay.length > 0) {
      const at = underWay.at(0);
      const { memory } = underWay;
      if (memory[at + END] > ack) break;
      if (Number.isNaN(memory[at + LATEST]) && !(memory[at + NOTES] & SACKED)) sample = now - memory[at + FIRST];
      else sample = -1;
      this.settle(0, now, excess, true);
      this.una = memory[at + END];
      underWay.shift();
    }
    if (sample > 0) this.sampled(sample);
    this.una = ack;
    if (this.beyond >= 0 && ack >= this.beyond) this.beyond = -1;
  }

  /** Shortest round trip of data, from here to its receiver and back. */
  declare shortest: number;

  private sampled(sample: number): void {
    if (this.shortest < 0 || sample < this.shortest) this.shortest = sample;
  }

  /** Segments beyond a hole have arrived (RFC 2018 section 3). */
  private readSack(t: TrackedSegment, view: SegmentView, now: number): void {
    const { receiver } = t;
    for (let b = 0; b < view.sackCount; b++) {
      const left = widen(view.sack[2 * b], receiver.base, receiver.sndNxt);
      const right = widen(view.sack[2 * b + 1], receiver.base, receiver.sndNxt);
      if (left >= right || left < this.una || right > this.high + 1) continue;
      // What is new in a block lies at its ends.
      const { underWay } = this;
      const begin = this.firstAfter(left);
      let i = begin;
      for (; i < underWay.length && this.cover(i, right, now); i++);
      let j = this.firstAfter(right) - 1;
      for (; j > i && this.cover(j, right, now); j--);
      if (right > this.beyond) this.beyond = right;
    }
  }

  /** The row lies within a block that ends at `right`: true when that is news. */
  private cover(i: number, right: number, now: number): boolean {
    const { underWay } = this;
    const at = underWay.at(i);
    const { memory } = underWay;
    if (memory[at + NOTES] & SACKED || memory[at + END] > right) return false;
    this.settle(i, now, this.excessOf(memory[at + END], now, true, false), false);
    memory[at + NOTES] |= SACKED;
    if (this.beyond < 0) this.beyond = memory[at + END];
    return true;
  }

  /** Without SACK: something arrived beyond the segment that is missing. */
  private isRepeated(ack: number, now: number): void {
    const { underWay } = this;
    for (let i = 0; i < underWay.length; i++) {
      const at = underWay.at(i);
      const { memory } = underWay;
      if (memory[at + START] <= ack || memory[at + NOTES] & SACKED) continue;
      this.settle(i, now, this.excessOf(memory[at + END], now, true, false), false);
      memory[at + NOTES] |= SACKED;
      this.beyond = memory[at + END];
      return;
    }
  }

  /**
   * How much longer than the quickest the latest row below `ack` was under way, by an ACK that passes at `now`. `isPrompt`: it
   * left when the row arrived, unless it `mayWait` for the timer of a delayed ACK.
   */
  private excessOf(ack: number, now: number, isPrompt: boolean, mayWait: boolean): number {
    const { underWay, life } = this;
    const there = Math.max(life.roundTo(1 - this.index), 0);
    const back = Math.max(life.roundTo(this.index), 0);
    if (there * NEAR <= back) return 0;
    const i = this.firstAfter(ack) - 1;
    if (i < 0) return 0;
    const at = underWay.at(i);
    const { memory } = underWay;
    const passed = Number.isNaN(memory[at + LATEST]) ? memory[at + FIRST] : memory[at + LATEST];
    const excess = Math.max(now - this.ackLate - passed - there, 0);
    const before = Math.max(this.lastLate - (passed - this.lastLeft), 0);
    const queued = isPrompt && !(mayWait && excess > before + SHORTEST_DELAY) ? excess : Math.min(before, excess);
    this.lastLate = queued;
    this.lastLeft = passed;
    return queued;
  }

  /** Row `i` has arrived as an ACK at `now` tells, `excess` later than the quickest would have; in order, or beyond a hole. */
  private settle(i: number, now: number, excess: number, inOrder: boolean): void {
    const { underWay, life } = this;
    const at = underWay.at(i);
    const { memory } = underWay;
    if (memory[at + NOTES] & SACKED) return;
    const there = Math.max(life.roundTo(1 - this.index), 0) / 2;
    const back = Math.max(life.roundTo(this.index), 0) / 2;
    this.chooseCopy(memory, at, now, 2 * there);
    const { isRepeat } = arrival;
    const passed = arrival.left;
    const late = isRepeat ? 0 : memory[at + LATE];
    const queued = Math.min(excess, Math.max(now - passed - 2 * there, 0));
    arrival.left = passed - late - back;
    arrival.direction = this;
    arrival.exchange = memory[at + EXCHANGE];
    arrival.time = passed + there + queued;
    arrival.late = late + queued;
    arrival.reason = memory[at + NOTES] & REASON;
    arrival.nominal = memory[at + FIRST] + there;
    arrival.intoHole = this.beyond >= 0;
    if (inOrder && !isRepeat) {
      this.bottleneck.arrives(arrival.time, memory[at + END] - memory[at + START], arrival.late, this.round);
    }
    arrival.afterUnseen = inOrder && memory[at + START] > this.una && this.una >= 0;
    life.arrived(arrival);
  }

  /** Which copy arrived: when it passed, and what sent it. */
  private chooseCopy(memory: Float64Array, at: number, now: number, round: number): void {
    const latest = memory[at + LATEST];
    const notes = memory[at + NOTES];
    arrival.isRepeat = arrival.byTimer = false;
    arrival.left = memory[at + FIRST];
    if (Number.isNaN(latest)) {
      arrival.isRepeat = arrival.byTimer = (notes & TIMER) !== 0;
      return;
    }
    const verdict = this.repeats?.get(memory[at + START]);
    this.repeats?.delete(memory[at + START]);
    const isNeedless = verdict !== undefined && (verdict.spurious || verdict.fate === Fate.LOST);
    if (!isNeedless && now - latest >= SHORTEST_ANSWER * round) {
      arrival.left = latest;
      arrival.isRepeat = true;
      arrival.byTimer = (notes & TIMER) !== 0;
    } else if (!Number.isNaN(memory[at + BEFORE])) {
      arrival.left = memory[at + BEFORE];
      arrival.isRepeat = true;
      arrival.byTimer = (notes & TIMER_BEFORE) !== 0;
    } else if (Number.isNaN(arrival.left)) arrival.left = latest;
  }

  /** The input has ended: what is under way and was not sent again is taken to have arrived. */
  conclude(now: number): void {
    const { underWay } = this;
    while (underWay.length > 0) {
      const at = underWay.at(0);
      if (Number.isNaN(underWay.memory[at + LATEST])) this.settle(0, now, 0, true);
      underWay.shift();
    }
  }
}

function fill(
  memory: Float64Array,
  at: number,
  start: number,
  end: number,
  now: number,
  late: number,
  exchange: number,
  reason: number,
): void {
  memory[at + START] = start;
  memory[at + END] = end;
  memory[at + FIRST] = now;
  memory[at + LATE] = late;
  memory[at + LATEST] = Number.NaN;
  memory[at + BEFORE] = Number.NaN;
  memory[at + EXCHANGE] = exchange;
  memory[at + NOTES] = reason;
}

function isTimer(cause: number): boolean {
  return cause === Cause.RTO || cause === Cause.TLP;
}

const DOUBLES = defineDoubles(Direction.prototype, {
  high: -1,
  una: -1,
  edge: -1,
  beyond: -1,
  lastLeft: 0,
  lastLate: 0,
  ackLate: 0,
  messageStart: Number.NaN,
  messageLate: 0,
  shortest: -1,
});
