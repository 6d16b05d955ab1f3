import type { Endpoint } from '../model/endpoint.ts';
import { RST, SYN } from '../model/flags.ts';
import { DOUBLE_ZERO } from '../model/packed.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { Contradiction } from '../model/verdict.ts';

/** How many packets back, over all connections, a second copy is looked for. A power of two. */
const KEPT = 1 << 14;
/** Room for so many in the beginning: a megabyte for a capture of ten packets would be most of its time. */
const FIRST = 1 << 6;
/** Most packets of one sender that are compared. */
const DEPTH = 96;

/** 32-bit words of one packet, and what they are; its time (ns) is the double in the first two. */
const WIDTH = 16;
const FRAME = 2;
const PREVIOUS = 3;
const SEQ = 4;
const ACK = 5;
const SIZE = 6;
const FLAGS_AND_TTL = 7;
const WINDOW_AND_CHECKSUM = 8;
const TS_VAL = 9;
const ID = 10;
const PLACE = 11;
/** The first bytes of the payload, or that word where the checksum does not vouch for them. */
const HEAD = 12;
const HEAD_BYTES = 16;
const NOT_VOUCHED = 0x7fc0ffee;
/** A segment without a timestamp, or with one that was cut. */
const NO_STAMP = 0;
/** How many packets of one sender are looked through for other bytes in the same place. */
const FAR_DEPTH = 1024;

/**
 * The latest packets in fixed memory, chained by sender, to recognise a packet that is seen twice. Consulted only for
 * packets that bring nothing new, so the usual packet costs one write.
 */
export class RecentPackets {
  /** One cache line for each packet: most lookups and all additions touch memory that was not used for long. */
  private words = new Int32Array(FIRST * WIDTH).fill(-1);
  private doubles = new Float64Array(this.words.buffer);
  /** The last serial that there is room for; all of them, when as many are kept as ever will be. */
  private last = FIRST - 1;
  private next = 0;

  /** What `find` found: frame, time (ns), TTL and place (interface and VLAN) of the earlier copy. */
  foundFrame = 0;
  foundTime = DOUBLE_ZERO;
  foundTtl = 0;
  foundElsewhere = false;

  add(sender: Pick<Endpoint, 'recent'>, view: SegmentView): void {
    const serial = this.next;
    if (serial > this.last) this.grow(serial);
    const { words } = this;
    this.next = (serial + 1) & 0x7fffffff;
    const at = (serial & (KEPT - 1)) * WIDTH;
    this.doubles[at >> 1] = view.time;
    words[at + FRAME] = view.frame;
    words[at + PREVIOUS] = sender.recent;
    words[at + SEQ] = view.seq;
    words[at + ACK] = view.ack;
    words[at + SIZE] = view.payloadLength;
    words[at + FLAGS_AND_TTL] = (view.flags << 8) | view.ttl;
    words[at + WINDOW_AND_CHECKSUM] = (view.rawWindow << 16) | finalChecksum(view);
    words[at + TS_VAL] = view.tsVal;
    words[at + ID] = view.ipId;
    words[at + PLACE] = place(view);
    if (view.payloadLength > 0) this.keepHead(at + HEAD, view);
    sender.recent = serial;
  }

  /** Makes room for the packet `serial`. Each stays in its place: none was given a second time. */
  private grow(serial: number): void {
    let room = this.last + 1;
    while (room <= serial && room < KEPT) room *= 2;
    const words = new Int32Array(room * WIDTH).fill(-1, this.words.length);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
    this.last = room < KEPT ? room - 1 : 0x7fffffff;
  }

  /** `count` packets passed that are not kept: copies, and those of other shards. What is kept is as old as with them. */
  skip(count: number): void {
    this.next = (this.next + count) & 0x7fffffff;
  }

  private keepHead(at: number, view: SegmentView): void {
    const { words } = this;
    const { data, payloadOffset, payloadCaptured } = view;
    if (!isVouchedFor(view)) words[at] = NOT_VOUCHED;
    else if (payloadCaptured >= HEAD_BYTES) {
      words[at] = data.getInt32(payloadOffset);
      words[at + 1] = data.getInt32(payloadOffset + 4);
      words[at + 2] = data.getInt32(payloadOffset + 8);
      words[at + 3] = data.getInt32(payloadOffset + 12);
    } else {
      words.fill(0, at, at + HEAD_BYTES / 4);
      for (let i = 0; i < payloadCaptured; i++)
        words[at + (i >> 2)] |= view.bytes[payloadOffset + i] << (24 - 8 * (i & 3));
    }
  }

