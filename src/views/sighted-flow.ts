import { KeyedHash } from '../model/keyed-hash.ts';
import type { SegmentView } from '../model/segment.ts';
import type { SightedConnection } from './sighted-connection.ts';

/** Flows that are known at the most: those that were heard last. */
const MAX_FLOWS = 1 << 20;

/** A socket: the four words of its address, and its port. */
export interface Socket {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly port: number;
}

/** A pair of sockets as some vantages saw it: a connection has others beyond a NAT. */
export class SightedFlow {
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

  joins(view: SegmentView): boolean {
    if (this.ipVersion !== view.ipVersion) return false;
    return (
      (isSource(this.a, view) && isDestination(this.b, view)) || (isSource(this.b, view) && isDestination(this.a, view))
    );
  }
}

/** Finds the flow of a segment in either direction. */
export class SightedFlows {
  private readonly keyed = new KeyedHash(10);
  private readonly byHash = new Map<number, SightedFlow>();
  private size = 0;
  private last: SightedFlow | null = null;

  find(view: SegmentView): SightedFlow | null {
    if (this.last?.joins(view)) return this.last;
    let flow = this.byHash.get(this.hash(view)) ?? null;
    while (flow !== null && !flow.joins(view)) flow = flow.next;
    if (flow !== null) this.last = flow;
    return flow;
  }

  open(view: SegmentView): SightedFlow {
    const flow = new SightedFlow(view);
    const hash = this.hash(view);
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

  /** Symmetric in the two sockets. */
  private hash(view: SegmentView): number {
    const { keyed } = this;
    const isLower = isSourceLower(view);
    const source = isLower ? 0 : 5;
    const destination = isLower ? 5 : 0;
    const { words } = keyed;
    words[source] = view.src0;
    words[source + 1] = view.src1;
    words[source + 2] = view.src2;
    words[source + 3] = view.src3;
    words[source + 4] = view.srcPort;
    words[destination] = view.dst0;
    words[destination + 1] = view.dst1;
    words[destination + 2] = view.dst2;
    words[destination + 3] = view.dst3;
    words[destination + 4] = view.dstPort;
    return keyed.hash(10);
  }
}

function isSource({ w0, w1, w2, w3, port }: Socket, view: SegmentView): boolean {
  return port === view.srcPort && w3 === view.src3 && w0 === view.src0 && w1 === view.src1 && w2 === view.src2;
}

function isDestination({ w0, w1, w2, w3, port }: Socket, view: SegmentView): boolean {
  return port === view.dstPort && w3 === view.dst3 && w0 === view.dst0 && w1 === view.dst1 && w2 === view.dst2;
}

/** Any order of sockets will do, as long as it is one. */
function isSourceLower(view: SegmentView): boolean {
  if (view.srcPort !== view.dstPort) return view.srcPort < view.dstPort;
  if (view.src3 !== view.dst3) return view.src3 < view.dst3;
  if (view.src2 !== view.dst2) return view.src2 < view.dst2;
  if (view.src1 !== view.dst1) return view.src1 < view.dst1;
  return view.src0 < view.dst0;
}

function nameOf({ w0, w1, w2, w3 }: Socket): string {
  return `${w0}.${w1}.${w2}.${w3}`;
}
