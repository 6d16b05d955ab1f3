import { SYN } from '../model/flags.ts';
import { ChecksumStatus, Option, type SegmentView } from '../model/segment.ts';
import { MAX_WINDOW_SHIFT } from '../model/tcp-constants.ts';

/*
 * Connections of which nothing but the first SYN was seen: its numbers, in rows of typed memory. This file knows where each of them
 * lies, and which SYNs say no more than a row holds.
 */

/** 32-bit words; the time is the double in the first two. */
const FRAME = 2;
const ID = 3;
const HASH = 4;
const SOURCE = 5;
const DESTINATION = 9;
const PORTS = 13;
const SEQ = 14;
const WINDOW_AND_MSS = 15;
const OPTIONS_TTL_AND_SCALE = 16;
const TS_VAL = 17;
const TS_ECR = 18;
const IP_ID = 19;
/** Length of the IP packet, its version, and what its TCP checksum is. */
const LENGTH_VERSION_AND_CHECKSUM = 20;
const SERIAL = 21;
const NEXT = 22;
const PREVIOUS = 23;
const WIDTH = 24;

const LEAST = 1 << 6;
const NONE = -1;

const PLAIN_OPTIONS = Option.MSS | Option.WSCALE | Option.SACK_PERMITTED | Option.TIMESTAMPS;

/**
 * A SYN that says nothing but its numbers: no data, no marks, no options beyond the usual, nothing wrong with it. No stage has
 * anything to say of it before something follows.
 */
export function isPlainSyn(view: SegmentView): boolean {
  return (
    view.flags === SYN &&
    view.payloadLength === 0 &&
    (view.options & ~PLAIN_OPTIONS) === 0 &&
    view.wscale <= MAX_WINDOW_SHIFT &&
    view.urgentPointer === 0 &&
    view.tcpChecksumStatus !== ChecksumStatus.BAD &&
    view.tcpChecksumStatus !== ChecksumStatus.OFFLOAD &&
    view.ipChecksumStatus !== ChecksumStatus.BAD &&
    view.ipTotalLength <= 0xffff &&
    view.sight === null
  );
}

/** First SYNs that nobody has answered, found by the hash of their sockets, in the order in which they came. */
export class HalfOpen {
  private words = new Int32Array(0);
  private times = new Float64Array(0);
  /** Row plus one, 0 for an empty slot. Open addressing; at most half of them are taken. */
  private slots = new Int32Array(2 * LEAST);
  /** Rows that were taken so far, and the first of those that are free again. */
  private used = 0;
  private free = NONE;
  /** Row of the oldest, and of the latest, -1 none. */
  first = NONE;
  private last = NONE;
  length = 0;

  /** Bytes of memory. */
  get size(): number {
    return this.words.byteLength + this.slots.byteLength;
  }

  /** The row of a SYN between the two sockets of `view`, in either direction; -1 without. */
  find(hash: number, view: SegmentView): number {
    const { slots, words } = this;
    const mask = slots.length - 1;
    for (let i = hash & mask; slots[i] !== 0; i = (i + 1) & mask) {
      const row = slots[i] - 1;
      if (words[row * WIDTH + HASH] === hash && this.isBetween(row * WIDTH, view)) return row;
    }
    return NONE;
  }

  private isBetween(at: number, view: SegmentView): boolean {
    const { words } = this;
    if (words[at + LENGTH_VERSION_AND_CHECKSUM] >>> 24 !== view.ipVersion) return false;
    const ports = (view.srcPort << 16) | view.dstPort;
    const { src0, src1, src2, src3, dst0, dst1, dst2, dst3 } = view;
    if (
      words[at + PORTS] === ports &&
      isAddress(words, at + SOURCE, src0, src1, src2, src3) &&
      isAddress(words, at + DESTINATION, dst0, dst1, dst2, dst3)
    )
      return true;
    return (
      words[at + PORTS] === ((view.dstPort << 16) | view.srcPort) &&
      isAddress(words, at + SOURCE, dst0, dst1, dst2, dst3) &&
      isAddress(words, at + DESTINATION, src0, src1, src2, src3)
    );
  }

  /** Adds a plain SYN: `hash` is that of its sockets, `id` its stream number. Returns its row. */
  add(view: SegmentView, hash: number, id: number): number {
    const row = this.take();
    const { words } = this;
    const at = row * WIDTH;
    this.times[at >> 1] = view.time;
    words[at + FRAME] = view.frame;
    words[at + ID] = id;
    words[at + HASH] = hash;
    words[at + SOURCE] = view.src0;
    words[at + SOURCE + 1] = view.src1;
    words[at + SOURCE + 2] = view.src2;
    words[at + SOURCE + 3] = view.src3;
    words[at + DESTINATION] = view.dst0;
    words[at + DESTINATION + 1] = view.dst1;
    words[at + DESTINATION + 2] = view.dst2;
    words[at + DESTINATION + 3] = view.dst3;
    words[at + PORTS] = (view.srcPort << 16) | view.dstPort;
    words[at + SEQ] = view.seq;
    words[at + WINDOW_AND_MSS] = (view.rawWindow << 16) | view.mss;
    words[at + OPTIONS_TTL_AND_SCALE] = (view.options << 16) | (view.ttl << 8) | view.wscale;
    words[at + TS_VAL] = view.tsVal;
    words[at + TS_ECR] = view.tsEcr;
    words[at + IP_ID] = view.ipId;
    words[at + LENGTH_VERSION_AND_CHECKSUM] =
      (view.ipVersion << 24) | (view.tcpChecksumStatus << 16) | view.ipTotalLength;
    words[at + SERIAL] = NONE;
    this.enlist(row, hash);
    return row;
  }

