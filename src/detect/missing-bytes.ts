import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { type Range, SortedRanges } from '../verdict/sorted-ranges.ts';
import type { Account } from './account.ts';

/** What was on its way when the capture began is acknowledged within this time (ns), or has to be sent again. */
const BEGINNING = 1e9;
/** Gaps of one sender that are remembered while they may still be filled. */
const MOST_GAPS = 1024;

/** The packet that acknowledges, and when it came (ns). */
export interface Acknowledgment {
  readonly frame: number;
  readonly time: number;
}

/** Bytes that were acknowledged before the capture had them. */
export interface Gap extends Range {
  readonly ack: Acknowledgment;
}

/** Bytes of one sender that the capture lacks though they arrived. */
export class MissingBytes {
  readonly frames: number[] = [];
  bytes = 0;
  private gaps = 0;
  /** Where the latest of them ends: what goes on from there belongs to it, though another ACK tells of it. */
  private to = -1;
  /** Those that may still be filled, by their place in the stream. */
  private readonly open = new SortedRanges<Gap>();
  /** The first of them may have been on its way when the capture began. */
  private isBeginning = false;
  /** One was forgotten for want of room before its time was over: nobody knows whether it was filled. */
  private isUnsure = false;

  /** They were acknowledged, and may stand in the capture up to `lag` (ns) later. */
  add(owner: Endpoint, start: number, end: number, { frame, time }: Acknowledgment, lag: number): void {
    const { connection } = owner;
    if (this.to < 0) this.isBeginning = !connection.sawHandshake && time - connection.firstTime <= BEGINNING;
    this.bytes += end - start;
    if (start !== this.to) this.gaps++;
    this.to = end;
    const { open } = this;
    const oldest = time - lag;
    for (let first = open.first; first !== null && first.ack.time < oldest; ) first = open.shift();
    this.remember({ start, end, ack: { frame, time } });
  }

  private remember(gap: Gap): void {
    const { open } = this;
    open.insert(gap);
    if (open.length <= MOST_GAPS) return;
    open.shift();
    this.isUnsure = true;
  }

  /** The first gap that holds one of these bytes is forgotten: it is filled as far as they go, or stays missing. Null without. */
  take(start: number, end: number): Gap | null {
    const gap = this.open.seek(start);
    if (gap === null || gap.start >= end) return null;
    this.open.removeHere();
    return gap;
  }

  /** The capture has these bytes of the gap after all. */
  fill(gap: Gap, start: number, end: number): void {
    this.bytes -= Math.min(end, gap.end) - Math.max(start, gap.start);
    this.gaps--;
    if (gap.start < start) this.leave(gap, gap.start, start);
    if (end < gap.end) this.leave(gap, end, gap.end);
    // Several ACKs may tell of parts of one gap: it is counted once, and remembered in these parts.
    if (this.bytes > 0) this.gaps = Math.max(this.gaps, 1);
  }

  /** This part of the gap is still missing. */
  private leave({ ack }: Gap, start: number, end: number): void {
    this.gaps++;
    this.remember({ start, end, ack });
  }

  /** `frame` acknowledges the first of them. Null where none is missing any more. */
  account(owner: Endpoint, frame: number): Account | null {
    const { bytes, gaps, frames } = this;
    if (bytes === 0) return null;
    const values = { owner, bytes, gaps, frame };
    const id = 'missing-in-capture';
    if (this.isUnsure) {
      const message = say('missing-in-capture.crowded', values);
      return { id, severity: 'info', evidence: frames, confidence: 0.5, message };
    }
    if (this.isBeginning && gaps === 1) {
      const message = say('missing-in-capture.beginning', values);
      return { id, severity: 'info', evidence: frames, confidence: 0.5, message };
    }
    const views = owner.connection.views;
    const message =
      views !== null && views.base !== null && views.shares.length > 1
        ? say('missing-in-capture.view', { ...values, view: views.base.name })
        : say('missing-in-capture', values);
    return { id, evidence: frames, confidence: 0.95, message };
  }
}
