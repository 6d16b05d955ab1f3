import { disagreement } from '../compat/disagreement.ts';
import { listOptions } from '../decode/tcp-options.ts';
import { formatAddress } from '../model/address.ts';
import { TIME_USES } from '../model/budget.ts';
import { ALGORITHM_NAMES, PHASE_NAMES } from '../model/congestion.ts';
import type { Endpoint } from '../model/connection.ts';
import type { Finding } from '../model/finding.ts';
import { flagLetters } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import { CHECKSUM_STATUS_NAMES, type SegmentView } from '../model/segment.ts';
import { BASIS_NAMES, STATE_NAMES } from '../model/state.ts';
import { timestampText } from '../model/timestamp.ts';
import { finiteOrNull, formatSeconds } from '../model/units.ts';
import { CAUSE_NAMES, FATE_NAMES, Fate, KIND_NAMES, Kind } from '../model/verdict.ts';
import { wiresharkFlagNames } from '../model/wireshark.ts';
import { explainVerdict } from './explain.ts';
import { type Field, guarded, type Json, type Nullable } from './field.ts';
import { packetMark, packetMarkStyle, stateChange } from './packet-mark.ts';

export type PacketField = Field<PacketRow>;

/** What of a row can be null as a whole. */
export const PACKET_NULLABLE: readonly Nullable<PacketRow>[] = [
  { key: 'verdict', isNull: (row) => row.verdict === null },
  { key: 'wireshark', isNull: (row) => row.wireshark === null },
  { key: 'states.client', isNull: (row) => row.isOtherView },
  { key: 'states.server', isNull: (row) => row.isOtherView },
  { key: 'congestion.client', isNull: (row) => row.congestion[row.connection.client.index] === null },
  { key: 'congestion.server', isNull: (row) => row.congestion[row.connection.server.index] === null },
];

/**
 * Every field of a packet. `origin` gives the absolute time of the first record (nanoseconds since 1970), which is known
 * when the first row is.
 */
export function packetFields(origin: () => bigint): readonly PacketField[] {
  const fields: PacketField[] = [
    ...identity(origin),
    ...sequence,
    ...checksums('tcpChecksum', 'TCP', (view) => [
      view.tcpChecksumStatus,
      view.tcpChecksumFound,
      view.tcpChecksumExpected,
    ]),
    ...checksums('ipChecksum', 'IPv4 header', (view) => [
      view.ipChecksumStatus,
      view.ipChecksumFound,
      view.ipChecksumExpected,
    ]),
    ...states('client'),
    ...states('server'),
    ...verdict,
    ...rtt('client'),
    ...rtt('server'),
    ...congestion('client'),
    ...congestion('server'),
    {
      key: 'waits',
      type: 'list',
      about: 'where the time went until its data arrived, since the data before it had: owner, cause, ms and exchange',
      value: (row) => row.waits.map(waitObject),
    },
    {
      key: 'findings',
      type: 'count',
      about: 'what is worth telling about this packet',
      value: (row) => row.findings.map(findingObject),
      text: (row) => row.findings.map((finding) => finding.id).join(' '),
    },
    ...wireshark,
    { key: 'comment', type: 'text', about: 'comment of the packet in a pcapng file', value: (row) => row.comment },
    ...view,
  ];
  return guarded(fields, PACKET_NULLABLE);
}

/** Keys of the fields that only the text view has by itself: they say again, shorter, what others say. */
export const VIEW_KEYS: ReadonlySet<string> = new Set(['time', 'direction', 'seqRange', 'stateChange', 'mark']);

const number = { type: 'number', align: 'right' } as const;

function identity(origin: () => bigint): PacketField[] {
  return [
    {
      key: 'number',
      header: '#',
      about: 'number of the frame in the capture, from 1',
      value: (row) => row.view.frame,
      width: 5,
      ...number,
    },
    {
      key: 'timestamp',
      type: 'time',
      about: 'Unix time in seconds with nine decimals, as a string',
      value: (row) => timestampText(origin(), row.view.time),
    },
    {
      key: 'stream',
      header: 'st',
      about: 'number of the connection, from 0, in the order of first packets',
      value: (row) => row.connection.id,
      width: 2,
      ...number,
    },
    {
      key: 'vantage',
      type: 'text',
      header: 'at',
      about: 'interface that saw the packet, where the capture has several points of view; else null',
      value: (row) => row.view.sight?.vantage.name ?? null,
      width: 8,
    },
    { key: 'sender', type: 'text', about: 'client or server', value: (row) => row.sender.role },
    {
      key: 'src',
      type: 'text',
      about: 'source address',
      value: ({ view: v }) => address(v.ipVersion, v.src0, v.src1, v.src2, v.src3),
    },
    { key: 'srcPort', about: 'source port', value: (row) => row.view.srcPort, ...number },
    {
      key: 'dst',
      type: 'text',
      about: 'destination address',
      value: ({ view: v }) => address(v.ipVersion, v.dst0, v.dst1, v.dst2, v.dst3),
    },
    { key: 'dstPort', about: 'destination port', value: (row) => row.view.dstPort, ...number },
  ];
}

