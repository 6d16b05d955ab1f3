import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, narrow, tooShort } from './cursor.ts';

/** An IEEE 802.11 frame (clause 9.2): the frame control field, least significant octet first, then its header. */
const HEADER = 24;
const SEQUENCE_CONTROL = 22;
const ADDRESS = 6;
const QOS_CONTROL = 2;
const HT_CONTROL = 4;

/** Octet 0: version, type, subtype. */
const VERSION_AND_TYPE = 0x0f;
const DATA = 0x08;
/** Subtypes of data: without a body; with a QoS control field. */
const NO_BODY = 0x40;
const QOS = 0x80;

/** Octet 1: flags. */
const BOTH_WAYS = 0x03;
const MORE_FRAGMENTS = 0x04;
const PROTECTED = 0x40;
const ORDER = 0x80;

/** Octet 0 of the QoS control field: the body is an A-MSDU. */
const AGGREGATE = 0x80;
/** The header of a packet in an A-MSDU: destination, source, length. */
const SUBFRAME_HEADER = 14;
const SUBFRAME_LENGTH = 12;

/**
 * A data frame: LLC is inside. `isPadded`: the body begins at a multiple of four octets from the frame's start. Encrypted
 * frames and fragments of frames are not decoded, and of several packets in one frame (A-MSDU) the first is.
 */
export function wlan(cursor: Cursor, view: SegmentView, isPadded = false): number {
  const { bytes, data, offset } = cursor;
  if (cursor.end - offset < 2) return tooShort(cursor, view, Layer.LINK, 2);
  const control = bytes[offset];
  const flags = bytes[offset + 1];
  const isData = (control & VERSION_AND_TYPE) === DATA && (control & NO_BODY) === 0;
  if (!isData || (flags & PROTECTED) !== 0) return done(view, DecodeStatus.NOT_TCP, Layer.LINK);

  const isQos = (control & QOS) !== 0;
  let length = HEADER;
  if ((flags & BOTH_WAYS) === BOTH_WAYS) length += ADDRESS;
  const qos = offset + length;
  if (isQos) length += QOS_CONTROL;
  if (isQos && (flags & ORDER) !== 0) length += HT_CONTROL;
  if (isPadded) length = (length + 3) & ~3;
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.LINK, length);
  const fragment = bytes[offset + SEQUENCE_CONTROL] & 0x0f;
  if (fragment !== 0 || (flags & MORE_FRAGMENTS) !== 0) return done(view, DecodeStatus.FRAGMENT, Layer.LINK);
  cursor.offset = offset + length;
  if (!isQos || (bytes[qos] & AGGREGATE) === 0) return Next.LLC;

  if (cursor.end - cursor.offset < SUBFRAME_HEADER) return tooShort(cursor, view, Layer.LINK, SUBFRAME_HEADER);
  const body = data.getUint16(cursor.offset + SUBFRAME_LENGTH);
  cursor.offset += SUBFRAME_HEADER;
  narrow(cursor, body);
  return Next.LLC;
}
