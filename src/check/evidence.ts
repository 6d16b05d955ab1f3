import { readCaptures } from '../capture/merge.ts';
import { CaptureSession } from '../capture/session.ts';
import type { CaptureSource } from '../capture/source.ts';
import { PcapngWriter } from '../capture/write-pcapng.ts';
import type { CaptureRecord } from '../model/record.ts';
import type { CheckReport } from './outcome.ts';
import { foundText, titleOf } from './outcome.ts';

/** Most comments that one packet carries, and most characters of each (an option holds 65535 bytes). */
const MAX_COMMENTS = 10;
const MAX_COMMENT = 1000;

/** The packets that show why assertions did not pass, each with what it shows. */
export function evidenceOf({ results }: CheckReport): Map<number, string[]> {
  const evidence = new Map<number, string[]>();
  for (const result of results) {
    for (const { outcome, reason, found, packets } of result.cases) {
      const what = found.map(foundText).join('; ');
      const comment = `${outcome}: ${titleOf(result)}: ${[reason, what].filter((part) => part !== null && part !== '').join('; ')}`;
      for (const packet of packets) add(evidence, packet, comment.slice(0, MAX_COMMENT));
    }
  }
  return evidence;
}

function add(evidence: Map<number, string[]>, packet: number, comment: string): void {
  const comments = evidence.get(packet);
  if (comments === undefined) evidence.set(packet, [comment]);
  else if (comments.length < MAX_COMMENTS && !comments.includes(comment)) comments.push(comment);
}

/** Captures that were checked together, and the packets of theirs that show why, as `evidenceOf` gives them. */
export interface EvidenceOf {
  readonly sources: readonly CaptureSource[];
  readonly evidence: ReadonlyMap<number, readonly string[]>;
}

/** Reads the captures once more and writes the packets of the evidence as pcapng, block by block, with their numbers there. */
export async function writeEvidence(
  parts: readonly EvidenceOf[],
  version: string,
  write: (block: Uint8Array) => void,
): Promise<void> {
  const names = parts.flatMap(({ sources }) => sources.map(({ name }) => name)).join(', ');
  const writer = new PcapngWriter(
    `tcpscope ${version}`,
    [`Packets of ${names} that show why tcpscope check did not pass`],
    write,
  );
  for (const part of parts) {
    const whole = parts.length === 1 ? 'the capture' : part.sources.map(({ name }) => name).join(', ');
    if (part.evidence.size > 0) await writePart(part, whole, writer);
  }
}

async function writePart({ sources, evidence }: EvidenceOf, whole: string, writer: PcapngWriter): Promise<void> {
  const session = new CaptureSession();
  let left = evidence.size;
  const sink = {
    record: (record: CaptureRecord) => {
      const comments = evidence.get(record.number);
      if (comments !== undefined) {
        const own = record.comment === null ? [] : [record.comment];
        const time = session.origin.base + BigInt(Math.round(record.time));
        const { bytes, offset, capturedLength, originalLength, linkType, direction, interfaceId } = record;
        const written = { bytes, offset, capturedLength, originalLength, linkType, direction };
        writer.packet({ ...written, interface: session.facts.interfaces[interfaceId] }, time, [
          `packet ${record.number} of ${whole}`,
          ...comments,
          ...own,
        ]);
        left--;
      }
      if (left <= 0) session.stop();
    },
  };
  await readCaptures(sources, sink, session);
}
