import type { SegmentView } from '../model/segment.ts';
import type { Cursor } from './cursor.ts';
import { IPV6_HEADER } from './protocol.ts';

/**
 * Reassembly of IP fragments (RFC 791 section 3.2, RFC 8200 section 4.5), within bounds.
 *
 * Overlaps. RFC 791 lets later octets win, RFC 5722 has IPv6 hosts drop a datagram with overlapping fragments, and
 * systems differ in what they did over the years. An observer cannot know what the receiver kept, so nothing is guessed:
 * octets that arrive again and are equal change nothing (duplicates are common in captures), and octets that differ, a
 * second end of the datagram or data beyond its end abandon it. The fragment that shows the conflict is MALFORMED; what
 * follows with the same key is dropped as FRAGMENT until the time-out, as RFC 5722 section 4 demands for fragments not
 * yet received.
 *
 * Bounds. At most `maxDatagrams` at once and `maxBytes` of buffers; the oldest makes room for the newest. A datagram
 * lives for `timeout` of capture time from its first fragment. RFC 8200 says 60 seconds, RFC 1122 section 3.3.2 60 to
 * 120; Linux uses 30, and shorter is safer for an observer: the 16-bit identification wraps within seconds at high
 * rates (RFC 4963), and then fragments of different datagrams meet.
 *
 * Cut captures. A fragment counts by its length on the wire. When the capture cut one, the datagram still completes, and
 * only its captured beginning is readable.
 */
export interface FragmentLimits {
  maxDatagrams?: number;
  maxBytes?: number;
  /** Nanoseconds of capture time. */
  timeout?: number;
}

export const Reassembly = {
  INCOMPLETE: 0,
  /** The cursor stands at the payload of the whole datagram, in its own buffer. */
  COMPLETE: 1,
  /** Contradicts what came before; `statusOffset`, `needed` and `had` are set. */
  CONFLICT: 2,
} as const;

/** The largest payload an offset of 13 bits and a length of 16 bits can give. */
const MAX_PAYLOAD = 65535;
/** Fragment offsets count units of eight octets. */
const UNIT = 8;
const UNITS = (MAX_PAYLOAD + 1) / UNIT;
/** Room in front of the payload for the header of the first fragment (60 octets at most for IPv4, 40 for IPv6). */
const HEADROOM = 64;
/** What a datagram costs besides its buffer: the map of units, and the object. */
const OVERHEAD = UNITS / 8 + 256;

class Datagram {
  // Key.
  readonly version: number;
  readonly id: number;
  readonly protocol: number;
  readonly src0: number;
  readonly src1: number;
  readonly src2: number;
  readonly src3: number;
  readonly dst0: number;
  readonly dst1: number;
  readonly dst2: number;
  readonly dst3: number;
  readonly interfaceId: number;
  readonly tunnelDepth: number;
  readonly vlan: number;

  /** Capture time of the fragment that came first. */
  readonly since: number;
  abandoned = false;
  bytes = new Uint8Array(0);
  /** One bit for each unit that arrived. */
  readonly arrived = new Uint32Array(UNITS / 32);
  unitsArrived = 0;
  /** Length of the whole payload, -1 before the last fragment. */
  total = -1;
  /** Highest end of any fragment. */
  highest = 0;
  /** Up to where the payload is readable, when fragments were cut by the capture. */
  readable = MAX_PAYLOAD;
  headerLength = 0;

  constructor(view: SegmentView, id: number) {
    this.version = view.ipVersion;
    this.id = id;
    // RFC 8200 leaves the next header out of the key: it may differ between fragments, the first one's counts.
    this.protocol = view.ipVersion === 4 ? view.protocol : -1;
    this.src0 = view.src0;
    this.src1 = view.src1;
    this.src2 = view.src2;
    this.src3 = view.src3;
    this.dst0 = view.dst0;
    this.dst1 = view.dst1;
    this.dst2 = view.dst2;
    this.dst3 = view.dst3;
    this.interfaceId = view.interfaceId;
    this.tunnelDepth = view.tunnelDepth;
    this.vlan = view.vlan;
    this.since = view.time;
  }

  /** Protocol of the payload by the first fragment. */
  payloadProtocol = -1;

