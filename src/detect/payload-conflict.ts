import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { nameOf } from './words.ts';

/** A repeated range whose bytes are not those of the first copy. */
export class PayloadConflict implements Detector {
  readonly ids = ['payload-conflict'] as const;
  readonly when = Fact.DIFFERS;
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { sender, view, t } = segment;
    const { original } = segment.verdict!;
    const foreign = sender.ttl >= 0 && sender.ttl !== view.ttl ? `, where its first packet had ${sender.ttl}` : '';
    const id = view.ipId >= 0 ? `, IP ID ${view.ipId}` : '';
    this.findings.raise(segment, {
      id: 'payload-conflict',
      cause: 'injected or rewritten',
      evidence: [segment.frame, original],
      confidence: 0.95,
      text: `Bytes ${t.seq} to ${t.end - 1} of ${nameOf(sender)} in packet ${segment.frame} (TTL ${view.ttl}${foreign}${id}) are not those that packet ${original} had in the same place: one of the two is forged or rewritten.`,
    });
  }
}
