import { Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, malformed, Next, tooShort } from './cursor.ts';
import { ethernet } from './ethernet.ts';

/**
 * Ethernet as captured on Juniper routers (LINKTYPE_JUNIPER_ETHER): the octets "MGC", flags, with EXTENDED the length of
 * the extensions that follow, then the frame.
 */
const MAGIC = 0x4d4743;
const HEADER = 4;
const FLAGS = 3;

const INBOUND = 0x01;
/** The link layer header was taken off; the address family stands in its place. */
const NO_LINK_LAYER = 0x02;
const FAMILY = 4;
const EXTENDED = 0x80;
const EXTENSION_LENGTH = 2;

export function juniperEthernet(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, offset } = cursor;
  const available = cursor.end - offset;
  if (available < HEADER) return tooShort(cursor, view, Layer.LINK, HEADER);
  if (data.getUint32(offset) >>> 8 !== MAGIC) return malformed(cursor, view, Layer.LINK, offset, HEADER, 0);
  const flags = bytes[offset + FLAGS];
  view.direction = flags & INBOUND ? 1 : 2;
  let length = HEADER;
  if (flags & EXTENDED) {
    length += EXTENSION_LENGTH;
    if (available < length) return tooShort(cursor, view, Layer.LINK, length);
    length += data.getUint16(offset + HEADER);
  }
  if (flags & NO_LINK_LAYER) length += FAMILY;
  if (available < length) return tooShort(cursor, view, Layer.LINK, length);
  cursor.offset = offset + length;
  return flags & NO_LINK_LAYER ? Next.IP : ethernet(cursor, view);
}
