/** Words in one piece of memory; a power of two. */
const PIECE_BITS = 15;
const PIECE = 1 << PIECE_BITS;
/** Words before those that differ: stream number, standing, and the time of the latest packet as a double. */
const ID = 0;
const STANDING = 1;
const LATEST = 2;
const HEAD = 4;
/** A record has a multiple of so many words: the next one in its place may be a little longer. */
const STEP = 8;

/**
 * The words of connections that rest: of each only those that differ from what a new connection has, and which they are. A record
 * is known by its place.
 */
export class RestingConnections {
  private readonly blank: Int32Array;
  /** Words that say which differ. */
  private readonly masks: number;
  private readonly pieces: Int32Array[] = [];
  private used = PIECE;
  /** Places of records that were taken out, by how many steps they have. */
  private free: number[][] = [];
  /** Masks and words of the one that is being written down. */
  private readonly differing: Int32Array;
  private readonly time = new Float64Array(1);
  private readonly timeWords = new Int32Array(this.time.buffer);
  length = 0;

  /** `blank`: the words of a new connection. */
  constructor(blank: Int32Array) {
    this.blank = blank.slice();
    this.masks = Math.ceil(blank.length / 32);
    this.differing = new Int32Array(this.masks + blank.length);
  }

  /** Makes `words` those of a new connection. */
  clear(words: Int32Array): void {
    words.set(this.blank);
  }

  /** Writes down a connection, with what decides when it leaves; returns the place of its record. */
  add(words: Int32Array, id: number, standing: number, latest: number): number {
    const { blank, masks, differing } = this;
    // Only now: whoever took out the last one may still have asked for its number.
    if (this.length === 0) this.release();
    let count = masks;
    for (let m = 0, i = 0; m < masks; m++) {
      let mask = 0;
      for (const until = Math.min(i + 32, blank.length); i < until; i++) {
        const word = words[i];
        if (word === blank[i]) continue;
        mask |= 1 << i;
        differing[count++] = word;
      }
      differing[m] = mask;
    }
    const place = this.take(HEAD + count);
    const piece = this.pieces[place >>> PIECE_BITS];
    const at = place & (PIECE - 1);
    piece[at + ID] = id;
    piece[at + STANDING] = standing;
    this.time[0] = latest;
    piece[at + LATEST] = this.timeWords[0];
    piece[at + LATEST + 1] = this.timeWords[1];
    for (let i = 0; i < count; i++) piece[at + HEAD + i] = differing[i];
    this.length++;
    return place;
  }

  /** Makes `words` those that were written down. */
  read(place: number, words: Int32Array): void {
    const { blank, masks } = this;
    const piece = this.pieces[place >>> PIECE_BITS];
    const at = (place & (PIECE - 1)) + HEAD;
    let from = at + masks;
    words.set(blank);
    for (let m = 0; m < masks; m++) {
      for (let mask = piece[at + m]; mask !== 0; mask &= mask - 1) {
        // The lowest bit that is set.
        const bit = 31 - Math.clz32(mask & -mask);
        words[(m << 5) | bit] = piece[from++];
      }
    }
  }

  /** Takes a record out: its place is used again. */
  remove(place: number): void {
    const { masks } = this;
    const piece = this.pieces[place >>> PIECE_BITS];
    const at = place & (PIECE - 1);
    let count = HEAD + masks;
    for (let m = 0; m < masks; m++) {
      for (let mask = piece[at + HEAD + m]; mask !== 0; mask &= mask - 1) count++;
    }
    this.freeOf(stepsOf(count)).push(place);
    this.length--;
  }

  standingOf(place: number): number {
    return this.pieces[place >>> PIECE_BITS][(place & (PIECE - 1)) + STANDING];
  }

  /** Its stream number. */
  idOf(place: number): number {
    return this.pieces[place >>> PIECE_BITS][(place & (PIECE - 1)) + ID];
  }

  /** The time of its latest packet (ns). */
  latestOf(place: number): number {
    const piece = this.pieces[place >>> PIECE_BITS];
    const at = place & (PIECE - 1);
    this.timeWords[0] = piece[at + LATEST];
    this.timeWords[1] = piece[at + LATEST + 1];
    return this.time[0];
  }

  private take(count: number): number {
    const steps = stepsOf(count);
    const place = this.freeOf(steps).pop();
    if (place !== undefined) return place;
    if (this.used + steps * STEP > PIECE) {
      this.pieces.push(new Int32Array(PIECE));
      this.used = 0;
    }
    this.used += steps * STEP;
    return ((this.pieces.length - 1) << PIECE_BITS) + this.used - steps * STEP;
  }

  private freeOf(steps: number): number[] {
    for (let i = this.free.length; i <= steps; i++) this.free.push([]);
    return this.free[steps];
  }

  /** None is left. */
  private release(): void {
    this.pieces.length = 0;
    this.used = PIECE;
    this.free = [];
  }
}

function stepsOf(count: number): number {
  return Math.ceil(count / STEP);
}
