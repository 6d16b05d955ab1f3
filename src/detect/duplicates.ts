import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { PacketRow } from '../model/row.ts';
import { Option } from '../model/segment.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Gathering, RaiseAt } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { firstFrames, Memory, note } from './memory.ts';
import type { CaptureNature } from './nature.ts';

/** A capture that makes copies makes many: of fewer than this share of the packets the network made them. */
const CAPTURE_SHARE = 0.2;

/**
 * A copy of data that reaches its receiver is answered at once, with an ACK that acknowledges nothing (RFC 9293 section
 * 3.10.7.4) or a D-SACK. Where of so many less than half were answered, they did not get there: they are in the capture only.
 */
const UNANSWERED = 3;
/** A network needs longer than this (ns) to deliver a packet again. */
const AT_ONCE = 1e3;

/** Copies by the network that are worth looking after. */
const MANY = 3;
const NOTABLE_SHARE = 0.01;

/** Pairs of a packet and its copy that are kept of each tally: even, and enough to tell which sort is the most. */
const MOST_PAIRS = 64;

/** Every so many copies one is in a sample. */
interface Sample {
  every: number;
  /** The frame of a packet, and that of its copy. */
  pairs: [original: number, copy: number][];
}

/** Copies of one sort; the first is named. */
interface Tally {
  copies: number;
  frames: number[];
  original: number;
  /** When the first came (ns). */
  time: number;
  /** Copies right after what they repeat. */
  atOnce: number;
  /** One of each shard. */
  samples: readonly Sample[];
}

/** The copies in a capture or a shard of it, as plain data. */
export interface DuplicateFacts {
  readonly elsewhere: Readonly<Tally> | null;
  readonly here: Readonly<Tally> | null;
  readonly copiesOfData: number;
  readonly answers: number;
}

/** Second copies of packets, made by the capture or by the network: one finding each for the whole capture. */
export class Duplicates implements Gathering<DuplicateFacts> {
  readonly ids = ['capture-duplicate', 'network-duplicate'] as const;
  readonly when = [Fact.DUPLICATE, Fact.REPEATED_ACK, Fact.DSACK];
  private readonly findings: Collector;
  private readonly nature: CaptureNature;
  /** With another TTL, VLAN or interface, and in the same place: whose they are shows in how many there are. */
  private elsewhere: Tally | null = null;
  private here: Tally | null = null;
  /** Copies of data in the same place whose receiver is seen, and how many it answered. */
  private copiesOfData = 0;
  private answers = 0;
  /** Copies of data of each end that were not answered yet. */
  private readonly unanswered = new Memory<Endpoint, { copies: number }>(() => ({ copies: 0 }));
  /** Segments of TCP in the whole capture. */
  private packets = 0;

  constructor(findings: Collector, nature: CaptureNature) {
    this.findings = findings;
    this.nature = nature;
  }

  inspect(segment: Inspection): void {
    if (!segment.has(Fact.DUPLICATE)) {
      this.answer(segment);
      return;
    }
    const verdict = segment.verdict!;
    // Not a copy, but another view that nobody waited for.
    if (segment.view.sight?.isEarly && verdict.byCapture) return;
    let tally: Tally;
    if (verdict.byCapture && verdict.confidence === 1) {
      tally = this.elsewhere ??= this.report(begun(segment), true, segment.row);
    } else {
      if (isNameless(segment)) return;
      tally = this.here ??= this.report(begun(segment), false, segment.row);
      if (segment.view.payloadLength > 0 && segment.receiver.seen) {
        this.copiesOfData++;
        this.unanswered.of(segment.sender).copies++;
      }
    }
    sample(tally.samples[0], tally.copies, verdict.original, segment.frame);
    tally.copies++;
    if (verdict.lateness < AT_ONCE) tally.atOnce++;
    note(tally.frames, segment.frame);
  }

  private answer({ receiver }: Inspection): void {
    const copy = this.unanswered.find(receiver);
    if (copy === undefined || copy.copies === 0) return;
    copy.copies--;
    this.answers++;
  }

