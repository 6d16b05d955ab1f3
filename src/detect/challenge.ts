import type { Endpoint } from '../model/connection.ts';
import { Option } from '../model/segment.ts';
import { Reset } from '../tcp/states.ts';
import { roundTrip } from '../verdict/cause.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { type Citation, rfc } from './rfc.ts';
import { duration, nameOf, times } from './words.ts';

/** An answer that comes later than this (ns) is to something else. */
const PROMPT = 1e9;

/** ACKs that follow one another sooner than this (ns) answer the same burst. */
const SILENCE = 20e6;

interface Provocation {
  frame: number;
  time: number;
  what: string;
  cite: Citation;
}

/** ACKs that answer a segment which may be forged (RFC 5961). */
export class ChallengeAck implements Detector {
  readonly ids = ['challenge-ack'] as const;
  readonly when = Fact.REPEATED_ACK | Fact.UNACCEPTABLE | Fact.RST | Fact.UNSEEN;
  private readonly findings: Collector;
  private readonly provocations = new Memory<Endpoint, { latest: Provocation | null }>(() => ({ latest: null }));
  /** Frames of ACKs that answer nothing in the capture. */
  private readonly unprovoked = new Memory<Endpoint, number[]>(() => []);

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { facts, receiver } = segment;
    const provocation = this.provoking(segment);
    if (provocation !== null) this.provocations.of(receiver).latest = provocation;
    if (facts & Fact.REPEATED_ACK && !(facts & (Fact.UNACCEPTABLE | Fact.FIN))) this.repeats(segment);
  }

  private provoking(segment: Inspection): Provocation | null {
    const { facts, states, frame, time, t } = segment;
    const base = { frame, time };
    if (facts & Fact.UNACCEPTABLE) {
      // A damaged segment is dropped without a word.
      if (facts & Fact.CHECKSUM) return null;
      if (t.unacceptableSyn) return { ...base, what: 'a SYN', cite: rfc(5961, '4.2') };
      return { ...base, what: 'a segment that does not fit', cite: rfc(5961, '5.2') };
    }
    if (facts & Fact.RST)
      return states.reset === Reset.CHALLENGED
        ? { ...base, what: 'a RST in the window', cite: rfc(5961, '3.2') }
        : null;
    if (facts & Fact.UNSEEN) return { ...base, what: 'an ACK of data that was not sent', cite: rfc(5961, '5.2') };
    return null;
  }

  private repeats(segment: Inspection): void {
    const { sender, receiver, facts } = segment;
    const known = this.provocations.find(sender);
    const provocation = known?.latest ?? null;
    if (known !== undefined) known.latest = null;
    if (provocation !== null) {
      const late = segment.time - provocation.time;
      if (late > PROMPT) return;
      this.findings.raise(segment, {
        id: 'challenge-ack',
        cause: provocation.what,
        evidence: [segment.frame, provocation.frame],
        confidence: 0.9,
        cite: provocation.cite,
        text: `${nameOf(sender)} answered packet ${provocation.frame} (${provocation.what}) with a challenge ACK after ${duration(late)}.`,
      });
      return;
    }
    // Nothing is outstanding, nobody has said anything for long, and the window is the same: what was it for?
    const silence = Math.max(1.5 * roundTrip(sender), SILENCE);
    const unprovoked = receiver.flight!.head === null && receiver.lastFrame < sender.lastFrame && sender.lastAck > 1;
    if (!unprovoked || segment.t.sincePrevious < silence || isClosing(segment)) return;
    if (
      segment.view.options & Option.MPTCP ||
      facts & (Fact.DSACK | Fact.DUPLICATE_ACK | Fact.PROBE) ||
      sender.unansweredKind !== 0
    )
      return;
    const first = this.unprovoked.find(sender) === undefined;
    const frames = this.unprovoked.of(sender);
    note(frames, segment.frame);
    if (!first) return;
    this.findings.add(segment, 'challenge-ack', () => ({
      id: 'challenge-ack',
      cause: 'something that did not pass here',
      evidence: frames,
      confidence: 0.5,
      text: `${nameOf(sender)} repeated its ACK ${times(frames.length)} though nothing in the capture asked for it: probably challenge ACKs to segments that came from elsewhere.`,
    }));
  }
}

/** A FIN may have been repeated on the way and its copies dropped before they came here. */
function isClosing({ sender, receiver }: Inspection): boolean {
  return sender.finEnd >= 0 || receiver.finEnd >= 0;
}
