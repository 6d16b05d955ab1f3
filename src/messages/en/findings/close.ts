import type { End } from '../../message.ts';
import { duration, nameOf, plural, times, wasOrWere } from '../grammar.ts';

/** TTL of a packet, and of the others in the name of its sender. */
export interface Ttl {
  ttl: number;
  usual: number;
  /** Of that packet, -1 without. */
  ipId: number;
}

/** A sentence where the packet may be somebody else's. */
export const foreign = (found: Ttl | null) =>
  found === null
    ? ''
    : ` Its TTL is ${found.ttl}${found.ipId >= 0 ? ` (IP ID ${found.ipId})` : ''}, other packets of that host have ${found.usual}: a middlebox may have sent it.`;

/** Who may have sent it, by its TTL alone. */
const origin = (found: Ttl | null) =>
  found !== null && found.ttl === found.usual
    ? ` Its TTL is ${found.ttl}, as that of the other packets of that host: it may have sent it itself.`
    : foreign(found);

const lost = (bytes: number, of: string) => `${plural(bytes, 'byte')} of ${of} ${wasOrWere(bytes)} not acknowledged`;

export interface TooSoon {
  sender: End;
  receiver: End;
  /** The latest packet of the receiver, how long ago it came, and how soon the sender answers at the soonest (ns). */
  frame: number;
  elapsed: number;
  soonest: number;
  ttl: Ttl | null;
}

/** Connections that a port accepted: how many, and the first frames of the first and of the last. */
export interface Accepted {
  connections: number;
  first: number;
  last: number;
}

/** A RST in answer to a SYN. */
export interface Refusal {
  sender: End;
  receiver: End;
  /** Of the RST; the IP ID is -1 without. */
  ttl: number;
  ipId: number;
  /** The TTL of what that host sent in other connections, where none of it has that of the RST. */
  usual: number | null;
  /** What the same port accepted; `isAll`: no connection left the analysis before its end, so that all are counted. */
  accepted: (Accepted & { isAll: boolean }) | null;
}

function elsewhere(accepted: Refusal['accepted']): string {
  if (accepted === null) return '';
  const { connections, first, last, isAll } = accepted;
  const where = connections === 1 ? `in packet ${first}` : `the first in packet ${first}, the last in packet ${last}`;
  return ` The same address and port accepted ${isAll ? '' : 'at least '}${plural(connections, 'other connection')}, ${where}: a program listens there, or did.`;
}

/** What a reset cut off. */
export interface CutOff {
  sender: End;
  receiver: End;
  /** Bytes of the two ends that were not acknowledged. */
  own: number;
  others: number;
  hadData: boolean;
  ttl: Ttl | null;
}

function losses({ receiver, own, others, hadData }: CutOff): string {
  const parts = [];
  if (own > 0) parts.push(lost(own, 'its own'));
  if (others > 0) parts.push(lost(others, receiver.name));
  if (parts.length === 0 && hadData) parts.push('what it had received may not have been read');
  return parts.length === 0 ? '' : `; ${parts.join(' and ')}`;
}

export type ReuseReason = 'over' | 'number' | 'timestamp';
const REUSE: Readonly<Record<ReuseReason, string>> = {
  over: 'which was over',
  number: 'with a larger sequence number',
  timestamp: 'with a newer timestamp',
};

