import type { BlockFault } from '../messages/en/findings/protocol.ts';
import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { widen } from '../model/seq.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';

/** SACK blocks that no receiver can mean. */
export class SackBlocks implements Detector {
  readonly ids = ['sack-outside-window'] as const;
  readonly when = [Fact.SACK];
  private readonly findings: Collector;
  /** Packets with such blocks, by the end that sends them. */
  private readonly faults = new Memory<Endpoint, number[]>(() => []);

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, sender, receiver, t } = segment;
    // Without the scale nobody knows what it offered.
    const edge = sender.windowShift < 0 ? -1 : sender.windowEdge;
    for (let i = 0; i < view.sackCount; i++) {
      const left = widen(view.sack[2 * i], receiver.base, receiver.sndNxt);
      const right = widen(view.sack[2 * i + 1], receiver.base, receiver.sndNxt);
      const why = fault(left, right, t.ack, edge, t.ack + t.window, i === 0);
      if (why === null) continue;
      this.report(segment, left, right, why);
      return;
    }
  }

  private report(segment: Inspection, left: number, right: number, fault: BlockFault): void {
    const { sender, frame } = segment;
    const known = this.faults.find(sender);
    const frames = known ?? this.faults.of(sender);
    note(frames, frame);
    if (known !== undefined) return;
    this.findings.add(segment, 'sack-outside-window', () => ({
      id: 'sack-outside-window',
      evidence: frames,
      confidence: 0.85,
      message: say('sack-outside-window', { sender, frame, left, right, fault }),
    }));
  }
}

/** Below the ACK only a first block makes sense: a D-SACK (RFC 2883 section 4). The edges are those ever offered. */
function fault(left: number, right: number, ack: number, edge: number, now: number, first: boolean): BlockFault | null {
  if (right <= left) return 'reversed';
  if (edge >= 0 && right > Math.max(edge, now)) return 'beyond-window';
  if (!first && right <= ack) return 'below-ack';
  return null;
}
