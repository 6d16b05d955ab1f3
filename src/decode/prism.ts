import { Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, malformed, tooShort } from './cursor.ts';
import { wlan } from './wlan.ts';

/**
 * The headers of wireless cards before radiotap. AVS: a magic number with a version and the length, big-endian. Prism: a
 * message code, the length, a name and measurements, in the byte order of the capturing host. Either may come under
 * Prism's link type.
 */
const HEADER = 8;
const LENGTH = 4;
const AVS_MAGIC = 0x80211000;
const AVS_VERSION = 0xfff;

export function prism(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < HEADER) return tooShort(cursor, view, Layer.LINK, HEADER);
  const isAvs = (data.getUint32(offset) & ~AVS_VERSION) >>> 0 === AVS_MAGIC;
  // The code is small: its zero octets tell the byte order.
  const isLittle = !isAvs && data.getUint16(offset) !== 0;
  const length = data.getUint32(offset + LENGTH, isLittle);
  if (length < HEADER) return malformed(cursor, view, Layer.LINK, offset, HEADER, length);
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.LINK, length);
  cursor.offset = offset + length;
  return wlan(cursor, view);
}
