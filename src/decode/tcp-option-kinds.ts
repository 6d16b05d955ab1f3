/** TCP option kinds (IANA TCP Option Kind Numbers) that the decoder reads. */
export const OptionKind = {
  END: 0,
  NOP: 1,
  MSS: 2,
  WSCALE: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  TIMESTAMPS: 8,
  MD5: 19,
  USER_TIMEOUT: 28,
  AO: 29,
  MPTCP: 30,
  TFO: 34,
  ACCECN_0: 172,
  ACCECN_1: 174,
  EXPERIMENT_1: 253,
  EXPERIMENT_2: 254,
} as const;

/** Experiment identifiers (RFC 6994; IANA TCP/UDP ExIDs) of options that also have, or had, a meaning to the decoder. */
export const ExId = {
  /** TFO before it had a kind (RFC 7413 section 9). */
  TFO: 0xf989,
  ACCECN_0: 0xacc0,
  ACCECN_1: 0xacc1,
  ACCECN: 0xacce,
} as const;

/** RFC 7413 section 4.1.1: 4 to 16 octets, an even number; none is a request. */
export function isCookieLength(length: number): boolean {
  return length === 0 || (length >= 4 && length <= 16 && (length & 1) === 0);
}

/** RFC 9768 section 3.2.3: none to three counters of three octets. */
export function isAccEcnLength(length: number): boolean {
  return length === 2 || length === 5 || length === 8 || length === 11;
}
