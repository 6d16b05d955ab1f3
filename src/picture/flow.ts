import type { Connection } from '../model/connection.ts';
import { FIN, RST, SYN } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import { STATE_NAMES, type StateName, type Timeline } from '../model/state.ts';
import { Fate, Kind } from '../model/verdict.ts';

/** How a packet is drawn between the two lifelines. */
type Course =
  /** From its sender to its receiver. */
  | 'whole'
  /** It ends on the way: it was lost. */
  | 'lost'
  /** It leaves here and arrives after the packet that it crosses; `arrival` follows. */
  | 'departure'
  /** The end of a `departure`, or of a packet that others overtook. */
  | 'arrival';

/** One packet, or one end of it. */
export interface FlowArrow {
  readonly kind: 'arrow';
  readonly row: PacketRow;
  readonly course: Course;
  /** States of both ends after it, and which of them it changed. */
  readonly client: EndState;
  readonly server: EndState;
}

export interface EndState {
  readonly name: StateName;
  readonly isNew: boolean;
}

/** Packets that are not drawn one by one. */
export interface FlowFold {
  readonly kind: 'fold';
  readonly segments: number;
  /** Payload bytes by direction. */
  readonly clientBytes: number;
  readonly serverBytes: number;
  /** Frames of the first and the last of them, and the nanoseconds between these. */
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly duration: number;
}

/** Nothing passed for so long (nanoseconds). */
interface FlowPause {
  readonly kind: 'pause';
  readonly duration: number;
}

export type FlowItem = FlowArrow | FlowFold | FlowPause;

export interface Flow {
  readonly connection: Connection;
  /** States before the first packet. */
  readonly before: { readonly client: StateName; readonly server: StateName };
  readonly items: readonly FlowItem[];
}

export interface FlowOptions {
  /** Draws every packet, up to `most`. */
  readonly isWhole?: boolean;
  /** Arrows, at most `MAX_ARROWS`. */
  readonly most?: number;
}

/** Packets of a run of plain ones that are drawn at its beginning and at its end. */
const HEAD = 3;
const TAIL = 2;
/** Fewer than these are not worth a fold. */
const MIN_FOLD = 3;
/** A pause that is drawn: nanoseconds. */
const PAUSE = 500e6;
/** A diagram of more arrows is no picture any more; the rest is one fold. */
const MAX_ARROWS = 5000;

/** Takes the rows of one connection in their order and folds what is plain. Memory is bounded by `MAX_ARROWS` rows. */
export class FlowBuilder {
  private readonly isWhole: boolean;
  private readonly most: number;
  private readonly items: (PacketRow | FlowFold)[] = [];
  /** The latest plain rows, which may become the end of a fold. */
  private readonly tail: PacketRow[] = [];
  private plainRun = 0;
  private fold: Fold | null = null;

  constructor({ isWhole = false, most = MAX_ARROWS }: FlowOptions = {}) {
    this.isWhole = isWhole;
    this.most = Math.min(most, MAX_ARROWS);
  }

  take(row: PacketRow): void {
    if (this.items.length >= this.most) {
      this.intoFold(row);
      return;
    }
    if (this.isWhole || !isPlain(row)) {
      this.closeRun();
      this.plainRun = 0;
      this.items.push(row);
      return;
    }
    if (++this.plainRun <= HEAD) {
      this.items.push(row);
      return;
    }
    this.tail.push(row);
    if (this.tail.length > TAIL) this.intoFold(this.tail.shift()!);
  }

  /** The diagram; null where no row came. */
  build(): Flow | null {
    this.closeRun();
    const first = this.items[0];
    if (first === undefined || 'kind' in first) return null;
    return {
      connection: first.connection,
      before: {
        client: nameAt(first.connection.client.timeline, first.view.frame - 1),
        server: nameAt(first.connection.server.timeline, first.view.frame - 1),
      },
      items: drawn(this.items),
    };
  }

  private intoFold(row: PacketRow): void {
    this.fold ??= new Fold(row);
    this.fold.add(row);
  }

  /** What was folded so far, then the rows that stand between it and what follows. */
  private closeRun(): void {
    const { fold } = this;
    if (fold !== null) this.items.push(...(fold.rows === null ? [fold.close()] : fold.rows));
    this.fold = null;
    this.items.push(...this.tail.splice(0));
  }
}

