/** A set of numbers as sorted, disjoint ranges `[from, to)`. */
export class Ranges {
  private readonly edges: number[] = [];

  /** The parts of `[from, to)` that are not in it. */
  missing(from: number, to: number): [number, number][] {
    const { edges } = this;
    const parts: [number, number][] = [];
    for (let i = this.firstAfter(from); i < edges.length && edges[i] < to; i += 2) {
      if (edges[i] > from) parts.push([from, edges[i]]);
      from = Math.max(from, edges[i + 1]);
    }
    if (from < to) parts.push([from, to]);
    return parts;
  }

  add(from: number, to: number): void {
    if (from >= to) return;
    const { edges } = this;
    const start = this.firstAfter(from - 1);
    let end = start;
    while (end < edges.length && edges[end] <= to) {
      from = Math.min(from, edges[end]);
      to = Math.max(to, edges[end + 1]);
      end += 2;
    }
    edges.splice(start, end - start, from, to);
  }

  /** Place of the first range that ends after `value`. */
  private firstAfter(value: number): number {
    const { edges } = this;
    let low = 0;
    let high = edges.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[2 * middle + 1] <= value) low = middle + 1;
      else high = middle;
    }
    return 2 * low;
  }
}
