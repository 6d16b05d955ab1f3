import { formatAddress, formatEndpoint } from './address.ts';
import type { TimeKeeper } from './budget.ts';
import { NO_CHANGES } from './change-rooms.ts';
import type { CongestionState } from './congestion.ts';
import type { Finding } from './finding.ts';
import type { OutboundView } from './outbound.ts';
import { definePacked, NEVER, type Packed } from './packed.ts';
import type { Question } from './row.ts';
import type { Lendable } from './second-chance.ts';
import type { SegmentView } from './segment.ts';
import type { SeenConnection } from './sight.ts';
import { Basis, State, type StateHistory, Timeline } from './state.ts';
import { type ConnState, connStateOf, type EndpointSummary, Phase, streamBytes } from './summary.ts';

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

/** One incarnation of a pair of sockets. */
export class Connection implements Packed, Lendable {
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  readonly bytes: Int8Array;
  readonly row: number;

  /** Stream number: 0-based, in order of the first packet, as `tcp.stream`. */
  declare id: number;
  ipVersion: number;
  /** The side that was seen first, and the other. */
  readonly a: Endpoint;
  readonly b: Endpoint;
  /** The client is `b`: see `assignClient`. */
  isClientB = false;
  roleReason: number = RoleReason.FIRST_SENDER;

  declare firstFrame: number;
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
  declare duplicateFrames: number;
  /** The earlier incarnation of the same pair of sockets; null without, and when that has left the analysis. */
  previous: Connection | null;
  /** Stream number of the earlier incarnation, -1 without. */
  declare previousId: number;
  /** Stream number of the connection that left the analysis before, and whose late packets these are; -1 otherwise. */
  declare continues: number;
  /** It left the analysis before the input ended (`tcp/eviction.ts`). */
  declare hasLeft: boolean;
  /** Of its sockets, as the flow table finds it. */
  declare hash: number;
  /** A later incarnation of the same sockets refers to it. */
  declare hasFollowed: boolean;
  /** It was over: see `FlowTable.ends`. */
  declare hasEnded: boolean;
  /** Somebody else holds the object, or one of its ends, and will know it again. */
  declare isRemembered: boolean;
  /** Its place among those that have an object, and whether it was heard since it was looked at: see `SecondChance`. */
  place = -1;
  wasUsed = true;

  /** What happened, a letter each, as in `history` of Zeek's connection log; see `tcp/history.ts`. */
  historyText = '';
  /** At the end of `historyText` the upper case letters stand for side `b`. */
  isHistoryOfB = false;

  /** The filter accepts a packet of it. */
  isSelected = false;

  /** An ICMP error other than "too big" was seen about it. */
  declare icmpError: boolean;

  private found: Finding[] | null = null;

  /** As several vantages saw it; null where it has one view. */
  views: SeenConnection | null = null;

  /** Its line of time, as the stage of the time budget keeps it; null without that. */
  life: TimeKeeper | null = null;

  /** `view` is its first segment, whose sender becomes side `a`. */
  constructor(id: number, view: SegmentView, previous: Connection | null) {
    const { doubles, integers, bytes, row } = CONNECTIONS.take();
    this.doubles = doubles;
    this.integers = integers;
    this.bytes = bytes;
    this.row = row;
    this.id = id;
    this.ipVersion = view.ipVersion;
    this.a = new Endpoint(this, 0, view.src0, view.src1, view.src2, view.src3, view.srcPort);
    this.b = new Endpoint(this, 1, view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort);
    this.a.peer = this.b;
    this.b.peer = this.a;
    this.begin(view);
    this.previous = null;
    if (previous !== null) this.follow(previous);
  }

  /** It takes the sockets of an earlier incarnation. */
  follow(previous: Connection): void {
    this.previous = previous;
    this.previousId = previous.id;
    previous.hasFollowed = true;
  }

  /** The object becomes that of a connection of which `view` is the first segment. All else is as in a new one. */
  restart(id: number, view: SegmentView): void {
    this.id = id;
    this.ipVersion = view.ipVersion;
    this.a.setSocket(view.src0, view.src1, view.src2, view.src3, view.srcPort);
    this.b.setSocket(view.dst0, view.dst1, view.dst2, view.dst3, view.dstPort);
    this.begin(view);
  }

  /** Nothing about it is open, so it is known whether it can be written down. */
  get canRest(): boolean {
    return this.a.isQuiet && this.b.isQuiet;
  }

  /**
   * More than numbers is known of it, or somebody holds the object, and that stays so. Otherwise one that is quiet can be written down
   * (`connection-words.ts`), as far as the owners of its time and of what it has sent can do that, and the object may take another.
   */
  get keepsObject(): boolean {
    return (
      this.found !== null ||
      this.isRemembered ||
      this.hasFollowed ||
      this.previous !== null ||
      this.views !== null ||
      this.a.congestion !== null ||
      this.b.congestion !== null
    );
  }

  /** Its first packet. Where another vantage saw one before, the connection is there before it. */
  begin(view: SegmentView): void {
    this.firstFrame = view.frame;
    this.firstTime = view.time;
    this.lastTime = view.time;
    this.earliestTime = view.time;
    this.latestTime = view.time;
  }

  /** Decides who is the client, unless stronger evidence has already decided. */
  assignClient(client: Endpoint, reason: number): void {
    if (reason < this.roleReason) return;
    if (reason === this.roleReason && reason !== RoleReason.FIRST_SENDER) return;
    this.roleReason = reason;
    this.isClientB = client === this.b;
  }

  get client(): Endpoint {
    return this.isClientB ? this.b : this.a;
  }

  get server(): Endpoint {
    return this.isClientB ? this.a : this.b;
  }

  /** Most connections have none. */
  get findings(): readonly Finding[] {
    return this.found ?? NO_FINDINGS;
  }

  addFinding(finding: Finding): void {
    if (this.found === null) this.found = [finding];
    else this.found.push(finding);
  }

  /** Takes back those that `isReplaced` accepts. */
  withdrawFindings(isReplaced: (finding: Finding) => boolean): void {
    if (this.found !== null) this.found = this.found.filter((finding) => !isReplaced(finding));
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
    return connStateOf(this.client, this.server, this.historyText);
  }

  /** Both ends are CLOSED or in TIME-WAIT, or a reset ended it: the pair of sockets may be used again. */
  get isOver(): boolean {
    return isOver(this.a.state) && isOver(this.b.state);
  }
}

function isOver(state: number): boolean {
  return state === State.CLOSED || state === State.TIME_WAIT || state === State.LISTEN;
}

const NO_FINDINGS: readonly Finding[] = [];

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

const CONNECTIONS = definePacked(Connection.prototype, {
  doubles: {
    firstTime: 0,
    lastTime: 0,
    earliestTime: 0,
    latestTime: 0,
    synTime: Number.NaN,
    synAckTime: Number.NaN,
    handshakeTime: Number.NaN,
  },
  integers: { id: 0, hash: 0, duplicateFrames: 0, previousId: -1, continues: -1 },
  unsigned: { firstFrame: 0 },
  flags: { icmpError: false, hasLeft: false, hasFollowed: false, hasEnded: false, isRemembered: false },
});

/** Words of 32 bits in the rows of these classes. */
export const ROW_WORDS = { connection: CONNECTIONS.size / 4, endpoint: ENDPOINTS.size / 4 };
