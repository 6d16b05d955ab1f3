import { TIME_USES } from '../model/budget.ts';
import type { Finding } from '../model/finding.ts';
import type { PacketRow } from '../model/row.ts';
import { guarded, type Json, type Nullable } from './field.ts';
import { type PacketField, reading } from './packet-field.ts';
import { congestion, rtt, states, verdict } from './packet-fields-analysis.ts';
import { checksums, identity, sequence } from './packet-fields-header.ts';
import { view } from './packet-fields-view.ts';
import { wireshark } from './packet-fields-wireshark.ts';

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
    ...reading('states', [...states('client'), ...states('server')]),
    ...verdict,
    ...rtt('client'),
    ...rtt('server'),
    ...reading('congestion', [...congestion('client'), ...congestion('server')]),
    {
      key: 'waits',
      part: 'waits',
      type: 'list',
      about: 'where the time went until its data arrived, since the data before it had: owner, cause, ms and exchange',
      value: (row) => row.waits.map(waitObject),
    },
    {
      key: 'findings',
      part: 'findings',
      type: 'count',
      about: 'what is worth telling about this packet',
      value: (row) => row.findings.map(findingObject),
      text: (row) => row.findings.map((finding) => finding.id).join(' '),
    },
    ...reading('wireshark', wireshark),
    { key: 'comment', type: 'text', about: 'comment of the packet in a pcapng file', value: (row) => row.comment },
    ...view,
  ];
  return guarded(fields, PACKET_NULLABLE);
}

function waitObject({ use, time, exchange }: PacketRow['waits'][number]): Json {
  const { owner, cause } = TIME_USES[use];
  return { owner, cause, ms: time / 1e6, exchange: exchange < 0 ? null : exchange };
}

function findingObject({ id, severity, cause, who, confidence, evidence, text, cite }: Finding): Json {
  return { id, severity, cause, who, confidence, evidence, text, cite };
}
