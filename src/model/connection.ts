import type { TimeKeeper } from './budget.ts';
import { Endpoint } from './endpoint.ts';
import type { Finding } from './finding.ts';
import { definePacked, type Packed } from './packed.ts';
import type { Lendable } from './second-chance.ts';
import type { SegmentView } from './segment.ts';
import type { SeenConnection } from './sight.ts';
import { State } from './state.ts';
import { type ConnState, connStateOf } from './summary.ts';

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
  /** It was over once: see `FlowTable.ends`. */
  declare hasEnded: boolean;
  /** A detector holds the object or one of its ends (`detect/memory.ts`), so it may not take another connection. */
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

/** Words of 32 bits that the row of a connection takes. */
export const CONNECTION_ROW_WORDS = CONNECTIONS.size / 4;
