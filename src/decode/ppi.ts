import { Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, malformed, Next, tooShort } from './cursor.ts';

/** Per-Packet Information (CACE), little-endian: version, flags, length, link type of what follows. */
const HEADER = 8;
const LENGTH = 2;
const LINK_TYPE = 4;

export function ppi(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < HEADER) return tooShort(cursor, view, Layer.LINK, HEADER);
  const length = data.getUint16(offset + LENGTH, true);
  if (length < HEADER) return malformed(cursor, view, Layer.LINK, offset, HEADER, length);
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.LINK, length);
  cursor.linkType = data.getUint32(offset + LINK_TYPE, true);
  cursor.offset = offset + length;
  return Next.LINK;
}
