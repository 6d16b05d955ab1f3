import { Ranges } from './ranges.ts';
import type { PacketSight, SeenPacket } from './seen-packet.ts';

/** What a segment carries whatever its size: its acknowledgment number, and its timestamp (-1 without). */
export interface Sending {
  readonly ack: number;
  readonly tsVal: number;
}

/** Without timestamps a frame that is so much (ns) off the usual time may be of another sending. */
const MAX_UNLIKENESS = 20e6;

/** Segments that offload made of one, or one of them, have the same timestamp and the same acknowledgment number. */
export function areOfOneSending(a: Sending, b: Sending): boolean {
  return a.ack === b.ack && (a.tsVal === b.tsVal || a.tsVal < 0 || b.tsVal < 0);
}

/**
 * Joins a new frame with those of other vantages that hold bytes of it, each byte with the frame that took the most usual
 * time. `unlikeness`: how far (ns) a packet is from that. Returns the packets that it was joined with.
 */
export function linkParts(
  sight: PacketSight,
  overlapping: readonly SeenPacket[],
  unlikeness: (other: SeenPacket) => number,
): SeenPacket[] {
  const { packet, vantage } = sight;
  const candidates: { other: SeenPacket; error: number }[] = [];
  for (const other of overlapping) {
    if (other === packet || other.length === 0 || other.at(vantage) !== null || !areOfOneSending(packet, other))
      continue;
    if (other.seq === packet.seq && other.length === packet.length) continue;
    const error = unlikeness(other);
    const isStamped = other.tsVal >= 0 && packet.tsVal >= 0;
    if (isStamped || error <= MAX_UNLIKENESS) candidates.push({ other, error });
  }
  candidates.sort((x, y) => x.error - y.error);
  const linked = candidates.filter(({ other }) => link(packet, other, sight));
  return linked.map(({ other }) => other);
}

/** Joins the bytes that neither has found yet where the other was seen. */
function link(packet: SeenPacket, other: SeenPacket, { vantage }: PacketSight): boolean {
  const apart = (other.seq - packet.seq) | 0;
  let open: [number, number][] = [[Math.max(0, apart), Math.min(packet.length, apart + other.length)]];
  for (const there of other.sights) open = common(open, packet.missingAt([there.vantage]));
  open = common(
    open,
    other.missingAt([vantage]).map(([from, to]) => [from + apart, to + apart]),
  );
  const joined = open.filter(
    ([from, to]) => packet.overlap(other, from, to) && other.overlap(packet, from - apart, to - apart),
  );
  return joined.length > 0;
}

/** The numbers that are in both lists of ranges. */
function common(a: readonly [number, number][], b: readonly [number, number][]): [number, number][] {
  const outside = new Ranges();
  let end = 0;
  for (const [from, to] of b) {
    outside.add(end, from);
    end = to;
  }
  outside.add(end, Number.MAX_SAFE_INTEGER);
  return a.flatMap(([from, to]) => (from < to ? outside.missing(from, to) : []));
}
