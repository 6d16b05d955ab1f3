import type { AnalyzeOptions } from './analysis.ts';
import type { BudgetStage } from './budget/stage.ts';
import type { WiresharkAnalysis } from './compat/wireshark.ts';
import type { Detection } from './detect/index.ts';
import { FirstSyn } from './model/attempt.ts';
import type { Connection } from './model/connection.ts';
import { noneLeft } from './model/left.ts';
import { SegmentView } from './model/segment.ts';
import type { PacketCounts } from './packet-counts.ts';
import type { RowQueue } from './row-queue.ts';
import { KEEP_ALL, Leavers, type Leaving, leaveForMemory, standing } from './tcp/eviction.ts';
import type { FlowTable } from './tcp/flow-table.ts';
import type { Classifier } from './verdict/classify.ts';

/** Fewest packets from one look at who leaves to the next; and at least half as many as there are connections. */
const LEAVE_CHECK = 2048;
/** Connections that leave together. */
const LEAVE_AT_ONCE = 1 << 12;
/** First SYNs that are made connections for it: few enough that they are young when they leave. */
const SYNS_AT_ONCE = 1 << 8;
/** With fewer connections than this it is not they who fill the memory. */
const FEW_CONNECTIONS = 64;

/** The stages that know something of a connection until it leaves. */
export interface StagesLeft {
  readonly classifier: Classifier;
  readonly detection: Detection | null;
  readonly budget: BudgetStage | null;
  readonly wireshark: WiresharkAnalysis | null;
  /** Rows of connections that leave are released before these do; null: they wait for their turn. */
  readonly rows: RowQueue | null;
}

/** Sees connections off before the input has ended: those whose time is over, and the quietest where the memory is short. */
export class LeavingConnections {
  readonly left = noneLeft();
  private readonly flows: FlowTable;
  private readonly stages: StagesLeft;
  private readonly counts: PacketCounts;
  private readonly leavers: Leavers;
  private readonly onLeave: NonNullable<AnalyzeOptions['onLeave']> | null;
  private readonly onLeaveSyn: NonNullable<AnalyzeOptions['onLeaveSyn']> | null;
  private readonly staysFor: NonNullable<AnalyzeOptions['staysFor']> | null;
  private readonly onlyAttempts: boolean;
  private readonly syn = new FirstSyn();
  private readonly synView = new SegmentView();
  private untilLook = LEAVE_CHECK;

  constructor(flows: FlowTable, stages: StagesLeft, counts: PacketCounts, options: AnalyzeOptions) {
    this.flows = flows;
    this.stages = stages;
    this.counts = counts;
    this.leavers = new Leavers(options.eviction ?? KEEP_ALL);
    this.onLeave = options.onLeave ?? null;
    this.onLeaveSyn = options.onLeaveSyn ?? null;
    this.staysFor = options.staysFor ?? null;
    this.onlyAttempts = options.onlyAttemptsLeave ?? false;
  }

  /** A segment came: now and then it is looked who leaves. */
  heard(): void {
    if (--this.untilLook === 0) this.look();
  }

  /** Lets those leave whose time is over. */
  look(): void {
    const { flows } = this;
    if (this.onLeave !== null) this.letLeave(this.leavers.at(this.counts.lastTime, flows));
    this.stages.classifier.tidy();
    this.untilLook = Math.max(LEAVE_CHECK, flows.size >> 1);
  }

  /** The memory is short. False when nobody could leave. */
  makeRoom(): boolean {
    const { flows } = this;
    const { size } = flows;
    if (this.onLeave !== null && !this.onlyAttempts && size > FEW_CONNECTIONS)
      this.left.forMemory += this.letLeave(leaveForMemory(flows));
    return flows.size < size;
  }

  /** Returns how many left. */
  private letLeave({ connections, waiting }: Leaving): number {
    this.letSynsLeave(waiting);
    let count = waiting.length;
    // Those that rest get their objects for this, a part at a time.
    for (let i = 0; i < connections.length; i += LEAVE_AT_ONCE)
      count += this.letConnectionsLeave(connections.slice(i, i + LEAVE_AT_ONCE));
    return count;
  }

  private letConnectionsLeave(entries: readonly (Connection | number)[]): number {
    const { staysFor, left, flows, counts } = this;
    const { classifier, detection, wireshark, rows, budget } = this.stages;
    const candidates = entries.map((entry) => (typeof entry === 'number' ? flows.wakePlace(entry) : entry));
    const leaving = staysFor === null ? candidates : candidates.filter((connection) => !staysFor(connection));
    if (leaving.length === 0) return 0;
    const reasons = leaving.map(standing);
    for (const connection of leaving) {
      connection.hasLeft = true;
      classifier.conclude(connection.a);
      classifier.conclude(connection.b);
    }
    detection?.leave(leaving, counts, counts.endTime);
    rows?.releaseOfLeft();
    leaving.forEach((connection, i) => {
      left.connections++;
      left.packets += connection.packets;
      left.by[reasons[i]]++;
      wireshark?.forget(connection);
      this.onLeave?.(connection, reasons[i], counts.endTime);
    });
    flows.evict();
    classifier.forget();
    budget?.forget();
    return leaving.length;
  }

  /** They leave as they are: a connection is made of them only where rows are asked for. */
  private letSynsLeave(rows: readonly number[]): void {
    if (rows.length === 0) return;
    if (this.stages.rows !== null) {
      for (let i = 0; i < rows.length; i += SYNS_AT_ONCE) {
        this.letConnectionsLeave(rows.slice(i, i + SYNS_AT_ONCE).map((row) => this.flows.wake(row)));
      }
      return;
    }
    const { left, syn, synView, counts, flows } = this;
    for (const row of rows) {
      flows.waiting.read(row, synView);
      syn.take(synView);
      this.stages.detection?.leaveFirstSyn(syn, counts, counts.endTime);
      this.onLeaveSyn?.(syn);
    }
    left.connections += rows.length;
    left.packets += rows.length;
    left.by.attempt += rows.length;
    flows.evictWaiting(rows);
  }
}
