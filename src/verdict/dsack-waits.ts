import { HOST, SHORTEST_ANSWER } from '../model/capture-position.ts';
import { NEVER } from '../model/packed.ts';
import type { Question } from '../model/row.ts';
import { Option, type SegmentView } from '../model/segment.ts';
import { DELAYED_ACK } from '../model/tcp-constants.ts';
import { Cause, Fate, Verdict } from '../model/verdict.ts';

/** A round trip of fewer of the shortest ones was not made long by a queue. */
const USUAL_ROUND_TRIPS = 2;
/** Ranges that wait for a D-SACK, per endpoint. */
const MAX_DSACK_WAITS = 4096;
/** The latest of them that are asked again when a round trip turns out to be shorter. */
const MOST_RECONSIDERED = 16;

/** Ranges whose time is over and that are kept, per endpoint: the first copy of one may still come. */
const MOST_PAST = 64;

/** What is kept of a transmission after it has left the scoreboard. */
export interface Sending {
  /** 0 and -1 for one that the capture did not see. */
  readonly frame: number;
  readonly time: number;
  readonly tsVal: number;
  readonly verdict: Verdict;
  readonly row: Question | null;
}

/** A first copy that the capture did not see. */
export function unseenSending(): Sending {
  return { frame: 0, time: NEVER, tsVal: -1, verdict: new Verdict(), row: null };
}

/** A range that was sent more than once and acknowledged, and that waits until a D-SACK could have arrived. */
export interface DsackWait {
  readonly start: number;
  readonly end: number;
  /** Nanoseconds since the first record. */
  deadline: number;
  /** The original and its copies in order of sending. */
  readonly sendings: readonly Sending[];
  /** When it was acknowledged (ns). */
  readonly settled: number;
  /** When it was answered, where the shortest round trip decided what that answered; `NEVER` where an echo did. */
  readonly answered: number;
  /** D-SACKs that reported a repeat of it. */
  repeats: number;
  /** It was selectively acknowledged before. */
  readonly wasSacked: boolean;
}

/**
 * Index of the latest of `sendings` that could have been answered by `answered` (ns), with the shortest RTT `minRtt`. Where that is the work of
 * a host alone it tells nothing.
 */
export function lastAnswerable(sendings: readonly { time: number }[], answered: number, minRtt: number): number {
  const shortest = minRtt > HOST ? minRtt * SHORTEST_ANSWER : 0;
  let i = sendings.length - 1;
  while (i > 0 && answered - sendings[i].time < shortest) i--;
  return i;
}

/** The ranges of one sender that wait for a D-SACK, in the order in which they were acknowledged. */
export class DsackWaits {
  private readonly waits: DsackWait[] = [];
  /** The first `done` have been released; the latest of these are kept. */
  private done = 0;

  get length(): number {
    return this.waits.length - this.done;
  }

  get latest(): DsackWait | null {
    return this.length === 0 ? null : this.waits[this.waits.length - 1];
  }

  /** The `i`th of those that wait. */
  at(i: number): DsackWait {
    return this.waits[this.done + i];
  }

  /** Those with bytes from `start` to `end`, in the order in which they were acknowledged, the latest whose time is over among them. */
  with(start: number, end: number): readonly DsackWait[] {
    const from = Math.max(this.done - MOST_PAST, 0);
    return this.waits.slice(from).filter((wait) => wait.start < end && wait.end > start);
  }

  /** A range was acknowledged at `from` (ns), or the latest copy of it was sent then. */
  add(
    start: number,
    end: number,
    from: number,
    sendings: readonly Sending[],
    wasSacked: boolean,
    settled = from,
    answered = NEVER,
  ): void {
    this.waits.push({ start, end, deadline: from + DELAYED_ACK, sendings, wasSacked, settled, answered, repeats: 0 });
  }

  /** The shortest round trip is `minRtt` (ns): what came too soon to be the answer of a copy may be it after all. */
  reconsider(minRtt: number): void {
    const { length } = this;
    for (let i = Math.max(length - MOST_RECONSIDERED, 0); i < length; i++) {
      const { answered, repeats, sendings } = this.at(i);
      if (answered === NEVER || repeats > 0) continue;
      const latest = lastAnswerable(sendings, answered, minRtt);
      const { verdict } = sendings[latest];
      if (latest === 0 || !verdict.spurious) continue;
      for (let k = 0; k < latest; k++) {
        const earlier = sendings[k].verdict;
        earlier.spurious = false;
        if (earlier.fate === Fate.DELIVERED) earlier.fate = Fate.UNKNOWN;
      }
      verdict.spurious = false;
      verdict.fate = Fate.DELIVERED;
    }
  }

  /** Closes the questions whose D-SACK did not come; returns how many were given up because there were too many. */
  expire(now: number, reportsRepeats: boolean): number {
    let forgotten = 0;
    while (this.length > 0 && (this.at(0).deadline < now || this.length > MAX_DSACK_WAITS)) {
      if (this.at(0).deadline >= now) forgotten++;
      release(this.at(0), reportsRepeats);
      this.done++;
    }
    if (this.done > 2 * MOST_PAST && this.done * 2 > this.waits.length) {
      this.waits.splice(0, this.done - MOST_PAST);
      this.done = MOST_PAST;
    }
    return forgotten;
  }

