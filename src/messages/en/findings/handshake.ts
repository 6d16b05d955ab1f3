import type { End } from '../../message.ts';
import { count, duration, list, nameOf, percent, plural } from '../grammar.ts';

/** What the SYN,ACKs of a flooded server show: see `Flood`. */
export type Defence = 'silent' | 'answers' | 'cookies' | 'backlog-or-cookies' | 'backlog';

export interface Flood {
  server: string;
  syns: number;
  sources: number;
  /** There are so many sources that their number is estimated. */
  isEstimate: boolean;
  /** Nanoseconds. */
  span: number;
  perSecond: number;
  share: number;
  answered: number;
  repeated: number;
  defence: Defence;
}

/** What one host tried of others. */
export interface Scan {
  source: string;
  hosts: number;
  /** There are so many hosts that their number is estimated. */
  isEstimate: boolean;
  ports: number;
  /** Nanoseconds. */
  span: number;
  perSecond: number;
  refused: number;
  silent: number;
  open: number;
  /** Some of the sockets that answered. */
  openAt: readonly string[];
  /** How many of all were packets without a SYN. */
  probes: number;
}

function outcomes({ refused, silent, open, openAt, probes }: Scan): string {
  const parts: string[] = [];
  if (refused > 0) parts.push(`${count(refused)} ${probes > 0 ? 'answered with a RST' : 'refused'}`);
  if (silent > 0) parts.push(`${count(silent)} without any answer`);
  const more = open > openAt.length ? ' and others' : '';
  if (open > 0) parts.push(`${count(open)} answered (${openAt.join(', ')}${more})`);
  return list(parts);
}

function targets({ hosts, ports, isEstimate }: Scan): string {
  const about = isEstimate ? 'about ' : '';
  return `${plural(ports, 'port')} of ${about}${plural(hosts, 'host')}`;
}

const scan = {
  cause: ({ refused, open, probes }: Scan) =>
    refused + open + probes > 0 ? 'a scan' : 'a scan, or nothing answers this host',
  text: (values: Scan) => {
    const { source, refused, silent, open, probes } = values;
    const tried = refused + silent + open;
    const pace = `within ${duration(values.span)} (${count(values.perSecond)} a second)`;
    if (probes === tried)
      return `${source} sent ${plural(tried, 'packet')} without a SYN, which belong to no connection, to ${targets(values)} ${pace}: ${outcomes(values)}.`;
    const some = probes > 0 ? `, ${count(probes)} of them single packets without a SYN,` : '';
    return `${source} tried ${targets(values)} with ${plural(tried, 'connection')}${some} ${pace}, and most of it in vain: ${outcomes(values)}.`;
  },
};

function defence({ answered, repeated, syns, defence }: Flood): string {
  if (defence === 'silent') return 'it answered none of them';
  const part = `it answered ${answered === syns ? 'all' : count(answered)} of them`;
  switch (defence) {
    case 'cookies':
      return `${part} and repeated its SYN,ACK for ${repeated === 0 ? 'none' : `only ${count(repeated)}`}: it keeps no state for them (SYN cookies)`;
    case 'backlog-or-cookies':
      return `${part} and repeated its SYN,ACK for ${count(repeated)}: it keeps those half-open; the capture is too short to tell whether it keeps the others (SYN cookies)`;
    case 'backlog':
      return `${part} and repeated its SYN,ACK for ${count(repeated)}: it keeps half-open connections`;
    default:
      return part;
  }
}

const names = (ends: readonly End[]) => list(ends.map(nameOf));

