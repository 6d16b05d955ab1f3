import { type Role, type Told, tell } from '../messages/story.ts';
import { ACK, CWR, ECE, FIN, RST, SYN } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { STATE_NAMES, State, type StateName } from '../model/state.ts';
import { Kind } from '../model/verdict.ts';
import { waiting } from './closing.ts';
import { negotiated } from './opening.ts';
import { type Sent, Side } from './sent.ts';

/** One packet of the walk through a connection. */
export interface Step {
  readonly row: PacketRow;
  /** What it is and why it was sent. */
  readonly what: readonly Told[];
  /** Why it has its sequence number, what it acknowledges, its window. */
  readonly numbers: readonly Told[];
  readonly acknowledges: readonly Told[];
  readonly window: readonly Told[];
  readonly options: readonly Told[];
  /** The states that follow. */
  readonly states: readonly Told[];
  readonly verdict: readonly Told[];
}

/** Blocks of SACK that are told. */
const MOST_BLOCKS = 4;

/** Walks through one connection, packet by packet in their order: each is told by what came before it. */
export class Steps {
  private readonly sides: readonly [Side, Side] = [new Side(), new Side()];
  /** Index of the side that sent data last, -1 none. */
  private talker = -1;

  take(row: PacketRow): Step {
    const own = this.sides[row.sender.index];
    const peer = this.sides[row.sender.peer.index];
    const covered = row.ack > own.highestAck ? peer.acknowledged(row.ack) : [];
    const step: Step = {
      row,
      what: this.what(row, own, peer, covered),
      numbers: numbers(row, own),
      acknowledges: acknowledges(row, own, peer, covered),
      window: windows(row, own),
      options: options(row, own),
      states: states(row),
      verdict: verdict(row),
    };
    if (row.view.payloadLength > 0) this.talker = row.sender.index;
    own.take(row);
    return step;
  }

  private what(row: PacketRow, own: Side, peer: Side, covered: readonly Sent[]): Told[] {
    const { view, sender } = row;
    const { role } = sender;
    const { flags, payloadLength: bytes } = view;
    if (flags & RST) return [refuses(row) ? tell('step.rst.refuses', { role }) : tell('step.rst', { role })];
    const kind = row.verdict?.kind;
    if (kind === Kind.KEEP_ALIVE || kind === Kind.WINDOW_PROBE) return [tell('step.probe', { role })];
    if (kind === Kind.RETRANSMISSION || kind === Kind.DUPLICATE) return [tell('step.again', { role, bytes })];
    if (flags & SYN) {
      if (!(flags & ACK)) return [tell('step.syn', { role })];
      return [own.hasSyn && peer.hasSyn ? tell('step.syn-ack.crossed', { role }) : tell('step.syn-ack', { role })];
    }
    const told: Told[] = [];
    if (bytes > 0) {
      const isFirst = this.talker < 0;
      const isTurn = !isFirst && this.talker !== sender.index;
      told.push(tell(isFirst ? 'step.first-data' : isTurn ? 'step.answer' : 'step.data', { role, bytes }));
    }
    if (flags & FIN) told.push(tell(peer.hasFin ? 'step.fin.second' : 'step.fin', { role }));
    if (told.length > 0) return told;
    if (!(flags & ACK)) return [tell('step.other', { role })];
    return [this.ack(row, own, peer, covered)];
  }

  /** An ACK without anything else. */
  private ack(row: PacketRow, own: Side, peer: Side, covered: readonly Sent[]): Told {
    const { sender, ack, window } = row;
    const { role } = sender;
    if (covered.some(({ isSyn }) => isSyn) && own.hasSyn) return tell('step.handshake-done', { role });
    if (covered.some(({ isFin }) => isFin) && own.hasFin) return tell('step.last-ack', { role });
    const bytes = covered.reduce((sum, sent) => sum + sent.end - sent.seq, 0);
    const isOwed = !sender.isClient && this.talker === sender.peer.index;
    if (bytes > 0)
      return isOwed && own.dataBytes === 0 ? tell('step.ack.data-next', { role, bytes }) : tell('step.ack', { role });
    // That of a SYN is not scaled.
    if (ack === own.ack && window >= 0 && own.window >= 0 && window !== own.window)
      return tell('step.window-update', { role, window });
    if (ack === own.ack && peer.waiting.length > 0) return tell('step.ack.repeated', { role });
    return tell('step.ack', { role });
  }
}

