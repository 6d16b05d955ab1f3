import type { Owner, TimeCause } from '../model/budget.ts';

/** Kinds of trouble that cost time which somebody could mend. */
export const COSTLY_KINDS = [
  'server-thinking',
  'server-sending',
  'timeout',
  'recovery',
  'client-window',
  'server-window',
  'client-delayed-ack',
  'server-delayed-ack',
  'path-rate',
] as const;
export type CostlyKind = (typeof COSTLY_KINDS)[number];

/** What a kind of lost time did to whom. Times are nanoseconds. */
export interface Cost {
  /** The service that has nearly all of it; null where it is spread over several. */
  readonly service: string | null;
  readonly services: number;
  /** Connections that are affected, and all of the service (or of the capture). */
  readonly connections: number;
  readonly of: number;
  /** In all of them together; of the affected ones the median and the largest. */
  readonly lost: number;
  readonly each: number;
  readonly worst: number;
  /** Of the time in which somebody waited for something, over all connections. */
  readonly share: number;
}

/** Something that costs no time which could be counted: refused, unanswered, reset, forged. */
export interface Failure {
  /** Identifier of the finding. */
  readonly id: string;
  readonly connections: number;
  readonly of: number;
  /** What the finding says, where it is about the capture as a whole; null where it is about connections. */
  readonly text: string | null;
}

/** The capture cannot show where the time went. */
export interface Unknowable {
  readonly connections: number;
  /** Connections of which one direction was captured, and those that had begun before the capture did. */
  readonly oneWay: number;
  readonly midStream: number;
  /** No clock gave the times, or two did. */
  readonly isUntimed: boolean;
}

/** Nothing worth a sentence went wrong. */
export interface Quiet {
  readonly connections: number;
  /** Who had most of the busy time, and how much of it. */
  readonly owner: Owner;
  readonly share: number;
  /** Nanoseconds lost all the same. */
  readonly lost: number;
}

/**
 * What the times are: those of a clock; of one that shows whole seconds only, or that was not set; of two, one for each direction, or of
 * none, so that no duration means anything.
 */
export type TimesWorth = 'clock' | 'whole-seconds' | 'unset' | 'two-clocks' | 'invented';

/** What the capture can be trusted with. */
export interface Trust {
  /** Identifiers of the findings about the capture itself by which all else is to be read with care. */
  readonly doubts: readonly string[];
  readonly times: TimesWorth;
  /** A file is cut or damaged, so that packets are missing. */
  readonly damaged: boolean;
  /** Packets that the capturing system dropped; null where it does not say. */
  readonly dropped: number | null;
  /** Connections of which one direction was captured, and those that had begun before the capture did. */
  readonly oneWay: number;
  readonly midStream: number;
  readonly connections: number;
  /** Where the capture was made; null unknown. */
  readonly place: Place | null;
}

export interface Place {
  readonly position: 'client' | 'server' | 'middle' | 'loopback';
  /** Address of the host that it was made at, where it is one host; null else. */
  readonly address: string | null;
}

/** The words of the first screen. */
export interface AnswerWords {
  readonly cost: (kind: CostlyKind, cost: Cost) => string;
  readonly failure: (failure: Failure) => string;
  readonly quiet: (quiet: Quiet) => string;
  readonly unknowable: (unknowable: Unknowable) => string;
  readonly noConnections: string;
  readonly trust: (trust: Trust) => string;
  /** A kind in a few words, as in a table. */
  readonly kinds: { readonly [K in CostlyKind]: string };
  /** Why a connection lost most of its time, in a few words. */
  readonly because: { readonly [K in CostlyKind]: (lost: number) => string };
  readonly owners: { readonly [O in Owner]: string };
  readonly causes: { readonly [C in TimeCause]: string };
}
