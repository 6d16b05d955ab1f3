/** LINKTYPE_ values that are decoded or have a name here (the registry of draft-ietf-opsawg-pcaplinktype). */
export const LinkType = {
  NULL: 0,
  ETHERNET: 1,
  PPP: 9,
  /** DLT_RAW of BSD systems other than OpenBSD, written by old libpcap. */
  RAW_BSD: 12,
  /** DLT_RAW of OpenBSD. */
  RAW_OPENBSD: 14,
  PPP_HDLC: 50,
  PPP_ETHER: 51,
  ATM_RFC1483: 100,
  RAW: 101,
  CISCO_HDLC: 104,
  IEEE802_11: 105,
  FRAME_RELAY: 107,
  LOOP: 108,
  ENC: 109,
  LINUX_SLL: 113,
  PFLOG: 117,
  IEEE802_11_PRISM: 119,
  IEEE802_11_RADIOTAP: 127,
  IEEE802_11_AVS: 163,
  PPP_PPPD: 166,
  JUNIPER_ETHER: 178,
  PPI: 192,
  PPP_WITH_DIR: 204,
  CISCO_HDLC_WITH_DIR: 205,
  MPLS: 219,
  IPV4: 228,
  IPV6: 229,
  NFLOG: 239,
  IPOIB: 242,
  PKTAP: 258,
  LINUX_SLL2: 276,
} as const;

interface LinkTypeFacts {
  /** What people call it. */
  readonly name: string;
  /** Octets before the network header, VLAN tags not counted; null where they vary. */
  readonly headerLength: number | null;
}

const FACTS: Readonly<Record<(typeof LinkType)[keyof typeof LinkType], LinkTypeFacts>> = {
  [LinkType.NULL]: { name: 'BSD loopback (NULL)', headerLength: 4 },
  [LinkType.ETHERNET]: { name: 'Ethernet', headerLength: 14 },
  [LinkType.PPP]: { name: 'PPP', headerLength: null },
  [LinkType.RAW_BSD]: { name: 'raw IP', headerLength: 0 },
  [LinkType.RAW_OPENBSD]: { name: 'raw IP', headerLength: 0 },
  [LinkType.PPP_HDLC]: { name: 'PPP in HDLC framing', headerLength: null },
  [LinkType.PPP_ETHER]: { name: 'PPPoE', headerLength: null },
  [LinkType.ATM_RFC1483]: { name: 'ATM with LLC', headerLength: null },
  [LinkType.RAW]: { name: 'raw IP', headerLength: 0 },
  [LinkType.CISCO_HDLC]: { name: 'Cisco HDLC', headerLength: null },
  [LinkType.IEEE802_11]: { name: 'IEEE 802.11', headerLength: null },
  [LinkType.FRAME_RELAY]: { name: 'Frame Relay', headerLength: null },
  [LinkType.LOOP]: { name: 'OpenBSD loopback (LOOP)', headerLength: 4 },
  [LinkType.ENC]: { name: 'BSD IPsec (ENC)', headerLength: null },
  [LinkType.LINUX_SLL]: { name: 'Linux cooked (SLL)', headerLength: 16 },
  [LinkType.PFLOG]: { name: 'OpenBSD pflog', headerLength: null },
  [LinkType.IEEE802_11_PRISM]: { name: 'IEEE 802.11 with Prism header', headerLength: null },
  [LinkType.IEEE802_11_RADIOTAP]: { name: 'IEEE 802.11 with radiotap', headerLength: null },
  [LinkType.IEEE802_11_AVS]: { name: 'IEEE 802.11 with AVS header', headerLength: null },
  [LinkType.PPP_PPPD]: { name: 'PPP of pppd', headerLength: null },
  [LinkType.JUNIPER_ETHER]: { name: 'Juniper Ethernet', headerLength: null },
  [LinkType.PPI]: { name: 'Per-Packet Information (PPI)', headerLength: null },
  [LinkType.PPP_WITH_DIR]: { name: 'PPP with direction', headerLength: null },
  [LinkType.CISCO_HDLC_WITH_DIR]: { name: 'Cisco HDLC with direction', headerLength: null },
  [LinkType.MPLS]: { name: 'MPLS', headerLength: null },
  [LinkType.IPV4]: { name: 'IPv4', headerLength: 0 },
  [LinkType.IPV6]: { name: 'IPv6', headerLength: 0 },
  [LinkType.NFLOG]: { name: 'NFLOG', headerLength: null },
  [LinkType.IPOIB]: { name: 'IP over InfiniBand', headerLength: null },
  [LinkType.PKTAP]: { name: 'Apple PKTAP', headerLength: null },
  [LinkType.LINUX_SLL2]: { name: 'Linux cooked (SLL2)', headerLength: 20 },
};

function factsOf(linkType: number): LinkTypeFacts | undefined {
  return (FACTS as Readonly<Record<number, LinkTypeFacts>>)[linkType];
}

/** What people call a LINKTYPE_ value. */
export function linkName(linkType: number): string {
  return factsOf(linkType)?.name ?? `link type ${linkType}`;
}

/** Octets before the network header, VLAN tags not counted; null where they vary or the type is unknown. */
export function linkHeaderOctets(linkType: number): number | null {
  return factsOf(linkType)?.headerLength ?? null;
}

/** The record begins with the IP header. */
export function isRawIp(linkType: number): boolean {
  return linkHeaderOctets(linkType) === 0;
}
