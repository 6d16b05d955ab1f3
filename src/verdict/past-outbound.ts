import {
  type ClocksView,
  type OutboundView,
  QuietOutbound,
  type RttView,
  type ScoreboardView,
} from '../model/outbound.ts';
import { NEVER } from '../model/packed.ts';
import type { RoundTrips } from '../model/round-trips.ts';
import type { Outbound } from './outbound.ts';
import type { SentTally } from './sent-tally.ts';

/*
 * What a sender leaves when it rests and nothing that it sent is in question: its numbers, in memory that many share. This file knows
 * where each of them lies.
 */

/** Doubles: times and durations (ns). */
const LAST_SENT_TIME = 0;
const LAST_DATA_TIME = 1;
const LAST_NEW_TIME = 2;
const TIMER_START = 3;
const SAMPLE = 4;
const SRTT = 5;
const RTTVAR = 6;
const RTO = 7;
const MIN = 8;
const FIRST_TS_TIME = 9;
const LAST_HEARD = 10;
const LAST_EFFECT = 11;
const LAST_REPORT = 12;
const ECHO_TIME = 13;
const DOUBLES = 14;

/** Integers, after the doubles. */
const NOTES = 0;
const ORDER = 1;
const ENTERED = 2;
const SAMPLES = 3;
const MAX_IP_ID = 4;
const ID_RISES = 5;
const ID_BREAKS = 6;
const ID_REPEATS = 7;
const GOOD_CHECKSUMS = 8;
const BAD_CHECKSUMS = 9;
const STAMPED = 10;
/** Timestamps, of 32 bits; `NOTES` says which of them there are. */
const MAX_TS_VAL = 11;
const FIRST_TS_VAL = 12;
const LAST_ECHO = 13;
const INTEGERS = 14;

/** Doubles that one sender takes, integers and all. */
const PAST_SIZE = DOUBLES + INTEGERS / 2;
/** The same in words of 32 bits. */
export const PAST_WORDS = 2 * PAST_SIZE;

/** Bits of `NOTES`. */
const SYN_SENT = 1;
const SYN_ACK_SENT = 2;
const ZERO_WINDOW = 4;
const HAS_MAX_TS_VAL = 8;
const HAS_FIRST_TS_VAL = 16;
const HAS_ECHO = 32;

/** The numbers of some senders: the same memory as doubles and as integers. */
export class PastMemory {
  readonly doubles: Float64Array;
  readonly integers: Int32Array;

  constructor(senders: number) {
    this.doubles = new Float64Array(senders * PAST_SIZE);
    this.integers = new Int32Array(this.doubles.buffer);
  }
}

/** All that is known of it are the numbers above: nothing is outstanding, and it met neither loss nor probes nor holes. */
export function isPlain(outbound: Outbound): boolean {
  const { scoreboard, feedback, acceptance } = outbound;
  return (
    outbound.hasMetNothing &&
    scoreboard.hasMetNothing &&
    feedback.hasMetNothing &&
    acceptance.beyondEnd < 0 &&
    acceptance.unstamped === 0 &&
    outbound.lone === null &&
    outbound.aside === null &&
    outbound.probeByte < 0 &&
    outbound.earlyUna === 0 &&
    outbound.rtt.soundFrom === 0 &&
    outbound.pathMtuTime === NEVER
  );
}