  concludeCapture({ counts }: CaptureEnd): void {
    this.packets = counts.tcp;
  }

  gathered(): DuplicateFacts {
    const { elsewhere, here, copiesOfData, answers } = this;
    return { elsewhere, here, copiesOfData, answers };
  }

  join(shards: readonly DuplicateFacts[], raiseAt: RaiseAt): void {
    for (const { copiesOfData, answers } of shards) {
      this.copiesOfData += copiesOfData;
      this.answers += answers;
    }
    const elsewhere = joined(shards.flatMap((shard) => shard.elsewhere ?? []));
    const here = joined(shards.flatMap((shard) => shard.here ?? []));
    for (const tally of elsewhere) raiseAt(tally.frames[0], () => this.report(tally, true, null));
    for (const tally of here) raiseAt(tally.frames[0], () => this.report(tally, false, null));
  }

  private report(tally: Tally, isElsewhere: boolean, row: PacketRow | null): Tally {
    const where = { connection: null, row, frame: tally.frames[0], time: tally.time };
    this.findings.add(where, 'duplicates', () => {
      const isOfNetwork = !isElsewhere && tally.copies < CAPTURE_SHARE * this.packets && !this.isInCaptureOnly(tally);
      return isOfNetwork ? network(tally, this.packets) : this.capture(tally);
    });
    return tally;
  }

  private isInCaptureOnly({ copies, atOnce, samples }: Tally): boolean {
    if (this.isAcrossSeams(samples)) return true;
    if (2 * atOnce > copies) return true;
    return !this.nature.lacksAcks && this.copiesOfData >= UNANSWERED && 2 * this.answers < this.copiesOfData;
  }

  /** What stands before and after a place where the time goes back is in the file twice: most of the copies do. */
  private isAcrossSeams(samples: readonly Sample[]): boolean {
    let [across, all] = [0, 0];
    for (const { every, pairs } of samples) {
      for (const [original, copy] of pairs) if (this.nature.times.isSeam(original, copy)) across += every;
      all += every * pairs.length;
    }
    return 2 * across > all;
  }

  private capture(tally: Tally): Account {
    const { copies, frames, original } = tally;
    return {
      id: 'capture-duplicate',
      message: say('capture-duplicate', { copies, share: copies / this.packets, frame: frames[0], original }),
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

/** Neither IP ID nor timestamp tells a copy from the same bytes sent again. */
function isNameless({ view: { ipId, options, payloadLength } }: Inspection): boolean {
  return ipId <= 0 && payloadLength > 0 && !(options & Option.TIMESTAMPS);
}

function begun({ frame, time, verdict }: Inspection): Tally {
  const samples = [{ every: 1, pairs: [] }];
  return { copies: 0, frames: [frame], original: verdict!.original, time, atOnce: 0, samples };
}

/** Takes the pair where it is the turn of its `number` (from 0 on). A full sample keeps every other pair, and goes on so. */
function sample(of: Sample, number: number, original: number, copy: number): void {
  if (number % of.every !== 0) return;
  if (of.pairs.length === MOST_PAIRS) {
    of.pairs = of.pairs.filter((_, i) => i % 2 === 0);
    of.every *= 2;
  }
  of.pairs.push([original, copy]);
}

/** Those of all shards together: one or none. */
function joined(tallies: readonly Readonly<Tally>[]): Tally[] {
  if (tallies.length === 0) return [];
  const [first] = tallies.toSorted((one, other) => one.frames[0] - other.frames[0]);
  const copies = tallies.reduce((sum, tally) => sum + tally.copies, 0);
  const atOnce = tallies.reduce((sum, tally) => sum + tally.atOnce, 0);
  const samples = tallies.flatMap((tally) => tally.samples);
  return [{ ...first, copies, atOnce, samples, frames: firstFrames(tallies.map(({ frames }) => frames)) }];
}
