import { type AnalyzeOptions, type Concluded, type Overview, SeveralVantagesError } from './analysis.ts';
import { BudgetStage } from './budget/stage.ts';
import type { CaptureSink } from './capture/source.ts';
import { CongestionStage } from './congestion/stage.ts';
import { Decoder } from './decode/decoder.ts';
import type { CaptureEnd } from './detect/detector.ts';
import { Detection, type ShardFacts } from './detect/index.ts';
import type { IsnChoice } from './detect/isn.ts';
import { LeavingConnections } from './leaving.ts';
import type { CaptureFacts, CaptureInterface } from './model/capture-facts.ts';
import type { Connection } from './model/connection.ts';
import { type ConnectionList, listOf } from './model/connection-list.ts';
import type { Endpoint } from './model/endpoint.ts';
import type { Finding } from './model/finding.ts';
import type { LeftCounts } from './model/left.ts';
import type { CaptureRecord } from './model/record.ts';
import type { PacketRow, Question } from './model/row.ts';
import { DecodeStatus, SegmentView } from './model/segment.ts';
import type { Sight } from './model/sight.ts';
import type { TrackedSegment } from './model/tracked.ts';
import { Kind, type Verdict } from './model/verdict.ts';
import { countRecord, countStatus, noPackets } from './packet-counts.ts';
import { noteRtt, PacketRows } from './packet-rows.ts';
import { Resting } from './resting.ts';
import { ShardPart } from './shard-part.ts';
import { senderIsA } from './tcp/flow-table.ts';
import { isPlainSyn } from './tcp/half-open.ts';
import { noteHistory, noteLateHistory } from './tcp/history.ts';
import { StateReplay } from './tcp/states.ts';
import { advance, noteLatest, Tracker } from './tcp/tracker.ts';
import { Classifier } from './verdict/classify.ts';
import { levelOf, PLAIN } from './views/level.ts';
import { OtherViews } from './views/other-views.ts';
import { hasInterfaces, type ViewOptions, ViewStage } from './views/stage.ts';
import type { CaptureVantage } from './views/vantages.ts';

/** Packets from one question about the memory to the next. A power of two. */
const MEMORY_CHECK = 1024;

/**
 * The one pass: record, segment, connection, verdict, states, row. The only file that knows the order of the stages.
 */
export class Analyzer implements CaptureSink, Concluded {
  readonly counts = noPackets();

  private readonly view = new SegmentView();
  private readonly decoder: Decoder;
  private readonly tracker = new Tracker((connection, syn, serial) => this.replay(connection, syn, serial));
  private readonly classifier: Classifier;
  private readonly states = new StateReplay();
  private readonly congestion: CongestionStage | null;
  private readonly budget: BudgetStage | null;
  private readonly detection: Detection | null;
  /** Null where nobody wants rows. */
  private readonly packetRows: PacketRows | null;
  private readonly viewOptions: ViewOptions | null;
  /** Finds the views of one packet where the capture may have several vantages. */
  private stage: ViewStage | null = null;
  private readonly others = new OtherViews();
  /** Of the capture, as far as it has told of them. */
  readonly interfaces: CaptureInterface[] = [];
  private readonly onOther: ((view: SegmentView) => void) | null;
  private readonly onSegment: ((t: TrackedSegment, view: SegmentView) => void) | null;
  private readonly filter: ((view: SegmentView) => boolean) | null;
  private isNarrowed = false;
  private readonly isMemoryShort: (() => boolean) | null;
  /** The memory became short: the rest of the input was not looked at. */
  isCutShort = false;
  private readonly leaving: LeavingConnections;
  /** Nobody asks for a connection as soon as it begins: first SYNs wait until something follows them. */
  private readonly letsWait: boolean;
  /** Null where the analysis has all connections. */
  private readonly part: ShardPart | null;