/** A RST in answer to the SYN of an end that is in SYN-SENT. */
function refuses({ connection, sender, view }: PacketRow): boolean {
  if (sender !== connection.server || sender.hasIss) return false;
  return connection.client.timeline.stateAt(view.frame - 1) === State.SYN_SENT;
}

/** Why its sequence number. */
function numbers(row: PacketRow, own: Side): Told[] {
  const { view, seq, end, sender } = row;
  const { role } = sender;
  const { flags, payloadLength: bytes } = view;
  if (flags & SYN)
    return [
      own.hasSyn ? tell('seq.syn-again', { role, seq, raw: view.seq }) : tell('seq.first', { role, raw: view.seq }),
    ];
  if (own.next < 0 && refuses(row)) return [tell('seq.no-connection', { role, raw: view.seq })];
  if (own.next < 0) return [tell('seq.unknown', { role, raw: view.seq })];
  if (seq > own.next) return [tell('seq.gap', { role, seq, expected: own.next })];
  if (seq < own.next) return [tell('seq.back', { role, seq, expected: own.next })];
  const told: Told[] = [];
  if (bytes > 0) {
    const next = seq + bytes;
    told.push(
      own.dataBytes === 0
        ? tell('seq.first-data', { role, seq, bytes, next })
        : tell('seq.data', { role, seq, bytes, next, before: own.dataBytes }),
    );
  }
  if (flags & FIN) told.push(tell('seq.fin', { role, seq: end - 1 }));
  if (told.length > 0) return told;
  if (flags & RST) return [tell('seq.other', { role, seq })];
  if (own.latestFin) return [tell('seq.after-fin', { role, seq })];
  if (own.latestBytes > 0) return [tell('seq.after-data', { role, seq, bytes: own.latestBytes })];
  if (own.hasSyn && own.packets === 1) return [tell('seq.after-syn', { role, seq })];
  if (own.dataBytes === 0) return [tell('seq.no-data-yet', { role, seq })];
  return [tell('seq.unchanged', { role, seq })];
}

/** What it acknowledges. */
function acknowledges(row: PacketRow, own: Side, peer: Side, covered: readonly Sent[]): Told[] {
  const { sender, ack, view } = row;
  const { role } = sender;
  if (ack < 0) return [tell(peer.packets === 0 && view.flags & SYN ? 'ack.none' : 'ack.absent', { role })];
  return [number(row, own, peer, covered), ...blocks(row)];
}

function number({ sender, ack }: PacketRow, own: Side, peer: Side, covered: readonly Sent[]): Told {
  const { role } = sender;
  if (ack < own.highestAck) return tell('ack.back', { role, ack, highest: own.highestAck });
  if (ack === own.ack) {
    if (peer.dataBytes === 0 && !peer.hasFin) return tell('ack.nothing-yet', { role, ack });
    return tell('ack.same', { role, ack, frame: own.ackFrame });
  }
  const latest = covered.at(-1);
  if (latest === undefined || (own.highestAck < 0 && !covered.some(({ isSyn }) => isSyn) && !peer.hasSyn))
    return own.highestAck < 0 ? tell('ack.first', { role, ack }) : ackOf(role, ack, ack - own.highestAck, 0, 1);
  const bytes = covered.reduce((sum, sent) => sum + dataOf(sent), 0);
  const { frame } = latest;
  const isFin = covered.some((sent) => sent.isFin);
  if (isFin)
    return bytes > 0 ? tell('ack.data-and-fin', { role, ack, bytes, frame }) : tell('ack.fin', { role, ack, frame });
  if (bytes === 0) return tell('ack.syn', { role, ack, frame });
  return ackOf(role, ack, bytes, frame, covered.filter((sent) => dataOf(sent) > 0).length);
}

