/**
 * How far one end of a connection has come as Zeek's connection log sees it: coarser than the states of RFC 9293, decided by
 * the flags that it sent alone. The values are those of Zeek's `TCP_INACTIVE` ... `TCP_RESET`.
 */
export const Phase = {
  /** Nothing of this end was seen. */
  INACTIVE: 0,
  SYN_SENT: 1,
  /** A SYN,ACK of the originator. */
  SYN_ACK_SENT: 2,
  /** Picked up in the middle. */
  PARTIAL: 3,
  ESTABLISHED: 4,
  /** It sent a FIN. */
  CLOSED: 5,
  /** It sent a RST. */
  RESET: 6,
} as const;

/** The state of a connection in one word, as in `conn_state` of Zeek's connection log. */
export type ConnState =
  | 'S0'
  | 'S1'
  | 'SF'
  | 'REJ'
  | 'S2'
  | 'S3'
  | 'RSTO'
  | 'RSTR'
  | 'RSTOS0'
  | 'RSTRH'
  | 'SH'
  | 'SHR'
  | 'OTH';

/** What the connection summary keeps of one end. Offsets count from `streamStart`, which is its SYN or taken to be one. */
export interface EndpointSummary {
  phase: number;
  previousPhase: number;
  /** Raw sequence number of offset 0. */
  streamStart: number;
  /** Highest offset that it has sent, and that its peer has acknowledged. */
  streamEnd: number;
  streamAcked: number;
  /** Offset right after its latest FIN, -1 before one was sent. */
  streamFinEnd: number;

  /** Letters that are written once. */
  letters: number;
  /** Offsets of the latest SYN, FIN and RST: the same again is not written again. */
  lastSyn: number;
  lastFin: number;
  lastRst: number;
  checksumErrors: number;
  gaps: number;
  retransmissions: number;
  zeroWindows: number;

  /** Payload bytes that the peer has acknowledged and that the capture does not hold. */
  missedBytes: number;
  /** Everything before this offset was captured, or given up for missing. */
  capturedTo: number;
  /** What was captured after the first hole: start and end of each range, ascending; null while there was no hole. */
  capturedBeyond: number[] | null;
}

/**
 * Payload bytes that an end has sent by its sequence numbers and by what its peer acknowledged, seen or not; without SYN and
 * FIN.
 */
export function streamBytes(own: EndpointSummary, peer: EndpointSummary): number {
  // A peer that answers a SYN for a connection it still has, and is reset: its numbers are those of another connection.
  const isHalfOpen = own.previousPhase === Phase.SYN_SENT && own.phase === Phase.RESET && peer.phase === Phase.INACTIVE;
  if (isHalfOpen && own.streamAcked > 1) return 0;
  const taken = Math.max(own.streamEnd, own.streamAcked) - 1;
  return Math.max(0, own.streamFinEnd >= 0 ? taken - 1 : taken);
}

/** A SYN of the originator, then its RST, with neither an answer nor anything else of note in between. */
const ABANDONED = /^\^?S[^HAFGIQ]*R/;

/** The `conn_state` of Zeek's connection log; `history` is the connection's history. */
export function connStateOf(client: EndpointSummary, server: EndpointSummary, history: string): ConnState {
  const isClientVague = client.phase === Phase.INACTIVE || client.phase === Phase.PARTIAL;
  const isServerVague = server.phase === Phase.INACTIVE || server.phase === Phase.PARTIAL;
  if (server.phase === Phase.RESET) {
    if (client.phase === Phase.SYN_SENT || client.phase === Phase.SYN_ACK_SENT) return 'REJ';
    if (client.phase === Phase.RESET && streamBytes(client, server) === 0 && streamBytes(server, client) === 0)
      return 'REJ';
    return isClientVague ? 'RSTRH' : 'RSTR';
  }
  if (client.phase === Phase.RESET) {
    if (!isServerVague) return 'RSTO';
    return ABANDONED.test(history) ? 'RSTOS0' : 'OTH';
  }
  if (client.phase === Phase.CLOSED && server.phase === Phase.CLOSED) return 'SF';
  if (client.phase === Phase.CLOSED) return isServerVague ? 'SH' : 'S2';
  if (server.phase === Phase.CLOSED) return isClientVague ? 'SHR' : 'S3';
  if (client.phase === Phase.SYN_SENT && server.phase === Phase.INACTIVE) return 'S0';
  if (client.phase === Phase.ESTABLISHED && server.phase === Phase.ESTABLISHED) return 'S1';
  return 'OTH';
}
