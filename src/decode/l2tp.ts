import { Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, Next, narrow, notTunnel, tooShort } from './cursor.ts';

/** Flags and version (RFC 2661 section 3.1): a control message; with a length, sequence numbers, an offset. */
const CONTROL = 0x8000;
const WITH_LENGTH = 0x4000;
const WITH_SEQUENCE = 0x0800;
const WITH_OFFSET = 0x0200;
const VERSION = 0x000f;

/** L2TP version 2: PPP in UDP. */
export function l2tp(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < 2) return tooShort(cursor, view, Layer.TUNNEL, 2);
  const flags = data.getUint16(offset);
  if ((flags & VERSION) !== 2 || (flags & CONTROL) !== 0) return notTunnel(view);
  // Tunnel and session.
  let length = 6;
  if ((flags & WITH_LENGTH) !== 0) length += 2;
  if ((flags & WITH_SEQUENCE) !== 0) length += 4;
  if ((flags & WITH_OFFSET) !== 0) length += 2;
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.TUNNEL, length);
  if ((flags & WITH_LENGTH) !== 0) narrow(cursor, data.getUint16(offset + 2));
  if ((flags & WITH_OFFSET) !== 0) length += data.getUint16(offset + length - 2);
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.TUNNEL, length);
  cursor.offset = offset + length;
  return Next.PPP;
}
