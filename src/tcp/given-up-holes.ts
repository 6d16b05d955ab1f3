/** Holes given up that are remembered, to recognise bytes that come too late. */
const MAX_GIVEN_UP = 64;

/** The latest holes that were given up. */
export class GivenUpHoles {
  private readonly holes: { start: number; end: number }[] = [];

  add(start: number, end: number): void {
    if (this.holes.length === MAX_GIVEN_UP) this.holes.shift();
    this.holes.push({ start, end });
  }

  /** Calls `visit` for what of `[start, end)` lies in each of them. */
  within(start: number, end: number, visit: (start: number, end: number) => void): void {
    for (const hole of this.holes) {
      const from = Math.max(start, hole.start);
      const to = Math.min(end, hole.end);
      if (from < to) visit(from, to);
    }
  }
}
