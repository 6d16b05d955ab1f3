import type { Endpoint } from './endpoint.ts';

/**
 * What came of an RST: RFC 9293 section 3.10.7.4, first and second check, and RFC 5961 section 3.2. `OLD`: it answers a
 * segment of an earlier connection, and its sender remains in SYN-SENT (section 3.10.7.3, first).
 */
export const Reset = { NONE: 0, ACCEPTED: 1, CHALLENGED: 2, OUT_OF_WINDOW: 3, OLD: 4 } as const;

/** What one segment did to the states of its connection. */
export class Transition {
  /** One of `Reset`. */
  resetOutcome: number = Reset.NONE;
  /** Event that RFC 9293 does not know in the state it met, or -1; with the state and the endpoint. */
  illegalEvent = -1;
  illegalState = 0;
  illegalEndpoint: Endpoint | null = null;

  reset(): void {
    this.resetOutcome = Reset.NONE;
    this.illegalEvent = -1;
  }
}
