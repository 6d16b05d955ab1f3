import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';

/** Duplicate ACKs that show that later segments had arrived (RFC 5681 section 3.2). */
const ARRIVED = 3;
/** Retransmissions of one flight that are followed. */
const MOST_COPIES = 1024;

/** A flight of which something is sent again: from its first retransmission until all of it is acknowledged. */
interface Flight {
  /** Offsets; what was sent again without a gap from `start` on. */
  start: number;
  end: number;
  repeatedTo: number;
  /** Duplicate ACKs before the first retransmission. */
  arrived: number;
  frame: number;
  time: number;
  copies: Verdict[];
}

/** Receivers that keep nothing of what comes out of order: all after a loss has to be sent again. */
export class Discards implements Detector {
  readonly ids = ['out-of-order-discarded'] as const;
  readonly when = [Fact.RETRANSMISSION];
  private readonly findings: Collector;
  private readonly flights = new Memory<Endpoint, { latest: Flight | null; discarded: Flight[] }>(() => ({
    latest: null,
    discarded: [],
  }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { sender, t, frame, time } = segment;
    const known = this.flights.of(sender);
    let flight = known.latest;
    if (flight === null || sender.sndUna >= flight.end) {
      if (flight !== null && wasDiscarded(flight)) known.discarded.push(flight);
      const start = Math.max(sender.sndUna, 1);
      const arrived = sender.outbound!.dupAcks;
      flight = { start, end: sender.sndNxt, repeatedTo: start, arrived, frame, time, copies: [] };
      known.latest = flight;
    }
    if (t.seq > flight.repeatedTo || t.end <= flight.repeatedTo || flight.copies.length === MOST_COPIES) return;
    flight.repeatedTo = t.end;
    flight.copies.push(segment.verdict!);
  }

  concludeConnection(connection: Connection): void {
    for (const sender of [connection.a, connection.b]) {
      const known = this.flights.find(sender);
      if (known === undefined) continue;
      const { latest, discarded } = known;
      if (latest !== null && sender.sndUna >= latest.end && wasDiscarded(latest)) discarded.push(latest);
      if (discarded.length === 0) continue;
      const [first] = discarded;
      const where = { connection, row: null, frame: first.frame, time: first.time };
      this.findings.raise(where, {
        id: 'out-of-order-discarded',
        evidence: discarded.slice(0, 16).map(({ frame }) => frame),
        confidence: discarded.length > 1 ? 0.8 : 0.6,
        message: say('out-of-order-discarded', {
          receiver: sender.peer,
          sender,
          flights: discarded.length,
          bytes: first.end - first.start,
          acks: first.arrived,
        }),
      });
    }
  }
}

/** Later segments had arrived, and yet all of the flight was sent again and needed. */
function wasDiscarded({ arrived, repeatedTo, end, copies }: Flight): boolean {
  return (
    arrived >= ARRIVED && repeatedTo >= end && copies.length > ARRIVED && copies.every(({ spurious }) => !spurious)
  );
}
