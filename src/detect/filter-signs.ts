import type { Connection } from '../model/connection.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { FIN, RST, SYN } from '../model/flags.ts';
import type { SegmentView } from '../model/segment.ts';
import type { Gatherer } from './detector.ts';

/** Segments that are needed before their flags show a filter: a connection that was opened and closed has four with these flags. */
const FEW = 4;
/** So many segments with data, answered by at most a quarter as many with data, need ACKs without data. */
const BULK = 20;
const FEW_ANSWERS = 0.25;
/**
 * So many connections, each from its handshake to its end or with so much data, need an ACK without data. So many of which one end has
 * acknowledged a byte that is not there, and that nothing follows, were closed by FINs that are not there.
 */
const OPENED = 2;
const SOME_DATA = 5;

/** What the segments of one shard show of a filter, as plain data. */
export interface FilterFacts {
  readonly isControlOnly: boolean;
  readonly sentData: number;
  readonly isAckless: boolean;
  readonly bulk: number;
  readonly opened: number;
  readonly isDataOnly: boolean;
  readonly closed: number;
}

/**
 * What a filter left out: all but SYN, FIN and RST, or ACKs without data, where the connections must have had some, or all without data,
 * with the FINs of so many connections.
 */
export type FilterSign =
  | { readonly left: 'data' }
  | { readonly left: 'acks'; readonly askedBy: AskedBy }
  | { readonly left: 'empty'; readonly closed: number };
type AskedBy = 'connections' | 'data' | 'both';

const CONTROL = SYN | FIN | RST;

/** Shows that a filter kept packets out of the capture. */
export class FilterSigns implements Gatherer<FilterFacts> {
  /** Every segment has SYN, FIN or RST. */
  private isControlOnly = true;
  /** FINs and RSTs whose number shows that data had been sent. */
  private sentData = 0;
  /** No segment is an ACK without data. */
  private isAckless = true;
  /** Connections that need one: with much data in one direction, and see `needsAcks`. */
  private bulk = 0;
  private opened = 0;
  /** Every segment has data. */
  private isDataOnly = true;
  /** Connections with a FIN that was acknowledged and is not there. */
  private closed = 0;

  /** `seq`: the offset at which the segment begins. */
  see(view: SegmentView, seq: number): void {
    if (this.isControlOnly) {
      if (view.flags & (FIN | RST) && seq > 1) this.sentData++;
      if (!(view.flags & CONTROL)) this.isControlOnly = false;
    }
    if (view.payloadLength === 0) this.isDataOnly = false;
    if (this.isAckless && view.payloadLength === 0 && !(view.flags & CONTROL)) this.isAckless = false;
  }

  /** A first SYN, which no `see` follows while it is alone. */
  opens(): void {
    this.isDataOnly = false;
  }

  /** The input has ended for this connection. */
  measure(connection: Connection): void {
    if (isBulk(connection.a) || isBulk(connection.b)) this.bulk++;
    if (needsAcks(connection)) this.opened++;
    if (lacksFin(connection.a) || lacksFin(connection.b)) this.closed++;
  }

  gathered(): FilterFacts {
    const { isControlOnly, sentData, isAckless, bulk, opened, isDataOnly, closed } = this;
    return { isControlOnly, sentData, isAckless, bulk, opened, isDataOnly, closed };
  }

  join(shards: readonly FilterFacts[]): void {
    for (const { sentData, bulk, opened, closed } of shards) {
      this.sentData += sentData;
      this.bulk += bulk;
      this.opened += opened;
      this.closed += closed;
    }
    this.isControlOnly = shards.every(({ isControlOnly }) => isControlOnly);
    this.isAckless = shards.every(({ isAckless }) => isAckless);
    this.isDataOnly = shards.every(({ isDataOnly }) => isDataOnly);
  }

  /** What was left out of a capture of so many segments, null where nothing shows a filter. */
  sign(segments: number): FilterSign | null {
    if (this.isControlOnly && segments >= FEW && this.sentData > 0) return { left: 'data' };
    if (this.isDataOnly && this.closed >= OPENED) return { left: 'empty', closed: this.closed };
    if (!this.isAckless || (this.bulk === 0 && this.opened < OPENED)) return null;
    return { left: 'acks', askedBy: this.bulk === 0 ? 'connections' : this.opened < OPENED ? 'data' : 'both' };
  }

  /** No segment of so many is an ACK without data: what such ones would answer looks unanswered. */
  lacksAcks(segments: number): boolean {
    return this.isAckless && segments > 0;
  }
}

/**
 * Its client completed the handshake before its data, and somebody acknowledged the last FIN. One of the two may be missing: a client
 * may hold its first ACK back until it has data (Linux: TCP_DEFER_ACCEPT), and a reset is not acknowledged. Some more data need ACKs too.
 */
function needsAcks({ client, server }: Connection): boolean {
  if (!client.hasIss || !server.hasIss || client.dataPackets === 0) return false;
  const isClosed = client.finEnd >= 0 && server.finEnd >= 0 && client.rstFrame === 0 && server.rstFrame === 0;
  return isClosed || client.dataPackets + server.dataPackets >= SOME_DATA;
}

/** The other end has acknowledged one byte more than it sent here: its FIN. */
function lacksFin({ dataPackets, finEnd, sndNxt, peer }: Endpoint): boolean {
  return dataPackets > 0 && finEnd < 0 && peer.lastAck === sndNxt + 1;
}

/** It sent much, and the other end, which was captured too, little. */
function isBulk({ dataPackets, peer }: Endpoint): boolean {
  return dataPackets >= BULK && peer.seen && peer.dataPackets <= FEW_ANSWERS * dataPackets;
}
