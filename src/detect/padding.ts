import type { Endpoint } from '../model/endpoint.ts';
import { PSH } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import type { Gatherer } from './detector.ts';
import { Memory } from './memory.ts';

/** LINKTYPE_ETHERNET. */
const ETHERNET = 1;
/** The shortest Ethernet frame (IEEE 802.3) without its checksum and with it: what is shorter is padded. The header of each has 14 bytes. */
const SHORTEST_FRAME = 60;
const SHORTEST_CHECKED = 64;
const CHECKSUM = SHORTEST_CHECKED - SHORTEST_FRAME;
const HEADER = 14;
/** So many packets that fill it with data without PSH, and none that is padded, are no accident. */
const MANY = 3;

/** The shortest frames in one shard, as plain data. */
export interface PaddingFacts {
  /** Data of an IPv4 packet fills them that is none, and nobody pushes it. */
  readonly filled: number;
  /** One of them is longer than its packet: how many are filled is not counted any more. */
  readonly isPadded: boolean;
}

/** The latest of the shortest frames of one sender that its data fill. */
interface Latest {
  /** Offset after data that are all zeros, NaN without. */
  end: number;
  /** Offset of data that are not, NaN without, and a sum of them. */
  seq: number;
  sum: number;
}

/**
 * Does the padding of short Ethernet frames count as data? Some programs that rewrite captures give the IP header the length of the frame.
 * Then packets fill all of the shortest frames, and the empty segments among them bear data. Padding is zeros, as most hosts and cards
 * write it; data that somebody wrote hardly ever are, and what is acknowledged or followed at its very end was data. Or it is whatever lay
 * in a buffer: then one frame after the other has other bytes at the same sequence number, and their sender counts none of them. The first
 * frame with padding refutes it. What has a tag or a tunnel in between has another shortest length, and other links have none.
 */
export class Padding implements Gatherer<PaddingFacts> {
  /** Its owner forgets those who leave. */
  readonly latest = new Memory<Endpoint, Latest>(() => ({ end: Number.NaN, seq: Number.NaN, sum: 0 }));
  private filled = 0;
  private isPadded = false;
  /** Some sender has such a frame. */
  private isAny = false;

  see({ sender, receiver, seq, ack }: TrackedSegment, view: SegmentView): void {
    if (this.isPadded) return;
    if (this.isAny) {
      this.goesOn(sender, seq);
      this.goesOn(receiver, ack);
    }
    const { originalLength, ipVersion, ipTotalLength } = view;
    if ((originalLength !== SHORTEST_FRAME && originalLength !== SHORTEST_CHECKED) || ipVersion !== 4) return;
    if (view.linkType !== ETHERNET || view.reassembled || view.ipOffset - view.recordOffset !== HEADER) return;
    const room = originalLength - HEADER;
    if (ipTotalLength < room) this.isPadded = true;
    else if (ipTotalLength === room && !(view.flags & PSH)) {
      const zeros = view.payloadLength - (originalLength === SHORTEST_CHECKED ? CHECKSUM : 0);
      if (zeros > 0) this.seeFilled(sender, seq, view, zeros);
    }
  }

  /** Somebody goes on at this offset of what `owner` sends: what ends there was data. */
  private goesOn(owner: Endpoint, at: number): void {
    const latest = this.latest.find(owner);
    if (latest === undefined || latest.end !== at) return;
    this.filled--;
    latest.end = Number.NaN;
  }

  /** The data of `sender` fill the frame; so many bytes of them are zeros where they are padding of zeros. */
  private seeFilled(sender: Endpoint, seq: number, view: SegmentView, zeros: number): void {
    const isZeros = beginsWithZeros(view, zeros);
    if (!isZeros && view.payloadCaptured < view.payloadLength) return;
    this.isAny = true;
    const latest = this.latest.of(sender);
    if (isZeros) {
      this.filled++;
      latest.end = seq + view.payloadLength;
      return;
    }
    const sum = sumOf(view);
    if (latest.seq === seq && latest.sum !== sum) this.filled++;
    latest.seq = seq;
    latest.sum = sum;
  }

  gathered(): PaddingFacts {
    return { filled: this.filled, isPadded: this.isPadded };
  }

  join(shards: readonly PaddingFacts[]): void {
    for (const { filled, isPadded } of shards) {
      this.filled += filled;
      this.isPadded ||= isPadded;
    }
  }

  get isData(): boolean {
    return !this.isPadded && this.filled >= MANY;
  }
}

/** So many bytes at the beginning of the payload were captured and are zero. */
function beginsWithZeros({ bytes, payloadOffset, payloadCaptured }: SegmentView, count: number): boolean {
  if (payloadCaptured < count) return false;
  for (let i = 0; i < count; i++) if (bytes[payloadOffset + i] !== 0) return false;
  return true;
}

/** Two payloads of one length with different sums are different. */
function sumOf({ bytes, payloadOffset, payloadLength }: SegmentView): number {
  let sum = 0;
  for (let i = 0; i < payloadLength; i++) sum = (Math.imul(sum, 31) + bytes[payloadOffset + i]) | 0;
  return sum;
}
