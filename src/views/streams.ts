import { seqAdd } from '../model/seq.ts';
import type { SightedFlow } from './sightings.ts';
import type { Join } from './votes.ts';

/** A flow of one vantage, as part of a stream. */
export interface StreamFlow {
  readonly vantage: number;
  readonly flow: number;
  /** The side of the flow that is the client. */
  readonly client: 0 | 1;
  /** From its sequence numbers to those of the stream, for the client's and the server's. */
  readonly shift: readonly [number, number];
}

/** One connection, as all vantages show it. Its sequence numbers are those of its first flow. */
export interface Stream {
  readonly id: number;
  readonly flows: readonly StreamFlow[];
}

/** Joins between two vantages. */
export interface VantageJoins {
  readonly a: number;
  readonly b: number;
  readonly joins: readonly Join[];
}

/** Makes streams of flows that are joined, directly or through others; a flow that nothing joins is a stream of its own. */
export function streamsOf(flows: readonly (readonly SightedFlow[])[], pairs: readonly VantageJoins[]): Stream[] {
  const links = linksOf(pairs);
  const seen = flows.map((list) => new Uint8Array(list.length));
  const streams: Stream[] = [];
  flows.forEach((list, vantage) => {
    for (let flow = 0; flow < list.length; flow++) {
      if (seen[vantage][flow]) continue;
      const members = membersOf({ vantage, flow, swapped: false, shift: [0, 0] }, links, seen);
      streams.push({ id: streams.length, flows: oriented(members, flows) });
    }
  });
  return streams;
}

/** A join, as one of its two flows sees it: `vantage` has the other one. */
interface Link {
  readonly vantage: number;
  readonly join: Join;
  /** It leads from `join.a` to `join.b`. */
  readonly isForward: boolean;
}

/** The links of each flow that has any. */
type Links = ReadonlyMap<string, readonly Link[]>;

const keyOf = (vantage: number, flow: number) => `${vantage} ${flow}`;

function linksOf(pairs: readonly VantageJoins[]): Links {
  const links = new Map<string, Link[]>();
  const add = (key: string, link: Link) => {
    const list = links.get(key);
    if (list === undefined) links.set(key, [link]);
    else list.push(link);
  };
  for (const { a, b, joins } of pairs)
    for (const join of joins) {
      add(keyOf(a, join.a), { vantage: b, join, isForward: true });
      add(keyOf(b, join.b), { vantage: a, join, isForward: false });
    }
  return links;
}

/** `first` and every flow that links lead to from it. All of them are marked in `seen`, by vantage and flow. */
function membersOf(first: Member, links: Links, seen: readonly Uint8Array[]): Member[] {
  const members = [first];
  seen[first.vantage][first.flow] = 1;
  for (let i = 0; i < members.length; i++) {
    const from = members[i];
    for (const { vantage, join, isForward } of links.get(keyOf(from.vantage, from.flow)) ?? []) {
      const flow = isForward ? join.b : join.a;
      if (seen[vantage][flow]) continue;
      seen[vantage][flow] = 1;
      members.push(follow(from, vantage, flow, join, isForward));
    }
  }
  return members;
}

interface Member {
  readonly vantage: number;
  readonly flow: number;
  /** Its side 0 is side 1 of the first member. */
  readonly swapped: boolean;
  /** From its numbers to those of the first member, by its own sides. */
  readonly shift: readonly [number, number];
}

function follow(from: Member, vantage: number, flow: number, join: Join, isForward: boolean): Member {
  const { shift, swapped } = join;
  // By the sides of the flow that is reached: what leads back to the flow that it is reached from, and on to the first.
  const side = (own: 0 | 1): number => {
    const sideOfFrom = swapped ? 1 - own : own;
    const sideOfA = isForward ? sideOfFrom : own;
    const back = isForward ? -shift[sideOfA] : shift[sideOfA];
    return seqAdd(back, from.shift[sideOfFrom]);
  };
  return { vantage, flow, swapped: from.swapped !== swapped, shift: [side(0), side(1)] };
}

/** The client is whom the best evidence says. */
function oriented(members: readonly Member[], flows: readonly (readonly SightedFlow[])[]): StreamFlow[] {
  let best = -1;
  let clientOfFirst: 0 | 1 = 0;
  for (const { vantage, flow, swapped } of members) {
    const { client, clientReason } = flows[vantage][flow];
    if (clientReason <= best) continue;
    best = clientReason;
    clientOfFirst = swapped ? ((1 - client) as 0 | 1) : client;
  }
  return members.map(({ vantage, flow, swapped, shift }) => {
    const client = (swapped ? 1 - clientOfFirst : clientOfFirst) as 0 | 1;
    return { vantage, flow, client, shift: client === 0 ? shift : [shift[1], shift[0]] };
  });
}
