import { FRAGMENTATION_NEEDED, Icmp6Type, IcmpType } from '../model/icmp.ts';
import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, tooShort } from './cursor.ts';

const TYPE = 0;
const CODE = 1;
const HEADER = 8;

/** Next-hop MTU in the second word of "fragmentation needed" (RFC 1191 section 4). */
const NEXT_HOP_MTU = 6;

/** MTU in "packet too big" (RFC 4443 section 3.2). */
const MTU_V6 = 4;

export function icmp(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, offset } = cursor;
  if (cursor.quoted) return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  if (cursor.end - offset < HEADER) return tooShort(cursor, view, Layer.ICMP, HEADER);
  const type = bytes[offset + TYPE];
  const code = bytes[offset + CODE];
  view.icmpType = type;
  view.icmpCode = code;
  switch (type) {
    case IcmpType.UNREACHABLE:
      if (code === FRAGMENTATION_NEEDED) view.icmpMtu = data.getUint16(offset + NEXT_HOP_MTU);
      break;
    case IcmpType.SOURCE_QUENCH:
    case IcmpType.REDIRECT:
    case IcmpType.TIME_EXCEEDED:
    case IcmpType.PARAMETER_PROBLEM:
      break;
    default:
      return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  }
  quote(cursor, view);
  return Next.IPV4;
}

export function icmpv6(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, offset } = cursor;
  if (cursor.quoted) return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  if (cursor.end - offset < HEADER) return tooShort(cursor, view, Layer.ICMP, HEADER);
  const type = bytes[offset + TYPE];
  view.icmpType = type;
  view.icmpCode = bytes[offset + CODE];
  if (type === 0 || type > Icmp6Type.PARAMETER_PROBLEM) return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  if (type === Icmp6Type.PACKET_TOO_BIG) view.icmpMtu = data.getUint32(offset + MTU_V6);
  quote(cursor, view);
  return Next.IPV6;
}

/** From here on the view describes the quoted packet. */
function quote(cursor: Cursor, view: SegmentView): void {
  view.icmpSrc0 = view.src0;
  view.icmpSrc1 = view.src1;
  view.icmpSrc2 = view.src2;
  view.icmpSrc3 = view.src3;
  cursor.quoted = true;
  cursor.offset += HEADER;
}
