import type { Endpoint } from '../model/connection.ts';

/** RFC 9293 section 3.7.1, and the largest on Ethernet: without the MSS option, what is seen counts. */
const DEFAULT_MSS = 536;
const ETHERNET_MSS = 1460;
/** Bytes of the timestamp option (RFC 7323) in every segment, and the least that is left for data. */
const TIMESTAMP_BYTES = 12;
const LEAST = 64;

/** Data bytes of a full segment: the peer's MSS less the options that every segment carries (RFC 9293 section 3.7.1). */
export function senderMss(endpoint: Endpoint): number {
  const { peer } = endpoint;
  if (peer.mss <= 0) return DEFAULT_MSS;
  const own = endpoint.mss > 0 ? Math.min(endpoint.mss, peer.mss) : peer.mss;
  return Math.max(own - (endpoint.timestamps && peer.timestamps ? TIMESTAMP_BYTES : 0), LEAST);
}

/** A segment of `length` bytes was sent by a sender whose MSS was guessed to be `mss`. */
export function largerMss(mss: number, length: number): number {
  return length > mss ? Math.min(length, ETHERNET_MSS) : mss;
}
