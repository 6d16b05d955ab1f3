import type { End } from '../../message.ts';
import { count, list, nameOf, plural, times } from '../grammar.ts';
import { foreign, type Ttl } from './close.ts';

export type FlagsFault = 'syn-fin' | 'syn-rst' | 'rst-fin' | 'none';
const FLAGS: Readonly<Record<FlagsFault, string>> = {
  'syn-fin': 'SYN and FIN at once',
  'syn-rst': 'SYN and RST at once',
  'rst-fin': 'RST and FIN at once',
  none: 'none of ACK, SYN and RST',
};

export type BlockFault = 'reversed' | 'beyond-window' | 'below-ack';
const BLOCKS: Readonly<Record<BlockFault, string>> = {
  reversed: 'which ends before it begins',
  'beyond-window': 'which lies beyond everything that its own window allowed',
  'below-ack': 'which lies below what the same packet acknowledges',
};

export type StateEvent = 'sent-syn' | 'sent-syn-ack' | 'sent-fin' | 'sent-rst';

const EVENTS: Readonly<Record<StateEvent, string>> = {
  'sent-syn': 'sent a SYN',
  'sent-syn-ack': 'sent a SYN,ACK',
  'sent-fin': 'sent a FIN',
  'sent-rst': 'sent a RST',
};

/** What sets a segment apart from the others of its alleged sender. */
export type Sign =
  | { sign: 'unstamped' }
  | { sign: 'beyond-window'; bytes: number }
  | { sign: 'place'; stands: number }
  | { sign: 'acks-unsent'; bytes: number }
  | { sign: 'ttl'; ttl: number; usual: number }
  | { sign: 'ip-id'; ipId: number; usual: number };

function signText(s: Sign): string {
  switch (s.sign) {
    case 'unstamped':
      return 'it lacks the agreed timestamps';
    case 'beyond-window':
      return `it lies ${plural(s.bytes, 'byte')} beyond the window`;
    case 'place':
      return `the next offset of its sender is ${count(s.stands)}`;
    case 'acks-unsent':
      return `it acknowledges ${plural(s.bytes, 'byte')} that were never sent`;
    case 'ttl':
      return `its TTL is ${s.ttl} instead of ${s.usual}`;
    case 'ip-id':
      return `its IP ID ${s.ipId} is far from ${s.usual}`;
  }
}

export interface Icmp {
  router: string;
  sender: End;
  receiver: string;
  reason: IcmpReason;
  messages: number;
  /** It quotes a segment that is outstanding. */
  believed: boolean;
}

/** Code of "destination unreachable" for IPv4 or IPv6, or the type of another error. */
export type IcmpReason = { version: number; code: number } | { version: number; type: number };

/** RFC 792; RFC 1122 section 3.2.2.1. */
const UNREACHABLE = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed',
  'source route failed',
  'network unknown',
  'host unknown',
  'source host isolated',
  'network administratively prohibited',
  'host administratively prohibited',
  'network unreachable for this type of service',
  'host unreachable for this type of service',
  'communication administratively prohibited',
  'host precedence violation',
  'precedence cutoff',
];
/** RFC 4443 section 3.1. */
const UNREACHABLE_V6 = [
  'no route to destination',
  'communication administratively prohibited',
  'beyond the scope of the source address',
  'address unreachable',
  'port unreachable',
  'source address failed the policy',
  'route rejected',
];
const TYPES: Readonly<Record<number, string>> = {
  4: 'source quench',
  5: 'redirect',
  11: 'time exceeded',
  12: 'parameter problem',
};
const TYPES_V6: Readonly<Record<number, string>> = { 3: 'time exceeded', 4: 'parameter problem' };

function icmpReason(reason: IcmpReason): string {
  const isV6 = reason.version === 6;
  if ('code' in reason) return (isV6 ? UNREACHABLE_V6 : UNREACHABLE)[reason.code] ?? `code ${reason.code}`;
  return (isV6 ? TYPES_V6 : TYPES)[reason.type] ?? `type ${reason.type}`;
}

const icmpEnd = ({ messages, believed }: { messages: number; believed: boolean }) =>
  `${messages > 1 ? `, ${times(messages)}` : ''}.${believed ? '' : ' It quotes a segment that is not outstanding, and may be forged.'}`;

const icmpError = {
  cause: ({ reason }: Icmp) => icmpReason(reason),
  text: (e: Icmp) =>
    `${e.router} reported "${icmpReason(e.reason)}" for a packet of ${nameOf(e.sender)} to ${e.receiver}${icmpEnd(e)}`,
};

const inTheName = (ttl: Ttl | null) => (ttl === null ? '' : 'in the name ');

