import type { Endpoint } from '../model/endpoint.ts';
import { FRAGMENTATION_NEEDED, Icmp6Type, IcmpType } from '../model/icmp.ts';
import type { SegmentView } from '../model/segment.ts';
import { widen } from '../model/seq.ts';

/** A router says that the packet which `view` quotes is too big for its next link. */
export function isTooBig(view: SegmentView): boolean {
  if (view.ipVersion !== 4) return view.icmpType === Icmp6Type.PACKET_TOO_BIG;
  return view.icmpType === IcmpType.UNREACHABLE && view.icmpCode === FRAGMENTATION_NEEDED;
}

/** The segment of `sender` that is quoted is outstanding: errors about others are easily forged (RFC 5927 section 4.1). */
export function quotesOutstanding(view: SegmentView, sender: Endpoint): boolean {
  if (!sender.hasBase) return true;
  const offset = widen(view.seq, sender.base, sender.sndNxt);
  return offset >= Math.max(sender.sndUna, 0) - 1 && offset <= sender.sndNxt;
}
