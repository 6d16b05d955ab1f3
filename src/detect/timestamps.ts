import { Kind } from '../model/verdict.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { count, nameOf } from './words.ts';

/** New data with an older timestamp than what was sent before it. */
export class Timestamps implements Detector {
  readonly ids = ['timestamps-backwards'] as const;
  readonly when = Fact.OLD_TIMESTAMP;
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { verdict, t, sender, view } = segment;
    const isNew = verdict === null || verdict.kind === Kind.NEW;
    if (!isNew || t.seq < t.previousSndNxt || view.payloadLength === 0) return;
    const back = (sender.flight!.maxTsVal - view.tsVal) >>> 0;
    this.findings.raise(segment, {
      id: 'timestamps-backwards',
      cause: 'several clocks behind one address, or a clock set back',
      evidence: [segment.frame],
      confidence: 0.85,
      text: `New data of ${nameOf(sender)} in packet ${segment.frame} has a timestamp ${count(back)} ticks older than data before it: its receiver drops it (PAWS).`,
    });
  }
}
