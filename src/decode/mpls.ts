import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, tooShort } from './cursor.ts';

const LABEL = 4;
/** Bottom of stack, in the third octet of a label stack entry (RFC 3032 section 2.1). */
const BOTTOM = 0x01;

/**
 * An MPLS label stack. What follows is not named by it: the first nibble tells IPv4, IPv6, a pseudowire's control word
 * (0, RFC 4385 section 3) or its associated channel (1); anything else is taken for an Ethernet pseudowire without a
 * control word.
 */
export function mpls(cursor: Cursor, view: SegmentView): number {
  const { bytes, end } = cursor;
  for (;;) {
    const offset = cursor.offset;
    if (end - offset < LABEL) return tooShort(cursor, view, Layer.LINK, LABEL);
    cursor.offset = offset + LABEL;
    if ((bytes[offset + 2] & BOTTOM) !== 0) break;
  }
  if (end - cursor.offset < 1) return tooShort(cursor, view, Layer.LINK, 1);
  switch (bytes[cursor.offset] >>> 4) {
    case 4:
      return Next.IPV4;
    case 6:
      return Next.IPV6;
    case 0:
      if (end - cursor.offset < 4) return tooShort(cursor, view, Layer.LINK, 4);
      cursor.offset += 4;
      return Next.ETHERNET;
    case 1:
      return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
    default:
      return Next.ETHERNET;
  }
}
