import { type CaptureDamage, type CaptureFacts, droppedBy } from '../../model/capture-facts.ts';
import { formatNumberOf } from '../../model/units.ts';
import type { AnomalyFact, FlowFacts } from './flow-facts.ts';

/** The counts of packets that assertions and their doubts are made from. */
export interface CountedPackets {
  readonly total: number;
  readonly tcp: number;
  readonly icmpErrors: number;
  readonly fragments: number;
  readonly notTcp: number;
  readonly cutShort: number;
  readonly malformed: number;
  readonly unknownLink: number;
  readonly wireBytes: number;
  readonly capturedBytes: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly endTime: number;
}

/** Connections that left while the capture was read. */
export interface LeftFlows {
  readonly count: number;
  /** What was found about them. */
  readonly anomalies: readonly AnomalyFact[];
  /** Findings that `anomalies` lacks. */
  readonly unlisted: number;
}

const NONE_LEFT: LeftFlows = { count: 0, anomalies: [], unlisted: 0 };

/** What assertions may ask of the capture as a whole. */
export class CaptureState {
  readonly counts: CountedPackets;
  readonly facts: CaptureFacts;
  readonly flows: readonly FlowFacts[];
  /** Why packets may be missing; null when the capture is complete. */
  readonly missing: string | null;
  /** Why no time means anything; null where a clock gave the times. */
  readonly noClock: string | null;
  /** Findings on connections and on the capture itself. */
  readonly anomalies: readonly AnomalyFact[];
  /** Why `anomalies` may lack some; null when it does not. */
  readonly unlisted: string | null;
  /** Attempts that left while the capture was read: `flows` lacks them. */
  readonly left: LeftFlows;

  constructor(
    counts: CountedPackets,
    facts: CaptureFacts,
    flows: readonly FlowFacts[],
    missing: string | null,
    noClock: string | null,
    anomalies: readonly AnomalyFact[],
    unlisted: string | null,
    left = NONE_LEFT,
  ) {
    this.counts = counts;
    this.facts = facts;
    this.flows = flows;
    this.missing = missing;
    this.noClock = noClock;
    this.anomalies = anomalies;
    this.unlisted = unlisted;
    this.left = left;
  }

  /** The same capture with some of its connections only, and without the findings on others. */
  withFlows(flows: readonly FlowFacts[]): CaptureState {
    const kept = new Set(flows);
    const others = new Set(this.flows.filter((flow) => !kept.has(flow)).flatMap(({ anomalies }) => anomalies));
    const anomalies = this.anomalies.filter((anomaly) => !others.has(anomaly));
    return new CaptureState(
      this.counts,
      this.facts,
      flows,
      this.missing,
      this.noClock,
      anomalies,
      this.unlisted,
      this.left,
    );
  }

  /** Why `flows` lacks some; null when it does not. */
  get unkept(): string | null {
    const { count } = this.left;
    if (count === 0) return null;
    return `${formatNumberOf(count, 'connection')} that came to nothing left while the capture was read, to bound the memory`;
  }

  /** Why `anomalies` may lack some for those that left; null when it does not. */
  get unfound(): string | null {
    const { unlisted } = this.left;
    if (unlisted === 0) return null;
    return `${formatNumberOf(unlisted, 'finding')} on connections that left while the capture was read ${unlisted === 1 ? 'is' : 'are'} not listed`;
  }

  get dropped(): number | null {
    return droppedBy(this.facts);
  }
}

/** Why a capture is not sure to hold every packet; null when nothing speaks against it. */
export function incompleteness(counts: CountedPackets, facts: CaptureFacts): string | null {
  const damage = facts.damages.find(({ losesPackets }) => losesPackets);
  if (damage !== undefined) return `the input is cut or damaged: ${damageText(damage)}`;
  const dropped = droppedBy(facts);
  if (dropped !== null && dropped > 0)
    return `the capturing system dropped ${plural(dropped, 'packet')}, by its own count`;
  if (counts.cutShort > 0) return `${plural(counts.cutShort, 'packet')} cut within the headers (snaplen): not analysed`;
  return null;
}

function damageText({ file, offset, message }: CaptureDamage): string {
  return `${message} (${file}${offset === null ? '' : `, byte ${offset}`})`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
