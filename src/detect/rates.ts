import { say } from '../messages/message.ts';
import { isNear } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Ca } from '../model/outbound.ts';
import { Cause, type Verdict } from '../model/verdict.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { leastQueue, segmentOf } from './token-bucket.ts';

/** Timeouts whose verdicts are kept, and how many needless ones of them, at least half, make a finding. */
const MOST_TIMEOUTS = 64;
const MANY_NEEDLESS = 3;

/** Losses that show a rate, and how little it may vary between them (standard deviation by mean). */
const MANY_LOSSES = 8;
const MOST_LOSSES = 256;
const STEADY = 0.15;
/** A queue that fills raises the round trip (times the shortest): a policer drops without one. */
const NO_QUEUE = 1.25;

/**
 * A loss that was found by duplicate ACKs or SACK: when (ns), what had been acknowledged by then, and by how much the round trip was
 * above the shortest (ns), which on a short path alone shows a queue.
 */
interface Loss {
  readonly time: number;
  readonly acknowledged: number;
  readonly frame: number;
  readonly waited: number;
  readonly isQueued: boolean;
}

interface Timeouts {
  verdicts: Verdict[];
  frames: number[];
  /** Where the latest of them began. */
  seq: number;
}

/** What many losses or timeouts of one sender have in common. */
export class LossPatterns implements Detector {
  readonly ids = ['timeout-too-short', 'rate-policed'] as const;
  readonly when = [Fact.RETRANSMISSION, Fact.DSACK];
  private readonly findings: Collector;
  private readonly timeouts = new Memory<Endpoint, Timeouts>(() => ({
    verdicts: [],
    frames: [],
    seq: -1,
  }));
  private readonly losses = new Memory<Endpoint, Loss[]>(() => []);

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.DSACK)) this.reported(segment);
    if (!segment.has(Fact.RETRANSMISSION)) return;
    const verdict = segment.verdict!;
    if (verdict.cause === Cause.RTO) this.timedOut(segment, verdict);
    else if (verdict.cause === Cause.FAST) this.lost(segment);
  }

  private timedOut({ sender, receiver, frame, t }: Inspection, verdict: Verdict): void {
    // Beside the receiver the capture shows when the ACK left: where none had left, the timer did not expire too early.
    if (isNear(receiver) && receiver.lastAck < t.end) return;
    const known = this.timeouts.of(sender);
    const { verdicts, frames } = known;
    // One after the other without an answer, or whose answers do not stop it, is an outage: the timer was not too short.
    const isAgain = t.seq === known.seq;
    known.seq = t.seq;
    if (isAgain || verdict.backoff > 0 || verdicts.length === MOST_TIMEOUTS) return;
    verdicts.push(verdict);
    note(frames, frame);
  }

  /** The ACK that tells of the copy is the first one for the bytes: the one before was lost, not on its way. */
  private reported({ receiver, t, effect }: Inspection): void {
    const known = this.timeouts.find(receiver);
    if (known === undefined || known.verdicts.length === 0 || known.seq < t.ack - effect.advanced || known.seq >= t.ack)
      return;
    known.verdicts.pop();
    known.frames.length = Math.min(known.frames.length, known.verdicts.length);
  }

  private lost({ sender, time, frame }: Inspection): void {
    const list = this.losses.of(sender);
    const { rtt, caState, episodeStart } = sender.outbound!;
    // An episode counts as one loss, whatever else is repaired in it.
    const isFirst = caState !== Ca.RECOVERY || episodeStart === time;
    if (!isFirst || list.length === MOST_LOSSES) return;
    const isQueued = rtt.srtt > NO_QUEUE * rtt.min;
    list.push({ time, acknowledged: sender.sndUna, frame, waited: rtt.srtt - rtt.min, isQueued });
  }

  concludeConnection(connection: Connection): void {
    for (const sender of [connection.a, connection.b]) {
      this.judgeTimer(connection, sender);
      this.judgeRate(connection, sender);
    }
  }

  private judgeTimer(connection: Connection, sender: Endpoint): void {
    const known = this.timeouts.find(sender);
    if (known === undefined) return;
    const { verdicts, frames } = known;
    const needless = verdicts.filter((verdict) => verdict.spurious);
    if (needless.length < MANY_NEEDLESS || 2 * needless.length < verdicts.length) return;
    const where = { connection, row: null, frame: frames[0], time: connection.lastTime };
    this.findings.raise(where, {
      id: 'timeout-too-short',
      evidence: frames,
      confidence: 0.8,
      message: say('timeout-too-short', {
        sender,
        needless: needless.length,
        timeouts: verdicts.length,
        shortest: Math.min(...needless.map(({ waited }) => waited)),
      }),
    });
  }

  /** Only beside the sender is its round trip known, and with it whether a queue was there. */
  private judgeRate(connection: Connection, sender: Endpoint): void {
    const list = this.losses.find(sender);
    if (list === undefined || list.length < MANY_LOSSES || !isNear(sender)) return;
    const rates: number[] = [];
    for (let i = 1; i < list.length; i++) {
      const span = list[i].time - list[i - 1].time;
      if (span > 0) rates.push((list[i].acknowledged - list[i - 1].acknowledged) / span);
    }
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
    if (mean <= 0 || Math.sqrt(variance) > STEADY * mean) return;
    // On a long path a queue is a small part of the round trip.
    const longest = leastQueue(mean, segmentOf(sender));
    const queued = list.filter(({ waited, isQueued }) => isQueued || waited >= longest).length;
    if (5 * queued > list.length) return;
    const frames = list.slice(0, 16).map(({ frame }) => frame);
    this.findings.raise(
      { connection, row: null, frame: frames[0], time: list[0].time },
      {
        id: 'rate-policed',
        evidence: frames,
        confidence: 0.6,
        // Bytes per nanosecond are gigabytes per second.
        message: say('rate-policed', { sender, losses: list.length, bitsPerSecond: 8e9 * mean }),
      },
    );
  }
}
