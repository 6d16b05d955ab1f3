import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../model/flags.ts';
import { Option } from '../../model/segment.ts';
import { CAUSE_NAMES, KIND_NAMES, Kind } from '../../model/verdict.ts';
import {
  BOOL,
  DURATION,
  type Field,
  field,
  NUMBER,
  oneOf,
  record,
  type Schema,
  SIZE,
  STRING,
} from '../language/type.ts';
import { exact, unknown, type Val } from '../language/value.ts';
import type { PacketFact } from './packet-fact.ts';

export const ROLES = ['client', 'server'] as const;
export const CAUSES = CAUSE_NAMES.filter((cause) => cause !== null);

const FLAG_BITS = { fin: FIN, syn: SYN, rst: RST, psh: PSH, ack: ACK, urg: URG, ece: ECE, cwr: CWR };

const FLAGS: Schema<PacketFact> = {
  name: 'flags',
  fields: Object.fromEntries(
    Object.entries(FLAG_BITS).map(([name, bit]) => [
      name,
      field<PacketFact>(BOOL, `the ${name.toUpperCase()} bit`, ({ flags }) => exact((flags & bit) !== 0)),
    ]),
  ),
};

function atPacket(get: (packet: PacketFact) => unknown): (packet: PacketFact) => Val {
  return (packet) => exact(get(packet), [packet.frame]);
}

export const PACKET_FIELDS: Record<string, Field<PacketFact>> = {
  frame: field(
    NUMBER,
    'number of the packet in the capture',
    atPacket(({ frame }) => frame),
  ),
  time: field(
    DURATION,
    'since the first packet of the connection',
    atPacket(({ time }) => time),
  ),
  gap: field(
    DURATION,
    'since the packet before',
    atPacket(({ gap }) => gap),
  ),
  from: field(
    oneOf(ROLES),
    'client or server',
    atPacket(({ sender }) => sender.role),
  ),
  flags: field(record(FLAGS), 'fin, syn, rst, psh, ack, urg, ece, cwr', exact),
  seq: field(
    NUMBER,
    'sequence number, relative to the SYN',
    atPacket(({ seq }) => seq),
  ),
  end: field(
    NUMBER,
    'sequence number after it',
    atPacket(({ end }) => end),
  ),
  ack_number: field(NUMBER, 'acknowledgment number, relative; none without ACK', (packet) =>
    exact(packet.ack < 0 ? null : packet.ack, [packet.frame]),
  ),
  payload: field(
    SIZE,
    'bytes of data',
    atPacket(({ payload }) => payload),
  ),
  window: field(SIZE, 'window in bytes', ({ window, frame }) =>
    window < 0 ? unknown('the handshake was not captured, so the window scale is unknown') : exact(window, [frame]),
  ),
  ttl: field(
    NUMBER,
    'TTL or hop limit',
    atPacket(({ ttl }) => ttl),
  ),
  kind: field(
    oneOf(KIND_NAMES),
    KIND_NAMES.join(', '),
    atPacket(({ kind }) => kind),
  ),
  verdict: field(
    oneOf(KIND_NAMES),
    'the same as kind',
    atPacket(({ kind }) => kind),
  ),
  cause: field(
    oneOf(CAUSES),
    'why it was retransmitted, none for others',
    atPacket(({ cause }) => cause),
  ),
  retransmission: field(
    BOOL,
    'data or a SYN or FIN sent again',
    atPacket(({ verdict }) => verdict.kind === Kind.RETRANSMISSION),
  ),
  reordered: field(
    BOOL,
    'overtaken on the way by a packet that was sent later',
    atPacket(({ verdict }) => verdict.kind === Kind.REORDERED && !verdict.byCapture),
  ),
  duplicate: field(
    BOOL,
    'the same packet once more',
    atPacket(({ verdict }) => verdict.kind === Kind.DUPLICATE),
  ),
  spurious: field(
    BOOL,
    'a retransmission that was not needed',
    atPacket(({ verdict }) => verdict.spurious),
  ),
  lost: field(BOOL, 'this copy did not arrive', ({ isLost, frame }) =>
    isLost === null ? unknown(`the capture does not show whether packet ${frame} arrived`) : exact(isLost, [frame]),
  ),
  mss: field(
    SIZE,
    'MSS option, none without',
    atPacket(({ options }) => (options.present & Option.MSS ? options.mss : null)),
  ),
  anomaly_ids: field(
    { kind: 'list', of: STRING },
    'ids of the findings attached to it',
    atPacket(({ anomalies }) => anomalies),
  ),
};

export const PACKET: Schema<PacketFact> = { name: 'packet', fields: PACKET_FIELDS };
