import { say } from '../messages/message.ts';
import type { PacketRow } from '../model/row.ts';
import type { Account, Collector } from './collector.ts';
import type { Gathering, RaiseAt } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { firstFrames, note } from './memory.ts';

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
  /** When the first came (ns). */
  time: number;
}

/** The copies in a capture or a shard of it, as plain data. */
export interface DuplicateFacts {
  readonly latestFrame: number;
  readonly elsewhere: Readonly<Tally> | null;
  readonly here: Readonly<Tally> | null;
}

/** Second copies of packets, made by the capture or by the network: one finding each for the whole capture. */
export class Duplicates implements Gathering<DuplicateFacts> {
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
      tally = this.elsewhere ??= this.report(begun(segment), true, segment.row);
    } else {
      tally = this.here ??= this.report(begun(segment), false, segment.row);
    }
    tally.copies++;
    note(tally.frames, segment.frame);
  }

  gathered(): DuplicateFacts {
    const { latestFrame, elsewhere, here } = this;
    return { latestFrame, elsewhere, here };
  }

  join(shards: readonly DuplicateFacts[], raiseAt: RaiseAt): void {
    this.latestFrame = Math.max(0, ...shards.map(({ latestFrame }) => latestFrame));
    const elsewhere = joined(shards.flatMap((shard) => shard.elsewhere ?? []));
    const here = joined(shards.flatMap((shard) => shard.here ?? []));
    for (const tally of elsewhere) raiseAt(tally.frames[0], () => this.report(tally, true, null));
    for (const tally of here) raiseAt(tally.frames[0], () => this.report(tally, false, null));
  }

  private report(tally: Tally, isElsewhere: boolean, row: PacketRow | null): Tally {
    const where = { connection: null, row, frame: tally.frames[0], time: tally.time };
    const isOfNetwork = () => !isElsewhere && tally.copies < CAPTURE_SHARE * this.latestFrame;
    this.findings.add(where, 'duplicates', () =>
      isOfNetwork() ? network(tally, this.latestFrame) : this.capture(tally),
    );
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

function begun({ frame, time, verdict }: Inspection): Tally {
  return { copies: 0, frames: [frame], original: verdict!.original, time };
}

/** Those of all shards together: one or none. */
function joined(tallies: readonly Readonly<Tally>[]): Tally[] {
  if (tallies.length === 0) return [];
  const [first] = tallies.toSorted((one, other) => one.frames[0] - other.frames[0]);
  const copies = tallies.reduce((sum, tally) => sum + tally.copies, 0);
  return [{ ...first, copies, frames: firstFrames(tallies.map(({ frames }) => frames)) }];
}
