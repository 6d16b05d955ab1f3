import { Analyzer } from '../analyze.ts';
import type { CaptureSession } from '../capture/session.ts';
import type { CaptureSink } from '../capture/source.ts';
import type { CaptureDamage, CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { SegmentView } from '../model/segment.ts';
import type { TrackedSegment } from '../model/tracked.ts';
import { Kind } from '../model/verdict.ts';
import type { PacketCounts } from '../packet-counts.ts';
import type { Running } from '../views/loss.ts';
import { MAX_SIGHTINGS, type SightedFlow, Sightings } from '../views/sightings.ts';

/** A capture of which one packet in so many is a copy saw packets several times. */
const MANY_COPIES = 4;

/** One place of several: what was seen there. */
export interface Point extends Running {
  /** What it is called: its file, its vantage, or both. */
  readonly name: string;
  /** The file that holds it. */
  readonly file: string;
  /** Which of the file's points of view it is; null where the file has one. */
  readonly vantage: string | null;
  /** Points of view of the file that stand beside the way: their packets were left out. */
  readonly leftOut: readonly string[];
  readonly facts: CaptureFacts;
  readonly counts: PacketCounts;
  readonly connections: readonly Connection[];
  readonly sightings: Sightings;
  readonly flows: readonly SightedFlow[];
  /** Frames that are a second sight of a packet at the same place: left out. */
  readonly copies: number;
}

/** Reads one capture as one point of view: each packet that it saw, with its connection as `analyze` tells it. */
export class PointReader implements CaptureSink {
  private readonly name: string;
  /** Ended where the memory is short. */
  private readonly session: CaptureSession;
  private readonly analyzer: Analyzer;
  private readonly sightings: Sightings;
  /** Packets that were read before the last damage that lost some; -1 without. */
  private damagedAfter = -1;
  /** Indices of frames that seem to be a second sight of the same packet. */
  private readonly copies: number[] = [];

  constructor(name: string, session: CaptureSession, isMemoryShort?: () => boolean, limit = MAX_SIGHTINGS) {
    this.name = name;
    this.session = session;
    this.sightings = new Sightings(limit);
    this.analyzer = new Analyzer({
      onSegment: (t, view) => this.segment(t, view),
      congestion: false,
      timeBudget: false,
      detection: false,
      views: false,
      ...(isMemoryShort === undefined ? {} : { isMemoryShort }),
    });
  }

  get packets(): number {
    return this.analyzer.counts.total;
  }

  /** The memory became short: the rest was not read. */
  get isCutShort(): boolean {
    return this.analyzer.isCutShort;
  }

  record(record: CaptureRecord): void {
    this.analyzer.record(record);
    if (this.analyzer.isCutShort) this.session.stop();
  }

  damage(damage: CaptureDamage): void {
    if (damage.losesPackets || damage.fatal) this.damagedAfter = this.packets;
  }

  /** Its input has ended; `facts` are what the file says of itself. */
  end(facts: CaptureFacts): Point {
    const { analyzer, sightings, name } = this;
    analyzer.end(facts);
    // A few may be duplicates that the network made; where many are copies, the capture saw each packet several times.
    const hasCopies = this.copies.length * MANY_COPIES >= sightings.length;
    const copies = hasCopies ? this.copies.length : 0;
    if (hasCopies) sightings.remove(this.copies);
    const { counts, connections } = analyzer;
    return {
      name,
      file: name,
      vantage: null,
      leftOut: [],
      facts,
      counts,
      connections,
      sightings,
      flows: connections.map((connection) => ({
        sockets: [connection.a.name, connection.b.name],
        client: connection.client === connection.a ? 0 : 1,
        clientReason: connection.roleReason,
      })),
      copies,
      first: counts.firstTime,
      last: counts.lastTime,
      isCut: this.damagedAfter === counts.total || sightings.refused > 0 || analyzer.isCutShort,
    };
  }

  private segment({ connection, sender, verdict }: TrackedSegment, view: SegmentView): void {
    const index = this.sightings.add(view, connection.id, sender === connection.a ? 0 : 1);
    if (index >= 0 && verdict !== null && verdict.kind === Kind.DUPLICATE && verdict.byCapture) this.copies.push(index);
  }
}
