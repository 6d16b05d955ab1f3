import { State } from '../model/state.ts';

/**
 * RFC 9293 section 3.3.2, Figure 5, as data. Event names say what was accepted, not what the header's bits are: an ACK bit
 * that acknowledges nothing of interest is no event.
 */
export const Event = {
  /** The endpoint sent a SYN (our only sight of the user's active OPEN). */
  SENDS_SYN: 0,
  /** The endpoint sent a SYN,ACK. */
  SENDS_SYN_ACK: 1,
  /** The endpoint sent a FIN (our only sight of the user's CLOSE). */
  SENDS_FIN: 2,
  /** The endpoint sent a RST that belongs to the connection (ABORT, or an answer from CLOSED). */
  SENDS_RST: 3,
  SYN_ARRIVES: 4,
  /** A SYN whose ACK acknowledges our SYN. */
  SYN_ACK_ARRIVES: 5,
  ACK_OF_SYN_ARRIVES: 6,
  FIN_ARRIVES: 7,
  ACK_OF_FIN_ARRIVES: 8,
  RST_ARRIVES: 9,
  /** 2MSL have passed in TIME-WAIT. */
  TIMEOUT_2MSL: 10,
} as const;

interface Transition {
  readonly from: number;
  readonly event: number;
  readonly to: number;
  /** The label of the edge in Figure 5, or of the paragraph that adds it. */
  readonly label: string;
  readonly section: string;
}

const FIGURE = '3.3.2';
const ARRIVES = '3.10.7';

