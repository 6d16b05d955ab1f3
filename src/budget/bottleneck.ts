import { BUNCH } from '../congestion/bottleneck.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import type { Arrival } from './arrival.ts';
import type { Distances } from './distances.ts';
import type { Tape } from './tape.ts';

/** A segment that is late by less than this (ns) waited in no queue. */
export const QUEUED = 1e6;
/** Rates agree whose logarithms differ by less: a factor of 1.25. */
export const SAME_RATE = Math.log(1.25);
/** So many rates have to agree, and so many times more than do not. */
const LEAST = 5;
const MORE = 2;
/** A queue stands when so many segments in a row, over more than a round trip, were late. */
const STANDING = 8;

/**
 * Tells a bottleneck from mere jitter. Segments that waited in its queue arrive one after the other at its rate, and a queue
 * that stands delays every segment for longer than a round trip (as RFC 8289 section 3.2 tells a bad queue from a good one).
 */
export class Bottleneck {
  /** The rate that the arrivals agree on: logarithm of bytes per nanosecond, NaN unknown. */
  declare private rate: number;
  /** When the latest bunch began to arrive (ns), and bytes that have arrived since. */
  declare private lastTime: number;
  declare private bytes: number;
  /** Since when every segment was late (ns), NaN when the latest was not. */
  declare private lateSince: number;
  declare private lateCount: number;
  declare private agreeing: number;
  declare private others: number;
  /** The packets show one. */
  declare isSeen: boolean;

  constructor() {
    this.begin();
  }

  /** Nothing is known. */
  begin(): void {
    this.rate = Number.NaN;
    this.lastTime = DOUBLE_ZERO;
    this.bytes = DOUBLE_ZERO;
    this.lateSince = Number.NaN;
    this.lateCount = this.agreeing = this.others = 0;
    this.isSeen = false;
  }

  write(tape: Tape): void {
    tape.put(this.rate);
    tape.put(this.lastTime);
    tape.put(this.bytes);
    tape.put(this.lateSince);
    tape.put(this.lateCount);
    tape.put(this.agreeing);
    tape.put(this.others);
    tape.put(Number(this.isSeen));
  }

  read(tape: Tape): void {
    this.rate = tape.next();
    this.lastTime = tape.next();
    this.bytes = tape.next();
    this.lateSince = tape.next();
    this.lateCount = tape.next();
    this.agreeing = tape.next();
    this.others = tape.next();
    this.isSeen = tape.next() !== 0;
  }

  /** A segment arrives in order; `distances` knows the round trip. */
  arrives(
    { time, bytes, late }: Readonly<Pick<Arrival, 'time' | 'bytes' | 'late'>>,
    distances: Pick<Distances, 'round'>,
  ): void {
    if (this.isSeen) return;
    if (late <= QUEUED) {
      this.lateSince = Number.NaN;
      return;
    }
    if (Number.isNaN(this.lateSince)) {
      this.lateSince = this.lastTime = time;
      this.lateCount = 1;
      this.bytes = 0;
      return;
    }
    this.bytes += bytes;
    const gap = time - this.lastTime;
    if (gap < BUNCH) return;
    const rate = Math.log(this.bytes / gap);
    this.lastTime = time;
    this.bytes = 0;
    if (Math.abs(rate - this.rate) < SAME_RATE) this.agreeing++;
    else if (!Number.isNaN(this.rate)) this.others++;
    this.rate = Number.isNaN(this.rate) ? rate : this.rate + (rate - this.rate) / 4;
    this.lateCount++;
    const stands = this.lateCount >= STANDING && time - this.lateSince > distances.round;
    if (stands || (this.agreeing >= LEAST && this.agreeing >= MORE * this.others)) this.isSeen = true;
  }
}
