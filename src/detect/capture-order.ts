import type { ClockJumps } from './clock-jump.ts';
import type { Collector } from './collector.ts';
import { note } from './memory.ts';
import { duration, plural } from './words.ts';

/** A clock that goes back by this much (ns) was set; packets are not that late in a file. */
const STEP = 1e9;
/** Swaps by less than this (ns), in less than this share of the packets, are the jitter of several receive queues. */
const JITTER = 50e3;
const RARE = 0.01;

/** Watches the time stamps of all records, in the order of the capture. */
export class CaptureOrder {
  readonly ids = ['capture-misordered', 'clock-step'] as const;
  private readonly findings: Collector;
  private readonly jumps: ClockJumps;
  private records = 0;
  private highest = Number.NEGATIVE_INFINITY;
  private swaps: { count: number; furthest: number; frames: number[] } | null = null;

  constructor(findings: Collector, jumps: ClockJumps) {
    this.findings = findings;
    this.jumps = jumps;
  }

  /** Every record's time (ns) comes here. */
  see(frame: number, time: number): void {
    this.records++;
    if (time < this.highest) {
      this.wentBack(frame, time);
      return;
    }
    if (time - this.highest >= STEP && this.records > 1) this.jumps.begin(frame, this.highest, time);
    this.highest = time;
  }

  private wentBack(frame: number, time: number): void {
    const back = this.highest - time;
    const where = { connection: null, row: null, frame, time };
    if (back >= STEP) {
      // From here on the new time counts.
      this.highest = time;
      this.findings.raise(where, {
        id: 'clock-step',
        cause: 'clock set back, or captures joined',
        evidence: [frame],
        confidence: 0.8,
        text: `The time stamps go back by ${duration(back)} at packet ${frame}: the clock was set, or captures were joined; intervals across it mean nothing.`,
      });
      return;
    }
    if (this.swaps === null) {
      const swaps = { count: 0, furthest: 0, frames: [] as number[] };
      this.swaps = swaps;
      this.findings.add(where, 'capture-misordered', () => ({
        id: 'capture-misordered',
        severity: swaps.furthest < JITTER && swaps.count < RARE * this.records ? 'info' : 'warning',
        cause: 'packets recorded out of order',
        evidence: swaps.frames,
        confidence: 0.95,
        text: `${plural(swaps.count, 'packet stands', 'packets stand')} behind later ones in the file, by up to ${duration(swaps.furthest)}; the first is packet ${swaps.frames[0]}. The capture wrote them out of order.`,
      }));
    }
    this.swaps.count++;
    if (back > this.swaps.furthest) this.swaps.furthest = back;
    note(this.swaps.frames, frame);
  }
}
