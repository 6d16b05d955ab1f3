import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Congestion control. */
export const CONGESTION_KINDS = {
  'initial-window-exceeded': {
    severity: 'info',
    who: 'sender',
    cite: rfc(6928, '2'),
  },
  'window-growth-too-fast': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(5681, '3.1'),
  },
  'burst-after-timeout': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(5681, '3.1'),
  },
  'loss-without-reduction': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(5681, '3.2'),
  },
} as const satisfies Record<string, FindingKind>;
