import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { LARGEST_WINDOW } from '../model/tcp-constants.ts';
import { Kind, type Verdict } from '../model/verdict.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';

/** New data whose timestamp is older than one before it, until it shows whether its receiver took it. */
interface Stale {
  readonly seq: number;
  readonly end: number;
  /** The verdict on what first sent some of it again; null as long as nothing did. */
  repeat: Verdict | null;
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
      // A retransmission of data that was sent before it says nothing about it.
      if (stale && t.seq < stale.end && t.end > stale.seq) stale.repeat ??= verdict;
      return;
    }
    const isNew = verdict === null || verdict.kind === Kind.NEW;
    if (!isNew || t.seq < t.previousSndNxt || view.payloadLength === 0) return;
    // It is beyond the largest window: it is dropped for that reason, not for its timestamp.
    if (receiver.lastAck >= 0 && t.seq - receiver.lastAck > LARGEST_WINDOW) return;
    const ticks = (sender.outbound!.clocks.maxTsVal - view.tsVal) >>> 0;
    const account: Account = {
      id: 'timestamps-backwards',
      evidence: [segment.frame],
      confidence: 0.85,
      message: say('timestamps-backwards', { sender, frame: segment.frame, ticks }),
    };
    const stale: Stale = { seq: t.seq, end: t.end, repeat: null };
    this.latest.of(sender).stale = stale;
    // What is acknowledged without a repeat, or with one that was not needed, was not dropped: PAWS compares with the latest segment
    // in order (RFC 7323 section 4.3), and what came before it here was none, or came later there.
    const wasTaken = () => receiver.lastAck >= stale.end && (stale.repeat === null || stale.repeat.spurious);
    // Without the receiver nobody knows what it dropped, nor which of the two timestamps is the odd one.
    this.findings.defer(segment, 'timestamps-backwards', () => (receiver.seen && !wasTaken() ? account : null));
  }
}