  constructor(options: AnalyzeOptions = {}) {
    this.part = options.shard === undefined ? null : new ShardPart(options.shard);
    this.decoder = new Decoder({
      verifyChecksums: options.verifyChecksums ?? true,
      ...(this.part === null ? {} : { owner: this.part.owner }),
    });
    this.classifier = new Classifier(options.roundTrips ?? false, (t, view, row) => this.admit(t, view, row));
    const congestion = options.congestion ?? true;
    this.congestion = congestion === false ? null : new CongestionStage(congestion === true ? {} : congestion);
    this.budget = options.timeBudget === false ? null : new BudgetStage();
    this.detection = (options.detection ?? true) ? new Detection() : null;
    this.packetRows = options.onRow === undefined ? null : new PacketRows(options.onRow, options);
    this.onOther = options.onOther ?? null;
    this.onSegment = options.onSegment ?? null;
    this.filter = options.filter ?? null;
    this.isMemoryShort = options.isMemoryShort ?? null;
    const { classifier, detection, budget } = this;
    const wireshark = this.packetRows?.wireshark ?? null;
    const rows = options.rowsByConnection ? (this.packetRows?.queue ?? null) : null;
    this.leaving = new LeavingConnections(
      this.tracker.flows,
      { classifier, detection, budget, wireshark, rows },
      this.counts,
      options,
    );
    const { onLeave, onLeaveSyn, staysFor } = options;
    const isFollowed = this.onSegment !== null || this.filter !== null || staysFor !== undefined;
    const mayWait = this.packetRows === null ? onLeave === undefined || onLeaveSyn !== undefined : rows !== null;
    this.letsWait = !isFollowed && mayWait;
    if (!isFollowed && this.packetRows === null) this.tracker.flows.letRest(new Resting(this.classifier, this.budget));
    this.viewOptions = options.views === false ? null : (options.views ?? {});
    if (this.part === null) return;
    const { overview } = this.part;
    this.detection?.beginShard(overview?.jumps);
    if (overview !== null) Object.assign(this.counts, overview.counts, { filteredOut: 0 });
  }

  /** The points of view that the capture has, where it has several. */
  get vantages(): readonly CaptureVantage[] {
    return this.stage?.hasSeveral ? this.stage.vantages.told : [];
  }

  /** Those that have not left, in the order of their numbers. */
  get connections(): readonly Connection[] {
    const { flows } = this.tracker;
    flows.wakeAll();
    return flows.connections;
  }

  private get all(): ConnectionList {
    const { flows } = this.tracker;
    flows.wakeAll();
    return flows.list;
  }

  /** Connections that left before the end. */
  get left(): LeftCounts {
    return this.leaving.left;
  }

  /** Of a shard: the first packet of each connection that it opened, by its number here. */
  get openedAt(): readonly number[] {
    return this.part?.openedAt ?? [];
  }

  /** How many connections there were. */
  get opened(): number {
    return this.tracker.flows.opened;
  }

  /** Those with a packet that the filter accepts, and that `narrow` left; without both, all. */
  get selected(): readonly Connection[] {
    return this.filter === null && !this.isNarrowed
      ? this.connections
      : this.connections.filter(({ isSelected }) => isSelected);
  }

  get list(): ConnectionList {
    return this.filter === null && !this.isNarrowed ? this.all : listOf(this.selected);
  }

  get told(): readonly Connection[] {
    const told = this.tracker.flows.objects.filter(({ findings, isSelected }) => findings.length > 0 && isSelected);
    return told.sort((one, other) => one.id - other.id);
  }

  /** Findings about the capture as a whole; those about connections are in `Connection.findings`. Complete after `end`. */
  get findings(): readonly Finding[] {
    return this.detection?.capture ?? [];
  }

  /** Of the selected connections only these stay so. */
  narrow(chosen: ReadonlySet<Connection>): void {
    this.isNarrowed = true;
    for (const connection of this.connections) if (!chosen.has(connection)) connection.isSelected = false;
  }

  /** Rows that were released before their horizon because too many waited. */
  get hurriedRows(): number {
    return this.packetRows?.queue.hurried ?? 0;
  }

  /** Rows that came so far. */
  get rows(): number {
    return this.packetRows?.queue.pushed ?? 0;
  }

  /** Releases the first `count` rows as they stand, if they still wait: on a live input where nothing comes. */
  releaseRows(count: number): void {
    this.packetRows?.queue.releaseFirst(count);
  }

  /** How the hosts choose their initial sequence numbers. Complete after `end`. */
  get isnChoices(): readonly IsnChoice[] {
    return this.detection?.isnChoices ?? [];
  }

