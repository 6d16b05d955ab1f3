import { formatHex16 } from '../../../model/units.ts';
import type { StoryWords } from '../../story.ts';
import { count, duration, plural } from '../grammar.ts';
import { other } from './words.ts';

const CHECKSUMS: Readonly<Record<string, string>> = {
  good: 'right: the packet is as it was sent',
  offload: 'only that of the pseudo-header: the network card completes it after the capture',
  unverified: 'cannot be verified: the capture does not hold the whole packet',
  absent: 'there is none',
};

/** The fields of a packet, with their meaning here. */
export const FIELDS = {
  'field.sender': ({ role }) => `the ${role}`,
  'field.receiver': ({ role }) => `the ${role}`,
  'field.time': ({ sinceStart, sincePrevious }) =>
    `after the connection's first packet ${duration(sinceStart)}, after the packet before ${duration(sincePrevious)}`,
  'field.ttl': ({ hops, start }) =>
    hops === 0
      ? `no router lowered it since it left with ${start}, as is usual`
      : `${plural(hops, 'router')} on the way so far, if it left with ${start}`,
  'field.ip-id': () => 'number that the sender gave to the IP packet',
  'field.fragment': ({ mayFragment }) =>
    mayFragment
      ? 'routers may split the packet'
      : 'DF: routers must not split the packet, but report that it is too big',
  'field.ecn': ({ mark }) =>
    mark === 'none'
      ? 'the sender does not take part in ECN with this packet'
      : mark === 'congestion'
        ? 'CE: a router marked congestion'
        : 'ECT: routers may mark congestion here',
  'field.header-length': ({ options }) => (options === 0 ? 'no options' : `20 bytes and ${options} of options`),
  'field.window': ({ raw, shift, window }) =>
    shift === 0
      ? `it can take ${plural(window, 'byte')} beyond the acknowledgment number`
      : `${raw} × 2^${shift}: it can take ${plural(window, 'byte')} beyond the acknowledgment number`,
  'field.window.syn': ({ window }) =>
    `it can take ${plural(window, 'byte')} at first; the window of a SYN is never scaled`,
  'field.window.unknown': ({ raw }) =>
    `${raw}, in an unknown unit: the handshake with the window scale was not captured`,
  'field.window.rst': () => 'of no meaning in a RST',
  'field.window.zero': ({ role }) => `closed: the ${other(role)} must not send data now`,
  'field.checksum': ({ status, expected }) =>
    status === 'bad'
      ? `wrong, ${formatHex16(expected)} would be right: the packet was damaged, and its receiver drops it`
      : CHECKSUMS[status],
  'field.urgent': ({ pointer }) =>
    pointer === 0 ? 'not used' : `urgent data ends ${plural(pointer, 'byte')} into the payload, if URG is set`,
  'field.payload': ({ bytes, captured }) =>
    captured < bytes
      ? `data for the program, of which the capture holds ${plural(captured, 'byte')}`
      : `data for the program: ${plural(bytes, 'byte')}`,
  'field.payload.none': () => 'no data',
  'flag.syn': () => 'SYN: opens a direction and tells the initial sequence number',
  'flag.ack': () => 'ACK: the acknowledgment number counts',
  'flag.psh': () => 'PSH: hand the data to the program now, nothing more follows at once',
  'flag.fin': () => 'FIN: the sender has no more data',
  'flag.rst': () => 'RST: the connection is broken off',
  'flag.urg': () => 'URG: the urgent pointer counts',
  'flag.ece': ({ isSyn }) => (isSyn ? 'ECE: part of the negotiation of ECN' : 'ECE: a congestion mark has arrived'),
  'flag.cwr': ({ isSyn }) =>
    isSyn ? 'CWR: part of the negotiation of ECN' : 'CWR: the sender has reduced its congestion window',
  'flag.ae': () => 'AE: accurate ECN (RFC 9768)',
  'field.mss': ({ mss }) => `largest segment that it can take: ${count(mss)} bytes`,
  'field.scale': ({ shift }) =>
    `its later windows count in units of ${count(2 ** shift)} bytes, if both ends send this option`,
  'field.sack-permitted': () => 'it understands selective acknowledgments',
  'field.sack': ({ from, to }) => `bytes ${from} to ${to - 1} have arrived too`,
  'field.timestamps': ({ echoes }) =>
    echoes
      ? "its own clock, and the latest of the other end's that it has seen"
      : 'its own clock; there is none to echo yet',
  'field.other-option': () => 'an option without influence on what is told here',
} satisfies Partial<StoryWords>;
