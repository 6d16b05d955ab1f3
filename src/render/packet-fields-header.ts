import { formatAddress } from '../model/address.ts';
import { flagLetters } from '../model/flags.ts';
import type { PacketRow } from '../model/row.ts';
import { CHECKSUM_STATUS_NAMES, type SegmentView } from '../model/segment.ts';
import { timestampText } from '../model/timestamp.ts';
import { number, type PacketField } from './packet-field.ts';
import { optionList, writeOptions, writeTimestamp } from './packet-json-parts.ts';

/* What the packet itself says, and where it stands in its connection. */

export function identity(origin: () => bigint): PacketField[] {
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
      write: (row, out) => writeTimestamp(origin(), row.view.time, out),
    },
    {
      key: 'stream',
      header: 'st',
      about: 'number of the connection, from 0, in the order of first packets',
      value: (row) => row.connection.id,
      alike: direction,
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
      alike: direction,
    },
    { key: 'srcPort', about: 'source port', value: (row) => row.view.srcPort, alike: direction, ...number },
    {
      key: 'dst',
      type: 'text',
      about: 'destination address',
      value: ({ view: v }) => address(v.ipVersion, v.dst0, v.dst1, v.dst2, v.dst3),
      alike: direction,
    },
    { key: 'dstPort', about: 'destination port', value: (row) => row.view.dstPort, alike: direction, ...number },
  ];
}

export const sequence: readonly PacketField[] = [
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
  {
    key: 'options',
    type: 'list',
    about: 'TCP options in their order',
    value: (row) => optionList(row.view),
    write: (row, out) => writeOptions(row.view, out),
  },
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

export function checksums(
  key: string,
  name: string,
  read: (view: SegmentView) => [number, number, number],
): PacketField[] {
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

/**
 * One number for each direction of each connection, by the order of the sockets: which of the ends is the client may turn out later. A connection
 * that is seen from several points of view can have other sockets at each.
 */
function direction({ view, connection }: PacketRow): number {
  if (view.sight !== null) return -1;
  const order = view.src3 - view.dst3 || view.srcPort - view.dstPort;
  return order === 0 ? -1 : 2 * connection.id + Number(order > 0);
}