const sequence: readonly PacketField[] = [
  { key: 'seq', about: 'SEG.SEQ from the SYN (0) on', value: (row) => row.seq, ...number },
  {
    key: 'ack',
    about: 'SEG.ACK from the SYN of the other side on; null without ACK',
    value: (row) => (row.ack < 0 ? null : row.ack),
    width: 8,
    ...number,
  },
  { key: 'nextSeq', about: 'SEG.SEQ + SEG.LEN', value: (row) => row.end, ...number },
  { key: 'rawSeq', about: 'SEG.SEQ as on the wire', value: (row) => row.view.seq, ...number },
  { key: 'rawAck', about: 'SEG.ACK as on the wire', value: (row) => row.view.ack, ...number },
  {
    key: 'payloadLength',
    header: 'len',
    about: 'bytes of payload',
    value: (row) => row.view.payloadLength,
    width: 5,
    ...number,
  },
  {
    key: 'flags',
    type: 'text',
    about: 'control bits in the letters of tcpdump',
    value: (row) => flagLetters(row.view.flags),
    width: 4,
  },
  {
    key: 'window',
    header: 'win',
    about: 'SEG.WND in bytes, scaled; null while the scale is unknown',
    value: (row) => (row.window < 0 ? null : row.window),
    text: (row) => (row.window < 0 ? `${row.view.rawWindow}?` : String(row.window)),
    width: 7,
    ...number,
  },
  { key: 'rawWindow', about: 'SEG.WND as on the wire', value: (row) => row.view.rawWindow, ...number },
  {
    key: 'windowScale',
    about: 'shift count that applies; null on a SYN, "unknown" without a handshake',
    value: (row) => (row.windowShift === -1 ? 'unknown' : row.windowShift === -2 ? null : row.windowShift),
    ...number,
  },
  { key: 'urgentPointer', about: 'as on the wire', value: (row) => row.view.urgentPointer, ...number },
  { key: 'options', type: 'list', about: 'TCP options in their order', value: (row) => optionList(row.view) },
  { key: 'ttl', about: 'time to live or hop limit', value: (row) => row.view.ttl, ...number },
  {
    key: 'ipId',
    about: 'identification of the IPv4 header or the fragment header; null without',
    value: (row) => (row.view.ipId < 0 ? null : row.view.ipId),
    ...number,
  },
  {
    key: 'sinceStartMs',
    about: 'milliseconds since the first packet of the connection',
    value: (row) => row.sinceStart / 1e6,
    ...number,
  },
  {
    key: 'sincePreviousMs',
    about: 'milliseconds since the previous packet of the connection',
    value: (row) => row.sincePrevious / 1e6,
    ...number,
  },
];

/** What the text view shows instead of several fields. */
const view: readonly PacketField[] = [
  {
    key: 'time',
    about: 'seconds since the first packet of the capture',
    value: (row) => row.view.time / 1e9,
    text: (row) => formatSeconds(row.view.time),
    width: 10,
    ...number,
  },
  {
    key: 'direction',
    type: 'text',
    header: ' ',
    about: 'an arrow: to the right from client to server',
    value: (row) => (row.sender.isClient ? '→' : '←'),
    style: (row, style) => (row.sender.isClient ? style.client : style.server),
  },
  {
    key: 'seqRange',
    header: 'seq',
    about: 'first sequence number and, with payload, that after the last',
    value: (row) => (row.view.payloadLength === 0 ? String(row.seq) : `${row.seq}:${row.seq + row.view.payloadLength}`),
    type: 'text',
    width: 13,
    align: 'right',
  },
  { key: 'stateChange', type: 'text', about: 'the state changes that the packet brings', value: stateChange },
  {
    key: 'mark',
    type: 'text',
    header: '',
    about: 'verdict and findings in a few words',
    value: packetMark,
    style: packetMarkStyle,
  },
];

function checksums(key: string, name: string, read: (view: SegmentView) => [number, number, number]): PacketField[] {
  return [
    {
      key: `${key}.status`,
      type: 'text',
      about: `${name} checksum: good, bad, offload, unverified or absent`,
      value: (row) => CHECKSUM_STATUS_NAMES[read(row.view)[0]],
    },
    { key: `${key}.found`, about: 'checksum in the header', value: (row) => read(row.view)[1], ...number },
    { key: `${key}.expected`, about: 'checksum that would be right', value: (row) => read(row.view)[2], ...number },
  ];
}

