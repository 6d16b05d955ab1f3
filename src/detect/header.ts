import type { FlagsFault } from '../messages/en/findings/protocol.ts';
import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { ACK, FIN, flagLetters, RESERVED, RST, SYN, URG } from '../model/flags.ts';
import { ChecksumStatus, type SegmentView } from '../model/segment.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { foreignTtl } from './ttl.ts';

/**
 * A segment with a wrong checksum is damaged, or was changed: what its header holds is not what its sender set. So is one in a packet whose
 * IP header has a wrong checksum, unless it is zero for a network card to fill in; and one whose IP length goes beyond its frame. There the
 * checksum of the segment cannot be known.
 */
export function weighed(view: SegmentView): { severity?: 'info'; confidence?: number } {
  const { tcpChecksumStatus, ipMissing } = view;
  const isDamaged = tcpChecksumStatus === ChecksumStatus.BAD || hasWrongHeader(view) || ipMissing > 0;
  return isDamaged ? { severity: 'info', confidence: 0.5 } : {};
}

function hasWrongHeader({ tcpChecksumStatus, ipChecksumStatus, ipChecksumFound }: SegmentView): boolean {
  if (ipChecksumStatus !== ChecksumStatus.BAD || ipChecksumFound === 0) return false;
  // The segment is as it was sent: the header was changed on the way, or after it.
  return tcpChecksumStatus !== ChecksumStatus.GOOD;
}

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
  readonly when = [Fact.ODD_HEADER, Fact.URGENT];
  private readonly findings: Collector;
  private readonly urgent = new Memory<Endpoint, Tally>(() => ({ segments: 0, frames: [] }));
  private readonly unused = new Memory<Endpoint, Tally>(() => ({ segments: 0, frames: [] }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.ODD_HEADER)) this.flags(segment);
    if (segment.has(Fact.URGENT)) this.pointer(segment);
  }

  private flags(segment: Inspection): void {
    const { view, sender } = segment;
    const { flags } = view;
    if (flags & RESERVED) {
      this.findings.raise(segment, {
        id: 'reserved-bits',
        ...weighed(view),
        message: say('reserved-bits', {
          sender,
          frame: segment.frame,
          bits: (flags & RESERVED) >>> 9,
          ttl: foreignTtl(sender, view),
        }),
        evidence: [segment.frame],
      });
    }
    const fault = faultOf(flags);
    if (fault === null) return;
    this.findings.raise(segment, {
      id: 'illegal-flags',
      ...weighed(view),
      message: say('illegal-flags', {
        sender,
        frame: segment.frame,
        letters: flagLetters(flags),
        fault,
        ttl: foreignTtl(sender, view),
      }),
      evidence: [segment.frame],
    });
  }

  private pointer(segment: Inspection): void {
    const { view, sender } = segment;
    if (!(view.flags & URG)) {
      this.tally(this.unused, segment, (tally) => ({
        id: 'urgent-pointer-unused',
        message: say('urgent-pointer-unused', { sender, segments: tally.segments }),
        evidence: tally.frames,
      }));
      return;
    }
    if (view.urgentPointer === 0) {
      this.findings.raise(segment, {
        id: 'urgent-pointer-zero',
        ...weighed(view),
        message: say('urgent-pointer-zero', { sender, frame: segment.frame }),
        evidence: [segment.frame],
      });
      return;
    }
    this.tally(this.urgent, segment, (tally) => ({
      id: 'urgent-data',
      message: say('urgent-data', { sender, segments: tally.segments }),
      evidence: tally.frames,
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
function faultOf(flags: number): FlagsFault | null {
  if (flags & SYN && flags & FIN) return 'syn-fin';
  if (flags & SYN && flags & RST) return 'syn-rst';
  if (flags & RST && flags & FIN) return 'rst-fin';
  if (!(flags & (ACK | SYN | RST))) return 'none';
  return null;
}
