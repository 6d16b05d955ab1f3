import { Ca, type ClocksView, type OutboundView, type RttView, type ScoreboardView } from '../model/outbound.ts';
import type { RoundTrips } from '../model/round-trips.ts';
import type { Outbound } from './outbound.ts';
import type { SentTally } from './sent-tally.ts';

/*
 * What a sender leaves when its connection has closed and nothing that it sent is in question: its numbers, in memory that many
 * share. This file knows where each of them lies.
 */

const ORDER = 0;
const ENTERED = 1;
const LAST_SENT_TIME = 2;
const LAST_DATA_TIME = 3;
const LAST_NEW_TIME = 4;
const TIMER_START = 5;
const NOTES = 6;
const SAMPLE = 7;
const SRTT = 8;
const RTTVAR = 9;
const RTO = 10;
const MIN = 11;
const SAMPLES = 12;
const MAX_TS_VAL = 13;
const FIRST_TS_VAL = 14;
const FIRST_TS_TIME = 15;
const MAX_IP_ID = 16;
const ID_RISES = 17;
const ID_BREAKS = 18;
const ID_REPEATS = 19;
const LAST_HEARD = 20;
const LAST_EFFECT = 21;
const LAST_REPORT = 22;
const LAST_ECHO = 23;
const GOOD_CHECKSUMS = 24;
const BAD_CHECKSUMS = 25;
const STAMPED = 26;

/** Numbers of one sender. */
export const PAST_SIZE = 27;

/** Bits of `NOTES`. */
const SYN_SENT = 1;
const SYN_ACK_SENT = 2;
const ZERO_WINDOW = 4;

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
    outbound.pathMtuTime < 0
  );
}

/** Writes down the numbers of a plain one. */
export function store(outbound: Outbound, memory: Float64Array, at: number): void {
  const { rtt, clocks, feedback, acceptance } = outbound;
  memory[at + ORDER] = outbound.order;
  memory[at + ENTERED] = outbound.entered;
  memory[at + LAST_SENT_TIME] = outbound.lastSentTime;
  memory[at + LAST_DATA_TIME] = outbound.lastDataTime;
  memory[at + LAST_NEW_TIME] = outbound.lastNewTime;
  memory[at + TIMER_START] = outbound.timerStart;
  memory[at + NOTES] =
    (outbound.synSent ? SYN_SENT : 0) |
    (outbound.synAckSent ? SYN_ACK_SENT : 0) |
    (feedback.zeroWindow ? ZERO_WINDOW : 0);
  memory[at + SAMPLE] = rtt.sample;
  memory[at + SRTT] = rtt.srtt;
  memory[at + RTTVAR] = rtt.rttvar;
  memory[at + RTO] = rtt.rto;
  memory[at + MIN] = rtt.min;
  memory[at + SAMPLES] = rtt.samples;
  memory[at + MAX_TS_VAL] = clocks.maxTsVal;
  memory[at + FIRST_TS_VAL] = clocks.firstTsVal;
  memory[at + FIRST_TS_TIME] = clocks.firstTsTime;
  memory[at + MAX_IP_ID] = clocks.maxIpId;
  memory[at + ID_RISES] = clocks.idRises;
  memory[at + ID_BREAKS] = clocks.idBreaks;
  memory[at + ID_REPEATS] = clocks.idRepeats;
  memory[at + LAST_HEARD] = feedback.lastHeard;
  memory[at + LAST_EFFECT] = feedback.lastEffect;
  memory[at + LAST_REPORT] = feedback.lastReport;
  memory[at + LAST_ECHO] = feedback.lastEcho;
  memory[at + GOOD_CHECKSUMS] = acceptance.goodChecksums;
  memory[at + BAD_CHECKSUMS] = acceptance.badChecksums;
  memory[at + STAMPED] = acceptance.stamped;
}

/**
 * Makes a plain one what `store` wrote down. Counts become integers again: a field that once got a double holds an object for
 * each of them from then on.
 */
