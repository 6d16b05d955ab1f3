import { SYN } from '../model/flags.ts';
import { type DsackWait, type Flight, Mode, type Sending, type Transmission } from '../model/flight.ts';
import { RoundTrips } from '../model/round-trips.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { widen } from '../model/seq.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Cause, Fate, Verdict } from '../model/verdict.ts';
import { FIRST_BYTE } from './cause.ts';
import { takeRttSample } from './rtt.ts';
import type { TransmissionPool } from './transmissions.ts';

/** An answer can hardly come sooner than this share of the shortest RTT that was seen. */
const SHORTEST_ANSWER = 0.85;
/** A D-SACK for a needless copy comes within an RTT and the receiver's delay. */
const DSACK_GRACE = 200e6;
/** Ranges that wait for a D-SACK, per endpoint. */
const MAX_DSACK_WAITS = 4096;

/** What an ACK told: for the caller's findings and columns. */
export class AckEffect {
  /** Offsets newly acknowledged cumulatively. */
  advanced = 0;
  newlySacked = 0;
  duplicate = false;
  dsack = false;
  dsackStart = 0;
  dsackEnd = 0;
  /** It acknowledges bytes that the capture never saw. */
  unseen = false;
  /** The copy whose arrival completed what was acknowledged: frame (0 none) and time. */
  frame = 0;
  time = 0;
}

/**
 * Reads the acknowledgements that a segment carries and settles with them what became of the copies that the other end had
 * sent (`flight` is that other end's).
 */
export class AckReader {
  readonly effect = new AckEffect();
  private readonly pool: TransmissionPool;
  private readonly keepsRoundTrips: boolean;

  constructor(pool: TransmissionPool, keepsRoundTrips: boolean) {
    this.pool = pool;
    this.keepsRoundTrips = keepsRoundTrips;
  }

  read(flight: Flight, t: TrackedSegment, view: SegmentView): AckEffect {
    const { effect } = this;
    const { receiver } = t;
    effect.advanced = effect.newlySacked = 0;
    effect.duplicate = effect.dsack = effect.unseen = false;
    effect.frame = 0;
    const before = flight.dsackWaits.length;
    const una = Math.max(receiver.sndUna, 0);
    if (t.ack > receiver.sndNxt) effect.unseen = true;
    let sample = -1;

    if (t.ack > una) {
      effect.advanced = t.ack - una;
      sample = this.acknowledge(flight, t, view);
      for (const hole of flight.holes) if (hole.start < t.ack) hole.acked = true;
    }
    if (view.options & Option.SACK) {
      const sackSample = this.readSack(flight, t, view);
      if (sample < 0) sample = sackSample;
    }
    for (let i = before; i < flight.dsackWaits.length; i++) {
      if (flight.dsackWaits[i].sacked) continue;
      const first = flight.dsackWaits[i].sendings.find((c) => c.verdict.fate === Fate.DELIVERED);
      if (first !== undefined) this.completes(first.frame, first.time);
    }
    if (effect.advanced > 0 || effect.newlySacked > 0) {
      if (sample > 0) {
        takeRttSample(flight, sample);
        if (this.keepsRoundTrips) {
          flight.roundTrips ??= new RoundTrips();
          flight.roundTrips.add(sample);
        }
      }
      flight.lastProgressTime = view.time;
      flight.timeouts = effect.advanced > 0 ? 0 : flight.timeouts;
    }
    this.countDuplicates(flight, t, view, una);
    if (effect.advanced > 0) {
      if (flight.tlpEnd >= 0 && t.ack >= flight.tlpEnd) flight.tlpEnd = -1;
      if (flight.mode !== Mode.OPEN && t.ack >= flight.recover) endEpisode(flight, view.time);
      if (t.ack >= flight.highSacked) flight.toldTsVal = -1;
    }
    flight.lastHeardTime = view.time;
    if (effect.advanced > 0 || effect.newlySacked > 0 || effect.duplicate) flight.lastAckEffectTime = view.time;
    const isUnchanged =
      effect.advanced === 0 &&
      t.ack === una &&
      view.payloadLength === 0 &&
      !(view.flags & 7) &&
      view.rawWindow === t.sender.rawWindow;
    if (isUnchanged && flight.dsackWaits.length > 0 && !this.readEcho(flight, view))
      this.readUnprovoked(flight, t, view);
    if (effect.newlySacked > 0 || effect.duplicate || isUnchanged) flight.lastToldTime = view.time;
    if (!(view.flags & SYN)) flight.zeroWindow = view.rawWindow === 0;
    if (flight.dsackWaits.length > 0) this.expire(flight, view.time);
    return effect;
  }

