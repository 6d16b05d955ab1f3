import type { PlacedLoss } from '../model/sight.ts';
import { pathOf } from './route.ts';
import type { PacketSight, SeenPacket } from './seen-packet.ts';
import type { CaptureVantage } from './vantages.ts';

/** Beyond the longest delay that was seen, a packet may take so much longer (ns), and this many times as long. */
const SLACK_TIME = 1e6;
const SLACK = 2;
/** Frames that are kept of the losses of one place. */
const MAX_FRAMES = 20;

/** What became of a packet on its way. */
export const Passage = {
  /** It was seen at the last vantage, or nobody can tell. */
  ENDED: 0,
  LOST: 1,
  /** Between which vantages packets of its direction go is not known yet. */
  UNKNOWN: 2,
} as const;

/**
 * Says between which vantages the packet was lost, if it was: the last that saw it and the next one by which packets of its
 * direction come. `end` is the time of the capture's last record so far.
 */
export function place(packet: SeenPacket, end: number): number {
  const { connection, side, sights } = packet;
  const { route, shares } = connection;
  const way = connection.way(side);
  if (shares.length < 2) return Passage.UNKNOWN;
  if (sights.length >= shares.length) return Passage.ENDED;
  const path = pathOf(
    shares.map(({ vantage }) => vantage),
    route,
    way,
  );
  const last = lastOf(sights, path);
  if (last === null) return Passage.ENDED;
  noteMisses(last.vantage, packet, path);
  const next = nextOf(last.vantage, packet, path);
  if (next === null) return hasOrder(last.vantage, packet, path) ? Passage.ENDED : Passage.UNKNOWN;
  const gaps = packet.missingAt(path.slice(path.indexOf(last.vantage) + 1));
  if (gaps.length === 0) return Passage.ENDED;
  const longest = route.longestDelay(last.vantage, next);
  if (!(last.time + SLACK * longest + SLACK_TIME <= end)) return Passage.ENDED;
  if (connection.wasMissed(packet, gaps, next)) {
    if (!isBare(packet)) next.misses.note();
    return Passage.ENDED;
  }
  last.lostBetween = noteLoss(packet, last, next, gaps.length);
  if (isBare(packet)) next.misses.doubts({ sight: last, lists: [last.vantage.losses, connection.losses] });
  return Passage.LOST;
}

/** It has nothing that is acknowledged. */
function isBare({ seq, end }: SeenPacket): boolean {
  return end === seq;
}

/**
 * What was seen at `last` had gone by the vantages before it: those that do not hold it missed it. Of what may be a copy that the network
 * made on the way nobody knows.
 */
function noteMisses(last: CaptureVantage, packet: SeenPacket, path: readonly CaptureVantage[]): void {
  if (isBare(packet) || packet.isRetransmission) return;
  const { connection, side } = packet;
  const way = connection.way(side);
  for (const vantage of path.slice(0, path.indexOf(last))) {
    if (connection.route.precedes(vantage, last, way) <= 0 || connection.shareOf(vantage).frames[side] === 0) continue;
    if (packet.missingAt([vantage]).length > 0) vantage.misses.note();
  }
}

/** The sight that lies furthest on the way; null where all are beside it. */
function lastOf(sights: readonly PacketSight[], path: readonly CaptureVantage[]): PacketSight | null {
  let last: PacketSight | null = null;
  for (const sight of sights) {
    const at = path.indexOf(sight.vantage);
    if (at >= 0 && (last === null || at >= path.indexOf(last.vantage))) last = sight;
  }
  return last;
}

/** The first vantage after `vantage` by which packets of that direction come. */
function nextOf(vantage: CaptureVantage, { connection, side }: SeenPacket, path: readonly CaptureVantage[]) {
  const { route } = connection;
  const way = connection.way(side);
  for (const next of path.slice(path.indexOf(vantage) + 1)) {
    if (route.precedes(vantage, next, way) <= 0) continue;
    if (connection.shareOf(next).frames[side] > 0 || route.isUsual(vantage, next, way)) return next;
  }
  return null;
}

/** The order of the vantage and some other one is known: there is none after it, then. */
function hasOrder(vantage: CaptureVantage, { connection, side }: SeenPacket, path: readonly CaptureVantage[]): boolean {
  const way = connection.way(side);
  return path.some((other) => other !== vantage && connection.route.precedes(vantage, other, way) !== 0);
}

/** `packets`: the frame may hold several, of which so many stretches were lost. */
function noteLoss(
  { connection }: SeenPacket,
  { vantage: from, frame }: PacketSight,
  to: CaptureVantage,
  packets: number,
): PlacedLoss {
  count(from.losses, from, to, frame, packets);
  return count(connection.losses, from, to, frame, packets);
}

function count(
  losses: PlacedLoss[],
  from: CaptureVantage,
  to: CaptureVantage,
  frame: number,
  packets: number,
): PlacedLoss {
  let loss = losses.find((loss) => loss.from === from && loss.to === to);
  if (loss === undefined) {
    loss = { from, to, packets: 0, frames: [] };
    losses.push(loss);
  }
  loss.packets += packets;
  if (loss.frames.length < MAX_FRAMES) loss.frames.push(frame);
  return loss;
}
