import { say } from '../messages/message.ts';
import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { FIN } from '../model/flags.ts';
import { State } from '../model/state.ts';
import { Kind } from '../model/verdict.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { CaptureEnd, Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { Memory, note } from './memory.ts';
import { MAY_STILL_COME, type Pauses } from './pauses.ts';
import { IDLE } from './resets.ts';

/** An application that has not closed its end after this time (ns) has forgotten it. */
const FORGOTTEN = 60e9;

/** Data of an end after the other had closed. */
interface Half {
  segments: number;
  bytes: number;
  frames: number[];
}

/** How connections are closed, or not. */
export class Closing implements Detector {
  readonly ids = ['half-close', 'data-after-fin', 'idle-close', 'fin-unanswered', 'close-wait-stuck'] as const;
  readonly when = [Fact.AFTER_FIN, Fact.FIN, Fact.PROBE];
  private readonly findings: Collector;
  private readonly pauses: Pauses;
  /** Since when (ns) an end whose peer has closed sends nothing but keep-alives. */
  private readonly alive = new Memory<Endpoint, { since: number }>(() => ({ since: 0 }));
  private readonly halves = new Memory<Endpoint, Half>(() => ({ segments: 0, bytes: 0, frames: [] }));

  constructor(findings: Collector, pauses: Pauses) {
    this.findings = findings;
    this.pauses = pauses;
  }

  inspect(segment: Inspection): void {
    const { sender, receiver, t } = segment;
    if (segment.has(Fact.UNACCEPTABLE)) return;
    // It knows that the other end has closed, and goes on.
    const knows = receiver.finEnd >= 0 && sender.lastAck >= receiver.finEnd && receiver.rstFrame === 0;
    if (segment.verdict?.kind === Kind.KEEP_ALIVE) {
      if (knows && !segment.explained) this.keepsAlive(segment);
      return;
    }
    if (segment.has(Fact.FIN) && !segment.has(Fact.RETRANSMISSION) && t.sincePrevious >= IDLE) this.idle(segment);
    if (!segment.has(Fact.AFTER_FIN)) return;
    if (sender.finEnd >= 0 && t.end > sender.finEnd && !segment.has(Fact.FIN)) this.afterFin(segment);
    this.alive.forget(sender);
    if (knows && t.end > t.previousSndNxt) this.half(segment);
  }

  private keepsAlive({ sender, time, t }: Inspection): void {
    if (this.alive.find(sender) === undefined) this.alive.of(sender).since = time - t.sincePrevious;
  }

  private half(segment: Inspection): void {
    const { sender, receiver, view } = segment;
    const known = this.halves.find(sender);
    const half = known ?? this.halves.of(sender);
    half.segments++;
    half.bytes += view.payloadLength;
    note(half.frames, segment.frame);
    if (known !== undefined) return;
    this.findings.add(segment, 'half-close', () => ({
      id: 'half-close',
      message: say('half-close', {
        closed: receiver,
        sender,
        bytes: half.bytes,
        segments: half.segments,
      }),
      evidence: half.frames,
    }));
  }

  private afterFin(segment: Inspection): void {
    const { sender, receiver, t } = segment;
    const account: Account = {
      id: 'data-after-fin',
      message: say('data-after-fin', { sender, bytes: t.end - sender.finEnd }),
      evidence: [segment.frame],
      confidence: 0.9,
    };
    // Where the receiver acknowledges the data, the FIN was not the end of the stream: somebody else sent it.
    const fin = sender.finEnd;
    this.findings.defer(segment, 'data-after-fin', () => (receiver.lastAck > fin ? null : account));
  }

  private idle(segment: Inspection): void {
    const { sender, t, time } = segment;
    // The capture was paused: nobody knows that the connection was idle.
    if (this.pauses.heardUntil(time - t.sincePrevious, time) < time) return;
    this.findings.raise(segment, {
      id: 'idle-close',
      message: say('idle-close', { sender, idle: t.sincePrevious }),
      evidence: [segment.frame],
      confidence: 0.7,
    });
  }

  concludeConnection(connection: Connection, end: CaptureEnd): void {
    for (const endpoint of [connection.client, connection.server]) {
      this.finUnanswered(endpoint, end);
      this.stuck(endpoint, end);
    }
  }

  private finUnanswered(endpoint: Endpoint, end: CaptureEnd): void {
    const { connection, peer, unansweredFrame: frame, unansweredTime, unansweredCopies: copies } = endpoint;
    if (
      endpoint.unansweredKind !== FIN ||
      endpoint.state === State.CLOSED ||
      peer.rstFrame > 0 ||
      endpoint.rstFrame > 0
    )
      return;
    const waited = this.pauses.heardUntil(unansweredTime, end.time) - unansweredTime;
    if (waited < MAY_STILL_COME || !peer.seen || peer.lastAck >= endpoint.finEnd) return;
    this.findings.raise(
      { connection, row: null, frame, time: unansweredTime },
      {
        id: 'fin-unanswered',
        // Where both have sent a FIN nobody waits. And a single FIN without an ACK may be one packet that the capture lacks.
        severity: copies > 2 && peer.finEnd < 0 ? 'warning' : 'info',
        message: say('fin-unanswered', { sender: endpoint, copies, waited }),
        evidence: [frame],
        confidence: copies > 1 ? 0.9 : 0.7,
      },
    );
  }

  private stuck(endpoint: Endpoint, end: CaptureEnd): void {
    const { connection, peer, timeline } = endpoint;
    if (timeline.state !== State.CLOSE_WAIT) return;
    const alive = this.alive.find(endpoint);
    // It may have closed before the capture began. An end that has closed sends no data, and in TIME-WAIT no keep-alives.
    const isSure = connection.sawHandshake || endpoint.dataPackets > 0 || alive !== undefined;
    // It also takes no data, unless it closed one direction only.
    if (!isSure && (peer.dataPackets === 0 || endpoint.lastAck < peer.finEnd)) return;
    const since = Math.max(timeline.time, alive?.since ?? connection.lastTime);
    const waited = this.pauses.heardUntil(since, end.time) - since;
    if (waited < FORGOTTEN) return;
    const frame = timeline.frame;
    this.findings.raise(
      { connection, row: null, frame, time: since },
      {
        id: 'close-wait-stuck',
        severity: isSure ? 'warning' : 'info',
        message: say('close-wait-stuck', { end: endpoint, waited, isAlive: alive !== undefined, isSure }),
        evidence: [frame],
        confidence: isSure ? 0.8 : 0.5,
      },
    );
  }
}
