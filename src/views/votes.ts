import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { seqAdd } from '../model/seq.ts';
import { Known, mix, type Sightings, type Vantage } from './sightings.ts';

/** Flows that may hold the same fingerprint: with more it tells nothing. */
const MAX_ALIKE = 8;
/** Pairs of flows that are thought of at a time: some 150 MB. */
const MAX_CANDIDATES = 1 << 18;

/** The flow `a` of one vantage and the flow `b` of another are one connection. */
export interface Join {
  readonly a: number;
  readonly b: number;
  /** Side 0 of `a` is side 1 of `b`. */
  readonly swapped: boolean;
  /** Sequence number at the other vantage minus that at the first, of what side 0 and side 1 of `a` send (modulo 2^32). */
  readonly shift: readonly [number, number];
  /** Packets that told so. */
  readonly votes: number;
}

/** What makes a packet alike at both vantages, as a hash; 0 where it has nothing of the kind. */
export type Print = (s: Sightings, i: number) => number;

/** Flags that tell packets apart. */
export const COUNTED = SYN | FIN | RST;

/** Its place in the two sequence spaces. */
export function byNumbers(s: Sightings, i: number): number {
  const flags = s.flags[i];
  return mix(mix(mix(mix(0, s.seq[i]), flags & ACK ? s.ack[i] : 0), s.payload[i]), flags & (COUNTED | ACK)) || 1;
}

/** What it carries, whatever its numbers are. */
export function byContent(s: Sightings, i: number): number {
  const known = s.known[i];
  const carries = s.payload[i] > 0 && (known & Known.SUM) !== 0;
  if (!carries && (known & Known.TIMESTAMPS) === 0) return 0;
  let hash = mix(mix(1, s.payload[i]), s.flags[i] & (COUNTED | ACK));
  if (carries) hash = mix(hash, s.sum[i]);
  if (known & Known.TIMESTAMPS) hash = mix(mix(hash, s.tsVal[i]), s.tsEcr[i]);
  return hash || 1;
}

/** Different shifts of one side that are counted. */
const MAX_SHIFTS = 8;

/** How often each shift was seen of one side. */
class Shifts {
  private readonly values: number[] = [];
  private readonly counts: number[] = [];

  add(shift: number): void {
    const place = this.values.indexOf(shift);
    if (place >= 0) this.counts[place]++;
    else if (this.values.length < MAX_SHIFTS) {
      this.values.push(shift);
      this.counts.push(1);
    }
  }

  /** The most frequent one and how often it was seen; 0 of 0 without any. */
  get best(): { shift: number; count: number } {
    let place = 0;
    for (let i = 1; i < this.counts.length; i++) if (this.counts[i] > this.counts[place]) place = i;
    return { shift: this.values[place] ?? 0, count: this.counts[place] ?? 0 };
  }
}

/** A flow of one vantage that may be that of the other. */
interface Candidate {
  readonly a: number;
  readonly b: number;
  readonly swapped: boolean;
  /** By packets of each side, and by what the other side acknowledges of it. */
  readonly sent: readonly [Shifts, Shifts];
  readonly acknowledged: readonly [Shifts, Shifts];
  /** Packets that are alike, whatever their shift. */
  alike: number;
}

/**
 * Packets of two vantages that are alike, counted for the flows that they belong to. Of `most` pairs of flows the weaker half
 * is forgotten: those that only chance made alike in a packet or two, of which a capture can be made to have very many.
 */
export class Votes {
  private readonly a: Vantage;
  private readonly b: Vantage;
  private readonly print: Print;
  private readonly skipA: Uint8Array;
  private readonly skipB: Uint8Array;
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private readonly hashes: Int32Array;
  private readonly candidates = new Map<number, Candidate>();
  private readonly most: number;

  constructor(a: Vantage, b: Vantage, print: Print, skipA: Uint8Array, skipB: Uint8Array, most = MAX_CANDIDATES) {
    this.a = a;
    this.b = b;
    this.print = print;
    this.skipA = skipA;
    this.skipB = skipB;
    this.most = most;
    let size = 1024;
    while (size < b.sightings.length) size *= 2;
    this.heads = new Int32Array(size).fill(-1);
    this.next = new Int32Array(b.sightings.length);
    this.hashes = new Int32Array(b.sightings.length);
    this.index();
    this.count();
  }

