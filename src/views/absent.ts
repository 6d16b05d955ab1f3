/**
 * Packets that a vantage does not hold, by their place in the sequence space: a tree over them in the order of their first
 * byte, with the earliest time and the farthest end of what is below each node. A search costs the logarithm of their number
 * for each that it finds, also where very many carry the same bytes.
 */
export class Absent {
  private readonly packets: Int32Array;
  private readonly from: Float64Array;
  /** Leaves are at `size` and after it. */
  private readonly size: number;
  private readonly to: Float64Array;
  private readonly time: Float64Array;
  private readonly leafOf = new Map<number, number>();

  /** `from`, `to` (after its last byte) and `time` of each of `packets`; those without any bytes are left out. */
  constructor(packets: readonly number[], from: readonly number[], to: readonly number[], time: readonly number[]) {
    this.packets = Int32Array.from(packets.filter((k) => to[k] > from[k])).sort((x, y) => from[x] - from[y] || x - y);
    const { length } = this.packets;
    this.from = Float64Array.from(this.packets, (k) => from[k]);
    let size = 1;
    while (size < length) size *= 2;
    this.size = size;
    this.to = new Float64Array(2 * size).fill(Number.NEGATIVE_INFINITY);
    this.time = new Float64Array(2 * size).fill(Number.POSITIVE_INFINITY);
    this.packets.forEach((k, place) => {
      this.leafOf.set(k, size + place);
      this.to[size + place] = to[k];
      this.time[size + place] = time[k];
    });
    for (let node = size - 1; node > 0; node--) this.sum(node);
  }

  /** Those with a byte of `[from, to)` that came by not after `time`, in the order of their first byte. */
  overlapping(from: number, to: number, time: number): number[] {
    const found: number[] = [];
    this.collect(1, 0, this.size, this.placesBefore(to), from, time, found);
    return found;
  }

  /** It is not found any more. */
  remove(packet: number): void {
    let node = this.leafOf.get(packet);
    if (node === undefined) return;
    this.to[node] = Number.NEGATIVE_INFINITY;
    this.time[node] = Number.POSITIVE_INFINITY;
    for (node >>= 1; node > 0; node >>= 1) this.sum(node);
  }

  private collect(
    node: number,
    start: number,
    width: number,
    end: number,
    from: number,
    time: number,
    found: number[],
  ): void {
    if (start >= end || this.to[node] <= from || this.time[node] > time) return;
    if (width === 1) {
      found.push(this.packets[start]);
      return;
    }
    const half = width / 2;
    this.collect(2 * node, start, half, end, from, time, found);
    this.collect(2 * node + 1, start + half, half, end, from, time, found);
  }

  /** How many begin before `to`. */
  private placesBefore(to: number): number {
    let low = 0;
    let high = this.from.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.from[middle] < to) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private sum(node: number): void {
    this.to[node] = Math.max(this.to[2 * node], this.to[2 * node + 1]);
    this.time[node] = Math.min(this.time[2 * node], this.time[2 * node + 1]);
  }
}
