import { formatAddress, formatEndpoint } from './address.ts';
import type { CongestionState } from './congestion.ts';
import { type DoubleFields, defineDoubles } from './doubles.ts';
import type { Finding } from './finding.ts';
import type { Flight } from './flight.ts';
import type { SegmentView } from './segment.ts';
import { State, Timeline } from './state.ts';
import { type ConnState, connStateOf, EndpointSummary } from './summary.ts';

/** Why one end is called the client. The order is that of strength. */
export const RoleReason = {
  /** Nothing but who was seen first. */
  FIRST_SENDER: 0,
  /** The other port is the lower, or a well-known one. */
  PORTS: 1,
  /** It sent a SYN,ACK: the server. */
  SYN_ACK: 2,
  /** It sent the SYN. */
  SYN: 3,
} as const;
export const ROLE_REASON_NAMES = ['first sender', 'ports', 'SYN,ACK', 'SYN'] as const;

/**
 * One side of a connection as an observer knows it. Offsets (`snd...`) are relative to `base` (the SYN has offset 0, the
 * first byte of data 1) and widened, so they grow beyond 2^32.
 */
export class Endpoint implements DoubleFields {
  readonly row = ENDPOINT_DOUBLES.take();
  readonly slab = ENDPOINT_DOUBLES.current;

  readonly connection: Connection;
  /** 0 for the side that was seen first, 1 for the other. */
  readonly index: number;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly port: number;
  peer!: Endpoint;

  /** A segment of this side has been seen. */
  seen = false;
  /** `base` is known: from its own segments or from what the peer acknowledges. */
  hasBase = false;
  /** Raw sequence number of offset 0: the ISS where the SYN was seen, else one before the first number seen. */
  declare base: number;
  /** The SYN was seen, so `base` is the initial send sequence number. */
  hasIss = false;
  /** SND.NXT as far as seen: the highest end of sent sequence space. */
  sndNxt = 0;
  /** SND.UNA: the highest offset that the peer has acknowledged; -1 before the first ACK. */
  sndUna = -1;
  /** Offset just behind the FIN, -1 before one was sent. */
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
  synOptions = 0;
  /** Shift count that applies to this side's windows (clamped to 14), -1 unknown, 0 when not used. */
  windowShift = -1;
  /** Shift count that it offered, -1 without. */
  offeredShift = -1;
  /** MSS option of its SYN, -1 without or unknown. */
  mss = -1;
  sackPermitted = false;
  timestamps = false;

  // Counters of what was captured.
  packets = 0;
  /** Payload bytes in all segments, repeats included. */
  payloadBytes = 0;
  /** IP bytes. */
  ipBytes = 0;
  dataPackets = 0;

  readonly timeline = new Timeline(State.UNKNOWN);
  /** Its part of the connection summary: see `tcp/history.ts`. */
  readonly summary = new EndpointSummary();
  /** A SYN, SYN,ACK or FIN (flag bits) of this side that the peer has not answered yet, 0 none; its latest copy and how many. */
  unansweredKind = 0;
  /** Row of the first SYN, held until the handshake shows whose it was. */
  synRow: { open: number } | null = null;
  unansweredFrame = 0;
  declare unansweredTime: number;
  unansweredCopies = 0;
  /** Serial of its latest packet in `RecentPackets`, -1 none. */
  recent = -1;
  /** What it has in flight; null until the verdict stage saw it send. */
  flight: Flight | null = null;
  /** Its congestion control; null until it has sent enough data to tell. */
  congestion: CongestionState | null = null;
  /** Findings about rules of congestion control that it broke; null without. */
  violations: Finding[] | null = null;
  /** Segments below SND.NXT that it sent since the peer was last heard. */
  repeatsUnheard = 0;
  /** Frame of a RST in its name that it shows not to have sent, 0 without. */
  resetDisowned = 0;
  /** Frame of this side's RST after which it is taken to be CLOSED, 0 without. */
  rstFrame = 0;
  declare rstTime: number;

  // What the detectors look for in every segment (`detect/facts.ts`).
  /** Its latest captured segment, 0 before the first; TTL or hop limit of the first. */
  lastFrame = 0;
  ttl = -1;
  /** Since when it has filled the peer's window (ns), -1 while there is room. */
  declare windowFullSince: number;
  /** Offset whose acknowledgment ends its present loss episode, -1 without one. */
  repairEnd = -1;
  /** How it answers a loss or a timeout is being followed. */
  watched = false;
  /** Highest offset that was acknowledged before the capture saw it, while the reason is open; -1 without. */
  questionedTo = -1;

  constructor(connection: Connection, index: number, w0: number, w1: number, w2: number, w3: number, port: number) {
    this.connection = connection;
    this.index = index;
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
    this.port = port;
  }

  get address(): string {
    return formatAddress(this.connection.ipVersion, this.w0, this.w1, this.w2, this.w3);
  }

