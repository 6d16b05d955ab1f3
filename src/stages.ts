import type { AnalyzeOptions } from './analysis.ts';
import { BudgetStage } from './budget/stage.ts';
import { CongestionStage } from './congestion/stage.ts';
import { Detection } from './detect/index.ts';
import { LeavingConnections } from './leaving.ts';
import type { Connection } from './model/connection.ts';
import type { PacketRow, Question } from './model/row.ts';
import type { SegmentView } from './model/segment.ts';
import type { TrackedSegment } from './model/tracked.ts';
import { Kind, type Verdict } from './model/verdict.ts';
import type { PacketCounts } from './packet-counts.ts';
import { noteRtt, PacketRows } from './packet-rows.ts';
import { Resting } from './resting.ts';
import { senderIsA } from './tcp/flow-table.ts';
import { isPlainSyn } from './tcp/half-open.ts';
import { noteHistory, noteLateHistory } from './tcp/history.ts';
import { StateReplay } from './tcp/states.ts';
import { advance, noteLatest, Tracker } from './tcp/tracker.ts';
import { Classifier } from './verdict/classify.ts';

/** What becomes of a segment: connection, verdict, states, row. The only file that knows the order of the stages. */
export class Stages {
  readonly tracker = new Tracker((connection, syn, serial) => this.replay(connection, syn, serial));
  readonly detection: Detection | null;
  /** Null where nobody wants rows. */
  readonly packetRows: PacketRows | null;
  readonly leaving: LeavingConnections;
  private readonly classifier: Classifier;
  private readonly states = new StateReplay();
  private readonly congestion: CongestionStage | null;
  private readonly budget: BudgetStage | null;
  private readonly onSegment: ((t: TrackedSegment, view: SegmentView) => void) | null;
  private readonly filter: ((view: SegmentView) => boolean) | null;
  /** Neither a filter nor `narrow` leaves connections out. */
  selectsAll: boolean;
  private readonly counts: PacketCounts;
  /** Of a shard: takes the first packet of each connection. Null where the analysis has all connections. */
  private readonly openedAt: number[] | null;
  /** Nobody asks for a connection as soon as it begins: first SYNs wait until something follows them. */
  private readonly letsWait: boolean;

  constructor(options: AnalyzeOptions, counts: PacketCounts, openedAt: number[] | null) {
    this.counts = counts;
    this.openedAt = openedAt;
    this.classifier = new Classifier(options.roundTrips ?? false, (t, view, row) => this.admit(t, view, row));
    const congestion = options.congestion ?? true;
    this.congestion = congestion === false ? null : new CongestionStage(congestion === true ? {} : congestion);
    this.budget = options.timeBudget === false ? null : new BudgetStage();
    this.detection = (options.detection ?? true) ? new Detection() : null;
    this.packetRows = options.onRow === undefined ? null : new PacketRows(options.onRow, options);
    this.onSegment = options.onSegment ?? null;
    this.filter = options.filter ?? null;
    this.selectsAll = this.filter === null;
    const { classifier, detection, budget } = this;
    const wireshark = this.packetRows?.wireshark ?? null;
    const rows = options.rowsByConnection ? (this.packetRows?.queue ?? null) : null;
    const stages = { classifier, detection, budget, wireshark, rows };
    this.leaving = new LeavingConnections(this.tracker.flows, stages, counts, options);
    const { onLeave, onLeaveSyn, staysFor } = options;
    const isFollowed = this.onSegment !== null || this.filter !== null || staysFor !== undefined;
    const mayWait = this.packetRows === null ? onLeave === undefined || onLeaveSyn !== undefined : rows !== null;
    this.letsWait = !isFollowed && mayWait;
    if (!isFollowed && this.packetRows === null) this.tracker.flows.letRest(new Resting(this.classifier, this.budget));
  }

  /** `place`: the sockets of its connection as the chosen point of view has them; `view` itself where there is one only. */
  segment(view: SegmentView, place: SegmentView, comment: string | null): void {
    const current = this.tracker.flows.find(place);
    if (current === null && this.letsWait && this.waits(view)) {
      this.packetRows?.queue.release(view.time);
      return;
    }
    const t = this.tracker.track(view, place, current);
    const isSelected = this.accepts(view, t.connection);
    const { packetRows } = this;
    const row = packetRows?.wants(t.connection) ? packetRows.begin(view, t, comment, isSelected, t.sender) : null;
    if (t.opened) {
      this.openedAt?.push(view.frame);
      this.budget?.open(t.connection);
      if (t.connection.continues >= 0) this.leaving.left.heardAgain++;
    }
    const isPlain = this.classifier.takesPlain(t, view, row);
    if (isPlain) this.analysePlain(t, view, row);
    else this.analyse(t, view, row, -1);
    if (row !== null) {
      noteRtt(row, t);
      if (packetRows!.notesCongestion) this.congestion?.note(row);
    }
    if (this.onSegment !== null) this.onSegment(t, view);
    if (packetRows !== null) packetRows.queue.release(view.time);
    if (!isPlain && t.connection.isOver) {
      this.congestion?.settle(t.connection);
      if (!this.tracker.flows.ends(t.connection)) this.classifier.settle(t.connection);
    }
    this.leaving.heard();
  }

