import { ACK, FIN, RST, SYN } from '../model/flags.ts';
import { seqAdd } from '../model/seq.ts';
import { Known, mix, type SightedFlow, type Sightings } from './sightings.ts';

/** Flows that may hold the same fingerprint: with more it tells nothing. */
const MAX_ALIKE = 8;
/** Packets of equal content, with the same shift of sequence numbers, that make two flows one connection. */
const ENOUGH_ALIKE = 3;

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

/** The packets of a vantage with its flows, by their numbers. */
export interface Vantage {
  readonly sightings: Sightings;
  readonly flows: readonly SightedFlow[];
}

/**
 * Which connection of one vantage is which of the other. First those with the same sequence and acknowledgment numbers, which
 * address translation leaves alone; then those whose numbers were shifted, by packets of the same content that agree in the
 * shift. Among several candidates the same sockets come first, then the number of packets. What stays alone has no packet at
 * the other vantage, or none that tells.
 */
export function joinFlows(a: Vantage, b: Vantage): Join[] {
  const joins: Join[] = [];
  const isJoinedA = new Uint8Array(a.flows.length);
  const isJoinedB = new Uint8Array(b.flows.length);
  for (const print of [numbers, content]) {
    const votes = new Votes(a, b, print, isJoinedA, isJoinedB);
    for (const join of votes.joins(print === content ? ENOUGH_ALIKE : 1)) {
      isJoinedA[join.a] = 1;
      isJoinedB[join.b] = 1;
      joins.push(join);
    }
  }
  joins.push(...joinBySockets(a, b, isJoinedA, isJoinedB));
  return joins.sort((x, y) => x.a - y.a || x.b - y.b);
}

/**
 * Same sockets, both handshakes seen, and used as often at one vantage as at the other: the SYNs tell the shift. For shifted
 * connections whose packets all carry the same.
 */
function joinBySockets(a: Vantage, b: Vantage, isJoinedA: Uint8Array, isJoinedB: Uint8Array): Join[] {
  const joins: Join[] = [];
  const openedB = openings(b, isJoinedB);
  for (const [sockets, flowsA] of openings(a, isJoinedA)) {
    const flowsB = openedB.get(sockets);
    if (flowsB === undefined || flowsB.length !== flowsA.length) continue;
    flowsA.forEach((x, i) => {
      const y = flowsB[i];
      const client = a.flows[x.flow].client;
      const swapped = client !== b.flows[y.flow].client;
      const shifts = [seqAdd(y.isn[0], -x.isn[0]), seqAdd(y.isn[1], -x.isn[1])] as const;
      const shift = client === 0 ? shifts : ([shifts[1], shifts[0]] as const);
      joins.push({ a: x.flow, b: y.flow, swapped, shift, votes: 2 });
    });
  }
  return shown(a, b, joins);
}

/** Of joins that the sockets suggest, those that packets bear out: more than half of the shorter flow's, and three of them. */
function shown(a: Vantage, b: Vantage, joins: readonly Join[]): Join[] {
  if (joins.length === 0) return [];
  const placeOf = new Map(joins.map(({ b: flow }, place) => [flow, place]));
  const there = joins.map(() => new Map<number, number>());
  const s = b.sightings;
  for (let j = 0; j < s.length; j++) {
    const place = placeOf.get(s.flow[j]);
    if (place !== undefined) there[place].set(spot(s, j, s.seq[j], s.side[j]), j);
  }
  const joinOf = new Map(joins.map((join, place) => [join.a, { join, place }]));
  const agreeing = new Int32Array(joins.length);
  const own = new Int32Array(joins.length);
  const t = a.sightings;
  for (let i = 0; i < t.length; i++) {
    const found = joinOf.get(t.flow[i]);
    if (found === undefined) continue;
    const { join, place } = found;
    own[place]++;
    const side = t.side[i];
    const seq = seqAdd(t.seq[i], join.shift[side]);
    const j = there[place].get(spot(t, i, seq, join.swapped ? 1 - side : side));
    if (j !== undefined && hasSameContent(t, i, s, j)) agreeing[place]++;
  }
  return joins.filter((_, place) => {
    const shorter = Math.min(own[place], there[place].size);
    return agreeing[place] >= ENOUGH_ALIKE && 2 * agreeing[place] > shorter;
  });
}