function states(role: 'client' | 'server'): PacketField[] {
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

const verdict: readonly PacketField[] = [
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
    about: 'of a duplicate: network or capture',
    value: (row) => (row.verdict!.kind === Kind.DUPLICATE ? (row.verdict!.byCapture ? 'capture' : 'network') : null),
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

function rtt(role: 'client' | 'server'): PacketField[] {
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

/** Infinity is a threshold that was never set, NaN a figure that nobody can know. */

function congestion(role: 'client' | 'server'): PacketField[] {
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

function waitObject({ use, time, exchange }: PacketRow['waits'][number]): Json {
  const { owner, cause } = TIME_USES[use];
  return { owner, cause, ms: time / 1e6, exchange: exchange < 0 ? null : exchange };
}

function findingObject({ id, severity, cause, who, confidence, evidence, text, cite }: Finding): Json {
  return { id, severity, cause, who, confidence, evidence, text, cite };
}

function sideOf(endpoint: Endpoint): number {
  return endpoint.index * 3;
}

function milliseconds(nanoseconds: number): number | null {
  return nanoseconds < 0 ? null : nanoseconds / 1e6;
}

/** What Wireshark shows, and nothing else: its times are raw, its counts begin where its own rules say. */
const wireshark: readonly PacketField[] = [
  {
    key: 'wireshark.flags',
    type: 'list',
    about: 'tcp.analysis flags by the rules of Wireshark 4.0, right or wrong',
    value: (row) => wiresharkFlagNames(row.wireshark!.flags),
  },
  {
    key: 'wireshark.differs',
    type: 'text',
    about: 'one sentence where the verdict is not what these flags say',
    value: disagreement,
  },
  {
    key: 'wireshark.duplicateAckNumber',
    about: 'tcp.analysis.duplicate_ack_num',
    value: (row) => positive(row.wireshark!.duplicateAckNumber),
    ...number,
  },
  {
    key: 'wireshark.duplicateAckFrame',
    about: 'tcp.analysis.duplicate_ack_frame',
    value: (row) => positive(row.wireshark!.duplicateAckFrame),
    ...number,
  },
  {
    key: 'wireshark.acksFrame',
    about: 'tcp.analysis.acks_frame',
    value: (row) => positive(row.wireshark!.acksFrame),
    ...number,
  },
  {
    key: 'wireshark.ackRttMs',
    about: 'tcp.analysis.ack_rtt, milliseconds',
    value: (row) => elapsedMs(row.wireshark!.ackRtt),
    ...number,
  },
  {
    key: 'wireshark.initialRttMs',
    about: 'tcp.analysis.initial_rtt, milliseconds',
    value: (row) => elapsedMs(row.wireshark!.initialRtt),
    ...number,
  },
  {
    key: 'wireshark.rtoMs',
    about: 'tcp.analysis.rto, milliseconds',
    value: (row) => elapsedMs(row.wireshark!.rto),
    ...number,
  },
  {
    key: 'wireshark.rtoFrame',
    about: 'tcp.analysis.rto_frame',
    value: (row) => positive(row.wireshark!.rtoFrame),
    ...number,
  },
  {
    key: 'wireshark.bytesInFlight',
    about: 'tcp.analysis.bytes_in_flight',
    value: (row) => positive(row.wireshark!.bytesInFlight),
    ...number,
  },
  {
    key: 'wireshark.pushBytesSent',
    about: 'tcp.analysis.push_bytes_sent',
    value: (row) => positive(row.wireshark!.pushBytesSent),
    ...number,
  },
  {
    key: 'wireshark.completeness',
    about: 'tcp.completeness before this packet, as one pass shows it',
    value: (row) => row.wireshark!.completeness,
    ...number,
  },
];

function positive(value: number): number | null {
  return value > 0 ? value : null;
}

/** Milliseconds of nanoseconds that passed: null where none are known, also because the clock was set back meanwhile. */
function elapsedMs(nanoseconds: number): number | null {
  return nanoseconds >= 0 ? nanoseconds / 1e6 : null;
}

function optionList(view: SegmentView): Json {
  const start = view.tcpOffset + 20;
  const end = view.tcpOffset + view.headerLength;
  if (end <= start) return [];
  const captured = view.reassembled ? end : view.recordOffset + view.capturedLength;
  return listOptions(view.bytes, view.data, start, end, captured) as unknown as Json;
}

/** The packets of a connection name the same few addresses again and again. */
const addresses = new Map<number, string>();
const MAX_ADDRESSES = 4096;

function address(version: number, w0: number, w1: number, w2: number, w3: number): string {
  if (version !== 4) return formatAddress(version, w0, w1, w2, w3);
  let text = addresses.get(w3);
  if (text === undefined) {
    if (addresses.size >= MAX_ADDRESSES) addresses.clear();
    text = formatAddress(version, w0, w1, w2, w3);
    addresses.set(w3, text);
  }
  return text;
}
