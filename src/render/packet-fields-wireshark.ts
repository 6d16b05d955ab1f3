import { disagreement } from '../compat/disagreement.ts';
import { wiresharkFlagNames } from '../model/wireshark.ts';
import { elapsedMs, number, type PacketField } from './packet-field.ts';

/** What Wireshark shows, and nothing else: its times are raw, its counts begin where its own rules say. */
export const wireshark: readonly PacketField[] = [
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