class Fold {
  /** The rows themselves while they are too few to be folded. */
  rows: PacketRow[] | null = [];
  private segments = 0;
  private clientBytes = 0;
  private serverBytes = 0;
  private readonly first: PacketRow;
  private last: PacketRow;

  constructor(first: PacketRow) {
    this.first = first;
    this.last = first;
  }

  add(row: PacketRow): void {
    if (++this.segments >= MIN_FOLD) this.rows = null;
    else this.rows?.push(row);
    if (row.sender.isClient) this.clientBytes += row.view.payloadLength;
    else this.serverBytes += row.view.payloadLength;
    this.last = row;
  }

  close(): FlowFold {
    return {
      kind: 'fold',
      segments: this.segments,
      clientBytes: this.clientBytes,
      serverBytes: this.serverBytes,
      firstFrame: this.first.view.frame,
      lastFrame: this.last.view.frame,
      duration: Math.max(this.last.sinceStart - this.first.sinceStart, 0),
    };
  }
}

/** In order, unremarkable, and neither a change of state nor a pause comes with it. */
function isPlain(row: PacketRow): boolean {
  const { view, verdict, findings, connection } = row;
  if (view.flags & (SYN | FIN | RST) || findings.length > 0 || row.sincePrevious >= PAUSE) return false;
  if (verdict !== null && ((verdict.kind !== Kind.NEW && verdict.kind !== Kind.ACK) || verdict.fate === Fate.LOST))
    return false;
  return !changesAt(connection.client.timeline, view.frame) && !changesAt(connection.server.timeline, view.frame);
}

function drawn(items: readonly (PacketRow | FlowFold)[]): FlowItem[] {
  const result: FlowItem[] = [];
  let crossing: PacketRow | null = null;
  items.forEach((item, i) => {
    if ('kind' in item) {
      result.push(item);
      return;
    }
    if (result.length > 0 && item.sincePrevious >= PAUSE) result.push({ kind: 'pause', duration: item.sincePrevious });
    const next = items[i + 1];
    if (crossing !== null) {
      result.push(arrowOf(item, courseOf(item), 'first'), arrowOf(crossing, 'arrival', 'last', item.view.frame));
      crossing = null;
    } else if (next !== undefined && !('kind' in next) && crosses(item, next)) {
      result.push(arrowOf(item, 'departure', 'last'));
      crossing = item;
    } else result.push(arrowOf(item, courseOf(item), 'last'));
  });
  return result;
}

function courseOf({ verdict }: PacketRow): Course {
  if (verdict?.fate === Fate.LOST) return 'lost';
  return verdict?.kind === Kind.REORDERED ? 'arrival' : 'whole';
}

/** SYNs or FINs of both ends, the second of which left before the first arrived: it does not acknowledge it. */
function crosses(first: PacketRow, second: PacketRow): boolean {
  const control = SYN | FIN;
  if (!(first.view.flags & control) || (first.view.flags & control) !== (second.view.flags & control)) return false;
  if (first.sender === second.sender || first.verdict?.fate === Fate.LOST) return false;
  return second.ack < first.end;
}

/** `part`: with two changes of one end at one packet, what its own sending brought, or all. */
function arrowOf(row: PacketRow, course: Course, part: 'first' | 'last', frame = row.view.frame): FlowArrow {
  const { client, server } = row.connection;
  const state = ({ timeline }: { timeline: Timeline }): EndState => ({
    name: part === 'first' ? nameAfterFirst(timeline, frame) : nameAt(timeline, frame),
    isNew: changesAt(timeline, frame),
  });
  return { kind: 'arrow', row, course, client: state(client), server: state(server) };
}

function nameAt(timeline: Timeline, frame: number): StateName {
  return STATE_NAMES[timeline.stateAt(frame)];
}

function nameAfterFirst(timeline: Timeline, frame: number): StateName {
  const before = timeline.indexAt(frame - 1);
  const at = timeline.indexAt(frame);
  return at > before ? STATE_NAMES[timeline.stateOf(before + 1)] : nameAt(timeline, frame);
}

function changesAt(timeline: Timeline, frame: number): boolean {
  const at = timeline.indexAt(frame);
  return at >= 0 && timeline.frameOf(at) === frame;
}
