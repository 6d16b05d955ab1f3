import type { Endpoint } from '../model/endpoint.ts';
import type { PacketRow } from '../model/row.ts';
import { STATE_NAMES } from '../model/state.ts';
import { formatDuration } from '../model/units.ts';
import { CAUSE_NAMES, Fate, Kind, type Verdict } from '../model/verdict.ts';
import type { Style } from './style.ts';

/** Verdict and findings of a packet in a few words; empty for what needs none. */
export function packetMark(row: PacketRow): string {
  const parts: string[] = [];
  const { verdict } = row;
  const place = row.view.sight?.lostBetween ?? null;
  if (row.isOtherView && verdict?.byCapture) parts.push(`copy of #${verdict.original}`);
  else if (verdict !== null) parts.push(...verdictWords(verdict, place === null ? row.fate : Fate.UNKNOWN));
  if (place !== null) parts.push(`lost between ${place.from.name} and ${place.to.name}`);
  for (const finding of row.findings) parts.push(finding.id);
  return parts.join('; ');
}

/** The colour of a packet's mark: by the severity of its findings, its verdict and its fate. */
export function packetMarkStyle(row: PacketRow, style: Style): (text: string) => string {
  const { verdict, findings } = row;
  if (findings.some((finding) => finding.severity === 'error')) return style.error;
  if (verdict === null) return style.quiet;
  if (row.fate === Fate.LOST) return style.error;
  const isTrouble = verdict.kind === Kind.RETRANSMISSION || verdict.kind === Kind.REORDERED;
  if (isTrouble || findings.some((finding) => finding.severity === 'warning')) return style.warning;
  return style.info;
}

function verdictWords(verdict: Verdict, fate: number): string[] {
  const { original } = verdict;
  const of = original > 0 ? ` of #${original}` : '';
  const lost = fate === Fate.LOST ? ['lost'] : [];
  switch (verdict.kind) {
    case Kind.RETRANSMISSION: {
      const details: string[] = [CAUSE_NAMES[verdict.cause]!];
      if (verdict.backoff > 0) details.push(`backoff ${verdict.backoff}`);
      if (verdict.spurious) details.push('not needed');
      return [`retransmission${of} (${details.join(', ')})`, ...lost];
    }
    case Kind.REORDERED:
      return verdict.byCapture
        ? [`captured late (${verdict.depth} stand before it, ${lateText(verdict.lateness)})`, ...lost]
        : [`reordered (${overtakers(verdict)}, ${lateText(verdict.lateness)})`, ...lost];
    case Kind.DUPLICATE:
      return [`duplicate${of} (made by the ${verdict.byCapture ? 'capture' : 'network'})`];
    case Kind.KEEP_ALIVE:
      return ['keep-alive', ...lost];
    case Kind.WINDOW_PROBE:
      return ['window probe', ...lost];
    default:
      return lost;
  }
}

/** Without depth, what overtook it is its own retransmission. */
function overtakers({ depth, original }: Verdict): string {
  if (depth > 0) return `${depth} overtook it`;
  return original > 0 ? `after its retransmission #${original}` : 'after its retransmission';
}

/** A clock that was set back does not tell how late. */
function lateText(lateness: number): string {
  return lateness < 0 ? 'how late is unknown' : `${formatDuration(lateness)} late`;
}

/** `client SYN-SENT → ESTABLISHED`, for each end whose state changes with the packet. */
export function stateChange(row: PacketRow): string {
  const { client, server } = row.connection;
  const change = (end: Endpoint): string => {
    const before = end.timeline.stateAfter(row.entryBefore(end));
    const after = end.timeline.stateAfter(row.entryAfter(end));
    return before === after ? '' : `${end.role} ${STATE_NAMES[before]} → ${STATE_NAMES[after]}`;
  };
  return [change(client), change(server)].filter((text) => text !== '').join(', ');
}
