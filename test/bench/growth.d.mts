/** One connection that is written packet by packet: of side 0 (10.0.0.1, the client) or 1; headers are kept, payloads are not. */
export interface Packets {
  add(
    side: 0 | 1,
    seq: number,
    ack: number,
    payload: number,
    options?: { flags?: number; sack?: readonly (readonly [number, number])[]; gap?: number },
  ): void;
}

/** What writes about n packets of each sort. */
export declare const CASES: Readonly<Record<string, (packets: Packets, n: number) => void>>;

/** A capture of a handshake and of what is written. */
export declare function captureOf(write: (packets: Packets, n: number) => void, n: number): Uint8Array;
