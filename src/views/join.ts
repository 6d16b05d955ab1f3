import { SYN } from '../model/flags.ts';
import { seqAdd } from '../model/seq.ts';
import { Known, mix, type Sightings, type Vantage } from './sightings.ts';
import { byContent, byNumbers, COUNTED, type Join, Votes } from './votes.ts';

/** Packets of equal content, with the same shift of sequence numbers, that make two flows one connection. */
const ENOUGH_ALIKE = 3;

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
  for (const print of [byNumbers, byContent]) {
    const votes = new Votes(a, b, print, isJoinedA, isJoinedB);
    for (const join of votes.joins(print === byContent ? ENOUGH_ALIKE : 1)) {
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