  /** Takes what `t.ack` covers off the scoreboard; returns an RTT sample of the oldest segment that was sent once, or -1. */
  private acknowledge(flight: Flight, t: TrackedSegment, view: SegmentView): number {
    let sample = -1;
    let o = flight.head;
    while (o !== null && o.end <= t.ack) {
      const next = o.next;
      if (o.copies === null) {
        if (sample < 0 && !o.isRetransmission && o.sackedAt < 0) sample = view.time - o.time;
        if (o.sackedAt < 0) this.completes(o.frame, o.time);
        if (o.verdict !== null) o.verdict.fate = Fate.DELIVERED;
        if (o.row !== null) o.row.open--;
        if (o.isRetransmission && o.verdict !== null) this.awaitRepeat(flight, o, view.time);
      } else this.settle(flight, o, t, view);
      if (o.sackedAt < 0) flight.outstanding -= o.end - o.start;
      if (flight.sackHint === o) flight.sackHint = null;
      if (flight.placeHint === o) flight.placeHint = null;
      this.pool.give(o);
      flight.listed--;
      o = next;
    }
    flight.head = o;
    if (o === null) flight.tail = null;
    else if (o.start === 0 && t.ack === 1 && view.flags & SYN && o.copies === null) {
      sample = view.time - o.time;
      refuseSynData(flight, o, view.frame);
    }
    return sample;
  }

  private completes(frame: number, time: number): void {
    if (frame <= this.effect.frame) return;
    this.effect.frame = frame;
    this.effect.time = time;
  }

  /**
   * A range with several copies was acknowledged: which of them arrived? TSecr names it (Eifel, RFC 3522) when their
   * TSvals differ; else the last one that could have been answered by now.
   */
  private settle(flight: Flight, original: Transmission, t: TrackedSegment, view: SegmentView): void {
    const all = [original, ...original.copies!];
    const answered = original.sackedAt >= 0 ? original.sackedAt : view.time;
    let delivered = this.lastAnswerable(flight, all, answered);
    const una = Math.max(t.receiver.sndUna, FIRST_BYTE);
    if (original.sackedAt < 0 && view.options & Option.TIMESTAMPS && original.start <= una) {
      // Only the segment at the left edge is echoed for sure (RFC 7323 section 4.3).
      const named = all.findIndex((c) => c.tsVal === view.tsEcr);
      const unique = named >= 0 && all.every((c, i) => i === named || c.tsVal !== view.tsEcr);
      if (unique) {
        delivered = named;
        // Eifel: the original arrived, the timeout was needless and is undone (RFC 4015).
        if (named === 0 && flight.mode === Mode.LOSS) endEpisode(flight, view.time);
      }
      // What was sent behind the echoed segment cannot have brought this ACK.
      while (delivered > 0 && all[delivered].tsVal >= 0 && ((all[delivered].tsVal - view.tsEcr) | 0) > 0) delivered--;
    }
    for (let i = 0; i < all.length; i++) {
      const c = all[i];
      if (c.verdict === null) continue;
      if (i === delivered) {
        c.needed = true;
        c.verdict.fate = Fate.DELIVERED;
        c.verdict.spurious = false;
      } else if (i < delivered) {
        // A later copy of the same bytes was needed; copies of other parts of the range were too.
        const replaced = all.some((later, j) => j > i && j <= delivered && later.start < c.end && later.end > c.start);
        if (!replaced) {
          c.needed = true;
          c.verdict.fate = Fate.DELIVERED;
        } else if (!c.needed && all[delivered].verdict?.cause !== Cause.UNKNOWN) c.verdict.fate = Fate.LOST;
      } else if (!c.needed) c.verdict.spurious = true;
    }
    const sendings = [];
    for (const c of all)
      if (c.verdict !== null)
        sendings.push({ frame: c.frame, time: c.time, tsVal: c.tsVal, verdict: c.verdict, row: c.row });
    const last = all[all.length - 1].time;
    const from = Math.max(view.time, last + 2 * Math.max(flight.srtt, 0));
    this.await(flight, original.start, original.end, from, sendings, original.sackedAt >= 0);
  }

