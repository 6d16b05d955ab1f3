import type { CongestionOptions } from './congestion/stage.ts';
import type { JumpFacts } from './detect/clock-jump.ts';
import type { RecordFacts } from './detect/index.ts';
import type { IsnChoice } from './detect/isn.ts';
import type { Attempt } from './model/attempt.ts';
import type { Connection } from './model/connection.ts';
import type { ConnectionList } from './model/connection-list.ts';
import type { Finding } from './model/finding.ts';
import type { Left, LeftCounts } from './model/left.ts';
import type { CaptureRecord } from './model/record.ts';
import type { KeepBytes, PacketRow, RowPart } from './model/row.ts';
import type { SegmentView } from './model/segment.ts';
import type { Shard } from './model/shard.ts';
import type { TrackedSegment } from './model/tracked.ts';
import type { PacketCounts } from './packet-counts.ts';
import type { EarlyRows, Horizon } from './row-queue.ts';
import type { EvictionRules } from './tcp/eviction.ts';
import type { ViewOptions } from './views/stage.ts';
import type { CaptureVantage } from './views/vantages.ts';

/* What is asked of an analysis, and what one tells that has ended. */

export interface AnalyzeOptions {
  /** Takes every TCP packet's row, in the order of capture, when its verdict is settled. Without it no rows are kept. */
  onRow?: (row: PacketRow) => void;
  /**
   * Takes rows before their turn, in place of `onRow`, when nothing is open about them, and hears when it is their turn. Not where
   * `rowsTell` has parts of which more may become known (`KNOWN_LATER`).
   */
  earlyRows?: EarlyRows;
  /** Only packets of these have rows: the others are analysed like any, and nobody waits for their verdicts. */
  rowsOf?: (connection: Connection) => boolean;
  /** Takes what the decoder made of a packet that is no whole TCP segment, as it comes; valid until it returns. */
  onOther?: (view: SegmentView) => void;
  /** Takes every segment when all stages have seen it, as reassembly wants it; both objects are valid until it returns. */
  onSegment?: (t: TrackedSegment, view: SegmentView) => void;
  /** Rows are valid until `onRow` returns: then they are used again, which saves the memory of each. */
  lendsRows?: boolean;
  /**
   * Rows are asked for by connection, without their headers: those of one that leaves come before it does, ahead of earlier rows of
   * others, and that of a first SYN comes when something follows it.
   */
  rowsByConnection?: boolean;
  /** Parts that are put on rows; without it all of them. Whether their stages run is asked for by `congestion`, `timeBudget` and `detection`. */
  rowsTell?: ReadonlySet<RowPart>;
  /** What rows keep of the bytes; `headers` unless dumps are wanted. */
  keep?: KeepBytes;
  horizon?: Horizon;
  verifyChecksums?: boolean;
  /** Replays every sender through the congestion models, which is done unless this is false. */
  congestion?: boolean | CongestionOptions;
  /** Divides the time of every connection among those who spent it, which is done unless this is false. */
  timeBudget?: boolean;
  /** Looks for findings, which is done unless this is false. */
  detection?: boolean;
  /** Keeps the distribution of the round trips of each direction. */
  roundTrips?: boolean;
  /**
   * Asked now and then: true lets connections leave, the closed and idle first (`onLeave`). Where that does not help, or nobody
   * takes them, the analysis ends there and records that come later are not looked at.
   */
  isMemoryShort?: () => boolean;
  /** Who leaves before the input ends, beside those for whom there is no memory. */
  eviction?: EvictionRules;
  /** Takes the connections that leave at `time`; without it all stay. Their findings are settled as far as they can be. */
  onLeave?: (connection: Connection, why: Left, time: number) => void;
  /**
   * Takes those of which only a first SYN was seen, in place of `onLeave`; valid until it returns. With it first SYNs wait in a few
   * bytes and become no connections, where nobody looks at each segment.
   */
  onLeaveSyn?: (syn: Attempt) => void;
  /** Connections that stay whatever happens. */
  staysFor?: (connection: Connection) => boolean;
  /** All stay that got further than an attempt: where the memory is short the analysis ends. */
  onlyAttemptsLeave?: boolean;
  /** Selects the packets that it accepts, and their connections (`isSelected`). All are analysed: what is not shown counts too. */
  filter?: (view: SegmentView) => boolean;
  /** Which of several points of view is analysed, and what they are called. False: every frame counts, in the order of the file. */
  views?: ViewOptions | false;
  /** Rows of all views; else those of the analysed one. */
  everyView?: boolean;
  /** Only the connections of this shard are looked at. What concerns the capture as a whole is left to `shard/merge.ts`. */
  shard?: ShardOptions;
}

export interface ShardOptions extends Shard {
  /** Where the records are those of this shard only: what all of them show. */
  readonly overview?: Overview;
  /** Told the shard of every packet, null of those without ends; whether it is a segment, and whether all shards need it. */
  readonly onPacket?: (record: CaptureRecord, shard: number | null, isSegment: boolean, isForAll: boolean) => void;
}

/** What all records of a capture show, whoever looks at their segments; plain data. */
export interface Overview {
  readonly counts: PacketCounts;
  readonly records: RecordFacts;
  readonly jumps: readonly JumpFacts[];
}

/** An analysis that has ended, however many made it. */
export interface Concluded {
  readonly counts: PacketCounts;
  /** Those that have not left, in the order of their numbers. */
  readonly connections: readonly Connection[];
  /** How many connections there were. */
  readonly opened: number;
  /** Those with a packet that the filter accepts, and that `narrow` left; without both, all. */
  readonly selected: readonly Connection[];
  /** The same as a list, of which most may have no object of their own. */
  readonly list: ConnectionList;
  /** Those of them about which something was found. */
  readonly told: readonly Connection[];
  /** Findings about the capture as a whole; those about connections are in `Connection.findings`. */
  readonly findings: readonly Finding[];
  /** How the hosts choose their initial sequence numbers. */
  readonly isnChoices: readonly IsnChoice[];
  /** Connections that left before the end. */
  readonly left: LeftCounts;
  /** The points of view that the capture has, where it has several. */
  readonly vantages: readonly CaptureVantage[];
  /** The memory became short: the rest of the input was not looked at. */
  readonly isCutShort: boolean;
}

/** Ten seconds of capture time and 2^15 rows: longer than the usual timeouts, and at most about 80 MB of memory. */
export const DEFAULT_HORIZON: Horizon = { time: 10e9, rows: 1 << 15 };

/** Rows wait at most so many seconds, or not at all for 0. */
export function horizonOf(seconds: number): Horizon {
  return { time: seconds * 1e9, rows: seconds === 0 ? 0 : DEFAULT_HORIZON.rows };
}

/** The capture may have several points of view, and these are found by looking at all packets together. */
export class SeveralVantagesError extends Error {
  constructor() {
    super('the capture may have several points of view: its connections are analysed together');
    this.name = 'SeveralVantagesError';
  }
}
