import { isAway, positionOf } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { NEVER } from '../model/packed.ts';
import type { SegmentView } from '../model/segment.ts';
import { FIRST_BYTE } from '../model/seq.ts';
import { Cause, type Verdict } from '../model/verdict.ts';
import { SHORTEST_SYN_TIMER } from '../verdict/duplicates.ts';
import type { Inspection } from './inspection.ts';
import { note } from './memory.ts';

/** Verdicts of one episode that are followed until they are settled; later ones count as needed. */
const MOST_VERDICTS = 1024;
/** Waiting times that a text names. */
const MOST_WAITS = 16;
/** Less than this (ns) is no timer: a SYN,ACK is repeated at once when the SYN is. */
const AT_ONCE = 4e6;
/** Octets of a SACK option of one block, padded (RFC 2018 section 3). */
const DSACK_LENGTH = 12;

/** The repair of one stretch of the stream, as it is gathered: it lasts until all that had been sent when it began is acknowledged. */
export class Episode {
  readonly sender: Endpoint;
  readonly start: number;
  readonly frames: number[] = [];
  latestFrame = 0;
  /** When the latest of them passed (ns). */
  latestTime: number = NEVER;
  /** The capture is cut so short that no D-SACK can be read. */
  isDeaf = false;
  readonly dsackFrames: number[] = [];
  /** Retransmissions by cause. */
  readonly causes = new Uint32Array(Cause.UNKNOWN + 1);
  /** How long (ns) the sender had waited before each timeout or repeated SYN, and before each probe. */
  readonly waits: number[] = [];
  readonly probeWaits: number[] = [];
  /** When it last sent its SYN or SYN,ACK (ns). */
  private synTime: number;
  segments = 0;
  /** The latest probe, as long as it is taken for one. */
  private probe: Verdict | null = null;
  /** Some of what was sent again holds more than one segment: how many bytes of it were lost, it does not tell. */
  isRepacked = false;
  /** Duplicate ACKs were captured. */
  hasReports = false;
  /** What it begins with was acknowledged already: no later ACK tells when it was repaired. */
  hadArrived = false;
  /** An ACK had told of the loss. */
  wasTold = false;
  /** Some data of the sender had been acknowledged before. */
  wasAnswered = false;
  /** No ACK had told of what it begins with: whatever comes after it begins for that reason, too. */
  isUntold = false;
  /** An earlier probe cannot have been a timeout. */
  private hadSureProbe = false;
  /** That of the first of it; see `Verdict`. */
  echoAge = -1;
  /** How long (ns) nothing of the sender had come when it began with a timeout for what had not passed here, `NEVER` else. */
  silence: number = NEVER;
  /** Timeouts for what had passed here. */
  passed = 0;
  /** Its SYNs are not in the order of their times. */
  isDisordered = false;
  /** SYNs that came as late as a timer would send them. */
  timed = 0;
  /** SYNs that were sent again after the other end had answered the one before with anything but a SYN,ACK. */
  refused = 0;
  /** SYN,ACKs that answer a repeated SYN. */
  answers = 0;
  bytes = 0;
  /** What it sent again lies between these offsets. */
  from = Number.POSITIVE_INFINITY;
  to = 0;
  /** Bytes of data in the smallest segment of it. */
  smallest = Number.POSITIVE_INFINITY;
  /** Nanoseconds, `NEVER` while it is not. */
  repaired: number = NEVER;
  /** The input ended before it was repaired. */
  unfinished = false;
  private verdicts: Verdict[] = [];
  private needless = 0;
  private lacked = 0;

  constructor(sender: Endpoint, start: number) {
    this.sender = sender;
    this.start = start;
    const { connection } = sender;
    this.synTime = sender.isClient ? connection.synTime : connection.synAckTime;
  }

  take(segment: Inspection): void {
    const verdict = segment.verdict!;
    if (this.probe?.cause === Cause.RTO) this.wasTimeout();
    if (verdict.cause === Cause.TLP) {
      this.hadSureProbe = this.isSureProbe;
      this.probe = verdict;
    }
    if (verdict.parts > 1) this.isRepacked = true;
    if (this.segments++ === 0) this.begins(segment, verdict);
    if (verdict.evidence.length > 0) this.wasTold = true;
    if ((this.sender.outbound?.dupAcks ?? 0) > 0) this.hasReports = true;
    if (verdict.cause === Cause.RTO && verdict.original > 0) this.passed++;
    // The other end had just repeated its SYN, in the capture or, where no timer is that short, before it: this is the answer to it.
    const isAnswer =
      segment.receiver.lastFrame > segment.sender.lastFrame || segment.time - this.synTime < SHORTEST_SYN_TIMER;
    if (verdict.cause === Cause.SYN_ACK && isAnswer) this.answers++;
    const { lastFrame, hasIss } = segment.receiver;
    if (verdict.cause === Cause.SYN && !hasIss && lastFrame > (this.latestFrame || verdict.original)) this.refused++;
    this.bytes += repeated(segment);
    this.smallest = Math.min(this.smallest, segment.view.payloadLength);
    this.from = Math.min(this.from, segment.t.seq);
    this.to = Math.max(this.to, segment.t.end);
    this.causes[verdict.cause]++;
    note(this.frames, segment.frame);
    this.latestFrame = segment.frame;
    this.latestTime = segment.time;
    if (isTooShort(segment.view)) this.isDeaf = true;
    if (this.verdicts.length < MOST_VERDICTS) this.verdicts.push(verdict);
    this.noteWait(verdict, segment.time);
  }

