import { Decoder } from '../decode/decoder.ts';
import type { CaptureInterface } from '../model/capture-facts.ts';
import { LinkType } from '../model/link-type.ts';
import type { CaptureRecord } from '../model/record.ts';
import { DecodeStatus, SegmentView } from '../model/segment.ts';
import { Joiner } from './joiner.ts';
import { PLAIN } from './level.ts';
import { Passage, place } from './place.ts';
import type { PacketSight } from './seen-packet.ts';
import type { SightedConnection } from './sighted-connection.ts';
import { levelAt, Means, Vantages } from './vantages.ts';
import { WINDOW, Window, type WindowBounds, type WindowSink } from './window.ts';

/** Most records that are held back until a second vantage shows; then those of the first go on as they come. */
const UNDECIDED = 4096;
/** Packets of a connection whose loss waits for the order of the vantages. */
const MAX_UNPLACED = 64;

export interface ViewOptions {
  /** Name of the vantage on whose view connections are analysed where it has one. */
  readonly view?: string | null;
  /** Names of interfaces that have a number only. */
  readonly interfaceNames?: ReadonlyMap<number, string>;
  readonly bounds?: WindowBounds;
  /** False: only VLAN tags and tunnels tell vantages apart. Default true. */
  readonly byInterface?: boolean;
}

/** Whether the interfaces of a capture that begins with that record are vantages. */
export function hasInterfaces(record: CaptureRecord, interfaces: number): boolean {
  return interfaces > 1 || record.linkType === LinkType.LINUX_SLL2 || record.linkType === LinkType.LINUX_SLL;
}

/**
 * Stands in front of the analysis of a capture that was made at several vantages. Records wait in a bounded window; there
 * they are put in order of time, and the views of each packet and of each connection are found. They leave with a `Sight`.
 *
 * While only one vantage was seen records go on as they are, without one.
 */
export class ViewStage implements WindowSink<PacketSight> {
  readonly vantages: Vantages;
  private readonly sink: (record: CaptureRecord) => void;
  private readonly wanted: string | null;
  private readonly joiner: Joiner;
  private readonly window: Window<PacketSight>;
  private readonly decoder = new Decoder({ verifyChecksums: false });
  private readonly view = new SegmentView();
  private readonly bounds: WindowBounds;
  /** The vantage of all records so far, -1 before the first; they wait until there are two, or are known to be of one. */
  private only = -1;
  private onlyLevel = PLAIN;
  private isUndecided = true;
  /** When the first record came after others had gone on without a sight (ns), NaN before. */
  private begun = Number.NaN;
  /** Packets of several levels were seen. */
  private isSuspect = false;
  private waited = 0;
  private since = 0;
  hasSeveral = false;
  private latest = Number.NEGATIVE_INFINITY;
  private readonly unplaced = new Map<SightedConnection, PacketSight[]>();

  constructor(
    sink: (record: CaptureRecord) => void,
    interfaces: readonly CaptureInterface[],
    { view = null, interfaceNames = new Map(), bounds = WINDOW, byInterface = true }: ViewOptions = {},
  ) {
    this.sink = sink;
    this.wanted = view;
    // One interface writes its packets as it sees them.
    this.bounds = byInterface ? bounds : { ...bounds, order: 0 };
    this.vantages = new Vantages(interfaces, interfaceNames, byInterface);
    this.joiner = new Joiner(this.vantages);
    this.window = new Window(this, this.bounds);
  }

  record(record: CaptureRecord): void {
    if (!this.hasSeveral) {
      this.lookFor(record);
      if (!this.hasSeveral && !this.isSuspect && !this.isUndecided) {
        this.sink(record);
        return;
      }
    }
    this.window.add(record);
    if (this.isUndecided && !this.hasSeveral && !this.isSuspect && this.isEnough(record.time)) {
      this.isUndecided = false;
      this.window.flush();
    }
  }

  /** Everything that waits goes on: the input has ended, or nothing comes for long. */
  flush(): void {
    this.window.flush();
  }

  /** The memory is short: silent flows are forgotten, or fewer records wait from now on. False where nothing is left to give up. */
  makeRoom(): boolean {
    return this.joiner.makeRoom(this.window.length) || this.window.makeRoom();
  }

  enter(record: CaptureRecord): PacketSight | null {
    if (!this.hasSeveral && !this.isSuspect && !this.isUndecided) return null;
    if (record.time > this.latest) this.latest = record.time;
    const { view } = this;
    if (this.decoder.decode(record, view) !== DecodeStatus.TCP) return null;
    const vantage = this.vantages.of(record);
    if (vantage === null) return null;
    const sight = this.joiner.enter(view, vantage);
    if (sight !== null && !this.isUndecided) sight.isEarly = this.isEarly(record.time);
    // A bridge that the first cooked header shows again is no reason by itself.
    if (vantage.isShared && (this.isSuspect || vantage.means === Means.INTERFACE)) this.hasSeveral = true;
    return sight;
  }

  private isEarly(time: number): boolean {
    if (Number.isNaN(this.begun)) this.begun = time;
    return time - this.begun <= this.bounds.transit;
  }

  leave(record: CaptureRecord, sight: PacketSight | null): void {
    if (sight !== null && this.hasSeveral) {
      this.conclude(sight);
      record.sight = sight;
    }
    this.sink(record);
    if (sight === null) return;
    sight.hasLeft = true;
    this.joiner.left(sight);
  }

  /** Does the record show another interface, or another level of the same? Levels are vantages once they share a packet. */
  private lookFor(record: CaptureRecord): void {
    const { vantages } = this;
    if (vantages.isMute(record)) return;
    const key = vantages.keyOf(record);
    const level = levelAt(record);
    if (this.only === -1) {
      this.only = key;
      this.onlyLevel = level;
      this.since = record.time;
    } else if (key !== this.only) this.hasSeveral = true;
    else if (level !== this.onlyLevel) this.isSuspect = true;
  }

  private isEnough(time: number): boolean {
    return ++this.waited >= UNDECIDED || time - this.since >= this.bounds.transit + this.bounds.order;
  }

  /** What is known of the packet when the first of its sights leaves. */
  private conclude(sight: PacketSight): void {
    const { packet } = sight;
    const { connection } = packet;
    if (connection.base === null) connection.choose(this.wanted);
    if (!packet.isPlaced) {
      packet.isPlaced = true;
      connection.settle(packet);
      for (const other of packet.sights) if (other.vantage === connection.base) other.promote();
      if (place(packet, this.latest) === Passage.UNKNOWN) this.postpone(sight);
      else if (this.unplaced.size > 0) this.retry(connection);
    }
    sight.vantage.frames++;
    // What the chosen vantage shares no packet with stands beside it: another way for the same connection.
    if (packet.chosenFrame === 0 && connection.shareOf(sight.vantage).shared === 0) sight.promote();
  }

  private postpone(sight: PacketSight): void {
    const { connection } = sight.packet;
    const waiting = this.unplaced.get(connection);
    if (waiting === undefined) this.unplaced.set(connection, [sight]);
    else if (waiting.length < MAX_UNPLACED) waiting.push(sight);
    if (this.unplaced.size > MAX_UNPLACED) this.unplaced.delete(this.unplaced.keys().next().value!);
  }

  private retry(connection: SightedConnection): void {
    const waiting = this.unplaced.get(connection);
    if (waiting === undefined) return;
    this.unplaced.delete(connection);
    for (const { packet } of waiting) place(packet, this.latest);
  }
}