  /** The stages after the verdict for a plain segment (`verdict/plain.ts`): it has an effect, and changes no state. */
  private analysePlain(t: TrackedSegment, view: SegmentView, row: PacketRow | null): void {
    noteHistory(t, view);
    this.congestion?.segment(t, view);
    this.budget?.segment(t, view, row?.question ?? null);
    this.detection?.inspectPlain(t, view, row);
    noteLatest(t, view);
    advance(t, view);
  }

  /** `serial`: where it stands among the latest packets, of a SYN that waited and was shown to all others when it came; else -1. */
  private analyse(t: TrackedSegment, view: SegmentView, row: PacketRow | null, serial: number): void {
    this.classifier.classify(t, view, row, serial);
    noteHistory(t, view);
    const hasEffect = !isDuplicate(t.verdict) && !t.unacceptable;
    if (hasEffect) {
      this.states.replay(t, view, row?.question ?? null);
      this.congestion?.segment(t, view);
      this.budget?.segment(t, view, row?.question ?? null);
    } else this.budget?.passed(t, view);
    if (serial < 0) this.detection?.inspect(t, view, row);
    noteLatest(t, view);
    if (hasEffect) advance(t, view);
  }

  /** A plain SYN of sockets that are not known waits until something follows it. */
  private waits(view: SegmentView): boolean {
    const { detection } = this;
    if (!isPlainSyn(view) || (detection !== null && !detection.letsWait(view))) return false;
    const { flows } = this.tracker;
    const row = flows.wait(view);
    if (row < 0) return false;
    flows.waiting.setSerial(row, this.classifier.opens(view));
    detection?.opens(view);
    this.openedAt?.push(view.frame);
    this.leaving.heard();
    return true;
  }

  /** Something follows a SYN that waited, or somebody asks for its connection. */
  private replay(connection: Connection, syn: SegmentView, serial: number): void {
    const t = this.tracker.track(syn, syn, connection);
    const isSelected = this.select(syn, connection);
    const { packetRows } = this;
    const row = packetRows?.wants(connection) ? packetRows.begin(syn, t, null, isSelected, t.sender) : null;
    this.budget?.open(connection);
    this.analyse(t, syn, row, serial);
  }

  /** A segment that had been put aside was taken by its receiver, as an ACK shows. */
  private admit(t: TrackedSegment, view: SegmentView, row: Question | null): void {
    noteLateHistory(t, view);
    this.states.replay(t, view, row);
    advance(t, view);
  }

  /** Whether the filter accepts a packet of the connection: the others are counted. */
  accepts(view: SegmentView, connection: Connection): boolean {
    if (view.sight !== null) connection.views = view.sight.seen;
    const isSelected = this.select(view, connection);
    if (!isSelected) this.counts.filteredOut++;
    return isSelected;
  }

  /** Of the selected connections only these stay so. */
  narrow(chosen: ReadonlySet<Connection>): void {
    this.selectsAll = false;
    const { flows } = this.tracker;
    flows.wakeAll();
    for (const connection of flows.connections) if (!chosen.has(connection)) connection.isSelected = false;
  }

  /** A connection is selected with any packet about it. */
  private select(view: SegmentView, connection: Connection): boolean {
    if (this.filter !== null && !this.filter(view)) return false;
    connection.isSelected = true;
    return true;
  }

  /** An ICMP error quotes a segment: the connection that it is about takes note, and the segment's row. */
  icmpError(view: SegmentView): void {
    const connection = this.tracker.flows.find(view);
    if (connection === null) return;
    this.select(view, connection);
    const sender = senderIsA(connection, view) ? connection.a : connection.b;
    const row = this.packetRows?.queue.latest((row) => row.sender === sender && row.view.seq === view.seq) ?? null;
    this.classifier.icmpError(view, sender);
    this.detection?.icmp(view, connection, sender, row);
  }

  /** Segments passed that other shards look at, the latest of them this frame. */
  pass(frame: number, count: number): void {
    this.classifier.skip(count);
    this.detection?.pass(frame);
  }

  /** The input has ended: what is still in question about each end is concluded. */
  conclude(): void {
    // Nothing is in question about those that rest.
    const { flows } = this.tracker;
    flows.wakeAll();
    for (const { a, b } of flows.objects.toSorted((one, other) => one.id - other.id)) {
      this.classifier.conclude(a);
      this.classifier.conclude(b);
    }
  }
}

/** A second copy of a packet, and a packet that its receiver drops, have no effect of their own. */
function isDuplicate(verdict: Verdict | null): boolean {
  return verdict !== null && verdict.kind === Kind.DUPLICATE;
}
