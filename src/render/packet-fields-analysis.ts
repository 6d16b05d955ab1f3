import { ALGORITHM_NAMES, PHASE_NAMES } from '../model/congestion.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { PacketRow } from '../model/row.ts';
import { BASIS_NAMES, STATE_NAMES } from '../model/state.ts';
import { finiteOrNull } from '../model/units.ts';
import { CAUSE_NAMES, FATE_NAMES, Fate, KIND_NAMES, Kind } from '../model/verdict.ts';
import { explainVerdict } from './explain.ts';
import { elapsedMs, number, type PacketField } from './packet-field.ts';

/* What the analysis says of a packet: states, verdict, round trips and congestion control. */

export function states(role: 'client' | 'server'): PacketField[] {
  const after = (row: PacketRow) => row.entryAfter(row.connection[role]);
  const timeline = (row: PacketRow) => row.connection[role].timeline;
  return [
    {
      key: `states.${role}.before`,
      type: 'text',
      about: `state of the ${role} before this packet (RFC 9293 section 3.3.2)`,
      value: (row) => STATE_NAMES[timeline(row).stateAfter(row.entryBefore(row.connection[role]))],
      width: 12,
    },
    {
      key: `states.${role}.after`,
      type: 'text',
      header: role,
      about: `state of the ${role} after it`,
      value: (row) => STATE_NAMES[timeline(row).stateAfter(after(row))],
      width: 12,
      style: (row, style) => {
        const at = after(row);
        const isNew = at >= 0 && timeline(row).frameOf(at) === row.view.frame;
        return isNew ? style.strong : style.quiet;
      },
    },
    {
      key: `states.${role}.basis`,
      type: 'text',
      about: 'confirmed by what that end sent, or inferred',
      value: (row) => BASIS_NAMES[timeline(row).basisAfter(after(row))],
    },
  ];
}

export const verdict: readonly PacketField[] = [
  { key: 'verdict.kind', type: 'text', about: KIND_NAMES.join(', '), value: (row) => KIND_NAMES[row.verdict!.kind] },
  {
    key: 'verdict.cause',
    type: 'text',
    about: `of a retransmission: ${CAUSE_NAMES.slice(1).join(', ')}`,
    value: (row) => CAUSE_NAMES[row.verdict!.cause],
  },
  {
    key: 'verdict.spurious',
    type: 'flag',
    about: 'the receiver had every byte of it already',
    value: (row) => row.verdict!.spurious,
  },
  {
    key: 'verdict.fate',
    type: 'text',
    about: 'of this copy after the point of capture: delivered, lost or unknown; null for a bare ACK',
    value: (row) => (row.end > row.seq ? FATE_NAMES[row.fate] : null),
  },
  { key: 'verdict.lost', type: 'flag', about: 'this copy was lost', value: (row) => row.fate === Fate.LOST },
  {
    key: 'verdict.lostBetween',
    type: 'list',
    about: 'the vantage that saw it last and the next on its way, which did not; null where that is not known',
    value: (row) => lostBetween(row),
    text: (row) => lostBetween(row)?.join(' ') ?? '',
  },
  {
    key: 'verdict.depth',
    about: 'of a reordered packet: how many later ones overtook it',
    value: (row) => row.verdict!.depth,
    ...number,
  },
  {
    key: 'verdict.latenessMs',
    about:
      'of a reordered packet: milliseconds after the first that overtook it; null when the clock was set back between them',
    value: (row) => elapsedMs(row.verdict!.lateness),
    ...number,
  },
  {
    key: 'verdict.backoff',
    about: 'of a timeout: how many times the timer had been doubled',
    value: (row) => row.verdict!.backoff,
    ...number,
  },
  {
    key: 'verdict.waitedMs',
    about:
      'of a retransmission: milliseconds since its sender last sent data or heard the other side, of a timeout since its timer was started; null when the clock was set back',
    value: (row) => elapsedMs(row.verdict!.waited),
    ...number,
  },
  {
    key: 'verdict.differs',
    type: 'flag',
    about: 'of a retransmission: its bytes are not those of the first copy',
    value: (row) => row.verdict!.differs,
  },
  {
    key: 'verdict.by',
    type: 'text',
    about: 'of a duplicate, or of what is out of order: network or capture',
    value: ({ verdict }) =>
      verdict!.kind === Kind.DUPLICATE || verdict!.kind === Kind.REORDERED
        ? verdict!.byCapture
          ? 'capture'
          : 'network'
        : null,
  },
  { key: 'verdict.confidence', about: '0 to 1', value: (row) => row.verdict!.confidence, ...number },
  {
    key: 'verdict.evidence',
    type: 'list',
    about: 'numbers of the packets that show it, the copied one first',
    value: ({ verdict: v }) => (v!.original > 0 ? [v!.original, ...v!.evidence] : v!.evidence),
  },
  { key: 'verdict.text', type: 'text', about: 'why, in plain words', value: (row) => explainVerdict(row) },
];

function lostBetween({ view: { sight } }: PacketRow): string[] | null {
  const place = sight?.lostBetween ?? null;
  return place === null ? null : [place.from.name, place.to.name];
}

export function rtt(role: 'client' | 'server'): PacketField[] {
  const figure = (name: string, about: string, offset: number): PacketField => ({
    key: `rtt.${role}.${name}`,
    about: `${about}, milliseconds; null before there is one`,
    value: (row) => milliseconds(row.rtt[offset + sideOf(row.connection[role])]),
    ...number,
  });
  return [
    figure('sample', `latest round trip of the ${role}`, 0),
    figure('srtt', `smoothed round trip of the ${role} (RFC 6298)`, 1),
    figure('rto', `retransmission timeout of the ${role} (RFC 6298)`, 2),
  ];
}

export function congestion(role: 'client' | 'server'): PacketField[] {
  const snapshot = (row: PacketRow) => row.congestion[row.connection[role].index]!;
  return [
    {
      key: `congestion.${role}.model`,
      type: 'text',
      about: `algorithm of the ${role}: ${ALGORITHM_NAMES.join(', ')}`,
      value: (row) => ALGORITHM_NAMES[snapshot(row).algorithm],
    },
    {
      key: `congestion.${role}.cwnd`,
      about: 'congestion window, bytes; null where nothing of the other direction was captured',
      value: (row) => finiteOrNull(snapshot(row).cwnd),
      ...number,
    },
    {
      key: `congestion.${role}.cwndSegments`,
      about: 'the same in segments',
      value: (row) => finiteOrNull(snapshot(row).cwndSegments),
      ...number,
    },
    {
      key: `congestion.${role}.ssthresh`,
      about: 'slow start threshold, bytes; null while it was never set',
      value: (row) => finiteOrNull(snapshot(row).ssthresh),
      ...number,
    },
    {
      key: `congestion.${role}.phase`,
      type: 'text',
      about: PHASE_NAMES.join(', '),
      value: (row) => PHASE_NAMES[snapshot(row).phase],
    },
    {
      key: `congestion.${role}.flightSize`,
      about: 'bytes in flight, without those that were selectively acknowledged',
      value: (row) => finiteOrNull(snapshot(row).flightSize),
      ...number,
    },
    { key: `congestion.${role}.confidence`, about: '0 to 1', value: (row) => snapshot(row).confidence, ...number },
  ];
}

function sideOf(endpoint: Endpoint): number {
  return endpoint.index * 3;
}

function milliseconds(nanoseconds: number): number | null {
  return nanoseconds < 0 ? null : nanoseconds / 1e6;
}
