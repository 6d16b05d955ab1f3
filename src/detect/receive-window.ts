import { say } from '../messages/message.ts';
import { answerTime, isAway } from '../model/capture-position.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { NEVER } from '../model/packed.ts';
import { sentEarlier } from '../model/sending-order.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';

/** Less than this (ns) in all is not mentioned: flights often end near the edge. */
const NOTABLE = 50e6;
/** A sender that the window stopped for this long (ns) and this share of the connection deserves a warning. */
const LONG = 200e6;
const LARGE_SHARE = 0.1;
/** Loopback interfaces have an MSS of nearly 64 KiB. An opening of this many bytes is no silly window there, though less than an MSS. */
const LARGEST_SEGMENT = 1460;
/** Bytes of the timestamps option in each segment, which the MSS counts and its data does not fill (RFC 7323 appendix A, RFC 6691). */
const STAMPS = 12;
/** Openings of less than a segment from which on the window is silly. */
const SILLY = 5;

/** How the window of its peer limited a sender. */
interface Limit {
  times: number;
  stopped: number;
  largest: number;
  frames: number[];
}

/** Segments beyond a window, or a window that moved back. */
interface Excess {
  times: number;
  /** Bytes. */
  most: number;
  /** Offset after the last of them. */
  end: number;
  /** Retreats to a place before the end of what had been sent. */
  cut: number;
  frames: number[];
}

interface SmallSteps {
  times: number;
  smallest: number;
  /** The largest window that is known from before a small one. */
  largest: number;
  frames: number[];
}

