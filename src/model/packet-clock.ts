/**
 * The time at each packet by a clock that never goes back, while the order of events is that of the capture.
 *
 * It is the running maximum of the time stamps. One that the very next packet does not bear out is not believed, so that a
 * single stray time stamp ahead does not take all that follows with it.
 */
export class PacketClock {
  private readonly frames: number[] = [];
  private readonly times: number[] = [];
  /** Time stamp of the latest packet. */
  private stamp = 0;

  /** Takes the packets in the order of the capture. */
  note(frame: number, time: number): void {
    const latest = this.times.length - 1;
    if (latest >= 0) this.times[latest] = Math.max(this.times[latest - 1] ?? 0, Math.min(this.stamp, time));
    this.stamp = time;
    this.frames.push(frame);
    this.times.push(Math.max(this.times[latest] ?? 0, time));
  }

  /** The time when packet `frame` had passed: 0 before the first. */
  timeAt(frame: number): number {
    return this.times[countUpTo(this.frames, frame) - 1] ?? 0;
  }

  /** The last packet that had passed at `time`: 0 before the first. */
  frameAt(time: number): number {
    return this.frames[countUpTo(this.times, time) - 1] ?? 0;
  }
}

/** How many of the ascending `values` are at most `limit`. */
function countUpTo(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
