import type { Style } from './style.ts';

/** How the answer is printed. */
export interface ScreenOptions {
  /** Columns; null without a limit. */
  readonly width: number | null;
  readonly style: Style;
  /** Bars beside the numbers. */
  readonly hasBars: boolean;
  /** The capture as the commands are to name it. */
  readonly capture: string;
  /** Nanoseconds since 1970 of the first record; null unknown. */
  readonly origin: bigint | null;
  readonly groups: number;
  readonly worst: number;
}

/** Columns where nothing limits them, and the least that the tables keep to. */
export const DEFAULT_WIDTH = 110;
export const MIN_WIDTH = 60;
