import type { KeyedHash } from './keyed-hash.ts';
import type { SegmentView } from './segment.ts';

/** A socket: the four words of its address, and its port. An IPv4 address is in the last word, the others are 0. */
export interface Socket {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly port: number;
}

/** The two ends of a connection. */
export interface SocketPair {
  readonly ipVersion: number;
  readonly a: Socket;
  readonly b: Socket;
}

/** 32-bit words of an address. */
const WORDS = 4;

/** Words of the longest key of a pair of sockets: both ports, both addresses. */
export const SOCKET_PAIR_WORDS = 1 + 2 * WORDS;

/** The hash of the sockets of `view`, the same for both directions: the lower one comes first. */
export function hashOfSockets(keyed: KeyedHash, view: SegmentView): number {
  const { words } = keyed;
  const isLower = isSourceLower(view);
  words[0] = isLower ? (view.srcPort << 16) | view.dstPort : (view.dstPort << 16) | view.srcPort;
  if (view.ipVersion === 4) {
    words[isLower ? 1 : 2] = view.src3;
    words[isLower ? 2 : 1] = view.dst3;
    return keyed.hash(3);
  }
  const source = isLower ? 1 : 1 + WORDS;
  const destination = isLower ? 1 + WORDS : 1;
  words[source] = view.src0;
  words[source + 1] = view.src1;
  words[source + 2] = view.src2;
  words[source + 3] = view.src3;
  words[destination] = view.dst0;
  words[destination + 1] = view.dst1;
  words[destination + 2] = view.dst2;
  words[destination + 3] = view.dst3;
  return keyed.hash(SOCKET_PAIR_WORDS);
}

/** Was `view` sent from one of the two sockets to the other? */
export function isBetween({ ipVersion, a, b }: SocketPair, view: SegmentView): boolean {
  if (ipVersion !== view.ipVersion) return false;
  return (isSource(a, view) && isDestination(b, view)) || (isSource(b, view) && isDestination(a, view));
}

/** Was `view` sent from that socket, which is of its version of IP? */
export function isSource(socket: Socket, view: SegmentView): boolean {
  if (socket.port !== view.srcPort || socket.w3 !== view.src3) return false;
  return view.ipVersion === 4 || (socket.w0 === view.src0 && socket.w1 === view.src1 && socket.w2 === view.src2);
}

function isDestination(socket: Socket, view: SegmentView): boolean {
  if (socket.port !== view.dstPort || socket.w3 !== view.dst3) return false;
  return view.ipVersion === 4 || (socket.w0 === view.dst0 && socket.w1 === view.dst1 && socket.w2 === view.dst2);
}

/** Any order of sockets will do, as long as it is one. */
function isSourceLower(view: SegmentView): boolean {
  if (view.srcPort !== view.dstPort) return view.srcPort < view.dstPort;
  if (view.src3 !== view.dst3) return view.src3 < view.dst3;
  if (view.src2 !== view.dst2) return view.src2 < view.dst2;
  if (view.src1 !== view.dst1) return view.src1 < view.dst1;
  return view.src0 < view.dst0;
}