  /** The input has ended. */
  conclude(): void {
    for (let i = 0; i < this.length; i++) release(this.at(i), false);
    this.waits.length = this.done = 0;
  }

  /** A D-SACK of the range, seen in `frame` at `now` (ns): one block reports one repeat, the latest that is not yet explained. */
  repeatReported(start: number, end: number, now: number, frame: number, minRtt: number): void {
    let left = end - start;
    for (let i = this.length - 1; i >= 0 && left > 0; i--) {
      const wait = this.at(i);
      if (wait.start >= end || wait.end <= start) continue;
      if (repeatArrived(wait, now, frame, minRtt) || earlierArrived(wait, frame))
        left -= Math.min(wait.end, end) - Math.max(wait.start, start);
    }
  }

  /**
   * The receiver has acknowledged everything and closed, and answers something with a reset: what comes so late may be any copy that
   * was taken for lost. It can report no repeats any more, so that its silence says nothing.
   */
  receiverIsGone(): void {
    for (let i = 0; i < this.length; i++) {
      for (const { verdict } of this.at(i).sendings) if (verdict.fate === Fate.LOST) verdict.fate = Fate.UNKNOWN;
    }
  }

  /** What was acknowledged last had arrived before it was sent again, as packet `frame` shows. */
  originalArrived(frame: number): void {
    if (this.latest !== null) earlierArrived(this.latest, frame);
  }

  /**
   * A duplicate ACK that echoes the timestamp of a copy which was not needed: that copy arrived as well (RFC 7323 section
   * 4.3).
   */
  readEcho(view: SegmentView): boolean {
    if (!(view.options & Option.TIMESTAMPS) || this.latest === null) return false;
    const { sendings } = this.latest;
    const named = sendings.findIndex((c) => c.tsVal === view.tsEcr);
    if (named < 1 || sendings.some((c, i) => i !== named && c.tsVal === view.tsEcr)) return false;
    const { verdict } = sendings[named];
    if (!verdict.spurious || verdict.fate !== Fate.UNKNOWN) return false;
    verdict.fate = Fate.DELIVERED;
    verdict.evidence = [...verdict.evidence, view.frame];
    return true;
  }
}

/** One more copy of the range arrived than was needed; false if none of them can be it. */
export function repeatArrived(wait: DsackWait, now: number, frame: number, minRtt: number): boolean {
  const { sendings } = wait;
  // The needless copy is the latest that could have been reported by now; the one before it is what the receiver had.
  const reported = Math.min(lastAnswerable(sendings, now, minRtt), sendings.length - 1 - wait.repeats);
  if (reported <= 0) return false;
  wait.repeats++;
  // The latest copy was answered within a round trip of usual length: those before it have had their time as well.
  const isSoon = reported === sendings.length - 1 && now - sendings[reported].time < USUAL_ROUND_TRIPS * minRtt;
  if (isSoon) wait.deadline = Math.min(wait.deadline, now + DELAYED_ACK);
  const needless = sendings[reported].verdict;
  needless.spurious = true;
  needless.fate = Fate.DELIVERED;
  needless.evidence = [...needless.evidence, frame];
  let first = 0;
  while (first < reported && sendings[first].verdict.fate !== Fate.DELIVERED) first++;
  if (first === reported) {
    // What the receiver had told to be missing did not arrive: the repair of it did.
    first = 0;
    while (first + 1 < reported && isSureRepair(sendings[first + 1].verdict)) first++;
    // One of those before it arrived, and nothing tells which of several.
    const isSure = first + 1 === reported;
    sendings[first].verdict.fate = isSure ? Fate.DELIVERED : Fate.UNKNOWN;
    sendings[first].verdict.spurious = false;
    for (let k = 0; k < first; k++) if (sendings[k].frame > 0) sendings[k].verdict.fate = Fate.LOST;
    if (!isSure) {
      for (let k = first + 1; k < reported; k++) sendings[k].verdict.fate = Fate.UNKNOWN;
      return true;
    }
  }
  // Whatever was sent after the copy that arrived first was not needed, lost or not.
  for (let i = first + 1; i < reported; i++) sendings[i].verdict.spurious = true;
  return true;
}

/**
 * What was sent before the repeats has arrived, and none of them was needed: a D-SACK came sooner than any of them can have been answered
 * (once more on its way, or by a shorter round trip than was seen so far), or the ACKs go on in order. False where they are explained.
 */
function earlierArrived(wait: DsackWait, frame: number): boolean {
  const [first, ...repeats] = wait.sendings;
  if (wait.repeats > 0 || repeats.length === 0) return false;
  wait.repeats++;
  first.verdict.fate = Fate.DELIVERED;
  for (const { verdict } of repeats) {
    verdict.spurious = true;
    if (verdict.fate === Fate.DELIVERED) verdict.fate = Fate.UNKNOWN;
  }
  const { verdict } = repeats[0];
  verdict.evidence = [...verdict.evidence, frame];
  return true;
}

function isSureRepair({ cause, confidence }: Verdict): boolean {
  return cause === Cause.FAST && confidence > 0.9;
}

/** No D-SACK came: where the receiver sends them, a copy that was not needed did not arrive. */
function release(wait: DsackWait, reportsRepeats: boolean): void {
  for (const { row, verdict } of wait.sendings) {
    if (reportsRepeats && verdict.spurious && verdict.fate === Fate.UNKNOWN) verdict.fate = Fate.LOST;
    row?.release();
  }
}
