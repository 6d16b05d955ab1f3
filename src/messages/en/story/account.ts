import type { Ending } from '../../../model/ending.ts';
import { formatRate } from '../../../model/units.ts';
import { AT_ONCE, type ExchangeTold, type StoryWords } from '../../story.ts';
import { count, duration, percent, plural, size, times } from '../grammar.ts';
import { at, other, packet, The, the, use } from './words.ts';

const ENDINGS: Readonly<Record<Ending['kind'], (by: Ending['by']) => string>> = {
  closed: () => 'closed in order',
  'fin-unanswered': (by) => `the FIN of the ${by} never acknowledged`,
  refused: () => 'refused',
  abandoned: () => 'given up by the client',
  reset: (by) => `reset by the ${by}`,
  'half-closed': (by) => `closed by the ${by} only`,
  unanswered: () => 'never answered',
  'handshake-unfinished': () => 'never opened completely',
  open: () => 'still open when the capture ended',
};

/** The connection as a whole: opening, conversation, end. */
export const ACCOUNT = {
  overview: ({ stream, client, server, duration: time, packets, ending }) =>
    `Connection ${stream}: ${client} (client) → ${server} (server), ${plural(packets, 'packet')} in ${duration(time)}, ${ENDINGS[ending.kind](ending.by)}.`,
  'overview.cost': ({ duration: time, lost, most }) =>
    `Of ${duration(time)}, ${duration(lost)} (${percent(lost / time)}) were lost time. The largest part of it, ${duration(most.time)}, was ${use(most.owner, most.cause)}.`,
  'overview.fine': ({ most, duration: time }) =>
    most === null
      ? 'Nothing in the capture held it up.'
      : `Nothing in the capture held it up. The largest part of the time, ${duration(most.time)} (${percent(most.time / time)}), was ${use(most.owner, most.cause)}.`,
  'overview.unknown': ({ most, duration: time }) =>
    `The capture cannot show where the largest part of the time went: ${duration(most.time)} (${percent(most.time / time)}).`,
  'overview.untimed': () => 'No one clock gave the times of the capture, so they do not show where time went.',
  'overview.no-time': () => 'There is too little of it to say where time went.',

  'connect.done': ({ syn, synAck, ack, roundTrip }) =>
    `The client asked for the connection (SYN${at(syn)}), the server agreed (SYN,ACK${at(synAck)}), and the client confirmed (ACK${at(ack)})${
      Number.isNaN(roundTrip) ? '' : `, ${duration(roundTrip)} in all`
    }.`,
  'connect.waited': ({ time }) =>
    `Of the opening, ${duration(time)} were spent waiting for the timer of a SYN or SYN,ACK.`,
  'connect.simultaneous': ({ first, second, time }) =>
    `Both ends asked at once: their SYNs (${packet(first)} and ${packet(second)}) crossed${Number.isNaN(time) ? '' : `, and the connection was open after ${duration(time)}`}. This is rare, and valid (RFC 9293 section 3.5).`,
  'connect.refused': ({ frame }) => `The client asked for a connection and was refused (RST${at(frame)}).`,
  'connect.unanswered': ({ packets }) =>
    `The client asked ${times(packets)} for a connection (SYN). No answer was captured.`,
  'connect.unfinished': () => 'The handshake began and was not completed within the capture.',
  'connect.unseen': () =>
    'The capture began in the middle: how the connection was opened and what was negotiated was not seen.',
  'connect.negotiated': ({ mss, shift, sack, timestamps }) => {
    const parts = [
      mss.client === mss.server
        ? mss.client < 0
          ? 'no MSS was told (536 bytes hold over IPv4, 1220 over IPv6)'
          : `segments of up to ${count(mss.client)} bytes (MSS)`
        : `segments of up to ${mss.server < 0 ? 'the default size' : `${count(mss.server)} bytes`} to the server and ${mss.client < 0 ? 'the default size' : `${count(mss.client)} bytes`} to the client (MSS)`,
      shift.client >= 0 && shift.server >= 0
        ? `window scale ${shift.client === shift.server ? shift.client : `${shift.client} (client) and ${shift.server} (server)`}`
        : 'no window scaling, so windows of at most 64 KiB',
      sack ? 'SACK' : 'no SACK',
      timestamps ? 'timestamps' : 'no timestamps',
    ];
    return `Agreed: ${parts.join(', ')}.`;
  },

  'data.none': () => 'No data passed.',
  'data.unpaired': ({ clientBytes, serverBytes, isOneWay }) => {
    const sent = [
      ...(clientBytes > 0 ? [`the client sent ${size(clientBytes)}`] : []),
      ...(serverBytes > 0 ? [`the server sent ${size(serverBytes)}`] : []),
    ];
    const why = isOneWay
      ? 'The capture holds one direction only, so requests and answers cannot be told'
      : 'Which of it asks and which answers cannot be told';
    return `${upperFirst(sent.join(' and '))}. ${why}.`;
  },
  'data.exchange': (exchange) => tellExchange(exchange),
  'data.many': ({ exchanges, unasked, requestBytes, answerBytes, median }) =>
    `The client asked ${often(exchanges)}, ${size(requestBytes)} in all, and got ${size(answerBytes)} back${unasked === 0 ? '' : `; the server sent data ${often(unasked)} without a request`}${
      Number.isNaN(median) ? '' : `. Half of the answers began within ${duration(median)}`
    }.`,
  'data.slowest': (exchange) => `Number ${exchange.number} took longer: ${lowerFirst(tellExchange(exchange))}`,

  'wrong.nothing': () => 'Nothing that the capture shows.',
  'wrong.cost': ({ owner, cause, time, share }) => `Lost: ${duration(time)} (${percent(share)}), ${use(owner, cause)}.`,
  'wrong.ending': ({ ending }) => `It did not end as it should: ${ENDINGS[ending.kind](ending.by)}.`,
  'wrong.more': ({ findings, stream }) =>
    `And ${plural(findings, 'further finding')}: analyze --all --stream ${stream} lists ${findings === 1 ? 'it' : 'them'}.`,

  'end.closed': ({ first, fin, otherFin, ack, waits }) =>
    `${The(first)} closed first (FIN${at(fin)}), ${the(other(first))} closed as well (FIN${at(otherFin)}), and ${the(first)} acknowledged that${ack > 0 ? ` (${packet(ack)})` : ''}.${
      waits === null
        ? ''
        : ` ${The(waits)} waits in TIME-WAIT, so that late packets of this connection cannot disturb a new one; ${the(other(waits))} is CLOSED.`
    }`,
  'end.simultaneous': ({ fin, otherFin }) =>
    `Both ends closed at once: their FINs (${packet(fin)} and ${packet(otherFin)}) crossed.`,
  'end.half-closed': ({ by, fin }) =>
    `${The(by)} closed its direction (FIN${at(fin)}). ${The(other(by))} had not closed when the capture ended.`,
  'end.fin-unanswered': ({ by, fin }) =>
    `${The(by)} closed (FIN${at(fin)}), and no acknowledgment of that was captured.`,
  'end.reset': ({ by, frame }) =>
    `${The(by)} broke the connection off (RST${at(frame)}). What was under way then is thrown away.`,
  'end.forged': ({ by, frame }) =>
    `A RST in the name of the ${by} ended it (${packet(frame)}). The ${by} went on as if it had not sent it.`,
  'end.refused': ({ frame }) => `It ended where it began: with the refusal (RST${at(frame)}).`,
  'end.abandoned': ({ frame }) => `The client gave up and reset its own attempt (${packet(frame)}).`,
  'end.unanswered': () => 'No answer came within the capture.',
  'end.unfinished': () => 'It was never open at both ends within the capture.',
  'end.open': () => 'It was still open when the capture ended.',

  'sure.near': ({ role }) =>
    `The capture was made at the ${role}: what the ${role} does is seen as it happens, what the ${other(role)} does is seen after its way through the network.`,
  'sure.middle': () =>
    'The capture was made between the two ends: times at both are estimates, half a round trip each way.',
  'sure.loopback': () =>
    'Both ends are on the same host: times are exact for both, and there is no network in between.',
  'sure.position-unknown': () =>
    'Where the capture was made cannot be told: which of the two ends took its time is uncertain.',
  'sure.windows': () => 'The handshake was captured, so window sizes are exact.',
  'sure.no-windows': () => 'The handshake was not captured, so the scale of the windows is unknown.',
  'sure.one-direction': ({ role }) =>
    `Only packets of the ${role} were captured: a capture of both directions is needed to tell who waited for whom.`,
  'sure.missing': () => 'The capture missed packets that were sent: what is said about losses is less certain.',
  'sure.coarse': () => 'There were too many short spans: those of the time budget were joined, its sums are exact.',
} satisfies Partial<StoryWords>;

