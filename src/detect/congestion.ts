import { CUBIC_C } from '../congestion/cubic.ts';
import { STILL_SENDING, UNREDUCED } from '../congestion/flight-shares.ts';
import { PROMPT } from '../congestion/silences.ts';
import { say } from '../messages/message.ts';
import { positionOf } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Ca } from '../model/outbound.ts';
import { NEVER } from '../model/packed.ts';
import { INITIAL_WINDOW } from '../model/tcp-constants.ts';
import { Cause } from '../model/verdict.ts';
import type { FindingId } from './catalogue.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';

/** A window may be this many segments larger than we know. */
const SLACK = 4;
/** Segments in a row after a timeout that are no rounding and no probe. */
const BURST = 1 + SLACK;
/** Losses in a row that have to stay without an answer. */
const UNANSWERED = 3;
/** Fewer segments in flight show no reduction. */
const LEAST_FLIGHT = 10;
/** A sender of which a smaller share of the segments follows an ACK within `PROMPT` follows a clock. */
const CLOCKED = 0.6;
/** CUBIC is back at 0.85 of the old window after a fifth of its K (RFC 8312 section 4.1). */
const CUBIC_LEFT = 0.3;
const CUBIC_EARLY = 0.2;

const Part = { NONE: 0, REPAIRING: 1, AFTER: 2 } as const;

/** What is followed of a sender that has lost something or that sends much. */
class Watch {
  /** Most bytes in flight before anything was acknowledged. */
  initial = 0;
  readonly reported = new Set<FindingId>();

  /** Of the latest timeout (ns), `NEVER` once an ACK has come; segments since. */
  timeout: number = NEVER;
  burst = 0;
  /** Most segments that followed one timeout so. */
  longest = 0;

  // The latest loss: bytes in flight then, the offset that repairs it or ends the round after it.
  part: number = Part.NONE;
  before = 0;
  end = 0;
  lossFrame = 0;
  /** Of the round after the repair: start (ns), most bytes in flight, bytes and segments sent, and those at once upon an ACK. */
  start: number = NEVER;
  peak = 0;
  bytes = 0;
  segments = 0;
  prompt = 0;
  /** Latest ACK (ns). */
  heard: number = NEVER;
  /** First retransmissions of the losses in a row that were not answered. */
  unanswered: number[] = [];
}

/**
 * Senders that break RFC 5681. They are judged by bounds that no conforming sender exceeds, whatever its algorithm, and only
 * where the capture was made beside them: elsewhere nobody knows what they had been told.
 */