  /** Its place among the latest packets. */
  setSerial(row: number, serial: number): void {
    this.words[row * WIDTH + SERIAL] = serial;
  }

  /** Makes `view` the SYN of a row. What a plain SYN does not have is left as it is in a new view. */
  read(row: number, view: SegmentView): void {
    const { words } = this;
    const at = row * WIDTH;
    view.time = this.times[at >> 1];
    view.frame = words[at + FRAME] >>> 0;
    view.src0 = words[at + SOURCE];
    view.src1 = words[at + SOURCE + 1];
    view.src2 = words[at + SOURCE + 2];
    view.src3 = words[at + SOURCE + 3];
    view.dst0 = words[at + DESTINATION];
    view.dst1 = words[at + DESTINATION + 1];
    view.dst2 = words[at + DESTINATION + 2];
    view.dst3 = words[at + DESTINATION + 3];
    view.srcPort = words[at + PORTS] >>> 16;
    view.dstPort = words[at + PORTS] & 0xffff;
    view.seq = words[at + SEQ] >>> 0;
    view.flags = SYN;
    view.rawWindow = words[at + WINDOW_AND_MSS] >>> 16;
    view.mss = words[at + WINDOW_AND_MSS] & 0xffff;
    view.options = words[at + OPTIONS_TTL_AND_SCALE] >>> 16;
    view.ttl = (words[at + OPTIONS_TTL_AND_SCALE] >>> 8) & 0xff;
    view.wscale = words[at + OPTIONS_TTL_AND_SCALE] & 0xff;
    view.tsVal = words[at + TS_VAL] >>> 0;
    view.tsEcr = words[at + TS_ECR] >>> 0;
    view.ipId = words[at + IP_ID];
    view.ipVersion = words[at + LENGTH_VERSION_AND_CHECKSUM] >>> 24;
    view.tcpChecksumStatus = (words[at + LENGTH_VERSION_AND_CHECKSUM] >>> 16) & 0xff;
    view.ipTotalLength = words[at + LENGTH_VERSION_AND_CHECKSUM] & 0xffff;
  }

  idOf(row: number): number {
    return this.words[row * WIDTH + ID];
  }

  hashOf(row: number): number {
    return this.words[row * WIDTH + HASH];
  }

  serialOf(row: number): number {
    return this.words[row * WIDTH + SERIAL];
  }

  /** Nanoseconds since the first record. */
  timeOf(row: number): number {
    return this.times[(row * WIDTH) >> 1];
  }

  /** The row of the one that came next, -1 without. */
  after(row: number): number {
    return this.words[row * WIDTH + NEXT];
  }

  /** Takes it out; its row is used again. */
  remove(row: number): void {
    const { words, slots } = this;
    const at = row * WIDTH;
    const mask = slots.length - 1;
    let hole = words[at + HASH] & mask;
    while (slots[hole] !== row + 1) hole = (hole + 1) & mask;
    // Backward-shift deletion: what follows without a gap moves into the hole, unless that lies before its own slot.
    for (let i = (hole + 1) & mask; slots[i] !== 0; i = (i + 1) & mask) {
      const own = words[(slots[i] - 1) * WIDTH + HASH] & mask;
      if (((i - own) & mask) < ((i - hole) & mask)) continue;
      slots[hole] = slots[i];
      hole = i;
    }
    slots[hole] = 0;
    const next = words[at + NEXT];
    const previous = words[at + PREVIOUS];
    if (previous === NONE) this.first = next;
    else words[previous * WIDTH + NEXT] = next;
    if (next === NONE) this.last = previous;
    else words[next * WIDTH + PREVIOUS] = previous;
    words[at + NEXT] = this.free;
    this.free = row;
    if (--this.length === 0) this.release();
  }

  /** A row that is free. */
  private take(): number {
    const { free } = this;
    if (free !== NONE) {
      this.free = this.words[free * WIDTH + NEXT];
      return free;
    }
    if (this.used * WIDTH === this.words.length) this.grow();
    return this.used++;
  }

  private enlist(row: number, hash: number): void {
    const { words, last } = this;
    const at = row * WIDTH;
    words[at + NEXT] = NONE;
    words[at + PREVIOUS] = last;
    if (last === NONE) this.first = row;
    else words[last * WIDTH + NEXT] = row;
    this.last = row;
    this.length++;
    this.place(row, hash);
  }

  private place(row: number, hash: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let i = hash & mask;
    while (slots[i] !== 0) i = (i + 1) & mask;
    slots[i] = row + 1;
  }

  private grow(): void {
    const { words } = this;
    const rows = Math.max(2 * this.used, LEAST);
    this.words = new Int32Array(rows * WIDTH);
    this.words.set(words);
    this.times = new Float64Array(this.words.buffer);
    this.slots = new Int32Array(2 * rows);
    for (let row = this.first; row !== NONE; row = this.after(row)) this.place(row, this.hashOf(row));
  }

  /** None is left: rows are handed out from the first on again, and much memory is given back. */
  private release(): void {
    this.used = 0;
    this.free = NONE;
    if (this.words.length <= KEPT * WIDTH) return;
    this.words = new Int32Array(0);
    this.times = new Float64Array(0);
    this.slots = new Int32Array(2 * LEAST);
  }
}

/** Rows whose memory is kept when all have left. */
const KEPT = 1 << 14;

function isAddress(words: Int32Array, at: number, w0: number, w1: number, w2: number, w3: number): boolean {
  return words[at + 3] === w3 && words[at + 2] === w2 && words[at + 1] === w1 && words[at] === w0;
}
