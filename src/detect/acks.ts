import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { ackDelay, Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';

/** Duplicate ACKs in a row that make a burst (RFC 5681 section 3.2). */
const BURST = 3;
/** ACKs for more than two segments that are worth mentioning. */
const MANY_STRETCHES = 20;

/** ACKs that were held back alike, from which on they are mentioned; and the longest delay that is allowed (ns). */
const MANY_DELAYS = 5;
const LONGEST_DELAY = 500e6;

interface Delays {
  count: number;
  /** Nanoseconds. */
  total: number;
  least: number;
  most: number;
  frames: number[];
}

interface Bursts {
  count: number;
  longest: number;
  frames: number[];
}

/** How an end acknowledges. */
export class Acknowledgments implements Detector {
  readonly ids = ['duplicate-acks', 'stretch-acks', 'delayed-acks'] as const;
  readonly when = [Fact.DUPLICATE_ACK, Fact.DELAYED_ACK, Fact.STRETCH_ACK];
  private readonly findings: Collector;
  private readonly bursts = new Memory<Endpoint, Bursts>(() => ({ count: 0, longest: 0, frames: [] }));

  private readonly stretches = new Memory<Endpoint, { count: number }>(() => ({ count: 0 }));
  private readonly delays = new Memory<Endpoint, Delays>(() => ({ count: 0, total: 0, least: 0, most: 0, frames: [] }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.STRETCH_ACK)) this.stretches.of(segment.sender).count++;
    if (segment.has(Fact.DELAYED_ACK)) this.delayed(segment);
    if (segment.has(Fact.DUPLICATE_ACK)) this.repeated(segment);
  }

  private delayed(segment: Inspection): void {
    const { sender, t, view } = segment;
    const delay = ackDelay(t, view);
    if (delay > LONGEST_DELAY) return;
    const delays = this.delays.of(sender);
    delays.count++;
    delays.total += delay;
    delays.least = delays.count === 1 ? delay : Math.min(delays.least, delay);
    delays.most = Math.max(delays.most, delay);
    note(delays.frames, segment.frame);
    // A timer makes them alike; a path that jitters does not.
    if (delays.count !== MANY_DELAYS || delays.most > 1.5 * delays.least) return;
    const { frame } = segment;
    this.findings.add(segment, 'delayed-acks', () => ({
      id: 'delayed-acks',
      message: say('delayed-acks', {
        receiver: sender,
        acks: delays.count,
        mean: delays.total / delays.count,
        total: delays.total,
      }),
      evidence: [frame, ...delays.frames.filter((other) => other !== frame)],
      confidence: 0.8,
    }));
  }

  private repeated(segment: Inspection): void {
    const { sender, receiver } = segment;
    const { dupAcks } = receiver.outbound!;
    if (dupAcks < BURST) return;
    const bursts = this.bursts.of(sender);
    if (dupAcks > bursts.longest) bursts.longest = dupAcks;
    if (dupAcks > BURST) return;
    bursts.count++;
    note(bursts.frames, segment.frame);
    if (bursts.count > 1) return;
    this.findings.add(segment, 'duplicate-acks', () => ({
      id: 'duplicate-acks',
      message: say('duplicate-acks', { receiver: sender, bursts: bursts.count, longest: bursts.longest }),
      evidence: bursts.frames,
    }));
  }

  concludeConnection(connection: Connection, end: CaptureEnd): void {
    for (const endpoint of [connection.a, connection.b]) {
      const stretchAcks = this.stretches.find(endpoint)?.count ?? 0;
      const acks = endpoint.packets - endpoint.dataPackets;
      if (stretchAcks < MANY_STRETCHES || stretchAcks * 2 <= acks) continue;
      this.findings.raise(
        { connection, row: null, frame: connection.lastFrame, time: end.time },
        {
          id: 'stretch-acks',
          message: say('stretch-acks', {
            receiver: endpoint,
            acks: stretchAcks,
            share: Math.min(stretchAcks / acks, 1),
          }),
          evidence: [],
          confidence: 0.9,
        },
      );
    }
  }
}
