import { FixedText, type TextBytes } from './text-bytes.ts';

/** Rows of so many sorts are remembered: more than flows send by turns, and few enough to stay in the cache of the processor. */
const PLACES = 256;

/** What rows that are alike have in common, as it was written for the latest of each sort. */
export class KeptTexts {
  private readonly keys = new Float64Array(PLACES).fill(-1);
  private readonly texts = Array.from({ length: PLACES }, () => new FixedText(''));

  /** Writes the text of `key` (a whole number from 0 on). False, and nothing written, where it is not known. */
  write(key: number, out: TextBytes): boolean {
    const place = key % PLACES;
    if (this.keys[place] !== key) return false;
    out.fixed(this.texts[place]);
    return true;
  }

  /** What `out` has from `start` on is the text of `key`. */
  keep(key: number, out: TextBytes, start: number): void {
    const place = key % PLACES;
    this.keys[place] = key;
    out.copyTo(this.texts[place], start);
  }
}
