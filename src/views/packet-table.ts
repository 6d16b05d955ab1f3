/** Vantages that one comparison can have: bits of `missed`. */
export const MAX_VANTAGES = 16;

/** What became of a packet between the last vantage that saw it and the next on its way. */
export const Fate = {
  /** It was seen at the last vantage of its way, or nothing tells. */
  UNKNOWN: 0,
  /** Lost between `lostFrom` and `lostTo`. */
  LOST: 1,
  /** It passed the last vantage of its way, although that capture may not hold it. */
  PASSED: 2,
} as const;

/** Where a packet came from that an earlier vantage of its way does not have. */
export const Origin = {
  /** From its sender: an earlier vantage that does not hold it missed it. */
  SENDER: 0,
  /** The network made a second one of a packet. */
  DUPLICATED: 1,
  /** Something on the way sent it in the name of its sender. */
  INSERTED: 2,
} as const;

/**
 * Packets of the wire, as columns: one row a packet, with its index in the sightings of each vantage, or -1. Where offload
 * merged several packets into one frame at some vantages, a row is the part of the stream that is the smallest unit at any
 * of them, and the frame is in several rows.
 */
export class PacketTable {
  length = 0;
  readonly vantages: number;
  readonly at: Int32Array[];
  /** -1 for a row that has become part of others: nothing else of it counts. */
  stream = new Int32Array(0);
  /** 0 from the client, 1 from the server. */
  direction = new Uint8Array(0);
  /** Of a part: its first sequence number, in the numbers of its stream, and its length; -1 for a whole packet. */
  partSeq = new Uint32Array(0);
  partLength = new Int32Array(0);
  fate = new Uint8Array(0);
  origin = new Uint8Array(0);
  /** Vantages between which it was lost (or made), -1 without. */
  lostFrom = new Int8Array(0);
  lostTo = new Int8Array(0);
  madeFrom = new Int8Array(0);
  madeTo = new Int8Array(0);
  /** Vantages that it passed and that do not hold it, a bit each. */
  missed = new Uint16Array(0);

  constructor(vantages: number) {
    if (vantages > MAX_VANTAGES) throw new RangeError(`at most ${MAX_VANTAGES} vantages`);
    this.vantages = vantages;
    this.at = Array.from({ length: vantages }, () => new Int32Array(0));
  }

  /** A new row without sightings. Returns its index. */
  add(stream: number, direction: number): number {
    if (this.length === this.stream.length) this.grow();
    const row = this.length++;
    this.stream[row] = stream;
    this.direction[row] = direction;
    this.partLength[row] = -1;
    this.lostFrom[row] = -1;
    this.lostTo[row] = -1;
    this.madeFrom[row] = -1;
    this.madeTo[row] = -1;
    for (const column of this.at) column[row] = -1;
    return row;
  }

  private grow(): void {
    const size = Math.max(1024, 2 * this.length);
    const ints = (from: Int32Array): Int32Array<ArrayBuffer> => filled(new Int32Array(size), from);
    const bytes = (from: Int8Array): Int8Array<ArrayBuffer> => filled(new Int8Array(size), from);
    const octets = (from: Uint8Array): Uint8Array<ArrayBuffer> => filled(new Uint8Array(size), from);
    for (let v = 0; v < this.vantages; v++) this.at[v] = ints(this.at[v]);
    this.stream = ints(this.stream);
    this.direction = octets(this.direction);
    this.partSeq = filled(new Uint32Array(size), this.partSeq);
    this.partLength = ints(this.partLength);
    this.fate = octets(this.fate);
    this.origin = octets(this.origin);
    this.lostFrom = bytes(this.lostFrom);
    this.lostTo = bytes(this.lostTo);
    this.madeFrom = bytes(this.madeFrom);
    this.madeTo = bytes(this.madeTo);
    this.missed = filled(new Uint16Array(size), this.missed);
  }
}

function filled<T extends { set(from: ArrayLike<number>): void }>(to: T, from: ArrayLike<number>): T {
  to.set(from);
  return to;
}