/** When it left is not known where nothing of it arrived. */
function when({ at }: ExchangeTold): string {
  return Number.isNaN(at) ? 'Later' : `At ${duration(at)}`;
}

function tellExchange(e: ExchangeTold): string {
  const asks =
    e.requestBytes > 0
      ? `${when(e)} the client sent ${plural(e.requestBytes, 'byte')} (from ${packet(e.frame)} on)`
      : `${when(e)} the server ${e.isPartial ? 'was sending' : 'sent data without a request'} (from ${packet(e.frame)} on)`;
  if (e.answerBytes === 0) return `${asks}; no data came back.${costs(e)}`;
  const thought = e.requestBytes > 0 ? e.serverThinking : -1;
  const thinks =
    thought >= AT_ONCE
      ? `; the server thought for ${duration(thought)}`
      : thought >= 0
        ? '; the server answered at once'
        : '';
  const takes =
    e.transfer > 0
      ? ` within ${duration(e.transfer)}${e.bitsPerSecond > 0 ? ` (${formatRate(e.bitsPerSecond)})` : ''}`
      : '';
  const came = e.unfinished === 'answer' ? ' had not come whole when the capture ended' : ` came${takes}`;
  const answers =
    e.requestBytes > 0
      ? `; ${thinks === '' ? "the server's" : 'its'} answer of ${plural(e.answerBytes, 'byte')}${came}`
      : `: ${plural(e.answerBytes, 'byte')}${e.unfinished === 'answer' ? came : takes}`;
  return `${asks}${thinks}${answers}.${costs(e)}`;
}

function costs({ duration: time, limit, losses }: ExchangeTold): string {
  const lost = losses === 0 ? '' : ` ${plural(losses, 'segment')} had to be sent again.`;
  const most =
    Number.isNaN(time) || limit === null
      ? ''
      : ` Of ${duration(time)} in all most was ${use(limit.owner, limit.cause)}.`;
  return most + lost;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const often = (n: number) => (n === 0 ? 'never' : n === 1 ? 'once' : n === 2 ? 'twice' : `${count(n)} times`);
