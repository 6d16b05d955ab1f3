/** IP protocol numbers (IANA Assigned Internet Protocol Numbers) that lead to TCP. */
export const Protocol = {
  HOP_BY_HOP: 0,
  ICMP: 1,
  IPV4: 4,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  ROUTING: 43,
  FRAGMENT: 44,
  GRE: 47,
  AUTHENTICATION: 51,
  ICMPV6: 58,
  NO_NEXT_HEADER: 59,
  DESTINATION_OPTIONS: 60,
  MOBILITY: 135,
  MPLS: 137,
  HOST_IDENTITY: 139,
  SHIM6: 140,
} as const;

/** Octets of an IPv6 header without extension headers (RFC 8200 section 3). */
export const IPV6_HEADER = 40;

/** False for protocols that are not decoded further: keeping their fragments would only cost memory. */
export function reassembles(protocol: number): boolean {
  switch (protocol) {
    case Protocol.TCP:
    case Protocol.UDP:
    case Protocol.ICMP:
    case Protocol.ICMPV6:
    case Protocol.GRE:
    case Protocol.IPV4:
    case Protocol.IPV6:
    case Protocol.AUTHENTICATION:
    case Protocol.DESTINATION_OPTIONS:
    case Protocol.ROUTING:
    case Protocol.MPLS:
      return true;
    default:
      return false;
  }
}
