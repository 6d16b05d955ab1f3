import type { Token } from './lexer.ts';
import { CONSTANTS, ETHER_PROTOCOLS, IP_PROTOCOLS } from './names.ts';

/** Words before an address, a port or a number. */
export const TYPES = ['host', 'net', 'port', 'portrange', 'proto'];
/** All of them mean Ethernet here. */
export const LINK_NAMES = ['ether', 'link', 'fddi', 'tr', 'ppp', 'slip'];

/** Primitives and qualifiers of pcap-filter(7) that ask for what a segment does not tell. */
export const UNSUPPORTED = new Set(
  (
    'gateway protochain wlan type subtype dir addr1 addr2 addr3 addr4 ra ta ifname on rnr rulenum reason rset ruleset ' +
    'srnr subrulenum action mpls pppoed pppoes geneve vxlan lane llc metac bcc sc ilmic connectmsg metaconnect oam ' +
    'oamf4 vpi vci iso clnp esis isis l1 l2 iih lsp snp csnp psnp decnet atalk aarp lat moprc mopdl sca stp ipx ' +
    'netbeui igrp carp radio byte'
  ).split(' '),
);

const KEYWORDS = new Set([
  ...TYPES,
  ...LINK_NAMES,
  ...IP_PROTOCOLS.keys(),
  ...ETHER_PROTOCOLS.keys(),
  ...CONSTANTS.keys(),
  ...['src', 'dst', 'and', 'or', 'not', 'mask', 'less', 'greater', 'len', 'length', 'vlan', 'inbound', 'outbound'],
  ...['multicast', 'broadcast'],
]);

/** It has a meaning of its own, so that it is no name. */
export const isKeyword = (token: Token) => !token.isQuoted && KEYWORDS.has(token.text);
