import { Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, malformed, narrow, tooShort } from './cursor.ts';
import { wlan } from './wlan.ts';

/** Radiotap (radiotap.org), little-endian: version, padding, length, then words that say which fields follow. */
const HEADER = 8;
const LENGTH = 2;
const PRESENT = 4;

const HAS_TIME = 1 << 0;
const HAS_FLAGS = 1 << 1;
/** Another word of this kind follows. */
const HAS_MORE = 1 << 31;
/** The time is a 64-bit number at a multiple of its size. */
const TIME = 8;

/** Flags: a frame check sequence is at the end; the body of the frame begins at a multiple of four. */
const WITH_CHECK = 0x10;
const PADDED = 0x20;
const CHECK = 4;

export function radiotap(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < HEADER) return tooShort(cursor, view, Layer.LINK, HEADER);
  const length = data.getUint16(offset + LENGTH, true);
  if (length < HEADER) return malformed(cursor, view, Layer.LINK, offset, HEADER, length);
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.LINK, length);
  const flags = flagsOf(cursor, length);
  cursor.offset = offset + length;
  if ((flags & WITH_CHECK) !== 0) narrow(cursor, Math.max(0, cursor.wireEnd - cursor.offset - CHECK));
  return wlan(cursor, view, (flags & PADDED) !== 0);
}

/** 0 when there are none. */
function flagsOf({ bytes, data, offset }: Cursor, length: number): number {
  const present = data.getUint32(offset + PRESENT, true);
  if ((present & HAS_FLAGS) === 0) return 0;
  let at = PRESENT;
  while (at + 4 <= length && (data.getUint32(offset + at, true) & HAS_MORE) !== 0) at += 4;
  at += 4;
  if ((present & HAS_TIME) !== 0) at = ((at + TIME - 1) & -TIME) + TIME;
  return at < length ? bytes[offset + at] : 0;
}
