import type { Sign } from '../messages/en/findings/protocol.ts';
import { say } from '../messages/message.ts';
import { ACK, RST, SYN } from '../model/flags.ts';
import { ChecksumStatus, isUnstamped } from '../model/segment.ts';
import { Fate } from '../model/verdict.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import { answersWithAck } from './handshake.ts';
import type { Inspection } from './inspection.ts';

/** IP IDs of one host lie this close together when it counts them. */
const ID_NEAR = 1024;

/** Segments and SYNs that have no place in the connection in whose name they come. */
export class Injection implements Detector {
  readonly ids = ['blind-syn', 'injected-segment', 'timestamps-missing'] as const;
  readonly when = [Fact.UNACCEPTABLE];
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, t } = segment;
    // The receiver drops a damaged one, whoever sent it.
    if (view.tcpChecksumStatus === ChecksumStatus.BAD) return;
    if (t.unacceptableSyn) {
      if (!(view.flags & ACK)) this.syn(segment);
    } else if (!(view.flags & (SYN | RST)) && !answersWithAck(segment)) this.unacceptable(segment);
  }

  private syn(segment: Inspection): void {
    const { sender, receiver } = segment;
    this.findings.raise(segment, {
      id: 'blind-syn',
      evidence: [segment.frame],
      confidence: 0.8,
      message: say('blind-syn', { sender, receiver }),
    });
  }

  private unacceptable(segment: Inspection): void {
    const { sender, receiver, view, t } = segment;
    const unstamped = lacksTimestamps(segment);
    const signs = this.signs(segment);
    if (unstamped && signs.length === 0) {
      // Some hosts send their keep-alives so: of one that is dropped nothing is lost. Nor is it where both have closed.
      const isProbe = hasPlaceOfKeepAlive(segment) || (sender.finEnd >= 0 && receiver.finEnd >= 0 && t.end === t.seq);
      this.unlessTaken(segment, {
        id: 'timestamps-missing',
        severity: isProbe ? 'info' : 'warning',
        evidence: [segment.frame],
        confidence: 0.8,
        message: say('timestamps-missing', { sender, frame: segment.frame }),
      });
      return;
    }
    // Nothing sets it apart that could be named.
    if (signs.length === 0) return;
    if (unstamped) signs.unshift({ sign: 'unstamped' });
    this.unlessTaken(segment, {
      id: 'injected-segment',
      evidence: [segment.frame],
      confidence: signs.length > 1 ? 0.9 : 0.75,
      message: say('injected-segment', {
        sender,
        receiver,
        frame: segment.frame,
        bytes: view.payloadLength,
        offset: t.seq,
        signs,
      }),
    });
  }

  /** What its receiver acknowledges before any other packet brought it was its sender's, whatever it looked like. */
  private unlessTaken(segment: Inspection, account: Account): void {
    const { verdict, sender } = segment;
    const isUnstamped = lacksTimestamps(segment);
    const isOwn = () => verdict?.fate === Fate.DELIVERED || (isUnstamped && sender.outbound!.sendsUnstamped);
    this.findings.defer(segment, account.id, () => (isOwn() ? null : account));
  }

  /** What sets it apart from the other segments of its alleged sender. */
  private signs(segment: Inspection): Sign[] {
    const { sender, receiver, view, t } = segment;
    const signs: Sign[] = [];
    const { clocks } = sender.outbound!;
    const { windowEdge, windowShift } = receiver;
    if (windowShift >= 0 && windowEdge >= 0 && t.end > windowEdge && view.payloadLength > 0) {
      signs.push({ sign: 'beyond-window', bytes: t.end - windowEdge });
    } else if (t.seq !== t.previousSndNxt && view.payloadLength > 0 && !hasPlaceOfKeepAlive(segment)) {
      signs.push({ sign: 'place', stands: t.previousSndNxt });
    }
    if (t.ack > receiver.sndNxt) signs.push({ sign: 'acks-unsent', bytes: t.ack - receiver.sndNxt });
    const { ttl } = sender;
    if (ttl >= 0 && ttl !== view.ttl) signs.push({ sign: 'ttl', ttl: view.ttl, usual: ttl });
    const counted = view.ipVersion === 4 && clocks.maxIpId >= 0 && clocks.idBreaks === 0 && clocks.idRises > 0;
    const apart = Math.abs(((view.ipId - clocks.maxIpId) << 16) >> 16);
    if (counted && apart > ID_NEAR) signs.push({ sign: 'ip-id', ipId: view.ipId, usual: clocks.maxIpId });
    return signs;
  }
}

/** It begins one number below the next, with an octet of garbage or none (RFC 9293 section 3.8.4). */
function hasPlaceOfKeepAlive({ t, view }: Inspection): boolean {
  return t.seq === t.previousSndNxt - 1 && view.payloadLength <= 1;
}

/** Both ends agreed on timestamps, and it has none (RFC 7323 section 3.2). */
function lacksTimestamps({ sender, receiver, view }: Inspection): boolean {
  return isUnstamped(view) && sender.timestamps && receiver.timestamps;
}