export class CongestionRules implements Detector {
  readonly ids = [
    'initial-window-exceeded',
    'window-growth-too-fast',
    'burst-after-timeout',
    'loss-without-reduction',
  ] as const;
  readonly when = [Fact.RETRANSMISSION, Fact.CONGESTION];
  private readonly findings: Collector;
  private readonly watches = new Memory<Endpoint, Watch>(() => new Watch());

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { sender, receiver, t } = segment;
    const takesSpace = t.end > t.seq;
    if (positionOf(segment.connection) === sender.role && takesSpace) {
      const watch = this.watches.of(sender);
      this.sends(segment, watch);
      if (segment.has(Fact.RETRANSMISSION)) this.retransmits(segment, watch);
    }
    if (receiver.watched && t.ack >= 0) this.hears(segment, this.watches.of(receiver));
  }

  private sends(segment: Inspection, watch: Watch): void {
    const { sender, t, time } = segment;
    this.compare(segment, watch);
    if (watch.timeout !== NEVER && ++watch.burst > BURST && time - watch.timeout < sender.outbound!.rtt.rto / 2) {
      watch.longest = Math.max(watch.longest, watch.burst);
      this.report(segment, watch, 'burst-after-timeout');
    }
    if (watch.part !== Part.AFTER || t.end <= sender.sndNxt) return;
    watch.segments++;
    watch.bytes += t.end - t.seq;
    if (time - watch.heard <= PROMPT) watch.prompt++;
    watch.peak = Math.max(watch.peak, t.end - sender.sndUna);
  }

  /**
   * Slow start: the initial window, and as much more as was acknowledged (RFC 5681 section 3.1). Who counts segments (Linux), or ACKs
   * (RFC 5681 allows it), opens it by a full one for a small one too.
   */
  private compare(segment: Inspection, watch: Watch): void {
    const { sender, receiver, t, time } = segment;
    const { scoreboard, rtt } = sender.outbound!;
    const { oldestTime } = scoreboard;
    const outstanding = inFlight(segment);
    if (Number.isNaN(sender.connection.handshakeTime) || receiver.mss <= 0 || scoreboard.isEmpty) return;
    // While it repairs a loss nobody tells how much has left the network (RFC 5681 section 3.2 inflates the window by it).
    if (sender.outbound!.caState !== Ca.OPEN) return;
    const allowed = INITIAL_WINDOW * receiver.mss;
    const acknowledged = Math.max(t.end, sender.sndNxt) - outstanding;
    const byCount = (sender.dataPackets - scoreboard.unanswered) * receiver.mss;
    // An ACK that the capture missed is no excuse for data that left within one round trip.
    if (acknowledged <= 1) {
      if (outstanding <= allowed + 1 || time - oldestTime > rtt.min) return;
      watch.initial = Math.max(watch.initial, outstanding);
      this.report(segment, watch, 'initial-window-exceeded');
    } else if (
      outstanding >
      Math.max(allowed, watch.initial) + Math.max(acknowledged, byCount) + SLACK * receiver.mss
    ) {
      if (time - oldestTime <= rtt.srtt) this.report(segment, watch, 'window-growth-too-fast');
    }
  }

  private retransmits(segment: Inspection, watch: Watch): void {
    const { sender, receiver, time, frame } = segment;
    const { cause } = segment.verdict!;
    if (cause === Cause.RTO) {
      watch.timeout = time;
      watch.burst = 1;
      watch.part = Part.NONE;
      sender.watched = true;
    }
    if (cause !== Cause.FAST || watch.part === Part.REPAIRING) return;
    const flight = sender.sndNxt - sender.sndUna;
    // A flight that fills the receiver's window says nothing about the other one.
    if (
      receiver.mss <= 0 ||
      flight < LEAST_FLIGHT * receiver.mss ||
      receiver.windowEdge - sender.sndNxt < 2 * receiver.mss
    ) {
      watch.part = Part.NONE;
      return;
    }
    watch.part = Part.REPAIRING;
    watch.before = flight;
    watch.end = sender.sndNxt;
    watch.lossFrame = frame;
    sender.watched = true;
  }

  private hears(segment: Inspection, watch: Watch): void {
    const { receiver: sender, t, time, effect } = segment;
    watch.timeout = NEVER;
    watch.heard = time;
    // What was sent again was not lost: nothing to answer.
    if (effect.dsack) watch.part = Part.NONE;
    if (watch.part === Part.NONE) {
      sender.watched = false;
      return;
    }
    if (watch.part === Part.AFTER) {
      if (t.ack <= watch.end) return;
      this.judge(segment, watch);
      watch.part = Part.NONE;
      return;
    }
    if (t.ack < watch.end) return;
    watch.part = Part.AFTER;
    watch.end = sender.sndNxt;
    watch.start = time;
    watch.peak = watch.bytes = watch.segments = watch.prompt = 0;
  }

  /** The round after the repair is over. */
  private judge(segment: Inspection, watch: Watch): void {
    const { receiver: sender, sender: peer, time } = segment;
    const { before, peak, bytes, segments, prompt, start } = watch;
    const k = Math.cbrt((CUBIC_LEFT * before) / peer.mss / CUBIC_C) * 1e9;
    if (bytes < STILL_SENDING * before || time - start + sender.outbound!.rtt.srtt > CUBIC_EARLY * k) return;
    // A sender that keeps to a rate is another matter (BBR).
    if (peak < UNREDUCED * before || prompt < CLOCKED * segments) watch.unanswered = [];
    else watch.unanswered.push(watch.lossFrame);
    if (watch.unanswered.length === UNANSWERED) this.report(segment, watch, 'loss-without-reduction', sender);
  }

  private report(segment: Inspection, watch: Watch, id: FindingId, sender = segment.sender): void {
    if (watch.reported.has(id)) return;
    watch.reported.add(id);
    const mss = sender.peer.mss;
    const segmentsOf = (bytes: number) => Math.ceil(bytes / mss);
    const flight = segmentsOf(inFlight(segment));
    const { before, peak, unanswered } = watch;
    const end = sender;
    const { frame } = segment;
    const finding = this.findings.add(segment, `${id} ${sender.role}`, () => {
      switch (id) {
        case 'initial-window-exceeded':
          return {
            id,
            message: say(id, { sender: end, segments: segmentsOf(watch.initial), allowed: INITIAL_WINDOW }),
            evidence: [frame],
            confidence: 0.9,
          };
        case 'window-growth-too-fast':
          return {
            id,
            message: say(id, { sender: end, segments: flight }),
            evidence: [frame],
            confidence: 0.9,
          };
        case 'burst-after-timeout':
          return {
            id,
            message: say(id, { sender: end, segments: watch.longest }),
            evidence: [frame],
            confidence: 0.8,
          };
        default:
          return {
            id,
            message: say('loss-without-reduction', {
              sender: end,
              losses: UNANSWERED,
              before: segmentsOf(before),
              after: segmentsOf(peak),
            }),
            evidence: [frame, ...unanswered],
            confidence: 0.8,
          };
      }
    });
    if (finding === null) return;
    sender.violations ??= [];
    sender.violations.push(finding);
  }
}

/** Bytes of the sender that are out with this segment. What was acknowledged before it was captured is not. */
function inFlight({ sender, receiver, t }: Inspection): number {
  const known = Math.min(receiver.lastAck, Math.max(t.end, sender.sndNxt));
  return sender.outbound!.scoreboard.outstanding - Math.max(known - Math.max(sender.sndUna, 1), 0);
}
