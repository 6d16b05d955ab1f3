import type { Endpoint } from '../model/endpoint.ts';
import { ACK } from '../model/flags.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory } from './memory.ts';

/** A route that changes gives one other TTL; so many higher ones, one after the other, are chosen. */
const RISES = 2;

/** The TTLs of a SYN and its copies, in their order. */
export interface SynTtls {
  readonly first: number;
  latest: number;
  rises: number;
  hasFallen: boolean;
}

/**
 * SYNs of one connection that are sent with higher and higher TTLs, as traceroute does: each copy asks for the next router of the path. A
 * host sends its SYN again with the TTL that it had.
 */
export class SynProbes implements Detector {
  readonly ids = [] as const;
  readonly when = [Fact.SYN];
  private readonly ttls = new Memory<Endpoint, { seen: SynTtls | null }>(() => ({ seen: null }));

  inspect(segment: Inspection): void {
    const { sender, view } = segment;
    if (view.flags & ACK || !segment.has(Fact.RETRANSMISSION)) return;
    const known = this.ttls.find(sender)?.seen ?? null;
    const before = known?.latest ?? (sender.ttlLead < 0 ? view.ttl : sender.ttlLead & 255);
    if (view.ttl === before) return;
    const seen = known ?? { first: before, latest: before, rises: 0, hasFallen: false };
    if (view.ttl > before) seen.rises++;
    else seen.hasFallen = true;
    seen.latest = view.ttl;
    this.ttls.of(sender).seen = seen;
  }

  /** The TTLs of an end that traced the path with its SYNs; null for all others. */
  of(sender: Endpoint): SynTtls | null {
    const seen = this.ttls.find(sender)?.seen ?? null;
    return seen !== null && seen.rises >= RISES && !seen.hasFallen ? seen : null;
  }
}