  /**
   * An earlier packet of the sender that held other bytes for a place which this one holds too, as far as its first sixteen
   * bytes show it; null without. One byte alone may be the garbage of a keep-alive (RFC 9293 section 3.8.4).
   */
  contradiction(sender: Endpoint, view: SegmentView): Contradiction | null {
    if (view.payloadCaptured < 2 || !isVouchedFor(view)) return null;
    const { words } = this;
    const { payloadCaptured } = view;
    // The latest is the packet itself.
    let serial = words[(sender.recent & (KEPT - 1)) * WIDTH + PREVIOUS];
    for (let n = 0; n < FAR_DEPTH && serial >= 0; n++) {
      const at = (serial & (KEPT - 1)) * WIDTH;
      if (!this.isKept(serial)) return null;
      const length = words[at + SIZE] >>> 0;
      const flags = words[at + FLAGS_AND_TTL] >>> 8;
      const start = (words[at + SEQ] - view.seq + (flags & SYN ? 1 : 0)) | 0;
      const overlaps = length > 1 && start < payloadCaptured && start + length > 0;
      if (overlaps && !(flags & RST) && words[at + HEAD] !== NOT_VOUCHED) {
        const from = Math.max(start, 0);
        const to = Math.min(start + Math.min(length, HEAD_BYTES), payloadCaptured);
        for (let i = from; i < to; i++) {
          if (this.headByte(at, i - start) !== view.bytes[view.payloadOffset + i])
            return this.describe(at, start, from, to, view);
        }
        // What it repeats was found.
        if (start <= 0 && start + length >= view.payloadLength) return null;
      }
      serial = words[at + PREVIOUS];
    }
    return null;
  }

  /** A slot is taken again when as many packets have followed as are kept. */
  private isKept(serial: number): boolean {
    return ((this.next - serial) & 0x7fffffff) <= KEPT;
  }

  private headByte(at: number, i: number): number {
    return (this.words[at + HEAD + (i >> 2)] >>> (24 - 8 * (i & 3))) & 255;
  }

  private describe(at: number, start: number, from: number, to: number, view: SegmentView): Contradiction {
    const id = this.words[at + ID];
    const earlier = new Uint8Array(to - from);
    for (let i = from; i < to; i++) earlier[i - from] = this.headByte(at, i - start);
    const later = Uint8Array.prototype.slice.call(view.bytes, view.payloadOffset + from, view.payloadOffset + to);
    return {
      frame: this.words[at + FRAME] >>> 0,
      ttl: this.words[at + FLAGS_AND_TTL] & 255,
      // 32 bits in an IPv6 fragment header, -1 without one.
      ipId: id === -1 ? -1 : id >>> 0,
      offset: from,
      earlier,
      later,
    };
  }

  /**
   * Looks for an earlier copy of the same packet: equal in every field that a sender would change when it sends again. With
   * an IP ID that is shown by the ID; without one only while less time than `shortest` (ns) has passed, in which the sender
   * could not have had a reason to repeat it.
   */
  find(sender: Endpoint, view: SegmentView, hasId: boolean, shortest: number): boolean {
    return this.search(sender, view, hasId ? Number.POSITIVE_INFINITY : shortest, false, hasId);
  }

  /** The same, less than `shortest` (ns) ago, where one of the two has a wrong checksum: the other is whole. */
  findBeside(sender: Endpoint, view: SegmentView, shortest: number): boolean {
    return this.search(sender, view, shortest, true, false);
  }

  private search(sender: Endpoint, view: SegmentView, shortest: number, isDamaged: boolean, hasId: boolean): boolean {
    const { words } = this;
    const damage = view.tcpChecksumStatus === ChecksumStatus.BAD;
    const windowAndChecksum = (view.rawWindow << 16) | finalChecksum(view);
    let serial = sender.recent;
    for (let n = 0; n < DEPTH && serial >= 0; n++) {
      const at = (serial & (KEPT - 1)) * WIDTH;
      if (!this.isKept(serial)) return false;
      // The checksum first: hardly any other packet has the same.
      const isCutCopy = hasId && words[at + ID] === (view.ipId | 0) && this.isCutCopy(at, view);
      if (
        isCutCopy ||
        ((isDamaged
          ? (words[at + WINDOW_AND_CHECKSUM] ^ windowAndChecksum) >>> 16 === 0 &&
            damage !== (words[at + SIZE] > 0 && words[at + HEAD] === NOT_VOUCHED)
          : words[at + WINDOW_AND_CHECKSUM] === windowAndChecksum) &&
          words[at + SEQ] === (view.seq | 0) &&
          words[at + ACK] === (view.ack | 0) &&
          words[at + SIZE] === (view.payloadLength | 0) &&
          words[at + FLAGS_AND_TTL] >>> 8 === view.flags &&
          words[at + TS_VAL] === (view.tsVal | 0))
      ) {
        const time = this.doubles[at >> 1];
        if (words[at + ID] === (view.ipId | 0) && view.time - time < shortest) {
          this.foundFrame = words[at + FRAME] >>> 0;
          this.foundTime = time;
          this.foundTtl = words[at + FLAGS_AND_TTL] & 255;
          this.foundElsewhere = words[at + PLACE] !== place(view);
          return true;
        }
      }
      serial = words[at + PREVIOUS];
    }
    return false;
  }

