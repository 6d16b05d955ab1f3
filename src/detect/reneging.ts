import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';

/** Occasions of one receiver that are kept. */
const MOST_OCCASIONS = 64;

/** An ACK that stopped at a byte which its sender had reported, and the first repeat of that byte. */
interface Occasion {
  readonly ack: number;
  readonly bytes: number;
  readonly frame: number;
  readonly time: number;
  repeat: Verdict | null;
}

/** Receivers that throw away what they have reported by SACK (RFC 2018 section 8), by the sender that has to send it again. */
export class Reneging implements Detector {
  readonly ids = ['sack-reneging'] as const;
  readonly when = [Fact.RENEGED, Fact.RETRANSMISSION];
  private readonly findings: Collector;
  private readonly occasions = new Memory<Endpoint, Occasion[]>(() => []);

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { receiver, t, frame, time } = segment;
    if (segment.has(Fact.RETRANSMISSION)) this.noteRepeat(segment);
    if (!segment.has(Fact.RENEGED)) return;
    const occasions = this.occasions.of(receiver);
    if (occasions.length === MOST_OCCASIONS) return;
    occasions.push({ ack: t.ack, bytes: t.effect.discarded, frame, time, repeat: null });
  }

  private noteRepeat({ sender, t, verdict }: Inspection): void {
    const latest = this.occasions.find(sender)?.at(-1);
    if (latest !== undefined && latest.repeat === null && t.seq <= latest.ack && t.end > latest.ack)
      latest.repeat = verdict;
  }

  concludeConnection(connection: Connection): void {
    for (const sender of [connection.a, connection.b]) {
      const shown = this.occasions.find(sender)?.filter(({ repeat }) => repeat !== null && !repeat.spurious) ?? [];
      if (shown.length === 0) continue;
      const [{ frame, time, ack }] = shown;
      const where = { connection, row: null, frame, time };
      this.findings.raise(where, {
        id: 'sack-reneging',
        evidence: shown.slice(0, 16).map((occasion) => occasion.frame),
        confidence: 0.85,
        message: say('sack-reneging', {
          receiver: sender.peer,
          sender,
          frame,
          ack,
          bytes: shown.reduce((sum, { bytes }) => sum + bytes, 0),
          occasions: shown.length,
        }),
      });
    }
  }
}
