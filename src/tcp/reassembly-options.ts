import type { OverlapPolicy, UrgentMode } from '../model/stream.ts';

export interface ReassemblyOptions {
  overlap: OverlapPolicy;
  urgent: UrgentMode;
  /** Bytes of memory that waiting bytes of one direction may take, bookkeeping (128 bytes a piece) included. */
  limit: number;
  /** Delivered bytes of one direction that are kept to compare later copies with; a power of two. */
  history: number;
  /**
   * Nanoseconds of capture time that bytes which the receiver has acknowledged may still be captured late, before they are
   * called missing.
   */
  patience: number;
}

export const DEFAULT_REASSEMBLY: ReassemblyOptions = {
  overlap: 'linux',
  urgent: 'inline',
  limit: 1 << 24,
  history: 1 << 18,
  patience: 1e9,
};
