/** Urgent pointers ahead of the stream that are remembered. */
const MAX_URGENT = 256;

/** Numbers ahead of the stream that urgent pointers name (RFC 9293 section 3.8.5), in order. */
export class UrgentMarks {
  private readonly marks: number[] = [];

  /** False when there are too many. */
  add(at: number): boolean {
    const { marks } = this;
    let i = marks.length;
    while (i > 0 && marks[i - 1] > at) i--;
    if (i > 0 && marks[i - 1] === at) return true;
    if (marks.length >= MAX_URGENT) return false;
    marks.splice(i, 0, at);
    return true;
  }

  /** Takes out the first one below `end`; null when there is none. */
  takeBelow(end: number): number | null {
    return this.marks.length > 0 && this.marks[0] < end ? this.marks.shift()! : null;
  }

  clear(): void {
    this.marks.length = 0;
  }
}