/** Windows that are full, exceeded, taken back or opened in very small steps. */
export class ReceiveWindow implements Detector {
  readonly ids = ['window-full', 'data-beyond-window', 'window-shrunk', 'silly-window'] as const;
  readonly when = [Fact.WINDOW_FULL, Fact.ROOM, Fact.SHRUNK, Fact.SMALL_WINDOW];
  private readonly findings: Collector;
  private readonly limits = new Memory<Endpoint, Limit>(() => ({ times: 0, stopped: 0, largest: 0, frames: [] }));
  private readonly excesses = new Memory<Endpoint, Excess>(() => ({ times: 0, most: 0, end: 0, cut: 0, frames: [] }));
  private readonly retreats = new Memory<Endpoint, Excess>(() => ({ times: 0, most: 0, end: 0, cut: 0, frames: [] }));
  private readonly steps = new Memory<Endpoint, SmallSteps>(() => ({ times: 0, smallest: 0, largest: 0, frames: [] }));

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    if (segment.has(Fact.ROOM)) this.moves(segment);
    if (segment.has(Fact.SHRUNK)) this.shrinks(segment);
    if (segment.has(Fact.SMALL_WINDOW)) this.opensInSmallSteps(segment);
    if (segment.has(Fact.WINDOW_FULL)) this.fills(segment);
  }

  private fills(segment: Inspection): void {
    const { sender, receiver, t, view } = segment;
    if (receiver.windowShift < 0) return;
    // A FIN needs no room, and one byte is the probe of a closed window.
    const end = t.seq + view.payloadLength;
    const beyond = end - receiver.windowEdge;
    if (beyond > 0 && view.payloadLength > 1 && !(segment.has(Fact.PROBE) || segment.has(Fact.SYN)))
      this.exceeds(segment, beyond);
    if (end <= t.previousSndNxt) return;
    const limit = this.limits.of(sender);
    if (sender.windowFullSince !== NEVER) {
      // Whoever sends more is not stopped yet; beyond the window, not at all: the capture missed an update.
      sender.windowFullSince = beyond > 0 ? NEVER : segment.time;
      if (beyond > 0) limit.times--;
      return;
    }
    sender.windowFullSince = segment.time;
    limit.times++;
    note(limit.frames, segment.frame);
    if (receiver.window > limit.largest) limit.largest = receiver.window;
  }

  /** There is room again for the other end. */
  private moves(segment: Inspection): void {
    const { sender, receiver, connection } = segment;
    const limit = this.limits.of(receiver);
    const before = limit.stopped;
    // Until the ACK has reached the sender and its next segment could be back here.
    const way = Math.max(answerTime(receiver), 0);
    // While it repairs a loss the window is full because nothing is acknowledged.
    const repairs = receiver.outbound!.episodeStart >= receiver.windowFullSince;
    if (repairs) limit.times--;
    else limit.stopped += segment.time - receiver.windowFullSince + way;
    receiver.windowFullSince = NEVER;
    if (before < NOTABLE && limit.stopped >= NOTABLE) this.report(segment, connection, receiver, sender, limit);
  }

  private report(
    segment: Inspection,
    connection: Connection,
    sender: Endpoint,
    receiver: Endpoint,
    limit: Limit,
  ): void {
    const { frame } = segment;
    this.findings.add(segment, 'window-full', () => {
      const share = limit.stopped / Math.max(connection.duration, 1);
      const serious = limit.stopped >= LONG && share >= LARGE_SHARE;
      return {
        id: 'window-full',
        severity: serious ? 'warning' : 'info',
        evidence: [frame, ...limit.frames.filter((other) => other !== frame)],
        message: say('window-full', {
          sender,
          receiver,
          // Away from the sender it is not seen which window it had heard of: what the latest one stops, an earlier one does as well.
          largest: isAway(sender) ? null : limit.largest,
          stops: limit.times,
          stopped: limit.stopped,
          share,
        }),
      };
    });
  }

  private exceeds(segment: Inspection, beyond: number): void {
    const { sender, receiver } = segment;
    const known = this.excesses.find(sender);
    const excess = known ?? this.excesses.of(sender);
    excess.times++;
    excess.most = Math.max(excess.most, beyond);
    excess.end = Math.max(excess.end, segment.t.end);
    note(excess.frames, segment.frame);
    if (known !== undefined) return;
    this.findings.add(segment, 'data-beyond-window', () => {
      const values = {
        sender,
        receiver,
        segments: excess.times,
        most: excess.most,
      };
      const taken = receiver.lastAck >= excess.end;
      // A segment that its receiver cannot take is answered (RFC 9293 section 3.10.7.4): where nothing was, the capture lacks ACKs.
      const isUnanswered = receiver.lastFrame < excess.frames[0];
      return {
        id: 'data-beyond-window',
        evidence: excess.frames,
        ...(taken
          ? {
              message: say('data-beyond-window.taken', values),
              who: 'capture',
              severity: 'info',
              confidence: 0.7,
            }
          : {
              message: say('data-beyond-window', values),
              ...(isUnanswered ? { severity: 'info' as const, confidence: 0.5 } : { confidence: 0.85 }),
            }),
      };
    });
  }

  private shrinks(segment: Inspection): void {
    const { sender, view, t } = segment;
    // A late ACK tells of the window as it was before (RFC 9293 section 3.10.7.4: SND.WL1 and SND.WL2).
    if (sentEarlier(view, null, sender.outbound!.clocks) === 1) return;
    const taken = sender.windowEdge - (t.ack + t.window);
    // Windows are told in units of the scale: the edge may move back by less than one (RFC 7323 section 2.4).
    if (taken < 2 ** Math.max(sender.windowShift, 0)) return;
    const known = this.retreats.find(sender);
    const retreat = known ?? this.retreats.of(sender);
    retreat.times++;
    retreat.most = Math.max(retreat.most, taken);
    if (segment.receiver.sndNxt > t.ack + t.window) retreat.cut++;
    note(retreat.frames, segment.frame);
    if (known !== undefined) return;
    this.findings.add(segment, 'window-shrunk', () => ({
      id: 'window-shrunk',
      // It harms only what was sent into the room that is no more there.
      severity: retreat.cut > 0 ? 'warning' : 'info',
      evidence: retreat.frames,
      confidence: 0.9,
      message: say('window-shrunk', { owner: sender, retreats: retreat.times, most: retreat.most }),
    }));
  }

  private opensInSmallSteps(segment: Inspection): void {
    const { sender, receiver, t } = segment;
    const opened = t.ack + t.window - sender.windowEdge;
    const stamps = sender.timestamps && receiver.timestamps ? STAMPS : 0;
    const segmentSize = Math.min(sender.mss, LARGEST_SEGMENT) - stamps;
    const steps = this.steps.of(sender);
    steps.largest = Math.max(steps.largest, sender.window, t.window);
    // Half the buffer is as good as a segment: a small buffer is no silly window (RFC 9293 section 3.8.6.2.2).
    if (opened >= Math.min(segmentSize, steps.largest / 2) || t.window >= segmentSize) return;
    // Windows are told in units of the scale (RFC 7323 section 2.3): rounded up, one seems to open by less than that while nobody reads.
    if (opened < 2 ** Math.max(sender.windowShift, 0)) return;
    steps.times++;
    if (steps.smallest === 0 || opened < steps.smallest) steps.smallest = opened;
    note(steps.frames, segment.frame);
    if (steps.times !== SILLY) return;
    const { frame } = segment;
    this.findings.add(segment, 'silly-window', () => ({
      id: 'silly-window',
      evidence: [frame, ...steps.frames.filter((other) => other !== frame)],
      confidence: 0.85,
      message: say('silly-window', {
        owner: sender,
        openings: steps.times,
        segment: segmentSize,
        smallest: steps.smallest,
      }),
    }));
  }

  concludeConnection(connection: Connection, _end: CaptureEnd): void {
    for (const endpoint of [connection.a, connection.b]) {
      // What nobody answered any more, the window did not stop.
      endpoint.windowFullSince = NEVER;
    }
  }
}
