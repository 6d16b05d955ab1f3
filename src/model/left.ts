/** What a connection was when it left the analysis before the input ended. */
export type Left = 'attempt' | 'closed' | 'half-closed' | 'idle';

/** Connections that left the analysis before the input ended. */
export interface LeftCounts {
  connections: number;
  packets: number;
  /** By what they were when they left. */
  readonly by: Record<Left, number>;
  /** Connections that late packets of these began anew. */
  heardAgain: number;
  /** Of `connections`: those that left because the memory was short. */
  forMemory: number;
}

/** The counts before any has left. */
export function noneLeft(): LeftCounts {
  return {
    connections: 0,
    packets: 0,
    by: { attempt: 0, closed: 0, 'half-closed': 0, idle: 0 },
    heardAgain: 0,
    forMemory: 0,
  };
}
