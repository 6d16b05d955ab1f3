import type { SegmentView } from '../model/segment.ts';
import type { LossPlace, Sight, Translated } from '../model/sight.ts';
import type { SightedConnection } from './sighted-connection.ts';
import type { SightedFlow } from './sighted-flow.ts';
import type { CaptureVantage } from './vantages.ts';

/** Flags of a segment that nobody on the way changes. */
export const KEPT_FLAGS = 0x3f;

/** One packet of the wire, with all sights of it. Numbers are those of the connection's first view. */
export class SeenPacket {
  readonly connection: SightedConnection;
  readonly side: 0 | 1;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly flags: number;
  /** -1 without. */
  readonly ipId: number;
  readonly window: number;
  /** -1 without the option. */
  readonly tsVal: number;
  readonly sights: PacketSight[] = [];
  /** Frame of the sight that the analysis took, 0 while there is none. */
  chosenFrame = 0;
  /** Another connection has a packet like it: it tells nothing about whose a third one is. */
  isAmbiguous = false;
  /** Takes numbers that its sender had used before. */
  isRepeat = false;
  /** Its loss was looked for. */
  isPlaced = false;
  /** Sights that still wait. */
  waiting = 0;

  constructor(connection: SightedConnection, side: 0 | 1, numbers: PacketNumbers) {
    this.connection = connection;
    this.side = side;
    this.seq = numbers.seq;
    this.ack = numbers.ack;
    this.length = numbers.length;
    this.flags = numbers.flags;
    this.ipId = numbers.ipId;
    this.window = numbers.window;
    this.tsVal = numbers.tsVal;
  }

  /** Sequence number after it: SYN and FIN take one each. */
  get end(): number {
    return (this.seq + this.length + (this.flags & 1) + ((this.flags >> 1) & 1)) | 0;
  }

  at(vantage: CaptureVantage): PacketSight | null {
    for (const sight of this.sights) if (sight.vantage === vantage) return sight;
    return null;
  }
}

/** What tells a packet from others, as the connection counts. */
export interface PacketNumbers {
  seq: number;
  ack: number;
  length: number;
  flags: number;
  ipId: number;
  window: number;
  tsVal: number;
}

/** A frame of a packet. */
export class PacketSight implements Sight {
  /** Vantage by what the record shows; `settle` finds out what it means for the connection. */
  vantage: CaptureVantage;
  packet: SeenPacket;
  readonly flow: SightedFlow;
  readonly frame: number;
  readonly time: number;
  readonly ttl: number;
  /** Under which `Joiner` finds it. */
  readonly rawKey: number;
  isChosen = false;
  lostBetween: LossPlace | null = null;

  constructor(vantage: CaptureVantage, packet: SeenPacket, flow: SightedFlow, view: SegmentView, rawKey: number) {
    this.vantage = vantage;
    this.packet = packet;
    this.flow = flow;
    this.frame = view.frame;
    this.time = view.time;
    this.ttl = view.ttl;
    this.rawKey = rawKey;
  }

  get original(): number {
    return this.isChosen ? 0 : this.packet.chosenFrame;
  }

  get seen(): SightedConnection {
    return this.packet.connection;
  }

  get side(): 0 | 1 {
    return this.packet.side;
  }

  promote(): void {
    this.isChosen = true;
    this.packet.chosenFrame = this.frame;
  }

  translate(to: Translated): void {
    this.seen.translate(this.packet, to);
  }
}
