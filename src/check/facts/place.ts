import { answerTime, type Position, shownPosition } from '../../model/capture-position.ts';
import type { Connection } from '../../model/connection.ts';
import type { FlowFacts } from './flow-facts.ts';
import type { SideFacts } from './side-facts.ts';

type Side = SideFacts<FlowFacts>;

/** Where a connection was captured; null when nothing shows it. */
export type Place = Position | null;

/** So large a share of the connections must agree before others are taken to be captured there too. */
const AGREEMENT = 3 / 4;

/** The address of the host at which a capture was made, as most of its connections show it; null when they do not agree. */
export function capturingHost(connections: readonly Connection[]): string | null {
  const votes = new Map<string, number>();
  let voters = 0;
  for (const connection of connections) {
    const place = shownPosition(connection);
    if (place === null) continue;
    voters++;
    if (place !== 'client' && place !== 'server') continue;
    const { address } = connection[place];
    votes.set(address, (votes.get(address) ?? 0) + 1);
  }
  for (const [address, count] of votes) if (count >= AGREEMENT * voters) return address;
  return null;
}

/** Where a connection was captured: as its own round trips show it, else at `host` when that is one of its ends. */
export function placeOf(connection: Connection, host: string | null): Place {
  const own = shownPosition(connection);
  if (own !== null || host === null) return own;
  const [isClient, isServer] = [connection.client.address === host, connection.server.address === host];
  return isClient === isServer ? null : isClient ? 'client' : 'server';
}

/** Every packet that the end sent passed the point of capture before anything could happen to it. */
export function isAtSender({ flow, endpoint }: Side): boolean {
  return flow.place === endpoint.role || flow.place === 'loopback';
}

/** Nothing happens any more to packets of the end after they passed the point of capture. */
export function isAtReceiver({ flow, endpoint }: Side): boolean {
  return flow.place === endpoint.peer.role || flow.place === 'loopback';
}

/**
 * Why packets of an end may have been lost before they came to the point of capture, without a trace; null when none was.
 *
 * A packet that is lost there leaves a hole, except for the last one of a flight: its retransmission then comes in order, and
 * looks like the first copy. That has not happened where the IP IDs of the end rise by one from packet to packet, nor where no segment came later than a round trip after the one before:
 * no sender retransmits the last segment sooner.
 */
export function unseenLosses(side: Side): string | null {
  const { flow, endpoint } = side;
  if (flow.trusts || isAtSender(side) || side.ids.isWithoutGap) return null;
  const { frame, time } = side.longestPause;
  const roundTrip = isAtReceiver(side) ? answerTime(endpoint) : -1;
  if (frame === 0 || (roundTrip > 0 && time < roundTrip)) return null;
  return `captured ${whereText(side)}: packet ${frame} may repeat one that was lost before it came there`;
}

/** `at 10.0.0.1`, `between the hosts`. */
export function whereText({ flow, endpoint }: Side): string {
  switch (flow.place) {
    case null:
      return 'at a place that the capture does not show';
    case 'middle':
      return 'between the hosts';
    case 'loopback':
      return 'where both ends are';
    default:
      return flow.place === endpoint.role
        ? `at the sender (${endpoint.address})`
        : `at the receiver (${endpoint.peer.address})`;
  }
}

/**
 * By how much (ns) a round trip of the whole path may be longer than one that was measured here, and why; null when they are
 * the same. Between the hosts a round trip is that to the farther end and that to the nearer. A handshake takes one round trip
 * of the whole path wherever it is captured.
 */
export function shortRoundTrips(flow: FlowFacts): { most: number; reason: string } | null {
  const { place, farSide, connection, trusts } = flow;
  if (trusts || farSide.rtt.length === 0 || (place !== null && place !== 'middle')) return null;
  const near = farSide === flow.a ? flow.b : flow.a;
  const handshake = connection.handshakeDuration - least(farSide.rtt.values);
  const rest =
    near.rtt.length > 0 ? greatest(near.rtt.values) : Number.isNaN(handshake) ? Number.POSITIVE_INFINITY : handshake;
  if (rest <= 0) return null;
  return {
    most: rest,
    reason:
      place === null
        ? 'the capture does not show where it was made, so a round trip may be only a part of the whole'
        : 'captured between the hosts: a round trip from there is only a part of the whole',
  };
}

function least(values: Float64Array): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function greatest(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, b));
}
