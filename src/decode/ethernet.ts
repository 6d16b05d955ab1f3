import { EtherType } from '../model/ether-type.ts';
import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { type Cursor, done, Next, narrow, tooShort } from './cursor.ts';
import { pppoe } from './ppp.ts';

const ETHER_TYPE = 12;
const ETHER_HEADER = 14;
const VLAN_TAG = 4;
/** Interfaces, then an EtherType. */
const VN_TAG = 6;

/** Up to here the field is the length of an 802.3 frame, not a type (IEEE 802.3 clause 3.2.6). */
export const MAX_LENGTH_FIELD = 1500;

/** An Ethernet frame, with EtherType or 802.3 length. Padding after the packet goes away with the IP length. */
export function ethernet(cursor: Cursor, view: SegmentView): number {
  const offset = cursor.offset;
  if (cursor.end - offset < ETHER_HEADER) return tooShort(cursor, view, Layer.LINK, ETHER_HEADER);
  if (view.macOffset < 0 && view.tunnelDepth === 0) view.macOffset = offset;
  const type = cursor.data.getUint16(offset + ETHER_TYPE);
  cursor.offset = offset + ETHER_HEADER;
  if (type === EtherType.IPV4) return Next.IPV4;
  cursor.etherType = type;
  return etherType(cursor, view);
}

/** Dispatches on `cursor.etherType`, through any number of VLAN tags. */
export function etherType(cursor: Cursor, view: SegmentView): number {
  for (;;) {
    const type = cursor.etherType;
    switch (type) {
      case EtherType.IPV4:
        return Next.IPV4;
      case EtherType.IPV6:
        return Next.IPV6;
      case EtherType.VLAN:
      case EtherType.SERVICE_VLAN:
      case EtherType.QINQ_9100:
      case EtherType.QINQ_9200: {
        const offset = cursor.offset;
        if (cursor.end - offset < VLAN_TAG) return tooShort(cursor, view, Layer.LINK, VLAN_TAG);
        if (view.vlanTags === 0) view.vlan = cursor.data.getUint16(offset) & 0xfff;
        view.vlanTags++;
        cursor.etherType = cursor.data.getUint16(offset + 2);
        cursor.offset = offset + VLAN_TAG;
        continue;
      }
      case EtherType.VN_TAG:
        if (cursor.end - cursor.offset < VN_TAG) return tooShort(cursor, view, Layer.LINK, VN_TAG);
        cursor.etherType = cursor.data.getUint16(cursor.offset + VN_TAG - 2);
        cursor.offset += VN_TAG;
        continue;
      case EtherType.MPLS:
      case EtherType.MPLS_MULTICAST:
        return Next.MPLS;
      case EtherType.PPPOE_SESSION:
        return pppoe(cursor, view);
      case EtherType.PPP:
        return Next.PPP;
      case EtherType.TRANSPARENT_BRIDGING:
        return Next.ETHERNET;
      case EtherType.FABRIC_PATH:
        if (cursor.end - cursor.offset < 2) return tooShort(cursor, view, Layer.LINK, 2);
        cursor.offset += 2;
        return Next.ETHERNET;
      case EtherType.BACKBONE_TAG:
        if (cursor.end - cursor.offset < 4) return tooShort(cursor, view, Layer.LINK, 4);
        cursor.offset += 4;
        return Next.ETHERNET;
      default:
        if (type > MAX_LENGTH_FIELD) {
          view.etherType = type;
          return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
        }
        narrow(cursor, type);
        return Next.LLC;
    }
  }
}

/** IEEE 802.2 LLC, with a SNAP header (RFC 1042) or IP's own service access point. */
export function llc(cursor: Cursor, view: SegmentView): number {
  const { bytes, offset } = cursor;
  if (cursor.end - offset < 3) return tooShort(cursor, view, Layer.LINK, 3);
  const dsap = bytes[offset];
  const ssap = bytes[offset + 1];
  if (dsap === 0x06 && ssap === 0x06 && bytes[offset + 2] === 0x03) {
    cursor.offset = offset + 3;
    return Next.IP;
  }
  if (dsap !== 0xaa || ssap !== 0xaa || bytes[offset + 2] !== 0x03) {
    return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
  }
  if (cursor.end - offset < 8) return tooShort(cursor, view, Layer.LINK, 8);
  const organization = (bytes[offset + 3] << 16) | (bytes[offset + 4] << 8) | bytes[offset + 5];
  // 00-00-00 is RFC 1042; 00-00-F8 is the bridge tunnel encapsulation of 802.1H, which carries EtherTypes too.
  if (organization !== 0 && organization !== 0x0000f8) return done(view, DecodeStatus.NOT_TCP, Layer.LINK);
  cursor.etherType = cursor.data.getUint16(offset + 6);
  cursor.offset = offset + 8;
  return cursor.etherType > MAX_LENGTH_FIELD ? Next.ETHERTYPE : done(view, DecodeStatus.NOT_TCP, Layer.LINK);
}