/** Writes down the numbers of a plain one, as that of `sender` in the memory. */
export function store(outbound: Outbound, { doubles, integers }: PastMemory, sender: number): void {
  const { rtt, clocks, feedback, acceptance } = outbound;
  const d = sender * PAST_SIZE;
  doubles[d + LAST_SENT_TIME] = outbound.lastSentTime;
  doubles[d + LAST_DATA_TIME] = outbound.lastDataTime;
  doubles[d + LAST_NEW_TIME] = outbound.lastNewTime;
  doubles[d + TIMER_START] = outbound.timerStart;
  doubles[d + SAMPLE] = rtt.sample;
  doubles[d + SRTT] = rtt.srtt;
  doubles[d + RTTVAR] = rtt.rttvar;
  doubles[d + RTO] = rtt.rto;
  doubles[d + MIN] = rtt.min;
  doubles[d + FIRST_TS_TIME] = clocks.firstTsTime;
  doubles[d + LAST_HEARD] = feedback.lastHeard;
  doubles[d + LAST_EFFECT] = feedback.lastEffect;
  doubles[d + LAST_REPORT] = feedback.lastReport;
  doubles[d + ECHO_TIME] = feedback.echoTime;
  const i = 2 * (d + DOUBLES);
  integers[i + NOTES] =
    (outbound.synSent ? SYN_SENT : 0) |
    (outbound.synAckSent ? SYN_ACK_SENT : 0) |
    (feedback.zeroWindow ? ZERO_WINDOW : 0) |
    (clocks.maxTsVal >= 0 ? HAS_MAX_TS_VAL : 0) |
    (clocks.firstTsVal >= 0 ? HAS_FIRST_TS_VAL : 0) |
    (feedback.lastEcho >= 0 ? HAS_ECHO : 0);
  integers[i + ORDER] = outbound.order;
  integers[i + ENTERED] = outbound.entered;
  integers[i + SAMPLES] = rtt.samples;
  integers[i + MAX_IP_ID] = clocks.maxIpId;
  integers[i + ID_RISES] = clocks.idRises;
  integers[i + ID_BREAKS] = clocks.idBreaks;
  integers[i + ID_REPEATS] = clocks.idRepeats;
  integers[i + GOOD_CHECKSUMS] = acceptance.goodChecksums;
  integers[i + BAD_CHECKSUMS] = acceptance.badChecksums;
  integers[i + STAMPED] = acceptance.stamped;
  integers[i + MAX_TS_VAL] = clocks.maxTsVal;
  integers[i + FIRST_TS_VAL] = clocks.firstTsVal;
  integers[i + LAST_ECHO] = feedback.lastEcho;
}

/** Makes a plain one what `store` wrote down. */
export function load(outbound: Outbound, { doubles, integers }: PastMemory, sender: number): void {
  const { rtt, clocks, feedback, acceptance } = outbound;
  const d = sender * PAST_SIZE;
  outbound.lastSentTime = doubles[d + LAST_SENT_TIME];
  outbound.lastDataTime = doubles[d + LAST_DATA_TIME];
  outbound.lastNewTime = doubles[d + LAST_NEW_TIME];
  outbound.timerStart = doubles[d + TIMER_START];
  rtt.sample = doubles[d + SAMPLE];
  rtt.srtt = doubles[d + SRTT];
  rtt.rttvar = doubles[d + RTTVAR];
  rtt.rto = doubles[d + RTO];
  rtt.min = doubles[d + MIN];
  clocks.firstTsTime = doubles[d + FIRST_TS_TIME];
  feedback.lastHeard = doubles[d + LAST_HEARD];
  feedback.lastEffect = doubles[d + LAST_EFFECT];
  feedback.lastReport = doubles[d + LAST_REPORT];
  feedback.echoTime = doubles[d + ECHO_TIME];
  const i = 2 * (d + DOUBLES);
  const notes = integers[i + NOTES];
  outbound.synSent = (notes & SYN_SENT) !== 0;
  outbound.synAckSent = (notes & SYN_ACK_SENT) !== 0;
  feedback.zeroWindow = (notes & ZERO_WINDOW) !== 0;
  outbound.order = integers[i + ORDER];
  outbound.entered = integers[i + ENTERED];
  rtt.samples = integers[i + SAMPLES];
  clocks.maxIpId = integers[i + MAX_IP_ID];
  clocks.idRises = integers[i + ID_RISES];
  clocks.idBreaks = integers[i + ID_BREAKS];
  clocks.idRepeats = integers[i + ID_REPEATS];
  acceptance.goodChecksums = integers[i + GOOD_CHECKSUMS];
  acceptance.badChecksums = integers[i + BAD_CHECKSUMS];
  acceptance.stamped = integers[i + STAMPED];
  clocks.maxTsVal = notes & HAS_MAX_TS_VAL ? integers[i + MAX_TS_VAL] >>> 0 : -1;
  clocks.firstTsVal = notes & HAS_FIRST_TS_VAL ? integers[i + FIRST_TS_VAL] >>> 0 : -1;
  feedback.lastEcho = notes & HAS_ECHO ? integers[i + LAST_ECHO] >>> 0 : -1;
}

