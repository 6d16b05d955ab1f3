import { say } from '../messages/message.ts';
import type { Account, Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { note } from './memory.ts';

/** A capture that makes copies makes many: of fewer than this share of the packets the network made them. */
const CAPTURE_SHARE = 0.2;

/** Copies by the network that are worth looking after. */
const MANY = 3;
const NOTABLE_SHARE = 0.01;

/** Copies of one sort; the first is named. */
interface Tally {
  copies: number;
  frames: number[];
  original: number;
}

/** Second copies of packets, made by the capture or by the network: one finding each for the whole capture. */
export class Duplicates implements Detector {
  readonly ids = ['capture-duplicate', 'network-duplicate'] as const;
  readonly when = [Fact.DUPLICATE];
  private readonly findings: Collector;
  /** With another TTL, VLAN or interface, and in the same place: whose they are shows in how many there are. */
  private elsewhere: Tally | null = null;
  private here: Tally | null = null;
  private latestFrame = 0;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const verdict = segment.verdict!;
    this.latestFrame = segment.frame;
    let tally: Tally;
    if (verdict.byCapture && verdict.confidence === 1) {
      tally = this.elsewhere ??= this.report(segment, (copies) => this.capture(copies));
    } else {
      tally = this.here ??= this.report(segment, (copies) =>
        copies.copies < CAPTURE_SHARE * this.latestFrame ? network(copies, this.latestFrame) : this.capture(copies),
      );
    }
    tally.copies++;
    note(tally.frames, segment.frame);
  }

  private report(segment: Inspection, account: (tally: Tally) => Account): Tally {
    const tally: Tally = { copies: 0, frames: [], original: segment.verdict!.original };
    const where = { connection: null, row: segment.row, frame: segment.frame, time: segment.time };
    this.findings.add(where, 'duplicates', () => account(tally));
    return tally;
  }

  private capture(tally: Tally): Account {
    const { copies, frames, original } = tally;
    return {
      id: 'capture-duplicate',
      message: say('capture-duplicate', { copies, share: copies / this.latestFrame, frame: frames[0], original }),
      evidence: frames,
      confidence: 0.95,
    };
  }
}

function network({ copies, frames, original }: Tally, packets: number): Account {
  return {
    id: 'network-duplicate',
    // TCP drops them; a few cost nothing.
    severity: copies >= MANY && copies >= NOTABLE_SHARE * packets ? 'warning' : 'info',
    message: say('network-duplicate', { copies, frame: frames[0], original }),
    evidence: frames,
    confidence: 0.7,
  };
}