  /** A retransmission whose first copy never passed here: that copy may yet arrive, and a D-SACK would tell. */
  private awaitRepeat(flight: Flight, o: Transmission, now: number): void {
    const unseen: Sending = { frame: 0, time: -1, tsVal: -1, verdict: new Verdict(), row: null };
    if (o.row !== null) o.row.open++;
    const sendings = [unseen, { frame: o.frame, time: o.time, tsVal: o.tsVal, verdict: o.verdict!, row: o.row }];
    this.await(flight, o.start, o.end, now + 2 * Math.max(flight.srtt, 0), sendings, o.sackedAt >= 0);
  }

  /** Keeps a range until a D-SACK could have come. */
  await(flight: Flight, start: number, end: number, from: number, sendings: Sending[], sacked: boolean): void {
    flight.dsackWaits.push({ start, end, deadline: from + DSACK_GRACE, sendings, sacked, repeats: 0 });
  }

  private lastAnswerable(flight: Flight, sendings: readonly { time: number }[], answered: number): number {
    const shortest = flight.minRtt > 0 ? flight.minRtt * SHORTEST_ANSWER : 0;
    let i = sendings.length - 1;
    while (i > 0 && answered - sendings[i].time < shortest) i--;
    return i;
  }

  /** RFC 2018 section 3; D-SACK: RFC 2883 section 4. Returns an RTT sample of the oldest newly covered segment, or -1. */
  private readSack(flight: Flight, t: TrackedSegment, view: SegmentView): number {
    const { receiver } = t;
    let sample = -1;
    const first = widen(view.sack[0], receiver.base, receiver.sndNxt);
    const firstEnd = widen(view.sack[1], receiver.base, receiver.sndNxt);
    let from = 0;
    if (firstEnd <= t.ack || (view.sackCount > 1 && inside(first, firstEnd, view, receiver.base, receiver.sndNxt))) {
      from = 1;
      if (first < firstEnd) this.readDsack(flight, first, firstEnd, view.time, view.frame);
    }
    for (let b = from; b < view.sackCount; b++) {
      const left = widen(view.sack[2 * b], receiver.base, receiver.sndNxt);
      const right = widen(view.sack[2 * b + 1], receiver.base, receiver.sndNxt);
      if (left >= right || left < t.ack || right > receiver.sndNxt + 0x40000000) continue;
      if (right > flight.highSacked) {
        if (flight.highSacked <= t.ack) this.tells(flight, view);
        flight.highSacked = right;
      }
      const oldest = this.cover(flight, left, right, view.time);
      if (oldest >= 0 && sample < 0) sample = view.time - oldest;
    }
    return sample;
  }

  /** Marks what lies in the block; returns the time of the oldest segment that was sent once and is newly covered, or -1. */
  private cover(flight: Flight, left: number, right: number, now: number): number {
    let oldest = -1;
    let o = flight.sackHint;
    if (o === null || o.start > left) o = flight.head;
    while (o !== null && o.start < left) o = o.next;
    while (o !== null && o.end <= right) {
      if (o.sackedAt < 0) {
        o.sackedAt = now;
        flight.outstanding -= o.end - o.start;
        this.effect.newlySacked += o.end - o.start;
        if (o.copies === null && !o.isRetransmission && oldest < 0) oldest = o.time;
        if (o.copies === null && o.verdict !== null) {
          o.verdict.fate = Fate.DELIVERED;
          if (o.row !== null) {
            o.row.open--;
            o.row = null;
          }
        }
      }
      flight.sackHint = o;
      o = o.next;
    }
    return oldest;
  }

  /** This ACK is the first to tell the sender of a hole. */
  private tells(flight: Flight, view: SegmentView): void {
    flight.toldTsVal = view.options & Option.TIMESTAMPS ? view.tsVal : -1;
    flight.toldFrame = view.frame;
  }

