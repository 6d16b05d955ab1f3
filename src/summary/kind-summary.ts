import type { Severity } from '../model/finding.ts';
import type { Ranked } from './ranking.ts';

/** One sort of trouble over all connections. */
export interface KindSummary {
  /** A costly kind, or the identifier of a finding that costs no time. */
  readonly kind: string;
  readonly severity: Severity;
  /** Connections that are affected. */
  readonly connections: number;
  /** Findings of its sort. */
  readonly times: number;
  /** Nanoseconds, over all affected connections. */
  readonly lost: number;
  readonly worst: WorstPlace;
  /** The affected connections, the worst first. */
  readonly affected: Ranked<Affected>;
}

export interface Affected {
  /** Its place among all. */
  readonly connection: number;
  readonly service: string;
  /** Nanoseconds. */
  readonly lost: number;
}

/** Where to look first. */
interface WorstPlace {
  readonly stream: number;
  /** What the finding there says; empty where the place is a time. */
  readonly text: string;
  /** 0 where the place is a time. */
  readonly frame: number;
  /** Nanoseconds since the first record, and how long it lasted; 0 for a packet. */
  readonly time: number;
  readonly duration: number;
}
