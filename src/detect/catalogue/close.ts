import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Closing, resetting and reusing a connection. */
export const CLOSE_KINDS = {
  'connection-aborted': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.10.5'),
    restsOn: ['order'],
  },
  'peer-forgot': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.5.1'),
    restsOn: ['order', 'absence'],
  },
  'reset-after-fin': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.6.1'),
    restsOn: ['order'],
  },
  'time-wait-assassination': {
    severity: 'info',
    who: 'sender',
    cite: rfc(9293, '3.10.7.4'),
    restsOn: ['order'],
  },
  'forged-reset': {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(5961, '3.1'),
    restsOn: ['order'],
  },
  'blind-reset': {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(5961, '3.2'),
    restsOn: ['order', 'absence'],
  },
  'half-close': {
    severity: 'info',
    who: 'application',
    cite: rfc(9293, '3.6.1'),
  },
  'data-after-fin': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.10.7.4'),
    restsOn: ['order'],
  },
  'fin-unanswered': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.6'),
    restsOn: ['absence'],
  },
  'close-wait-stuck': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.3.2'),
    restsOn: ['absence'],
  },
  'idle-close': {
    severity: 'info',
    who: 'application',
    cite: null,
    restsOn: ['times', 'absence'],
  },
  'port-reused': {
    severity: 'info',
    who: 'sender',
    cite: rfc(9293, '3.6.1'),
  },
  'port-reused-early': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.6.1'),
    restsOn: ['times', 'absence'],
  },
} as const satisfies Record<string, FindingKind>;
