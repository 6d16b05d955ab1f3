export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The graver, the larger. */
export const GRAVITY: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

export type Who = 'network' | 'sender' | 'receiver' | 'application' | 'capture' | 'unknown';

/** One thing worth telling about a connection or the capture, with what shows it. */
export interface Finding {
  /** Identifier in the catalogue (`detect/catalogue.ts`). */
  id: string;
  severity: Severity;
  /** What brought it about, in a few words. */
  cause: string;
  who: Who;
  /** 0..1. */
  confidence: number;
  /** Frame numbers, the first is the one that the finding is attached to. */
  evidence: number[];
  /** One sentence in plain words, with figures and units. */
  text: string;
  /** RFC and section, such as `RFC 9293 3.10.7.4`, or null. */
  cite: string | null;
  /** Stream number, -1 for the capture as a whole. */
  stream: number;
  /** Frame that it is attached to. */
  frame: number;
  /** Nanoseconds since the first record. */
  time: number;
  /** How many more of its sort the connection has that are not listed; on the last one that is. */
  more: number;
}
