import type { Analyzer } from '../analyze.ts';
import { isWithdrawn } from '../detect/raised-finding.ts';
import type { Connection } from '../model/connection.ts';
import type { Finding, Severity } from '../model/finding.ts';
import type { Left, LeftCounts } from '../model/left.ts';
import type { PacketRow } from '../model/row.ts';
import type { PacketCounts } from '../packet-counts.ts';
import { totalsOf } from '../summary/tally.ts';
import { standing } from '../tcp/eviction.ts';
import { Interval, type IntervalEnd, type IntervalReport } from './interval.ts';

/** Intervals that wait for verdicts; with more, the oldest is told as it stands. */
export const WAITING = 64;
/** Enough for hours of quiet, and no more work than the packets are. */
const LOOKED = { free: 10e6, perPacket: 64 };

export interface IntervalOptions {
  /** Nanoseconds. */
  readonly length: number;
  /** Unix time of the first record in nanoseconds, as soon as there is one. */
  readonly origin: () => bigint;
  readonly wantsConnection: (connection: Connection) => boolean;
  readonly wantsSeverity: (severity: Severity) => boolean;
  /** `time` is where it ends, nanoseconds since the first record. */
  readonly onInterval: (report: IntervalReport, time: number) => void;
  /** Connections that are looked through at the ends of intervals: so many, and so many for each packet. */
  readonly looked?: { readonly free: number; readonly perPacket: number };
}

/**
 * Cuts an analysis that goes on into intervals by the clock of the capture, and tells what was in each. Intervals begin at
 * multiples of their length since 1970. One without packets is not told, only counted. A packet that is dated up to one length
 * before the present interval counts in it; one that is dated earlier shows that the clock was set back, and begins another.
 */
export class Intervals {
  private readonly analyzer: Analyzer;
  private readonly options: IntervalOptions;
  private current: Interval | null = null;
  /** Where the present interval ends; -Infinity where there is none. */
  private start = 0;
  private end = Number.NEGATIVE_INFINITY;
  /** Where the first one that began with the origin would have begun. */
  private phase: number | null = null;
  /** Those whose packets still wait for their verdicts, and how many rows came. */
  private waiting: Interval[] = [];
  private rows = 0;
  private told = 0;
  /** Where the latest ended, NaN where the clock was set back after it. */
  private previousEnd = Number.NaN;
  private counted: PacketCounts;
  private opened = 0;
  private left: LeftCounts;
  private looked = 0;
  private readonly seen = new WeakSet<Finding>();
  private ofCapture = 0;

  constructor(analyzer: Analyzer, options: IntervalOptions) {
    this.analyzer = analyzer;
    this.options = options;
    this.counted = { ...analyzer.counts };
    this.left = copyOf(analyzer.left);
  }

  /** Called before a packet is analysed. `time`: nanoseconds since the first record. */
  before(time: number): void {
    if (time < this.end && time >= this.start) {
      const { current } = this;
      if (time > current!.last) current!.last = time;
      else if (time < current!.first) current!.first = time;
      return;
    }
    this.turn(time);
  }

  /** A row has its verdict. */
  row(row: PacketRow): void {
    const interval = this.waiting[0] ?? this.current;
    this.rows++;
    if (interval !== null && row.isSelected && this.options.wantsConnection(row.connection)) {
      interval.count(row);
      for (const finding of row.findings) this.find(interval, finding);
    }
    this.tellReady();
  }

  /** A connection has left the analysis. */
  leaves(connection: Connection): void {
    const interval = this.current ?? this.waiting.at(-1);
    if (interval === undefined || !this.options.wantsConnection(connection)) return;
    interval.time.add(totalsOf(connection));
    for (const finding of connection.findings) this.find(interval, finding);
  }

  /** Where the present interval ends, nanoseconds since the first record; null where there is none. */
  get endsAt(): number | null {
    return this.current === null ? null : this.end;
  }

  /** Nothing came until the present interval was over: it is told as it stands. */
  silence(): void {
    if (this.current === null) return;
    this.close('silence');
    this.analyzer.releaseRows(this.waiting.at(-1)?.rows ?? 0);
    this.tellReady();
  }

  /** The analysis has ended, and every row has come. */
  finish(): void {
    const interval = this.current;
    if (interval === null) return;
    // Nothing is left to wait for: those that did not leave are told with what they are.
    for (const connection of this.analyzer.connections) {
      if (!this.options.wantsConnection(connection)) continue;
      interval.time.add(totalsOf(connection));
      for (const finding of connection.findings) this.find(interval, finding);
    }
    this.close('end of input');
    this.tellReady();
  }

