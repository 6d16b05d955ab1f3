import type { Origin } from '../messages/en/findings/loss.ts';
import { say } from '../messages/message.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Contradiction } from '../model/verdict.ts';
import type { Account } from './account.ts';
import type { Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';

/** A place in a stream that was sent with two contents. */
export class PayloadConflict implements Detector {
  readonly ids = ['payload-conflict'] as const;
  readonly when = [Fact.RETRANSMISSION, Fact.REORDERED];
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { differs, contradiction, original } = segment.verdict!;
    if (!differs) return;
    const told = contradiction === null ? unseen(segment, original) : shown(segment, contradiction);
    const isOnePacket = contradiction !== null && isSamePacket(segment.view, contradiction);
    this.findings.raise(segment, {
      ...told,
      id: 'payload-conflict',
      // Rewritten on its way between two places of the capture, or in the file: nobody sent the stream two contents.
      ...(isOnePacket && { severity: 'info' }),
      confidence: isOnePacket ? 0.6 : 0.95,
    });
  }
}

/** IP IDs of packets that one host sends one after the other lie this close together. */
const ID_NEAR = 16;

/** A host that counts its packets sent both, as far as their headers show. */
function isOneSender(later: { ttl: number; ipId: number }, earlier: { ttl: number; ipId: number }): boolean {
  if (later.ttl !== earlier.ttl || later.ipId < 0 || earlier.ipId < 0) return false;
  const apart = (later.ipId - earlier.ipId) & 0xffff;
  return apart > 0 && apart <= ID_NEAR;
}

/** The header of one packet with two contents: whoever forges one does not know the IP ID of the other. */
function isSamePacket(later: { ttl: number; ipId: number }, earlier: { ttl: number; ipId: number }): boolean {
  return later.ipId > 0 && later.ipId === earlier.ipId && later.ttl === earlier.ttl;
}

type Told = Pick<Account, 'message' | 'evidence'>;

/** The beginnings of both contents are known. */
function shown({ sender, view, t, frame }: Inspection, contradiction: Contradiction): Told {
  const { earlier, later, offset } = contradiction;
  return {
    evidence: [frame, contradiction.frame],
    message: say('payload-conflict.shown', {
      sender,
      start: t.seq + offset,
      earlier,
      later,
      mine: origin(sender, view, frame),
      other: origin(sender, contradiction, contradiction.frame),
      isOneSender: isOneSender(view, contradiction),
      isOnePacket: isSamePacket(view, contradiction),
    }),
  };
}

/** The sums differ, beyond what is kept of the first copy. */
function unseen({ sender, view, t, frame }: Inspection, original: number): Told {
  return {
    evidence: [frame, original],
    message: say('payload-conflict.sums', {
      sender,
      start: t.seq,
      end: t.end,
      mine: origin(sender, view, frame),
      original,
    }),
  };
}

/** By what the packets of two hosts can be told apart. */
function origin({ ttl: usualTtl }: Endpoint, { ttl, ipId }: { ttl: number; ipId: number }, frame: number): Origin {
  return { frame, ttl, usualTtl, ipId };
}
