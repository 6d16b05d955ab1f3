/** Ports whose probes wait at the same time; of more, that with the fewest is forgotten. A scan uses one, or a few. */
const MOST_PORTS = 8;

/**
 * Probes with an ACK, by the port that they come from. A host whose peers have left it sends such packets too, from a port each: they
 * count when enough came from one.
 */
export class AckProbes<Probe> {
  private readonly enough: number;
  private readonly waiting = new Map<number, Probe[]>();
  private readonly counted = new Set<number>();

  /** `enough`: how many from one port count. */
  constructor(enough: number) {
    this.enough = enough;
  }

  /** Enough came from that port: each of its probes counts. */
  isCounted(port: number): boolean {
    return this.counted.has(port);
  }

  /** Those that count from now on, of a port that was not counted: this one with those that waited for it, or none yet. */
  add(port: number, probe: Probe): readonly Probe[] {
    const waiting = this.waiting.get(port) ?? [];
    waiting.push(probe);
    this.waiting.set(port, waiting);
    if (waiting.length >= this.enough) {
      this.waiting.delete(port);
      if (this.counted.size >= MOST_PORTS) return NONE;
      this.counted.add(port);
      return waiting;
    }
    if (this.waiting.size > MOST_PORTS) this.waiting.delete(this.leastBut(port));
    return NONE;
  }

  /** The port of the fewest probes that is another one, the earliest of several. */
  private leastBut(port: number): number {
    let least = -1;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [other, { length }] of this.waiting) {
      if (other === port || length >= fewest) continue;
      least = other;
      fewest = length;
    }
    return least;
  }
}

const NONE: readonly never[] = [];
