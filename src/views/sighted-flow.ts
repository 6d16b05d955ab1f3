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

/** Most flows that are known: those that were heard last. No fewer than records that wait for other views (`WINDOW`). */
export const MAX_FLOWS = 1 << 16;
/** So many may always be known, however short the memory is. */
export const LEAST_FLOWS = 1 << 12;

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
  /** Of its sockets, and the next one that has the same. */
  hash = 0;
  next: SightedFlow | null = null;
  /** Those that were heard just before and just after it. */
  older: SightedFlow | null = null;
  newer: SightedFlow | null = null;

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
  private most = MAX_FLOWS;
  private oldest: SightedFlow | null = null;
  private latest: SightedFlow | null = null;

  find(view: SegmentView): SightedFlow | null {
    if (this.latest !== null && isBetween(this.latest, view)) return this.latest;
    let flow = this.byHash.get(hashOfSockets(this.keyed, view)) ?? null;
    while (flow !== null && !isBetween(flow, view)) flow = flow.next;
    if (flow === null) return null;
    this.unlink(flow);
    this.append(flow);
    return flow;
  }

  open(view: SegmentView): SightedFlow {
    const flow = new SightedFlow(view);
    flow.hash = hashOfSockets(this.keyed, view);
    flow.next = this.byHash.get(flow.hash) ?? null;
    this.byHash.set(flow.hash, flow);
    this.append(flow);
    if (++this.size > this.most) this.forget(this.oldest!);
    return flow;
  }

  /**
   * The memory is short: forgets half of them, those that were silent for longest, and knows no more than that from now on.
   * False where that would be less than `least`, or than `LEAST_FLOWS`.
   */
  makeRoom(least: number): boolean {
    const most = this.size >> 1;
    if (most < least || most < LEAST_FLOWS) return false;
    this.most = most;
    while (this.size > most) this.forget(this.oldest!);
    return true;
  }

  private append(flow: SightedFlow): void {
    flow.older = this.latest;
    flow.newer = null;
    if (this.latest === null) this.oldest = flow;
    else this.latest.newer = flow;
    this.latest = flow;
  }

  private unlink(flow: SightedFlow): void {
    const { older, newer } = flow;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.latest = older;
    else newer.older = older;
  }

  private forget(flow: SightedFlow): void {
    this.unlink(flow);
    this.size--;
    const first = this.byHash.get(flow.hash)!;
    if (first === flow) {
      if (flow.next === null) this.byHash.delete(flow.hash);
      else this.byHash.set(flow.hash, flow.next);
      return;
    }
    let before = first;
    while (before.next !== flow) before = before.next!;
    before.next = flow.next;
  }
}

function nameOf({ w0, w1, w2, w3 }: Socket): string {
  return `${w0}.${w1}.${w2}.${w3}`;
}
