import type { Endpoint } from '../model/endpoint.ts';
import type { Unit } from './axis.ts';
import type { Points } from './points.ts';

export const GRAPH_TYPES = ['sequence', 'rtt', 'throughput', 'window', 'congestion', 'time'] as const;
export type GraphType = (typeof GRAPH_TYPES)[number];

/** How a series is drawn, in the grammar of tcptrace's time-sequence graph. */
export type Shape =
  /** From point to point. */
  | 'line'
  /** A value holds until the next one: windows, acknowledgments. */
  | 'step'
  | 'dots'
  /** Upright strokes from one value to another: segments, SACK blocks. */
  | 'strokes'
  /** A letter each. */
  | 'marks';

export type Tone = 'client' | 'server' | 'info' | 'good' | 'warning' | 'error' | 'quiet';

export interface Series {
  readonly name: string;
  readonly shape: Shape;
  readonly tone: Tone;
  /** The letter of `marks`. */
  readonly letter?: string;
  /** Times are nanoseconds since the first packet of the connection. */
  readonly points: Points;
}

/** A stretch of time below the graph, or in place of one. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly tone: Tone;
}

export interface Graph {
  readonly type: GraphType;
  readonly title: string;
  /** Whose data it shows; null for both ends. */
  readonly sender: Endpoint | null;
  readonly unit: Unit;
  /** What the upright axis counts. */
  readonly what: string;
  readonly series: readonly Series[];
  readonly bands: readonly Band[];
  /** The time that it shows, in nanoseconds since the first packet of the connection. */
  readonly start: number;
  readonly end: number;
}