  record(record: CaptureRecord): void {
    const { counts } = this;
    if (this.isCutShort) return;
    if (this.part !== null && this.part.overview !== null) {
      this.ofShardFile(record);
      return;
    }
    countRecord(counts, record);
    if ((counts.total & (MEMORY_CHECK - 1)) === 0 && this.isMemoryShort?.()) this.isCutShort = !this.leaving.makeRoom();
    this.detection?.record(record);
    // Nothing is around a plain frame: it cannot show that there are several vantages.
    if (this.stage === null && this.part === null && counts.total > 1 && this.decoder.decodePlain(record, this.view)) {
      counts.tcp++;
      this.segment(this.view, this.view, record.comment);
      return;
    }
    if (this.stage === null && this.viewOptions !== null) this.lookForVantages(record);
    if (this.stage === null || this.part !== null) this.decode(record);
    this.stage?.record(record);
    if (this.part !== null && this.stage?.hasSeveral) throw new SeveralVantagesError();
  }

  /** Begins to tell vantages apart where the record shows that there may be several. */
  private lookForVantages(record: CaptureRecord): void {
    const byInterface = this.counts.total === 1 && hasInterfaces(record, this.interfaces.length);
    if (!byInterface && levelOf(record) <= PLAIN) return;
    if (byInterface && this.part !== null) throw new SeveralVantagesError();
    // A shard sees all records pass by, and only has to know.
    const sink = this.part === null ? (record: CaptureRecord) => this.decode(record) : () => {};
    this.stage = new ViewStage(sink, this.interfaces, { ...this.viewOptions, byInterface });
  }

  interfaceSeen(_: number, described: CaptureInterface): void {
    this.interfaces.push(described);
  }

  /** What is held back until a packet's other views have come leaves now: on a live input where nothing comes. */
  releaseHeld(): void {
    this.stage?.flush();
  }

  /** A record of a file that holds those of this shard, and what it shares with others. All are counted beforehand. */
  private ofShardFile(record: CaptureRecord): void {
    const { view } = this;
    const status = this.decoder.decode(record, view);
    const isSegment = status === DecodeStatus.TCP;
    if ((!isSegment && status !== DecodeStatus.ICMP_QUOTES_TCP) || !this.part!.owner.owns(view)) return;
    if (!isSegment) {
      this.icmpError(view);
      return;
    }
    if (record.passedBefore > 0) this.pass(view.frame, record.passedBefore);
    this.segment(view, view, record.comment);
  }

  /** Segments passed that other shards look at, the latest of them this frame. */
  private pass(frame: number, count: number): void {
    this.classifier.skip(count);
    this.detection?.pass(frame);
  }

  private decode(record: CaptureRecord): void {
    const { counts, view } = this;
    const status = this.decoder.decode(record, view);
    if (this.part !== null && !this.part.takes(record, status, view, this.decoder.fragments.taken)) {
      countStatus(counts, status);
      if (status === DecodeStatus.TCP) this.pass(view.frame, 1);
      return;
    }
    if (status !== DecodeStatus.TCP && this.onOther !== null) this.onOther(view);
    countStatus(counts, status);
    if (status === DecodeStatus.ICMP_QUOTES_TCP) this.icmpError(view);
    if (status !== DecodeStatus.TCP) return;
    if (view.sight !== null) this.sight(view, view.sight, record.comment);
    else this.segment(view, view, record.comment);
  }

  /** One of several views of a segment: its connection is analysed as the chosen vantage saw it. */
  private sight(view: SegmentView, sight: Sight, comment: string | null): void {
    const place = this.others.placeOf(view, sight);
    if (!sight.isChosen) {
      const { original, isOriginalPast } = sight;
      const { tracker } = this;
      // A copy of what was analysed belongs to what is there, also where that is over: it begins nothing.
      const connection =
        tracker.resolve(place, original !== 0 && !isOriginalPast) ??
        (isOriginalPast ? tracker.flows.find(place) : null);
      if (connection !== null) {
        this.otherView(view, sight, comment, senderIsA(connection, place) ? connection.a : connection.b);
        return;
      }
      // Only here it was seen that the connection began.
      sight.promote();
    }
    this.segment(view, place, comment);
  }

