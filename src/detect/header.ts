import type { Endpoint } from '../model/connection.ts';
import { ACK, FIN, flagLetters, RESERVED, RST, SYN, URG } from '../model/flags.ts';
import type { Account, Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { nameOf, plural } from './words.ts';

interface Tally {
  segments: number;
  frames: number[];
}

/** Flags, reserved bits and the urgent pointer. */
export class HeaderFields implements Detector {
  readonly ids = [
    'illegal-flags',
    'reserved-bits',
    'urgent-data',
    'urgent-pointer-zero',
    'urgent-pointer-unused',
  ] as const;
  readonly when = Fact.ODD_HEADER | Fact.URGENT;
  private readonly findings: Collector;
  private readonly urgent = new Memory<Endpoint, Tally>(() => ({ segments: 0, frames: [] }));
  private readonly unused = new Memory<Endpoint, Tally>(() => ({ segments: 0, frames: [] }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { facts } = segment;
    if (facts & Fact.ODD_HEADER) this.flags(segment);
    if (facts & Fact.URGENT) this.pointer(segment);
  }

  private flags(segment: Inspection): void {
    const { view, sender } = segment;
    const { flags } = view;
    if (flags & RESERVED) {
      const bits = (flags & RESERVED) >>> 9;
      this.findings.raise(segment, {
        id: 'reserved-bits',
        cause: 'bits that must be zero',
        evidence: [segment.frame],
        text: `${nameOf(sender)} set reserved bits (${bits.toString(2).padStart(3, '0')}) in the header of packet ${segment.frame}.`,
      });
    }
    const why = nonsense(flags);
    if (why === null) return;
    this.findings.raise(segment, {
      id: 'illegal-flags',
      cause: why,
      evidence: [segment.frame],
      text: `Packet ${segment.frame} of ${nameOf(sender)} has the flags [${flagLetters(flags)}]: ${why}.`,
    });
  }

  private pointer(segment: Inspection): void {
    const { view, sender } = segment;
    if (!(view.flags & URG)) {
      this.tally(this.unused, segment, (tally) => ({
        id: 'urgent-pointer-unused',
        cause: 'a pointer that means nothing',
        evidence: tally.frames,
        text: `${plural(tally.segments, 'segment')} of ${nameOf(sender)} ${tally.segments === 1 ? 'has' : 'have'} an urgent pointer without the URG flag.`,
      }));
      return;
    }
    if (view.urgentPointer === 0) {
      this.findings.raise(segment, {
        id: 'urgent-pointer-zero',
        cause: 'urgent data that ends before it begins',
        evidence: [segment.frame],
        text: `Packet ${segment.frame} of ${nameOf(sender)} has the URG flag and an urgent pointer of zero.`,
      });
      return;
    }
    this.tally(this.urgent, segment, (tally) => ({
      id: 'urgent-data',
      cause: 'the application sent out-of-band data',
      evidence: tally.frames,
      text: `${nameOf(sender)} sent urgent data in ${plural(tally.segments, 'segment')}.`,
    }));
  }

  private tally(memory: Memory<Endpoint, Tally>, segment: Inspection, account: (tally: Tally) => Account): void {
    const known = memory.find(segment.sender);
    const tally = known ?? memory.of(segment.sender);
    tally.segments++;
    note(tally.frames, segment.frame);
    if (known === undefined) this.findings.add(segment, account(tally).id, () => account(tally));
  }
}

/** Why no segment has these flags, or null when some may. */
function nonsense(flags: number): string | null {
  if (flags & SYN && flags & FIN) return 'SYN and FIN at once';
  if (flags & SYN && flags & RST) return 'SYN and RST at once';
  if (flags & RST && flags & FIN) return 'RST and FIN at once';
  if (!(flags & (ACK | SYN | RST))) return 'none of ACK, SYN and RST';
  return null;
}