  /** One more copy of the range arrived than was needed. */
  private readDsack(flight: Flight, start: number, end: number, now: number, frame: number): void {
    const { effect } = this;
    effect.dsack = true;
    effect.dsackStart = start;
    effect.dsackEnd = end;
    flight.sawDsack = true;
    // The receiver had what the timeout sent again: the timeout is undone (RFC 3708, RFC 4015).
    flight.undoRetrans--;
    if (
      flight.mode === Mode.LOSS &&
      flight.undoRetrans <= 0 &&
      start <= flight.timeoutStart &&
      end > flight.timeoutStart
    )
      endEpisode(flight, now);
    // One block reports one repeat: the latest that is not yet explained, of each part of the range.
    let left = end - start;
    for (let i = flight.dsackWaits.length - 1; i >= 0 && left > 0; i--) {
      const s = flight.dsackWaits[i];
      if (s.start >= end || s.end <= start) continue;
      if (this.repeatArrived(flight, s, now, frame)) left -= Math.min(s.end, end) - Math.max(s.start, start);
    }
    // Ranges that are only selectively acknowledged so far.
    for (let o = flight.near(start); o !== null && o.start < end; o = o.next) {
      if (o.end <= start || o.copies === null || o.sackedAt < 0) continue;
      const copy = o.copies.find((c) => c.verdict !== null && !c.verdict.spurious);
      if (copy !== undefined) copy.verdict!.spurious = true;
    }
  }

  private repeatArrived(flight: Flight, s: DsackWait, now: number, frame: number): boolean {
    const { sendings } = s;
    // The needless copy is the latest that could have been reported by now; the one before it is what the receiver had.
    const reported = Math.min(this.lastAnswerable(flight, sendings, now), sendings.length - 1 - s.repeats);
    if (reported <= 0) return false;
    s.repeats++;
    const needless = sendings[reported].verdict;
    needless.spurious = true;
    needless.fate = Fate.DELIVERED;
    needless.evidence = [...needless.evidence, frame];
    let first = 0;
    while (first < reported && sendings[first].verdict.fate !== Fate.DELIVERED) first++;
    if (first === reported) {
      // What the receiver had told to be missing did not arrive: the repair of it did.
      first = 0;
      while (
        first + 1 < reported &&
        sendings[first + 1].verdict.cause === Cause.FAST &&
        sendings[first + 1].verdict.confidence > 0.9
      )
        first++;
      sendings[first].verdict.fate = Fate.DELIVERED;
      sendings[first].verdict.spurious = false;
      if (s.repeats > 1) {
        for (let k = first + 1; k <= reported; k++) sendings[k].verdict.spurious = true;
      }
      for (let k = 0; k < first; k++) if (sendings[k].frame > 0) sendings[k].verdict.fate = Fate.LOST;
    }
    // Whatever was sent behind the copy that arrived first was not needed, lost or not.
    for (let i = first + 1; i < reported; i++) sendings[i].verdict.spurious = true;
    return true;
  }

  /** A duplicate ACK that echoes the timestamp of a copy which was not needed: that copy arrived as well (RFC 7323 section 4.3). */
  private readEcho(flight: Flight, view: SegmentView): boolean {
    if (!(view.options & Option.TIMESTAMPS)) return false;
    const { sendings } = flight.dsackWaits.at(-1)!;
    const named = sendings.findIndex((c) => c.tsVal === view.tsEcr);
    if (named < 1 || sendings.some((c, i) => i !== named && c.tsVal === view.tsEcr)) return false;
    const { verdict } = sendings[named];
    if (!verdict.spurious || verdict.fate !== Fate.UNKNOWN) return false;
    verdict.fate = Fate.DELIVERED;
    verdict.evidence = [...verdict.evidence, view.frame];
    return true;
  }

  /**
   * A duplicate ACK of a receiver without D-SACK, while nothing was in flight long enough to have caused it: the answer to
   * a copy that was not needed.
   */
  private readUnprovoked(flight: Flight, t: TrackedSegment, view: SegmentView): void {
    if (flight.sawDsack || view.options & (Option.SACK | Option.CUT) || t.sender.flight!.zeroWindow) return;
    if (flight.head !== null && view.time - flight.head.time >= SHORTEST_ANSWER * flight.minRtt) return;
    const s = flight.dsackWaits.at(-1);
    if (s === undefined || s.sendings.length < 2 || s.repeats > 0 || s.end > t.ack) return;
    this.repeatArrived(flight, s, view.time, view.frame);
  }

