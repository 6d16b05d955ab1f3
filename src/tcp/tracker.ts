import { type Connection, RoleReason } from '../model/connection.ts';
import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { seqAdd, widen } from '../model/seq.ts';
import { MAX_WINDOW_SHIFT } from '../model/tcp-constants.ts';
import { TrackedSegment } from '../model/tracked.ts';
import { FlowTable, type Replay, senderIsA } from './flow-table.ts';
import {
  beforeOtherAnswers,
  belongsToPrevious,
  goesOnWith,
  mayBeAnother,
  startsNewIncarnation,
} from './incarnations.ts';
import { chooseIss, mayHaveBegunWithProbe, placeOrigin, placeOriginByAck } from './origin.ts';
import { guessRoles } from './roles.ts';

/** Gives every segment its connection, its direction and its relative numbers. */
export class Tracker {
  readonly flows: FlowTable;
  private readonly tracked = new TrackedSegment();

  /** `replay` does to a connection what its first SYN does, where that had waited for an answer. */
  constructor(replay?: Replay) {
    this.flows = new FlowTable(replay);
  }

  /**
   * The returned object is reused by the next call. `place` has the sockets and numbers by which the segment belongs to its
   * connection, where those that it shows are another view's. `current` is what `flows.find` said of it.
   */
  track(
    view: SegmentView,
    place: SegmentView = view,
    current: Connection | null = this.flows.find(place),
  ): TrackedSegment {
    const connection = this.connectionOf(place, current);
    const t = this.tracked;
    t.begin();
    const sender = senderIsA(connection, place) ? connection.a : connection.b;
    const receiver = sender.peer;
    // Often it is that of the packet before, and the garbage collector need not hear of it again.
    if (t.connection !== connection) t.connection = connection;
    if (t.sender !== sender) {
      t.sender = sender;
      t.receiver = receiver;
    }
    t.opened = connection.packets === 0;
    if (t.opened && connection.firstFrame !== view.frame) connection.begin(view);
    t.sinceStart = view.time - connection.firstTime;
    t.sincePrevious = t.opened ? 0 : view.time - connection.lastTime;

    this.placeInSequenceSpace(t, place);
    if (view.flags & SYN && !t.unacceptableSyn) negotiate(t, view);
    else if (connection.roleReason === RoleReason.FIRST_SENDER && t.opened) guessRoles(connection);
    readWindow(t, view);
    noteHandshakeTimes(t, view);

    connection.packets++;
    connection.lastFrame = view.frame;
    connection.lastTime = view.time;
    if (view.time < connection.earliestTime) connection.earliestTime = view.time;
    else if (view.time > connection.latestTime) connection.latestTime = view.time;
    sender.seen = true;
    sender.packets++;
    sender.ipBytes += view.ipTotalLength;
    if (view.payloadLength > 0) {
      sender.dataPackets++;
      sender.payloadBytes += view.payloadLength;
    }
    return t;
  }

  /** The connection to which a segment belongs that is not tracked; null where it would begin one and may not. */
  resolve(view: SegmentView, mayOpen: boolean): Connection | null {
    const current = this.flows.find(view);
    if (!mayOpen && (current === null || (mayBeAnother(current, view) && startsNewIncarnation(current, view))))
      return null;
    return this.connectionOf(view, current);
  }

  private connectionOf(view: SegmentView, current: Connection | null): Connection {
    if (current === null) return this.flows.open(view);
    const previous = beforeOtherAnswers(current);
    if (mayBeAnother(current, view)) {
      if (previous !== null && goesOnWith(previous, current, view)) return previous;
      if (startsNewIncarnation(current, view)) return this.flows.open(view);
    }
    if (previous !== null && belongsToPrevious(current, previous, view)) return previous;
    return current;
  }

  private placeInSequenceSpace(t: TrackedSegment, view: SegmentView): void {
    const { sender, receiver } = t;
    const { flags } = view;
    if (!sender.hasBase || flags & SYN) placeOrigin(t, view);
    if (sender.sndNxt === 1 && view.seq === seqAdd(sender.base, 2) && mayHaveBegunWithProbe(sender)) sender.sndNxt = 2;
    const { base, sndNxt } = sender;
    t.previousSndNxt = sndNxt;
    t.seq = widen(view.seq, base, sndNxt);
    t.end = t.seq + view.payloadLength + numbersOfControl(flags);
    if (flags & ACK) {
      if (!receiver.hasBase) placeOriginByAck(receiver, view);
      else if (receiver.hasOtherIss) chooseIss(receiver, view);
      t.ack = widen(view.ack, receiver.base, receiver.sndNxt);
      if (t.ack === 2 && mayHaveBegunWithProbe(receiver)) receiver.sndNxt = 2;
    } else t.ack = -1;
  }
}

/** SYN and FIN take a sequence number each (RFC 9293 section 3.4). */
function numbersOfControl(flags: number): number {
  return ((flags & SYN) >> 1) + (flags & FIN);
}