  /** A packet that does not lie in the present interval. */
  private turn(time: number): void {
    const { current } = this;
    const { length } = this.options;
    if (current !== null && time < this.start && this.start - time <= length) {
      current.late++;
      if (time < current.first) current.first = time;
      return;
    }
    if (current !== null) this.close(time < this.start ? 'clock' : 'time');
    this.phase ??= Number(this.options.origin() % BigInt(length));
    this.start = Math.floor((time + this.phase) / length) * length - this.phase;
    // Where times are so far apart that their sums are rounded, every time is in its interval all the same.
    this.end = Math.max(this.start + length, time + 1);
    this.start = Math.min(this.start, time);
    const idle = Math.round((this.start - this.previousEnd) / length);
    this.current = new Interval(this.start, time, idle > 0 ? idle : 0);
  }

  private close(end: IntervalEnd): void {
    const { analyzer, waiting } = this;
    const interval = this.current!;
    this.findOfCapture(interval);
    interval.known = { end, ...this.difference(interval) };
    interval.rows = analyzer.rows;
    this.previousEnd = end === 'clock' ? Number.NaN : this.end;
    this.current = null;
    this.end = Number.NEGATIVE_INFINITY;
    waiting.push(interval);
    if (waiting.length > WAITING) analyzer.releaseRows(waiting[0].rows);
    this.tellReady();
  }

  private tellReady(): void {
    const { waiting } = this;
    while (waiting.length > 0 && this.rows >= waiting[0].rows) this.tell(waiting.shift()!);
  }

  /** What the analysis has counted since the interval before. */
  private difference(interval: Interval): Pick<IntervalReport, 'packets' | 'bytes' | 'connections'> {
    const { counts, left, opened } = this.analyzer;
    const before = this.counted;
    const leftBefore = this.left;
    const openedBefore = this.opened;
    this.counted = { ...counts };
    this.left = copyOf(left);
    this.opened = opened;
    const of = (why: Left) => left.by[why] - leftBefore.by[why];
    return {
      packets: {
        total: counts.total - before.total,
        tcp: counts.tcp - before.tcp,
        icmpErrors: counts.icmpErrors - before.icmpErrors,
        fragments: counts.fragments - before.fragments,
        notTcp: counts.notTcp - before.notTcp,
        cutShort: counts.cutShort - before.cutShort,
        malformed: counts.malformed - before.malformed,
        unknownLink: counts.unknownLink - before.unknownLink,
        filteredOut: counts.filteredOut - before.filteredOut,
        snapped: counts.snapped - before.snapped,
        late: interval.late,
      },
      bytes: { wire: counts.wireBytes - before.wireBytes, captured: counts.capturedBytes - before.capturedBytes },
      connections: {
        opened: opened - openedBefore,
        heardAgain: left.heardAgain - leftBefore.heardAgain,
        left: {
          attempts: of('attempt'),
          closed: of('closed'),
          halfClosed: of('half-closed'),
          idle: of('idle'),
        },
        goOn: this.goOn(),
      },
    };
  }

  private goOn(): number | null {
    const { connections, counts } = this.analyzer;
    const { free, perPacket } = this.options.looked ?? LOOKED;
    if (this.looked + connections.length > free + perPacket * counts.total) return null;
    this.looked += connections.length;
    let open = 0;
    for (const connection of connections) if (standing(connection) !== 'closed') open++;
    return open;
  }

  private findOfCapture(interval: Interval): void {
    const { findings } = this.analyzer;
    for (let i = Math.min(this.ofCapture, findings.length); i < findings.length; i++) this.find(interval, findings[i]);
    this.ofCapture = findings.length;
  }

  /** Each finding once, wherever it is met first. */
  private find(interval: Interval, finding: Finding): void {
    if (this.seen.has(finding) || isWithdrawn(finding)) return;
    this.seen.add(finding);
    if (this.options.wantsSeverity(finding.severity)) interval.find(finding, this.options.origin());
  }

  private tell(interval: Interval): void {
    const { length, origin, onInterval } = this.options;
    onInterval(interval.report(++this.told, length, origin()), interval.start + length);
  }
}

function copyOf(left: LeftCounts): LeftCounts {
  return { ...left, by: { ...left.by } };
}
