import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, tooShort } from './cursor.ts';

const FAMILY_HEADER = 4;

/**
 * The address family in front of packets of BSD loopback interfaces (LINKTYPE_NULL, LINKTYPE_LOOP). NULL is in the byte
 * order of the capturing host, LOOP in network order: both are read either way, because no family needs more than an
 * octet.
 */
export function loopback(cursor: Cursor, view: SegmentView): number {
  const offset = cursor.offset;
  if (cursor.end - offset < FAMILY_HEADER) return tooShort(cursor, view, Layer.LINK, FAMILY_HEADER);
  let family = cursor.data.getUint32(offset);
  if (family > 0xffff) family = cursor.data.getUint32(offset, true);
  cursor.offset = offset + FAMILY_HEADER;
  return addressFamily(view, family);
}

/** AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on Darwin. */
export function addressFamily(view: SegmentView, family: number): number {
  switch (family) {
    case 2:
      return Next.IPV4;
    case 10:
    case 24:
    case 28:
    case 30:
      return Next.IPV6;
    default:
      view.etherType = family & 0xffff;
      return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
  }
}
