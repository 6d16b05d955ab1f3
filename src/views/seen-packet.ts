import type { SegmentView } from '../model/segment.ts';
import type { LossPlace, Sight, Translated } from '../model/sight.ts';
import { Ranges } from './ranges.ts';
import type { SightedConnection } from './sighted-connection.ts';
import type { SightedFlow } from './sighted-flow.ts';
import type { CaptureVantage } from './vantages.ts';

/** Flags of a segment that nobody on the way changes. */
export const KEPT_FLAGS = 0x3f;

/** Most overlaps of a packet: the largest frames that links carry, in segments of full size. */
export const MAX_OVERLAPS = 512;

/** Bytes of a packet that are bytes of another one, as offload merges or splits them between two vantages. */
export interface Overlap {
  readonly other: SeenPacket;
  /** Offsets in the payload. */
  readonly from: number;
  readonly to: number;
}

/**
 * One packet of the wire, with all sights of it. Numbers are those of the connection's first view. Where offload merged or
 * split segments, each frame of another size is a packet with overlaps.
 */
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
  /** Its numbers had been used before by its sender: sent again, or out of order. */
  isRetransmission = false;
  /** Its loss was looked for. */
  isPlaced = false;
  /** Sights that still wait. */
  waiting = 0;
  /** Packets of other vantages that hold a part of it, or of which it is a part; null without. */
  overlaps: Overlap[] | null = null;

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

  /** Bytes of it from `from` to `to` are bytes of another packet. False where so many are already that no more are noted. */
  overlap(other: SeenPacket, from: number, to: number): boolean {
    if (this.overlaps === null) this.overlaps = [];
    else if (this.overlaps.length >= MAX_OVERLAPS) return false;
    this.overlaps.push({ other, from, to });
    return true;
  }

  /** The vantage saw all of it: in this frame, or in frames of other sizes. */
  isSeenAt(vantage: CaptureVantage): boolean {
    if (this.at(vantage) !== null) return true;
    return this.overlaps !== null && this.missingAt([vantage]).length === 0;
  }

  /** Offsets `[from, to)` of what none of the vantages saw; SYN and FIN count where no frame shows a part of it. */
  missingAt(vantages: readonly CaptureVantage[]): [number, number][] {
    if (this.sights.some(({ vantage }) => vantages.includes(vantage))) return [];
    if (this.overlaps === null || this.overlaps.length === 0) return [[0, Math.max(1, (this.end - this.seq) >>> 0)]];
    const seen = new Ranges();
    for (const { other, from, to } of this.overlaps)
      if (other.sights.some(({ vantage }) => vantages.includes(vantage))) seen.add(from, to);
    return seen.missing(0, this.length);
  }

  /** This frame, which shows it or a part of it, went on to the analysis. */
  hasLeft(frame: number): boolean {
    const isIt = (sight: PacketSight) => sight.frame === frame && sight.hasLeft;
    return this.sights.some(isIt) || (this.overlaps?.some(({ other }) => other.sights.some(isIt)) ?? false);
  }

  /** The frame of the chosen view that shows it, or the first that shows a part of it; 0 without. */
  get chosenView(): number {
    if (this.chosenFrame > 0 || this.overlaps === null) return this.chosenFrame;
    const { base } = this.connection;
    let first = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const { other, from } of this.overlaps) {
      const frame = other.chosenFrame || (base === null ? 0 : (other.at(base)?.frame ?? 0));
      if (frame === 0 || from >= least) continue;
      first = frame;
      least = from;
    }
    return first;
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
  /** 1 received, 2 sent, by the host that captured it; 0 where nothing tells. */
  readonly direction: number;
  /** Under which `Joiner` finds it. */
  readonly rawKey: number;
  isChosen = false;
  isEarly = false;
  lostBetween: LossPlace | null = null;
  /** It went on to the analysis. */
  hasLeft = false;

  constructor(vantage: CaptureVantage, packet: SeenPacket, flow: SightedFlow, view: SegmentView, rawKey: number) {
    this.vantage = vantage;
    this.packet = packet;
    this.flow = flow;
    this.frame = view.frame;
    this.time = view.time;
    this.ttl = view.ttl;
    this.direction = view.direction;
    this.rawKey = rawKey;
  }

  get original(): number {
    return this.isChosen ? 0 : this.packet.chosenView;
  }

  get seen(): SightedConnection {
    return this.packet.connection;
  }

  get side(): 0 | 1 {
    return this.packet.side;
  }

  get isOriginalPast(): boolean {
    const { original, packet } = this;
    return original > 0 && packet.hasLeft(original);
  }

  promote(): void {
    this.isChosen = true;
    this.packet.chosenFrame = this.frame;
  }

  translate(to: Translated): void {
    this.seen.translate(this.packet, to);
  }
}