/** In the order of the figure, then what the text of section 3.10 adds to it. */
export const TRANSITIONS: readonly Transition[] = [
  { from: State.CLOSED, event: Event.SENDS_SYN, to: State.SYN_SENT, label: 'active OPEN, snd SYN', section: FIGURE },
  {
    from: State.LISTEN,
    event: Event.SYN_ARRIVES,
    to: State.SYN_RECEIVED,
    label: 'rcv SYN, snd SYN,ACK',
    section: FIGURE,
  },
  { from: State.LISTEN, event: Event.SENDS_SYN, to: State.SYN_SENT, label: 'SEND, snd SYN', section: FIGURE },
  {
    from: State.SYN_SENT,
    event: Event.SYN_ARRIVES,
    to: State.SYN_RECEIVED,
    label: 'rcv SYN, snd SYN,ACK',
    section: FIGURE,
  },
  {
    from: State.SYN_SENT,
    event: Event.SYN_ACK_ARRIVES,
    to: State.ESTABLISHED,
    label: 'rcv SYN,ACK, snd ACK',
    section: FIGURE,
  },
  {
    from: State.SYN_RECEIVED,
    event: Event.ACK_OF_SYN_ARRIVES,
    to: State.ESTABLISHED,
    label: 'rcv ACK of SYN',
    section: FIGURE,
  },
  { from: State.SYN_RECEIVED, event: Event.SENDS_FIN, to: State.FIN_WAIT_1, label: 'CLOSE, snd FIN', section: FIGURE },
  { from: State.ESTABLISHED, event: Event.SENDS_FIN, to: State.FIN_WAIT_1, label: 'CLOSE, snd FIN', section: FIGURE },
  {
    from: State.ESTABLISHED,
    event: Event.FIN_ARRIVES,
    to: State.CLOSE_WAIT,
    label: 'rcv FIN, snd ACK',
    section: FIGURE,
  },
  {
    from: State.FIN_WAIT_1,
    event: Event.ACK_OF_FIN_ARRIVES,
    to: State.FIN_WAIT_2,
    label: 'rcv ACK of FIN',
    section: FIGURE,
  },
  { from: State.FIN_WAIT_1, event: Event.FIN_ARRIVES, to: State.CLOSING, label: 'rcv FIN, snd ACK', section: FIGURE },
  { from: State.FIN_WAIT_2, event: Event.FIN_ARRIVES, to: State.TIME_WAIT, label: 'rcv FIN, snd ACK', section: FIGURE },
  {
    from: State.CLOSING,
    event: Event.ACK_OF_FIN_ARRIVES,
    to: State.TIME_WAIT,
    label: 'rcv ACK of FIN',
    section: FIGURE,
  },
  { from: State.CLOSE_WAIT, event: Event.SENDS_FIN, to: State.LAST_ACK, label: 'CLOSE, snd FIN', section: FIGURE },
  { from: State.LAST_ACK, event: Event.ACK_OF_FIN_ARRIVES, to: State.CLOSED, label: 'rcv ACK of FIN', section: FIGURE },
  {
    from: State.TIME_WAIT,
    event: Event.TIMEOUT_2MSL,
    to: State.CLOSED,
    label: 'Timeout=2MSL, delete TCB',
    section: FIGURE,
  },
  // Section 3.10.7.4, second: a SYN,ACK that crosses ours (Figure 7, line 5) is the ACK of our SYN as well.
  {
    from: State.SYN_RECEIVED,
    event: Event.SYN_ACK_ARRIVES,
    to: State.ESTABLISHED,
    label: 'rcv ACK of SYN',
    section: '3.5',
  },
  // Figure 5, note 1 and section 3.10.7.4, eighth: a FIN may come with or right after the ACK of the SYN.
  {
    from: State.SYN_RECEIVED,
    event: Event.FIN_ARRIVES,
    to: State.CLOSE_WAIT,
    label: 'rcv FIN, snd ACK',
    section: ARRIVES,
  },
  // Figure 5, note 2: a RST in SYN-RECEIVED returns a passive opener to LISTEN (the active opener: see states.ts).
  { from: State.SYN_RECEIVED, event: Event.RST_ARRIVES, to: State.LISTEN, label: 'rcv RST', section: FIGURE },
  {
    from: State.SYN_SENT,
    event: Event.RST_ARRIVES,
    to: State.CLOSED,
    label: 'connection refused',
    section: '3.10.7.3',
  },
  ...[
    State.ESTABLISHED,
    State.FIN_WAIT_1,
    State.FIN_WAIT_2,
    State.CLOSE_WAIT,
    State.CLOSING,
    State.LAST_ACK,
    State.TIME_WAIT,
  ].map((from) => ({ from, event: Event.RST_ARRIVES, to: State.CLOSED, label: 'rcv RST', section: '3.10.7.4' })),
  // ABORT (section 3.10.5), and segments answered from CLOSED (section 3.10.7.1).
  ...[
    State.CLOSED,
    State.LISTEN,
    State.SYN_SENT,
    State.SYN_RECEIVED,
    State.ESTABLISHED,
    State.FIN_WAIT_1,
    State.FIN_WAIT_2,
    State.CLOSE_WAIT,
    State.CLOSING,
    State.LAST_ACK,
    State.TIME_WAIT,
  ].map((from) => ({ from, event: Event.SENDS_RST, to: State.CLOSED, label: 'ABORT, snd RST', section: '3.10.5' })),
  // What an endpoint sends again does not move it.
  { from: State.SYN_SENT, event: Event.SENDS_SYN, to: State.SYN_SENT, label: 'snd SYN again', section: '3.8.1' },
  {
    from: State.SYN_RECEIVED,
    event: Event.SENDS_SYN_ACK,
    to: State.SYN_RECEIVED,
    label: 'snd SYN,ACK',
    section: FIGURE,
  },
  { from: State.FIN_WAIT_1, event: Event.SENDS_FIN, to: State.FIN_WAIT_1, label: 'snd FIN again', section: '3.8.1' },
  { from: State.CLOSING, event: Event.SENDS_FIN, to: State.CLOSING, label: 'snd FIN again', section: '3.8.1' },
  { from: State.LAST_ACK, event: Event.SENDS_FIN, to: State.LAST_ACK, label: 'snd FIN again', section: '3.8.1' },
  // What arrives again does not either: a SYN that had arrived is acknowledged once more, after a FIN the state remains.
  {
    from: State.SYN_RECEIVED,
    event: Event.SYN_ARRIVES,
    to: State.SYN_RECEIVED,
    label: 'rcv SYN again',
    section: ARRIVES,
  },
  ...[State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK, State.TIME_WAIT].map((from) => ({
    from,
    event: Event.FIN_ARRIVES,
    to: from,
    label: 'rcv FIN again, snd ACK',
    section: ARRIVES,
  })),
];

export const NOT_ALLOWED = 255;
const EVENTS = 11;

const next = new Uint8Array(12 * EVENTS).fill(NOT_ALLOWED);
for (const t of TRANSITIONS) next[t.from * EVENTS + t.event] = t.to;

/** The state after `event` in `state`, or NOT_ALLOWED where RFC 9293 knows no such transition. */
export function transition(state: number, event: number): number {
  return next[state * EVENTS + event];
}
