import { say } from '../messages/message.ts';
import { roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';

/** From this depth on a sender without RACK takes reordering for loss (RFC 5681 section 3.2: three duplicate ACKs). */
const TAKEN_FOR_LOSS = 3;

/** Where the round trip is not known (ns). */
const LONGEST_LAG = 200e6;

interface Tally {
  segments: number;
  deepest: number;
  latest: number;
  /** A D-SACK came later: the sender sent again what had arrived. */
  harmed: boolean;
  frames: number[];
}

/** Segments that others overtook, one finding for each sender. */
export class Reordering implements Detector {
  readonly ids = ['reordering'] as const;
  readonly when = [Fact.REORDERED, Fact.DSACK];
  private readonly findings: Collector;
  private readonly isSwapped: (segment: Inspection) => boolean;
  private readonly tallies = new Memory<Endpoint, Tally>(() => ({
    segments: 0,
    deepest: 0,
    latest: 0,
    harmed: false,
    frames: [],
  }));

  /** `isSwapped` says of a segment that the capture has it after its ACK. */
  constructor(findings: Collector, isSwapped: (segment: Inspection) => boolean) {
    this.findings = findings;
    this.isSwapped = isSwapped;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.DSACK)) {
      const overtaken = this.tallies.find(segment.receiver);
      if (overtaken !== undefined) overtaken.harmed = true;
    }
    if (!segment.has(Fact.REORDERED)) return;
    const { sender } = segment;
    const verdict = segment.verdict!;
    // The capture moved it: capture-misordered, or ack-before-data where it had arrived before it was captured.
    if (verdict.byCapture || verdict.lateness < 0 || this.isSwapped(segment)) return;
    // A path reorders by less than a round trip. A segment that is later than that is a retransmission whose first copy the capture lacks.
    if (verdict.lateness > Math.max(roundTrip(sender), LONGEST_LAG)) return;
    const known = this.tallies.find(sender);
    const tally = known ?? this.tallies.of(sender);
    tally.segments++;
    tally.deepest = Math.max(tally.deepest, verdict.depth);
    tally.latest = Math.max(tally.latest, verdict.lateness);
    note(tally.frames, segment.frame);
    if (known !== undefined) return;
    this.findings.add(segment, 'reordering', () => {
      const { segments, deepest, latest, frames } = tally;
      return {
        id: 'reordering',
        // It harms where it made the sender send again what had arrived.
        severity: deepest >= TAKEN_FOR_LOSS && tally.harmed ? 'warning' : 'info',
        evidence: frames,
        confidence: 0.9,
        message: say('reordering', { sender, segments, deepest, latest }),
      };
    });
  }
}
