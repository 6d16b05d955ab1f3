import type { Endpoint } from '../model/connection.ts';
import { widen } from '../model/seq.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { count, nameOf } from './words.ts';

/** SACK blocks that no receiver can mean. */
export class SackBlocks implements Detector {
  readonly ids = ['sack-outside-window'] as const;
  readonly when = Fact.SACK;
  private readonly findings: Collector;
  /** Packets with such blocks, by the end that sends them. */
  private readonly faults = new Memory<Endpoint, number[]>(() => []);

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, sender, receiver, t } = segment;
    for (let i = 0; i < view.sackCount; i++) {
      const left = widen(view.sack[2 * i], receiver.base, receiver.sndNxt);
      const right = widen(view.sack[2 * i + 1], receiver.base, receiver.sndNxt);
      const why = fault(left, right, t.ack, sender.windowEdge, t.ack + t.window, i === 0);
      if (why === null) continue;
      this.report(segment, `${count(left)}:${count(right)}`, why);
      return;
    }
  }

  private report(segment: Inspection, block: string, why: string): void {
    const { sender, frame } = segment;
    const known = this.faults.find(sender);
    const frames = known ?? this.faults.of(sender);
    note(frames, frame);
    if (known !== undefined) return;
    this.findings.add(segment, 'sack-outside-window', () => ({
      id: 'sack-outside-window',
      cause: why,
      evidence: frames,
      confidence: 0.85,
      text: `${nameOf(sender)} reports blocks that cannot be: in packet ${frame} ${block}, ${why}.`,
    }));
  }
}

/** Below the ACK only a first block makes sense: a D-SACK (RFC 2883 section 4). The edges are those ever offered. */
function fault(left: number, right: number, ack: number, edge: number, now: number, first: boolean): string | null {
  if (right <= left) return 'which ends before it begins';
  if (edge >= 0 && right > Math.max(edge, now)) return 'which lies beyond everything that its own window allowed';
  if (!first && right <= ack) return 'which lies below what the same packet acknowledges';
  return null;
}
