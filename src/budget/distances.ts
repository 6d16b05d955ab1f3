import { NEAR } from '../model/capture-position.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import type { Tape } from './tape.ts';

/** What a distance writes down of itself, as bits of one number. */
const KNOWN = 1;
const DOUBTFUL = 2;
const REFUTED = 4;
const PROVEN = 8;

/** No application is asked for less than this (ns). */
const SHORT = 1e6;

/** How far away one end is from the point of capture. Times in nanoseconds. */
class Distance {
  /** The shortest round trip from there; 0 while unknown. */
  declare round: number;
  declare isKnown: boolean;
  /** Measured with what a timer sent: any other measure counts more. */
  declare isDoubtful: boolean;
  /** TCP itself has shown it, not an answer of an application, which may have waited. */
  declare isProven: boolean;
  /** What showed how far away it is was worth nothing: what is measured after it may have waited. */
  declare isRefuted: boolean;
  /** By how much answers of the end are later than its quickest, on the average; those that waited for a timer do not count. */
  declare deviation: number;

  constructor() {
    this.begin();
  }

  begin(): void {
    this.round = DOUBLE_ZERO;
    this.isKnown = this.isDoubtful = this.isProven = this.isRefuted = false;
    this.deviation = DOUBLE_ZERO;
  }

  write(tape: Tape): void {
    tape.put(this.round);
    const shown = (this.isProven ? PROVEN : 0) | (this.isRefuted ? REFUTED : 0);
    tape.put((this.isKnown ? KNOWN : 0) | (this.isDoubtful ? DOUBTFUL : 0) | shown);
    tape.put(this.deviation);
  }

  read(tape: Tape): void {
    this.round = tape.next();
    const notes = tape.next();
    this.isKnown = (notes & KNOWN) !== 0;
    this.isDoubtful = (notes & DOUBTFUL) !== 0;
    this.isProven = (notes & PROVEN) !== 0;
    this.isRefuted = (notes & REFUTED) !== 0;
    this.deviation = tape.next();
  }

  bounded(time: number): void {
    if (this.isKnown && !this.isDoubtful && time >= this.round) return;
    this.round = time;
    this.isKnown = true;
    this.isDoubtful = false;
  }

  measured(time: number, isDoubtful: boolean): void {
    if (isDoubtful && this.isKnown) return;
    const late = time - this.round;
    if (late < this.round / 4) this.deviation += (late - this.deviation) / 8;
    this.bounded(time);
    if (isDoubtful) this.isDoubtful = true;
  }
}

/** How far away the two ends are from the point of capture: the shortest round trips from there (ns). */
export class Distances {
  private readonly a = new Distance();
  private readonly b = new Distance();
  /**
   * The way to the end is told from the work of its application: TCP itself has shown how long it takes, or it is so short that there is
   * nothing to tell.
   */
  isProven(index: number): boolean {
    const { isProven, isRefuted, isKnown, round } = this.to(index);
    return !isRefuted && (isProven || (isKnown && round < SHORT));
  }

  /** Nothing was measured. */
  begin(): void {
    this.a.begin();
    this.b.begin();
  }

  write(tape: Tape): void {
    this.a.write(tape);
    this.b.write(tape);
  }

  read(tape: Tape): void {
    this.a.read(tape);
    this.b.read(tape);
  }

  private to(index: number): Distance {
    return index === 0 ? this.a : this.b;
  }

  /** From the point of capture to the end and back, 0 while unknown. */
  roundTo(index: number): number {
    return this.to(index).round;
  }

  isKnown(index: number): boolean {
    return this.to(index).isKnown;
  }

  /** The capture was made at that end, or close to it. */
  isNear(index: number): boolean {
    return NEAR * this.roundTo(index) <= this.roundTo(1 - index);
  }

  /** One way: half of it. */
  wayTo(index: number): number {
    return this.roundTo(index) / 2;
  }

  /** Between the two ends and back. */
  get round(): number {
    return this.a.round + this.b.round;
  }

  /**
   * How much later (ns) than after the quickest round trip what an end does may be seen, by the `jitter` (ns) of what it sends.
   */
  blurOf(index: number, jitter: number): number {
    if (this.isNear(index)) return 0;
    return Math.min(Math.max(2 * this.to(index).deviation, 4 * jitter), this.round / 4);
  }

  /** What was measured was the way to somebody else. */
  forget(index: number): void {
    this.to(index).begin();
    this.to(index).isRefuted = true;
  }

  /** Something that the end did after it had been told took so long: no round trip is longer, and it may have waited. */
  bounded(index: number, time: number): void {
    this.to(index).bounded(time);
  }

  /** An answer of the end took so long; nothing is learnt from a clock that was set back (below 0). */
  measured(index: number, time: number, isDoubtful = false): void {
    if (time >= 0) this.to(index).measured(time, isDoubtful);
  }

  /** The same of an answer that TCP itself gives, in the handshake. */
  proven(index: number, time: number, isDoubtful = false): void {
    this.measured(index, time, isDoubtful);
    if (time < 0) this.to(index).isRefuted = true;
    else if (!isDoubtful) this.proves(index);
  }

  /** TCP itself has shown how far away the end is. */
  proves(index: number): void {
    const distance = this.to(index);
    distance.isProven = true;
    distance.isRefuted = false;
  }
}