  /** The best partner of each flow, where the choice is mutual; and further ones that share as much with it. */
  joins(least: number): Join[] {
    const { a, b } = this;
    const good = [...this.candidates.values()].map(resultOf).filter(({ votes }) => votes >= least);
    const same = (c: Join) => {
      const x = a.flows[c.a].sockets;
      const y = b.flows[c.b].sockets;
      return x[0] === y[c.swapped ? 1 : 0] && x[1] === y[c.swapped ? 0 : 1] ? 1 : 0;
    };
    good.sort((x, y) => same(y) - same(x) || y.votes - x.votes || x.a - y.a || x.b - y.b);
    const mostA = new Map<number, number>();
    const mostB = new Map<number, number>();
    const joins: Join[] = [];
    for (const candidate of good) {
      const { votes } = candidate;
      const had = Math.max(mostA.get(candidate.a) ?? 0, mostB.get(candidate.b) ?? 0);
      // One vantage may have taken for two connections what the other took for one.
      if (had > 0 && (votes < 3 || !same(candidate))) continue;
      mostA.set(candidate.a, Math.max(votes, mostA.get(candidate.a) ?? 0));
      mostB.set(candidate.b, Math.max(votes, mostB.get(candidate.b) ?? 0));
      joins.push(candidate);
    }
    return joins;
  }

  /** Pairs of flows that are thought of: at most as many as was said. */
  get size(): number {
    return this.candidates.size;
  }

  /** Half of the pairs go, those with the fewest packets alike first, and of these the oldest. */
  private forget(): void {
    const { candidates } = this;
    const left = Math.floor(this.most / 2);
    for (let least = 1; candidates.size > left; least *= 2) {
      for (const [key, { alike }] of candidates) {
        if (alike <= least) candidates.delete(key);
        if (candidates.size === left) return;
      }
    }
  }

  private index(): void {
    const { heads, next, hashes, print, skipB } = this;
    const s = this.b.sightings;
    const mask = heads.length - 1;
    for (let i = 0; i < s.length; i++) {
      if (skipB[s.flow[i]]) continue;
      const hash = print(s, i);
      if (hash === 0) continue;
      let alike = 0;
      let j = heads[hash & mask];
      // Of one side of a flow the first is enough.
      for (; j >= 0 && alike < MAX_ALIKE; j = next[j]) {
        if (hashes[j] !== hash) continue;
        if (s.flow[j] === s.flow[i] && s.side[j] === s.side[i]) break;
        alike++;
      }
      if (j >= 0) continue;
      hashes[i] = hash;
      next[i] = heads[hash & mask];
      heads[hash & mask] = i;
    }
  }

  private count(): void {
    const { heads, next, hashes, print, skipA } = this;
    const s = this.a.sightings;
    const mask = heads.length - 1;
    for (let i = 0; i < s.length; i++) {
      if (skipA[s.flow[i]]) continue;
      const hash = print(s, i);
      if (hash === 0) continue;
      for (let j = heads[hash & mask], alike = 0; j >= 0 && alike < MAX_ALIKE; j = next[j]) {
        if (hashes[j] !== hash) continue;
        alike++;
        this.vote(i, j);
      }
    }
  }

  private vote(i: number, j: number): void {
    const { a, b, candidates } = this;
    const flowA = a.sightings.flow[i];
    const flowB = b.sightings.flow[j];
    const side = a.sightings.side[i];
    const swapped = side !== b.sightings.side[j];
    const key = (flowA * b.flows.length + flowB) * 2 + (swapped ? 1 : 0);
    let candidate = candidates.get(key);
    if (candidate === undefined) {
      if (candidates.size === this.most) this.forget();
      const pair = () => [new Shifts(), new Shifts()] as const;
      candidate = { a: flowA, b: flowB, swapped, sent: pair(), acknowledged: pair(), alike: 0 };
      candidates.set(key, candidate);
    }
    candidate.alike++;
    const shift = seqAdd(b.sightings.seq[j], -a.sightings.seq[i]);
    if (this.print === byNumbers && shift !== 0) return;
    candidate.sent[side].add(shift);
    if (a.sightings.flags[i] & ACK)
      candidate.acknowledged[1 - side].add(seqAdd(b.sightings.ack[j], -a.sightings.ack[i]));
  }
}

/** A side that sent nothing alike is shifted as the other acknowledges it. */
function resultOf({ a, b, swapped, sent, acknowledged }: Candidate): Join {
  const sides = sent.map((shifts) => shifts.best);
  const shiftOf = (side: number) => (sides[side].count > 0 ? sides[side] : acknowledged[side].best).shift;
  return { a, b, swapped, shift: [shiftOf(0), shiftOf(1)], votes: sides[0].count + sides[1].count };
}
