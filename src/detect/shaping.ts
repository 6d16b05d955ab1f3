import { StampClock } from '../budget/stamp-clock.ts';
import { say } from '../messages/message.ts';
import { isNear } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { NEVER } from '../model/packed.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';
import { LEAST, type Sample, segmentOf, tokenBucketOf } from './token-bucket.ts';

/** Who has less under way (bytes) when its flow becomes long fills no queue. Beside the receiver that does not show. */
const LEAST_FLIGHT = 2 ** 14;

/** What is noted of an acknowledgment: numbers one after the other, in one array for a sender. */
const TIME = 0;
const FRAME = 1;
const DELIVERED = 2;
/** Bytes that it acknowledges, and when the first and the latest segment of these passed; `NEVER` and NaN unknown. */
const BYTES = 3;
const FIRST = 4;
const LATEST = 5;
/** The latest timestamp of the data's sender, -1 without. */
const STAMP = 6;
/** When the first segment passed that is not acknowledged yet, or `NEVER`. */
const OLDEST = 7;
const WIDTH = 8;

/** Looks for data that a shaper on the path holds back. */
export class Shaping implements Detector {
  readonly ids = ['rate-shaped'] as const;
  readonly when = [Fact.DELIVERY, Fact.FIN];
  private readonly findings: Collector;
  private readonly notes = new Memory<Endpoint, number[]>(() => []);

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.FIN) && isShort(segment.sender)) this.notes.forget(segment.sender);
    if (segment.has(Fact.DELIVERY)) this.delivered(segment);
  }

  private delivered({ receiver: sender, t, time, frame, effect }: Inspection): void {
    if (sender.finEnd >= 0 && isShort(sender)) return;
    const { clocks, scoreboard } = sender.outbound!;
    // While something is missing, what was captured before the loss has not all arrived, and after it nobody can tell.
    if (t.ack < scoreboard.highSacked) return;
    if (this.notes.find(sender) === undefined && scoreboard.outstanding < LEAST_FLIGHT && !isNear(sender.peer)) return;
    // Most bytes of an ACK after a filled hole had arrived before it.
    const bytes = t.ack - effect.advanced < scoreboard.highSacked ? 0 : effect.advanced;
    const first = effect.frame > 0 ? effect.since : NEVER;
    const latest = effect.frame > 0 ? effect.time : Number.NaN;
    const delivered = sender.sndNxt - scoreboard.outstanding;
    this.notes.of(sender).push(time, frame, delivered, bytes, first, latest, clocks.maxTsVal, scoreboard.oldestTime);
  }

  concludeConnection(connection: Connection): void {
    for (const sender of [connection.a, connection.b]) {
      const notes = this.notes.find(sender);
      if (notes === undefined || isShort(sender)) continue;
      this.judge(connection, sender, samplesOf(sender, notes));
    }
  }

  private judge(connection: Connection, sender: Endpoint, samples: readonly Sample[]): void {
    const bucket = tokenBucketOf(samples, segmentOf(sender));
    if (bucket === null) return;
    const { rate, burst, since } = bucket;
    this.findings.raise(
      { connection, row: null, frame: since.frame, time: since.time },
      {
        id: 'rate-shaped',
        evidence: [since.frame],
        confidence: 0.6,
        // Bytes per nanosecond are gigabytes per second.
        message: say('rate-shaped', { sender, bitsPerSecond: 8e9 * rate, burst }),
      },
    );
  }
}

/** What was noted of the data of `sender`, as the shortest round trip and its clock explain it. */
function samplesOf(sender: Endpoint, notes: readonly number[]): Sample[] {
  const { rtt, clocks } = sender.outbound!;
  const { min } = rtt;
  const { handshakeTime } = sender.connection;
  const samples: Sample[] = [];
  // Nothing was sent before, and what is sent then arrives later.
  if (!Number.isNaN(handshakeTime)) {
    const next = handshakeTime + min;
    samples.push({ time: handshakeTime, frame: 0, delivered: 1, queued: 0, bytes: 0, since: NEVER, next });
  }
  const clock = new StampClock();
  // Beside the sender its clock tells how long its own host kept the segments.
  const isTold = clocks.firstTsVal >= 0 && !isNear(sender);
  if (isTold) clock.lateness(clocks.firstTsVal, clocks.firstTsTime);
  for (let at = 0; at < notes.length; at += WIDTH) {
    const time = notes[at + TIME];
    const waited = time - notes[at + LATEST] - min;
    const late = isTold ? clock.lateness(notes[at + STAMP], time) : 0;
    samples.push({
      time,
      frame: notes[at + FRAME],
      delivered: notes[at + DELIVERED],
      queued: (waited > 0 ? waited : 0) + late,
      bytes: notes[at + BYTES],
      since: Math.min(notes[at + FIRST] + min, time),
      next: notes[at + OLDEST] + min,
    });
  }
  return samples;
}

/** It has not sent enough to be judged. */
function isShort(sender: Endpoint): boolean {
  return sender.payloadBytes < LEAST * segmentOf(sender);
}
