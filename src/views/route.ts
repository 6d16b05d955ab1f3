import type { CaptureVantage } from './vantages.ts';

/** Hosts of which the order of vantages is known; the oldest are forgotten. */
const MAX_ROUTES = 4096;
/** Pairs of vantages on one route whose order is learnt. */
export const MAX_PASSAGES = 4096;
/** And on all routes together, some 80 MB: then the oldest route is forgotten. */
const MAX_ALL_PASSAGES = 1 << 18;
/** A lower TTL decides more than the order of time stamps, which interfaces of one host give within microseconds. */
const TTL_WEIGHT = 8;
/** So many packets in each direction show that a vantage stands beside the way. */
const BESIDE_PACKETS = 2;
/** Of all packets that went by a vantage, so many were seen at another (one in ...), so that what is not seen there is missing. */
const USUAL = 0.9;
const USUAL_PACKETS = 5;
/** Share of a new delay in the usual one. */
const SMOOTHING = 1 / 8;

/** Packets of one direction that two vantages saw. */
class Passage {
  packets = 0;
  /** Those of them that were one frame at both. */
  wholes = 0;
  /** Of the first vantage's TTL: how often it was higher than the second's, less how often it was lower. */
  ttlAhead = 0;
  /** How often the first saw it earlier, and later. */
  earlier = 0;
  later = 0;
  /** From the first to the second, nanoseconds: usual, least and longest. */
  usual = 0;
  least = Number.POSITIVE_INFINITY;
  longest = Number.NEGATIVE_INFINITY;

  note(delay: number, ttlDrop: number, isPart: boolean): void {
    // A frame that offload made waited for the last of its segments, or was there before the first was sent.
    if (!isPart) this.usual += this.wholes++ === 0 ? delay : (delay - this.usual) * SMOOTHING;
    this.packets++;
    this.ttlAhead += Math.sign(ttlDrop);
    if (delay > 0) this.earlier++;
    else if (delay < 0) this.later++;
    if (delay < this.least) this.least = delay;
    if (delay > this.longest) this.longest = delay;
  }

  /** Above zero where the first vantage comes first. */
  get lead(): number {
    return TTL_WEIGHT * this.ttlAhead + this.earlier - this.later;
  }
}

/** What packets between the same two hosts (or groups of them behind one address) showed of the vantages on their way. */
export class Route {
  /** By the two vantages, the lower index first; in each, by direction. */
  private passages: Map<number, readonly [Passage, Passage]> | null = null;
  /** Packets by vantage and direction; null where no two vantages can be compared any more. */
  private seen: Map<number, number> | null = new Map();
  private readonly onPassage: () => void;
  /** Nothing more is learnt of it: its place was wanted for others. */
  private isForgotten = false;

  /** `onPassage` is called when packets of two more vantages are known. */
  constructor(onPassage: () => void) {
    this.onPassage = onPassage;
  }

  /** Its place is wanted for others. Its connections may still be known. */
  forget(): void {
    this.isForgotten = true;
    if (this.passages === null) this.seen = null;
  }

  /** Pairs of vantages that saw the same packet. */
  get size(): number {
    return this.passages?.size ?? 0;
  }

  /**
   * A packet of direction `way` was seen at `a`, and `delay` nanoseconds later at `b`, with a TTL that was `ttlDrop` lower.
   * `isPart`: not in one frame at both.
   */
  note(a: CaptureVantage, b: CaptureVantage, way: number, delay: number, ttlDrop: number, isPart = false): void {
    if (a.index > b.index) this.note(b, a, way, -delay, -ttlDrop, isPart);
    else this.between(a, b)?.[way].note(delay, ttlDrop, isPart);
  }

  /** A packet of that direction was seen at `vantage`. */
  passed(vantage: CaptureVantage, way: number): void {
    const key = vantage.index * 2 + way;
    this.seen?.set(key, (this.seen.get(key) ?? 0) + 1);
  }

  /** The usual delay from `a` to `b` in nanoseconds, NaN while there is none. */
  usualDelay(a: CaptureVantage, b: CaptureVantage, way: number): number {
    const passage = this.find(a, b)?.[way];
    if (passage === undefined || passage.wholes === 0) return Number.NaN;
    return a.index < b.index ? passage.usual : -passage.usual;
  }

