import type { Endpoint } from './endpoint.ts';

/** Whose bytes count where two segments that wait for a hole to be filled hold the same place of the stream. */
export const OVERLAP_POLICIES = ['first', 'last', 'linux', 'bsd', 'windows', 'solaris'] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/**
 * What becomes of the octet that an urgent pointer names: it stays in the stream, is taken out and handed over alone
 * ("out of band"), or is taken out and forgotten. It takes its place in the sequence space in any case.
 */
export const URGENT_MODES = ['inline', 'oob', 'drop'] as const;
export type UrgentMode = (typeof URGENT_MODES)[number];

/**
 * Why bytes of a stream are not there.
 * - `missing-in-capture`: the receiver acknowledged them, so they were sent, but no captured segment holds them.
 * - `lost`: the receiver was heard again after the hole and still lacked them, and no later segment filled it.
 * - `snaplen-cut`: their segment is there, but the capture kept only the front of it.
 * - `before-start`: sent before the capture began; of unknown length (start = end) when nothing tells how many.
 * - `unacked-at-end`: the capture ended before the receiver said whether it had them.
 */
export const GAP_TYPES = ['missing-in-capture', 'lost', 'snaplen-cut', 'before-start', 'unacked-at-end'] as const;
export type GapType = (typeof GAP_TYPES)[number];

/** Where a segment came from: enough to tell two senders apart. */
export interface Stamp {
  readonly frame: number;
  /** Nanoseconds since the first record. */
  readonly time: number;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** IPv4 identification, -1 without one. */
  readonly ipId: number;
}

/** One of two contents for the same place. */
export interface ConflictCopy extends Stamp {
  /** From `Conflict.contentStart` on, at most `CONFLICT_CONTENT` bytes. */
  bytes: Uint8Array;
}

export const CONFLICT_CONTENT = 256;

/** Two segments hold different bytes for the same place. Offsets count the stream's bytes from 0. */
export interface Conflict {
  sender: Endpoint;
  /** The range that both hold. */
  start: number;
  end: number;
  /** First offset at which they differ. */
  differsAt: number;
  /** Offset of the first byte in both contents. */
  contentStart: number;
  earlier: ConflictCopy;
  later: ConflictCopy;
  /** The bytes had been delivered: the earlier ones stand whatever the policy. */
  delivered: boolean;
  kept: 'earlier' | 'later';
  /** Whose bytes each policy takes in this place. */
  picks: Record<OverlapPolicy, 'earlier' | 'later'>;
}

/** Why the payload of a captured segment is no part of the stream. */
export const EXCLUSIONS = {
  'bad-checksum': 'damaged on its way: its receiver drops it',
  stray: 'has no place in the stream: forged, or far beyond the window',
  'stray-syn': 'on a SYN that belongs to no handshake of the connection',
  'reset-text': 'text of a reset is no data (RFC 9293 section 3.5.3)',
  'no-ack': 'without the ACK bit: the receiver drops it (RFC 9293 section 3.10.7.4)',
  'after-fin': 'after the FIN: the receiver ignores it (RFC 9293 section 3.10.7.4)',
  'syn-data-ignored':
    'on the SYN, not acknowledged by the SYN,ACK: sent again if it was wanted (RFC 7413 section 4.2.2)',
  'before-start': 'before the place where the capture took up the stream',
  late: 'for a gap that had already been given up',
} as const;
export type Exclusion = keyof typeof EXCLUSIONS;

export interface Excluded {
  sender: Endpoint;
  /** Offsets in the stream, as far as the segment's number can be believed. */
  start: number;
  end: number;
  frame: number;
  time: number;
  reason: Exclusion;
}

/** A bound of the reassembly was met: what it did instead of holding more. */
export interface LimitHit {
  sender: Endpoint;
  what: 'hole given up' | 'unacknowledged bytes delivered' | 'urgent pointer ignored';
  offset: number;
  frame: number;
}

export interface StreamEnd {
  sender: Endpoint;
  /** How the sender ended its stream: FIN or RST, or not within the capture. */
  by: 'fin' | 'reset' | 'capture';
  /** Bytes handed over in chunks, and octets taken out as urgent. */
  bytes: number;
  urgentBytes: number;
  /** Bytes in gaps. */
  missing: number;
  /** Offset after the last byte that is known to exist. */
  length: number;
  /** How many bytes at the end, gaps included, the receiver never acknowledged; -1 when no ACK of it was seen. */
  unacknowledged: number;
  /** Bytes that the sender sent after its own RST: that RST, or these bytes, may be forged. */
  afterReset: number;
  gaps: number;
  conflicts: number;
  excluded: number;
}

/**
 * Takes the two streams of a connection. In each direction chunks and gaps come in order and without overlap; between the
 * directions they come in the order in which they became known. Offsets count from 0 and are exact beyond 4 GiB.
 */
export interface StreamSink {
  /** `bytes` is valid until this returns. `frame` and `time` (ns) are those of the segment that brought them. */
  chunk(sender: Endpoint, offset: number, bytes: Uint8Array, frame: number, time: number): void;
  gap(sender: Endpoint, start: number, end: number, type: GapType): void;
  /** The octet that an urgent pointer names; with `inline` it is also in the next chunk. Not called with `drop`. */
  urgent?(sender: Endpoint, offset: number, octet: number, frame: number, time: number): void;
  conflict?(conflict: Conflict): void;
  excluded?(excluded: Excluded): void;
  limit?(hit: LimitHit): void;
  end?(end: StreamEnd): void;
}
