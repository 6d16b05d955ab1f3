import type { Connection, Endpoint } from '../model/connection.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { nameOf, percent, plural } from './words.ts';

/** Duplicate ACKs in a row that make a burst (RFC 5681 section 3.2). */
const BURST = 3;
/** ACKs for more than two segments that are worth mentioning. */
const MANY_STRETCHES = 20;

interface Bursts {
  count: number;
  longest: number;
  frames: number[];
}

/** How an end acknowledges. */
export class Acknowledgments implements Detector {
  readonly ids = ['duplicate-acks', 'stretch-acks'] as const;
  readonly when = Fact.DUPLICATE_ACK;
  private readonly findings: Collector;
  private readonly bursts = new Memory<Endpoint, Bursts>(() => ({ count: 0, longest: 0, frames: [] }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { sender, receiver } = segment;
    const { dupAcks } = receiver.flight!;
    if (dupAcks < BURST) return;
    const bursts = this.bursts.of(sender);
    if (dupAcks > bursts.longest) bursts.longest = dupAcks;
    if (dupAcks > BURST) return;
    bursts.count++;
    note(bursts.frames, segment.frame);
    if (bursts.count > 1) return;
    this.findings.add(segment, 'duplicate-acks', () => ({
      id: 'duplicate-acks',
      cause: 'segments arrived behind a gap',
      evidence: bursts.frames,
      text: `${nameOf(sender)} sent ${plural(bursts.count, 'burst')} of duplicate ACKs, the longest of ${bursts.longest}: segments reached it behind a gap.`,
    }));
  }

  concludeConnection(connection: Connection, end: CaptureEnd): void {
    for (const endpoint of [connection.a, connection.b]) {
      const { stretchAcks } = endpoint;
      const acks = endpoint.packets - endpoint.dataPackets;
      if (stretchAcks < MANY_STRETCHES || stretchAcks * 2 <= acks) continue;
      this.findings.raise(
        { connection, row: null, frame: connection.lastFrame, time: end.time },
        {
          id: 'stretch-acks',
          cause: 'receive offload, or ACKs thinned or lost on the way',
          evidence: [],
          confidence: 0.9,
          text: `${plural(stretchAcks, 'ACK')} of ${nameOf(endpoint)} (${percent(Math.min(stretchAcks / acks, 1))}) cover more than two full segments each.`,
        },
      );
    }
  }
}