  /** It has no effect on the connection; its verdict is that of its own view, or that it is a copy. */
  private otherView(view: SegmentView, sight: Sight, comment: string | null, sender: Endpoint): void {
    const { connection } = sender;
    connection.views = sight.seen;
    const isSelected = this.select(view, connection);
    if (!isSelected) this.counts.filteredOut++;
    const { packetRows } = this;
    if (packetRows === null || !packetRows.everyView || !packetRows.wants(connection)) return;
    const t = this.others.track(view, sight);
    const row = packetRows.begin(view, t, comment, isSelected, sender);
    this.others.classify(t, view, sight, row);
    packetRows.queue.release(view.time);
  }

  private segment(view: SegmentView, place: SegmentView, comment: string | null): void {
    const current = this.tracker.flows.find(place);
    if (current === null && this.letsWait && this.waits(view)) {
      this.packetRows?.queue.release(view.time);
      return;
    }
    const t = this.tracker.track(view, place, current);
    if (view.sight !== null) t.connection.views = view.sight.seen;
    const isSelected = this.select(view, t.connection);
    if (!isSelected) this.counts.filteredOut++;
    const { packetRows } = this;
    const row = packetRows?.wants(t.connection) ? packetRows.begin(view, t, comment, isSelected, t.sender) : null;
    if (t.opened) {
      this.part?.openedAt.push(view.frame);
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
    }
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
    this.part?.openedAt.push(view.frame);
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

  /** Lets those leave whose time is over: on a live input, whatever comes. */
  lookWhoLeaves(): void {
    this.leaving.look();
  }

  /** A connection is selected with any packet about it. */
  private select(view: SegmentView, connection: Connection): boolean {
    if (this.filter !== null && !this.filter(view)) return false;
    connection.isSelected = true;
    return true;
  }

  /** An ICMP error quotes a segment: the connection that it is about takes note, and the segment's row. */
  private icmpError(view: SegmentView): void {
    const connection = this.tracker.flows.find(view);
    if (connection === null) return;
    this.select(view, connection);
    const sender = senderIsA(connection, view) ? connection.a : connection.b;
    const row = this.packetRows?.queue.latest((row) => row.sender === sender && row.view.seq === view.seq) ?? null;
    this.classifier.icmpError(view, sender);
    this.detection?.icmp(view, connection, sender, row);
  }

  /**
   * The input has ended: the rows that still wait are released as they stand, and the findings are complete. `capture` is
   * what the file says of itself, for findings about it.
   */
  end(capture: CaptureFacts | null = null): void {
    this.stage?.flush();
    // Nothing is in question about those that rest.
    const { flows } = this.tracker;
    flows.wakeAll();
    for (const { a, b } of flows.objects.toSorted((one, other) => one.id - other.id)) {
      this.classifier.conclude(a);
      this.classifier.conclude(b);
    }
    if (this.part === null) {
      this.detection?.conclude(this.all, this.counts, capture, this.isCutShort, this.left);
    } else this.detection?.concludeShard(this.endOf(capture));
    this.packetRows?.queue.flush();
  }

  private endOf(capture: CaptureFacts | null): CaptureEnd {
    const { all: connections, counts, isCutShort, left } = this;
    return { connections, counts, capture, isCutShort, left, time: counts.endTime, frame: counts.total };
  }

  /** Of a shard, when it has ended: what all records show. */
  get overview(): Overview {
    const { detection, counts, part } = this;
    if (part !== null && part.overview !== null) return part.overview;
    if (detection === null) throw new Error('a shard needs its findings');
    const jumps = detection.shardFacts.jumps.map((jump) => ({ ...jump, heard: [] }));
    return { counts: { ...counts }, records: detection.recordFacts, jumps };
  }

  /** Of a shard, when it has ended: what its detectors know of the capture, and of which connections packets are missing. */
  get shardFacts(): ShardFacts {
    return this.detection!.shardFacts;
  }

  lacksPackets(connection: Connection): boolean {
    return this.detection?.lacksPackets(connection) ?? false;
  }
}

/** A second copy of a packet, and a packet that its receiver drops, have no effect of their own. */
function isDuplicate(verdict: Verdict | null): boolean {
  return verdict !== null && verdict.kind === Kind.DUPLICATE;
}
