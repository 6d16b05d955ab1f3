import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, tooShort } from './cursor.ts';

const TYPE = 0;
const CODE = 1;
const HEADER = 8;

/** ICMP types that quote the packet they complain of (RFC 792, RFC 1122 section 3.2.2). */
const UNREACHABLE = 3;
const SOURCE_QUENCH = 4;
const REDIRECT = 5;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
const CODE_FRAGMENTATION_NEEDED = 4;
/** Next-hop MTU in the second word of "fragmentation needed" (RFC 1191 section 4). */
const NEXT_HOP_MTU = 6;

/** ICMPv6 errors have types 1 (unreachable) to 4 (parameter problem) (RFC 4443 section 2.1). */
const PACKET_TOO_BIG = 2;
const LAST_ERROR_V6 = 4;
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
    case UNREACHABLE:
      if (code === CODE_FRAGMENTATION_NEEDED) view.icmpMtu = data.getUint16(offset + NEXT_HOP_MTU);
      break;
    case SOURCE_QUENCH:
    case REDIRECT:
    case TIME_EXCEEDED:
    case PARAMETER_PROBLEM:
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
  if (type === 0 || type > LAST_ERROR_V6) return done(view, DecodeStatus.NOT_TCP, Layer.ICMP);
  if (type === PACKET_TOO_BIG) view.icmpMtu = data.getUint32(offset + MTU_V6);
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
