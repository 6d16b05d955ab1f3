import type { PacketRow } from '../model/row.ts';
import { Fate, Kind } from '../model/verdict.ts';

/** A finding of severity warning or error, or a verdict that is not that of a plain packet. */
export function isProblem({ findings, verdict }: PacketRow): boolean {
  if (findings.some(({ severity }) => severity !== 'info')) return true;
  if (verdict === null) return false;
  return (verdict.kind !== Kind.NEW && verdict.kind !== Kind.ACK) || verdict.fate === Fate.LOST;
}

export interface ProblemSink {
  take(row: PacketRow): void;
  /** So many packets are left out here. */
  gap?(packets: number): void;
}

/** Lets the packets with problems pass, and so many before and after each of them. */
export class Problems {
  private readonly context: number;
  private readonly sink: ProblemSink;
  /** The latest packets that may stand before a problem. */
  private readonly before: PacketRow[] = [];
  private after = 0;
  private leftOut = 0;
  found = 0;

  constructor(context: number, sink: ProblemSink) {
    this.context = context;
    this.sink = sink;
  }

  take(row: PacketRow): void {
    if (isProblem(row)) {
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
