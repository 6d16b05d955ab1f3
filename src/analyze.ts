import { type AnalyzeOptions, type Concluded, type Overview, SeveralVantagesError } from './analysis.ts';
import type { CaptureSink } from './capture/source.ts';
import { Decoder } from './decode/decoder.ts';
import type { CaptureEnd } from './detect/detector.ts';
import type { ShardFacts } from './detect/index.ts';
import type { IsnChoice } from './detect/isn.ts';
import type { CaptureFacts, CaptureInterface } from './model/capture-facts.ts';
import type { Connection } from './model/connection.ts';
import { type ConnectionList, listOf } from './model/connection-list.ts';
import type { Endpoint } from './model/endpoint.ts';
import type { Finding } from './model/finding.ts';
import type { LeftCounts } from './model/left.ts';
import type { CaptureRecord } from './model/record.ts';
import { DecodeStatus, SegmentView } from './model/segment.ts';
import type { Sight } from './model/sight.ts';
import { countRecord, countStatus, noPackets } from './packet-counts.ts';
import { ShardPart } from './shard-part.ts';
import { Stages } from './stages.ts';
import { senderIsA } from './tcp/flow-table.ts';
import { levelOf, PLAIN } from './views/level.ts';
import { OtherViews } from './views/other-views.ts';
import { hasInterfaces, type ViewOptions, ViewStage } from './views/stage.ts';
import type { CaptureVantage } from './views/vantages.ts';

/** Packets from one question about the memory to the next. A power of two. */
const MEMORY_CHECK = 1024;

/** The one pass: takes the records of a capture, gives their segments to the stages, and has what these have found. */
export class Analyzer implements CaptureSink, Concluded {
  readonly counts = noPackets();

  private readonly view = new SegmentView();
  private readonly decoder: Decoder;
  private readonly stages: Stages;
  private readonly viewOptions: ViewOptions | null;
  /** Finds the views of one packet where the capture may have several vantages. */
  private viewStage: ViewStage | null = null;
  private readonly others = new OtherViews();
  /** Of the capture, as far as it has told of them. */
  readonly interfaces: CaptureInterface[] = [];
  private readonly onOther: ((view: SegmentView) => void) | null;
  private readonly isMemoryShort: (() => boolean) | null;
  /** The memory became short: the rest of the input was not looked at. */
  isCutShort = false;
  /** Null where the analysis has all connections. */
  private readonly part: ShardPart | null;

  constructor(options: AnalyzeOptions = {}) {
    this.part = options.shard === undefined ? null : new ShardPart(options.shard);
    this.decoder = new Decoder({
      verifyChecksums: options.verifyChecksums ?? true,
      ...(this.part === null ? {} : { owner: this.part.owner }),
    });
    this.stages = new Stages(options, this.counts, this.part?.openedAt ?? null);
    this.onOther = options.onOther ?? null;
    this.isMemoryShort = options.isMemoryShort ?? null;
    this.viewOptions = options.views === false ? null : (options.views ?? {});
    if (this.part === null) return;
    const { overview } = this.part;
    this.stages.detection?.beginShard(overview?.jumps);
    if (overview !== null) Object.assign(this.counts, overview.counts, { filteredOut: 0 });
  }

  /** The points of view that the capture has, where it has several. */
  get vantages(): readonly CaptureVantage[] {
    return this.viewStage?.hasSeveral ? this.viewStage.vantages.told : [];
  }

  /** Those that have not left, in the order of their numbers. */
  get connections(): readonly Connection[] {
    const { flows } = this.stages.tracker;
    flows.wakeAll();
    return flows.connections;
  }

  private get all(): ConnectionList {
    const { flows } = this.stages.tracker;
    flows.wakeAll();
    return flows.list;
  }

  /** Connections that left before the end. */
  get left(): LeftCounts {
    return this.stages.leaving.left;
  }

  /** Of a shard: the first packet of each connection that it opened, by its number here. */
  get openedAt(): readonly number[] {
    return this.part?.openedAt ?? [];
  }

