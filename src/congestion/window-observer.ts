import type { Usage } from './controller.ts';
import { BATCH_GAP } from './recovery-window.ts';
import { Round } from './round.ts';
import { PROMPT, Silences } from './silences.ts';

/** Segments that are closer than this belong to one burst (ns). */
const BACK_TO_BACK = 100e3;
/**
 * A round shows the window when most ACKs are answered at once, by full segments, and each finds the flight filled up again
 * (but for some segments): then it is the ACKs that let the sender send.
 */
const LEAST_BATCHES = 4;
const LEAST_ANSWERED = 2;
const ANSWERED = 0.6;
const SAGGED = 0.1;
const SLACK = 2;
/** Several ACKs in a row that are answered at once and leave the flight as it was show the window as well. */
const FLAT = 8;
/** Slow start doubles the flight in a round: a sender that gains less than this is past it. */
const LEVEL = 1.4;
const LEVEL_BY_ACKS = 0.6;
const LEVEL_GAIN = 1.5;

/** What a sender has in flight when nothing but its window holds it back. */
export class WindowObserver {
  readonly round = new Round();
  readonly silences = new Silences();
  private roundEnd = 0;
  /** Peak of the round before, 0 when that did not show the window. */
  private lastPeak = 0;
  private flatLevel = 0;
  private flat = 0;
  private sent = 0;
  // Nanoseconds, NaN before the first.
  private lastSent = Number.NaN;
  private lastAckTime = Number.NaN;
  private batchTime = Number.NaN;
  private answeredTime = Number.NaN;
  private isFull = false;
  /** The latest segment was a full one. */
  private endsFull = false;

  /** What the latest batch showed: segments in flight, 0 nothing; and whether they do not grow as in slow start. */
  shown = 0;
  isLevel = false;
  /** The latest batch ended a round: `round` holds it until `next`; and the window showed in all of it, without growing as in slow start. */
  isRoundOver = false;
  showsRound = false;
  isLevelRound = false;
  /** By how many segments the window grew in that round, NaN where not both rounds showed it. */
  gain = Number.NaN;

  /** Something was sent since the ACK before. */
  get hasSent(): boolean {
    return this.sent > 0;
  }

  /** A retransmission follows at once upon the latest ACK. */
  isAnswer(segment: { readonly time: number }): boolean {
    return segment.time - this.lastAckTime <= PROMPT;
  }

  sends(segment: { readonly time: number }, isFull: boolean): void {
    const { round } = this;
    round.sent++;
    const pause = segment.time - (this.lastSent > round.start ? this.lastSent : round.start);
    if (pause > round.pause) round.pause = pause;
    if (!(segment.time - this.lastSent <= BACK_TO_BACK)) {
      round.bursts++;
      if (segment.time - this.lastAckTime > PROMPT) round.unprompted++;
    }
    this.silences.sends(segment.time);
    this.lastSent = segment.time;
    this.endsFull = isFull;
    if (this.sent++ > 0) return;
    this.answeredTime = segment.time;
    this.isFull = isFull;
  }

  /** An ACK is about to take effect; `usage` as before it. */
  hears(usage: Usage): void {
    this.shown = 0;
    this.isRoundOver = false;
    if (!usage.isFree) this.round.free = false;
    const together = this.sent === 0 && usage.now - this.lastAckTime < BATCH_GAP;
    this.silences.hears(usage.now);
    this.lastAckTime = usage.now;
    if (!together) this.batch(usage);
    this.sent = 0;
  }

  private batch(usage: Usage): void {
    const { round } = this;
    const { inFlight } = usage;
    const answered = this.sent > 0 && this.answeredTime - this.batchTime <= PROMPT;
    this.batchTime = usage.now;
    if (round.batches++ === 0) round.first = inFlight;
    if (answered && this.endsFull) round.endedFull++;
    const filled = answered && this.isFull;
    if (filled) round.full++;
    if (inFlight < round.peak - SLACK) round.sagged++;
    if (inFlight > round.peak) round.peak = inFlight;
    this.noteFlat(inFlight, filled && round.free);
    if (usage.una >= this.roundEnd) this.endRound(usage);
  }

  private noteFlat(inFlight: number, filled: boolean): void {
    if (!filled || Math.abs(inFlight - this.flatLevel) > 1) {
      this.flat = 0;
      this.flatLevel = inFlight;
    } else if (++this.flat === FLAT) this.show(Math.max(inFlight, this.flatLevel), true);
  }

  private endRound(usage: Usage): void {
    const { round } = this;
    this.isRoundOver = true;
    round.duration = usage.now - round.start;
    const shows =
      round.free &&
      round.peak > 0 &&
      round.batches >= LEAST_BATCHES &&
      round.full >= ANSWERED * round.batches &&
      round.sagged <= SAGGED * round.batches;
    this.showsRound = shows || isAnswered(round, this.lastPeak);
    this.gain = this.showsRound && this.lastPeak > 0 ? round.peak - this.lastPeak : Number.NaN;
    this.isLevelRound = this.showsRound && this.isPastSlowStart(round);
    if (shows) this.show(round.peak, this.isLevelRound);
    this.lastPeak = this.showsRound ? round.peak : 0;
  }

  /** In slow start the window grows by at least a segment for each ACK (RFC 5681 section 3.1). */
  private isPastSlowStart({ acks }: Round): boolean {
    return this.gain < Math.min((LEVEL - 1) * this.lastPeak, Math.max(LEVEL_BY_ACKS * acks, LEVEL_GAIN));
  }

  private show(inFlight: number, isLevel: boolean): void {
    this.shown = inFlight;
    this.isLevel = isLevel;
  }

  /** A new round, after one that is over or because an episode has ended. */
  next(at: { readonly now: number; readonly sndNxt: number }): void {
    this.round.begin(at.now);
    this.roundEnd = at.sndNxt;
  }
}

/**
 * Where few ACKs come, each of them was answered at once by full segments, and found the flight as large as ever. Where all come
 * at once the flight may not be smaller than in the round before, and the last segment has to be a full one too: a message ends
 * with a shorter one.
 */
function isAnswered({ free, batches, full, endedFull, sagged, peak }: Round, lastPeak: number): boolean {
  const isEnough = batches >= LEAST_ANSWERED || (endedFull === batches && peak >= lastPeak);
  return free && batches > 0 && isEnough && full === batches && sagged === 0;
}
