import { LinkType } from '../model/link-type.ts';
import { DecodeStatus, Layer, type SegmentView } from '../model/segment.ts';
import { sll, sll2 } from './cooked.ts';
import { type Cursor, done, malformed, Next, narrow, tooShort } from './cursor.ts';
import { ethernet } from './ethernet.ts';
import { frameRelay } from './frame-relay.ts';
import { juniperEthernet } from './juniper.ts';
import { addressFamily, loopback } from './loopback.ts';
import { ppi } from './ppi.ts';
import { hdlc, pppoe } from './ppp.ts';
import { prism } from './prism.ts';
import { radiotap } from './radiotap.ts';

/** Begins a record by `cursor.linkType`. */
export function link(cursor: Cursor, view: SegmentView): number {
  switch (cursor.linkType) {
    case LinkType.ETHERNET:
      return ethernet(cursor, view);
    case LinkType.NULL:
    case LinkType.LOOP:
      return loopback(cursor, view);
    case LinkType.RAW:
    case LinkType.RAW_BSD:
    case LinkType.RAW_OPENBSD:
      return Next.IP;
    case LinkType.ATM_RFC1483:
      return Next.LLC;
    case LinkType.IPV4:
      return Next.IPV4;
    case LinkType.IPV6:
      return Next.IPV6;
    case LinkType.LINUX_SLL:
      return sll(cursor, view);
    case LinkType.LINUX_SLL2:
      return sll2(cursor, view);
    case LinkType.PPP:
    case LinkType.PPP_HDLC:
    case LinkType.CISCO_HDLC:
      return hdlc(cursor, view);
    case LinkType.PPP_ETHER:
      return pppoe(cursor, view);
    case LinkType.PPP_PPPD:
    case LinkType.PPP_WITH_DIR:
    case LinkType.CISCO_HDLC_WITH_DIR:
      return withDirection(cursor, view);
    case LinkType.MPLS:
      return Next.MPLS;
    case LinkType.ENC:
      return enc(cursor, view);
    case LinkType.PFLOG:
      return pflog(cursor, view);
    case LinkType.IPOIB:
      return infiniband(cursor, view);
    case LinkType.NFLOG:
      return nflog(cursor, view);
    case LinkType.PKTAP:
      return pktap(cursor, view);
    case LinkType.JUNIPER_ETHER:
      return juniperEthernet(cursor, view);
    case LinkType.FRAME_RELAY:
      return frameRelay(cursor, view);
    case LinkType.IEEE802_11:
      return Next.WLAN;
    case LinkType.IEEE802_11_PRISM:
    case LinkType.IEEE802_11_AVS:
      return prism(cursor, view);
    case LinkType.IEEE802_11_RADIOTAP:
      return radiotap(cursor, view);
    case LinkType.PPI:
      return ppi(cursor, view);
    default:
      return done(view, DecodeStatus.UNKNOWN_LINK, Layer.LINK);
  }
}

/** PPP after a direction octet: 0 received, otherwise sent. */
function withDirection(cursor: Cursor, view: SegmentView): number {
  if (cursor.end - cursor.offset < 1) return tooShort(cursor, view, Layer.LINK, 1);
  view.direction = cursor.bytes[cursor.offset] === 0 ? 1 : 2;
  cursor.offset++;
  return cursor.linkType === LinkType.PPP_PPPD ? Next.PPP : hdlc(cursor, view);
}

/** OpenBSD's decrypted IPsec: address family in host order, SPI, flags. */
function enc(cursor: Cursor, view: SegmentView): number {
  if (cursor.end - cursor.offset < 12) return tooShort(cursor, view, Layer.LINK, 12);
  let family = cursor.data.getUint32(cursor.offset);
  if (family > 0xffff) family = cursor.data.getUint32(cursor.offset, true);
  cursor.offset += 12;
  return addressFamily(view, family);
}

