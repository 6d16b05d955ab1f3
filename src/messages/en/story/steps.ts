import type { StoryWords } from '../../story.ts';
import { count, duration, list, plural } from '../grammar.ts';
import { explainVerdict } from '../verdicts.ts';
import { other, packet, The, the, use } from './words.ts';

const range = (from: number, to: number) => (to - from === 1 ? `${from}` : `${from} to ${to - 1}`);

const agreed: StoryWords['option.agreed'] = ({ mss, shift, sack, timestamps }) => {
  const limits =
    mss.client < 0 && mss.server < 0
      ? 'segments keep to the default size'
      : `the client sends segments of up to ${mss.server < 0 ? 'the default size' : `${count(mss.server)} bytes`}, the server of up to ${mss.client < 0 ? 'the default size' : `${count(mss.client)} bytes`} (options included)`;
  const scaling =
    shift.client >= 0 && shift.server >= 0
      ? `the client's windows count in units of ${count(2 ** shift.client)} bytes and the server's of ${count(2 ** shift.server)}`
      : 'windows are not scaled';
  const both =
    sack && timestamps
      ? 'both use SACK and timestamps'
      : sack
        ? 'both use SACK, no timestamps'
        : timestamps
          ? 'both use timestamps, no SACK'
          : 'neither SACK nor timestamps are used';
  return `From now on ${limits}; ${scaling}; ${both}.`;
};

