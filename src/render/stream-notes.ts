import { escapeText } from '../model/escape.ts';
import { type Conflict, EXCLUSIONS, type Excluded, type GapType, type LimitHit } from '../model/stream.ts';
import { formatNumberOf } from '../model/units.ts';

/** Characters of each content that a sentence about a conflict shows. */
const SHOWN = 48;

/** `[5 bytes missing-in-capture]` */
export function gapText(start: number, end: number, type: GapType): string {
  const what = start === end ? 'bytes' : formatNumberOf(end - start, 'byte');
  return `[${what} ${type}]`;
}

/** One sentence: who said what in which place, and whose word counts. */
export function conflictText(conflict: Conflict): string {
  const { sender, start, end, earlier, later, kept, delivered } = conflict;
  const content = ({ bytes, frame, ttl, ipId }: Conflict['earlier']) => {
    const text = escapeText(String.fromCharCode(...bytes.subarray(0, SHOWN)));
    const dots = bytes.length > SHOWN ? '…' : '';
    return `frame ${frame} (TTL ${ttl}${ipId < 0 ? '' : `, IP ID ${ipId}`}) "${text}${dots}"`;
  };
  const why = delivered ? 'it was delivered' : 'by the overlap policy';
  const place = `${sender.role} bytes ${start}-${end - 1}`;
  return `${place} differ: ${content(earlier)}, ${content(later)}; the ${kept} one counts, ${why}`;
}

/** What was left out of a stream, as a line. */
export function excludedText({ sender, start, end, frame, reason }: Excluded): string {
  return `${sender.role} bytes ${start}-${end - 1} of frame ${frame} left out: ${EXCLUSIONS[reason]}`;
}

/** A bound that the reassembly met, as a line. */
export function limitText({ sender, what, offset, frame }: LimitHit): string {
  return `${sender.role} byte ${offset}: ${what} at frame ${frame}, because a bound of the reassembly was met`;
}
