import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Acknowledgments, windows and keep-alives. */
export const WINDOW_KINDS = {
  'zero-window': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.8.6.1'),
  },
  'window-update-lost': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.6.1'),
  },
  'window-full': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(9293, '3.8.6'),
  },
  'data-beyond-window': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.8.6'),
  },
  'window-shrunk': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.8.6'),
  },
  'silly-window': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.8.6.2.2'),
  },
  'keep-alive': {
    severity: 'info',
    who: 'application',
    cite: rfc(9293, '3.8.4'),
  },
  'keep-alive-failure': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.4'),
  },
  'duplicate-acks': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(5681, '2'),
  },
  'delayed-acks': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(9293, '3.8.6.3'),
  },
  'stretch-acks': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(5681, '4.2'),
  },
  'challenge-ack': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(5961, '3.2'),
  },
  'ack-of-unsent-data': {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(9293, '3.10.7.4'),
  },
} as const satisfies Record<string, FindingKind>;