/** Packet by packet: what it is, why these numbers, which state follows. */
export const STEPS = {
  'step.syn': ({ role }) => `${The(role)} asks for a connection (SYN).`,
  'step.syn-ack': ({ role }) => `${The(role)} agrees, and asks for its own direction in the same packet (SYN,ACK).`,
  'step.syn-ack.crossed': ({ role }) =>
    `${The(role)} answers the SYN that crossed its own with a SYN,ACK: both ends asked at once.`,
  'step.handshake-done': ({ role }) => `${The(role)} confirms: the handshake is complete, without any data so far.`,
  'step.first-data': ({ role, bytes }) =>
    `${The(role)} sends the first data of the connection, ${plural(bytes, 'byte')}.`,
  'step.answer': ({ role, bytes }) => `${The(role)} begins to send in its turn, with ${plural(bytes, 'byte')}.`,
  'step.data': ({ role, bytes }) => `${The(role)} goes on sending, ${plural(bytes, 'byte')}.`,
  'step.again': ({ role, bytes }) =>
    bytes > 0
      ? `${The(role)} sends ${plural(bytes, 'byte')} that it had sent before.`
      : `${The(role)} repeats a packet.`,
  'step.ack': ({ role }) => `${The(role)} acknowledges what has arrived.`,
  'step.ack.data-next': ({ role, bytes }) =>
    `${The(role)} acknowledges the ${plural(bytes, 'byte')} that it received, before it has anything to say itself.`,
  'step.ack.repeated': ({ role }) =>
    `${The(role)} repeats its acknowledgment: something arrived, and not what it expects next.`,
  'step.window-update': ({ role, window }) =>
    `${The(role)} tells its new window: it can take ${plural(window, 'byte')} now.`,
  'step.fin': ({ role }) => `${The(role)} has nothing more to send and closes its direction (FIN).`,
  'step.fin.second': ({ role }) =>
    `${The(role)} closes its direction as well (FIN): both have said that they are done.`,
  'step.last-ack': ({ role }) =>
    `${The(role)} acknowledges the FIN of the ${other(role)}: the last packet that the connection needs.`,
  'step.rst': ({ role }) => `${The(role)} breaks the connection off (RST).`,
  'step.rst.refuses': ({ role }) => `${The(role)} refuses the connection (RST): nothing takes it there.`,
  'step.probe': ({ role }) => `${The(role)} asks whether the ${other(role)} is still there and can take data.`,
  'step.other': ({ role }) => `${The(role)} sends a packet that takes no sequence number and acknowledges nothing.`,

  'seq.first': ({ role, raw }) =>
    `The ${role} has sent nothing yet: its numbers begin at 0 here, which is ${raw} on the wire, a number that it chose for this connection (ISN).`,
  'seq.syn-again': ({ seq, raw }) => `Its number is ${seq} as in its SYN before (${raw} on the wire).`,
  'seq.no-connection': ({ role, raw }) =>
    `The ${role} has no connection here and no numbers of its own: a refusal takes ${raw === 0 ? '0' : 'the number that the other end expects'} (RFC 9293 section 3.10.7.1).`,
  'seq.after-syn': ({ seq }) => `Its own number goes from 0 to ${seq}, because its SYN took one number.`,
  'seq.unchanged': ({ role, seq }) =>
    `Its own number stays at ${seq}, because the ${role} has sent nothing new; an ACK takes no number.`,
  'seq.after-data': ({ seq, bytes }) =>
    `Its own number is ${seq} now, because it has sent ${plural(bytes, 'byte')} since its packet before.`,
  'seq.no-data-yet': ({ role, seq }) => `Its own number stays at ${seq}, because the ${role} has sent no data yet.`,
  'seq.first-data': ({ role, seq, bytes, next }) =>
    `Its number is still ${seq}, because the ${role} has not sent any data before; with ${plural(bytes, 'byte')} its next number will be ${next}.`,
  'seq.data': ({ role, seq, bytes, next, before }) =>
    `Its number is ${seq}, because the ${role} sent ${plural(before, 'byte')} before; with these ${count(bytes)} its next number will be ${next}.`,
  'seq.fin': ({ seq }) => `The FIN takes the number ${seq}, though it carries no data for the program.`,
  'seq.after-fin': ({ seq }) => `Its own number is ${seq}, one more than before, because its FIN took one number.`,
  'seq.gap': ({ seq, expected }) =>
    `Its number is ${seq} where ${expected} would come next: what lies between was lost before it was captured, comes later, or is missing in the capture.`,
  'seq.back': ({ seq, expected }) =>
    `Its number ${seq} lies before ${expected}, which would come next: these numbers were used before.`,
  'seq.unknown': ({ role, raw }) =>
    `The SYN of the ${role} was not captured: numbers are counted from the first that was seen, ${raw} on the wire.`,
  'seq.other': ({ seq }) => `Its number is ${seq}.`,

  'ack.none': ({ role }) =>
    `It acknowledges nothing, because nothing of the ${other(role)} has come yet (acknowledgment number 0).`,
  'ack.absent': () => 'It acknowledges nothing: the ACK flag is not set.',
  'ack.first': ({ role, ack }) =>
    `It acknowledges up to ${ack}, the first acknowledgment of the ${role} that was captured.`,
  'ack.syn': ({ ack, frame }) =>
    `Its acknowledgment number is ${ack}: though ${packet(frame)} carried no data, the SYN in it takes one number.`,
  'ack.data': ({ ack, bytes, frame, segments }) =>
    `Its acknowledgment number grows by ${count(bytes)} to ${ack}: the ${plural(bytes, 'byte')} of ${segments > 1 ? `${segments} segments up to ${packet(frame)}` : packet(frame)} have arrived, and ${ack} is what it expects next.`,
  'ack.fin': ({ ack, frame }) =>
    `Its acknowledgment number grows by one to ${ack}: that acknowledges the FIN of ${packet(frame)}, as a SYN is acknowledged.`,
  'ack.data-and-fin': ({ ack, bytes, frame }) =>
    `Its acknowledgment number grows to ${ack}: ${plural(bytes, 'byte')} and the FIN of ${packet(frame)}, which takes one number, have arrived.`,
  'ack.same': ({ ack, frame }) =>
    `Its acknowledgment number is ${ack} as in ${packet(frame)}: nothing new has arrived in order since.`,
  'ack.nothing-yet': ({ role, ack }) =>
    `Its acknowledgment number stays at ${ack}, because no data of the ${other(role)} has come yet.`,
  'ack.back': ({ ack, highest }) =>
    `Its acknowledgment number ${ack} is older than ${highest}, which came before: the packet was overtaken.`,
  'ack.sack': ({ from, to, frame }) =>
    `Its SACK block says that ${range(from, to)} arrived too, beyond a gap${frame > 0 ? ` (up to ${packet(frame)})` : ''}.`,
  'ack.dsack': ({ from, to }) =>
    `Its first SACK block repeats what had arrived before, ${range(from, to)}: that came twice (D-SACK).`,

  'window.closed': ({ role }) => `Its window is closed: the ${other(role)} must stop until the ${role} has room again.`,
  'window.opened': ({ role, window }) =>
    `Its window is open again, for ${plural(window, 'byte')}: the ${other(role)} may go on.`,

  'option.mss': ({ role, mss }) =>
    `It can take segments of up to ${count(mss)} bytes (MSS): the ${other(role)} must not send larger ones.`,
  'option.mss.absent': ({ role }) =>
    `It names no MSS: the ${other(role)} has to assume the default (536 bytes over IPv4, 1220 over IPv6).`,
  'option.scale': ({ shift }) =>
    `It offers window scale ${shift}: if the other end offers one too, its later windows count in units of ${count(2 ** shift)} bytes.`,
  'option.sack-permitted': () => 'It understands SACK: it can tell which data has arrived beyond a gap.',
  'option.timestamps': () => 'It sends timestamps, by which round trips are measured and old packets recognised.',
  'option.fast-open': ({ cookie }) =>
    cookie === 0
      ? 'It asks for a Fast Open cookie (RFC 7413).'
      : `It carries a Fast Open cookie of ${plural(cookie, 'byte')} (RFC 7413).`,
  'option.ecn-asked': () => 'It offers ECN (ECE and CWR on the SYN): routers may mark packets and need not drop them.',
  'option.ecn-agreed': () => 'It agrees to ECN (ECE on the SYN,ACK).',
  'option.agreed': agreed,

  'state.change': ({ role, before, after }) => `State of the ${role}: ${before} → ${after}.`,
  'state.both-open': () => 'Both ends are ESTABLISHED: data may flow in both directions.',
  'state.over': ({ waits }) =>
    waits === null
      ? 'Both ends are done: everything that the connection held may be freed.'
      : `Both ends are done: ${the(other(waits))} may free everything at once, ${the(waits)} keeps the pair of ports for a while (TIME-WAIT).`,

  verdict: ({ verdict, seq, end, payloadLength }) => explainVerdict(verdict, { seq, end, payloadLength }),

  'why.waits': ({ waits }) =>
    `Before its data had arrived, time went into ${list(waits.map(({ owner, cause, time }) => `${use(owner, cause)} (${duration(time)})`))}.`,
  'follow.acked': ({ role, frame, after }) =>
    `${The(role)} acknowledges it in packet ${frame}, ${duration(after)} later.`,
  'follow.resent': ({ frame, after }) => `Packet ${frame} sends it again, ${duration(after)} later.`,
  'follow.unacked': ({ role }) => `No acknowledgment of it by the ${role} was captured.`,
  'follow.no-ack-due': () => 'It takes no sequence number, so it is not acknowledged itself.',
  'follow.reset': () => 'Nothing follows from it on this connection: it is over.',
  'judged.plain': ({ kind, fate }) =>
    `${kind === 'ack' ? 'A plain segment without data' : 'New data or a new control bit'}, in order${fate === 'delivered' ? '; it arrived, as later acknowledgments show' : fate === 'lost' ? '; it did not arrive' : ''}.`,
  'judged.as': ({ kind, cause, fate, confidence, evidence }) =>
    `Judged as ${kind}${cause === null ? '' : ` (${cause})`}, ${fate === 'unknown' ? 'whether it arrived is not known' : fate}, confidence ${Math.round(100 * confidence)} %.${evidence.length === 0 ? '' : ` Shown by ${list(evidence.map((frame) => `packet ${frame}`))}.`}`,
  'judged.none': () => 'There is no verdict on it: it does not belong to the numbers of the connection.',
} satisfies Partial<StoryWords>;