  matches(view: SegmentView, id: number): boolean {
    return (
      this.id === id &&
      this.src3 === view.src3 &&
      this.dst3 === view.dst3 &&
      this.version === view.ipVersion &&
      (this.protocol === -1 || this.protocol === view.protocol) &&
      this.src0 === view.src0 &&
      this.src1 === view.src1 &&
      this.src2 === view.src2 &&
      this.dst0 === view.dst0 &&
      this.dst1 === view.dst1 &&
      this.dst2 === view.dst2 &&
      this.interfaceId === view.interfaceId &&
      this.tunnelDepth === view.tunnelDepth &&
      this.vlan === view.vlan
    );
  }
}

export class FragmentTable {
  readonly maxDatagrams: number;
  readonly maxBytes: number;
  readonly timeout: number;
  /** In order of their first fragments. */
  private readonly datagrams: Datagram[] = [];
  private held = 0;
  /** Fragments that ever came, the last of each datagram too. */
  taken = 0;

  constructor(limits: FragmentLimits = {}) {
    this.maxDatagrams = limits.maxDatagrams ?? 256;
    this.maxBytes = limits.maxBytes ?? 8 * 1024 * 1024;
    this.timeout = limits.timeout ?? 30e9;
  }

  /** Datagrams that wait for more. */
  get size(): number {
    return this.datagrams.length;
  }

  /** Bytes that they hold. */
  get bytes(): number {
    return this.held;
  }

  /**
   * Takes the fragment whose payload is at the cursor; its header is described by `view`. `start` is the payload's
   * offset in the datagram and `headerLength` that of the IPv4 header in front.
   */
  add(cursor: Cursor, view: SegmentView, id: number, start: number, more: boolean, headerLength: number): number {
    this.taken++;
    const length = cursor.wireEnd - cursor.offset;
    const end = start + length;
    // "Ping of death": an offset near the end with a length beyond it.
    if (end > MAX_PAYLOAD) return this.refuse(cursor, view, MAX_PAYLOAD, end);
    // All but the last are cut at eight octets (RFC 791 section 3.2).
    if (more && (length === 0 || length % UNIT !== 0)) {
      return this.refuse(cursor, view, length - (length % UNIT) + UNIT, length);
    }
    this.expire(view.time);
    let datagram = this.find(view, id);
    if (datagram === null) {
      datagram = new Datagram(view, id);
      this.makeRoom();
      this.datagrams.push(datagram);
      this.held += OVERHEAD;
    }
    if (datagram.abandoned) return Reassembly.INCOMPLETE;

    if (!more) {
      if (datagram.total >= 0 && datagram.total !== end)
        return this.abandon(cursor, view, datagram, datagram.total, end);
      if (end < datagram.highest) return this.abandon(cursor, view, datagram, datagram.highest, end);
      datagram.total = end;
    } else if (datagram.total >= 0 && end > datagram.total) {
      return this.abandon(cursor, view, datagram, datagram.total, end);
    }
    if (end > datagram.highest) datagram.highest = end;

    const captured = Math.max(0, Math.min(length, cursor.end - cursor.offset));
    if (captured < length) datagram.readable = Math.min(datagram.readable, start + captured);
    this.reserve(datagram, start + captured);
    if (start === 0) this.keepHeader(view, datagram, headerLength);
    if (!store(cursor, datagram, start, captured, length)) {
      return this.abandon(cursor, view, datagram, 0, 0);
    }
    if (datagram.total < 0 || datagram.unitsArrived * UNIT < datagram.total) {
      this.enforceBytes(datagram);
      return Reassembly.INCOMPLETE;
    }
    this.remove(datagram);
    deliver(cursor, view, datagram);
    return Reassembly.COMPLETE;
  }

  private find(view: SegmentView, id: number): Datagram | null {
    for (const datagram of this.datagrams) if (datagram.matches(view, id)) return datagram;
    return null;
  }

  private expire(now: number): void {
    const list = this.datagrams;
    for (let i = list.length - 1; i >= 0; i--) {
      const datagram = list[i];
      if (now - datagram.since > this.timeout) this.remove(datagram);
    }
  }

