import { say } from '../messages/message.ts';
import { Kind } from '../model/verdict.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';

/** New data with an older timestamp than what was sent before it. */
export class Timestamps implements Detector {
  readonly ids = ['timestamps-backwards'] as const;
  readonly when = [Fact.OLD_TIMESTAMP];
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { verdict, t, sender, view } = segment;
    const isNew = verdict === null || verdict.kind === Kind.NEW;
    if (!isNew || t.seq < t.previousSndNxt || view.payloadLength === 0) return;
    const ticks = (sender.outbound!.clocks.maxTsVal - view.tsVal) >>> 0;
    this.findings.raise(segment, {
      id: 'timestamps-backwards',
      evidence: [segment.frame],
      confidence: 0.85,
      message: say('timestamps-backwards', { sender: sender, frame: segment.frame, ticks }),
    });
  }
}
