import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, tooShort } from './cursor.ts';

/** Lengths and offsets of the Linux cooked headers (LINKTYPE_LINUX_SLL 113 and LINKTYPE_LINUX_SLL2 276; network byte order). */
export const SLL_HEADER = 16;
export const SLL_PACKET_TYPE = 0;
export const SLL_ADDRESS = 6;
const SLL_PROTOCOL = 14;

export const SLL2_HEADER = 20;
const SLL2_PROTOCOL = 0;
export const SLL2_IF_INDEX = 4;
const SLL2_PACKET_TYPE = 10;

/** Packet types: 0 to us, 1 broadcast, 2 multicast, 3 to another host (seen by promiscuous mode), 4 sent by us. */
const TO_OTHER_HOST = 3;
export const OUTGOING = 4;

/** Protocol field values that are not EtherTypes: 1 is Novell's raw 802.3, 4 is a frame with an LLC header. */
const LLC_FRAME = 4;

export function sll(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < SLL_HEADER) return tooShort(cursor, view, Layer.LINK, SLL_HEADER);
  noteDirection(view, data.getUint16(offset + SLL_PACKET_TYPE));
  cursor.offset = offset + SLL_HEADER;
  return protocol(cursor, view, data.getUint16(offset + SLL_PROTOCOL));
}

export function sll2(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < SLL2_HEADER) return tooShort(cursor, view, Layer.LINK, SLL2_HEADER);
  noteDirection(view, cursor.bytes[offset + SLL2_PACKET_TYPE]);
  cursor.offset = offset + SLL2_HEADER;
  return protocol(cursor, view, data.getUint16(offset + SLL2_PROTOCOL));
}

function noteDirection(view: SegmentView, packetType: number): void {
  if (packetType === OUTGOING) view.direction = 2;
  else if (packetType < TO_OTHER_HOST) view.direction = 1;
}

function protocol(cursor: Cursor, view: SegmentView, value: number): number {
  if (value > 1500) {
    cursor.etherType = value;
    return Next.ETHERTYPE;
  }
  if (value === LLC_FRAME) return Next.LLC;
  view.etherType = value;
  return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
}