  /** `10.0.0.1:80`, `[::1]:80`. */
  get name(): string {
    return formatEndpoint(this.connection.ipVersion, this.address, this.port);
  }

  get state(): number {
    return this.timeline.state;
  }

  /** Payload bytes that it sent by sequence numbers, seen or not; what Zeek calls `orig_bytes` and `resp_bytes`. */
  get streamBytes(): number {
    return this.summary.bytes(this.peer.summary);
  }

  get isClient(): boolean {
    return this === this.connection.client;
  }

  get role(): 'client' | 'server' {
    return this.isClient ? 'client' : 'server';
  }
}

/** One incarnation of a pair of sockets. */
export class Connection implements DoubleFields {
  readonly row = CONNECTION_DOUBLES.take();
  readonly slab = CONNECTION_DOUBLES.current;

  /** Stream number: 0-based, in order of the first packet, as `tcp.stream`. */
  readonly id: number;
  readonly ipVersion: number;
  /** The side that was seen first, and the other. */
  readonly a: Endpoint;
  readonly b: Endpoint;
  client: Endpoint;
  server: Endpoint;
  roleReason: number = RoleReason.FIRST_SENDER;

  readonly firstFrame: number;
  /** Nanoseconds since the first record of the capture. */
  declare firstTime: number;
  lastFrame = 0;
  declare lastTime: number;
  /** The earliest and the latest time of its packets: others than of the first and the last where the clock stepped back. */
  declare earliestTime: number;
  declare latestTime: number;
  packets = 0;

  /** Time of the first SYN and SYN,ACK and of the ACK that completed the handshake; NaN while not seen. */
  declare synTime: number;
  declare synAckTime: number;
  declare handshakeTime: number;
  /** A SYN or SYN,ACK was seen. */
  sawHandshake = false;
  /** Packets that were seen twice. */
  duplicateFrames = 0;
  /** The earlier incarnation of the same pair of sockets. */
  readonly previous: Connection | null;

  /** What happened, a letter each, as in `history` of Zeek's connection log; see `tcp/history.ts`. */
  historyText = '';
  /** Whom the upper case letters stand for at the end of `historyText`. */
  historyClient: Endpoint;

  /** The filter accepts a packet of it. */
  isSelected = false;

  /** An ICMP error other than "too big" was seen about it. */
  icmpError = false;

  readonly findings: Finding[] = [];

  /** Its line of time, as the stage of the time budget keeps it; null without that. */
  life: object | null = null;

  /** `view` is its first segment, whose sender becomes side `a`. */
  constructor(id: number, view: SegmentView, previous: Connection | null) {
    this.id = id;
    this.ipVersion = view.ipVersion;
    this.a = new Endpoint(this, 0, view.src0, view.src1, view.src2, view.src3, view.srcPort);
    this.b = new Endpoint(this, 1, view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort);
    this.a.peer = this.b;
    this.b.peer = this.a;
    this.client = this.a;
    this.server = this.b;
    this.historyClient = this.a;
    this.firstFrame = view.frame;
    this.firstTime = view.time;
    this.lastTime = view.time;
    this.earliestTime = view.time;
    this.latestTime = view.time;
    this.previous = previous;
  }

  /** Decides who is the client, unless stronger evidence has already decided. */
  assignClient(client: Endpoint, reason: number): void {
    if (reason < this.roleReason) return;
    if (reason === this.roleReason && reason !== RoleReason.FIRST_SENDER) return;
    this.roleReason = reason;
    this.client = client;
    this.server = client.peer;
  }

  /** Nanoseconds from its earliest packet to its latest. */
  get duration(): number {
    return this.latestTime - this.earliestTime;
  }

  /** Nanoseconds from the first SYN to the ACK that completed the handshake; NaN while that is not known. */
  get handshakeDuration(): number {
    const taken = this.handshakeTime - this.synTime;
    return taken >= 0 ? taken : Number.NaN;
  }

  /** As `conn_state` of Zeek's connection log. */
  get connState(): ConnState {
    return connStateOf(this.client.summary, this.server.summary, this.historyText);
  }

  /** Both ends are CLOSED or in TIME-WAIT, or a reset ended it: the pair of sockets may be used again. */
  get isOver(): boolean {
    return isOver(this.a.state) && isOver(this.b.state);
  }
}

function isOver(state: number): boolean {
  return state === State.CLOSED || state === State.TIME_WAIT || state === State.LISTEN;
}

const ENDPOINT_DOUBLES = defineDoubles(Endpoint.prototype, {
  base: 0,
  unansweredTime: 0,
  rstTime: 0,
  windowFullSince: -1,
});

const CONNECTION_DOUBLES = defineDoubles(Connection.prototype, {
  firstTime: 0,
  lastTime: 0,
  earliestTime: 0,
  latestTime: 0,
  synTime: Number.NaN,
  synAckTime: Number.NaN,
  handshakeTime: Number.NaN,
});
