import { formatHex16 } from '../../../model/units.ts';
import type { End } from '../../message.ts';
import { count, duration, isOrAre, itOrThem, list, nameOf, percent, plural, wasOrWere } from '../grammar.ts';

export interface Missing {
  owner: End;
  bytes: number;
  gaps: number;
  /** The first packet that acknowledges them. */
  frame: number;
}

/** See `LeftCounts`. */
export interface Evicted {
  connections: number;
  packets: number;
  by: Record<'attempt' | 'closed' | 'half-closed' | 'idle', number>;
  heardAgain: number;
  forMemory: number;
}

const EDITED = {
  'same-ip-id': 'all packets of both ends have the same IP ID',
  'own-ip-ids': 'all packets of each end have one IP ID',
  damaged: 'some IP header checksums of one end are wrong and others right, as after random changes of bytes',
  padding: 'the padding of short Ethernet frames counts as data, as after lengths were written anew',
  checksums: 'nearly all TCP checksums of both ends are wrong, as after a change of addresses',
};

/** What must have been acknowledged by packets without data. */
const ASKED_BY = {
  connections: 'Several connections with their handshakes',
  data: 'So much data in one direction',
  both: 'Several connections with their handshakes, and so much data in one direction,',
};

export const CAPTURE = {
  'capture-joined': {
    cause: 'captures put into one file',
    text: ({ frames }: { frames: readonly number[] }) =>
      `The file was joined from several captures, at ${frames.length === 1 ? 'packet' : 'packets'} ${list(frames.map(String))}: times, order and missing answers say little here.`,
  },
  'capture-joined.again': {
    cause: 'a capture put into one file with itself',
    text: ({ frames }: { frames: readonly number[] }) =>
      `The file holds connections more than once: ${frames.length === 1 ? 'packet' : 'packets'} ${list(frames.map(String))} ${frames.length === 1 ? 'is the SYN of an earlier connection, with its number and timestamp' : 'are SYNs of earlier connections, with their numbers and timestamps'}. Times, order and missing answers say little here.`,
  },
  'capture-joined.directions': {
    cause: 'two directions captured by clocks that differ',
    text: ({ first, late, longest }: { first: number; late: number; longest: number }) =>
      `The clocks of the two directions differ: ${count(late)} of ${plural(first, 'SYN')} ${late === 1 ? 'stands after its own ACK' : 'stand after their own ACKs'}, by up to ${duration(longest)}. Times, order and missing answers say little here.`,
  },
  'capture-edited': {
    cause: 'written or changed by a program',
    text: ({ sign }: { sign: keyof typeof EDITED }) =>
      `A program wrote or changed these packets: ${EDITED[sign]}. Times, order and missing answers say little here.`,
  },
  'capture-filtered': {
    cause: 'a filter for SYN, FIN and RST',
    text: ({ segments }: { segments: number }) =>
      `Each of the ${plural(segments, 'packet')} has SYN, FIN or RST, though data was sent: the capture was filtered. Missing answers say nothing here.`,
  },
  'capture-filtered.acks': {
    cause: 'a filter that left out ACKs',
    text: ({ segments, askedBy }: { segments: number; askedBy: keyof typeof ASKED_BY }) =>
      `None of the ${plural(segments, 'packet')} is an ACK without data. ${ASKED_BY[askedBy]} must have had some: the capture was filtered. Missing answers say nothing here.`,
  },
  'capture-filtered.empty': {
    cause: 'a filter that left out all packets without data',
    text: ({ segments, closed }: { segments: number; closed: number }) =>
      `Each of the ${plural(segments, 'packet')} has data, and FINs of ${plural(closed, 'connection')} were acknowledged that are not there: the capture was filtered. Missing answers say nothing here.`,
  },
  'invented-times': {
    cause: 'no clock gave these times',
    text: ({
      sign,
      records,
      interval,
    }: {
      sign: 'equal' | 'even' | 'whole-seconds' | 'early' | 'instant' | 'stamps';
      records: number;
      interval: number;
    }) => {
      switch (sign) {
        case 'equal':
          return `All ${count(records)} packets have the same time: durations are unknown.`;
        case 'even':
          return `All ${count(records)} packets come at intervals of exactly ${duration(interval)}: the times are invented, and durations mean nothing.`;
        case 'whole-seconds':
          return `All ${count(records)} packets come at whole seconds: durations below that are unknown.`;
        case 'instant':
          return 'Most answers come within a microsecond, which no host does: the times are invented, and durations mean nothing.';
        case 'stamps':
          return 'The TCP timestamps of both ends tick more than 4,000 times in a second of this capture, which no host does: it was played back faster, or its times were changed.';
        case 'early':
          return 'The packets are dated before 1990: the clock of the capturing host was not set, or the times are invented. Only with a clock do durations mean something.';
      }
    },
  },
  'missing-in-capture': {
    cause: 'the capture lacks them',
    text: ({ owner, bytes, gaps, frame }: Missing) =>
      `${bytes === 1 ? '1 byte (or the FIN)' : plural(bytes, 'byte')} of ${nameOf(owner)} in ${plural(gaps, 'gap')} arrived but ${isOrAre(bytes)} not in the capture: packet ${frame} acknowledges ${gaps === 1 ? itOrThem(bytes) : 'the first'}. The capture lacks these packets (dropped, filtered out or damaged), and does not show whether any of them was lost and sent again.`,
  },
  'missing-in-capture.view': {
    cause: 'the capture lacks them at this point of view',
    text: ({ owner, bytes, gaps, frame, view }: Missing & { view: string }) =>
      `${bytes === 1 ? '1 byte (or the FIN)' : plural(bytes, 'byte')} of ${nameOf(owner)} in ${plural(gaps, 'gap')} arrived but ${isOrAre(bytes)} not among the packets captured at ${view}: packet ${frame} acknowledges ${gaps === 1 ? itOrThem(bytes) : 'the first'}. The capture lacks these packets there (dropped, filtered out or damaged); other points of view may have them.`,
  },
  'missing-in-capture.crowded': {
    cause: 'the capture lacks them, or has them after their ACKs',
    text: ({ owner, bytes, gaps, frame }: Missing) =>
      `${bytes === 1 ? '1 byte (or the FIN)' : plural(bytes, 'byte')} of ${nameOf(owner)} in ${plural(gaps, 'gap')} arrived and ${wasOrWere(bytes)} not found in the capture: packet ${frame} acknowledges ${gaps === 1 ? itOrThem(bytes) : 'the first'}. There were more gaps at once than are remembered: some of these packets may be in the capture, after their ACKs.`,
  },
  'missing-in-capture.beginning': {
    cause: 'they were sent before the capture began, or it lacks them',
    text: ({ owner, bytes, frame }: Missing) =>
      `${bytes === 1 ? '1 byte (or the FIN)' : plural(bytes, 'byte')} of ${nameOf(owner)} arrived but ${isOrAre(bytes)} not in the capture: packet ${frame} acknowledges ${itOrThem(bytes)}. The capture began while the connection was open, and ${bytes === 1 ? 'it was' : 'they were'} probably on the way then.`,
  },
  'missing-in-capture.answer': {
    cause: 'the capture lacks it',
    text: ({ owner, frame }: { owner: End; frame: number }) =>
      `The SYN,ACK of ${nameOf(owner)} is not in the capture: the connection that packet ${frame} asked for was open later, and its server sent data. The capture lacks this packet (dropped, filtered out or damaged), and does not show when it came.`,
  },
  'capture-drop': {
    cause: 'the capture was too slow',
    text: ({ name, dropped, received }: { name: string; dropped: number; received: number | null }) =>
      `By its own count the capture on ${name} dropped ${plural(dropped, 'packet')}${received === null ? '' : ` of ${count(received)}`}.`,
  },
  'capture-duplicate': {
    cause: 'the same packet was recorded twice',
    text: ({ copies, share, frame, original }: { copies: number; share: number; frame: number; original: number }) =>
      `${plural(copies, 'packet')} (${percent(share)}) ${isOrAre(copies)} in the capture a second time. The first is packet ${frame}, a copy of ${original}. The copies are left out of all verdicts.`,
  },
  'capture-misordered': {
    cause: 'packets recorded out of order',
    text: ({ packets, furthest, frame }: { packets: number; furthest: number; frame: number }) =>
      `${plural(packets, 'packet')} ${isOrAre(packets)} out of time order in the file, by up to ${duration(furthest)}. The first is packet ${frame}.`,
  },
  'clock-step.back': {
    cause: 'clock set back, or captures joined',
    text: ({ back, frame }: { back: number; frame: number }) =>
      `The times go back by ${duration(back)} at packet ${frame}: the clock was set, or captures were joined. Intervals across this packet mean nothing.`,
  },
  'clock-step.forward': {
    cause: 'clock set forward',
    text: ({ gap, frame, address }: { gap: number; frame: number; address: string | null }) =>
      `The times go forward by ${duration(gap)} at packet ${frame}, but ${address === null ? 'the TCP timestamps of the hosts do' : `the TCP timestamps of ${address} do`} not: the clock of the capture was set. Intervals across this packet mean nothing.`,
  },
  'ack-before-data': {
    cause: 'the capture mixed up the two directions',
    text: ({ owner, acker, segments, longest }: { owner: End; acker: End; segments: number; longest: number }) =>
      `${plural(segments, 'segment')} of ${nameOf(owner)} ${wasOrWere(segments)} ${longest > 0 ? `captured up to ${duration(longest)}` : 'written'} after the ACK of ${nameOf(acker)} for ${itOrThem(segments)}: the capture swapped the packets.`,
  },
  'one-way-capture': {
    cause: 'the other direction did not pass here',
    text: ({ connections }: { connections: number }) =>
      `Of ${plural(connections, 'connection')} only one direction is in the capture. What the other end did is inferred from the acknowledgments.`,
  },
  'mid-stream': {
    cause: 'the capture began after the handshake',
    text: ({ connections }: { connections: number }) =>
      `${plural(connections, 'connection')} began before the capture: window scale and initial sequence numbers of ${itOrThem(connections)} are unknown.`,
  },
  'snaplen-cut': {
    cause: 'snapshot length',
    text: ({ cut, total, length }: { cut: number; total: number; length: number | null }) =>
      `${plural(cut, 'packet')} of ${count(total)} (${percent(cut / total)}) ${isOrAre(cut)} cut${length === null ? '' : ` at ${plural(length, 'byte')}`}: their checksums cannot be verified and their content is not there.`,
  },
  'capture-position': {
    cause: 'the response times of the two ends',
    text: ({
      place,
      address,
      client,
      server,
      clientAnswers,
      serverAnswers,
      agreed,
      asked,
    }: {
      place: 'client' | 'server' | 'middle' | 'loopback';
      address: string;
      client: string;
      server: string;
      /** Nanoseconds. */
      clientAnswers: number;
      serverAnswers: number;
      agreed: number;
      asked: number;
    }) => {
      const where =
        place === 'loopback'
          ? 'on a loopback interface, where both ends are'
          : place === 'middle'
            ? 'between the two ends'
            : `at ${address}`;
      const agree = asked === 1 ? '' : ` (${count(agreed)} of ${count(asked)} connections agree)`;
      return `The capture was made ${where}: ${client} answers within ${duration(clientAnswers)} and ${server} within ${duration(serverAnswers)}${agree}.`;
    },
  },
  'offload-segments': {
    cause: 'captured before the card cut them or after it joined them',
    text: ({ segments, addresses, largest }: { segments: number; addresses: string[]; largest: number }) =>
      `${plural(segments, 'segment')} of ${list(addresses, 3)} ${isOrAre(segments)} larger than the MSS, up to ${plural(largest, 'byte')}: each stands for several on the wire.`,
  },
  'checksum-offload': {
    cause: 'the network card fills them in',
    text: ({
      addresses,
      partial,
      wrong,
      wrongIp,
    }: {
      addresses: string[];
      /** TCP checksums with only the sum of the pseudo-header, other wrong ones, and wrong ones of IP headers. */
      partial: number;
      wrong: number;
      wrongIp: number;
    }) => {
      const sorts = [];
      if (partial > 0) sorts.push(`${count(partial)} with only the sum of the pseudo-header`);
      if (wrong > 0) sorts.push(`${count(wrong)} with another wrong sum`);
      if (wrongIp > 0) sorts.push(`${count(wrongIp)} with a wrong sum of the IP header`);
      const but = partial > 0 ? '' : ', unless the capture was edited (addresses replaced)';
      return `${list(addresses, 3)} ${addresses.length === 1 ? 'leaves' : 'leave'} checksums to the network card: ${list(sorts)}. On the wire they are right${but}.`;
    },
  },
  'corrupted-segment': {
    cause: 'changed on the way',
    text: ({
      sender,
      segments,
      bytes,
      frame,
      found,
      expected,
    }: {
      sender: End;
      segments: number;
      bytes: number;
      frame: number;
      found: number;
      expected: number;
    }) =>
      `${plural(segments, 'segment')} (${plural(bytes, 'byte')}) of ${nameOf(sender)} arrived damaged here: in packet ${frame} the checksum is ${formatHex16(found)} and should be ${formatHex16(expected)}. The receiver drops ${itOrThem(segments)}.`,
  },
  'questions-limit': {
    cause: 'limit of memory',
    text: ({ questions, worst, stream }: { questions: number; worst: End; stream: number }) =>
      `Too many segments waited for an answer at once: the fate of ${count(questions)} of them is unknown, most of them of ${nameOf(worst)} (stream ${stream}).`,
  },
  'connections-evicted': {
    cause: ({ forMemory }: Evicted) => (forMemory > 0 ? 'limit of memory' : 'rules of eviction'),
    text: ({ connections, packets, by, heardAgain }: Evicted) => {
      const sorts: [number, string][] = [
        [by.attempt, 'attempts that came to nothing'],
        [by.closed, 'closed'],
        [by['half-closed'], 'half-closed'],
        [by.idle, 'idle'],
      ];
      const parts = sorts.filter(([number]) => number > 0).map(([number, text]) => `${count(number)} ${text}`);
      const again =
        heardAgain === 0
          ? ''
          : ` ${plural(heardAgain, 'connection')} of them came back with late packets, under a new number.`;
      return `${plural(connections, 'connection')} with ${plural(packets, 'packet')} left the analysis before its end (${list(parts)}): they are in the sums, and have no lines of their own.${again}`;
    },
  },
  'memory-limit': {
    cause: 'limit of memory',
    text: ({ packets, connections }: { packets: number; connections: number }) =>
      `The memory was nearly full after ${plural(packets, 'packet')} of ${plural(connections, 'connection')}: the rest of the input was not read.`,
  },
  'findings-limit': {
    cause: 'limit of memory',
    text: ({ listed, unlisted }: { listed: number; unlisted: number }) =>
      `${count(listed)} findings are listed; ${count(unlisted)} further kinds of findings on other connections are not.`,
  },
};
