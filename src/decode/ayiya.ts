import { Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, Next, notTunnel, tooShort } from './cursor.ts';
import { Protocol } from './protocol.ts';

/** Lengths of identity and signature, operation, next header, time (draft-massar-v6ops-ayiya section 3). */
const HEADER = 8;
const SIGNATURE = 1;
const OPERATION = 2;
const NEXT_HEADER = 3;
const FORWARD = 1;

/** AYIYA, the tunnels of SixXS: an IP packet in UDP after an identity and a signature. */
export function ayiya(cursor: Cursor, view: SegmentView): number {
  const { bytes, offset } = cursor;
  if (cursor.wireEnd - offset < HEADER) return notTunnel(view);
  if (cursor.end - offset < HEADER) return tooShort(cursor, view, Layer.TUNNEL, HEADER);
  const next = bytes[offset + NEXT_HEADER];
  const isPacket = (bytes[offset + OPERATION] & 0x0f) === FORWARD && (next === Protocol.IPV4 || next === Protocol.IPV6);
  // The identity has 2 to the power of its field octets, the signature four times as many as its field says.
  const length = HEADER + (1 << (bytes[offset] >>> 4)) + 4 * (bytes[offset + SIGNATURE] >>> 4);
  if (!isPacket || cursor.wireEnd - offset < length) return notTunnel(view);
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.TUNNEL, length);
  cursor.offset = offset + length;
  return next === Protocol.IPV4 ? Next.IPV4 : Next.IPV6;
}
