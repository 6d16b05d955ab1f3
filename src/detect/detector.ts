import type { Attempt } from '../model/attempt.ts';
import type { CaptureFacts } from '../model/capture-facts.ts';
import type { Connection } from '../model/connection.ts';
import type { ConnectionList } from '../model/connection-list.ts';
import type { LeftCounts } from '../model/left.ts';
import type { FindingId } from './catalogue.ts';
import type { Inspection } from './inspection.ts';

export interface CaptureCounts {
  readonly total: number;
  readonly tcp: number;
  /** Packets of which the capture holds less than there was. */
  readonly snapped: number;
  /** Octets that are left of each of them; -1 when they differ in that. */
  readonly snappedTo: number;
}

/** What is known of the capture as a whole when it has ended. */
export interface CaptureEnd {
  readonly connections: ConnectionList;
  readonly counts: CaptureCounts;
  /** What the file says of itself, where the caller has it. */
  readonly capture: CaptureFacts | null;
  /** The memory became short: the rest of the input was not looked at. */
  readonly isCutShort: boolean;
  /** Connections that left before; null while the capture goes on. */
  readonly left: LeftCounts | null;
  /** Nanoseconds since the first record, and number of the last frame. */
  readonly time: number;
  readonly frame: number;
}

/** Has a finding raised in its turn: that of the packet at which one analysis of all connections raises it. */
export type RaiseAt = (frame: number, raise: () => void) => void;

/** Knows something of the capture as a whole: what several of them gathered of its shards, one takes up. */
export interface Gatherer<Facts> {
  /** What it has gathered, as plain data. */
  gathered(): Facts;
  /** Takes up what others have gathered, before it concludes the connections of all of them. */
  join(shards: readonly Facts[], raiseAt: RaiseAt): void;
}

interface Look {
  /** Every finding that it can make. */
  readonly ids: readonly FindingId[];
  /** It is shown the segments that have one of these (`Fact`). */
  readonly when: readonly number[];
  inspect?(segment: Inspection): void;
  /** The input has ended, or the connection leaves the analysis (`hasLeft`): what can be said of it now. */
  concludeConnection?(connection: Connection, end: CaptureEnd): void;
  /** The same for a connection that leaves with its first SYN, of which nothing more was seen. Valid until it returns. */
  concludeFirstSyn?(syn: Attempt, end: CaptureEnd): void;
}

/** Looks for one thing, or a few that are told apart by one look, in one connection at a time. */
export interface Detector extends Look {
  /** Who speaks of the capture gathers facts of it (`Gathering`): in a shard the capture does not end. */
  readonly concludeCapture?: never;
  readonly gathered?: never;
}

/** A detector that says something of the capture as a whole. */
export interface Gathering<Facts> extends Look, Gatherer<Facts> {
  /** What can be said of the capture, after all connections. */
  concludeCapture?(end: CaptureEnd): void;
}
