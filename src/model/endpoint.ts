import { formatAddress, formatEndpoint } from './address.ts';
import { NO_CHANGES } from './change-rooms.ts';
import type { CongestionState } from './congestion.ts';
import type { Connection } from './connection.ts';
import type { Finding } from './finding.ts';
import type { OutboundView } from './outbound.ts';
import { definePacked, NEVER, type Packed } from './packed.ts';
import type { Question } from './row.ts';
import { Basis, State, type StateHistory, Timeline } from './state.ts';
import { type EndpointSummary, Phase, streamBytes } from './summary.ts';

/**
 * One side of a connection as an observer knows it. Offsets (`snd...`) are relative to `base` (the SYN has offset 0, the
 * first byte of data 1) and widened, so they grow beyond 2^32.
 */
export class Endpoint implements Packed, StateHistory, EndpointSummary {
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly bytes: Int8Array;
  readonly row: number;

  readonly connection: Connection;
  peer!: Endpoint;
  /** 0 for the side that was seen first, 1 for the other. */
  declare index: number;
  declare w0: number;
  declare w1: number;
  declare w2: number;
  w3: number;
  port: number;

  /** A segment of this side has been seen. */
  seen = false;
  /** `base` is known: from its own segments or from what the peer acknowledges. */
  hasBase = false;
  /** Raw sequence number of offset 0: the ISS where the SYN was seen, else one before the first number seen. */
  declare base: number;
  /** Its SYN,ACK came with another ISN before, this one: until its peer acknowledges one of them, either may count. */
  declare otherIss: number;
  declare hasOtherIss: boolean;
  /** The SYN was seen, so `base` is the initial send sequence number. */
  declare hasIss: boolean;
  /** SND.NXT as far as seen: the highest end of sent sequence space. */
  sndNxt = 0;
  /** SND.UNA: the highest offset that the peer has acknowledged; -1 before the first ACK. */
  sndUna = -1;
  /** Offset right after the FIN, -1 before one was sent. */
  finEnd = -1;
  /** ACK number of this side's last segment as an offset of the peer, -1 before the first. */
  lastAck = -1;
  /** SEG.WND of the last segment, unscaled, -1 before the first. */
  rawWindow = -1;
  /** Window in bytes of the last segment, -1 while the scale is unknown. */
  window = -1;
  /** Offset of the peer's highest byte that this side's windows ever allowed; -1 unknown. */
  windowEdge = -1;

  // Options of this side's SYN.
  declare synOptions: number;
  /** Shift count that applies to this side's windows (clamped to 14), -1 unknown, 0 when not used. */
  windowShift = -1;
  /** Shift count that it offered, -1 without. */
  declare offeredShift: number;
  /** MSS option of its SYN, -1 without or unknown. */
  mss = -1;
  declare sackPermitted: boolean;
  declare timestamps: boolean;

  // Counters of what was captured.
  packets = 0;
  /** Payload bytes in all segments, repeats included. */
  payloadBytes = 0;
  /** IP bytes. */
  ipBytes = 0;
  dataPackets = 0;

  // Its states: see `timeline`.
  declare initialState: number;
  state: number = State.UNKNOWN;
  basis: number = Basis.INFERRED;
  changes: Float64Array = NO_CHANGES;
  declare changesAt: number;
  declare changesRoom: number;
  declare changeCount: number;
  /** A SYN, SYN,ACK or FIN (flag bits) of this side that the peer has not answered yet, 0 none; its latest copy and how many. */
  unansweredKind = 0;
  /** Row of the first SYN, held until the handshake shows whose it was. */
  synRow: Question | null = null;
  declare unansweredFrame: number;
  declare unansweredTime: number;
  declare unansweredCopies: number;

  // Its part of the connection summary: see `EndpointSummary` and `tcp/history.ts`.
  phase: number = Phase.INACTIVE;
  declare previousPhase: number;
  declare streamStart: number;
  streamEnd = 0;
  streamAcked = 0;
  streamFinEnd = -1;
  letters = 0;
  declare lastSyn: number;
  declare lastFin: number;
  declare lastRst: number;
  declare checksumErrors: number;
  declare gaps: number;
  declare retransmissions: number;
  declare zeroWindows: number;
  declare missedBytes: number;
  capturedTo = 1;
  capturedBeyond: number[] | null = null;

