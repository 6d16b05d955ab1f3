import type { PacketRow } from './model/row.ts';

/** Bounds of the delay between a packet and its row. */
export interface Horizon {
  /** Longest time (ns, by the capture's clock) that a row waits for evidence; 0 releases it at once. */
  time: number;
  /** Most rows that wait. */
  rows: number;
}

/** Rows that are looked through for one. */
const FAR_BACK = 1024;
/** So many rows come before one is asked whether it can leave early. They are still in the cache of the processor, and most of them have been answered. */
const ANSWERED = 1024;

/** Takes rows before their turn: what it makes of them waits in less memory than a row. */
export interface EarlyRows {
  /** Nothing is open about the row, which waits for earlier ones. */
  take(row: PacketRow): void;
  /** It is the turn of the first of those that were taken. */
  turn(): void;
  /** So many rows come before one is asked; `ANSWERED` without. */
  readonly after?: number;
}

/**
 * Holds rows in the order of capture until their questions are closed or their horizon has passed. The horizon runs on the
 * capture's clock and on row counts, so a file and a pipe release the same rows with the same verdicts; who reads a live
 * input calls `releaseFirst` when it stands still.
 */
export class RowQueue {
  /** Those before `head` have left; null from there on: left early. */
  private rows: (PacketRow | null)[] = [];
  private head = 0;
  /** Those before were asked whether they can leave early. */
  private asked = 0;
  /** Rows that left with open questions only because too many waited. */
  hurried = 0;
  /** Rows that ever came, and that have left. */
  pushed = 0;
  private left = 0;
  private readonly horizon: Horizon;
  private readonly sink: (row: PacketRow) => void;
  private readonly early: EarlyRows | null;

  constructor(horizon: Horizon, sink: (row: PacketRow) => void, early: EarlyRows | null = null) {
    this.horizon = horizon;
    this.sink = sink;
    this.early = early;
  }

  get length(): number {
    return this.rows.length - this.head;
  }

  push(row: PacketRow): void {
    this.rows.push(row);
    this.pushed++;
  }

  /** The latest of the rows that still wait, and are not too far back, that `is` it; null without. */
  latest(is: (row: PacketRow) => boolean): PacketRow | null {
    const { rows } = this;
    const last = Math.max(this.head, rows.length - FAR_BACK);
    for (let i = rows.length - 1; i >= last; i--) {
      const row = rows[i];
      if (row !== null && is(row)) return row;
    }
    return null;
  }

  /** Releases what may leave at capture time `now` (nanoseconds). */
  release(now: number): void {
    const { rows, horizon } = this;
    while (this.head < rows.length) {
      const row = rows[this.head];
      if (row?.isOpen && now - row.view.time < horizon.time) {
        if (this.length <= horizon.rows) break;
        this.hurried++;
      }
      this.leave(row);
    }
    if (this.early !== null) this.takeEarly(this.early);
    this.shrink();
  }

  /** Those that only wait for earlier ones: each is asked once, when enough others have come after it. */
  private takeEarly(early: EarlyRows): void {
    const { rows } = this;
    const end = rows.length - (early.after ?? ANSWERED);
    if (this.asked < this.head) this.asked = this.head;
    for (; this.asked < end; this.asked++) {
      const row = rows[this.asked]!;
      if (row.isOpen) continue;
      rows[this.asked] = null;
      early.take(row);
    }
  }

  /** Releases those of the first `count` rows that are still waiting, whatever is open about them. */
  releaseFirst(count: number): void {
    while (this.left < count && this.head < this.rows.length) this.leave(this.rows[this.head]);
    this.shrink();
  }

  /** Releases the rows of connections that leave the analysis (`hasLeft`), before those of others that came earlier. */
  releaseOfLeft(): void {
    const { rows } = this;
    let kept = this.head;
    for (let i = this.head; i < rows.length; i++) {
      const row = rows[i]!;
      if (row.connection.hasLeft) {
        this.left++;
        this.sink(row);
      } else rows[kept++] = row;
    }
    rows.length = kept;
  }

  private leave(row: PacketRow | null): void {
    this.rows[this.head++] = null;
    this.left++;
    if (row === null) this.early!.turn();
    else this.sink(row);
  }

  private shrink(): void {
    const { rows } = this;
    if (this.head > 1024 && this.head * 2 > rows.length) {
      this.rows = rows.slice(this.head);
      this.asked -= this.head;
      this.head = 0;
    }
  }

  flush(): void {
    this.releaseFirst(this.pushed);
    this.rows = [];
    this.head = this.asked = 0;
  }
}
