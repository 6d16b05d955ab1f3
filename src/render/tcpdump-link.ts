import { MAX_LENGTH_FIELD } from '../decode/ethernet.ts';
import { isRawIp, LinkType, linkHeaderOctets } from '../model/link-type.ts';
import type { SegmentView } from '../model/segment.ts';
import { hex } from './dissection.ts';

/** The link layer in tcpdump's words, for `-e` (print-ether.c, print-sll.c, print-null.c, print-raw.c). */

const ETHER_TYPES: Record<number, string> = {
  2048: 'IPv4',
  34525: 'IPv6',
  33024: '802.1Q',
  37120: '802.1Q-9100',
  37376: '802.1Q-9200',
  34984: '802.1Q-QinQ',
  34887: 'MPLS unicast',
  34888: 'MPLS multicast',
  34915: 'PPPoE D',
  34916: 'PPPoE S',
  35151: 'NSH',
  25944: 'TEB',
};

/** Address families of the BSDs, as their loopback header has them. */
const FAMILIES: Record<number, string> = { 2: 'IPv4', 24: 'IPv6', 28: 'IPv6', 30: 'IPv6' };

const SLL_PACKET_TYPES = ['In', 'B', 'M', 'P', 'Out'];

const etherType = (type: number) => `ethertype ${ETHER_TYPES[type] ?? 'Unknown'} (0x${hex(type, 4)})`;

const isVlanType = (type: number) => type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200;

function word(view: SegmentView, offset: number): number {
  const at = view.recordOffset + offset;
  return offset + 2 > view.capturedLength ? 0 : (view.recordBytes[at] << 8) | view.recordBytes[at + 1];
}

function mac(view: SegmentView, offset: number): string {
  const at = view.recordOffset + offset;
  return Array.from(view.recordBytes.subarray(at, at + 6), (byte) => hex(byte, 2)).join(':');
}

/** Length of the header that a dump without link layer leaves out. */
export function linkHeaderLength(view: SegmentView): number {
  const octets = linkHeaderOctets(view.linkType);
  if (octets === null) {
    return view.tunnelDepth === 0 && view.bytes === view.recordBytes ? view.ipOffset - view.recordOffset : 0;
  }
  if (view.linkType !== LinkType.ETHERNET) return octets;
  let length = octets;
  while (length + 4 <= view.capturedLength && isVlanType(word(view, length - 2))) length += 4;
  return length;
}

function pppText(view: SegmentView): string {
  // Address and control octets of HDLC-like framing (RFC 1662) may be in front.
  const protocol = word(view, word(view, 0) === 0xff03 ? 2 : 0);
  const name = protocol === 0x0021 ? 'IP' : protocol === 0x0057 ? 'IP6' : 'unknown';
  return `${name} (0x${hex(protocol, 4)}), length ${view.originalLength}: `;
}

/** The name of an interface by its number, null for one that is not known. */
export type InterfaceName = (index: number) => string | null;

/** What stands between the time and `IP`: only the second Linux cooked header shows itself without `-e`. */
export function linkText(view: SegmentView, isAsked: boolean, nameOf: InterfaceName): string {
  switch (view.linkType) {
    case LinkType.ETHERNET:
      return isAsked ? ethernetText(view) : '';
    case LinkType.NULL:
    case LinkType.LOOP:
      return isAsked ? loopbackText(view) : '';
    case LinkType.PPP:
      return isAsked ? pppText(view) : '';
    case LinkType.LINUX_SLL:
      return isAsked ? cookedText(view) : '';
    case LinkType.LINUX_SLL2:
      return cooked2Text(view, isAsked, nameOf);
    default:
      return isAsked && isRawIp(view.linkType) ? 'ip: ' : '';
  }
}

function ethernetText(view: SegmentView): string {
  let type = word(view, 12);
  let text = `${mac(view, 6)} > ${mac(view, 0)}`;
  if (type <= MAX_LENGTH_FIELD) return `${text}, 802.3, length ${type}: `;
  text += `, ${etherType(type)}, length ${view.originalLength}: `;
  for (let at = 14; isVlanType(type) && at + 4 <= view.capturedLength; at += 4) {
    const tag = word(view, at);
    type = word(view, at + 2);
    text += `vlan ${tag & 0xfff}, p ${tag >> 13}${tag & 0x1000 ? ', DEI' : ''}, `;
    if (type > MAX_LENGTH_FIELD) text += `${etherType(type)}, `;
  }
  return text;
}

function loopbackText(view: SegmentView): string {
  const family = readFamily(view, view.recordOffset);
  return `AF ${FAMILIES[family] ?? 'Unknown'} (${family}), length ${view.originalLength}: `;
}

/** The family is in the byte order of the capturing host: the order in which it is a small number. */
function readFamily(view: SegmentView, at: number): number {
  const b = view.recordBytes;
  const family = (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
  return family > 0xffff ? ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0 : family;
}

function cookedText(view: SegmentView): string {
  const packetType = SLL_PACKET_TYPES[word(view, 0)] ?? '?';
  const address = word(view, 4) === 6 ? `${mac(view, 6)} ` : '';
  return `${packetType.padStart(3)} ${address}${etherType(word(view, 14))}, length ${view.originalLength}: `;
}

/** tcpdump looks the interface's name up on the host it runs on, and warns that it may be wrong. */
function cooked2Text(view: SegmentView, isAsked: boolean, nameOf: InterfaceName): string {
  const at = view.recordOffset;
  const index = word(view, 4) * 0x10000 + word(view, 6);
  const packetType = SLL_PACKET_TYPES[view.recordBytes[at + 10]] ?? '?';
  const text = `${(nameOf(index) ?? '?').padEnd(5)} ${packetType.padEnd(3)} `;
  if (!isAsked) return text;
  const address = view.recordBytes[at + 11] === 6 ? `${mac(view, 12)} ` : '';
  return `${text}ifindex ${index} ${address}${etherType(word(view, 0))}, length ${view.originalLength}: `;
}
