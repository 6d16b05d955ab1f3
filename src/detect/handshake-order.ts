import { SWAP } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { RST } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Memory, note } from './memory.ts';

/** A SYN that comes so much later (ns) may be a repeat, whose first copy the capture lacks (RFC 6298 section 2). */
const SYN_TIMEOUT = 1e9;
/** What delays an ACK: an end may answer its peer's data so much sooner (ns) than its peer's SYN. */
const ANSWER = 1e9;
/** Where so many of the handshakes stand in an impossible order, the directions have different clocks. */
const SHARE = 0.1;

/** Handshakes of a capture, or of a shard, as plain data. */
export interface HandshakeFacts {
  /** SYNs whose sender had not been heard in its connection, with ACK or without. */
  readonly first: number;
  /** Those of them that had been acknowledged before, with their frames, and by how much (ns) at the most. */
  readonly late: number;
  readonly longest: number;
  readonly frames: readonly number[];
}

/**
 * No host can acknowledge a SYN before it was sent: nobody knows its number. Where the capture has the SYN after its ACK, the packets
 * of one direction have later times than those of the other, as where two ports were captured by clocks that differ.
 */
export class HandshakeOrder {
  private first = 0;
  private late = 0;
  private longest = 0;
  private readonly frames: number[] = [];
  readonly lags = new Memory<Endpoint, { lag: number }>(() => ({ lag: 0 }));

  /** The first packet of a connection, a SYN. */
  opens(): void {
    this.first++;
  }

  /** A segment with SYN, before its sender moves past it. */
  see({ sender, receiver, connection, end, sincePrevious }: TrackedSegment, view: SegmentView): void {
    if (sender.lastFrame > 0 || view.flags & RST) return;
    this.first++;
    if (!receiver.seen || receiver.lastAck < end) return;
    // The first ACK of it, or where the peer began with a SYN of its own, its latest packet.
    const lag = receiver === connection.client ? sincePrevious : view.time - connection.firstTime;
    if (lag <= SWAP || lag >= SYN_TIMEOUT) return;
    this.late++;
    this.longest = Math.max(this.longest, lag);
    note(this.frames, view.frame);
    this.lags.of(sender).lag = lag;
  }

  /** What `sender` sends may stand in the capture so much later (ns) than its ACK; 0 where nothing shows that. */
  lagOf(sender: Endpoint): number {
    const lag = this.lags.find(sender)?.lag ?? 0;
    return lag > 0 ? lag + ANSWER : 0;
  }

  /** So many handshakes of the capture are in an impossible order that its order shows nothing. */
  get isImpossible(): boolean {
    return this.late > 0 && this.late >= SHARE * this.first;
  }

  gathered(): HandshakeFacts {
    const { first, late, longest, frames } = this;
    return { first, late, longest, frames: [...frames] };
  }

  join(shards: readonly HandshakeFacts[]): void {
    for (const { first, late, longest } of shards) {
      this.first += first;
      this.late += late;
      this.longest = Math.max(this.longest, longest);
    }
    const frames = shards.flatMap((shard) => shard.frames).sort((one, other) => one - other);
    for (const frame of frames) note(this.frames, frame);
  }
}
