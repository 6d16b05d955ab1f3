import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/connection.ts';
import { Kind } from '../model/verdict.ts';
import type { Account, Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';

/** RFC 7323 section 2.3. */
const LARGEST_WINDOW = 2 ** 30;

/** New data whose timestamp is older than one before it, until it shows whether its receiver took it. */
interface Stale {
  end: number;
  repeated: boolean;
}

/** New data with an older timestamp than what was sent before it. */
export class Timestamps implements Detector {
  readonly ids = ['timestamps-backwards'] as const;
  readonly when = [Fact.OLD_TIMESTAMP, Fact.RETRANSMISSION];
  private readonly findings: Collector;
  private readonly latest = new Memory<Endpoint, { stale: Stale | null }>(() => ({ stale: null }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { verdict, t, sender, receiver, view } = segment;
    if (segment.has(Fact.RETRANSMISSION)) {
      const stale = this.latest.find(sender)?.stale;
      if (stale && t.seq < stale.end) stale.repeated = true;
      return;
    }
    const isNew = verdict === null || verdict.kind === Kind.NEW;
    if (!isNew || t.seq < t.previousSndNxt || view.payloadLength === 0) return;
    // It lies outside of any window, and is dropped for that.
    if (receiver.lastAck >= 0 && t.seq - receiver.lastAck > LARGEST_WINDOW) return;
    const ticks = (sender.outbound!.clocks.maxTsVal - view.tsVal) >>> 0;
    const account: Account = {
      id: 'timestamps-backwards',
      evidence: [segment.frame],
      confidence: 0.85,
      message: say('timestamps-backwards', { sender, frame: segment.frame, ticks }),
    };
    const stale: Stale = { end: t.end, repeated: false };
    this.latest.of(sender).stale = stale;
    // What is acknowledged without a repeat was not dropped: what it was compared with had come later, or never.
    const wasTaken = () => receiver.lastAck >= stale.end && !stale.repeated;
    // Without the receiver nobody knows what it dropped, nor which of the two timestamps is the odd one.
    this.findings.defer(segment, 'timestamps-backwards', () => (receiver.seen && !wasTaken() ? account : null));
  }
}
