/** Places for them. A power of two. */
const REMEMBERED = 1 << 18;

/**
 * The sockets of connections that were evicted, the latest for each place, by their keyed hash and their mixed key (of so many hashes of
 * 32 bits alone, one in a hundred floods would be another connection's); and their stream numbers.
 */
export class LeftSockets {
  private readonly hashes = new Int32Array(REMEMBERED);
  private readonly mixed = new Int32Array(REMEMBERED);
  /** One more than the number, 0 without. */
  private readonly ids = new Int32Array(REMEMBERED);

  /** The stream number of the connection with that hash and mixed key, -1 without. */
  idOf(hash: number, mixed: number): number {
    const place = hash & (REMEMBERED - 1);
    return this.hashes[place] === hash && this.mixed[place] === mixed ? this.ids[place] - 1 : -1;
  }

  note(hash: number, mixed: number, id: number): void {
    const place = hash & (REMEMBERED - 1);
    this.hashes[place] = hash;
    this.mixed[place] = mixed;
    this.ids[place] = id + 1;
  }
}
