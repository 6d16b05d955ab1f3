import { GRAVITY, type Severity } from '../model/finding.ts';
import type { PacketRow } from '../model/row.ts';
import { Fate, Kind } from '../model/verdict.ts';

/** A finding of severity warning or error, or a verdict that is not that of a plain packet. */
export function isProblem(row: PacketRow): boolean {
  if (row.findings.some(({ severity }) => severity !== 'info')) return true;
  return !isPlain(row);
}

/** New data or an ACK that arrived, or of which it is not known. */
export function isPlain({ verdict }: PacketRow): boolean {
  if (verdict === null) return true;
  return (verdict.kind === Kind.NEW || verdict.kind === Kind.ACK) && verdict.fate !== Fate.LOST;
}

/** A finding of that severity or a graver one is attached to it. */
export function isOfSeverity({ findings }: PacketRow, least: Severity): boolean {
  return findings.some(({ severity }) => GRAVITY[severity] >= GRAVITY[least]);
}

export interface PickedSink {
  take(row: PacketRow): void;
  /** So many packets are left out here. */
  gap?(packets: number): void;
}

/** Lets the packets pass that are wanted, and so many before and after each of them. */
export class Picked {
  private readonly isWanted: (row: PacketRow) => boolean;
  private readonly context: number;
  private readonly sink: PickedSink;
  /** The latest packets that may stand before a wanted one. */
  private readonly before: PacketRow[] = [];
  private after = 0;
  private leftOut = 0;
  found = 0;

  constructor(isWanted: (row: PacketRow) => boolean, context: number, sink: PickedSink) {
    this.isWanted = isWanted;
    this.context = context;
    this.sink = sink;
  }

  take(row: PacketRow): void {
    if (this.isWanted(row)) {
      this.found++;
      this.after = this.context;
      this.mark();
      for (const earlier of this.before.splice(0)) this.sink.take(earlier);
      this.sink.take(row);
    } else if (this.after > 0) {
      this.after--;
      this.sink.take(row);
    } else {
      this.before.push(row);
      if (this.before.length > this.context) {
        this.before.shift();
        this.leftOut++;
      }
    }
  }

  /** There are no more. */
  end(): void {
    this.leftOut += this.before.splice(0).length;
    this.mark();
  }

  private mark(): void {
    if (this.leftOut > 0) this.sink.gap?.(this.leftOut);
    this.leftOut = 0;
  }
}
