/** Types of ICMP messages that quote the packet that they complain of (RFC 792, RFC 1122 section 3.2.2). */
export const IcmpType = {
  UNREACHABLE: 3,
  SOURCE_QUENCH: 4,
  REDIRECT: 5,
  TIME_EXCEEDED: 11,
  PARAMETER_PROBLEM: 12,
} as const;

/** Code of `IcmpType.UNREACHABLE`: "fragmentation needed and DF set" (RFC 792). */
export const FRAGMENTATION_NEEDED = 4;

/** The same of ICMPv6 (RFC 4443 section 3): errors are the types from the first to the last of these. */
export const Icmp6Type = { UNREACHABLE: 1, PACKET_TOO_BIG: 2, TIME_EXCEEDED: 3, PARAMETER_PROBLEM: 4 } as const;