  /** How many connections there were. */
  get opened(): number {
    return this.stages.tracker.flows.opened;
  }

  /** Those with a packet that the filter accepts, and that `narrow` left; without both, all. */
  get selected(): readonly Connection[] {
    return this.stages.selectsAll ? this.connections : this.connections.filter(({ isSelected }) => isSelected);
  }

  get list(): ConnectionList {
    return this.stages.selectsAll ? this.all : listOf(this.selected);
  }

  get told(): readonly Connection[] {
    const told = this.stages.tracker.flows.objects.filter(
      ({ findings, isSelected }) => findings.length > 0 && isSelected,
    );
    return told.sort((one, other) => one.id - other.id);
  }

  /** Findings about the capture as a whole; those about connections are in `Connection.findings`. Complete after `end`. */
  get findings(): readonly Finding[] {
    return this.stages.detection?.capture ?? [];
  }

  /** Of the selected connections only these stay so. */
  narrow(chosen: ReadonlySet<Connection>): void {
    this.stages.narrow(chosen);
  }

  /** Rows that were released before their horizon because too many waited. */
  get hurriedRows(): number {
    return this.stages.packetRows?.queue.hurried ?? 0;
  }

  /** Rows that came so far. */
  get rows(): number {
    return this.stages.packetRows?.queue.pushed ?? 0;
  }

  /** Releases the first `count` rows as they stand, if they still wait: on a live input where nothing comes. */
  releaseRows(count: number): void {
    this.stages.packetRows?.queue.releaseFirst(count);
  }

  /** How the hosts choose their initial sequence numbers. Complete after `end`. */
  get isnChoices(): readonly IsnChoice[] {
    return this.stages.detection?.isnChoices ?? [];
  }

  record(record: CaptureRecord): void {
    const { counts } = this;
    if (this.isCutShort) return;
    if (this.part !== null && this.part.overview !== null) {
      this.ofShardFile(record);
      return;
    }
    countRecord(counts, record);
    if ((counts.total & (MEMORY_CHECK - 1)) === 0 && this.isMemoryShort?.()) this.isCutShort = !this.makeRoom();
    this.stages.detection?.record(record);
    // Nothing is around a plain frame: it cannot show that there are several vantages.
    if (
      this.viewStage === null &&
      this.part === null &&
      counts.total > 1 &&
      this.decoder.decodePlain(record, this.view)
    ) {
      counts.tcp++;
      this.stages.segment(this.view, this.view, record.comment);
      return;
    }
    if (this.viewStage === null && this.viewOptions !== null) this.lookForVantages(record);
    if (this.viewStage === null || this.part !== null) this.decode(record);
    this.viewStage?.record(record);
    if (this.part !== null && this.viewStage?.hasSeveral) throw new SeveralVantagesError();
  }

  /** False where nothing could be given up. */
  private makeRoom(): boolean {
    const hasViewsLess = this.viewStage?.makeRoom() ?? false;
    return this.stages.leaving.makeRoom() || hasViewsLess;
  }

  /** Begins to tell vantages apart where the record shows that there may be several. */
  private lookForVantages(record: CaptureRecord): void {
    const byInterface = this.counts.total === 1 && hasInterfaces(record, this.interfaces.length);
    if (!byInterface && levelOf(record) <= PLAIN) return;
    if (byInterface && this.part !== null) throw new SeveralVantagesError();
    // A shard sees all records pass by, and only has to know.
    const sink = this.part === null ? (record: CaptureRecord) => this.decode(record) : () => {};
    this.viewStage = new ViewStage(sink, this.interfaces, { ...this.viewOptions, byInterface });
  }

  interfaceSeen(_: number, described: CaptureInterface): void {
    this.interfaces.push(described);
  }

  /** What is held back until a packet's other views have come leaves now: on a live input where nothing comes. */
  releaseHeld(): void {
    this.viewStage?.flush();
  }

