import { MAX_RECORD_LENGTH, RESYNC_RECORD_LENGTH } from './limits.ts';

export const Chain = { NO: 0, FOUND: 1, WAIT: 2 } as const;

/** So many headers in a row have to make sense before records are believed again. */
const LINKS = 3;
/** Seconds that a record after damage may be away from those before it. */
const NEAR = 30 * 86400;

/**
 * Finds the next record after damage. The format has no marks to search for, so a place is believed to be a record header
 * when it leads to another and that one to a third, with lengths and times that fit.
 *
 * The answers depend only on bytes of the file, never on how they came in: where more of them are needed, it says so.
 */
export class PcapResync {
  /** After `WAIT`: how many bytes from `at` on. Bounded by three records of `RESYNC_RECORD_LENGTH`. */
  need = 0;
  /** Records that are followed to the end in search of one: a hostile file could make that quadratic. */
  private budget = 1_000_000;
  private readonly littleEndian: boolean;
  private readonly headerLength: number;
  private readonly fractionLimit: number;
  private readonly lengthLimit: number;

  constructor(littleEndian: boolean, headerLength: number, fractionLimit: number, hardLimit: number) {
    this.littleEndian = littleEndian;
    this.headerLength = headerLength;
    this.fractionLimit = fractionLimit;
    this.lengthLimit = Math.min(hardLimit, RESYNC_RECORD_LENGTH);
  }

  /** The cheap test, run at every byte. A whole header must be there. */
  mayBegin(data: DataView, at: number): boolean {
    const captured = data.getUint32(at + 8, this.littleEndian);
    if (captured === 0 || captured > this.lengthLimit) return false;
    const original = data.getUint32(at + 12, this.littleEndian);
    return (
      original >= captured &&
      original <= MAX_RECORD_LENGTH &&
      data.getUint32(at + 4, this.littleEndian) < this.fractionLimit
    );
  }

  /** Follows the records from `at`. `first` and `last` are the seconds of the records before the damage, -1 without. */
  chain(data: DataView, at: number, end: number, ending: boolean, first: number, last: number): number {
    let p = at;
    for (let links = 0; links < LINKS; links++) {
      if (end - p < this.headerLength) {
        // A file that ends exactly after a record, or inside the second one, has no third header to show.
        if (ending) return (p === end && links > 0) || links > 1 ? Chain.FOUND : Chain.NO;
        this.need = p - at + this.headerLength;
        return Chain.WAIT;
      }
      if (!this.mayBegin(data, p)) return Chain.NO;
      const seconds = data.getUint32(p, this.littleEndian);
      if (first >= 0) {
        if (Math.abs(seconds - first) > NEAR && Math.abs(seconds - last) > NEAR) return Chain.NO;
      } else if (links > 0) {
        if (Math.abs(seconds - last) > NEAR) return Chain.NO;
      } else if (seconds === 0) return Chain.NO;
      if (first < 0) last = seconds;
      p += this.headerLength + data.getUint32(p + 8, this.littleEndian);
    }
    return Chain.FOUND;
  }

  /** Do at least two records from `at` on end exactly with the file? */
  chainToEnd(data: DataView, at: number, end: number, first: number, last: number): boolean {
    if (this.chain(data, at, end, true, first, last) !== Chain.FOUND) return false;
    let p = at;
    let links = 0;
    while (end - p >= this.headerLength && this.mayBegin(data, p) && this.budget-- > 0) {
      p += this.headerLength + data.getUint32(p + 8, this.littleEndian);
      links++;
    }
    return p === end && links > 1;
  }
}