/** PF log: header length in octet 0 (padded to four), address family in octet 1. */
function pflog(cursor: Cursor, view: SegmentView): number {
  const offset = cursor.offset;
  if (cursor.end - offset < 2) return tooShort(cursor, view, Layer.LINK, 2);
  const length = (cursor.bytes[offset] + 3) & ~3;
  if (length < 4) return malformed(cursor, view, Layer.LINK, offset, 4, length);
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.LINK, length);
  cursor.offset = offset + length;
  return addressFamily(view, cursor.bytes[offset + 1]);
}

const IPOIB_HEADER = 44;
const IPOIB_TYPE = 40;

/** IP over InfiniBand: a pseudo header with the destination (40 octets), an EtherType, two reserved octets (RFC 4391). */
function infiniband(cursor: Cursor, view: SegmentView): number {
  const offset = cursor.offset;
  if (cursor.end - offset < IPOIB_HEADER) return tooShort(cursor, view, Layer.LINK, IPOIB_HEADER);
  cursor.etherType = cursor.data.getUint16(offset + IPOIB_TYPE);
  cursor.offset = offset + IPOIB_HEADER;
  return cursor.etherType > 1500 ? Next.ETHERTYPE : done(view, DecodeStatus.NOT_TCP, Layer.LINK);
}

const NFLOG_HEADER = 4;
const NFLOG_HOOK = 1;
const NFLOG_PAYLOAD = 9;
/** Netfilter hooks: local input is 1, local output is 3. */
const HOOK_INPUT = 1;
const HOOK_OUTPUT = 3;

/** Linux NFLOG: address family, version, resource, then attributes in the byte order of the capturing host. */
function nflog(cursor: Cursor, view: SegmentView): number {
  const { bytes, data, end } = cursor;
  let offset = cursor.offset;
  if (end - offset < NFLOG_HEADER) return tooShort(cursor, view, Layer.LINK, NFLOG_HEADER);
  const family = bytes[offset];
  offset += NFLOG_HEADER;
  for (;;) {
    cursor.offset = offset;
    if (end - offset < 4) return tooShort(cursor, view, Layer.LINK, 4);
    // Types are small: the zero octet of the type tells the byte order.
    const little = bytes[offset + 3] === 0;
    const length = data.getUint16(offset, little);
    const type = data.getUint16(offset + 2, little);
    if (length < 4) return malformed(cursor, view, Layer.LINK, offset, 4, length);
    if (type === NFLOG_HOOK && end - offset >= 7) {
      const hook = bytes[offset + 6];
      if (hook === HOOK_INPUT) view.direction = 1;
      else if (hook === HOOK_OUTPUT) view.direction = 2;
    }
    if (type === NFLOG_PAYLOAD) {
      cursor.offset = offset + 4;
      narrow(cursor, length - 4);
      return addressFamily(view, family);
    }
    const padded = (length + 3) & ~3;
    if (end - offset < padded) return tooShort(cursor, view, Layer.LINK, padded);
    offset += padded;
  }
}

const PKTAP_LINK = 8;
const PKTAP_FLAGS = 36;
const PKTAP_HEADER = 40;

/** Apple PKTAP, little-endian: header length, record type, link type of the packet inside, ..., flags. */
function pktap(cursor: Cursor, view: SegmentView): number {
  const { data, offset } = cursor;
  if (cursor.end - offset < PKTAP_HEADER) return tooShort(cursor, view, Layer.LINK, PKTAP_HEADER);
  const length = data.getUint32(offset, true);
  if (length < PKTAP_HEADER) return malformed(cursor, view, Layer.LINK, offset, PKTAP_HEADER, length);
  const flags = data.getUint32(offset + PKTAP_FLAGS, true);
  if ((flags & 1) !== 0) view.direction = 1;
  else if ((flags & 2) !== 0) view.direction = 2;
  cursor.linkType = data.getUint32(offset + PKTAP_LINK, true);
  if (cursor.end - offset < length) return tooShort(cursor, view, Layer.LINK, length);
  cursor.offset = offset + length;
  if (cursor.linkType === LinkType.PKTAP) return done(view, DecodeStatus.UNKNOWN_LINK, Layer.LINK);
  return Next.LINK;
}
