import type { PacketNumbers, SeenPacket } from './seen-packet.ts';

/** Most copies of one number that are compared: a flood of equal packets must not take the square of its length. */
export const MAX_ALIKE = 64;

/** Packets of which sights still wait, by what a view can tell of them. */
export class AlikePackets {
  /** Null while none waits: of most connections of a flood there is one packet. */
  private byKey: Map<number, SeenPacket[]> | null = null;

  add(packet: SeenPacket): void {
    const key = keyOf(packet.side, packet);
    this.byKey ??= new Map();
    const alike = this.byKey.get(key);
    if (alike === undefined) this.byKey.set(key, [packet]);
    else alike.push(packet);
  }

  remove(packet: SeenPacket): void {
    const { byKey } = this;
    if (byKey === null) return;
    const key = keyOf(packet.side, packet);
    const alike = byKey.get(key);
    if (alike === undefined) return;
    if (alike.length === 1) {
      byKey.delete(key);
      if (byKey.size === 0) this.byKey = null;
    } else alike.splice(alike.indexOf(packet), 1);
  }

  /** Those that may be the same (`isSame` tells), the earliest first. */
  like(side: 0 | 1, numbers: PacketNumbers): readonly SeenPacket[] {
    return this.byKey?.get(keyOf(side, numbers)) ?? NONE;
  }

  /** All of them; those that are alike together. */
  get groups(): Iterable<SeenPacket[]> {
    return this.byKey?.values() ?? [];
  }

  /** All of them. */
  get all(): SeenPacket[] {
    return [...this.groups].flat();
  }

  clear(): void {
    this.byKey = null;
  }
}

const NONE: readonly SeenPacket[] = [];

function keyOf(side: number, { seq, ack, length, flags }: PacketNumbers): number {
  let hash = Math.imul(seq ^ (flags << 16) ^ side, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ ack, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ length, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** It has these numbers, but for the IP ID and the window. */
export function isSame(packet: SeenPacket, side: 0 | 1, { seq, ack, length, flags, tsVal }: PacketNumbers): boolean {
  if (packet.side !== side || packet.seq !== seq || packet.ack !== ack) return false;
  if (packet.length !== length || packet.flags !== flags) return false;
  return packet.tsVal === tsVal || packet.tsVal < 0 || tsVal < 0;
}