export const HANDSHAKE = {
  'syn-unanswered': {
    cause: 'no answer at all',
    text: ({ client, server, waited }: { client: End; server: string; waited: number }) =>
      `No answer to the SYN of ${nameOf(client)} to ${server} is in the capture, which ended ${duration(waited)} later.`,
  },
  'half-open': {
    cause: 'the SYN,ACK was never acknowledged',
    text: ({ client, server, waited }: { client: End; server: End; waited: number }) =>
      `${nameOf(client)} never acknowledged the SYN,ACK of ${nameOf(server)}: the connection stayed half-open for ${duration(waited)}.`,
  },
  'syn-flood': {
    cause: ({ sources, syns }: Flood) => (sources > syns / 4 ? 'many sources, probably forged' : 'few sources'),
    text: (flood: Flood) =>
      `${flood.server} got ${plural(flood.syns, 'SYN')} from ${flood.isEstimate ? 'about ' : ''}${plural(flood.sources, 'address', 'addresses')} within ${duration(flood.span)} (${count(flood.perSecond)} a second) whose handshakes were never completed (${percent(flood.share)} of all); ${defence(flood)}.`,
  },
  'port-scan': scan,
  'host-sweep': scan,
  'syn-answered-by-ack': {
    cause: 'that end still has an earlier connection',
    text: ({ server, client, frame }: { server: End; client: End; frame: number }) =>
      `${nameOf(server)} answered the SYN of ${nameOf(client)} with an ACK of an earlier connection (packet ${frame}), which that end still has, half-open or in TIME-WAIT. The client has to reset it and to send its SYN again.`,
  },
  'ecn-refused': {
    cause: 'SYNs with ECN may be dropped on the way',
    text: ({ client, server, first, frame }: { client: End; server: string; first: number; frame: number }) =>
      `The SYN of ${nameOf(client)} to ${server} in packet ${first} asked for ECN and was not answered; the one without ECN in packet ${frame} was.`,
  },
  'simultaneous-open': {
    cause: 'both ends sent a SYN',
    text: ({ one, other }: { one: End; other: End }) =>
      `The SYNs of ${nameOf(one)} and ${nameOf(other)} crossed: both opened the connection at the same time.`,
  },
  'split-handshake.ack': {
    cause: 'ACK and SYN in two segments',
    text: ({ end, frame }: { end: End; frame: number }) =>
      `${nameOf(end)} acknowledged the SYN in packet ${frame} and sent a SYN of its own without ACK: a split handshake.`,
  },
  'split-handshake.syn': {
    cause: 'a SYN answered by a SYN alone',
    text: ({ end, other }: { end: End; other: End }) =>
      `${nameOf(end)} answered the SYN of ${nameOf(other)} with a SYN of its own without ACK: a split handshake.`,
  },
  'tfo-accepted': {
    cause: 'a valid cookie',
    text: ({ server, bytes }: { server: End; bytes: number }) =>
      `${nameOf(server)} accepted ${plural(bytes, 'byte')} of data that came on the SYN (TCP Fast Open).`,
  },
  'tfo-ignored.lost': {
    cause: 'the SYN with data was lost or dropped',
    text: ({ client, bytes }: { client: End; bytes: number }) =>
      `The SYN of ${nameOf(client)} with ${plural(bytes, 'byte')} of data was not answered; it was sent again without data.`,
  },
  'tfo-ignored.refused': {
    cause: 'the server did not take the data',
    text: ({ server, bytes }: { server: End; bytes: number }) =>
      `${nameOf(server)} acknowledged the SYN but not the ${plural(bytes, 'byte')} of data on it (TCP Fast Open).`,
  },
  'mss-missing': {
    cause: 'the option is missing',
    text: ({ end, peer, assumed }: { end: End; peer: string; assumed: number }) =>
      `${nameOf(end)} did not tell its MSS: ${peer} must assume ${assumed} bytes.`,
  },
  'no-window-scaling': {
    cause: 'the option is missing',
    text: ({ ends, round }: { ends: readonly End[]; round: number | null }) => {
      const megabits = round === null ? 0 : (65535 * 8 * 1000) / round;
      const ceiling =
        round === null
          ? ''
          : `, that is ${megabits >= 10 ? Math.round(megabits) : megabits.toFixed(1)} Mbit/s with a round trip of ${duration(round)}`;
      return `${names(ends)} did not offer window scaling: at most 65,535 bytes can be in flight${ceiling}.`;
    },
  },
  'no-sack': {
    cause: 'the option is missing',
    text: ({ ends }: { ends: readonly End[] }) =>
      `${names(ends)} did not permit SACK: of several losses in a window one is repaired each round trip.`,
  },
  'no-timestamps': {
    cause: 'the option is missing',
    text: ({ ends }: { ends: readonly End[] }) =>
      `${names(ends)} did not offer timestamps: round trips of repeated segments stay ambiguous.`,
  },
  'isn-constant': {
    cause: 'no random number generator',
    text: ({
      address,
      connections,
      numbers,
      isn,
      uses,
    }: {
      address: string;
      connections: number;
      /** How many different ones there are; the one that most connections have, and how many have it. */
      numbers: number;
      isn: number;
      uses: number;
    }) =>
      numbers === 1
        ? `${address} began its ${plural(connections, 'connection')} with the same initial sequence number, ${count(isn)}.`
        : `${address} began its ${plural(connections, 'connection')} with ${count(numbers)} initial sequence numbers, ${count(uses)} of them with ${count(isn)}.`,
  },
  'isn-predictable.step': {
    cause: 'a constant step from connection to connection',
    text: ({ address, connections, step }: { address: string; connections: number; step: number }) =>
      `The initial sequence numbers of ${address} rise by ${count(step)} from one connection to the next (${plural(connections, 'connection')}): anybody can predict the next one.`,
  },
  'isn-predictable.time': {
    cause: 'proportional to the time',
    text: ({ address, connections, perSecond }: { address: string; connections: number; perSecond: number }) =>
      `The initial sequence numbers of ${address} rise by ${count(perSecond)} a second over ${plural(connections, 'connection')} to different sockets: anybody can predict the next one.`,
  },
  'isn-predictable.rising': {
    cause: 'small steps from connection to connection',
    text: ({ address, connections, step }: { address: string; connections: number; step: number }) =>
      `The initial sequence numbers of ${address} rise a little from one connection to the next (${count(step)} at the median, ${plural(connections, 'connection')}): the next one is easily guessed.`,
  },
};