  /** What the first of it tells. */
  private begins({ t: { end } }: Inspection, { cause, original, waited, evidence, echoAge }: Verdict): void {
    const { sndUna } = this.sender;
    this.hadArrived = end <= sndUna;
    this.wasAnswered = sndUna > FIRST_BYTE;
    this.isUntold = evidence.length === 0;
    this.echoAge = echoAge;
    if (original > 0) return;
    if (cause === Cause.RTO) this.silence = waited;
    // It goes on after a timeout that was not seen as one.
    else if (cause === Cause.RTO_RECOVERY) this.silence = 0;
  }

  /** The waits of the timeouts that followed have shown that the latest probe was the first of them. */
  private wasTimeout(): void {
    if (this.probe!.original > 0) this.passed++;
    this.probe = null;
    this.causes[Cause.TLP]--;
    this.causes[Cause.RTO]++;
    const waited = this.probeWaits.pop();
    if (waited !== undefined) this.waits.unshift(waited);
  }

  private noteWait(verdict: Verdict, time: number): void {
    let { waited } = verdict;
    let { waits } = this;
    switch (verdict.cause) {
      case Cause.SYN:
      case Cause.SYN_ACK:
        waited = time - this.synTime;
        // Where the capture has them in another order than they were sent in, the times between them mean nothing.
        if (waited < 0) this.isDisordered = true;
        if (verdict.cause === Cause.SYN && !(waited < SHORTEST_SYN_TIMER)) this.timed++;
        this.synTime = time;
        break;
      case Cause.RTO:
        // Data that are sent again before anything was acknowledged are no SYN.
        if (this.isOfSyn) return;
        // When the first copy left is known only where the capture was made beside its sender.
        if (verdict.original === 0 && !isBeside(this.sender)) return;
        break;
      case Cause.TLP:
        // Where the first copy was not captured, nobody knows when it left.
        if (verdict.original === 0) return;
        waits = this.probeWaits;
        break;
      default:
        return;
    }
    if (waited > AT_ONCE && waits.length < MOST_WAITS) waits.push(waited);
  }

  /** Its verdicts will not change any more: what is needed of them is kept. */
  settle(): void {
    this.needless = this.countNeedless();
    this.lacked = this.countLacked();
    this.verdicts = [];
  }

  countNeedless(): number {
    let n = this.needless;
    for (const verdict of this.verdicts) if (verdict.spurious) n++;
    return n;
  }

  /** Those that brought what their receiver had lacked, and whose first copies were not seen. */
  countLacked(): number {
    let n = this.lacked;
    for (const verdict of this.verdicts) if (verdict.wasLacked) n++;
    return n;
  }

  /** It began with a SYN or SYN,ACK that came again. */
  get isOfSyn(): boolean {
    return this.causes[Cause.SYN] + this.causes[Cause.SYN_ACK] > 0;
  }

  /** Some of its probes cannot have been timeouts, as far as the waits that followed have shown it. */
  get isSureProbe(): boolean {
    return this.hadSureProbe || (this.probe !== null && !this.probe.mayBeTimeout);
  }
}

/** Bytes of the segment that had been sent before: a repeat may bring new ones with them. */
function repeated({ t: { seq, previousSndNxt }, view: { payloadLength } }: Inspection): number {
  const before = previousSndNxt - seq;
  return before > 0 ? Math.min(payloadLength, before) : payloadLength;
}

/** The packet is cut (snaplen) where one with the same header and a D-SACK more would be. */
function isTooShort({ payloadOffset, recordOffset, capturedLength, originalLength }: SegmentView): boolean {
  return capturedLength < originalLength && payloadOffset - recordOffset + DSACK_LENGTH > capturedLength;
}

/** The capture was made where the sender is. */
function isBeside(sender: Endpoint): boolean {
  return positionOf(sender.connection) !== null && !isAway(sender);
}