  /** A record of a file that holds those of this shard, and what it shares with others. All are counted beforehand. */
  private ofShardFile(record: CaptureRecord): void {
    const { view } = this;
    const status = this.decoder.decode(record, view);
    const isSegment = status === DecodeStatus.TCP;
    if ((!isSegment && status !== DecodeStatus.ICMP_QUOTES_TCP) || !this.part!.owner.owns(view)) return;
    if (!isSegment) {
      this.stages.icmpError(view);
      return;
    }
    if (record.passedBefore > 0) this.stages.pass(view.frame, record.passedBefore);
    this.stages.segment(view, view, record.comment);
  }

  private decode(record: CaptureRecord): void {
    const { counts, view } = this;
    const status = this.decoder.decode(record, view);
    if (this.part !== null && !this.part.takes(record, status, view, this.decoder.fragments.taken)) {
      countStatus(counts, status);
      if (status === DecodeStatus.TCP) this.stages.pass(view.frame, 1);
      return;
    }
    if (status !== DecodeStatus.TCP && this.onOther !== null) this.onOther(view);
    countStatus(counts, status);
    if (status === DecodeStatus.ICMP_QUOTES_TCP) this.stages.icmpError(view);
    if (status !== DecodeStatus.TCP) return;
    if (view.sight !== null) this.sight(view, view.sight, record.comment);
    else this.stages.segment(view, view, record.comment);
  }

  /** One of several views of a segment: its connection is analysed as the chosen vantage saw it. */
  private sight(view: SegmentView, sight: Sight, comment: string | null): void {
    const place = this.others.placeOf(view, sight);
    if (!sight.isChosen) {
      const { original, isOriginalPast } = sight;
      const { tracker } = this.stages;
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
    this.stages.segment(view, place, comment);
  }

  /** It has no effect on the connection; its verdict is that of its own view, or that it is a copy. */
  private otherView(view: SegmentView, sight: Sight, comment: string | null, sender: Endpoint): void {
    const { connection } = sender;
    const isSelected = this.stages.accepts(view, connection);
    const { packetRows } = this.stages;
    if (packetRows === null || !packetRows.everyView || !packetRows.wants(connection)) return;
    const t = this.others.track(view, sight);
    const row = packetRows.begin(view, t, comment, isSelected, sender);
    this.others.classify(t, view, sight, row);
    packetRows.queue.release(view.time);
  }

  /** Lets those leave whose time is over: on a live input, whatever comes. */
  lookWhoLeaves(): void {
    this.stages.leaving.look();
  }

  /**
   * The input has ended: the rows that still wait are released as they stand, and the findings are complete. `capture` is
   * what the file says of itself, for findings about it.
   */
  end(capture: CaptureFacts | null = null): void {
    this.viewStage?.flush();
    const { stages } = this;
    stages.conclude();
    if (this.part === null) {
      stages.detection?.conclude(this.all, this.counts, capture, this.isCutShort, this.left);
    } else stages.detection?.concludeShard(this.endOf(capture));
    this.stages.packetRows?.queue.flush();
  }

  private endOf(capture: CaptureFacts | null): CaptureEnd {
    const { all: connections, counts, isCutShort, left } = this;
    return { connections, counts, capture, isCutShort, left, time: counts.endTime, frame: counts.total };
  }

  /** Of a shard, when it has ended: what all records show. */
  get overview(): Overview {
    const { counts, part } = this;
    const { detection } = this.stages;
    if (part !== null && part.overview !== null) return part.overview;
    if (detection === null) throw new Error('a shard needs its findings');
    const jumps = detection.shardFacts.jumps.map((jump) => ({ ...jump, heard: [] }));
    return { counts: { ...counts }, records: detection.recordFacts, jumps };
  }

  /** Of a shard, when it has ended: what its detectors know of the capture, and of which connections packets are missing. */
  get shardFacts(): ShardFacts {
    return this.stages.detection!.shardFacts;
  }

  lacksPackets(connection: Connection): boolean {
    return this.stages.detection?.lacksPackets(connection) ?? false;
  }
}
