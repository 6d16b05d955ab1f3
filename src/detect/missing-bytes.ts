import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/connection.ts';
import type { Account } from './collector.ts';

/** What was on its way when the capture began is acknowledged within this time (ns), or has to be sent again. */
const BEGINNING = 1e9;
/** Gaps of one sender that are remembered: what fills an older one does not come at once. */
const MOST_GAPS = 16;

/** Bytes that were acknowledged before the capture had them, and when that was (ns). */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly time: number;
}

/** Bytes of one sender that the capture lacks though they arrived. */
export class MissingBytes {
  readonly frames: number[] = [];
  bytes = 0;
  private gaps = 0;
  /** Where the latest of them ends: what goes on from there belongs to it, though another ACK tells of it. */
  private to = -1;
  private readonly latest: Gap[] = [];
  /** The first of them may have been on its way when the capture began. */
  private isBeginning = false;

  /** They were acknowledged at `time` (ns). */
  add({ connection }: Endpoint, from: number, to: number, time: number): void {
    if (this.to < 0) this.isBeginning = !connection.sawHandshake && time - connection.firstTime <= BEGINNING;
    this.bytes += to - from;
    if (from !== this.to) this.gaps++;
    this.to = to;
    this.latest.push({ from, to, time });
    if (this.latest.length > MOST_GAPS) this.latest.shift();
  }

  /** The latest gap that holds one of these bytes is forgotten: it is filled as far as they go, or stays missing. Null without. */
  take(start: number, end: number): Gap | null {
    const at = this.latest.findIndex(({ from, to }) => start < to && end > from);
    return at < 0 ? null : this.latest.splice(at, 1)[0];
  }

  /** The capture has these bytes of the gap after all. */
  fill({ from, to, time }: Gap, start: number, end: number): void {
    const rest = [
      [from, start],
      [end, to],
    ].filter(([left, right]) => left < right);
    this.bytes -= Math.min(end, to) - Math.max(start, from);
    for (const [left, right] of rest) this.latest.push({ from: left, to: right, time });
    this.gaps += rest.length - 1;
    // Gaps that lie side by side were counted once.
    if (this.bytes > 0) this.gaps = Math.max(this.gaps, 1);
  }

  /** `frame` acknowledges the first of them. Null where none is missing any more. */
  account(owner: Endpoint, frame: number): Account | null {
    const { bytes, gaps, frames } = this;
    if (bytes === 0) return null;
    const values = { owner, bytes, gaps, frame };
    const id = 'missing-in-capture';
    if (this.isBeginning && gaps === 1) {
      const message = say('missing-in-capture.beginning', values);
      return { id, severity: 'info', evidence: frames, confidence: 0.5, message };
    }
    return { id, evidence: frames, confidence: 0.95, message: say('missing-in-capture', values) };
  }
}