  private makeRoom(): void {
    while (this.datagrams.length >= this.maxDatagrams) this.remove(this.datagrams[0]);
  }

  /** Drops the oldest until the buffers fit; the newest fragment's own datagram only if it alone is too much. */
  private enforceBytes(current: Datagram): void {
    while (this.held > this.maxBytes && this.datagrams.length > 0) {
      const oldest = this.datagrams[0];
      this.remove(oldest === current && this.datagrams.length > 1 ? this.datagrams[1] : oldest);
    }
  }

  private remove(datagram: Datagram): void {
    const index = this.datagrams.indexOf(datagram);
    if (index < 0) return;
    this.datagrams.splice(index, 1);
    this.held -= OVERHEAD + datagram.bytes.length;
  }

  /** Grows by doubling, so that a small datagram does not take 64 KiB. */
  private reserve(datagram: Datagram, payload: number): void {
    const needed = HEADROOM + payload;
    if (needed <= datagram.bytes.length) return;
    let size = Math.max(2048, datagram.bytes.length);
    while (size < needed) size *= 2;
    size = Math.min(size, HEADROOM + MAX_PAYLOAD + 1);
    const bytes = new Uint8Array(size);
    bytes.set(datagram.bytes);
    this.held += size - datagram.bytes.length;
    datagram.bytes = bytes;
  }

  /** The header of the first fragment goes in front of the payload, for later stages to show. */
  private keepHeader(view: SegmentView, datagram: Datagram, headerLength: number): void {
    if (datagram.headerLength !== 0) return;
    const length = view.ipVersion === 4 ? headerLength : IPV6_HEADER;
    datagram.headerLength = length;
    datagram.payloadProtocol = view.protocol;
    for (let i = 0; i < length; i++) datagram.bytes[HEADROOM - length + i] = view.bytes[view.ipOffset + i];
  }

  private refuse(cursor: Cursor, view: SegmentView, needed: number, had: number): number {
    view.statusOffset = cursor.offset - cursor.base;
    view.needed = needed;
    view.had = had;
    return Reassembly.CONFLICT;
  }

  private abandon(cursor: Cursor, view: SegmentView, datagram: Datagram, needed: number, had: number): number {
    datagram.abandoned = true;
    // The key must stay, the octets need not.
    this.held -= datagram.bytes.length;
    datagram.bytes = new Uint8Array(0);
    return this.refuse(cursor, view, needed, had);
  }
}

/** Copies what is new. False when octets that arrived before were different. */
function store(cursor: Cursor, datagram: Datagram, start: number, captured: number, length: number): boolean {
  const source = cursor.bytes;
  const target = datagram.bytes;
  const from = cursor.offset - start;
  const to = HEADROOM;
  for (let at = start; at < start + length; at += UNIT) {
    const unit = at / UNIT;
    const bit = 1 << (unit & 31);
    const stop = Math.min(at + UNIT, start + captured);
    if ((datagram.arrived[unit >>> 5] & bit) === 0) {
      datagram.arrived[unit >>> 5] |= bit;
      datagram.unitsArrived++;
      for (let i = at; i < stop; i++) target[to + i] = source[from + i];
    } else {
      // What a cut fragment left out cannot be compared.
      const comparable = Math.min(stop, datagram.readable);
      for (let i = at; i < comparable; i++) if (target[to + i] !== source[from + i]) return false;
    }
  }
  return true;
}

function deliver(cursor: Cursor, view: SegmentView, datagram: Datagram): void {
  const { bytes, headerLength, total } = datagram;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payload = HEADROOM;
  view.bytes = bytes;
  view.data = data;
  view.ipOffset = payload - headerLength;
  view.ipHeaderLength = headerLength;
  view.ipTotalLength = headerLength + total;
  view.ipLengthIsZero = false;
  view.ipMissing = 0;
  view.reassembled = true;
  view.protocol = datagram.payloadProtocol;
  cursor.reassembled = true;
  cursor.bytes = bytes;
  cursor.data = data;
  cursor.base = view.ipOffset;
  cursor.offset = payload;
  cursor.wireEnd = payload + total;
  cursor.end = payload + Math.min(total, datagram.readable);
}
