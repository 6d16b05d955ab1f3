import { KeyedHash } from '../model/keyed-hash.ts';
import type { SegmentView } from '../model/segment.ts';
import {
  hashOfSockets,
  isBetween,
  isSource,
  SOCKET_PAIR_WORDS,
  type Socket,
  type SocketPair,
} from '../model/socket-pair.ts';
import type { SightedConnection } from './sighted-connection.ts';

/** Most flows that are known: those that were heard last. */
const MAX_FLOWS = 1 << 20;

/** A pair of sockets as some vantages saw it: a connection has others beyond a NAT. */
export class SightedFlow implements SocketPair {
  readonly ipVersion: number;
  readonly a: Socket;
  readonly b: Socket;
  connection!: SightedConnection;
  /** Side `a` is side 1 of the connection. */
  isFlipped = false;
  /** The connection whose packets this flow's have resembled, and how many did. */
  likeness: SightedConnection | null = null;
  alike = 0;
  /** The next one with the same hash. */
  next: SightedFlow | null = null;

  constructor(view: SegmentView) {
    this.ipVersion = view.ipVersion;
    this.a = { w0: view.src0, w1: view.src1, w2: view.src2, w3: view.src3, port: view.srcPort };
    this.b = { w0: view.dst0, w1: view.dst1, w2: view.dst2, w3: view.dst3, port: view.dstPort };
  }

  /** Who of the connection sent it. */
  sideOf(view: SegmentView): 0 | 1 {
    return isSource(this.a, view) === this.isFlipped ? 1 : 0;
  }

  /** The socket of a side. */
  socketOf(side: 0 | 1): Socket {
    return (side === 1) === this.isFlipped ? this.a : this.b;
  }

  /** The two hosts, the same for both directions; `isTurned` where side 0 is the second of them. */
  hosts(): { name: string; isTurned: boolean } {
    const [x, y] = [nameOf(this.socketOf(0)), nameOf(this.socketOf(1))];
    return x <= y ? { name: `${x} ${y}`, isTurned: false } : { name: `${y} ${x}`, isTurned: true };
  }
}

/** Finds the flow of a segment in either direction. */
export class SightedFlows {
  private readonly keyed = new KeyedHash(SOCKET_PAIR_WORDS);
  private readonly byHash = new Map<number, SightedFlow>();
  private size = 0;
  private last: SightedFlow | null = null;

  find(view: SegmentView): SightedFlow | null {
    if (this.last !== null && isBetween(this.last, view)) return this.last;
    let flow = this.byHash.get(hashOfSockets(this.keyed, view)) ?? null;
    while (flow !== null && !isBetween(flow, view)) flow = flow.next;
    if (flow !== null) this.last = flow;
    return flow;
  }

  open(view: SegmentView): SightedFlow {
    const flow = new SightedFlow(view);
    const hash = hashOfSockets(this.keyed, view);
    flow.next = this.byHash.get(hash) ?? null;
    this.byHash.set(hash, flow);
    // A Map keeps the order in which its keys came: the oldest goes.
    if (++this.size > MAX_FLOWS) {
      const oldest = this.byHash.keys().next().value!;
      for (let gone = this.byHash.get(oldest) ?? null; gone !== null; gone = gone.next) this.size--;
      this.byHash.delete(oldest);
    }
    this.last = flow;
    return flow;
  }
}

function nameOf({ w0, w1, w2, w3 }: Socket): string {
  return `${w0}.${w1}.${w2}.${w3}`;
}
