import { RST, SYN } from '../model/flags.ts';
import { ChecksumStatus, Option } from '../model/segment.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { count, list, nameOf, plural } from './words.ts';

/** IP IDs of one host lie this close together when it counts them. */
const ID_NEAR = 1024;

/** Segments and SYNs that have no place in the connection in whose name they come. */
export class Injection implements Detector {
  readonly ids = ['blind-syn', 'injected-segment', 'timestamps-missing'] as const;
  readonly when = Fact.UNACCEPTABLE;
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { view, t } = segment;
    if (t.unacceptableSyn) this.syn(segment);
    else if (view.tcpChecksumStatus !== ChecksumStatus.BAD && !(view.flags & (SYN | RST))) this.unacceptable(segment);
  }

  private syn(segment: Inspection): void {
    const { sender, receiver } = segment;
    this.findings.raise(segment, {
      id: 'blind-syn',
      cause: 'forged, or the client lost its memory',
      evidence: [segment.frame],
      confidence: 0.8,
      text: `A SYN in the name of ${nameOf(sender)} came in the middle of its connection with ${nameOf(receiver)}; it changes nothing and is to be challenged.`,
    });
  }

  private unacceptable(segment: Inspection): void {
    const { sender, receiver, view, t } = segment;
    const unstamped = !(view.options & Option.TIMESTAMPS) && sender.timestamps && receiver.timestamps;
    const signs = this.signs(segment);
    if (unstamped && signs.length === 0) {
      this.findings.raise(segment, {
        id: 'timestamps-missing',
        cause: 'the option was left out or taken out',
        evidence: [segment.frame],
        confidence: 0.8,
        text: `Packet ${segment.frame} of ${nameOf(sender)} lacks the timestamps that both ends agreed on; its receiver may drop it.`,
      });
      return;
    }
    if (unstamped) signs.unshift('it lacks the agreed timestamps');
    const what =
      view.payloadLength > 0 ? `with ${plural(view.payloadLength, 'byte')} at offset ${count(t.seq)}` : 'without data';
    this.findings.raise(segment, {
      id: 'injected-segment',
      cause: 'sent by somebody else',
      evidence: [segment.frame],
      confidence: signs.length > 1 ? 0.9 : 0.75,
      text: `Packet ${segment.frame} in the name of ${nameOf(sender)}, ${what}, is not one of its own: ${list(signs)}. ${nameOf(receiver)} drops it.`,
    });
  }

  /** What sets it apart from the other segments of its alleged sender. */
  private signs(segment: Inspection): string[] {
    const { sender, receiver, view, t } = segment;
    const signs: string[] = [];
    const flight = sender.flight!;
    const { windowEdge } = receiver;
    if (windowEdge >= 0 && t.end > windowEdge && view.payloadLength > 0) {
      signs.push(`it lies ${plural(t.end - windowEdge, 'byte')} beyond the window`);
    } else if (t.seq !== t.previousSndNxt && view.payloadLength > 0) {
      signs.push(`its sender stands at offset ${count(t.previousSndNxt)}`);
    }
    if (t.ack > receiver.sndNxt)
      signs.push(`it acknowledges ${plural(t.ack - receiver.sndNxt, 'byte')} that were never sent`);
    const { ttl } = sender;
    if (ttl >= 0 && ttl !== view.ttl) signs.push(`its TTL is ${view.ttl} instead of ${ttl}`);
    const counted = view.ipVersion === 4 && flight.maxIpId >= 0 && flight.idBreaks === 0 && flight.idRises > 0;
    const apart = Math.abs(((view.ipId - flight.maxIpId) << 16) >> 16);
    if (counted && apart > ID_NEAR) signs.push(`its IP ID ${view.ipId} is far from ${flight.maxIpId}`);
    return signs;
  }
}
