import { DOUBLE_ZERO } from '../model/packed.ts';
import type { CaptureRecord } from '../model/record.ts';

/** Records that are needed before even intervals or whole seconds are no chance. */
const FEW = 5;
/** A time in which no packet came (ns) that no single capture holds. */
const LONGEST_PAUSE = 30 * 86_400e9;
const SECOND = 1e9;
/** Seams that are remembered. */
const MOST_SEAMS = 16;

/** What the times of all records show, as plain data. */
export interface RecordTimesFacts {
  readonly records: number;
  readonly interval: number;
  readonly isEven: boolean;
  readonly isWhole: boolean;
  readonly sameTime: boolean;
  readonly seams: readonly number[];
}

/**
 * The times of a capture's records: where one capture ends and another begins, and whether they are too regular for a clock. Each is
 * a supposition that the first record against it refutes.
 */
export class RecordTimes {
  count = 0;
  private latest: number = DOUBLE_ZERO;
  /** From each record to the next (ns), while all are equal. */
  interval = -1;
  private isEven = true;
  private isWhole = true;
  private sameTime = true;
  /** Frames before which the time goes back by a second and more, or forward by very much. */
  readonly seams: number[] = [];

  /** Every record of the capture, in its order. */
  see({ number: frame, time }: Pick<CaptureRecord, 'number' | 'time'>): void {
    const interval = time - this.latest;
    if (this.count++ > 0) {
      if (interval !== 0) this.sameTime = false;
      if (this.isEven) {
        if (this.interval < 0) this.interval = interval;
        else if (Math.abs(interval - this.interval) > 1) this.isEven = false;
      }
      if (this.isWhole && interval % SECOND !== 0) this.isWhole = false;
      if (interval > LONGEST_PAUSE) this.seam(frame);
    }
    this.latest = time;
  }

  /** The time goes back by a second and more at this frame, or forward by very much. */
  seam(frame: number): void {
    if (this.seams.length < MOST_SEAMS) this.seams.push(frame);
  }

  /** One capture may end and another begin between these frames. Known when the input has ended. */
  isSeam(before: number, after: number): boolean {
    return this.seams.some((frame) => before < frame && frame <= after);
  }

  /** How regular the times are, where no clock makes them so. */
  get regularity(): 'equal' | 'even' | 'whole-seconds' | null {
    if (this.count < 2) return null;
    if (this.sameTime) return 'equal';
    if (this.count >= FEW && this.isEven) return 'even';
    return this.count >= FEW && this.isWhole ? 'whole-seconds' : null;
  }

  gathered(): RecordTimesFacts {
    const { count: records, interval, isEven, isWhole, sameTime, seams } = this;
    return { records, interval, isEven, isWhole, sameTime, seams: [...seams] };
  }

  /** Takes up what was gathered elsewhere of all records. */
  join(of: RecordTimesFacts): void {
    this.count = of.records;
    this.interval = of.interval;
    this.isEven = of.isEven;
    this.isWhole = of.isWhole;
    this.sameTime = of.sameTime;
    this.seams.push(...of.seams);
  }
}
