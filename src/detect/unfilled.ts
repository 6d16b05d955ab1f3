import { say } from '../messages/message.ts';
import { roundTrip } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ChecksumStatus } from '../model/segment.ts';
import { widen } from '../model/seq.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { MAY_STILL_COME, type Pauses } from './pauses.ts';

/** A gap that is open for fewer round trips may still be filled. */
const ROUNDS = 3;
/** So often the same segment must be sent in vain before its size is suspected. */
const REPEATS = 3;
/** Segments that stay below this share of the MSS leave room for larger ones that never come. */
const MUCH_SMALLER = 0.8;

/** Bytes that a receiver shows to lack (RFC 2018), while later ones have arrived. */
interface Gap {
  start: number;
  end: number;
  /** When and in which packet it was first told. */
  since: number;
  frame: number;
  /** No segment that arrived was larger: bytes below the gap, and in the longest block above it. */
  below: number;
  longestBlock: number;
  /** Repeats of its first bytes, their size, and their packets. */
  repeats: number;
  size: number;
  frames: number[];
}

/** Gaps that SACK shows and nobody fills, and the size of the segments that should have filled them. */
export class UnfilledGaps implements Detector {
  readonly ids = ['gap-not-filled', 'path-mtu-black-hole'] as const;
  readonly when = [Fact.SACK, Fact.RETRANSMISSION];
  private readonly findings: Collector;
  private readonly pauses: Pauses;
  /** By the end whose bytes are lacking. */
  private readonly gaps = new Memory<Endpoint, { latest: Gap | null }>(() => ({ latest: null }));

  constructor(findings: Collector, pauses: Pauses) {
    this.findings = findings;
    this.pauses = pauses;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.SACK)) this.told(segment);
    if (segment.has(Fact.RETRANSMISSION)) this.repeated(segment);
  }

  private told(segment: Inspection): void {
    const { view, t, receiver: owner } = segment;
    // In a damaged segment neither the sequence numbers nor the ports are reliable.
    if (view.tcpChecksumStatus === ChecksumStatus.BAD) return;
    let end = Number.POSITIVE_INFINITY;
    let longest = 0;
    for (let i = 0; i < view.sackCount; i++) {
      const left = widen(view.sack[2 * i], owner.base, owner.sndNxt);
      const right = widen(view.sack[2 * i + 1], owner.base, owner.sndNxt);
      if (left <= t.ack || right <= left) continue;
      end = Math.min(end, left);
      longest = Math.max(longest, right - left);
    }
    if (longest === 0) return;
    const known = this.gaps.of(owner);
    if (known.latest !== null && known.latest.start === t.ack) {
      known.latest.end = Math.min(known.latest.end, end);
      known.latest.longestBlock = Math.max(known.latest.longestBlock, longest);
      return;
    }
    known.latest = {
      start: t.ack,
      end,
      since: segment.time,
      frame: segment.frame,
      below: t.ack - 1,
      longestBlock: longest,
      repeats: 0,
      size: 0,
      frames: [],
    };
  }

  private repeated(segment: Inspection): void {
    const gap = this.gaps.find(segment.sender)?.latest;
    const { t, view } = segment;
    if (!gap || t.seq > gap.start || t.end <= gap.start) return;
    gap.repeats++;
    gap.size = gap.size === 0 ? view.payloadLength : Math.min(gap.size, view.payloadLength);
    note(gap.frames, segment.frame);
  }

  concludeConnection(connection: Connection, end: CaptureEnd): void {
    for (const owner of [connection.a, connection.b]) {
      const gap = this.gaps.find(owner)?.latest;
      if (!gap || owner.peer.lastAck !== gap.start) continue;
      const waited = this.pauses.heardUntil(gap.since, untilReset(connection, end.time)) - gap.since;
      if (waited >= Math.max(MAY_STILL_COME, ROUNDS * roundTrip(owner))) this.report(connection, owner, gap, waited);
    }
  }

  private report(connection: Connection, owner: Endpoint, gap: Gap, waited: number): void {
    const { start, repeats, size, frame, frames } = gap;
    const where = { connection, row: null, frame, time: gap.since };
    const receiver = owner.peer;
    const largest = Math.max(gap.below, gap.longestBlock);
    const evidence = [frame, ...frames];
    if (repeats >= REPEATS && size > largest) {
      // It is why the sender hears nothing more.
      this.findings.withdraw(connection, ['peer-unresponsive']);
      this.findings.raise(where, {
        id: 'path-mtu-black-hole',
        evidence,
        confidence: 0.8,
        message: say('path-mtu-black-hole', { sender: owner, size, largest, repeats }),
      });
      return;
    }
    const bytes = gap.end - start;
    const isSmall = largest <= MUCH_SMALLER * receiver.mss && bytes > largest;
    this.findings.raise(where, {
      id: 'gap-not-filled',
      evidence,
      confidence: repeats > 0 ? 0.9 : 0.7,
      message: say('gap-not-filled', {
        sender: owner,
        receiver,
        bytes,
        start,
        frame,
        waited,
        repeats,
        largest: isSmall ? largest : null,
        mss: receiver.mss,
      }),
    });
  }
}

/** After a reset nobody fills anything. */
function untilReset({ a, b }: Connection, end: number): number {
  const resets = [a, b].filter(({ rstFrame }) => rstFrame > 0).map(({ rstTime }) => rstTime);
  return Math.min(end, ...resets);
}
