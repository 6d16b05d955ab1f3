import type { Endpoint } from '../model/connection.ts';
import type { Contradiction } from '../model/verdict.ts';
import type { Account, Collector } from './collector.ts';
import type { Detector } from './detector.ts';
import { Fact } from './facts.ts';
import type { Inspection } from './inspection.ts';
import { nameOf } from './words.ts';

/** A place in a stream that was sent with two contents. */
export class PayloadConflict implements Detector {
  readonly ids = ['payload-conflict'] as const;
  readonly when = Fact.RETRANSMISSION | Fact.REORDERED;
  private readonly findings: Collector;

  constructor(findings: Collector) {
    this.findings = findings;
  }

  inspect(segment: Inspection): void {
    const { differs, contradiction, original } = segment.verdict!;
    if (!differs) return;
    this.findings.raise(segment, {
      ...(contradiction === null ? unseen(segment, original) : shown(segment, contradiction)),
      id: 'payload-conflict',
      cause: 'injected or rewritten',
      confidence: 0.95,
    });
  }
}

type Told = Pick<Account, 'text' | 'evidence'>;

/** The beginnings of both contents are known. */
function shown({ sender, view, t, frame }: Inspection, contradiction: Contradiction): Told {
  const { earlier, later, offset } = contradiction;
  const start = t.seq + offset;
  const mine = `packet ${frame} (${origin(sender, view)})`;
  const other = `packet ${contradiction.frame} (${origin(sender, contradiction)})`;
  const place = later.length === 1 ? `Byte ${start}` : `Bytes ${start} to ${start + later.length - 1}`;
  return {
    evidence: [frame, contradiction.frame],
    text: `${place} of ${nameOf(sender)} are ${content(later)} in ${mine} and were ${content(earlier)} in ${other}: one of the two is forged or rewritten.`,
  };
}

/** The sums differ, behind what is kept of the first copy. */
function unseen({ sender, view, t, frame }: Inspection, original: number): Told {
  return {
    evidence: [frame, original],
    text: `Bytes ${t.seq} to ${t.end - 1} of ${nameOf(sender)} in packet ${frame} (${origin(sender, view)}) are not those that packet ${original} had in the same place: one of the two is forged or rewritten (follow shows both).`,
  };
}

/** By what the packets of two hosts can be told apart. */
function origin({ ttl: usual }: Endpoint, { ttl, ipId }: { ttl: number; ipId: number }): string {
  const foreign = usual >= 0 && usual !== ttl ? `, where its first packet had ${usual}` : '';
  return `TTL ${ttl}${foreign}${ipId >= 0 ? `, IP ID ${ipId}` : ''}`;
}

/** Text where it is text, else the octets. */
function content(bytes: Uint8Array): string {
  const isText = bytes.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a);
  if (isText) return JSON.stringify(String.fromCharCode(...bytes));
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}