export const PROTOCOL = {
  'illegal-flags': {
    cause: ({ fault }: { fault: FlagsFault }) => FLAGS[fault],
    text: ({
      sender,
      frame,
      letters,
      fault,
      ttl,
    }: {
      sender: End;
      frame: number;
      letters: string;
      fault: FlagsFault;
      ttl: Ttl | null;
    }) =>
      `Packet ${frame} ${inTheName(ttl)}of ${nameOf(sender)} has the flags [${letters}]: ${FLAGS[fault]}.${foreign(ttl)}`,
  },
  'reserved-bits': {
    cause: 'bits that must be zero',
    text: ({ sender, frame, bits, ttl }: { sender: End; frame: number; bits: number; ttl: Ttl | null }) => {
      const set = `reserved bits (${bits.toString(2).padStart(3, '0')})`;
      return ttl === null
        ? `${nameOf(sender)} set ${set} in the header of packet ${frame}.`
        : `Packet ${frame} ${inTheName(ttl)}of ${nameOf(sender)} has ${set} set in its header.${foreign(ttl)}`;
    },
  },
  'window-scale-too-large': {
    cause: 'a shift count above 14',
    text: ({ sender, shift, largest }: { sender: End; shift: number; largest: number }) =>
      `${nameOf(sender)} offered a window scale of ${shift}; ${largest} is the largest, and is used.`,
  },
  'malformed-options': {
    cause: 'an impossible length',
    text: ({ sender, frame }: { sender: End; frame: number }) =>
      `The options of packet ${frame} of ${nameOf(sender)} are malformed: what follows the first bad one cannot be read.`,
  },
  'urgent-data': {
    cause: 'the application sent out-of-band data',
    text: ({ sender, segments }: { sender: End; segments: number }) =>
      `${nameOf(sender)} sent urgent data in ${plural(segments, 'segment')}.`,
  },
  'urgent-pointer-zero': {
    cause: 'urgent data that ends before it begins',
    text: ({ sender, frame }: { sender: End; frame: number }) =>
      `Packet ${frame} of ${nameOf(sender)} has the URG flag and an urgent pointer of zero.`,
  },
  'urgent-pointer-unused': {
    cause: 'a pointer that means nothing',
    text: ({ sender, segments }: { sender: End; segments: number }) =>
      `${plural(segments, 'segment')} of ${nameOf(sender)} ${segments === 1 ? 'has' : 'have'} an urgent pointer without the URG flag.`,
  },
  'timestamps-missing': {
    cause: 'the option was left out or taken out',
    text: ({ sender, frame }: { sender: End; frame: number }) =>
      `Packet ${frame} of ${nameOf(sender)} lacks the timestamps that both ends agreed on; its receiver may drop it.`,
  },
  'timestamps-backwards': {
    cause: 'several clocks behind one address, or a clock set back',
    text: ({ sender, frame, ticks }: { sender: End; frame: number; ticks: number }) =>
      `New data of ${nameOf(sender)} in packet ${frame} has a timestamp ${plural(ticks, 'tick')} older than data before it: its receiver drops it (PAWS).`,
  },
  'sack-outside-window': {
    cause: ({ fault }: { fault: BlockFault }) => BLOCKS[fault],
    text: ({
      sender,
      frame,
      left,
      right,
      fault,
    }: {
      sender: End;
      frame: number;
      left: number;
      right: number;
      fault: BlockFault;
    }) =>
      `${nameOf(sender)} reports an invalid SACK block in packet ${frame}: ${count(left)}:${count(right)}, ${BLOCKS[fault]}.`,
  },
  'illegal-transition': {
    cause: 'no such transition',
    text: ({ end, event, state }: { end: End; event: StateEvent; state: string }) =>
      `${nameOf(end)} ${EVENTS[event]} in ${state}, which TCP does not allow.`,
  },
  'blind-syn': {
    cause: 'forged, or the client lost its memory',
    text: ({ sender, receiver }: { sender: End; receiver: End }) =>
      `A SYN in the name of ${nameOf(sender)} came in the middle of its connection with ${nameOf(receiver)}; it changes nothing and must be challenged.`,
  },
  'injected-segment': {
    cause: 'sent by somebody else',
    text: ({
      sender,
      receiver,
      frame,
      bytes,
      offset,
      signs,
    }: {
      sender: End;
      receiver: End;
      frame: number;
      bytes: number;
      offset: number;
      signs: readonly Sign[];
    }) => {
      const what = bytes > 0 ? `with ${plural(bytes, 'byte')} at offset ${count(offset)}` : 'without data';
      return `Packet ${frame} in the name of ${nameOf(sender)}, ${what}, is not one of its own: ${list(signs.map(signText))}. ${nameOf(receiver)} drops it.`;
    },
  },
  'icmp-too-big': {
    cause: 'the next link is smaller',
    text: ({
      router,
      sender,
      mtu,
      messages,
      believed,
    }: {
      router: string;
      sender: End;
      /** 0 unknown. */
      mtu: number;
      messages: number;
      believed: boolean;
    }) =>
      `${router} reported that a packet of ${nameOf(sender)} is too big for its next link${mtu > 0 ? `, which takes ${count(mtu)} bytes` : ''}${icmpEnd({ messages, believed })}`,
  },
  'icmp-unreachable': icmpError,
  'icmp-other': icmpError,
};