export const CLOSE = {
  'connection-refused': {
    cause: ({ usual, accepted }: Refusal) =>
      usual !== null
        ? 'a middlebox refuses, or nothing listens there'
        : accepted !== null
          ? 'the program was not there for a while, or something refuses some connections'
          : 'nothing listens there, or a firewall refuses',
    text: ({ sender, receiver, ttl, ipId, usual, accepted }: Refusal) =>
      usual === null
        ? `${nameOf(sender)} refused the connection of ${nameOf(receiver)} with a RST.${elsewhere(accepted)}`
        : `A RST in the name of ${nameOf(sender)} refused the connection of ${nameOf(receiver)}.${foreign({ ttl, ipId, usual })}${elsewhere(accepted)}`,
  },
  'handshake-reset.asked': {
    cause: 'the client gave up or only looked',
    text: ({ sender, receiver }: { sender: End; receiver: End }) =>
      `${nameOf(sender)} reset the handshake after the SYN,ACK of ${nameOf(receiver)}: it gave up, or only looked whether the port is open.`,
  },
  'handshake-reset.unasked': {
    cause: 'the host knows nothing of the SYN',
    text: ({ sender, receiver }: { sender: End; receiver: End }) =>
      `${nameOf(sender)} answered the SYN,ACK of ${nameOf(receiver)} with a RST: it did not ask for this connection (an old duplicate SYN, or a forged address).`,
  },
  'connection-aborted': {
    cause: 'closed with data unread or by an abort',
    text: (cut: CutOff) => {
      const { sender, receiver, ttl } = cut;
      const aborted = `aborted the connection with ${nameOf(receiver)}`;
      const what =
        ttl === null ? `${nameOf(sender)} ${aborted} by a RST` : `A RST in the name of ${nameOf(sender)} ${aborted}`;
      return `${what}${losses(cut)}.${foreign(ttl)}`;
    },
  },
  'connection-aborted.gone': {
    cause: 'the connection had ended at that end, by its application or by a reset that the capture does not show',
    text: (cut: CutOff & { frame: number }) => {
      const { sender, receiver, frame, ttl } = cut;
      const what =
        ttl === null
          ? `${nameOf(sender)} answered packet ${frame} of ${nameOf(receiver)} with a RST: it`
          : `A RST in the name of ${nameOf(sender)} answers packet ${frame} of ${nameOf(receiver)}: that end`;
      return `${what} did not have the connection any more, a moment after it had sent data${losses(cut)}.${foreign(ttl)}`;
    },
  },
  'connection-aborted.gave-up': {
    cause: 'its sender gave up',
    text: ({ sender, receiver, repeats }: { sender: End; receiver: End; repeats: number }) =>
      `${nameOf(sender)} gave up after ${plural(repeats, 'repeated segment')} without an answer from ${nameOf(receiver)} and reset the connection.`,
  },
  'connection-aborted.fast-close': {
    cause: 'the other end closed the whole MPTCP connection',
    text: ({ sender, receiver, frame }: { sender: End; receiver: End; frame: number }) =>
      `${nameOf(sender)} answered the MP_FASTCLOSE of ${nameOf(receiver)} in packet ${frame} with a RST, as MPTCP requires.`,
  },
  'connection-aborted.unheard': {
    cause: 'it or the other end closed the whole MPTCP connection',
    text: ({ sender, receiver }: { sender: End; receiver: End }) =>
      `${nameOf(sender)} sent a RST on a connection of MPTCP, and nothing of ${nameOf(receiver)} is in the capture: it may have aborted the connection, or answered an MP_FASTCLOSE, as MPTCP requires.`,
  },
  'connection-aborted.too-soon': {
    cause: 'a RST that answers nothing',
    text: ({ sender, receiver, frame, elapsed, soonest, ttl }: TooSoon) =>
      `A RST in the name of ${nameOf(sender)} ended the connection ${duration(elapsed)} after packet ${frame} of ${nameOf(receiver)}, which ${nameOf(sender)} answers in ${duration(soonest)} at the soonest: it is no answer. ${nameOf(sender)} sent it before that packet came, or somebody nearer sent it (a middlebox, or a forger).${foreign(ttl)}`,
  },
  'peer-forgot': {
    cause: ({ ttl }: { ttl: Ttl | null }) => `${ttl === null ? '' : 'a middlebox, or '}no such connection at that end`,
    text: ({ sender, receiver, frame, ttl }: { sender: End; receiver: End; frame: number; ttl: Ttl | null }) =>
      `${ttl === null ? `${nameOf(sender)} answered packet ${frame} of ${nameOf(receiver)} with a RST` : `A RST in the name of ${nameOf(sender)} answers packet ${frame} of ${nameOf(receiver)}`} as sent by a host without this connection (restart, timeout in a middlebox, or closed or reset earlier).${foreign(ttl)}`,
  },
  'peer-forgot.not-taken': {
    cause: ({ ttl }: { ttl: Ttl | null }) =>
      `${ttl === null ? '' : 'a middlebox, or '}the handshake was not completed at that end`,
    text: ({ sender, receiver, frame, ttl }: { sender: End; receiver: End; frame: number; ttl: Ttl | null }) =>
      `${ttl === null ? `${nameOf(sender)} answered packet ${frame} of ${nameOf(receiver)} with a RST` : `A RST in the name of ${nameOf(sender)} answers packet ${frame} of ${nameOf(receiver)}`}, though it had sent the SYN,ACK and nothing since: it did not take the connection (its listen queue was full, or its program stopped listening), or a device on the path sent the RST.${foreign(ttl)}`,
  },
  'reset-after-fin.lost': {
    cause: 'closed with data unread, or data came for an end that no longer reads',
    text: ({ sender, receiver, bytes }: { sender: End; receiver: End; bytes: number }) =>
      `${nameOf(sender)} had closed and then sent a RST: it did not take the last ${plural(bytes, 'byte')} of ${nameOf(receiver)}.`,
  },
  'reset-after-fin.alert': {
    cause: 'a TLS close_notify for an end that no longer reads',
    text: ({ sender, receiver, bytes }: { sender: End; receiver: End; bytes: number }) =>
      `${nameOf(sender)} had closed and answered the TLS close_notify of ${nameOf(receiver)} (${plural(bytes, 'byte')}) with a RST; no data of the application was lost.`,
  },
  'reset-after-fin': {
    cause: 'closed without TIME-WAIT',
    text: ({ sender, since }: { sender: End; since: number }) =>
      `${nameOf(sender)} sent a RST after its FIN${since > 0 ? ` (${duration(since)} after the packet before)` : ''}; nothing was lost.`,
  },
  'time-wait-assassination': {
    cause: 'a RST in TIME-WAIT',
    text: ({ sender, receiver }: { sender: End; receiver: End }) =>
      `A RST of ${nameOf(sender)} reached ${nameOf(receiver)} in TIME-WAIT and may have ended it early.`,
  },
  'forged-reset': {
    cause: 'sent by somebody else, or to mislead',
    text: ({
      sender,
      receiver,
      frame,
      answered,
      ttl,
    }: {
      sender: End;
      receiver: End;
      frame: number;
      /** The receiver took it for real: it answers what follows with a RST. */
      answered: boolean;
      ttl: Ttl | null;
    }) =>
      `The RST in packet ${frame} in the name of ${nameOf(sender)} ${answered ? `closed the connection at ${nameOf(receiver)} only: the other end goes on, and is answered with a RST` : 'ended nothing: the connection goes on after it'}. Somebody else sent it, or that end did so to mislead whoever listens.${foreign(ttl)}`,
  },
  'blind-reset.in-window': {
    cause: 'in the window, but not the next number',
    text: ({ sender, receiver, off, ttl }: { sender: End; receiver: End; off: number; ttl: Ttl | null }) =>
      `A RST in the name of ${nameOf(sender)} has a sequence number ${distance(off)} the next one that ${nameOf(receiver)} expects. It must be challenged.${origin(ttl)}`,
  },
  'blind-reset.gap': {
    cause: 'what its sender sent before was lost, or is not in the capture',
    text: ({ sender, receiver, off, ttl }: { sender: End; receiver: End; off: number; ttl: Ttl | null }) =>
      `A RST of ${nameOf(sender)} has a sequence number ${distance(off)} the next one that ${nameOf(receiver)} expects, and nothing of its sender follows: segments before it were lost or are not in the capture, or the RST is forged. It must be challenged.${origin(ttl)}`,
  },
  'blind-reset.outside': {
    cause: 'outside the window',
    text: ({ sender, receiver, off, ttl }: { sender: End; receiver: End; off: number; ttl: Ttl | null }) =>
      `A RST in the name of ${nameOf(sender)} has a sequence number ${distance(off)} the next one that ${nameOf(receiver)} expects. It must be dropped.${origin(ttl)}`,
  },
  'blind-reset.syn-sent': {
    cause: 'does not acknowledge the SYN',
    text: ({ sender, receiver, ttl }: { sender: End; receiver: End; ttl: Ttl | null }) =>
      `A RST in the name of ${nameOf(sender)} does not acknowledge the SYN of ${nameOf(receiver)}. It must be dropped.${origin(ttl)}`,
  },
  'idle-close': {
    cause: 'an idle timer',
    text: ({ sender, idle }: { sender: End; idle: number }) =>
      `${nameOf(sender)} closed the connection after ${duration(idle)} without traffic.`,
  },
  'idle-close.reset': {
    cause: 'an idle timer',
    text: ({ sender, idle }: { sender: End; idle: number }) =>
      `${nameOf(sender)} reset the connection after ${duration(idle)} without traffic.`,
  },
  'half-close': {
    cause: 'one end closed its direction only',
    text: ({ closed, sender, bytes, segments }: { closed: End; sender: End; bytes: number; segments: number }) =>
      `${nameOf(closed)} had closed its direction; ${nameOf(sender)} sent ${plural(bytes, 'byte')} more in ${plural(segments, 'segment')}.`,
  },
  'data-after-fin': {
    cause: 'the stream had ended',
    text: ({ sender, bytes }: { sender: End; bytes: number }) =>
      `${nameOf(sender)} sent ${plural(bytes, 'byte')} after its own FIN; the receiver ignores them.`,
  },
  'fin-unanswered': {
    cause: 'no answer from the other end',
    text: ({ sender, copies, waited }: { sender: End; copies: number; waited: number }) =>
      `The FIN of ${nameOf(sender)} (sent ${times(copies)}) was not acknowledged until the end of the capture, ${duration(waited)} ${copies > 1 ? 'after the last time' : 'later'}.`,
  },
  'close-wait-stuck': {
    cause: 'the application does not close its socket',
    text: ({ end, waited, isAlive, isSure }: { end: End; waited: number; isAlive: boolean; isSure: boolean }) =>
      `${nameOf(end)} is in CLOSE-WAIT and has sent nothing ${isAlive ? 'but keep-alives ' : ''}for ${duration(waited)}: its application does not close the connection${isSure ? '' : ', or closed its direction before the capture began'}.`,
  },
  'port-reused': {
    cause: ({ reason }: { reason: ReuseReason }) => REUSE[reason],
    text: ({
      one,
      other,
      gap,
      stream,
      reason,
    }: {
      one: string;
      other: string;
      gap: number;
      stream: number;
      reason: ReuseReason;
    }) =>
      `${one} and ${other} began a new connection ${duration(gap)} after their earlier one (stream ${stream}), ${REUSE[reason]}.`,
  },
  'port-reused-early': {
    cause: ({ open }: { open: boolean }) =>
      open ? 'the earlier connection was not over' : 'neither number nor timestamp is later',
    text: ({ one, other, gap, open }: { one: string; other: string; gap: number; open: boolean }) =>
      `${one} and ${other} began a new connection ${duration(gap)} after the last packet of one that was ${open ? 'not closed' : 'still in TIME-WAIT'}.`,
  },
};

const distance = (off: number) => `${plural(Math.abs(off), 'byte')} ${off < 0 ? 'before' : 'after'}`;
