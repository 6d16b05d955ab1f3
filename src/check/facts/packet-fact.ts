import type { Endpoint } from '../../model/endpoint.ts';
import { FIN, flagLetters, SYN } from '../../model/flags.ts';
import type { PacketRow } from '../../model/row.ts';
import { Option } from '../../model/segment.ts';
import { CAUSE_NAMES, Fate, KIND_NAMES, Kind, type Verdict } from '../../model/verdict.ts';

/** Options of one segment, as an expected trace compares them. */
export interface PacketOptions {
  /** Bits of `Option`. */
  readonly present: number;
  readonly mss: number;
  readonly wscale: number;
  readonly tsVal: number;
  readonly tsEcr: number;
  /** Left and right edges as offsets of the receiver's stream. */
  readonly sack: readonly number[];
}

/** What assertions may ask of one packet: far less than its row holds, since many are kept. `Flow` is what it is a packet of. */
export class PacketFact<Flow = unknown> {
  readonly flow: Flow;
  readonly frame: number;
  /** Nanoseconds since the first packet of the connection, and since the one before. */
  readonly time: number;
  readonly gap: number;
  readonly sender: Endpoint;
  readonly flags: number;
  /** Offsets relative to the SYNs; `ack` is -1 without one. */
  readonly seq: number;
  readonly end: number;
  readonly ack: number;
  /** Bytes; -1 while the scale is unknown. */
  readonly window: number;
  readonly rawWindow: number;
  readonly payload: number;
  readonly ttl: number;
  readonly verdict: Verdict;
  readonly options: PacketOptions;
  readonly anomalies: readonly string[];

  constructor(flow: Flow, row: PacketRow) {
    const { view } = row;
    this.flow = flow;
    this.frame = view.frame;
    this.time = row.sinceStart;
    this.gap = row.sincePrevious;
    this.sender = row.sender;
    this.flags = view.flags;
    this.seq = row.seq;
    this.end = row.end;
    this.ack = row.ack;
    this.window = row.window;
    this.rawWindow = view.rawWindow;
    this.payload = view.payloadLength;
    this.ttl = view.ttl;
    this.verdict = row.verdict!;
    this.anomalies = row.findings.length === 0 ? NONE : row.findings.map(({ id }) => id);
    this.options = optionsOf(row);
  }

  get kind(): string {
    return KIND_NAMES[this.verdict.kind];
  }

  /** Why it was retransmitted, null for anything else. */
  get cause(): string | null {
    return this.verdict.kind === Kind.RETRANSMISSION ? CAUSE_NAMES[this.verdict.cause] : null;
  }

  /** This copy did not arrive; null when that is not known. */
  get isLost(): boolean | null {
    const { fate, kind } = this.verdict;
    if (fate !== Fate.UNKNOWN) return fate === Fate.LOST;
    // Of what takes no sequence space nothing tells, and nothing asks.
    const takesSpace = this.payload > 0 || (this.flags & (SYN | FIN)) !== 0;
    return takesSpace && kind !== Kind.DUPLICATE && kind !== Kind.KEEP_ALIVE && kind !== Kind.WINDOW_PROBE
      ? null
      : false;
  }

  /** The packets that show what it is: itself, and the one that it repeats. */
  get evidence(): number[] {
    const { original, evidence } = this.verdict;
    return [this.frame, ...(original > 0 ? [original] : []), ...evidence];
  }

  get brief(): string {
    const what = this.cause === null ? this.kind : `${this.kind} (${this.cause})`;
    return `packet ${this.frame} ${this.sender.role} ${flagLetters(this.flags)} ${what}`;
  }
}

const NONE: readonly string[] = [];
const NO_EDGES: readonly number[] = [];
const NO_OPTIONS: PacketOptions = { present: 0, mss: 0, wscale: 0, tsVal: 0, tsEcr: 0, sack: NO_EDGES };

function optionsOf({ view, sender }: PacketRow): PacketOptions {
  if (view.options === 0) return NO_OPTIONS;
  const { options: present, mss, wscale, tsVal, tsEcr } = view;
  const sack: number[] = [];
  if (present & Option.SACK) {
    const { base } = sender.peer;
    for (let i = 0; i < 2 * view.sackCount; i++) sack.push((view.sack[i] - base) >>> 0);
  }
  return { present, mss, wscale, tsVal, tsEcr, sack };
}