function spot(s: Sightings, i: number, seq: number, side: number): number {
  return mix(mix(mix(side, seq), s.payload[i]), s.flags[i] & COUNTED);
}

/** The same IP ID or payload: chance would hardly have it so. */
function hasSameContent(a: Sightings, i: number, b: Sightings, j: number): boolean {
  const both = a.known[i] & b.known[j];
  if (both & Known.IP_ID && a.ipId[i] !== 0 && a.ipId[i] === b.ipId[j]) return true;
  return (both & Known.SUM) !== 0 && a.payload[i] > 0 && a.payload[i] === b.payload[j] && a.sum[i] === b.sum[j];
}

interface Opening {
  readonly flow: number;
  /** Of the client and of the server. */
  readonly isn: [number, number];
}

/** The flows whose SYN and SYN,ACK were seen, by their sockets from client to server, in the order of time. */
function openings({ sightings: s, flows }: Vantage, isJoined: Uint8Array): Map<string, Opening[]> {
  const isns = new Map<number, [number, number]>();
  for (let i = 0; i < s.length; i++) {
    const flow = s.flow[i];
    if (!(s.flags[i] & SYN) || isJoined[flow]) continue;
    const isn = isns.get(flow) ?? [-1, -1];
    isn[s.side[i] === flows[flow].client ? 0 : 1] = s.seq[i];
    isns.set(flow, isn);
  }
  const all = new Map<string, Opening[]>();
  for (const [flow, isn] of isns) {
    if (isn[0] < 0 || isn[1] < 0) continue;
    const { sockets, client } = flows[flow];
    const key = `${sockets[client]} ${sockets[1 - client]}`;
    const same = all.get(key);
    if (same === undefined) all.set(key, [{ flow, isn }]);
    else same.push({ flow, isn });
  }
  return all;
}

/** What makes a packet alike at both vantages, as a hash; 0 where it has nothing of the kind. */
type Print = (s: Sightings, i: number) => number;

const COUNTED = SYN | FIN | RST;

/** Its place in the two sequence spaces. */
function numbers(s: Sightings, i: number): number {
  const flags = s.flags[i];
  return mix(mix(mix(mix(0, s.seq[i]), flags & ACK ? s.ack[i] : 0), s.payload[i]), flags & (COUNTED | ACK)) || 1;
}

/** What it carries, whatever its numbers are. */
function content(s: Sightings, i: number): number {
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

interface Candidate {
  readonly a: number;
  readonly b: number;
  readonly swapped: boolean;
  /** By packets of each side, and by what the other side acknowledges of it. */
  readonly sent: readonly [Shifts, Shifts];
  readonly acknowledged: readonly [Shifts, Shifts];
}

/** Packets of two vantages that are alike, counted for the flows that they belong to. */
class Votes {
  private readonly a: Vantage;
  private readonly b: Vantage;
  private readonly print: Print;
  private readonly skipA: Uint8Array;
  private readonly skipB: Uint8Array;
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private readonly hashes: Int32Array;
  private readonly candidates = new Map<number, Candidate>();

  constructor(a: Vantage, b: Vantage, print: Print, skipA: Uint8Array, skipB: Uint8Array) {
    this.a = a;
    this.b = b;
    this.print = print;
    this.skipA = skipA;
    this.skipB = skipB;
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
      const pair = () => [new Shifts(), new Shifts()] as const;
      candidate = { a: flowA, b: flowB, swapped, sent: pair(), acknowledged: pair() };
      candidates.set(key, candidate);
    }
    const shift = seqAdd(b.sightings.seq[j], -a.sightings.seq[i]);
    if (this.print === numbers && shift !== 0) return;
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
