import { ACK, SYN } from '../model/flags.ts';
import { type SegmentView, tsValOf } from '../model/segment.ts';
import { Routes } from './route.ts';
import type { PacketSight, SeenPacket } from './seen-packet.ts';
import { SightedConnection } from './sighted-connection.ts';
import { type SightedFlow, SightedFlows } from './sighted-flow.ts';
import type { CaptureVantage, Vantages } from './vantages.ts';

/** So many packets that are alike in all that a NAT leaves make two flows one connection, where no SYN was captured. */
const ALIKE = 2;

/** Finds the connection of a segment: that of its sockets, or beyond a NAT the one that shows the same packets. */
export class Joiner {
  private readonly routes = new Routes();
  private readonly flows = new SightedFlows();
  private readonly vantages: Vantages;
  /** Packets that still wait and may show that another flow is the same connection, by their raw numbers. */
  private readonly telling = new Map<number, SeenPacket>();

  constructor(vantages: Vantages) {
    this.vantages = vantages;
  }

  /** Gives the segment its place among all views of its connection; null where that has too many. */
  enter(view: SegmentView, vantage: CaptureVantage): PacketSight | null {
    const flow = this.flowOf(view);
    const isSyn = (view.flags & SYN) !== 0;
    const key = rawKey(view);
    // What has been analysed as a connection stays one.
    if (flow.connection.base === null || isSyn) this.join(flow, view, vantage, key);
    if (!flow.connection.takes(vantage)) return null;
    const sight = flow.connection.enter(flow, view, vantage, this.vantages, key);
    if (isSyn || !flow.connection.sawSyn) this.tell(key, sight.packet);
    return sight;
  }

  private tell(key: number, packet: SeenPacket): void {
    const other = this.telling.get(key);
    if (other !== undefined && other.connection !== packet.connection) other.isAmbiguous = true;
    else this.telling.set(key, packet);
  }

  /** The frame has left. */
  left({ packet, rawKey }: PacketSight): void {
    packet.connection.left(packet);
    if (packet.waiting <= 0 && this.telling.get(rawKey) === packet) this.telling.delete(rawKey);
  }

  /** The memory is short: flows are forgotten, but not those of the records that wait. False where there are no others. */
  makeRoom(waiting: number): boolean {
    return this.flows.makeRoom(waiting);
  }

  private flowOf(view: SegmentView): SightedFlow {
    const known = this.flows.find(view);
    if (known !== null) return known;
    const flow = this.flows.open(view);
    const { name, isTurned } = flow.hosts();
    flow.connection = new SightedConnection(this.routes.of(name), isTurned);
    return flow;
  }

  private join(flow: SightedFlow, view: SegmentView, vantage: CaptureVantage, key: number): void {
    const packet = this.telling.get(key);
    if (packet === undefined || packet.isAmbiguous) return;
    const own = flow.connection;
    const other = packet.connection;
    if (own === other || packet.at(vantage) !== null || !isAlike(packet, view)) return;
    if (own.base !== null && !(view.flags & SYN)) return;
    if (view.flags & SYN) {
      if (own.shares.length > 0) {
        // A port that a NAT gives to one connection after another.
        if (own.base !== null || own.sawSyn) this.leave(flow);
      }
    } else {
      if (flow.likeness !== other) {
        flow.likeness = other;
        flow.alike = 0;
      }
      if (++flow.alike < ALIKE) return;
    }
    if (flow.connection === own && !other.takesAll(own)) return;
    const isFlipped = flow.sideOf(view) !== packet.side;
    if (flow.connection === own) other.absorb(own, isFlipped);
    flow.connection = other;
    if (isFlipped) flow.isFlipped = !flow.isFlipped;
  }

  private leave(flow: SightedFlow): void {
    const { name, isTurned } = flow.hosts();
    flow.connection = new SightedConnection(this.routes.of(name), isTurned);
  }
}

/** All that a NAT leaves as it is; without an IP ID, timestamps or the number of a SYN must do. */
function isAlike(packet: SeenPacket, view: SegmentView): boolean {
  if (packet.flags !== (view.flags & 0x3f) || packet.length !== view.payloadLength) return false;
  const tsVal = tsValOf(view);
  if (tsVal >= 0 && packet.tsVal >= 0 && tsVal !== packet.tsVal) return false;
  return packet.ipId === view.ipId && ((view.flags & SYN) !== 0 || view.ipId > 0 || tsVal >= 0);
}

function rawKey({ seq, ack, flags, payloadLength }: SegmentView): number {
  const acked = flags & ACK ? ack : 0;
  let hash = Math.imul(seq ^ (flags & 0x3f), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ acked, 0x85ebca6b);
  return (hash ^ (hash >>> 13) ^ payloadLength) | 0;
}
