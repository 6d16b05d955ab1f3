import { DOUBLE_NONE, DOUBLE_ZERO } from '../model/packed.ts';
import type { Question } from '../model/row.ts';
import type { Verdict } from '../model/verdict.ts';

/*
 * What passes between the line of time and the directions of its data. Numbers that are handed over in an object take no memory;
 * as arguments each that is not an integer may.
 */

/** Data that leaves. One object, reused. */
export class Departure {
  /** Offsets of the payload. */
  start = 0;
  end = 0;
  /** When it passes (ns), and how late it is by its sender's clock. */
  now = DOUBLE_ZERO;
  late = DOUBLE_ZERO;
  /** TSecr, -1 without. */
  echo = DOUBLE_NONE;
  /** Packets of the sender just before it that did not pass, by their IP IDs; 0 unknown. */
  missed = 0;
  /** PSH: what its program wrote ends here, as far as its host knows. */
  isPushed = false;
  /** Bytes of TCP options besides the timestamps, which leave less room for data. */
  options = 0;
  exchange = -1;
  verdict: Verdict | null = null;
  packet: Question | null = null;
}

/** The ACK that is read. One object, reused. */
export class Telling {
  /** When it passes, and how late it is by its own clock (ns). */
  now = DOUBLE_ZERO;
  late = DOUBLE_ZERO;
  /** Packets of its sender just before it that did not pass, by their IP IDs; 0 unknown. */
  missed = 0;
  /** What it acknowledges, the right edge of the window (`Heard`), and the TSval that its receiver will echo, -1 none. */
  ack = DOUBLE_ZERO;
  edge = DOUBLE_NONE;
  stamp = DOUBLE_NONE;
  /** How much longer than the quickest the latest segment that it tells of was under way (ns). */
  excess = DOUBLE_ZERO;
}

/** The data of one end, as the line of time knows it. */
export interface Sending {
  /** Index of the sender. */
  readonly index: number;
  /** When the first byte of the message that has not begun to arrive left (capture time), NaN none; and its lateness. */
  messageStart: number;
  messageLate: number;
  /** An earlier copy of that byte may not have passed. */
  messageMayRepeat: boolean;
  /** The exchange of that message. */
  messageExchange: number;
}

/** How a segment came to its receiver, for whoever writes the line of time. One object, reused. */
export class Arrival {
  direction!: Sending;
  exchange = -1;
  /** When the copy that arrived had left and when it arrived, each at its end, and how much longer than the quickest it took (ns). */
  left = DOUBLE_ZERO;
  time = DOUBLE_ZERO;
  late = DOUBLE_ZERO;
  /** Bytes of it. */
  bytes = DOUBLE_ZERO;
  /** One of `Reason`, of the first copy; and when that would have arrived (ns), NaN where it was not seen. */
  reason = 0;
  nominal = Number.NaN;
  /** It was a retransmission, by a timer or not; and a hole was open at the receiver before it came. */
  isRetransmission = false;
  byTimer = false;
  intoHole = false;
  /** Bytes before it were acknowledged although the capture never saw them. */
  afterUnseen = false;
  /** The packet, where rows are kept. */
  packet: Question | null = null;
}

/** Takes every arrival as it becomes known. */
export interface ArrivalSink {
  arrived(arrival: Arrival): void;
  /** Data of the exchange had not arrived when the input ended. */
  remains(direction: Sending, exchange: number): void;
  /** Data was sent again until `time` (ns) and never acknowledged; the latest copy was sent by a timer or not. */
  inVain(direction: Sending, time: number, byTimer: boolean, exchange: number): void;
}