  /** The longest delay from `a` to `b` so far, in either direction of the connection; NaN without. */
  longestDelay(a: CaptureVantage, b: CaptureVantage): number {
    const both = this.find(a, b);
    if (both === undefined) return Number.NaN;
    let longest = Number.NaN;
    for (const { packets, least, longest: most } of both) {
      if (packets > 0 && !(Math.max(Math.abs(least), Math.abs(most)) <= longest))
        longest = Math.max(Math.abs(least), Math.abs(most));
    }
    return longest;
  }

  /** Does a packet of direction `way` come by `a` before `b`? Above zero: yes; below: no; 0: nobody knows. */
  precedes(a: CaptureVantage, b: CaptureVantage, way: number): number {
    const both = this.find(a, b);
    if (both === undefined) return 0;
    // Both directions turn at the same interface: each tells for itself.
    const turns = both[0].ttlAhead * both[1].ttlAhead > 0;
    const lead = turns ? both[way].lead : both[way].lead - both[1 - way].lead;
    return a.index < b.index ? lead : -lead;
  }

  /**
   * Does `vantage` stand beside the way, as a bridge does that is handed a copy of what its ports hand on? It sees the
   * packets of both directions after `other`, where a vantage on the way would see those of one before it.
   */
  isBeside(vantage: CaptureVantage, other: CaptureVantage): boolean {
    const both = this.find(vantage, other);
    if (both === undefined) return false;
    const isFirst = vantage.index < other.index;
    return both.every(({ ttlAhead, earlier, later }) => {
      const [before, after] = isFirst ? [earlier, later] : [later, earlier];
      return ttlAhead === 0 && after >= BESIDE_PACKETS && after > 4 * before;
    });
  }

  /** Nearly every packet of the direction that came by `a` also came by `b`, so far. */
  isUsual(a: CaptureVantage, b: CaptureVantage, way: number): boolean {
    const seen = this.seen?.get(a.index * 2 + way) ?? 0;
    const shared = this.find(a, b)?.[way].packets ?? 0;
    return seen >= USUAL_PACKETS && shared >= USUAL * seen;
  }

  /** Null where too many are known. */
  private between(a: CaptureVantage, b: CaptureVantage): readonly [Passage, Passage] | null {
    const key = keyOf(a, b);
    let both = this.passages?.get(key);
    if (both === undefined) {
      if (this.isForgotten || this.size >= MAX_PASSAGES) return null;
      both = [new Passage(), new Passage()];
      this.passages ??= new Map();
      this.passages.set(key, both);
      this.onPassage();
    }
    return both;
  }

  private find(a: CaptureVantage, b: CaptureVantage): readonly [Passage, Passage] | undefined {
    return this.passages?.get(a.index < b.index ? keyOf(a, b) : keyOf(b, a));
  }
}

function keyOf(a: CaptureVantage, b: CaptureVantage): number {
  return a.index * 0x10000 + b.index;
}

/** The routes of an input, by the two addresses between which they are. */
export class Routes {
  private readonly byHosts = new Map<string, Route>();
  /** Goes on where it was: see `SightedFlows`. */
  private readonly oldest = this.byHosts.entries();
  private passages = 0;
  private readonly count = () => {
    if (++this.passages > MAX_ALL_PASSAGES) this.forgetOldest();
  };

  /** `hosts` is the same for both directions. */
  of(hosts: string): Route {
    let route = this.byHosts.get(hosts);
    if (route !== undefined) return route;
    route = new Route(this.count);
    this.byHosts.set(hosts, route);
    if (this.byHosts.size > MAX_ROUTES) this.forgetOldest();
    return route;
  }

  /** A Map keeps the order in which its keys came. */
  private forgetOldest(): void {
    const [hosts, route] = this.oldest.next().value!;
    this.byHosts.delete(hosts);
    this.passages -= route.size;
    route.forget();
  }
}

/**
 * The vantages in the order in which packets of direction `way` come by, without those beside the way. Where the order of
 * two is not known they stand in the order given.
 */
export function pathOf(vantages: readonly CaptureVantage[], route: Route, way: number): CaptureVantage[] {
  const on = vantages.filter(
    (vantage) => !vantages.some((other) => other !== vantage && route.isBeside(vantage, other)),
  );
  const ahead = (vantage: CaptureVantage) => on.filter((other) => route.precedes(other, vantage, way) > 0).length;
  const ranks = new Map(on.map((vantage) => [vantage, ahead(vantage)]));
  return on.sort((a, b) => ranks.get(a)! - ranks.get(b)!);
}
