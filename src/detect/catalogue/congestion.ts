import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Congestion control. */
export const CONGESTION_KINDS = {
  'ecn-marks': {
    severity: 'info',
    who: 'network',
    cite: rfc(3168, '6.1.3'),
  },
  'standing-queue': {
    severity: 'info',
    who: 'network',
    cite: null,
    restsOn: ['times'],
  },
  'initial-window-exceeded': {
    severity: 'info',
    who: 'sender',
    cite: rfc(6928, '2'),
    restsOn: ['times', 'absence'],
  },
  'window-growth-too-fast': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(5681, '3.1'),
    restsOn: ['times', 'absence'],
  },
  'burst-after-timeout': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(5681, '3.1'),
    restsOn: ['times', 'absence'],
  },
  'loss-without-reduction': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(5681, '3.2'),
    restsOn: ['times', 'absence'],
  },
} as const satisfies Record<string, FindingKind>;
