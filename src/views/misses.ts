import type { PlacedLoss } from '../model/sight.ts';
import type { PacketSight } from './seen-packet.ts';

/** Losses that are remembered to be taken back. */
const MOST = 1024;

/** A loss that only an absence shows: that of a packet without bytes, which nobody acknowledges. */
interface Shown {
  readonly sight: PacketSight;
  /** Where it was counted. */
  readonly lists: readonly PlacedLoss[][];
}

/**
 * Packets that went by a vantage of this capture, which does not hold them. A capture that missed some may have missed any that leaves
 * no trace: from the first of them on no such packet is said to be lost, and what was said before is taken back.
 */
export class Misses {
  count = 0;
  private doubtful: Shown[] = [];

  note(): void {
    this.count++;
    for (const { sight, lists } of this.doubtful) {
      for (const losses of lists) takeBack(losses, sight);
      sight.lostBetween = null;
    }
    this.doubtful = [];
  }

  /** The absence of a packet without bytes was counted. */
  doubts(shown: Shown): void {
    if (this.doubtful.length < MOST) this.doubtful.push(shown);
  }
}

function takeBack(losses: PlacedLoss[], { frame, lostBetween }: PacketSight): void {
  const i = losses.findIndex(({ from, to }) => from === lostBetween?.from && to === lostBetween.to);
  const loss = losses[i];
  const at = loss.frames.indexOf(frame);
  if (at >= 0) loss.frames.splice(at, 1);
  if (--loss.packets === 0) losses.splice(i, 1);
}