function ackOf(role: 'client' | 'server', ack: number, bytes: number, frame: number, segments: number): Told {
  return tell('ack.data', { role, ack, bytes, frame, segments });
}

function dataOf({ seq, end, isSyn, isFin }: Sent): number {
  return end - seq - Number(isSyn) - Number(isFin);
}

/** SACK blocks (RFC 2018); a first one below the acknowledgment, or within the second, is a D-SACK (RFC 2883). */
function blocks({ view, ack }: PacketRow): Told[] {
  const told: Told[] = [];
  const edge = (i: number) => ack + ((view.sack[i] - view.ack) | 0);
  for (let i = 0; i < Math.min(view.sackCount, MOST_BLOCKS); i++) {
    const [from, to] = [edge(2 * i), edge(2 * i + 1)];
    const isDsack = i === 0 && (to <= ack || (view.sackCount > 1 && from >= edge(2) && to <= edge(3)));
    told.push(isDsack ? tell('ack.dsack', { from, to }) : tell('ack.sack', { from, to, frame: 0 }));
  }
  return told;
}

function windows(row: PacketRow, own: Side): Told[] {
  const { window, view, sender } = row;
  if (view.flags & (RST | SYN) || window < 0) return [];
  if (window === 0 && own.window !== 0) return [tell('window.closed', { role: sender.role })];
  if (window > 0 && own.window === 0) return [tell('window.opened', { role: sender.role, window })];
  return [];
}

/** What a SYN offers, and what follows when both have been seen. */
function options({ view, sender, connection }: PacketRow, own: Side): Told[] {
  const { flags } = view;
  if (!(flags & SYN)) return [];
  const { role } = sender;
  const told = own.hasSyn ? [] : offers(view, role);
  const { client, server } = connection;
  if (flags & ACK && client.hasIss && server.hasIss) told.push(tell('option.agreed', negotiated(connection)));
  return told;
}

function offers({ flags, options: present, mss, wscale, tfoCookieLength }: SegmentView, role: Role): Told[] {
  const told: Told[] = [];
  told.push(present & Option.MSS ? tell('option.mss', { role, mss }) : tell('option.mss.absent', { role }));
  if (present & Option.WSCALE) told.push(tell('option.scale', { role, shift: wscale }));
  if (present & Option.SACK_PERMITTED) told.push(tell('option.sack-permitted', { role }));
  if (present & Option.TIMESTAMPS) told.push(tell('option.timestamps', { role }));
  if (tfoCookieLength >= 0) told.push(tell('option.fast-open', { cookie: tfoCookieLength }));
  if (!(flags & ACK) && (flags & (ECE | CWR)) === (ECE | CWR)) told.push(tell('option.ecn-asked', { role }));
  if (flags & ACK && (flags & (ECE | CWR)) === ECE) told.push(tell('option.ecn-agreed', { role }));
  return told;
}

function states({ connection, view }: PacketRow): Told[] {
  const { client, server } = connection;
  const told: Told[] = [];
  for (const end of [client, server]) {
    const [before, after] = [view.frame - 1, view.frame].map(
      (frame): StateName => STATE_NAMES[end.timeline.stateAt(frame)],
    );
    if (before !== after && before !== 'UNKNOWN') told.push(tell('state.change', { role: end.role, before, after }));
  }
  if (told.length === 0) return told;
  const [atClient, atServer] = [client, server].map(({ timeline }) => timeline.stateAt(view.frame));
  if (atClient === State.ESTABLISHED && atServer === State.ESTABLISHED) told.push(tell('state.both-open', {}));
  const isOver = (state: number) => state === State.CLOSED || state === State.TIME_WAIT;
  if (isOver(atClient) && isOver(atServer)) told.push(tell('state.over', { waits: waiting(client, server) }));
  return told;
}

function verdict({ verdict: of, seq, end, view }: PacketRow): Told[] {
  if (of === null) return [];
  return [tell('verdict', { verdict: of, seq, end, payloadLength: view.payloadLength })];
}
