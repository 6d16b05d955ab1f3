import { formatBytes, formatCount } from '../model/units.ts';

/** Milliseconds before the first sign of life, and between two of them. */
const DELAY = 300;
const INTERVAL = 100;
const CLEAR = '\r\x1b[K';

/** One line that tells how far the reading has come; for terminals only. */
export class Progress {
  private readonly stream: NodeJS.WriteStream;
  private readonly packets: () => number;
  private readonly begin = performance.now();
  private shownAt = this.begin + DELAY - INTERVAL;
  private isShown = false;
  private readonly size: number | null;
  private taken = 0;

  /** `size` is what there is to read, null when nobody knows. */
  constructor(stream: NodeJS.WriteStream, size: number | null, packets: () => number) {
    this.stream = stream;
    this.size = size;
    this.packets = packets;
  }

  advance(bytes: number): void {
    this.taken += bytes;
    const now = performance.now();
    if (now - this.shownAt < INTERVAL) return;
    this.shownAt = now;
    this.isShown = true;
    this.stream.write(CLEAR + progressText(this.taken, this.size, this.packets(), (now - this.begin) / 1000));
  }

  clear(): void {
    if (this.isShown) this.stream.write(CLEAR);
    this.isShown = false;
  }
}

export function progressText(taken: number, size: number | null, packets: number, seconds: number): string {
  const rate = taken / seconds;
  const parts = [`${formatCount(packets)} packets`, `${formatBytes(Math.round(rate))}/s`];
  if (size !== null && size > 0) {
    parts.unshift(`${Math.min(100, Math.floor((100 * taken) / size))} %`);
    parts.push(`${Math.ceil(Math.max(0, size - taken) / rate)} s left`);
  } else parts.unshift(formatBytes(taken));
  return `reading: ${parts.join(', ')}`;
}