/** The numbers of one sender, as all others see them. */
export class PastOutbound extends QuietOutbound implements OutboundView, RttView, ScoreboardView, ClocksView {
  readonly memory: PastMemory;
  /** Its place there. */
  readonly sender: number;
  /** These stay objects: others refer to them too. */
  roundTrips: RoundTrips | null = null;
  tally: SentTally | null = null;

  constructor(memory: PastMemory, sender: number) {
    super();
    this.memory = memory;
    this.sender = sender;
  }

  /** Copies its numbers into `words`, from `at` on. */
  write(words: Int32Array, at: number): void {
    const { integers } = this.memory;
    const from = PAST_WORDS * this.sender;
    for (let i = 0; i < PAST_WORDS; i++) words[at + i] = integers[from + i];
  }

  /** Takes its numbers from there. */
  read(words: Int32Array, at: number): void {
    const { integers } = this.memory;
    const to = PAST_WORDS * this.sender;
    for (let i = 0; i < PAST_WORDS; i++) integers[to + i] = words[at + i];
  }

  private double(place: number): number {
    return this.memory.doubles[this.sender * PAST_SIZE + place];
  }

  private integer(place: number): number {
    return this.memory.integers[2 * (this.sender * PAST_SIZE + DOUBLES) + place];
  }

  get scoreboard(): ScoreboardView {
    return this;
  }

  get rtt(): RttView {
    return this;
  }

  get clocks(): ClocksView {
    return this;
  }

  get sample(): number {
    return this.double(SAMPLE);
  }

  get srtt(): number {
    return this.double(SRTT);
  }

  get rttvar(): number {
    return this.double(RTTVAR);
  }

  get rto(): number {
    return this.double(RTO);
  }

  get min(): number {
    return this.double(MIN);
  }

  get samples(): number {
    return this.integer(SAMPLES);
  }

  get maxTsVal(): number {
    return this.integer(NOTES) & HAS_MAX_TS_VAL ? this.integer(MAX_TS_VAL) >>> 0 : -1;
  }

  get firstTsVal(): number {
    return this.integer(NOTES) & HAS_FIRST_TS_VAL ? this.integer(FIRST_TS_VAL) >>> 0 : -1;
  }

  get firstTsTime(): number {
    return this.double(FIRST_TS_TIME);
  }

  get maxIpId(): number {
    return this.integer(MAX_IP_ID);
  }

  get idRises(): number {
    return this.integer(ID_RISES);
  }

  get idBreaks(): number {
    return this.integer(ID_BREAKS);
  }

  get synAckSent(): boolean {
    return (this.integer(NOTES) & SYN_ACK_SENT) !== 0;
  }

  get sendsUnstamped(): boolean {
    return this.integer(STAMPED) === 0;
  }

  get isEmpty(): boolean {
    return true;
  }

  get unanswered(): number {
    return 0;
  }

  get oldestTime(): number {
    return NEVER;
  }

  get oldestFrame(): number {
    return 0;
  }

  get outstanding(): number {
    return 0;
  }

  get highSacked(): number {
    return 0;
  }

  get forgotten(): number {
    return 0;
  }
}
