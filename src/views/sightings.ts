import { Option, type SegmentView } from '../model/segment.ts';
import { seqDiff } from '../model/seq.ts';

/** Most packets of one vantage: 2^23 take some 600 MB. */
export const MAX_SIGHTINGS = 1 << 23;

/** A connection as one vantage shows it: the two sockets in the order of its sides, and which side is the client. */
export interface SightedFlow {
  /** `10.0.0.1:80`, of side 0 and side 1. */
  readonly sockets: readonly [string, string];
  readonly client: 0 | 1;
  /** How sure that is: a `RoleReason`. */
  readonly clientReason: number;
}

/** Bits of `Sightings.known`: what the capture holds of the packet. */
export const Known = { TIMESTAMPS: 1, SUM: 2, IP_ID: 4, OPTIONS: 8 } as const;

/**
 * The TCP packets that one vantage saw, as columns: some 70 octets a packet, outside of the heap. `time` is in nanoseconds
 * of the vantage's own clock since a zero of the caller's choice. A flow is a number that the caller gives to each
 * connection (each incarnation of a pair of sockets) at this vantage; a side is 0 or 1.
 */
export class Sightings {
  length = 0;
  /** Packets that found no more room. */
  refused = 0;
  time = new Float64Array(0);
  frame = new Uint32Array(0);
  flow = new Int32Array(0);
  side = new Uint8Array(0);
  seq = new Uint32Array(0);
  ack = new Uint32Array(0);
  payload = new Uint32Array(0);
  flags = new Uint16Array(0);
  window = new Uint16Array(0);
  ipId = new Uint16Array(0);
  tsVal = new Uint32Array(0);
  tsEcr = new Uint32Array(0);
  /** Ones' complement sum of the payload, where `Known.SUM`. */
  sum = new Uint16Array(0);
  /** What the SACK blocks say, relative to the ACK number, so that shifted sequence numbers do not change it; 0 without. */
  sack = new Int32Array(0);
  known = new Uint8Array(0);
  ttl = new Uint8Array(0);
  tos = new Uint8Array(0);
  vlan = new Int16Array(0);
  tunnels = new Uint8Array(0);
  options = new Uint16Array(0);
  /** Window scale plus one, 0 without; MSS, 0 without. */
  scale = new Uint8Array(0);
  mss = new Uint16Array(0);
  private readonly limit: number;

  constructor(limit: number = MAX_SIGHTINGS) {
    this.limit = limit;
  }

  /** Keeps what tells the segment from others. Returns its index, or -1 where there is no more room. */
  add(view: SegmentView, flow: number, side: 0 | 1): number {
    if (this.length === this.time.length && !this.grow()) {
      this.refused++;
      return -1;
    }
    const i = this.length++;
    const { options } = view;
    this.time[i] = view.time;
    this.frame[i] = view.frame;
    this.flow[i] = flow;
    this.side[i] = side;
    this.seq[i] = view.seq;
    this.ack[i] = view.ack;
    this.payload[i] = view.payloadLength;
    this.flags[i] = view.flags;
    this.window[i] = view.rawWindow;
    this.ttl[i] = view.ttl;
    this.tos[i] = view.tos;
    this.vlan[i] = view.vlan;
    this.tunnels[i] = view.tunnelDepth;
    this.options[i] = options;
    this.scale[i] = options & Option.WSCALE ? view.wscale + 1 : 0;
    this.mss[i] = options & Option.MSS ? view.mss : 0;
    let known = options & Option.CUT ? 0 : Known.OPTIONS;
    if (options & Option.TIMESTAMPS) {
      known |= Known.TIMESTAMPS;
      this.tsVal[i] = view.tsVal;
      this.tsEcr[i] = view.tsEcr;
    }
    if (view.payloadSum >= 0) {
      known |= Known.SUM;
      this.sum[i] = view.payloadSum;
    }
    if (view.ipId >= 0) {
      known |= Known.IP_ID;
      this.ipId[i] = view.ipId;
    }
    this.sack[i] = sackHash(view);
    this.known[i] = known;
    return i;
  }

  /** Takes the packets of those indices (in their order) out again: the others move up. */
  remove(indices: readonly number[]): void {
    if (indices.length === 0) return;
    const kept = new Uint32Array(this.length - indices.length);
    for (let i = 0, next = 0, to = 0; i < this.length; i++) {
      if (i === indices[next]) next++;
      else kept[to++] = i;
    }
    for (const column of this.columns()) for (let to = 0; to < kept.length; to++) column[to] = column[kept[to]];
    this.length = kept.length;
  }

  private columns() {
    const { time, frame, flow, side, seq, ack, payload, flags, window, ipId, tsVal, tsEcr, sum, sack, known } = this;
    const { ttl, tos, vlan, tunnels, options, scale, mss } = this;
    const numbers = [time, frame, flow, side, seq, ack, payload, flags, window, ipId, tsVal, tsEcr, sum, sack, known];
    return [...numbers, ttl, tos, vlan, tunnels, options, scale, mss];
  }

  private grow(): boolean {
    const size = Math.min(this.limit, Math.max(1024, this.length * 2));
    if (size <= this.length) return false;
    this.time = larger(this.time, new Float64Array(size));
    this.frame = larger(this.frame, new Uint32Array(size));
    this.flow = larger(this.flow, new Int32Array(size));
    this.side = larger(this.side, new Uint8Array(size));
    this.seq = larger(this.seq, new Uint32Array(size));
    this.ack = larger(this.ack, new Uint32Array(size));
    this.payload = larger(this.payload, new Uint32Array(size));
    this.flags = larger(this.flags, new Uint16Array(size));
    this.window = larger(this.window, new Uint16Array(size));
    this.ipId = larger(this.ipId, new Uint16Array(size));
    this.tsVal = larger(this.tsVal, new Uint32Array(size));
    this.tsEcr = larger(this.tsEcr, new Uint32Array(size));
    this.sum = larger(this.sum, new Uint16Array(size));
    this.sack = larger(this.sack, new Int32Array(size));
    this.known = larger(this.known, new Uint8Array(size));
    this.ttl = larger(this.ttl, new Uint8Array(size));
    this.tos = larger(this.tos, new Uint8Array(size));
    this.vlan = larger(this.vlan, new Int16Array(size));
    this.tunnels = larger(this.tunnels, new Uint8Array(size));
    this.options = larger(this.options, new Uint16Array(size));
    this.scale = larger(this.scale, new Uint8Array(size));
    this.mss = larger(this.mss, new Uint16Array(size));
    return true;
  }
}

/** The packets of a vantage with its flows, by their numbers. */
export interface Vantage {
  readonly sightings: Sightings;
  readonly flows: readonly SightedFlow[];
}

function larger<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

function sackHash({ sack, sackCount, ack }: SegmentView): number {
  let hash = 0;
  for (let i = 0; i < 2 * sackCount; i++) hash = mix(hash, seqDiff(sack[i], ack));
  return hash;
}

/** One step of a hash over numbers of 32 bits. */
export function mix(hash: number, value: number): number {
  const x = Math.imul(hash ^ value, 0x9e3779b1);
  return x ^ (x >>> 15);
}
