import type { Provocation as Provoking } from '../messages/en/findings/window.ts';
import { say } from '../messages/message.ts';
import { roundTrip } from '../model/capture-position.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Option } from '../model/segment.ts';
import { Reset } from '../model/transition.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { type Citation, rfc } from './rfc.ts';

/** An answer that comes later than this (ns) is to something else. */
const PROMPT = 1e9;

/** ACKs that follow one another sooner than this (ns) answer the same burst. */
const SILENCE = 20e6;

interface Provocation {
  frame: number;
  time: number;
  what: Provoking;
  cite: Citation;
  /** What it acknowledges, where that was not sent as far as the capture shows; infinite for all others. */
  unsent: number;
}

/** ACKs that answer a segment which may be forged (RFC 5961). */
export class ChallengeAck implements Detector {
  readonly ids = ['challenge-ack'] as const;
  readonly when = [Fact.REPEATED_ACK, Fact.UNACCEPTABLE, Fact.RST, Fact.UNSEEN];
  private readonly findings: Collector;
  private readonly provocations = new Memory<Endpoint, { latest: Provocation | null }>(() => ({ latest: null }));
  /** Frames of ACKs that answer nothing in the capture. */
  private readonly unprovoked = new Memory<Endpoint, number[]>(() => []);

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { receiver } = segment;
    const provocation = this.provoking(segment);
    if (provocation !== null) this.provocations.of(receiver).latest = provocation;
    if (segment.has(Fact.REPEATED_ACK) && !(segment.has(Fact.UNACCEPTABLE) || segment.has(Fact.FIN)))
      this.repeats(segment);
  }

  private provoking(segment: Inspection): Provocation | null {
    const { frame, time, t } = segment;
    const base = { frame, time, unsent: Number.POSITIVE_INFINITY };
    if (segment.has(Fact.UNACCEPTABLE)) {
      // A damaged segment is dropped without an answer.
      if (segment.has(Fact.CHECKSUM)) return null;
      if (t.unacceptableSyn) return { ...base, what: 'syn', cite: rfc(5961, '4.2') };
      return { ...base, what: 'unfit', cite: rfc(5961, '5.2') };
    }
    if (segment.has(Fact.RST))
      return segment.transition.resetOutcome === Reset.CHALLENGED
        ? { ...base, what: 'rst', cite: rfc(5961, '3.2') }
        : null;
    if (segment.has(Fact.UNSEEN)) return { ...base, what: 'unsent', unsent: t.ack, cite: rfc(5961, '5.2') };
    return null;
  }

  private repeats(segment: Inspection): void {
    const { sender, receiver } = segment;
    const known = this.provocations.find(sender);
    const provocation = known?.latest ?? null;
    if (known !== undefined) known.latest = null;
    if (provocation !== null) {
      const late = segment.time - provocation.time;
      // A challenge ACK tells what its sender has sent (SND.NXT). Where that had been acknowledged, nothing was to be answered.
      if (late > PROMPT || segment.t.seq >= provocation.unsent) return;
      this.findings.raise(segment, {
        id: 'challenge-ack',
        evidence: [segment.frame, provocation.frame],
        confidence: 0.9,
        cite: provocation.cite,
        message: say('challenge-ack', {
          end: sender,
          provocation: provocation.what,
          frame: provocation.frame,
          late,
        }),
      });
      return;
    }
    // Nothing is outstanding, nothing was sent for long, and the window is the same: no segment in the capture provoked the ACK.
    const silence = Math.max(1.5 * roundTrip(sender), SILENCE);
    const unprovoked =
      (receiver.outbound?.scoreboard.isEmpty ?? true) && receiver.lastFrame < sender.lastFrame && sender.lastAck > 1;
    if (!unprovoked || segment.t.sincePrevious < silence || isClosing(segment)) return;
    if (
      segment.view.options & Option.MPTCP ||
      segment.has(Fact.DSACK) ||
      segment.has(Fact.DUPLICATE_ACK) ||
      segment.has(Fact.PROBE) ||
      sender.unansweredKind !== 0
    )
      return;
    const first = this.unprovoked.find(sender) === undefined;
    const frames = this.unprovoked.of(sender);
    note(frames, segment.frame);
    if (!first) return;
    this.findings.add(segment, 'challenge-ack', () => ({
      id: 'challenge-ack',
      evidence: frames,
      confidence: 0.5,
      message: say('challenge-ack.unprovoked', { end: sender, acks: frames.length }),
    }));
  }
}

/** A FIN may have been repeated on the way and its copies dropped before they came here. */
function isClosing({ sender, receiver }: Inspection): boolean {
  return sender.finEnd >= 0 || receiver.finEnd >= 0;
}
