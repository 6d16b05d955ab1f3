import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoint.ts';

/*
 * Where the capture was made, by how soon each end answers as seen from there. Everybody who asks asks here.
 */

/** An end this many times nearer than the other is the one beside which the capture was made. */
export const NEAR = 4;
/** First octet of the addresses that never leave a host. */
const LOOPBACK = 127;
/** Farther than this (ns) no end is in the same host. */
const SAME_HOST = 3e6;
/** An answer can hardly come sooner than this share of the shortest round trip that was seen. */
export const SHORTEST_ANSWER = 0.85;
/** What a host takes to answer (ns): of an end that is so near the load decides how soon an answer comes. */
export const HOST = 100e3;

/** Data may be captured so much later (ns) than its ACK, or half a round trip. */
export const SWAP = 5e6;

export type Position = 'client' | 'server' | 'middle' | 'loopback';

/** Shortest time (ns) from the sight of something for `endpoint` to the sight of its answer; -1 before the first. */
export function answerTime(endpoint: Endpoint): number {
  return endpoint.peer.outbound?.rtt.min ?? -1;
}

/** The shortest round trip (ns) as far as it can be trusted: half of a single one, which that of the SYN mostly is; below 0 before any. */
export function trusted({ min, samples }: { readonly min: number; readonly samples: number }): number {
  return samples > 1 ? min : min / 2;
}

/**
 * No answer of `endpoint` is seen sooner than this (ns) after what it answers; 0 where that is not known. Its host answers a SYN at once,
 * and other segments perhaps not; of one in the same host the load decides.
 */
export function soonestAnswer({ connection, peer }: Endpoint): number {
  if (!connection.sawHandshake || peer.outbound === null) return 0;
  const shortest = trusted(peer.outbound.rtt);
  return shortest > SAME_HOST ? SHORTEST_ANSWER * shortest : 0;
}

/** Shortest round trip between the two ends, from the point of capture to the one and to the other, as far as known (ns). */
export function roundTrip(endpoint: Endpoint): number {
  return Math.max(answerTime(endpoint), 0) + Math.max(answerTime(endpoint.peer), 0);
}

/** Data of `sender` that comes no later than this (ns) after its ACK was captured late. */
export function longestSwap(sender: Endpoint): number {
  return Math.max(SWAP, roundTrip(sender) / 2);
}

/** The capture was made close to `endpoint`: what is seen on its way there arrives, and what it answers comes at once. */
export function isNear(endpoint: Endpoint): boolean {
  const near = answerTime(endpoint);
  return near >= 0 && near * NEAR < answerTime(endpoint.peer);
}

/** As the rules take it, that need the nearer end: null without answers of both ends. Whoever is told asks `shownPosition`. */
export function positionOf({ client, server }: Connection): Position | null {
  if (answerTime(client) < 0 || answerTime(server) < 0) return null;
  if (areOneHost(client, server)) return 'loopback';
  if (isNear(client) && answerTime(client) < SAME_HOST) return 'client';
  if (isNear(server) && answerTime(server) < SAME_HOST) return 'server';
  return 'middle';
}

/** The capture was made beside the receiver of what `sender` sends, or on the way to it. */
export function isAway({ connection, role }: Endpoint): boolean {
  const position = positionOf(connection);
  return position !== null && position !== 'loopback' && position !== role;
}

/**
 * The position for whoever is told of it: where an end is so near that the answer is the work of its host alone, the capture may have
 * been made in that host though the other one is about as near.
 */
export function shownPosition(connection: Connection): Position | null {
  const position = positionOf(connection);
  const nearest = Math.min(answerTime(connection.client), answerTime(connection.server));
  return position === 'middle' && nearest < HOST ? null : position;
}

/** The same address, or two of 127.0.0.0/8: none of these leaves its host (RFC 1122 section 3.2.1.3). */
function areOneHost(a: Endpoint, b: Endpoint): boolean {
  if (a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.w3 === b.w3) return true;
  return isLoopback(a) && isLoopback(b);
}

function isLoopback({ w0, w1, w2, w3 }: Endpoint): boolean {
  return (w0 | w1 | w2) === 0 && w3 >>> 24 === LOOPBACK;
}
