import type { TimeBudget } from '../../model/budget.ts';
import { budgetOf } from '../../model/budget.ts';
import { answerTime, type Position } from '../../model/capture-position.ts';
import type { Connection } from '../../model/connection.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Finding } from '../../model/finding.ts';
import type { PacketRow } from '../../model/row.ts';
import { STATE_NAMES, State } from '../../model/state.ts';
import { formatNumberOf } from '../../model/units.ts';
import { PacketFact } from './packet-fact.ts';
import { SideFacts } from './side-facts.ts';

/** A finding as assertions see it: read once, since a finding is worded whenever it is read. */
export interface AnomalyFact {
  readonly id: string;
  readonly severity: string;
  readonly cause: string;
  readonly who: string;
  readonly confidence: number;
  readonly frame: number;
  readonly time: number;
  readonly text: string;
  readonly evidence: readonly number[];
  readonly brief: string;
  readonly stream: number;
}

/** A finding as conditions see it. */
export function anomalyFact(finding: Finding): AnomalyFact {
  const { id, severity, cause, who, confidence, frame, time, text, evidence, stream } = finding;
  return { id, severity, cause, who, confidence, frame, time, text, evidence, brief: `${id}: ${text}`, stream };
}

/** What assertions may ask of one connection. */
export class FlowFacts {
  readonly connection: Connection;
  /** An earlier connection of its sockets left while the capture was read. */
  readonly followsLeft: boolean;
  readonly a: SideFacts<FlowFacts>;
  readonly b: SideFacts<FlowFacts>;
  /** Every packet of it, when the rules need them. */
  readonly packets: PacketFact<FlowFacts>[] = [];
  /** Why packets of it may be missing in the capture; null when none is. */
  missing: string | null = null;
  anomalies: readonly AnomalyFact[] = [];
  /** Where it was captured. */
  place: Position | null = null;
  /** Do not doubt what the capture shows. */
  trusts = false;
  /** Why `anomalies` may lack some; null when it does not. */
  unlisted: string | null = null;
  /** End of the capture, nanoseconds since the first packet of the connection. */
  watched = 0;
  /** Longest time without a packet (ns), and the packet that ended it. */
  longestGap = 0;
  longestGapFrame = 0;
  /** Where its time went, when the capture has ended; null where the analysis left that out. */
  budget: TimeBudget | null = null;
  private readonly keepsPackets: boolean;

  constructor(connection: Connection, keepsPackets: boolean) {
    this.connection = connection;
    this.followsLeft = connection.previousId >= 0 && connection.previous === null;
    this.a = new SideFacts(this, connection.a);
    this.b = new SideFacts(this, connection.b);
    this.keepsPackets = keepsPackets;
  }

  get client(): SideFacts<FlowFacts> {
    return this.connection.client === this.a.endpoint ? this.a : this.b;
  }

  get server(): SideFacts<FlowFacts> {
    return this.connection.client === this.a.endpoint ? this.b : this.a;
  }

  /** The side whose segments take the longer way, as seen from the point of capture. */
  get farSide(): SideFacts<FlowFacts> {
    return answerTime(this.a.endpoint) > answerTime(this.b.endpoint) ? this.b : this.a;
  }

  get duration(): number {
    return this.connection.duration;
  }

  take(row: PacketRow): void {
    let kept: PacketFact<FlowFacts> | null = null;
    const fact = () => {
      kept ??= new PacketFact(this, row);
      return kept;
    };
    if (this.keepsPackets) this.packets.push(fact());
    if (row.sincePrevious > this.longestGap) {
      this.longestGap = row.sincePrevious;
      this.longestGapFrame = row.view.frame;
    }
    const sender = row.sender === this.a.endpoint ? this.a : this.b;
    sender.sends(row, fact);
    this.a.samples(row);
    this.b.samples(row);
  }

  /**
   * The capture has ended at `time` (nanoseconds since the first record), and `missing` is true of all of it. `trusts`: what it
   * does not show did not happen.
   */
  end(time: number, missing: string | null, place: Position | null, trusts: boolean): void {
    const { connection } = this;
    this.watched = Math.max(time - connection.firstTime, connection.duration);
    this.a.end(this.watched);
    this.b.end(this.watched);
    this.place = place;
    this.trusts = trusts;
    this.missing = trusts ? null : (missing ?? unseenEnd(this) ?? missingBytes(this));
    this.anomalies = connection.findings.map(anomalyFact);
    this.budget = budgetOf(connection);
  }
}

/** Only one direction was captured: the packets of one end acknowledge some of the other, of which there is none. */
function unseenEnd({ client, server }: FlowFacts): string | null {
  for (const { endpoint } of [client, server]) {
    if (!endpoint.seen && endpoint.peer.lastAck >= 0) {
      return `only one direction was captured: no packet of the ${endpoint.role}`;
    }
  }
  return null;
}

/** An end acknowledged what the capture does not hold. */
function missingBytes({ client, server, connection }: FlowFacts): string | null {
  for (const { endpoint, cut } of [client, server]) {
    const { missedBytes } = endpoint;
    // Of a packet that is cut the bytes are missing, but not what its headers tell.
    const isMissing = cut === 0 ? missedBytes > 0 : connection.findings.some(({ id }) => id === 'missing-in-capture');
    if (isMissing) {
      const amount = cut === 0 ? `${formatNumberOf(missedBytes, 'byte')}` : 'packets';
      return `the capture does not hold ${amount} that the ${endpoint.role} sent and the other end acknowledged`;
    }
  }
  return null;
}

/** The states that an end went through, with the packet that brought each. */
export function statesOf({ timeline }: Endpoint): { state: string; frame: number }[] {
  const steps = Array.from({ length: timeline.length }, (_, i) => ({
    state: STATE_NAMES[timeline.stateOf(i)] as string,
    frame: timeline.frameOf(i),
  }));
  if (timeline.initial === State.UNKNOWN) return steps;
  return [{ state: STATE_NAMES[timeline.initial], frame: 0 }, ...steps];
}
