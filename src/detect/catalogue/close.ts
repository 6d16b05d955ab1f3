import type { FindingKind } from '../kind.ts';
import { rfc } from '../rfc.ts';

/** Closing, resetting and reusing a connection. */
export const CLOSE_KINDS = {
  'connection-aborted': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.10.5'),
  },
  'peer-forgot': {
    severity: 'warning',
    who: 'receiver',
    cite: rfc(9293, '3.5.1'),
  },
  'reset-after-fin': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.6.1'),
  },
  'time-wait-assassination': {
    severity: 'warning',
    who: 'sender',
    cite: rfc(9293, '3.10.7.4'),
  },
  'forged-reset': {
    severity: 'error',
    who: 'unknown',
    cite: rfc(5961, '3.1'),
  },
  'blind-reset': {
    severity: 'warning',
    who: 'unknown',
    cite: rfc(5961, '3.2'),
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
  },
  'fin-unanswered': {
    severity: 'warning',
    who: 'network',
    cite: rfc(9293, '3.6'),
  },
  'close-wait-stuck': {
    severity: 'warning',
    who: 'application',
    cite: rfc(9293, '3.3.2'),
  },
  'idle-close': {
    severity: 'info',
    who: 'application',
    cite: null,
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
  },
} as const satisfies Record<string, FindingKind>;
