import type { ClockFit } from './clock.ts';

/** Two vantages whose clocks were compared. */
export interface ClockPair {
  readonly a: number;
  readonly b: number;
  readonly clock: ClockFit;
  readonly common: number;
}

/** The clock of a vantage by that of the first: it shows `offset + drift * (t - at)` more at the time t of the first. */
export interface VantageClock {
  readonly at: number;
  readonly offset: number;
  readonly drift: number;
  /** Half of the least round trip between the two; Infinity where nothing bounds it. */
  readonly uncertainty: number;
  readonly symmetricUncertainty: number;
  readonly driftUncertainty: number;
  readonly contradiction: number;
  /** Some packet is in both captures, directly or through others. */
  readonly isKnown: boolean;
}

interface Step {
  readonly parent: number;
  readonly clock: ClockFit;
}

/**
 * The clocks of all vantages by that of the first: neighbours on the path are compared, and the comparisons are added up, so
 * that no packet arrives before it was sent.
 */
export class VantageClocks {
  /** By vantage; the first is the measure of all. */
  readonly clocks: readonly VantageClock[];
  /** By vantage: which other one it was compared with, and how; null for the first, and for those that share no packet. */
  private readonly steps: readonly (Step | null)[];

  constructor(vantages: number, pairs: readonly ClockPair[], path: readonly number[]) {
    const zero: VantageClock = {
      at: 0,
      offset: 0,
      drift: 0,
      uncertainty: 0,
      symmetricUncertainty: 0,
      driftUncertainty: 0,
      contradiction: 0,
      isKnown: true,
    };
    const clocks: (VantageClock | null)[] = new Array(vantages).fill(null);
    clocks[0] = zero;
    const steps: (Step | null)[] = new Array(vantages).fill(null);
    const areNeighbours = (a: number, b: number) => Math.abs(path.indexOf(a) - path.indexOf(b)) === 1;
    const weight = ({ a, b, clock }: ClockPair) =>
      (areNeighbours(a, b) ? 0 : 1e30) + (clock.uncertainty === Number.POSITIVE_INFINITY ? 1e60 : clock.uncertainty);
    const usable = pairs.filter(({ common }) => common > 0).sort((x, y) => weight(x) - weight(y));
    for (let added = true; added; ) {
      added = false;
      for (const { a, b, clock } of usable) {
        const from = clocks[a];
        const to = clocks[b];
        if ((from === null) === (to === null)) continue;
        if (from !== null) {
          clocks[b] = after(from, clock, 1);
          steps[b] = { parent: a, clock };
        } else {
          clocks[a] = after(to!, clock, -1);
          steps[a] = { parent: b, clock };
        }
        added = true;
        break;
      }
    }
    this.steps = steps;
    this.clocks = clocks.map(
      (clock) =>
        clock ?? {
          ...zero,
          uncertainty: Number.POSITIVE_INFINITY,
          symmetricUncertainty: Number.POSITIVE_INFINITY,
          driftUncertainty: Number.POSITIVE_INFINITY,
          isKnown: false,
        },
    );
  }

  /** How far the offset between two vantages may be off (ns): at worst, and where both directions are equally fast. */
  between(a: number, b: number): { bound: number; symmetric: number } {
    if (!this.clocks[a].isKnown || !this.clocks[b].isKnown) return { bound: Infinity, symmetric: Infinity };
    const [own, other] = [this.wayToFirst(a), this.wayToFirst(b)];
    // What both ways have in common does not count.
    const apart = [...own.filter((v) => !other.includes(v)), ...other.filter((v) => !own.includes(v))];
    let [bound, symmetric] = [0, 0];
    for (const v of apart) {
      bound += this.steps[v]!.clock.uncertainty;
      symmetric += this.steps[v]!.clock.symmetricUncertainty;
    }
    return { bound, symmetric };
  }

  /** The vantages whose comparisons lead from the first to this one. */
  private wayToFirst(vantage: number): number[] {
    const way: number[] = [];
    for (let v = vantage; this.steps[v] !== null; v = this.steps[v]!.parent) way.push(v);
    return way;
  }

  /** The time of a vantage's clock on the clock of the first. */
  toFirst(vantage: number, time: number): number {
    const { at, offset, drift } = this.clocks[vantage];
    return at + (time - at - offset) / (1 + drift);
  }

  /** The time of the first vantage's clock on that of another. */
  fromFirst(vantage: number, time: number): number {
    const { at, offset, drift } = this.clocks[vantage];
    return time + offset + drift * (time - at);
  }

  /** How much more than the first's the clock of a vantage shows at a time of the first's. */
  offsetAt(vantage: number, time: number): number {
    const { at, offset, drift } = this.clocks[vantage];
    return offset + drift * (time - at);
  }
}

/** The clock of a further vantage, which `fit` compares with a known one: as its second (1) or as its first (-1). */
function after(known: VantageClock, fit: ClockFit, way: 1 | -1): VantageClock {
  // t' = t + o + d (t - at), as a line: slope 1 + d.
  const line = (offset: number, drift: number, at: number) => ({ slope: 1 + drift, start: offset - drift * at });
  const first = line(known.offset, known.drift, known.at);
  const own = line(fit.offset, fit.drift, fit.at);
  const second = way === 1 ? own : { slope: 1 / own.slope, start: -own.start / own.slope };
  const drift = first.slope * second.slope - 1;
  const start = second.slope * first.start + second.start;
  const at = way === 1 ? (fit.at - first.start) / first.slope : (fit.at + fit.offset - first.start) / first.slope;
  return {
    at,
    offset: start + drift * at,
    drift,
    uncertainty: known.uncertainty + fit.uncertainty,
    symmetricUncertainty: known.symmetricUncertainty + fit.symmetricUncertainty,
    driftUncertainty: known.driftUncertainty + fit.driftUncertainty,
    contradiction: Math.max(known.contradiction, fit.contradiction),
    isKnown: true,
  };
}
