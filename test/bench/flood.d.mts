export interface FloodOptions {
  kind: string;
  /** 0: without end. */
  packets: number;
  seed?: number;
  /** Microseconds between packets. */
  gap?: number;
  /** Filled with how many packets were yielded. */
  tally?: { packets: number };
}

export declare const KINDS: string[];
export declare function floodBlocks(options: FloodOptions): Generator<Uint8Array>;
