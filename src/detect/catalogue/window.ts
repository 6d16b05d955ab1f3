import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Acknowledgments, windows and keep-alives. */
export const WINDOW_KINDS = {
  'zero-window': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.8.6.1'),
    restsOn: ['times'],
  },
  'window-update-lost': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.8.6.1'),
    restsOn: ['times', 'absence'],
  },
  'window-full': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(9293, '3.8.6'),
    restsOn: ['times', 'absence'],
  },
  'data-beyond-window': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.8.6'),
    restsOn: ['absence'],
  },
  'window-shrunk': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.8.6'),
    restsOn: ['order'],
  },
  'out-of-order-discarded': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(9293, '3.10.7.4'),
    restsOn: ['order', 'absence'],
  },
  'sack-reneging': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(2018, '8'),
    restsOn: ['order'],
  },
  'small-segments': {
    severity: 'info',
    who: 'application',
    cite: rfc(9293, '3.7.4'),
    restsOn: ['absence'],
  },
  'silly-window': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.8.6.2.2'),
    restsOn: ['absence'],
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
    restsOn: ['absence'],
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
    restsOn: ['times'],
  },
  'stretch-acks': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(5681, '4.2'),
    restsOn: ['absence'],
  },
  'challenge-ack': {
    severity: 'info',
    who: 'receiver',
    cite: rfc(5961, '3.2'),
    restsOn: ['times', 'order'],
  },
  'ack-of-unsent-data': {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(9293, '3.10.7.4'),
    restsOn: ['order', 'absence'],
  },
} as const satisfies Record<string, FindingKind>;
