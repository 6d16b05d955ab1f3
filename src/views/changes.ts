import { Option } from '../model/segment.ts';
import { Known, type Sightings } from './sightings.ts';

/** What may differ in a packet between two vantages. */
export type ChangeCode =
  | 'src-addr'
  | 'src-port'
  | 'dst-addr'
  | 'dst-port'
  | 'ttl'
  | 'dscp'
  | 'ecn'
  | 'mss'
  | 'options'
  | 'seq'
  | 'ack'
  | 'ipid'
  | 'vlan'
  | 'encapsulation'
  | 'segments';
/** By their bits. */
export const CHANGE_CODES: readonly ChangeCode[] = [
  'src-addr',
  'src-port',
  'dst-addr',
  'dst-port',
  'ttl',
  'dscp',
  'ecn',
  'mss',
  'options',
  'seq',
  'ack',
  'ipid',
  'vlan',
  'encapsulation',
  'segments',
];

/** What the sockets of a flow add: of the packet's sender and of its receiver, at both vantages. */
export interface SocketPair {
  readonly from: string;
  readonly to: string;
}

/** Options that every packet of a connection may have, or not: SACK blocks change with what the receiver holds. */
const COMPARED = ~(Option.CUT | Option.MALFORMED) & 0xffff;

/**
 * Bits by the place in `CHANGE_CODES`: how the packet `j` of `b` differs from what it was as `i` of `a`. `atA` and `atB` are
 * its sockets there; a part of a frame is compared in nothing that the whole frame decides.
 */
export function changesOf(
  a: Sightings,
  i: number,
  atA: SocketPair,
  b: Sightings,
  j: number,
  atB: SocketPair,
  isPart: boolean,
): number {
  let bits = 0;
  const note = (code: ChangeCode, isChanged: boolean) => {
    if (isChanged) bits |= 1 << CHANGE_CODES.indexOf(code);
  };
  note('src-addr', hostOf(atA.from) !== hostOf(atB.from));
  note('src-port', portOf(atA.from) !== portOf(atB.from));
  note('dst-addr', hostOf(atA.to) !== hostOf(atB.to));
  note('dst-port', portOf(atA.to) !== portOf(atB.to));
  note('ttl', a.ttl[i] !== b.ttl[j]);
  note('dscp', a.tos[i] >> 2 !== b.tos[j] >> 2);
  note('ecn', (a.tos[i] & 3) !== (b.tos[j] & 3));
  note('vlan', a.vlan[i] !== b.vlan[j]);
  note('encapsulation', a.tunnels[i] !== b.tunnels[j]);
  if (isPart) {
    note('segments', a.payload[i] !== b.payload[j]);
    return bits;
  }
  note('seq', a.seq[i] !== b.seq[j]);
  note('ack', a.ack[i] !== b.ack[j]);
  note('mss', a.mss[i] !== b.mss[j] && a.mss[i] !== 0 && b.mss[j] !== 0);
  const both = a.known[i] & b.known[j];
  if (both & Known.OPTIONS)
    note('options', ((a.options[i] ^ b.options[j]) & COMPARED) !== 0 || a.scale[i] !== b.scale[j]);
  if (both & Known.IP_ID) note('ipid', a.ipId[i] !== b.ipId[j]);
  return bits;
}

/** The names of the changes that the bits stand for. */
export function changeNames(bits: number): ChangeCode[] {
  return CHANGE_CODES.filter((_, bit) => bits & (1 << bit));
}

function hostOf(socket: string): string {
  return socket.slice(0, socket.lastIndexOf(':'));
}

function portOf(socket: string): string {
  return socket.slice(socket.lastIndexOf(':') + 1);
}
