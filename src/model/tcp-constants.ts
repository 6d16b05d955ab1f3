/** Numbers that the RFCs fix and several stages use. */

/** Segments that a sender may have under way before the first ACK (RFC 6928 section 2). */
export const INITIAL_WINDOW = 10;

/** Largest shift count of the window scale option; a larger one is used as this (RFC 7323 section 2.3). */
export const MAX_WINDOW_SHIFT = 14;

/** No window is larger, in bytes: 65535 * 2^14, rounded up (RFC 7323 section 2.3). */
export const LARGEST_WINDOW = 2 ** 30;

/** Send MSS without the MSS option, in bytes, over IPv4 and over IPv6 (RFC 9293 section 3.7.1). */
export const DEFAULT_MSS = 536;
export const DEFAULT_MSS_V6 = 1220;

/** Duplicate ACKs, or segments SACKed above it, that tell that one is lost: DupThresh (RFC 5681 section 3.2, RFC 6675 section 2). */
export const DUP_THRESH = 3;

/** Common stacks hold an ACK back for no longer than this, ns (Linux: TCP_DELACK_MAX); RFC 9293 section 3.8.6.3 allows half a second. */
export const DELAYED_ACK = 200e6;

/** A SYN without an answer is sent again within this time at the latest, ns: RFC 6298 section 2.1 says 1 s, older stacks wait 3 s (RFC 1122 section 4.2.3.1). */
export const LONGEST_SYN_TIMER = 3e9;

/** Longest life of a segment in the network, ns: MSL (RFC 9293 section 3.4.2). */
export const MSL = 120e9;
