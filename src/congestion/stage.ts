import { CongestionSnapshot, type CongestionState } from '../model/congestion.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { RST, SYN } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import type { SegmentView } from '../model/segment.ts';
import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind, type Verdict } from '../model/verdict.ts';
import { ConcludedCongestion } from './concluded.ts';
import { type Given, NOTHING_GIVEN } from './models.ts';
import { SenderReplay } from './sender.ts';

/** After so many unanswered SYNs the window begins with one segment (RFC 5681 section 3.1, as Linux applies it). */
const SYNS_LOST = 2;

/**
 * Segments of data from which on a sender is replayed, unless it sends one again before. Fewer never use up half the initial
 * window, so nothing has happened to it by then.
 */
const ENOUGH_DATA = 6;

export interface CongestionOptions {
  /** The one of `Algorithm` that is assumed. */
  algorithm?: number;
  /** CUBIC begins with HyStart++ (RFC 9406) instead of Linux' HyStart. */
  followsRfc9406?: boolean;
}

/** Replays every sender through the reference algorithms. Runs after the verdict stage, before the tracker moves on. */
export class CongestionStage {
  private readonly given: Given;

  constructor(options: CongestionOptions = {}) {
    this.given = { ...NOTHING_GIVEN, ...options };
  }

  segment(t: TrackedSegment, view: SegmentView): void {
    const { verdict } = t;
    if (view.flags & (RST | SYN)) return;
    const { sender, receiver } = t;
    if (t.ack >= 0 && receiver.congestion instanceof SenderReplay) receiver.congestion.hears(t, view);
    if (t.end === t.seq) {
      if (sender.congestion instanceof SenderReplay) sender.congestion.echoes(view);
      return;
    }
    if (isProbe(verdict)) return;
    if (sender.congestion === null) {
      if (sender.dataPackets < ENOUGH_DATA && !isRetransmission(verdict)) return;
      sender.congestion = new SenderReplay(sender, view, initialWindow(sender), this.given);
    }
    if (sender.congestion instanceof SenderReplay) sender.congestion.departs(t, view, verdict);
  }

  /** Both ends have sent all that they will send, and heard that it arrived: no window moves any more. */
  settle({ a, b }: Connection): void {
    if (!isDelivered(a) || !isDelivered(b)) return;
    conclude(a);
    conclude(b);
  }

  /** Notes on the row where both senders stand after it. */
  note(row: PacketRow): void {
    const { a, b } = row.connection;
    row.congestion[0] = snapshot(a);
    row.congestion[1] = snapshot(b);
  }
}

/** What is known of a sender when the input has ended, or null when it sent too little to tell. */
export function congestionOf(endpoint: Endpoint): CongestionState | null {
  const { congestion } = endpoint;
  if (congestion instanceof SenderReplay) congestion.conclude(endpoint.connection.lastTime);
  return congestion;
}

/** Of one that has repeated something a D-SACK may still tell that this was not needed. */
function conclude(endpoint: Endpoint): void {
  const state = endpoint.congestion;
  if (!(state instanceof SenderReplay) || state.episodes.length > 0) return;
  state.conclude(endpoint.connection.lastTime);
  endpoint.congestion = ConcludedCongestion.of(state);
}

/** Its FIN was acknowledged, and so all before it. */
function isDelivered({ finEnd, sndUna }: Endpoint): boolean {
  return finEnd >= 0 && sndUna >= finEnd;
}

function isProbe(verdict: Verdict | null): boolean {
  return verdict !== null && (verdict.kind === Kind.KEEP_ALIVE || verdict.kind === Kind.WINDOW_PROBE);
}

function isRetransmission(verdict: Verdict | null): boolean {
  return verdict !== null && verdict.kind === Kind.RETRANSMISSION;
}

function initialWindow(sender: Endpoint): number {
  return sender.unansweredCopies > SYNS_LOST ? 1 : INITIAL_WINDOW;
}

function snapshot(endpoint: Endpoint): CongestionSnapshot | null {
  return endpoint.congestion === null ? null : new CongestionSnapshot(endpoint.congestion);
}