  /** Serial of its latest packet in `RecentPackets`, -1 none. */
  recent = -1;
  /** The data that it sends; null until the verdict stage saw the connection. */
  outbound: OutboundView | null = null;
  /** Its congestion control; null until it has sent enough data to tell. */
  congestion: CongestionState | null = null;
  /** Findings about rules of congestion control that it broke; null without. */
  violations: Finding[] | null = null;
  /** Segments below SND.NXT that it sent since the peer was last heard. */
  repeatsUnheard = 0;
  /** Frame of a RST in its name that it shows not to have sent, 0 without. */
  declare resetDisowned: number;
  /** Frame of this side's RST after which it is taken to be CLOSED, 0 without. */
  rstFrame = 0;
  /** When that passed (ns). */
  declare rstTime: number;

  // What the detectors look for in every segment (`detect/facts.ts`).
  /** Its latest captured segment, 0 before the first. */
  lastFrame = 0;
  /** The TTL or hop limit of most of its packets, and above its eight bits by how many it leads; -1 while none does. */
  declare ttlLead: number;
  /** Since when it has filled the peer's window (ns), `NEVER` while there is room. */
  declare windowFullSince: number;
  /** Offset whose acknowledgment ends its present loss episode, -1 without one. */
  repairEnd = -1;
  /** How it answers a loss or a timeout is being followed. */
  watched = false;
  /** Highest offset that was acknowledged before the capture saw it, while the reason is open; -1 without. */
  questionedTo = -1;

  constructor(connection: Connection, index: number, w0: number, w1: number, w2: number, w3: number, port: number) {
    const { doubles, integers, bytes, row } = ENDPOINTS.take();
    this.doubles = doubles;
    this.integers = integers;
    this.bytes = bytes;
    this.row = row;
    this.connection = connection;
    this.index = index;
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
    this.port = port;
  }

  setSocket(w0: number, w1: number, w2: number, w3: number, port: number): void {
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
    this.port = port;
  }

  /** No question about it is open. */
  get isQuiet(): boolean {
    return (
      this.synRow === null &&
      this.capturedBeyond === null &&
      this.violations === null &&
      (this.congestion === null || this.congestion.isSettled)
    );
  }

  get address(): string {
    return formatAddress(this.connection.ipVersion, this.w0, this.w1, this.w2, this.w3);
  }

  /** `10.0.0.1:80`, `[::1]:80`. */
  get name(): string {
    return formatEndpoint(this.connection.ipVersion, this.address, this.port);
  }

  /** The states that it went through; a view of its fields, made when it is asked for. */
  get timeline(): Timeline {
    return new Timeline(this);
  }

  /** Payload bytes that it sent by sequence numbers, seen or not; what Zeek calls `orig_bytes` and `resp_bytes`. */
  get streamBytes(): number {
    return streamBytes(this, this.peer);
  }

  get isClient(): boolean {
    return this === this.connection.client;
  }

  /** TTL or hop limit of most of its packets; -1 while none is that of most. */
  get ttl(): number {
    return this.ttlLead < 0 ? -1 : this.ttlLead & 255;
  }

  get role(): 'client' | 'server' {
    return this.isClient ? 'client' : 'server';
  }
}

const ENDPOINTS = definePacked(Endpoint.prototype, {
  doubles: {
    missedBytes: 0,
    lastSyn: 0,
    lastFin: 0,
    lastRst: 0,
    unansweredTime: 0,
    rstTime: 0,
    windowFullSince: NEVER,
  },
  integers: {
    w0: 0,
    w1: 0,
    w2: 0,
    ttlLead: -1,
    synOptions: 0,
    unansweredCopies: 0,
    changesAt: 0,
    changeCount: 0,
    checksumErrors: 0,
    gaps: 0,
    retransmissions: 0,
    zeroWindows: 0,
  },
  unsigned: { base: 0, otherIss: 0, streamStart: 0, unansweredFrame: 0, resetDisowned: 0 },
  small: { index: 0, offeredShift: -1, initialState: State.UNKNOWN, previousPhase: Phase.INACTIVE, changesRoom: -1 },
  flags: { hasIss: false, hasOtherIss: false, sackPermitted: false, timestamps: false },
});

/** Words of 32 bits that the row of an endpoint takes. */
export const ENDPOINT_ROW_WORDS = ENDPOINTS.size / 4;
