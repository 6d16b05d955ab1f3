const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'BSD loopback (NULL)'],
  [1, 'Ethernet'],
  [9, 'PPP'],
  [12, 'raw IP'],
  [14, 'raw IP'],
  [50, 'PPP in HDLC framing'],
  [51, 'PPPoE'],
  [101, 'raw IP'],
  [104, 'Cisco HDLC'],
  [105, 'IEEE 802.11'],
  [108, 'OpenBSD loopback (LOOP)'],
  [109, 'BSD IPsec (ENC)'],
  [113, 'Linux cooked (SLL)'],
  [117, 'OpenBSD pflog'],
  [127, 'IEEE 802.11 with radiotap'],
  [166, 'PPP of pppd'],
  [178, 'Juniper Ethernet'],
  [204, 'PPP with direction'],
  [205, 'Cisco HDLC with direction'],
  [219, 'MPLS'],
  [228, 'IPv4'],
  [229, 'IPv6'],
  [239, 'NFLOG'],
  [242, 'IP over InfiniBand'],
  [258, 'Apple PKTAP'],
  [276, 'Linux cooked (SLL2)'],
]);

/** What people call a LINKTYPE_ value. */
export function linkName(linkType: number): string {
  return NAMES.get(linkType) ?? `link type ${linkType}`;
}
