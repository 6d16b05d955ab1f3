import { EMPTY_BYTES, EMPTY_DATA } from '../model/record.ts';
import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import type { ShardOwner } from '../model/shard.ts';
import { WordSummer } from './checksum.ts';

/** What the next header is. Each layer returns one of these; the decoder's loop dispatches on it. */
export const Next = {
  DONE: 0,
  ETHERNET: 1,
  /** The EtherType is in `cursor.etherType`. */
  ETHERTYPE: 2,
  LLC: 3,
  PPP: 4,
  MPLS: 5,
  /** IPv4 or IPv6, told apart by the version nibble. */
  IP: 6,
  IPV4: 7,
  IPV6: 8,
  /** The IP protocol number is in `view.protocol`. */
  PROTOCOL: 9,
  TCP: 10,
  /** A LINKTYPE_ in `cursor.linkType` (records that name the link type inside). */
  LINK: 11,
  /** An IEEE 802.11 frame. */
  WLAN: 12,
} as const;

/**
 * Where decoding stands. Layers consume octets from `offset` and narrow `end` and `wireEnd`; they never read at or
 * beyond `end`.
 */
export class Cursor {
  bytes: Uint8Array = EMPTY_BYTES;
  data: DataView = EMPTY_DATA;
  /** The next octet. */
  offset = 0;
  /** End of what was captured of the current layer. */
  end = 0;
  /** End of what was on the wire of the current layer, by the lengths of the headers outside; >= `end`. */
  wireEnd = 0;
  /** Offset in `bytes` that `view.statusOffset` counts from. */
  base = 0;
  etherType = 0;
  linkType = 0;
  /** True inside the quotation of an ICMP error. */
  quoted = false;
  /** True when the record holds less than the wire did. */
  cut = false;
  /** True once the packet came out of the fragment table, until the next tunnel: fragments do not nest. */
  reassembled = false;

  /** Of an IPv4 packet: the destination, after all hops of a source route. */
  finalDestination = 0;

  /** True once a layer has set all of its fields in the view. */
  metIp = false;
  metTcp = false;

  verifyChecksums = true;
  maxTunnels = 8;
  /** Whose segments are read to their end; null for everybody's. */
  owner: ShardOwner | null = null;
  readonly summer = new WordSummer();
}

export function done(view: SegmentView, status: number, layer: number): number {
  view.status = status;
  view.layer = layer;
  return Next.DONE;
}

/**
 * The header at `cursor.offset` needs `needed` octets that are not all there. That is the capture's doing (CUT_SHORT)
 * if they were on the wire, and the packet's own (MALFORMED) if not.
 */
export function tooShort(cursor: Cursor, view: SegmentView, layer: number, needed: number): number {
  const onWire = cursor.wireEnd - cursor.offset;
  view.statusOffset = cursor.offset - cursor.base;
  view.needed = needed;
  if (onWire >= needed) {
    view.had = Math.max(0, cursor.end - cursor.offset);
    return done(view, DecodeStatus.CUT_SHORT, layer);
  }
  view.had = Math.max(0, onWire);
  return done(view, DecodeStatus.MALFORMED, layer);
}

/** The header at `offset` contradicts itself: `needed` octets at least, `had` by its own word. */
export function malformed(
  cursor: Cursor,
  view: SegmentView,
  layer: number,
  offset: number,
  needed: number,
  had: number,
): number {
  view.statusOffset = offset - cursor.base;
  view.needed = needed;
  view.had = had;
  return done(view, DecodeStatus.MALFORMED, layer);
}

/** Narrows the cursor to `length` octets from its offset, as an inner length field says. */
export function narrow(cursor: Cursor, length: number): void {
  const end = cursor.offset + length;
  if (end < cursor.wireEnd) cursor.wireEnd = end;
  if (end < cursor.end) cursor.end = end;
}

/** Enters a tunnel. False when there are too many around the packet already. */
export function enterTunnel(cursor: Cursor, view: SegmentView): boolean {
  if (cursor.quoted || view.tunnelDepth >= cursor.maxTunnels) return false;
  view.tunnelDepth++;
  cursor.reassembled = false;
  return true;
}

/** Leaves the tunnel that was just entered: the packet is not what its port or its type suggests. */
export function notTunnel(view: SegmentView): number {
  view.tunnelDepth--;
  return done(view, DecodeStatus.NOT_TCP, Layer.OTHER);
}
