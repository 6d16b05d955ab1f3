import type { Endpoint } from '../model/endpoint.ts';
import { DEFAULT_MSS } from '../model/tcp-constants.ts';

/** The largest MSS on Ethernet: without the MSS option, what is seen counts up to here. */
const ETHERNET_MSS = 1460;
/** Bytes of the timestamp option (RFC 7323) in every segment. */
const TIMESTAMP_BYTES = 12;
/** Bytes that are left for data at least. */
const LEAST_SMSS = 64;

/** Data bytes of a full segment: the peer's MSS less the options that every segment carries (RFC 9293 section 3.7.1). */
export function senderMss(endpoint: Endpoint): number {
  const { peer } = endpoint;
  if (peer.mss <= 0) return DEFAULT_MSS;
  const own = endpoint.mss > 0 ? Math.min(endpoint.mss, peer.mss) : peer.mss;
  return Math.max(own - (endpoint.timestamps && peer.timestamps ? TIMESTAMP_BYTES : 0), LEAST_SMSS);
}

/** A segment of `length` bytes was sent by a sender whose MSS was guessed to be `mss`. */
export function largerMss(mss: number, length: number): number {
  return length > mss ? Math.min(length, ETHERNET_MSS) : mss;
}