export function load(outbound: Outbound, memory: Float64Array, at: number): void {
  const { rtt, clocks, feedback, acceptance } = outbound;
  const notes = memory[at + NOTES];
  outbound.order = memory[at + ORDER] | 0;
  outbound.entered = memory[at + ENTERED] | 0;
  outbound.lastSentTime = memory[at + LAST_SENT_TIME];
  outbound.lastDataTime = memory[at + LAST_DATA_TIME];
  outbound.lastNewTime = memory[at + LAST_NEW_TIME];
  outbound.timerStart = memory[at + TIMER_START];
  outbound.synSent = (notes & SYN_SENT) !== 0;
  outbound.synAckSent = (notes & SYN_ACK_SENT) !== 0;
  feedback.zeroWindow = (notes & ZERO_WINDOW) !== 0;
  rtt.sample = memory[at + SAMPLE];
  rtt.srtt = memory[at + SRTT];
  rtt.rttvar = memory[at + RTTVAR];
  rtt.rto = memory[at + RTO];
  rtt.min = memory[at + MIN];
  rtt.samples = memory[at + SAMPLES] | 0;
  clocks.maxTsVal = memory[at + MAX_TS_VAL];
  clocks.firstTsVal = memory[at + FIRST_TS_VAL];
  clocks.firstTsTime = memory[at + FIRST_TS_TIME];
  clocks.maxIpId = memory[at + MAX_IP_ID] | 0;
  clocks.idRises = memory[at + ID_RISES] | 0;
  clocks.idBreaks = memory[at + ID_BREAKS] | 0;
  clocks.idRepeats = memory[at + ID_REPEATS] | 0;
  feedback.lastHeard = memory[at + LAST_HEARD];
  feedback.lastEffect = memory[at + LAST_EFFECT];
  feedback.lastReport = memory[at + LAST_REPORT];
  feedback.lastEcho = memory[at + LAST_ECHO];
  acceptance.goodChecksums = memory[at + GOOD_CHECKSUMS] | 0;
  acceptance.badChecksums = memory[at + BAD_CHECKSUMS] | 0;
  acceptance.stamped = memory[at + STAMPED] | 0;
}

/** The numbers of one sender, as all others see them. */
export class PastOutbound implements OutboundView, RttView, ScoreboardView, ClocksView {
  readonly memory: Float64Array;
  readonly at: number;
  /** Objects that others hold as well: they stay what they are. */
  roundTrips: RoundTrips | null = null;
  tally: SentTally | null = null;

  constructor(memory: Float64Array, at: number) {
    this.memory = memory;
    this.at = at;
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
    return this.memory[this.at + SAMPLE];
  }

  get srtt(): number {
    return this.memory[this.at + SRTT];
  }

  get rttvar(): number {
    return this.memory[this.at + RTTVAR];
  }

  get rto(): number {
    return this.memory[this.at + RTO];
  }

  get min(): number {
    return this.memory[this.at + MIN];
  }

  get samples(): number {
    return this.memory[this.at + SAMPLES];
  }

  get maxTsVal(): number {
    return this.memory[this.at + MAX_TS_VAL];
  }

  get firstTsVal(): number {
    return this.memory[this.at + FIRST_TS_VAL];
  }

  get firstTsTime(): number {
    return this.memory[this.at + FIRST_TS_TIME];
  }

  get maxIpId(): number {
    return this.memory[this.at + MAX_IP_ID];
  }

  get idRises(): number {
    return this.memory[this.at + ID_RISES];
  }

  get idBreaks(): number {
    return this.memory[this.at + ID_BREAKS];
  }

  get synAckSent(): boolean {
    return (this.memory[this.at + NOTES] & SYN_ACK_SENT) !== 0;
  }

  get sendsUnstamped(): boolean {
    return this.memory[this.at + STAMPED] === 0;
  }

  get isEmpty(): boolean {
    return true;
  }

  get oldestTime(): number {
    return -1;
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

  get caState(): number {
    return Ca.OPEN;
  }

  get episodeStart(): number {
    return -1;
  }

  get timeouts(): number {
    return 0;
  }

  get dupAcks(): number {
    return 0;
  }
}