  /**
   * Less than `shortest` (ns) ago at another place, by TTL, interface or VLAN: a segment as it left its host, larger than `mss`, of which this
   * is a part as the network card has cut it, or the other way round. All parts have the timestamp of the whole, and IP IDs that count
   * from its own on.
   */
  findCut(sender: Endpoint, view: SegmentView, mss: number, shortest: number): boolean {
    const { words } = this;
    let serial = sender.recent;
    for (let n = 0; n < DEPTH && serial >= 0 && this.isKept(serial); n++) {
      const at = (serial & (KEPT - 1)) * WIDTH;
      const isElsewhere = words[at + PLACE] !== place(view) || (words[at + FLAGS_AND_TTL] & 255) !== view.ttl;
      if (
        isElsewhere &&
        words[at + TS_VAL] === (view.tsVal | 0) &&
        words[at + ACK] === (view.ack | 0) &&
        view.time - this.doubles[at >> 1] < shortest &&
        isCutOf(words[at + SEQ], words[at + SIZE], words[at + ID], view, mss)
      ) {
        this.foundFrame = words[at + FRAME] >>> 0;
        this.foundTime = this.doubles[at >> 1];
        this.foundTtl = words[at + FLAGS_AND_TTL] & 255;
        this.foundElsewhere = words[at + PLACE] !== place(view);
        return true;
      }
      serial = words[at + PREVIOUS];
    }
    return false;
  }

  /**
   * One packet at two places, by its TTL, where one of its records is cut: that has no timestamp, and not the checksum that the card
   * fills in.
   */
  private isCutCopy(at: number, view: SegmentView): boolean {
    const { words } = this;
    const stored = words[at + WINDOW_AND_CHECKSUM];
    const stamp = words[at + TS_VAL];
    const isCut = view.payloadCaptured < view.payloadLength;
    return (
      (words[at + FLAGS_AND_TTL] & 255) !== view.ttl &&
      words[at + FLAGS_AND_TTL] >>> 8 === view.flags &&
      words[at + SEQ] === (view.seq | 0) &&
      words[at + ACK] === (view.ack | 0) &&
      words[at + SIZE] === (view.payloadLength | 0) &&
      ((stored >>> 16) & 0xffff) === view.rawWindow &&
      (isCut || (stored & 0xffff) === view.tcpChecksumFound) &&
      (stamp === (view.tsVal | 0) || stamp === NO_STAMP || (view.tsVal | 0) === NO_STAMP)
    );
  }
}

/** Of two segments, `seq`, `size` and `id` and `view`, one holds the other and is larger than any packet; the ID of the part counts its place. */
function isCutOf(seq: number, size: number, id: number, view: SegmentView, mss: number): boolean {
  const offset = (view.seq - seq) | 0;
  const isPart = offset >= 0 && offset + view.payloadLength <= size && size > Math.max(mss, view.payloadLength);
  const isWhole = offset <= 0 && size - offset <= view.payloadLength && view.payloadLength > Math.max(mss, size);
  if (!isPart && !isWhole) return false;
  const count = ((view.ipId - id) << 16) >> 16;
  if (offset === 0) return count === 0;
  // All parts but the last are as long as each other.
  const length = offset / count;
  return Number.isInteger(length) && length >= Math.min(size, view.payloadLength) && length <= mss;
}

function place(view: SegmentView): number {
  return (view.interfaceId << 16) ^ ((view.vlan + 1) << 2) ^ view.vlanTags;
}

/** As it is on the wire: a copy that was captured before the network card had filled it in holds another. */
function finalChecksum({ tcpChecksumStatus: status, tcpChecksumFound, tcpChecksumExpected }: SegmentView): number {
  return status === ChecksumStatus.OFFLOAD ? tcpChecksumExpected : tcpChecksumFound;
}

/** Damage on the way would look like another content. */
function isVouchedFor({ tcpChecksumStatus: status }: SegmentView): boolean {
  return status === ChecksumStatus.GOOD || status === ChecksumStatus.OFFLOAD;
}