  /** RFC 5681 section 2, "duplicate acknowledgment", and with SACK any ACK that reports something new above (RFC 6675). */
  private countDuplicates(flight: Flight, t: TrackedSegment, view: SegmentView, una: number): void {
    const { effect } = this;
    if (effect.advanced > 0) {
      flight.dupAcks = 0;
      return;
    }
    if (flight.head === null || t.ack !== una || view.payloadLength > 0 || view.flags & 7) return;
    const sameWindow = view.rawWindow === t.sender.rawWindow;
    if (effect.newlySacked > 0 || (sameWindow && !(view.options & Option.SACK)) || effect.dsack) {
      flight.dupAcks++;
      effect.duplicate = true;
      if (flight.toldUna !== una) {
        flight.toldUna = una;
        flight.toldAcks = 0;
        if (flight.toldTsVal < 0) this.tells(flight, view);
      }
      flight.toldAcks++;
    }
  }

  /** Closes the questions whose D-SACK did not come. */
  private expire(flight: Flight, now: number): void {
    const { dsackWaits } = flight;
    let n = 0;
    while (n < dsackWaits.length && (dsackWaits[n].deadline < now || dsackWaits.length - n > MAX_DSACK_WAITS)) {
      if (dsackWaits[n].deadline >= now) flight.forgotten++;
      release(dsackWaits[n++], flight.sawDsack);
    }
    if (n > 0) dsackWaits.splice(0, n);
  }
}

/** The SYN arrived and its data was not taken: from here on the data stands for bytes that have to be sent again. */
function refuseSynData(flight: Flight, syn: Transmission, frame: number): void {
  if (syn.verdict !== null) syn.verdict.fate = Fate.DELIVERED;
  if (syn.row !== null) syn.row.open--;
  syn.verdict = null;
  syn.row = null;
  syn.start = 1;
  syn.refusedBy = frame;
  flight.outstanding--;
}

/** The sender has repaired what it had to, or learnt that it need not. */
function endEpisode(flight: Flight, now: number): void {
  flight.endedMode = flight.mode;
  flight.episodeEndTime = now;
  flight.mode = Mode.OPEN;
}

/** No D-SACK came: where the receiver sends them, a copy that was not needed did not arrive. */
function release(s: DsackWait, reportsRepeats: boolean): void {
  for (const { row, verdict } of s.sendings) {
    if (reportsRepeats && verdict.spurious && verdict.fate === Fate.UNKNOWN) verdict.fate = Fate.LOST;
    if (row !== null) row.open--;
  }
}

/** The input has ended: what can be said of segments that were never acknowledged. */
export function concludeFlight(flight: Flight, mss: number): void {
  for (const s of flight.dsackWaits) release(s, false);
  flight.dsackWaits.length = 0;
  for (let o = flight.head; o !== null; o = o.next) {
    // Nobody may have been there to answer a SYN.
    if (o.verdict === null || o.start === 0) continue;
    const { copies } = o;
    if (copies !== null) {
      // It was sent again and nothing shows that it had arrived.
      const all = [o, ...copies];
      for (let i = 0; i < all.length - 1; i++) {
        const { verdict } = all[i];
        if (verdict !== null && verdict.fate === Fate.UNKNOWN && o.sackedAt < 0) {
          verdict.fate = Fate.LOST;
          verdict.confidence = 0.7;
        }
      }
    } else if (o.sackedAt < 0 && flight.highSacked >= o.end + 3 * mss) {
      // RFC 6675 section 4, IsLost.
      o.verdict.fate = Fate.LOST;
      o.verdict.confidence = 0.8;
    }
  }
}

/** The first block lies inside the second: a D-SACK above the cumulative ACK (RFC 2883 section 4.2). */
function inside(first: number, firstEnd: number, view: SegmentView, base: number, near: number): boolean {
  const left = widen(view.sack[2], base, near);
  const right = widen(view.sack[3], base, near);
  return left <= first && firstEnd <= right;
}