/** What the SYNs say: roles, window scale, MSS, SACK, timestamps (RFC 7323 section 2.2, RFC 2018 section 2, RFC 9293 3.7.1). */
function negotiate(t: TrackedSegment, view: SegmentView): void {
  const { connection, sender, receiver } = t;
  connection.sawHandshake = true;
  const answers = (view.flags & ACK) !== 0;
  if (answers) connection.assignClient(receiver, RoleReason.SYN_ACK);
  else connection.assignClient(sender, RoleReason.SYN);

  sender.synOptions = view.options;
  sender.mss = view.options & Option.MSS ? view.mss : -1;
  sender.offeredShift = view.options & Option.WSCALE ? Math.min(view.wscale, MAX_WINDOW_SHIFT) : -1;
  sender.sackPermitted = (view.options & Option.SACK_PERMITTED) !== 0;
  sender.timestamps = (view.options & Option.TIMESTAMPS) !== 0;

  if (sender.offeredShift < 0 && view.options & Option.CUT) {
    // The capture holds only the first of the options: whether there was one is unknown.
  } else if (sender.offeredShift < 0) {
    sender.windowShift = 0;
    receiver.windowShift = 0;
  } else if (receiver.hasIss && (receiver.offeredShift >= 0 || !(receiver.synOptions & Option.CUT))) {
    const both = receiver.offeredShift >= 0;
    sender.windowShift = both ? sender.offeredShift : 0;
    receiver.windowShift = both ? receiver.offeredShift : 0;
  } else if (answers) {
    // The SYN was not captured, or only the first of its options, but it offered scaling: a SYN,ACK may carry the option only then.
    sender.windowShift = sender.offeredShift;
  }
}

function readWindow(t: TrackedSegment, view: SegmentView): void {
  const { sender } = t;
  if (view.flags & SYN) {
    t.windowShift = -2;
    t.window = view.rawWindow;
  } else {
    t.windowShift = sender.windowShift;
    t.window = sender.windowShift < 0 ? -1 : view.rawWindow << sender.windowShift;
  }
}

function noteHandshakeTimes(t: TrackedSegment, view: SegmentView): void {
  const { connection, sender } = t;
  if (view.flags & SYN) {
    if (t.unacceptableSyn) return;
    if (view.flags & ACK) {
      if (Number.isNaN(connection.synAckTime)) connection.synAckTime = view.time;
    } else if (Number.isNaN(connection.synTime) && !(view.time >= connection.synAckTime)) {
      // Captured after its answer, a SYN does not show when it was sent.
      connection.synTime = view.time;
    }
  } else if (
    Number.isNaN(connection.handshakeTime) &&
    !Number.isNaN(connection.synAckTime) &&
    sender === connection.client &&
    t.ack >= 1 &&
    !(view.flags & RST)
  ) {
    connection.handshakeTime = view.time;
  }
}

/** Notes that the segment was the latest of its sender. Called when all stages have seen it, whatever it is. */
export function noteLatest({ sender }: TrackedSegment, view: SegmentView): void {
  // Middleboxes answer with resets in the name of a host.
  if (!(view.flags & RST)) sender.ttlLead = ttlLead(sender.ttlLead, view.ttl);
  sender.lastFrame = view.frame;
}

/** The largest lead of a TTL, in packets. A TTL that has changed for good takes the lead after as many packets. */
const MOST_LEAD = 16;

/** The TTL of most packets so far, with its lead above its eight bits, after one more packet; -1 where two are even. */
export function ttlLead(lead: number, ttl: number): number {
  if (lead < 0) return 256 + ttl;
  if ((lead & 255) === ttl) return lead < MOST_LEAD << 8 ? lead + 256 : lead;
  return lead < 512 ? -1 : lead - 256;
}

/** Moves the sender's and the receiver's variables past the segment. Called when all stages have seen it. */
export function advance(t: TrackedSegment, view: SegmentView): void {
  const { sender, receiver } = t;
  receiver.repeatsUnheard = 0;
  if (t.seq < t.previousSndNxt && !(view.flags & RST)) sender.repeatsUnheard++;
  // A reset may carry any number of an attacker's choice, and a stray SYN is not part of the stream.
  if (!t.unacceptableSyn && !(view.flags & RST) && t.end > sender.sndNxt) sender.sndNxt = t.end;
  if (view.flags & RST) return;
  // An old segment that comes late does not take the window and the ACK back (RFC 9293 section 3.10.7.4, SND.WL1 and SND.WL2).
  if (t.ack >= 0 && t.ack < sender.lastAck) return;
  if (t.ack >= 0) {
    sender.lastAck = t.ack;
    const una = Math.min(t.ack, receiver.sndNxt);
    if (una > receiver.sndUna) receiver.sndUna = una;
  }
  sender.rawWindow = view.rawWindow;
  sender.window = t.window;
  if (t.ack >= 0 && t.window >= 0 && t.ack + t.window > sender.windowEdge) sender.windowEdge = t.ack + t.window;
}
