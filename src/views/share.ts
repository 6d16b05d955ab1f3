import { ACK } from '../model/flags.ts';
import { type SegmentView, tsValOf } from '../model/segment.ts';
import type { VantageShare } from '../model/sight.ts';
import { KEPT_FLAGS, type PacketNumbers } from './seen-packet.ts';
import type { SightedConnection } from './sighted-connection.ts';
import type { CaptureVantage } from './vantages.ts';

/** Packets that another view would show, but for their IP IDs: so many, and none with equal ones, show that the IDs are changed on the way. */
const CHANGED_IDS = 3;
/** What one vantage saw of a connection. */
export class Share implements VantageShare {
  readonly connection: SightedConnection;
  readonly vantage: CaptureVantage;
  /** Frames of side 0 and side 1. */
  readonly frames = [0, 0];
  shared = 0;
  /** What is added to sequence numbers of side 0 and side 1 between the first view and this one, modulo 2^32. */
  readonly shift = [0, 0];
  /** Packets that were found, and not found, by their IP ID. */
  idsAlike = 0;
  idsChanged = 0;

  constructor(connection: SightedConnection, vantage: CaptureVantage) {
    this.connection = connection;
    this.vantage = vantage;
  }

  get fromClient(): number {
    return this.frames[this.connection.client];
  }

  get fromServer(): number {
    return this.frames[1 - this.connection.client];
  }

  get total(): number {
    return this.frames[0] + this.frames[1];
  }

  get hasBoth(): boolean {
    return this.frames[0] > 0 && this.frames[1] > 0;
  }

  get ignoresIds(): boolean {
    return this.idsAlike === 0 && this.idsChanged >= CHANGED_IDS;
  }
}

/** Numbers of a segment of `side` as the first view has them. */
export function numbersOf({ shift }: Share, side: 0 | 1, view: SegmentView): PacketNumbers {
  return {
    seq: (view.seq - shift[side]) | 0,
    ack: view.flags & ACK ? (view.ack - shift[1 - side]) | 0 : 0,
    length: view.payloadLength,
    flags: view.flags & KEPT_FLAGS,
    ipId: view.ipId,
    window: view.rawWindow,
    tsVal: tsValOf(view),
  };
}
