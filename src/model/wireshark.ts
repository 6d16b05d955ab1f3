/** Bits of `WiresharkView.flags`, one for each flag of the `tcp.analysis` tree. */
export const WiresharkFlag = {
  RETRANSMISSION: 1 << 0,
  FAST_RETRANSMISSION: 1 << 1,
  SPURIOUS_RETRANSMISSION: 1 << 2,
  OUT_OF_ORDER: 1 << 3,
  REUSED_PORTS: 1 << 4,
  LOST_SEGMENT: 1 << 5,
  ACK_LOST_SEGMENT: 1 << 6,
  WINDOW_UPDATE: 1 << 7,
  WINDOW_FULL: 1 << 8,
  KEEP_ALIVE: 1 << 9,
  KEEP_ALIVE_ACK: 1 << 10,
  DUPLICATE_ACK: 1 << 11,
  ZERO_WINDOW: 1 << 12,
  ZERO_WINDOW_PROBE: 1 << 13,
  ZERO_WINDOW_PROBE_ACK: 1 << 14,
} as const;

/** Names of the flags' fields in the order of their bits. */
export const WIRESHARK_FLAG_NAMES = [
  'tcp.analysis.retransmission',
  'tcp.analysis.fast_retransmission',
  'tcp.analysis.spurious_retransmission',
  'tcp.analysis.out_of_order',
  'tcp.analysis.reused_ports',
  'tcp.analysis.lost_segment',
  'tcp.analysis.ack_lost_segment',
  'tcp.analysis.window_update',
  'tcp.analysis.window_full',
  'tcp.analysis.keep_alive',
  'tcp.analysis.keep_alive_ack',
  'tcp.analysis.duplicate_ack',
  'tcp.analysis.zero_window',
  'tcp.analysis.zero_window_probe',
  'tcp.analysis.zero_window_probe_ack',
] as const;

const lists = new Map<number, readonly string[]>();

/** The names of the flags that are set. */
export function wiresharkFlagNames(flags: number): readonly string[] {
  let names = lists.get(flags);
  if (names === undefined) {
    names = WIRESHARK_FLAG_NAMES.filter((_, bit) => flags & (1 << bit));
    lists.set(flags, names);
  }
  return names;
}

/** What Wireshark's rules say of one packet, right or wrong. Times are in nanoseconds; frames are 0 where there is none. */
export class WiresharkView {
  /** Bits of `WiresharkFlag`. */
  flags = 0;
  duplicateAckNumber = 0;
  duplicateAckFrame = 0;
  /** The segment whose end is acknowledged, and the time since it was captured; NaN without. */
  acksFrame = 0;
  ackRtt = Number.NaN;
  /** -1 unknown. */
  bytesInFlight = -1;
  /** Payload since the last PSH, -1 unknown. */
  pushBytesSent = -1;
  /** From the last SYN to the first packet with ACK and without SYN; NaN where Wireshark shows none. */
  initialRtt = Number.NaN;
  rto = Number.NaN;
  rtoFrame = 0;
  /** `tcp.completeness` before this packet, as a single pass shows it. */
  completeness = 0;
  /** It speaks of a segment that was not captured, but the capture holds every byte that it can mean. */
  isGapWrong = false;
}
